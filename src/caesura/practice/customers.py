"""A customer list of people who do not exist, at numbers that reach nobody.

The numbers are those that the numbering authorities keep for fiction: in North America 555-0100 to
555-0199 of every area code, elsewhere what Ofcom, the ACMA and the Bundesnetzagentur have set
aside for drama. So even a list that is dialled over a real trunk by mistake disturbs no one.
"""

from __future__ import annotations

import csv
import io
import itertools
import random
from collections.abc import Iterator

# Area codes of several time zones. Not 415: its fictional numbers are the magic ones.
_AREAS = {
    "202": "Washington", "205": "Birmingham", "206": "Seattle", "212": "New York",
    "213": "Los Angeles", "215": "Philadelphia", "216": "Cleveland", "303": "Denver",
    "305": "Miami", "312": "Chicago", "313": "Detroit", "314": "St. Louis", "402": "Omaha",
    "404": "Atlanta", "405": "Oklahoma City", "414": "Milwaukee", "480": "Mesa",
    "502": "Louisville", "503": "Portland", "504": "New Orleans", "505": "Albuquerque",
    "512": "Austin", "602": "Phoenix", "612": "Minneapolis", "615": "Nashville", "617": "Boston",
    "702": "Las Vegas", "704": "Charlotte", "713": "Houston", "801": "Salt Lake City",
    "804": "Richmond", "808": "Honolulu", "816": "Kansas City", "901": "Memphis",
    "907": "Anchorage", "916": "Sacramento",
}  # fmt: skip
# Abroad: prefix in E.164, how many digits follow, and where it is.
_ABROAD = (
    ("+44 20 7946 0", 3, "London"), ("+44 121 496 0", 3, "Birmingham"),
    ("+44 131 496 0", 3, "Edinburgh"), ("+61 2 5550 ", 4, "Sydney"),
    ("+61 3 5550 ", 4, "Melbourne"), ("+49 30 23125 ", 3, "Berlin"),
    ("+49 89 99998 ", 3, "Munich"),
)  # fmt: skip
_ABROAD_SHARE = 0.03  # of the customers
_SECOND_PHONE_SHARE = 0.15  # of the customers, as long as there are numbers left
_FIRST = """
    Ada Amir Ana Ben Carla Chen Dana Diego Elif Emma Farah Felix Grace Hana Igor Ines Jamal Jin
    Kaya Lars Leila Luca Maya Mei Nadia Noah Olga Omar Priya Quinn Rosa Sam Sofia Tariq Uma Vera
    Will Xenia Yara Zoe
""".split()  # noqa: SIM905 - easier to read and to add to
_LAST = """
    Abbott Baker Castillo Dubois Evans Fischer Garcia Hughes Ito Jensen Kim Lopez Moreau Nguyen
    Okafor Patel Quiroga Rossi Silva Tanaka Usman Vargas Weber Xu Young Zhang
""".split()  # noqa: SIM905 - easier to read and to add to
_PLANS = ("basic", "family", "business")

_PER_AREA = 98  # ...98 and ...99 are left for calling numbers
NUMBERS_MAX = len(_AREAS) * _PER_AREA


def customers(count: int, seed: int = 1) -> str:
    """A CSV of `count` customers, each with numbers of their own; the same for the same seed.

    Columns: name, phone, phone_2 (for some), city, plan. Raises ValueError above NUMBERS_MAX:
    there are no more numbers for fiction here.
    """
    if not 0 <= count <= NUMBERS_MAX:
        raise ValueError(f"there are fictional numbers for at most {NUMBERS_MAX} customers")
    chance = random.Random(seed)
    numbers = list(itertools.product(_AREAS, range(_PER_AREA)))
    chance.shuffle(numbers)
    spare = (_american(*number) for number in numbers[count:])
    abroad = _numbers_abroad(chance)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["name", "phone", "phone_2", "city", "plan"])
    for area, last_two in numbers[:count]:
        name = f"{chance.choice(_FIRST)} {chance.choice(_LAST)}"
        number, city = _american(area, last_two), _AREAS[area]
        if chance.random() < _ABROAD_SHARE:
            number, city = next(abroad)
        second = next(spare, "") if chance.random() < _SECOND_PHONE_SHARE else ""
        table.writerow([name, number, second, city, chance.choice(_PLANS)])
    return text.getvalue()


def _american(area: str, last_two: int) -> str:
    return f"({area}) 555-01{last_two:02}"


def _numbers_abroad(chance: random.Random) -> Iterator[tuple[str, str]]:
    """Number and city, without end and, up to 7000 of them, without repeating one."""
    for n in itertools.count(chance.randrange(1000)):
        prefix, digits, city = _ABROAD[n % len(_ABROAD)]
        yield f"{prefix}{n * 37 % 1000:0{digits}}", city
