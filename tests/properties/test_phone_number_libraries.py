"""The fast number library and the reference agree, and what is normal stays as it is."""

from __future__ import annotations

import phonenumbers
import pytest
import rphonenumbers
from hypothesis import example, given, settings
from hypothesis import strategies as st

from caesura.rules.phone_number import BadValue, normalise, zones_of

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
FORMATS = [
    phonenumbers.PhoneNumberFormat.E164,
    phonenumbers.PhoneNumberFormat.NATIONAL,
    phonenumbers.PhoneNumberFormat.INTERNATIONAL,
]
KINDS = [phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE]
# The two carry metadata of different releases; these countries' plans changed between them.
CHANGED_PLANS = {229, 263, 267}


@st.composite
def numbers(draw: st.DrawFn) -> tuple[str, str]:
    """(a number as people write it, its region): an example number with other last digits."""
    region = draw(st.sampled_from(REGIONS))
    kind = draw(st.sampled_from(KINDS))
    number = phonenumbers.example_number_for_type(region, kind)
    if number is None:
        number = phonenumbers.example_number(region)
    if number is None:
        return "+14155550100", "US"
    text = phonenumbers.format_number(number, draw(st.sampled_from(FORMATS)))
    tail = draw(st.text("0123456789", min_size=0, max_size=5))
    return text[: len(text) - len(tail)] + tail, region


def by_reference(text: str, region: str | None) -> tuple[str, bool, bool] | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if number.country_code in CHANGED_PLANS:
        return None
    return (
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
        phonenumbers.is_possible_number(number),
        number.extension is not None,
    )


@settings(max_examples=500, deadline=None)
@given(numbers(), st.sampled_from([None, "US", "DE", "IT", "IN"]))
@example(("+39 06 6982", "IT"), None)
def test_both_libraries_read_a_number_alike(number: tuple[str, str], other: str | None) -> None:
    text, region = number
    for where in (region, other):
        expected = by_reference(text, where)
        if expected is None:
            continue
        found = rphonenumbers.parse(text, where)
        e164 = rphonenumbers.format_number(found, rphonenumbers.PhoneNumberFormat.E164)
        assert (
            e164,
            rphonenumbers.is_possible_number(found),
            found.extension is not None,
        ) == expected


@settings(max_examples=300, deadline=None)
@given(numbers())
def test_a_normalised_number_is_normal_everywhere(number: tuple[str, str]) -> None:
    text, region = number
    try:
        e164 = normalise(text, region)
    except BadValue:
        return
    assert e164[0] == "+"
    assert e164[1:].isdecimal()
    assert len(e164) <= 16
    assert normalise(e164, None) == e164
    assert normalise(e164, "US") == e164
    zones = zones_of(e164).split("|")
    assert zones == sorted(set(zones))


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=30), st.sampled_from([None, "US", "DE"]))
def test_any_text_is_a_number_or_a_reason(text: str, region: str | None) -> None:
    try:
        assert normalise(text, region).startswith("+")
    except BadValue as bad:
        assert bad.reason.endswith(".")


def test_metadata_of_the_two_libraries_differs_only_where_we_say() -> None:
    for region in REGIONS:
        number = phonenumbers.example_number(region)
        if number is None or number.country_code in CHANGED_PLANS:
            continue
        text = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        if not rphonenumbers.is_possible_number(rphonenumbers.parse(text, None)):
            pytest.fail(f"{text} ({region}) is possible for the reference only")
