"""What number is meant by what somebody wrote in a list, and in which time zones may it ring?

Pure: no I/O, no clock. E.164 (ITU-T E.164: "+", country code, at most 15 digits) is the only form
that the rest of Caesura sees.

Speed and certainty: every number is first asked of `rphonenumbers` (Rust, about 1.4 µs); whatever
it does not accept is asked again of `phonenumbers`, the reference, which alone decides a refusal
and its reason. tests/properties/test_phone_number.py holds the two to the same answer.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache

import phonenumbers
import rphonenumbers
from phonenumbers.tzdata import TIMEZONE_DATA, TIMEZONE_LONGEST_PREFIX

_DIGITS_MAX = 15  # ITU-T E.164, section 6.2.1
_E164 = rphonenumbers.PhoneNumberFormat.E164
_POSSIBLE = rphonenumbers.ValidationResult.IS_POSSIBLE

_LETTER = re.compile(r"[^\W\d_]")
_SEVERAL = re.compile(r"[;,/|\n]+")
# A number that went through a spreadsheet as a number: "14155550100.0", "1.4155550100e10".
_FLOAT = re.compile(r"\d{6,15}\.0")
_SCIENTIFIC = re.compile(r"(\d)[.,](\d{1,14})[eE]\+?(\d{1,2})")
_EXTENSION = re.compile(r"\d\s*[,;]?\s*(?:x|ext|extn|extension|durchwahl|#)\.?\s*\d+\s*$", re.I)
_SCHEME = re.compile(r"(?i)(?:tel|callto|sip):")

# The zones of phonenumbers' data that bear an old name, under the name they have now
# (IANA tz database, file "backward"). tests/unit/rules/test_phone_number.py holds it complete.
RENAMED_ZONES = {
    "Africa/Asmera": "Africa/Asmara",
    "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
    "America/Godthab": "America/Nuuk",
    "Asia/Calcutta": "Asia/Kolkata",
    "Asia/Choibalsan": "Asia/Ulaanbaatar",
    "Asia/Katmandu": "Asia/Kathmandu",
    "Asia/Rangoon": "Asia/Yangon",
    "Atlantic/Faeroe": "Atlantic/Faroe",
    "Pacific/Enderbury": "Pacific/Kanton",
    "Pacific/Ponape": "Pacific/Pohnpei",
    "Pacific/Truk": "Pacific/Chuuk",
}


class BadValue(ValueError):
    """A value that cannot be used; `reason` is one sentence for the person who wrote it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def normalise(text: str, region: str | None, *, strict: bool = False) -> str:
    """The E.164 form of `text`, read as in `region` (ISO 3166-1 alpha-2) if it has no "+".

    A number must be *possible*: known country code, right length. `strict` asks besides that its
    range be assigned (*valid*), which refuses ranges younger than the data, and most invented
    numbers. Raises BadValue with the reason.
    """
    text = text.strip()
    if _LETTER.search(text) or _FLOAT.fullmatch(text):
        text = _without_letters(text)
    if text[:2] == "00" and region is None:
        text = "+" + text[2:]
    try:
        number = rphonenumbers.parse(text, region)
    except rphonenumbers.NumberParseException:
        return _ask_reference(text, region, strict)
    if (
        number.extension
        or rphonenumbers.is_possible_number_with_reason(number) != _POSSIBLE
        or (strict and not rphonenumbers.is_valid_number(number))
    ):
        return _ask_reference(text, region, strict)
    e164: str = rphonenumbers.format_number(number, _E164)
    if len(e164) > _DIGITS_MAX + 1:
        raise BadValue("The number is too long.")
    return e164


def normalise_cell(text: str, region: str | None, *, strict: bool = False) -> list[str]:
    """The numbers of one cell: one, or several with `;`, `,`, `/`, `|` or a line break between."""
    if _SEVERAL.search(text) and not _SCIENTIFIC.fullmatch(text.strip()):
        if _EXTENSION.search(text):
            raise BadValue("The number has an extension, which cannot be dialled.")
        parts = [part for part in _SEVERAL.split(text) if part.strip()]
        if not parts:
            raise BadValue("This is not a phone number.")
        return [normalise(part, region, strict=strict) for part in parts]
    return [normalise(text, region, strict=strict)]


