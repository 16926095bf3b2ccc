"""Refusals one after the other."""

from __future__ import annotations

from caesura.rules.refusals import InARow


def test_so_many_in_a_row_give_a_reason_to_pause_once() -> None:
    row = InARow()
    said = [row.refused("acme", "ESME_RINVSRCADR", "Choose a sender of yours.", 3) for _ in "12345"]
    assert said[:2] == [None, None]
    assert said[2] is not None
    assert said[2].startswith(
        "3 messages in a row were refused by acme: Choose a sender of yours. (ESME_RINVSRCADR)"
    )
    assert said[3:] == [None, None]


def test_a_message_that_is_taken_begins_the_count_anew() -> None:
    row = InARow()
    assert row.refused("acme", "x", "y.", 2) is None
    row.taken()
    assert row.refused("acme", "x", "y.", 2) is None
