"""What a contact is called."""

from __future__ import annotations

from typing import Any

import pytest

from caesura.rules.contact_name import contact_name

PHONE = "+13125550100"


@pytest.mark.parametrize(
    ("attributes", "name"),
    [
        ({}, PHONE),
        ({"name": "Kim Lee"}, "Kim Lee"),
        ({"name": "  Kim   Lee ", "First name": "Sam"}, "Kim Lee"),
        ({"name": " ", "First name": "Kim", "last_name": "Lee"}, "Kim Lee"),
        ({"Vorname": "Kim", "NACHNAME": "Lee"}, "Kim Lee"),
        ({"Surname": "Lee"}, "Lee"),
        ({"firstName": "Kim", "surname": None}, "Kim"),
        ({"Order No": "7", "name": None}, PHONE),
        ({"name": 7}, "7"),
    ],
)
def test_a_contact_is_called_by_its_name_or_else_its_number(
    attributes: dict[str, Any], name: str
) -> None:
    assert contact_name(attributes, PHONE) == name
