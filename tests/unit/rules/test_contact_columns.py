"""Which column is what."""

from __future__ import annotations

import pytest

from caesura.errors import Invalid
from caesura.lists.zones import known_zones
from caesura.rules.contact_columns import column_names, has_header, is_phone_name, map_columns
from caesura.rules.contact_list import ImportOptions

ROWS = [["Ann", "4155550100", "17"], ["Bob", "4155550101", "18"]]


def options(**more: object) -> ImportOptions:
    return ImportOptions.model_validate({"list_name": "people", "region": "US"} | more)


def fields(names: list[str], rows: list[list[str]], **more: object) -> list[str]:
    return [c.field for c in map_columns(names, rows, options(**more), known_zones())]


@pytest.mark.parametrize(
    "name",
    """phone;Phone Number;phone_number;PhoneNumber;PHONE1;Phone 2;mobile;Mobile No.;cell phone;
    tel;Tel.;telephone;Home phone;work_phone;MSISDN;Telefon;Telefonnummer;Handy;Rufnummer;
    Mobilnummer;Téléphone;Numéro de téléphone;Tél. portable;Teléfono;número;Nº teléfono;celular;
    Móvil;Telefone;Cellulare;Telefoonnummer;телефон;Номер телефона;电话;手机号;電話番号;휴대폰;
    Κινητό;هاتف""".replace("\n    ", "").split(";"),
)
def test_usual_names_of_phone_columns_are_known(name: str) -> None:
    assert is_phone_name(name)


@pytest.mark.parametrize(
    "name", ["phone type", "fax", "name", "city", "telephone consent", "home", "id", "1", ""]
)
def test_names_of_other_columns_are_not_taken_for_phones(name: str) -> None:
    assert not is_phone_name(name)


def test_several_phone_columns_are_numbered_in_their_order() -> None:
    assert fields(["name", "mobile", "home phone", "fax"], []) == [
        "name",
        "phone",
        "phone_2",
        "attribute",
    ]


def test_a_zone_or_priority_is_only_guessed_if_the_values_are_such() -> None:
    names = ["phone", "zone", "priority"]
    assert fields(names, [["1", "Europe/Rome", "3"]]) == ["phone", "zone", "priority"]
    assert fields(names, [["1", "North", "high"]]) == ["phone", "attribute", "attribute"]


def test_what_is_said_goes_before_every_guess() -> None:
    names = ["phone", "mobile", "name"]
    assert fields(names, [], map={"Mobile": "phone"}) == ["attribute", "phone", "name"]
    assert fields(names, [], map={"1": "ignore", "2": "phone", "name": "attribute:who"}) == [
        "ignore",
        "phone",
        "attribute:who",
    ]


def test_without_a_name_the_phone_column_is_known_by_its_values() -> None:
    assert fields(["a", "b", "c"], ROWS) == ["attribute", "phone", "attribute"]


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({"fone": "phone"}, "There is no column 'fone'"),
        ({"4": "phone"}, "There is no column '4'"),
        ({"a": "phon"}, "is no field"),
        ({"a": "attribute:"}, "is no field"),
        ({"a": "phone_11"}, "is no field"),
        ({"a": "phone", "b": "phone"}, "Two columns"),
    ],
)
def test_an_impossible_mapping_is_refused(mapping: dict[str, str], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        fields(["a", "b", "c"], ROWS, map=mapping)


def test_no_phone_column_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(Invalid, match="=phone"):
        fields(["a", "b"], [["Ann", "17"]])


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (["Name", "Phone", "Id"], True),
        (["who", "what", "which"], True),  # words over a column of numbers
        (["Ann", "4155550100", "17"], False),
        (["", "", ""], False),
        (["Telefon", "", ""], True),
    ],
)
def test_a_header_is_told_from_a_row(first: list[str], expected: bool) -> None:
    assert has_header([first, *ROWS], options()) is expected
    assert has_header([first, *ROWS], options(header="yes")) is True
    assert has_header([first, *ROWS], options(header="no")) is False


def test_each_column_has_a_name_of_its_own() -> None:
    assert column_names(["a", "", "a", " a "], 5) == ["a", "column 2", "a 2", "a 3", "column 5"]
    assert column_names(None, 2) == ["column 1", "column 2"]
