"""kill -9 of any one process loses no lead and dials none twice."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from tests.peers.practice import RunningCarrier, practice_carrier
from tests.whole.conftest import Prepare
from tests.whole.node import Node, running_node

pytestmark = pytest.mark.timeout(180)

_LEADS = 400


_QUICK = ("--seed", "3", "--answer", "0.4", "--ring-s", "0.3-1", "--talk-s", "0.5-2")


@pytest.mark.parametrize("program", ["cell", "voice.line", "voice.media", "web"])
def test_a_killed_process_loses_no_lead_and_dials_none_twice(
    program: str, node: Node, prepare: Prepare, tmp_path: Path
) -> None:
    with practice_carrier(tmp_path, *_QUICK) as carrier:
        phones = _run_to_a_quarter(node, prepare, carrier)
        node.kill(program)
        node.wait_for_api()
        _works_through_the_rest(node, carrier, phones)


@pytest.mark.parametrize("victim", ["postgres", "everything"])
def test_a_killed_database_or_node_loses_no_lead_and_dials_none_twice(
    victim: str, prepare: Prepare, tmp_path: Path, data_dir: Path
) -> None:
    with (
        running_node(data_dir / "node", None) as node,  # with its own PostgreSQL, durable
        practice_carrier(tmp_path, *_QUICK) as carrier,
    ):
        phones = _run_to_a_quarter(node, prepare, carrier)
        if victim == "postgres":
            node.kill_postgres()
        else:
            node.kill_all()
            node.start()
        node.wait_for_api()
        _works_through_the_rest(node, carrier, phones)


def _run_to_a_quarter(node: Node, prepare: Prepare, carrier: RunningCarrier) -> list[str]:
    phones = prepare("c", carrier.address, leads=_LEADS, cps=40, concurrency=100, on=node)
    node.cli("campaigns", "start", "c")
    node.wait_for("c", lambda c: c["leads"]["done"] > _LEADS // 4)
    return phones


def _works_through_the_rest(node: Node, carrier: RunningCarrier, phones: list[str]) -> None:
    done = node.wait_for("c", lambda c: c["status"] == "completed", 90)
    assert done["leads"]["done"] == done["leads"]["total"] == _LEADS
    # The journal may lack what the crash took; the carrier saw every INVITE there was.
    wire = {(line["to"], line["call_id"]) for line in carrier.invites()}
    dialled = Counter(to for to, _ in wire)
    assert set(dialled.values()) == {1}
    assert set(dialled) <= set(phones)
    in_doubt = [call for call in node.calls("c") if call["outcome"] == "unknown"]
    # Who was not dialled was about to be: journalled, and therefore in doubt.
    assert set(phones) - set(dialled) <= {call["number"] for call in in_doubt}
