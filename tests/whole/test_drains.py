"""The four drains on the wire, at the same moment, against what their forecast said."""

from __future__ import annotations

import json
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.peers.practice import practice_carrier
from tests.whole.conftest import Prepare
from tests.whole.node import Node

pytestmark = pytest.mark.timeout(480)

_DRAINS = ("finish_lawfully", "cancel_now", "let_ring", "hang_up_all")
_MINIMUM_S, _TIMEOUT_S = 4, 12
# Half answer after 0.5 to 9 s and talk for long; the others ring until they are cancelled.
_CARRIER = ("--seed", "11", "--answer", "0.5", "--ring-s", "0.5-9", "--talk-s", "90-90")


def _api(node: Node) -> httpx.Client:
    instance = json.loads((node.data / "instance.json").read_text())
    return httpx.Client(
        base_url=f"{instance['url']}/api/v1",
        headers={"Authorization": f"Bearer {instance['api_key']}"},
        timeout=30,
    )


def _seconds(call: dict[str, Any], start: str, end: str) -> float:
    moments = [datetime.fromisoformat(call[name]) for name in (start, end)]
    return (moments[1] - moments[0]).total_seconds()


def test_each_drain_does_to_ringing_calls_and_conversations_what_it_says(
    node: Node, prepare: Prepare, tmp_path: Path
) -> None:
    with practice_carrier(tmp_path, *_CARRIER) as carrier:
        ring = {"ring_minimum_s": _MINIMUM_S, "ring_timeout_s": _TIMEOUT_S}
        prepare("list", carrier.address, leads=60, cps=3, concurrency=14, message_s=60, **ring)
        settings = node.cli("campaigns", "settings", "get", "list")
        (tmp_path / "all.json").write_text(json.dumps(settings | {"caps": {"per_number_day": 9}}))
        for drain in _DRAINS:
            node.cli(
                *("campaigns", "create", drain, "--list", "list"),
                *("--settings", str(tmp_path / "all.json")),
            )
        for drain in _DRAINS:
            node.cli("campaigns", "start", drain)
        for drain in _DRAINS:
            node.wait_for(drain, lambda c: c["in_flight"]["talking"] >= 2, 60)
        would, receipts = {}, {}
        with _api(node) as api:  # quicker than commands: the calls are at the same point for all
            for drain in _DRAINS:
                told = api.get(f"campaigns/{drain}/forecast").raise_for_status().json()
                would[drain] = next(each for each in told["drains"] if each["drain"] == drain)
                order = {"drain": drain}
                paused = api.post(f"campaigns/{drain}/pause", json=order).raise_for_status().json()
                assert paused["receipt"]["drain"] == drain
                receipts[drain] = paused["receipt"]
        time.sleep(1)
        calls = {drain: node.calls(drain) for drain in _DRAINS}
        under_way = {d: [c for c in calls[d] if c["state"] == "in_progress"] for d in _DRAINS}
        ringing = {d: [c for c in under_way[d] if not c["answered_at"]] for d in _DRAINS}
        talking = {d: [c for c in under_way[d] if c["answered_at"]] for d in _DRAINS}

        # At once: nothing rings, conversations go on; nothing is left; the others go on ringing.
        assert ringing["cancel_now"] == [] == ringing["hang_up_all"] == talking["hang_up_all"]
        assert len(talking["cancel_now"]) >= 1
        cut = [c for c in calls["hang_up_all"] if c["answered_at"]]
        assert abs(len(cut) - would["hang_up_all"]["conversations_cut"]) <= 2
        assert all(c["detail"].startswith("pause") for c in cut)
        for drain in ("cancel_now", "hang_up_all"):
            n = sum(c["outcome"] == "cancelled" for c in calls[drain])
            assert abs(n - would[drain]["cancelled_now"]) <= 2
            assert would[drain]["go_on_ringing"] == 0

        # Within their minimum and their timeout.
        for drain, seconds in (("finish_lawfully", _MINIMUM_S), ("let_ring", _TIMEOUT_S)):
            assert would[drain]["rings_until_s"] <= seconds
            node.wait_for(drain, lambda c: c["in_flight"]["ringing"] == 0, 60)
        requested = datetime.fromisoformat(receipts["finish_lawfully"]["requested_at"])
        finished = [c for c in node.calls("finish_lawfully") if c["outcome"] == "cancelled"]
        assert all(_seconds(c, "ringing_at", "ended_at") >= _MINIMUM_S - 0.1 for c in finished)
        late = [
            c
            for c in finished
            if (datetime.fromisoformat(c["ended_at"]) - requested).total_seconds() > 1
        ]
        assert all(_seconds(c, "ringing_at", "ended_at") < _MINIMUM_S + 3 for c in late)
        let_ring = node.calls("let_ring")
        assert [c for c in let_ring if c["outcome"] == "cancelled"] == []
        assert any(c["outcome"] == "no_answer" for c in let_ring)
        # Whoever answered during the drain was not left in silence, nor cut.
        for drain in ("finish_lawfully", "let_ring", "cancel_now"):
            answered = [c for c in node.calls(drain) if c["answered_at"]]
            assert [
                c for c in answered if c["ended_at"] and (c["detail"] or "").startswith("pause")
            ] == []
        completed = node.cli("campaigns", "receipt", "hang_up_all")
        assert completed["completed_at"] is not None
        for drain in _DRAINS:
            node.cli("campaigns", "terminate", drain, "--yes", "--drain", "hang_up_all")
