"""The practice list is valid, fictional, and the same each time."""

from __future__ import annotations

import csv
import io

import phonenumbers
import pytest
from phonenumbers.timezone import time_zones_for_number

from caesura.practice.behaviour import MAGIC
from caesura.practice.customers import NUMBERS_MAX, customers


def rows(count: int) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(customers(count))))


def numbers(count: int) -> list[phonenumbers.PhoneNumber]:
    texts = [row[column] for row in rows(count) for column in ("phone", "phone_2")]
    return [phonenumbers.parse(text, "US") for text in texts if text]


def test_the_same_seed_gives_the_same_list() -> None:
    assert customers(200) == customers(200)
    assert customers(200, seed=2) != customers(200)


@pytest.mark.parametrize("count", [3000, NUMBERS_MAX])
def test_every_number_is_valid_and_occurs_once(count: int) -> None:
    found = numbers(count)
    assert all(phonenumbers.is_valid_number(number) for number in found)
    assert len(rows(count)) == count
    e164 = [
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) for number in found
    ]
    assert len(set(e164)) == len(e164)
    assert not set(e164) & set(MAGIC)


def test_american_numbers_are_those_kept_for_fiction() -> None:
    american = [number for number in numbers(3000) if number.country_code == 1]
    assert len(american) > 2900
    assert all("5550100" <= str(n.national_number)[3:] <= "5550199" for n in american)


def test_the_list_spans_zones_and_countries_and_second_phones() -> None:
    zones = {time_zones_for_number(number)[0] for number in numbers(3000)}
    assert zones >= {"America/New_York", "America/Chicago", "America/Denver",
                     "America/Los_Angeles", "Pacific/Honolulu", "Europe/London"}  # fmt: skip
    assert 300 < sum(bool(row["phone_2"]) for row in rows(3000)) < 600


def test_more_customers_than_fictional_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match=str(NUMBERS_MAX)):
        customers(NUMBERS_MAX + 1)
