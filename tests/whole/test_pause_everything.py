"""The emergency stop while the web process hangs: by the database, judged by the carrier's log."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest
from tests.peers.practice import practice_carrier
from tests.whole import material
from tests.whole.conftest import Prepare
from tests.whole.node import Node

pytestmark = pytest.mark.timeout(120)

_QUICK = ("--seed", "5", "--answer", "0.4", "--ring-s", "0.3-1", "--talk-s", "0.5-1")


@pytest.mark.parametrize("options", [("--direct",), ()])
def test_everything_is_paused_while_the_web_process_hangs(
    options: tuple[str, ...], node: Node, prepare: Prepare, tmp_path: Path
) -> None:
    with practice_carrier(tmp_path, *_QUICK) as carrier:
        prepare("spring", carrier.address, leads=900, cps=10, concurrency=100)
        for name in ("summer", "autumn"):
            values = str(tmp_path / "spring.json")
            node.cli(
                *("campaigns", "create", name, "--list", "spring", "--trunk", "practice"),
                *("--number", "+14155550100", "--message", str(tmp_path / "spring.wav")),
                *("--hours", "always", "--concurrency", "50", "--cps", "5"),
                *("--settings", values),
            )
        for name in ("spring", "summer", "autumn"):
            node.cli("campaigns", "start", name)
        node.wait_for("spring", lambda c: c["received"] > 20)
        web = node.pid_of("web")
        os.kill(web, signal.SIGSTOP)
        try:
            done = node.run("pause", "--all", "--yes", "--reason", "fire", "--json", *options)
            time.sleep(1.5)  # an INVITE that waited anywhere would leave by now
        finally:
            os.kill(web, signal.SIGCONT)
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout)
        assert answer["confirmed"] is True
        # With --direct the API is not asked; without, it is given a few seconds.
        assert ("Pausing directly in the database." in done.stderr) is not bool(options)
        receipts = [each["receipt"] for each in answer["results"]]
        assert [receipt["confirmed_by"] for receipt in receipts] == ["acknowledgement"] * 3
        confirmed = max(material.moment(receipt["confirmed_at"]) for receipt in receipts)
        invites = carrier.invites()
        assert len(invites) > 20
        assert [line for line in invites if line["at"] > confirmed] == []
        states = {row["name"]: row["status"] for row in node.cli("campaigns", "list")}
        assert set(states.values()) == {"paused"}
        assert node.cli("receipts", "verify")["intact"] is True
