"""A rule on the wire: the carrier fails, the campaign pauses itself, and somebody is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook as Reference
from tests.peers.practice import practice_carrier
from tests.whole.conftest import Prepare
from tests.whole.node import Node

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def hook() -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """The address of an HTTP server, and what it was sent."""
    got: list[tuple[dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["content-length"]))
            got.append(({name.lower(): value for name, value in self.headers.items()}, text))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/", got
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_carrier_that_fails_pauses_the_campaign_and_a_webhook_hears_of_it(
    node: Node,
    prepare: Prepare,
    tmp_path: Path,
    hook: tuple[str, list[tuple[dict[str, str], bytes]]],
) -> None:
    url, got = hook
    key = node.cli("notifications", "add-webhook", "ops", url)["secret"]
    with practice_carrier(tmp_path, "--answer", "0.1", "--failure", "0.8") as carrier:
        prepare("spring", carrier.address, leads=600, cps=60, concurrency=100)
        node.cli("campaigns", "start", "spring")
        node.wait_for("spring", lambda c: c["status"] == "paused", 20)
        receipt = node.cli("campaigns", "receipt", "spring")
        evidence = receipt["evidence"]
        assert receipt["actor"] == "rule: carrier failures"
        assert receipt["reason"] == evidence["sentence"]
        assert evidence["calls"] >= 50
        assert evidence["bound"] > evidence["allowed"] == 0.3
        confirmed = time.monotonic()
        invites = len(carrier.invites())
        while not got and time.monotonic() < confirmed + 10:
            time.sleep(0.05)
        ((headers, text),) = got
        document = Reference(key).verify(text, headers)
        assert document["type"] == "campaign.paused_by_rule"
        assert document["data"]["evidence"] == {
            name: value for name, value in evidence.items() if value is not None
        }
        shown = node.cli("notifications", "list")
        assert [each["state"] for each in shown] == ["delivered"]
        after = len(carrier.invites())
        assert after == invites < 600
        assert node.cli("receipts", "verify")["intact"] is True


def test_a_budget_of_attempts_is_met_exactly(node: Node, prepare: Prepare, tmp_path: Path) -> None:
    budget = {"pause_rules": {"budget": {"enabled": True, "attempts": 37}}}
    with practice_carrier(tmp_path, "--ring-s", "0.2-1", "--talk-s", "0.5-1") as carrier:
        prepare("autumn", carrier.address, leads=300, cps=60, concurrency=100, **budget)
        node.cli("campaigns", "start", "autumn")
        node.wait_for("autumn", lambda c: c["status"] == "paused", 20)
        receipt = node.cli("campaigns", "receipt", "autumn")
        assert receipt["reason"] == "37 of 37 attempts made"
        sent = {line["call_id"] for line in carrier.invites()}
        assert len(sent) == 37
        rules = node.cli("campaigns", "rules", "autumn")
        assert [each["left"] for each in rules["standings"]] == ["0"]
