"""Wrong passwords and centres that are not there: the campaign pauses itself, and loses no lead."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from tests.whole import material
from tests.whole.message_centre import practice_centre
from tests.whole.node import Node, free_tcp_port

pytestmark = pytest.mark.timeout(240)
_LEADS = 20
_SOON = {"pause_rules": {"providers_down": {"for_s": 5}}}


def test_providers_that_cannot_be_used_pause_the_campaign_and_use_up_no_lead(
    node: Node, tmp_path: Path
) -> None:
    right, wrong, log = tmp_path / "right", tmp_path / "wrong", tmp_path / "centre.jsonl"
    right.write_text("s3cret\n")
    wrong.write_text("guess\n")
    login = ("--username=caesura", f"--password-file={right}")
    template = tmp_path / "text.txt"
    template.write_text("Hello {{ name }}.")
    phones = material.numbers(_LEADS)
    customers = material.customer_list(tmp_path / "list.csv", phones)
    soon = material.settings(tmp_path / "soon.json", dict(_SOON))
    node.cli("lists", "import", str(customers), "--name", "people", "--region", "US")
    with practice_centre(log, *login, "--receipt-s=0.1-0.2") as centre:
        for name, port in (("locked", centre.port), ("nobody", free_tcp_port())):
            node.cli(
                *("providers", "add", name, "--kind", "smpp", "--host", "127.0.0.1"),
                *("--port", str(port), "--username", "caesura", "--password-file", str(wrong)),
            )
            node.cli(
                *("campaigns", "create", name, "--list", "people", "--channel", "sms"),
                *("--template-file", str(template), "--sender", "+14155550100"),
                *("--provider", name, "--hours", "always", "--settings", str(soon)),
            )
            node.cli("campaigns", "start", name)
        for name, says in (("locked", "password"), ("nobody", "Nothing listens")):
            node.wait_for(name, lambda c: c["status"] == "paused", 30)
            receipt = node.cli("campaigns", "receipt", name)
            assert receipt["actor"] == "rule: providers down"
            assert f"({name}: " in receipt["reason"] and says in receipt["reason"]
            assert receipt["reason"].endswith("resume when that is put right")
            assert node.campaign(name)["leads"]["due"] == _LEADS
            assert node.calls(name) == []
        assert centre.submissions() == []

        refused_over_http(node, tmp_path, login, soon, wrong)

        node.cli("providers", "set", "locked", "--password-file", str(right))
        node.cli("campaigns", "resume", "locked")
        node.wait_for("locked", lambda c: c["status"] == "completed", 30)
        assert centre.sent_to() == Counter(phones)


def refused_over_http(
    node: Node, directory: Path, login: tuple[str, ...], soon: Path, wrong: Path
) -> None:
    """An HTTP API can be reached, and refuses each message's login: that uses up no lead either."""
    with practice_centre(directory / "http.jsonl", *login, kind="http") as centre:
        node.cli(
            *("providers", "add", "web", "--kind", "http", "--host", "127.0.0.1"),
            *("--port", str(centre.port), "--username", "caesura", "--password-file", str(wrong)),
        )
        node.cli(
            *("campaigns", "create", "web", "--list", "people", "--channel", "sms"),
            *("--template-file", str(directory / "text.txt"), "--sender", "+14155550100"),
            *("--provider", "web", "--hours", "always", "--settings", str(soon)),
        )
        node.cli("campaigns", "start", "web")
        paused = node.wait_for("web", lambda c: c["status"] == "paused", 30)
        assert node.cli("campaigns", "receipt", "web")["actor"] in (
            "rule: messages refused",
            "rule: providers down",
        )
        assert paused["leads"]["due"] + paused["leads"]["waiting"] == _LEADS
        tried = node.calls("web")
        assert 0 < len(tried) <= _LEADS
        assert {call["counted"] for call in tried} == {False}
