"""`campaigns rules`, and the receipt of a rule, against a real HTTP server."""

from __future__ import annotations

from typing import Any

from caesura.cli import words

from .conftest import ApiServer, Caesura


def test_rules_are_shown_with_their_figures_and_what_is_left(
    api: ApiServer, caesura: Caesura
) -> None:
    budget = {"rule": "budget", "holds": True, "left": "0"}
    failing = {"rule": "carrier_failures", "holds": False, "left": None}
    told: dict[str, Any] = {
        "at": "2026-11-25T14:00:00Z",
        "running": True,
        "off": ["no_agents"],
        "in_flight_most": 10,
        "standings": [
            budget | {"evidence": {"sentence": "1,000 of 1,000 attempts made", "unit": "attempts"}},
            failing | {"evidence": {"sentence": "7 of 7 failed", "calls": 7, "calls_min": 50}},
        ],
    }
    api.answers("GET /campaigns/Spring/pause-rules", told)
    done = caesura("campaigns", "rules", "Spring")
    assert done.exit_code == 0, done.stderr
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "budget HOLDS 1,000 of 1,000 attempts made 0" in lines
    assert "carrier failures waits for 50 calls 7 of 7 failed –" in lines
    assert "abandonment on – –" in lines
    assert "no agents off – –" in lines
    assert not any(line.startswith("providers down") for line in lines)  # it calls


def test_a_message_campaign_is_shown_the_rules_of_messages(
    api: ApiServer, caesura: Caesura
) -> None:
    told = {"channel": "sms", "running": True, "off": ["no_agents", "budget"], "standings": []}
    api.answers("GET /campaigns/Spring/pause-rules", told)
    done = caesura("campaigns", "rules", "Spring")
    assert done.exit_code == 0, done.stderr
    rules = [line.split("  ")[0].strip() for line in done.stdout.splitlines()]
    assert {"providers down", "carrier failures", "budget"} <= set(rules)
    assert "abandonment" not in rules and "no agents" not in rules


def test_the_evidence_of_a_receipt_is_shown_figure_by_figure() -> None:
    evidence = {
        "rule": "carrier_failures",
        "hits": 62,
        "calls": 100,
        "share": 0.62,
        "bound": 0.465849,
        "allowed": 0.3,
        "trunk": "west",
    }
    assert words.evidence({"evidence": evidence}) == [
        ("seen", "62 of 100 calls, 62.0%, with 99.9% confidence at least 46.6%"),
        ("allowed", "30.0%"),
        ("trunk", "west"),
    ]
    assert words.evidence({"evidence": None}) == []
