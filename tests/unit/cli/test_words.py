"""The sentences that people read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from caesura.cli import words

pytestmark = pytest.mark.usefixtures("new_york")
NOW = datetime(2026, 11, 23, 19, 5, tzinfo=UTC)


def test_a_receipt_reads_as_one_line(receipt: dict[str, Any]) -> None:
    assert words.receipt_line(receipt, now=NOW) == (
        "Paused 14:02:07 EST by Dana — last call left 9 ms after the click, silence confirmed "
        "after 21 ms; 14 ringing calls cancelled, 9 conversations go on, 31 leads returned"
    )


def test_a_call_that_left_before_the_click_is_said_to_have(receipt: dict[str, Any]) -> None:
    receipt["last_launch_at"] = "2026-11-23T19:02:05.500Z"
    assert "last call left 1.50 s before the click" in words.receipt_line(receipt, now=NOW)


def test_where_no_call_had_left_none_is_claimed(receipt: dict[str, Any]) -> None:
    receipt["last_launch_at"] = None
    assert "— no call had left, silence confirmed" in words.receipt_line(receipt, now=NOW)


def test_silence_is_not_claimed_before_it_is_confirmed(receipt: dict[str, Any]) -> None:
    receipt |= {"confirmed_at": None, "confirmed_by": None}
    line = words.receipt_line(receipt, now=NOW)
    assert line.startswith("Pausing since 14:02:07 EST")
    assert "silence not confirmed yet" in line


def test_silence_by_expiry_is_named_and_so_is_the_reason(receipt: dict[str, Any]) -> None:
    receipt |= {"confirmed_by": "expiry", "reason": "wrong prompt", "kind": "terminate"}
    line = words.receipt_line(receipt, now=NOW)
    assert line.startswith("Terminated 14:02:07 EST by Dana (wrong prompt)")
    assert "silence confirmed by expiry after 21 ms" in line


def test_one_call_and_one_conversation_are_singular(receipt: dict[str, Any]) -> None:
    receipt |= {"cancelled": 1, "conversations_left": 1, "leads_returned": 1}
    line = words.receipt_line(receipt, now=NOW)
    assert line.endswith("1 ringing call cancelled, 1 conversation goes on, 1 lead returned")


def test_progress_counts_done_and_excluded(view: dict[str, Any]) -> None:
    assert words.progress(view) == 3000 / 3200
    assert words.progress({"leads": {"total": 0}}) == 0.0
