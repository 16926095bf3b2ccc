"""kill -9 of any one process loses no lead and dials none twice."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from tests.peers.practice import practice_carrier
from tests.whole.conftest import Prepare
from tests.whole.node import Node

pytestmark = pytest.mark.timeout(180)

_LEADS = 400


@pytest.mark.parametrize("program", ["cell", "voice.line", "voice.media", "web"])
def test_a_killed_process_loses_no_lead_and_dials_none_twice(
    program: str, node: Node, prepare: Prepare, tmp_path: Path
) -> None:
    quick = ("--seed", "3", "--answer", "0.4", "--ring-s", "0.3-1", "--talk-s", "0.5-2")
    with practice_carrier(tmp_path, *quick) as carrier:
        phones = prepare("c", carrier.address, leads=_LEADS, cps=40, concurrency=100)
        node.cli("campaigns", "start", "c")
        node.wait_for("c", lambda c: c["leads"]["done"] > _LEADS // 4)
        node.kill(program)
        node.wait_for_api()
        done = node.wait_for("c", lambda c: c["status"] == "completed", 90)
        assert done["leads"]["done"] == done["leads"]["total"] == _LEADS
        # The journal may lack what the crash took; the carrier saw every INVITE there was.
        wire = {
            (line["to"], line["call_id"]) for line in carrier.log() if line["event"] == "invite"
        }
        dialled = Counter(to for to, _ in wire)
        assert set(dialled.values()) == {1}
        assert set(dialled) <= set(phones)
        in_doubt = [c for c in node.calls("c") if c["outcome"] == "unknown"]
        # Who was not dialled was about to be: journalled, and therefore in doubt.
        assert set(phones) - set(dialled) <= {call["number"] for call in in_doubt}
