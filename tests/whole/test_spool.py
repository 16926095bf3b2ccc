"""The database goes away for seconds while calls are on, and the cell dies before it is back."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tests.peers.practice import practice_carrier
from tests.processes import wait_until
from tests.whole.conftest import Prepare
from tests.whole.node import Node, running_node

from caesura.store.embedded import EmbeddedPostgres

pytestmark = pytest.mark.timeout(180)

_LEADS = 200
_QUICK = ("--seed", "3", "--answer", "0.5", "--ring-s", "0.3-1", "--talk-s", "0.8-1.5")


@pytest.fixture
def node() -> None:
    """None: this test's node needs a database that the test can take away."""


def test_results_of_calls_that_ended_without_a_database_outlive_the_cell(
    prepare: Prepare, tmp_path: Path, data_dir: Path
) -> None:
    postgres = EmbeddedPostgres(data_dir / "database")
    try:
        with (
            running_node(data_dir / "node", postgres.start()) as node,
            practice_carrier(tmp_path, *_QUICK) as carrier,
        ):
            prepare("c", carrier.address, leads=_LEADS, cps=20, concurrency=60, on=node)
            node.cli("campaigns", "start", "c")
            node.wait_for("c", lambda c: c["leads"]["done"] > _LEADS // 5)
            postgres.stop()
            spooled = _wait_for_the_spool(node)
            node.kill("cell")
            time.sleep(1)
            assert _spooled(node) >= spooled  # the next cell keeps what it cannot store yet
            postgres.start()
            node.wait_for_api()
            done = node.wait_for("c", lambda c: c["status"] == "completed", 90)
            assert done["leads"]["done"] == _LEADS
            calls = node.calls("c")
            assert [call for call in calls if call["outcome"] == "unknown"] == []
            talked = [call["duration_s"] for call in calls if call["outcome"] == "answered"]
            assert talked
            assert max(talked) < 10  # no call lasted until the database was back
            assert _spooled(node) == 0
    finally:
        postgres.stop()


def _spooled(node: Node) -> int:
    """Bytes in the cell's spool."""
    return sum(path.stat().st_size for path in node.data.glob("cells/0/spool/*.jsonl"))


def _wait_for_the_spool(node: Node) -> int:
    """Until all calls of that moment have ended and are on the disk: it grows no more."""
    wait_until(lambda: _spooled(node) > 0, 20, node.output)
    before = -1
    while (now := _spooled(node)) != before:
        before = now
        time.sleep(4)  # longer than any call
    return now
