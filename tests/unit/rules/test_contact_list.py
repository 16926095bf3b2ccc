"""A row becomes a contact, or is refused naming the column."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from caesura.lists.zones import known_zones
from caesura.rules.contact_list import (
    BadRow,
    Column,
    ImportOptions,
    RowReader,
    zone_named,
)
from caesura.rules.phone_number import BadValue


def reader(*fields: str) -> RowReader:
    columns = [Column(f"c{i}", field) for i, field in enumerate(fields, start=1)]
    return RowReader(columns, known_zones(), "US")


def test_numbers_are_taken_in_the_order_of_their_fields_and_once_each() -> None:
    read = reader("phone_2", "attribute", "phone", "phone_10")
    row = ["415-555-0102", "x", "415-555-0101", "(415) 5550101; 415-555-0103"]
    assert read.contact(row).phones == ["+14155550101", "+14155550102", "+14155550103"]


def test_a_missing_first_number_lets_the_second_be_first() -> None:
    assert reader("phone", "phone_2").contact(["", "4155550100"]).phones == ["+14155550100"]


def test_a_bad_second_number_refuses_the_whole_row() -> None:
    with pytest.raises(BadRow) as caught:
        reader("phone", "phone_2").contact(["4155550100", "12"])
    assert (caught.value.column, caught.value.value) == ("c2", "12")


def test_eleven_numbers_are_too_many() -> None:
    cell = ";".join(f"415555{i:04}" for i in range(11))
    with pytest.raises(BadRow, match="11 phone numbers"):
        reader("phone").contact([cell])


def test_a_zone_column_goes_before_the_number_and_an_empty_one_does_not() -> None:
    read = reader("phone", "zone")
    assert read.contact(["4155550100", "Europe/Paris"]).zones == ["Europe/Paris"]
    assert read.contact(["4155550100", " "]).zones == ["America/Los_Angeles"]


def test_other_columns_are_kept_as_text_and_empty_ones_left_out() -> None:
    read = reader("phone", "name", "attribute", "attribute:vip", "ignore")
    contact = read.contact(["4155550100", "Ann", "", " 007 ", "secret"])
    assert contact.attributes == {"name": "Ann", "vip": " 007 "}


def test_short_rows_are_filled_up_and_long_ones_refused() -> None:
    read = reader("phone", "attribute")
    assert read.contact(["4155550100"]).attributes == {}
    assert read.contact(["4155550100", "x", "", ""]).attributes == {"c2": "x"}
    with pytest.raises(BadRow, match="3 cells"):
        read.contact(["4155550100", "x", "y"])


@pytest.mark.parametrize(("text", "priority"), [("", 5), ("9", 9), (" 1 ", 1), ("3.0", 3)])
def test_a_priority_is_one_to_nine(text: str, priority: int) -> None:
    assert reader("phone", "priority").contact(["4155550100", text]).priority == priority


@pytest.mark.parametrize("text", ["0", "10", "-1", "high", "1.5", "٣"])
def test_any_other_priority_is_refused(text: str) -> None:
    with pytest.raises(BadRow, match="1 to 9"):
        reader("phone", "priority").contact(["4155550100", text])


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("America/New_York", "America/New_York"),
        ("america/new york", "America/New_York"),
        ("US/Eastern", "America/New_York"),
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Europe/Kiev", "Europe/Kyiv"),
        ("Europe/Oslo", "Europe/Oslo"),
        ("UTC", "Etc/UTC"),
        ("Europe/Paris|Africa/Algiers", "Africa/Algiers|Europe/Paris"),
    ],
)
def test_a_zone_is_known_by_any_of_its_names(text: str, zone: str) -> None:
    assert zone_named(text, known_zones()) == zone


@pytest.mark.parametrize("text", ["EST", "GMT+1", "Europe", "Mars/Olympus", "|"])
def test_what_is_no_zone_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match="not a time zone"):
        zone_named(text, known_zones())


@pytest.mark.parametrize(
    "wrong",
    [
        {"list_name": ""},
        {"list_name": "  "},
        {"region": "XX"},
        {"delimiter": "ab"},
        {"delimiter": '"'},
        {"duplicates": "perhaps"},
        {"regoin": "US"},
    ],
)
def test_wrong_options_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        ImportOptions.model_validate({"list_name": "people"} | wrong)


def test_options_are_tidied() -> None:
    tidy = ImportOptions(list_name=" people ", region="us", delimiter="tab")
    assert (tidy.list_name, tidy.region, tidy.delimiter) == ("people", "US", "\t")
