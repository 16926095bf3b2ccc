"""Pause is a promise for messages, too: the message centre's own log is the judge."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest
from tests.whole import material
from tests.whole.message_centre import RunningCentre, practice_centre
from tests.whole.node import Node

pytestmark = pytest.mark.timeout(180)

_LEADS = 900
_RATE = 40


def prepare(
    node: Node, centre: RunningCentre, directory: Path, per_second: int = _RATE
) -> list[str]:
    """A campaign over fictional numbers, ready to start; returns the numbers."""
    phones = material.numbers(_LEADS)
    customers = material.customer_list(directory / "list.csv", phones)
    template = directory / "text.txt"
    template.write_text("Hello {{ name }}, your table is ready.")
    secret = directory / "password"
    secret.write_text("practice\n")
    node.cli(
        *("providers", "add", "centre", "--kind", "smpp", "--host", "127.0.0.1"),
        *("--port", str(centre.port), "--username", "caesura", "--password-file", str(secret)),
        *("--window", "50"),
    )
    node.cli("lists", "import", str(customers), "--name", "people", "--region", "US")
    node.cli(
        *("campaigns", "create", "texts", "--list", "people", "--channel", "sms"),
        *("--template-file", str(template), "--sender", "+14155550100", "--provider", "centre"),
        *("--per-second", str(per_second), "--hours", "always"),
    )
    return phones


def test_nothing_is_submitted_after_a_confirmed_pause_and_a_resume_sends_the_rest(
    node: Node, tmp_path: Path
) -> None:
    log, times = tmp_path / "centre.jsonl", ("--receipt-s=0.2-0.8", "--answer-ms=5-30")
    with practice_centre(log, *times) as centre:
        phones = prepare(node, centre, tmp_path)
        node.cli("campaigns", "start", "texts")
        node.wait_for("texts", lambda c: c["leads"]["done"] > _LEADS // 9)
        paused = node.cli("campaigns", "pause", "texts", "--reason", "a look")
        assert paused["campaign"]["status"] == "paused"
        confirmed_at = material.moment(node.cli("campaigns", "receipt", "texts")["confirmed_at"])
        time.sleep(2)  # a submission that waited anywhere would leave by now
        before = centre.submissions()
        assert [line for line in before if line["at"] > confirmed_at] == []
        assert 0 < len(before) < _LEADS

        node.cli("campaigns", "resume", "texts")
        done = node.wait_for("texts", lambda c: c["status"] == "completed", 90)
        assert done["leads"]["done"] == done["leads"]["total"] == _LEADS
        assert centre.sent_to() == Counter(phones)
        assert done["sent"] == _LEADS
        done = node.wait_for("texts", lambda c: c["delivered"] == _LEADS, 30)
        assert done["delivery_rate"] == 1
        assert {call["message"] for call in node.calls("texts")} == {"delivered"}


@pytest.mark.parametrize("victim", ["messages", "cell", "connection"])
def test_no_crash_and_no_lost_connection_sends_a_message_twice(
    victim: str, node: Node, tmp_path: Path
) -> None:
    log, times = tmp_path / "centre.jsonl", ("--receipt-s=0.1-0.3", "--answer-ms=5-30")
    with practice_centre(log, *times) as centre:
        phones = prepare(node, centre, tmp_path)
        node.cli("campaigns", "start", "texts")
        node.wait_for("texts", lambda c: c["leads"]["done"] > _LEADS // 9)
        if victim == "connection":
            centre.break_connections()
        else:
            node.kill(victim)
        done = node.wait_for("texts", lambda c: c["status"] == "completed", 90)
        assert done["leads"]["done"] == done["leads"]["total"] == _LEADS
        sent = centre.sent_to()
        assert set(sent.values()) == {1}
        assert set(sent) <= set(phones)
        in_doubt = {call["number"] for call in node.calls("texts") if call["outcome"] == "unknown"}
        # Who got nothing was about to: journalled, and therefore in doubt.
        assert set(phones) - set(sent) <= in_doubt
        assert done["sent"] + len(in_doubt) == _LEADS


def test_receipts_that_come_while_the_cell_is_away_are_not_lost(node: Node, tmp_path: Path) -> None:
    with practice_centre(tmp_path / "centre.jsonl", "--receipt-s=6-8") as centre:
        prepare(node, centre, tmp_path, per_second=1000)
        node.cli("campaigns", "start", "texts")
        sent = node.wait_for("texts", lambda c: c["status"] == "completed", 60)
        assert sent["delivered"] < _LEADS
        node.kill("cell")
        node.wait_for("texts", lambda c: c["delivered"] == _LEADS, 60)
