"""What people write for a phone number, and the number that is meant."""

from __future__ import annotations

from zoneinfo import available_timezones

import pytest
from phonenumbers.tzdata import TIMEZONE_DATA

from caesura.lists.zones import known_zones
from caesura.rules.phone_number import RENAMED_ZONES, BadValue, normalise, normalise_cell, zones_of


@pytest.mark.parametrize(
    ("text", "region", "e164"),
    [
        ("415-555-0100", "US", "+14155550100"),
        ("(415) 555 0100", "US", "+14155550100"),
        ("14155550100", "US", "+14155550100"),
        ("+44 (0)20 7946 0000", None, "+442079460000"),
        ("020 7946 0000", "GB", "+442079460000"),
        ("0044 20 7946 0000", "US", "+442079460000"),
        ("0044 20 7946 0000", None, "+442079460000"),
        ("0049 30 901820", "FR", "+4930901820"),
        ("01.42.68.53.00", "FR", "+33142685300"),
        ("098765 43210", "IN", "+919876543210"),
        ("+39 06 6982", None, "+39066982"),
        ("'4155550100", "US", "+14155550100"),
        ("tel:+14155550100", None, "+14155550100"),
        ("14155550100.0", "US", "+14155550100"),
        ("1.4155550100e10", "US", "+14155550100"),
        ("1.41555501E+10", "US", "+14155550100"),
        ("1,4155550100E+10", "US", "+14155550100"),
        ("４１５５５５０１００", "US", "+14155550100"),
        ("+15555550100", None, "+15555550100"),
    ],
)
def test_usual_spellings_become_e164(text: str, region: str | None, e164: str) -> None:
    assert normalise(text, region) == e164


@pytest.mark.parametrize(
    ("text", "region", "reason"),
    [
        ("", "US", "not a phone number"),
        ("n/a", "US", "letters"),
        ("1-800-FLOWERS", "US", "letters"),
        ("#DIV/0!", "US", "letters"),
        ("555-0100", "US", "lacks its area code"),
        ("415", "US", "too short"),
        ("4155550100999", "US", "too long"),
        ("+999 123 456 789", "US", "no known country code"),
        ("4155550100", None, "no country code"),
        ("4155550100 x12", "US", "extension"),
        ("4155550100, ext. 12", "US", "extension"),
        ("1.41556E+10", "US", "rounded"),
    ],
)
def test_what_cannot_be_dialled_is_refused_with_its_reason(
    text: str, region: str | None, reason: str
) -> None:
    with pytest.raises(BadValue, match=reason):
        normalise_cell(text, region)


def test_an_unassigned_range_is_refused_only_when_strict() -> None:
    assert normalise("+15555550100", None) == "+15555550100"
    with pytest.raises(BadValue, match="not assigned"):
        normalise("+15555550100", None, strict=True)
    # The ranges that are kept for fiction are assigned ones.
    assert normalise("+14155550100", None, strict=True) == "+14155550100"


def test_one_cell_may_hold_several_numbers() -> None:
    two = ["+14155550100", "+14155550101"]
    for between in ("; ", " / ", ", ", "\n", "|"):
        assert normalise_cell(f"415-555-0100{between}415-555-0101", "US") == two


@pytest.mark.parametrize(
    ("phone", "zones"),
    [
        ("+14155550100", "America/Los_Angeles"),
        ("+442079460000", "Europe/London"),
        ("+919876543210", "Asia/Kolkata"),
        ("+4930901820", "Europe/Berlin"),
        ("+79161234567", zones_of("+79161234567")),
    ],
)
def test_the_zone_comes_from_the_number(phone: str, zones: str) -> None:
    assert zones_of(phone) == zones
    assert set(zones.split("|")) <= available_timezones()


def test_a_number_that_may_be_anywhere_has_all_zones_sorted() -> None:
    zones = zones_of("+18005550100").split("|")
    assert {"America/New_York", "Pacific/Honolulu"} <= set(zones)
    assert zones == sorted(set(zones))


def test_a_number_of_no_country_has_no_zone() -> None:
    with pytest.raises(BadValue, match="no country"):
        zones_of("+80012345678")


def test_every_zone_of_a_number_has_its_present_name() -> None:
    present = set(known_zones().values())
    for zones in TIMEZONE_DATA.values():
        for zone in zones:
            assert RENAMED_ZONES.get(zone, zone) in present
    assert present <= available_timezones()
