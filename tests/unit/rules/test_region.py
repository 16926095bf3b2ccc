"""Which numbers may be in a state: by the list's word, by the area code, and where nobody knows."""

from __future__ import annotations

import pytest

from caesura.errors import Invalid
from caesura.rules.region import may_be_in, region_named, region_stated


@pytest.mark.parametrize(
    ("phone", "there"),
    [
        ("+12145550100", True),  # Dallas
        ("+14155550100", False),  # San Francisco
        ("+14165550100", False),  # Toronto
        ("+12425550100", False),  # the Bahamas
        ("+442075550100", False),
        ("+18005550100", True),  # toll-free: nobody knows
        ("+19995550100", True),  # an area code that is younger than the table, for all we know
    ],
)
def test_a_number_may_be_in_a_state_unless_its_area_code_says_otherwise(
    phone: str, there: bool
) -> None:
    assert may_be_in(phone, "US-TX") is there


def test_what_the_list_says_goes_before_what_the_number_says() -> None:
    assert may_be_in("+14155550100", "US-TX", "US-TX")
    assert not may_be_in("+12145550100", "US-TX", "US-CA")
    assert may_be_in("+14155550100", "US-TX", "US"), "a country is not enough to be sure"


def test_an_area_code_of_two_provinces_may_be_in_both() -> None:
    assert may_be_in("+19025550100", "CA-NS") and may_be_in("+19025550100", "CA-PE")
    assert not may_be_in("+19025550100", "CA-ON")


def test_a_country_has_all_its_states_and_a_number_abroad_tells_the_country_alone() -> None:
    assert may_be_in("+12145550100", "US") and not may_be_in("+14165550100", "US")
    assert may_be_in("+4930123456", "DE-BY") and not may_be_in("+4930123456", "FR")


@pytest.mark.parametrize(
    ("said", "region"),
    [
        ("US-TX", "US-TX"), ("us_tx", "US-TX"), ("Texas", "US-TX"), ("new  york", "US-NY"),
        ("Ontario", "CA-ON"), ("Québec", "CA-QC"), ("PR", "US-PR"), ("de-by", "DE-BY"),
        ("DE", "DE"),
    ],
)  # fmt: skip
def test_a_region_is_known_by_its_code_and_its_name(said: str, region: str) -> None:
    assert region_named(said) == region


@pytest.mark.parametrize("said", ["", "TX", "US-XX", "Atlantis", "XX-TX", "US-"])
def test_what_is_no_region_is_refused(said: str) -> None:
    with pytest.raises(Invalid, match="ISO 3166-2"):
        region_named(said)


def test_the_two_letters_of_a_list_are_a_state_of_its_country() -> None:
    assert region_stated(" tx ", "US") == "US-TX"
    assert region_stated("ON", "CA") == "CA-ON"
    assert region_stated("DE", None) == "US-DE", "Delaware: only states have two letters here"
    assert region_stated("Texas", None) == region_stated("us-tx", "DE") == "US-TX"
    assert region_stated("??", "US") is region_stated("", "US") is None
