"""What a resume does on the wire: ramps up, asks the rules anew, comes by itself on a condition."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from pathlib import Path

import pytest
from tests.peers.practice import RunningCarrier, practice_carrier
from tests.processes import wait_until
from tests.whole import material
from tests.whole.conftest import Prepare
from tests.whole.node import Node

pytestmark = pytest.mark.timeout(240)

_QUICK = ("--seed", "7", "--answer", "0.5", "--ring-s", "0.5-1", "--talk-s", "1-2")
_RAMP_UP_S = 12


def _invites(carrier: RunningCarrier) -> list[tuple[float, str]]:
    """When each call was first asked for, and whom it was for."""
    calls: dict[object, tuple[float, str]] = {}
    for line in carrier.invites():
        calls.setdefault(line["call_id"], (line["at"], line["to"]))
    return sorted(calls.values())


def _is_reachable(node: Node, trunk: str) -> bool:
    """As every cell sees it; False where none has seen it yet."""
    (found,) = [each for each in node.cli("trunks", "list") if each["name"] == trunk]
    return bool(found["health"]) and all(cell["reachable"] for cell in found["health"])


def test_a_resume_ramps_up_from_one_call_and_dials_nobody_who_was_forbidden_meanwhile(
    node: Node, prepare: Prepare, tmp_path: Path
) -> None:
    with practice_carrier(tmp_path, *_QUICK) as carrier:
        phones = prepare(
            "spring",
            carrier.address,
            leads=400,
            cps=20,
            concurrency=60,
            ramp_up_s=_RAMP_UP_S,
        )
        node.cli("campaigns", "start", "spring")
        wait_until(lambda: len(_invites(carrier)) >= 20, 30, node.output)
        node.cli("campaigns", "pause", "spring")
        called = {to for _, to in _invites(carrier)}
        forbidden = [phone for phone in phones if phone not in called][:10]
        node.cli("dnc", "add", *forbidden)
        time.sleep(1)

        before = time.time()
        resumed = node.cli("campaigns", "resume", "spring")
        ramp_up = resumed["campaign"]["ramp_up"]
        assert ramp_up["of"] == 60
        since = material.moment(ramp_up["since"])
        full = since + _RAMP_UP_S
        time.sleep(2)
        shown = node.campaign("spring")
        assert shown["ramp_up"]["allowed"] < 60
        wait_until(lambda: time.time() > full + 1, 30, node.output)
        after = [at for at, _ in _invites(carrier) if at > before]
        # 20/s × 12 s / 2 by the end of the ramp, and hardly any of it in its first quarter
        assert after[0] - since < 1.0
        assert sum(at < since + _RAMP_UP_S / 4 for at in after) <= 20 * _RAMP_UP_S / 32 + 4
        assert sum(at < full for at in after) <= 20 * _RAMP_UP_S / 2 + 6
        assert node.campaign("spring")["ramp_up"] is None

        done = node.wait_for("spring", lambda c: c["status"] == "completed", 120)
        assert done["leads"]["excluded"] == len(forbidden)
        assert done["leads"]["done"] == 400 - len(forbidden)
        dialled = Counter(to for _, to in _invites(carrier))
        assert [phone for phone in forbidden if phone in dialled] == []


def test_a_pause_on_a_condition_ends_once_the_trunk_was_reachable_for_long_enough(
    node: Node, prepare: Prepare, tmp_path: Path
) -> None:
    with practice_carrier(tmp_path, *_QUICK) as carrier:
        host, port = carrier.address
        node.cli(
            *("trunks", "add", "other", "--host", host, "--port", str(port)),
            *("--options-interval", "0.5"),
        )
        prepare("spring", carrier.address, leads=300, cps=10, concurrency=30, trunks=["other"])
        node.cli("campaigns", "start", "spring")
        wait_until(lambda: len(_invites(carrier)) >= 5, 30, node.output)
        wait_until(lambda: _is_reachable(node, "other"), 30, node.output)
        os.kill(carrier.process.pid, signal.SIGSTOP)  # the carrier is away
        try:
            # Until that is noticed, the trunk has been reachable for long enough.
            wait_until(lambda: not _is_reachable(node, "other"), 30, node.output)
            paused = node.cli("campaigns", "pause", "spring", "--when", "trunk:other:2")
            assert paused["campaign"]["status"] == "paused"
            node.wait_for("spring", lambda c: "not now" in c["resumption"]["sentence"], 30)
        finally:
            back = time.time()
            os.kill(carrier.process.pid, signal.SIGCONT)
        running = node.wait_for("spring", lambda c: c["status"] == "running", 60)
        assert running["resumption"] is None
        last = node.cli("campaigns", "history", "spring", "--limit", "1")[0]
        assert (last["actor"], last["to_state"]) == ("condition", "running")
        assert material.moment(last["at"]) - back >= 2
        wait_until(lambda: _invites(carrier)[-1][0] > back, 30, node.output)
