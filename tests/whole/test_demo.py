"""`caesura demo`: it calls and writes to people who do not exist, and goes on where it stopped."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.processes import wait_until
from tests.whole.node import running_node

pytestmark = pytest.mark.timeout(240)


def test_the_demo_calls_and_sends_and_a_second_start_goes_on(
    tmp_path: Path, database_url: str
) -> None:
    with running_node(tmp_path / "demo", database_url, "demo") as demo:
        assert "spring-renewal" in demo.output() and "renewal-texts" in demo.output()
        # It is made a moment after the demo has said where it runs.
        wait_until(lambda: demo.has_campaign("renewal-texts"), 40, demo.output)
        texts = demo.wait_for("renewal-texts", lambda c: c["delivered"] > 5, 40)
        assert (texts["channel"], texts["leads"]["total"]) == ("sms", 3000)
        calls = demo.wait_for("spring-renewal", lambda c: c["answered"] > 0, 40)
        demo.wait_for("welcome-calls", lambda c: c["answered"] > 0, 90)
        agents = demo.cli("agents", "list")
        assert sum(each["desk"] is not None for each in agents) == 3
        assert calls["channel"] == "voice"
        demo.cli("campaigns", "pause", "renewal-texts")
        sent = demo.campaign("renewal-texts")["sent"]
        demo.stop()
        demo.start()
        assert demo.campaign("spring-renewal")["status"] == "running"
        paused = demo.campaign("renewal-texts")
        assert (paused["status"], paused["sent"]) == ("paused", sent)
        demo.cli("campaigns", "resume", "renewal-texts")
        demo.wait_for("renewal-texts", lambda c: c["sent"] > sent, 40)
