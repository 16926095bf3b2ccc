"""Parts of a long reply, whatever the order in which they come."""

from __future__ import annotations

import itertools

import pytest

from caesura.messages.drivers.smpp.joining import LATE_S, Joining
from caesura.messages.drivers.smpp.pdu import UDHI, ShortMessage


def part(number: int, total: int, text: bytes, *, wide: bool = False) -> ShortMessage:
    header = bytes([6, 8, 4, 1, 7, total, number]) if wide else bytes([5, 0, 3, 7, total, number])
    return ShortMessage(
        source="1555", source_ton=1, dest="1556", dest_ton=1, esm_class=UDHI,
        data_coding=3, registered_delivery=0, user_data=header + text,
    )  # fmt: skip


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("order", list(itertools.permutations([1, 2, 3])))
def test_parts_are_joined_in_any_order(order: tuple[int, ...], wide: bool) -> None:
    joining = Joining("gsm")
    answered: list[tuple[int, bool]] = []
    joined = None
    for number in order:
        assert joined is None
        one = part(number, 3, f"part{number} ".encode(), wide=wide)
        joined = joining.add(one, 0.0, lambda stored, n=number: answered.append((n, stored)))
    assert joined is not None
    assert joined.text == "part1 part2 part3 "
    assert answered == [(order[0], True), (order[1], True)]
    joined.answer(True)
    assert answered[-1] == (order[2], True)


def test_a_part_that_comes_twice_is_one() -> None:
    joining = Joining("gsm")
    assert joining.add(part(1, 2, b"a"), 0.0, lambda _stored: None) is None
    assert joining.add(part(1, 2, b"a"), 0.0, lambda _stored: None) is None
    joined = joining.add(part(2, 2, b"b"), 0.0, lambda _stored: None)
    assert joined is not None
    assert joined.text == "ab"


def test_what_never_comes_together_is_handed_on_as_it_is() -> None:
    joining = Joining("gsm")
    joining.add(part(1, 2, b"STOP please"), 0.0, lambda _stored: None)
    assert joining.late(LATE_S - 1) == []
    (late,) = joining.late(LATE_S)
    assert late.text == "STOP please"
    assert joining.late(LATE_S) == []


def test_nonsense_about_parts_is_one_message() -> None:
    joined = Joining("gsm").add(part(5, 2, b"hello"), 0.0, lambda _stored: None)
    assert joined is not None
    assert joined.text == "hello"
