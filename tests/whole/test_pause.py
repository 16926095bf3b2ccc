"""Pause is a promise, on the wire: the carrier's own log is the judge."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest
from tests.peers.practice import practice_carrier
from tests.whole import material
from tests.whole.conftest import Prepare
from tests.whole.node import Node

pytestmark = pytest.mark.timeout(180)

_LEADS = 900
_CPS = 50


def test_no_invite_follows_a_confirmed_pause_and_a_resume_works_through_the_rest(
    node: Node, prepare: Prepare, tmp_path: Path
) -> None:
    quick = ("--seed", "7", "--answer", "0.4", "--ring-s", "0.5-2", "--talk-s", "1-3")
    with practice_carrier(tmp_path, *quick) as carrier:
        phones = prepare("spring", carrier.address, leads=_LEADS, cps=_CPS, concurrency=300)
        digest = node.campaign("spring")["settings_digest"]
        node.cli("campaigns", "start", "spring")
        node.wait_for("spring", lambda c: c["leads"]["done"] > _LEADS // 5)

        before = len(carrier.invites())
        paused = node.cli("campaigns", "pause", "spring", "--reason", "a look at the figures")
        assert paused["campaign"]["status"] == "paused"
        receipt = node.cli("campaigns", "receipt", "spring")
        confirmed_at = material.moment(receipt["confirmed_at"])
        time.sleep(3)  # an INVITE that waited anywhere would leave by now
        late = [line for line in carrier.invites() if line["at"] > confirmed_at]
        assert before > 0
        assert late == []
        assert receipt["confirmed_by"] == "acknowledgement"
        assert receipt["reason"] == "a look at the figures"
        assert receipt["settings_digest_before"] == receipt["settings_digest_after"] == digest
        assert material.moment(receipt["last_launch_at"]) <= confirmed_at
        assert node.campaign("spring")["settings_digest"] == digest

        again = node.cli("campaigns", "pause", "spring", "--reason", "once more")
        assert again["receipt"]["id"] == receipt["id"]

        node.cli("campaigns", "resume", "spring")
        done = node.wait_for("spring", lambda c: c["status"] == "completed", 90)
        assert done["leads"]["total"] == _LEADS == done["leads"]["done"]
        # Cancelled by the pause is not tried: those are called again, nobody else is.
        attempts = Counter(call["number"] for call in node.calls("spring"))
        cancelled = Counter(
            call["number"] for call in node.calls("spring") if call["outcome"] == "cancelled"
        )
        assert set(attempts) == set(phones)
        assert {phone: n - cancelled[phone] for phone, n in attempts.items()} == dict.fromkeys(
            phones, 1
        )
        on_the_wire = Counter(
            line["to"] for line in carrier.invites() if not line.get("retransmission")
        )
        assert sum(on_the_wire.values()) == sum(attempts.values())


def test_terminate_is_final_and_its_data_stays_readable(
    node: Node, prepare: Prepare, tmp_path: Path
) -> None:
    with practice_carrier(tmp_path, "--ring-s", "1-2", "--talk-s", "1-2") as carrier:
        prepare("autumn", carrier.address, leads=100, cps=20, concurrency=50)
        node.cli("campaigns", "start", "autumn")
        node.wait_for("autumn", lambda c: c["received"] > 5)
        ended = node.cli("campaigns", "terminate", "autumn", "--yes", "--reason", "enough")
        assert ended["campaign"]["status"] == "terminated"
        silent_since = material.moment(ended["receipt"]["confirmed_at"])
        for transition in ("start", "pause", "resume"):
            refused = node.run("campaigns", transition, "autumn")
            assert refused.returncode == 1
            assert "terminated" in refused.stderr
        time.sleep(1)
        assert [line for line in carrier.invites() if line["at"] > silent_since] == []
        assert node.campaign("autumn")["received"] > 5
        assert len(node.calls("autumn")) > 5
