"""In which state or province may a number be? Regions are named as in ISO 3166-2: US-TX, CA-ON.

What the customer list says goes before what the number says. A number says it by its area code, in
the United States, Canada and the other countries that share +1; elsewhere it tells the country
alone (ISO 3166-1). Where neither says enough, the number *may* be in the region: a pause of a
region covers it, because silence that was not needed harms nobody. So toll-free numbers and area
codes that are younger than this table belong to every region of their country.

Pure. The area codes are those of the North American Numbering Plan.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import phonenumbers

from caesura.errors import Invalid

_NANP = "+1"

# Region -> its area codes; one that several share stands with each. By state or province where the
# country has them here, else by country.
_AREA_CODES = {
    "CA-AB": "368 403 587 780 825",
    "CA-BC": "236 250 257 604 672 778",
    "CA-MB": "204 431 584",
    "CA-NB": "428 506",
    "CA-NL": "709 879",
    "CA-NS": "782 902",
    "CA-NT": "867",
    "CA-NU": "867",
    "CA-ON": "226 249 289 343 365 382 416 437 519 548 613 647 683 705 742 753 807 905 942",
    "CA-PE": "782 902",
    "CA-QC": "263 273 354 367 418 438 450 468 514 579 581 819 873",
    "CA-SK": "306 474 639",
    "CA-YT": "867",
    "US-AK": "907",
    "US-AL": "205 251 256 334 659 938",
    "US-AR": "327 479 501 870",
    "US-AS": "684",
    "US-AZ": "480 520 602 623 928",
    "US-CA": (
        "209 213 279 310 323 341 350 369 408 415 424 442 510 530 559 562 619 626 628 650 "
        "657 661 669 707 714 738 747 760 805 818 820 831 840 858 909 916 925 949 951"
    ),
    "US-CO": "303 719 720 748 970 983",
    "US-CT": "203 475 860 959",
    "US-DC": "202 771",
    "US-DE": "302",
    "US-FL": (
        "239 305 321 324 352 386 407 448 561 645 656 689 727 728 754 772 786 813 850 863 "
        "904 941 954"
    ),
    "US-GA": "229 404 470 478 678 706 762 770 912 943",
    "US-GU": "671",
    "US-HI": "808",
    "US-IA": "319 515 563 641 712",
    "US-ID": "208 986",
    "US-IL": "217 224 309 312 331 447 464 618 630 708 730 773 779 815 847 872",
    "US-IN": "219 260 317 463 574 765 812 930",
    "US-KS": "316 620 785 913",
    "US-KY": "270 364 502 606 859",
    "US-LA": "225 318 337 504 985",
    "US-MA": "339 351 413 508 617 774 781 857 978",
    "US-MD": "227 240 301 410 443 667",
    "US-ME": "207",
    "US-MI": "231 248 269 313 517 586 616 734 810 906 947 989",
    "US-MN": "218 320 507 612 651 763 952",
    "US-MO": "235 314 417 557 573 636 660 816 975",
    "US-MP": "670",
    "US-MS": "228 601 662 769",
    "US-MT": "406",
    "US-NC": "252 336 472 704 743 828 910 919 980 984",
    "US-ND": "701",
    "US-NE": "308 402 531",
    "US-NH": "603",
    "US-NJ": "201 551 609 640 732 848 856 862 908 973",
    "US-NM": "505 575",
    "US-NV": "702 725 775",
    "US-NY": "212 315 329 332 347 363 516 518 585 607 631 646 680 716 718 838 845 914 917 929 934",
    "US-OH": "216 220 234 283 326 330 380 419 440 513 567 614 740 937",
    "US-OK": "405 539 572 580 918",
    "US-OR": "458 503 541 971",
    "US-PA": "215 223 267 272 412 445 484 570 582 610 717 724 814 835 878",
    "US-PR": "787 939",
    "US-RI": "401",
    "US-SC": "803 821 839 843 854 864",
    "US-SD": "605",
    "US-TN": "423 615 629 731 865 901 931",
    "US-TX": (
        "210 214 254 281 325 346 361 409 430 432 469 512 682 713 726 737 806 817 830 832 "
        "903 915 936 940 945 956 972 979"
    ),
    "US-UT": "385 435 801",
    "US-VA": "276 434 540 571 686 703 757 804 826 948",
    "US-VI": "340",
    "US-VT": "802",
    "US-WA": "206 253 360 425 509 564",
    "US-WI": "262 274 353 414 534 608 715 920",
    "US-WV": "304 681",
    "US-WY": "307",
    "AG": "268",
    "AI": "264",
    "BB": "246",
    "BM": "441",
    "BS": "242",
    "DM": "767",
    "DO": "809 829 849",
    "GD": "473",
    "JM": "658 876",
    "KN": "869",
    "KY": "345",
    "LC": "758",
    "MS": "664",
    "SX": "721",
    "TC": "649",
    "TT": "868",
    "VC": "784",
    "VG": "284",
}

_NAMES = {
    "US": """AL Alabama;AK Alaska;AZ Arizona;AR Arkansas;CA California;CO Colorado;CT Connecticut;
        DE Delaware;DC District of Columbia;DC Washington DC;FL Florida;GA Georgia;HI Hawaii;
        ID Idaho;IL Illinois;IN Indiana;IA Iowa;KS Kansas;KY Kentucky;LA Louisiana;ME Maine;
        MD Maryland;MA Massachusetts;MI Michigan;MN Minnesota;MS Mississippi;MO Missouri;
        MT Montana;NE Nebraska;NV Nevada;NH New Hampshire;NJ New Jersey;NM New Mexico;NY New York;
        NC North Carolina;ND North Dakota;OH Ohio;OK Oklahoma;OR Oregon;PA Pennsylvania;
        RI Rhode Island;SC South Carolina;SD South Dakota;TN Tennessee;TX Texas;UT Utah;VT Vermont;
        VA Virginia;WA Washington;WV West Virginia;WI Wisconsin;WY Wyoming;PR Puerto Rico;
        VI Virgin Islands;GU Guam;MP Northern Mariana Islands;AS American Samoa""",
    "CA": """AB Alberta;BC British Columbia;MB Manitoba;NB New Brunswick;
        NL Newfoundland and Labrador;NS Nova Scotia;NT Northwest Territories;NU Nunavut;ON Ontario;
        PE Prince Edward Island;QC Quebec;QC Québec;SK Saskatchewan;YT Yukon""",
}
# Name of a state or province, in lower case -> region.
_BY_NAME = {
    name.strip().casefold(): f"{country}-{code}"
    for country, text in _NAMES.items()
    for code, _, name in (one.strip().partition(" ") for one in text.split(";"))
}
_STATES = frozenset(_BY_NAME.values())
# Territories that ISO 3166-1 lists as countries, too.
_TERRITORIES = {one[3:]: one for one in ("US-PR", "US-VI", "US-GU", "US-MP", "US-AS")}
_ISO = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")


@dataclass(frozen=True)
class Numbers:
    """The numbers that may be in a region: they begin so, and not with one of these area codes."""

    prefix: str  # E.164, with +
    elsewhere: frozenset[str] = frozenset()  # area codes after +1; none for other countries


def region_named(text: str) -> str:
    """The region that somebody means by `US-TX`, `us-tx`, `Texas`, `Ontario`, or a country, `DE`.

    Raises Invalid (field "value") where it is none.
    """
    given = " ".join(text.split())
    code = given.upper().replace("_", "-")
    if code.casefold() in _BY_NAME:
        return _BY_NAME[code.casefold()]
    if code in _TERRITORIES:
        return _TERRITORIES[code]
    country = code.partition("-")[0]
    known = country in phonenumbers.SUPPORTED_REGIONS
    if code == country and known:
        return code
    # Of countries whose states we know, only those.
    if known and _ISO.fullmatch(code) and (country not in _NAMES or code in _STATES):
        return code
    raise Invalid(
        f"{given!r} is no state or province. Write it as in ISO 3166-2: US-TX, CA-ON.", "value"
    )


def region_stated(text: str, country: str | None) -> str | None:
    """The region that a customer list's cell states; None where it cannot be told.

    `country` is the list's (ISO 3166-1), for the two letters of a state: of US, TX is US-TX.
    """
    code = text.strip().upper()
    for known in (country,) if country in _NAMES else ("US", "CA"):
        if f"{known}-{code}" in _STATES:
            return f"{known}-{code}"
    try:
        return region_named(text) if len(code) > 2 else None
    except Invalid:
        return None


@cache
def numbers_of(region: str) -> Numbers:
    """The numbers that may be in `region`."""
    country = region.partition("-")[0]
    prefix = f"+{phonenumbers.country_code_for_region(country)}"
    if prefix != _NANP:
        return Numbers(prefix)
    here = {code for one, codes in _AREAS.items() if related(one, region) for code in codes}
    return Numbers(prefix, frozenset(code for codes in _AREAS.values() for code in codes) - here)


def may_be_in(phone: str, region: str, stated: str | None = None) -> bool:
    """May the number (E.164) be in `region`? `stated`: what the customer list says, if anything."""
    if stated is not None:
        return related(stated, region)
    numbers = numbers_of(region)
    return phone.startswith(numbers.prefix) and phone[2:5] not in numbers.elsewhere


def known_regions(phone: str, stated: str | None = None) -> tuple[str, ...]:
    """The states, provinces or countries that the list or the area code name; none where unsure."""
    if stated is not None:
        return (stated,)
    if not phone.startswith(_NANP):
        return ()
    return tuple(region for region, codes in _AREAS.items() if phone[2:5] in codes)


def related(one: str, other: str) -> bool:
    """They are the same, or one is the country of the other."""
    return one == other or one.startswith(f"{other}-") or other.startswith(f"{one}-")


_AREAS = {region: codes.split() for region, codes in _AREA_CODES.items()}
