"""What was not delivered is sent again as the settings say, and not once more."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from tests.whole.message_centre import practice_centre
from tests.whole.node import Node
from tests.whole.test_messages import prepare

pytestmark = pytest.mark.timeout(120)


def test_undelivered_messages_are_sent_once_more_and_then_the_campaign_is_over(
    node: Node, tmp_path: Path
) -> None:
    log, fates = tmp_path / "centre.jsonl", ("--undelivered=0.4", "--receipt-s=0.2-0.5")
    with practice_centre(log, *fates) as centre:
        phones = prepare(node, centre, tmp_path, per_second=300)
        again = ('retries.undelivered={"max": 1, "after_s": 1}', "ramp_up_s=0")
        node.cli("campaigns", "settings", "set", "texts", *again)
        node.cli("campaigns", "start", "texts")
        over = node.wait_for("texts", lambda c: c["status"] == "completed", 60)
        calls = node.calls("texts")
        failed = {number for number, n in undelivered(calls).items() if n}
        assert len(phones) * 0.2 < len(failed) < len(phones) * 0.6
        # Each failure was followed by one further message, and nothing else was.
        assert centre.sent_to() == Counter(phones) + Counter(failed)
        twice = {number for number, n in undelivered(calls).items() if n == 2}
        assert over["delivered"] == len(phones) - len(twice)
        assert over["leads"]["done"] == over["leads"]["total"] == len(phones)


def undelivered(calls: list[dict[str, str]]) -> Counter[str]:
    return Counter(call["number"] for call in calls if call["outcome"] == "undelivered")