def zones_of(e164: str) -> str:
    """The time zones that a number may be in: IANA names, sorted, joined by "|".

    By the longest known prefix. A number that can ring anywhere in a country has all its zones.
    Raises BadValue for a number that belongs to no country (+800, +881, ...).
    """
    zones = _zones_by_prefix()
    for end in range(TIMEZONE_LONGEST_PREFIX + 1, 1, -1):
        found = zones.get(e164[1:end])
        if found is not None:
            return found
    raise BadValue("The number belongs to no country, so its time zone is not known.")


@cache
def _zones_by_prefix() -> dict[str, str]:
    """Digits after the "+" -> the zones, in the form that `contact.zones` has."""
    return {
        prefix: "|".join(sorted({RENAMED_ZONES.get(zone, zone) for zone in zones}))
        for prefix, zones in TIMEZONE_DATA.items()
    }


def _without_letters(text: str) -> str:
    """`text` without the letters that are harmless in a number. Raises BadValue for the others."""
    if _FLOAT.fullmatch(text):
        return text[:-2]
    scientific = _SCIENTIFIC.fullmatch(text)
    if scientific:
        decimals, exponent = len(scientific[2]), int(scientific[3])
        # Up to two trailing zeros may have been cut; more means that digits are lost.
        if decimals > exponent or exponent - decimals > 2 or exponent >= _DIGITS_MAX:
            raise BadValue("A spreadsheet has rounded the number; its last digits are lost.")
        return str(int(Decimal(text.replace(",", "."))))
    stripped = _SCHEME.sub("", text, count=1) if _SCHEME.match(text) else text
    if _EXTENSION.search(stripped):
        raise BadValue("The number has an extension, which cannot be dialled.")
    if _LETTER.search(stripped):
        raise BadValue("This is not a phone number: it contains letters.")
    return stripped


def _ask_reference(text: str, region: str | None, strict: bool) -> str:
    """What `phonenumbers` says of a number that the fast way did not accept."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as problem:
        if text[:2] == "00" and region is not None:
            return normalise("+" + text[2:], None, strict=strict)
        if region is None and text[:1] not in ("+", "\uff0b") and any(c.isdigit() for c in text):
            raise BadValue("The number has no country code, and there is no region.") from None
        raise BadValue(_PARSE_REASONS[problem.error_type]) from None
    if number.extension:
        raise BadValue("The number has an extension, which cannot be dialled.")
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible != phonenumbers.ValidationResult.IS_POSSIBLE:
        if text[:2] == "00" and region is not None:
            return normalise("+" + text[2:], None, strict=strict)
        raise BadValue(_LENGTH_REASONS[possible])
    if strict and not phonenumbers.is_valid_number(number):
        raise BadValue("The number's range is not assigned to anybody.")
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if len(e164) > _DIGITS_MAX + 1:
        raise BadValue("The number is too long.")
    return e164


_PARSE_REASONS = {
    phonenumbers.NumberParseException.INVALID_COUNTRY_CODE: "The number has no known country code.",
    phonenumbers.NumberParseException.NOT_A_NUMBER: "This is not a phone number.",
    phonenumbers.NumberParseException.TOO_SHORT_AFTER_IDD: "The number is too short.",
    phonenumbers.NumberParseException.TOO_SHORT_NSN: "The number is too short.",
    phonenumbers.NumberParseException.TOO_LONG: "The number is too long.",
}
_LENGTH_REASONS = {
    phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "The number lacks its area code.",
    phonenumbers.ValidationResult.INVALID_COUNTRY_CODE: "The number has no known country code.",
    phonenumbers.ValidationResult.TOO_SHORT: "The number is too short.",
    phonenumbers.ValidationResult.INVALID_LENGTH: "No number of that country has this length.",
    phonenumbers.ValidationResult.TOO_LONG: "The number is too long.",
}


_NO_SMS = frozenset(
    {
        phonenumbers.PhoneNumberType.FIXED_LINE,
        phonenumbers.PhoneNumberType.PREMIUM_RATE,
        phonenumbers.PhoneNumberType.TOLL_FREE,
        phonenumbers.PhoneNumberType.SHARED_COST,
        phonenumbers.PhoneNumberType.PAGER,
        phonenumbers.PhoneNumberType.UAN,
        phonenumbers.PhoneNumberType.VOICEMAIL,
    }
)


def takes_sms(e164: str) -> bool:
    """False only for a number whose range is known to be of a kind that gets no SMS.

    Where a country's ranges do not tell fixed from mobile (as in North America), it may.
    """
    try:
        return rphonenumbers.number_type(rphonenumbers.parse(e164, None)) not in _NO_SMS
    except rphonenumbers.NumberParseException:
        return True
