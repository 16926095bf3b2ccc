"""Pausing and resuming parts: what the command asks for, and what it says."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.cli.conftest import ApiServer, Caesura

RELEASE = "POST /campaigns/Spring/holds/release"
HOLD = {
    "id": 4,
    "scope": "region",
    "value": "US-TX",
    "drain": "finish_lawfully",
    "receipt_id": 1,
    "actor": "Dana",
    "reason": "storm",
    "since": "2026-11-23T19:02:07.000Z",
    "until": None,
    "confirmed_at": "2026-11-23T19:02:07.021Z",
    "released_at": None,
    "released_by": None,
}


@pytest.fixture
def of_part(receipt: dict[str, Any]) -> dict[str, Any]:
    return receipt | {"kind": "part", "parts": [{"scope": "region", "value": "US-TX"}]}


def test_the_options_of_one_command_are_paused_together(
    api: ApiServer, caesura: Caesura, view: dict[str, Any], of_part: dict[str, Any]
) -> None:
    running = view | {"status": "running", "holds": [HOLD]}
    api.answers("POST /campaigns/Spring/holds", {"campaign": running, "receipt": of_part})
    done = caesura(
        *("campaigns", "pause", "Spring", "--list", "may", "--list", "june", "--state", "Texas"),
        *("--zone", "America/Chicago", "--number", "+14155550100", "--trunk", "b"),
        *("--channel", "voice", "--reason", "storm", "--drain", "let_ring"),
    )
    assert done.exit_code == 0, done.output
    (asked,) = api.to("POST /campaigns/Spring/holds")
    assert asked.json == {
        "reason": "storm",
        "drain": "let_ring",
        "part": [
            {"scope": "list", "value": "may"},
            {"scope": "list", "value": "june"},
            {"scope": "region", "value": "Texas"},
            {"scope": "zone", "value": "America/Chicago"},
            {"scope": "calling_number", "value": "+14155550100"},
            {"scope": "trunk", "value": "b"},
            {"scope": "channel", "value": "voice"},
        ],
    }
    assert "(state US-TX) by Dana" in done.output
    assert "silence confirmed after 21 ms" in done.output


def test_it_waits_until_the_silence_of_the_part_is_confirmed(
    api: ApiServer, caesura: Caesura, view: dict[str, Any], of_part: dict[str, Any]
) -> None:
    waiting = of_part | {"confirmed_at": None, "confirmed_by": None}
    api.answers("POST /campaigns/Spring/holds", {"campaign": view, "receipt": waiting}, 202)
    api.answers("GET /campaigns/Spring/receipts/1", waiting)
    api.answers("GET /campaigns/Spring/receipts/1", of_part)
    done = caesura("campaigns", "pause", "Spring", "--state", "US-TX")
    assert done.exit_code == 0, done.output
    assert len(api.to("GET /campaigns/Spring/receipts/1")) == 2


def test_a_part_is_resumed_and_what_is_still_paused_is_said(
    api: ApiServer, caesura: Caesura, view: dict[str, Any]
) -> None:
    running = view | {"status": "running", "holds": [HOLD]}
    api.answers(RELEASE, {"campaign": running, "receipt": None})
    done = caesura("campaigns", "resume", "Spring", "--list", "may")
    assert api.to(RELEASE)[0].json == {"part": [{"scope": "list", "value": "may"}]}
    assert "Still paused: state US-TX." in done.output


def test_every_part_is_resumed_at_once(
    api: ApiServer, caesura: Caesura, view: dict[str, Any]
) -> None:
    api.answers(RELEASE, {"campaign": view | {"holds": []}, "receipt": None})
    done = caesura("campaigns", "resume", "Spring", "--all-parts")
    assert api.to(RELEASE)[0].json == {"all": True}
    assert "No part of it is paused." in done.output
    assert caesura("campaigns", "resume", "Spring", "--all-parts", "--list", "x").exit_code == 2


def test_the_paused_parts_are_listed(api: ApiServer, caesura: Caesura) -> None:
    api.answers("GET /campaigns/Spring/holds", [HOLD])
    done = caesura("campaigns", "holds", "Spring")
    assert "state US-TX" in done.output and "storm" in done.output
    api.answers("GET /campaigns/Autumn/holds", [])
    assert "No part of it is paused." in caesura("campaigns", "holds", "Autumn").output
