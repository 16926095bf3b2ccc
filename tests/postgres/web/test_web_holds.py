"""Pausing and resuming parts of a campaign over HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from caesura.store import lease
from caesura.store.database import Database

MakeCampaign = Callable[..., Awaitable[dict[str, Any]]]
LIST = {"scope": "list", "value": "list of Spring"}
TEXAS = {"scope": "region", "value": "Texas"}


@pytest.fixture
async def spring(http: httpx.AsyncClient, make_campaign: MakeCampaign) -> dict[str, Any]:
    await make_campaign()
    return dict((await http.post("/campaigns/Spring/start")).json()["campaign"])


async def test_parts_are_paused_together_shown_and_resumed_one_by_one(
    http: httpx.AsyncClient, spring: dict[str, Any]
) -> None:
    answer = await http.post("/campaigns/Spring/holds", json={"part": [LIST, TEXAS], "reason": "x"})
    assert answer.status_code == 200, answer.text
    receipt, view = answer.json()["receipt"], answer.json()["campaign"]
    assert (receipt["kind"], receipt["reason"], receipt["actor"]) == ("part", "x", "test key")
    assert receipt["parts"] == [LIST, {"scope": "region", "value": "US-TX"}]
    assert receipt["confirmed_at"] is not None
    assert (view["status"], view["epoch"]) == ("running", spring["epoch"] + 1)
    assert view["last_receipt"] is None, "that is the whole campaign's"
    assert [(h["scope"], h["value"], h["receipt_id"]) for h in view["holds"]] == [
        ("list", "list of Spring", receipt["id"]),
        ("region", "US-TX", receipt["id"]),
    ]
    first = view["holds"][0]["id"]
    answer = await http.post("/campaigns/Spring/holds/release", json={"holds": [first]})
    assert [h["value"] for h in answer.json()["campaign"]["holds"]] == ["US-TX"]
    answer = await http.post("/campaigns/Spring/holds/release", json={"part": [TEXAS]})
    assert answer.json()["campaign"]["holds"] == []
    assert (await http.get("/campaigns/Spring/holds")).json() == []
    over = (await http.get("/campaigns/Spring/holds?released=true")).json()
    assert {h["released_by"] for h in over} == {"test key"}
    history = (await http.get("/campaigns/Spring/history")).json()["items"]
    assert (history[0]["from_state"], history[0]["to_state"]) == ("running", "running")
    assert history[0]["receipt_id"] == receipt["id"]


async def test_without_confirmation_it_answers_202_and_is_not_resumed_yet(
    http: httpx.AsyncClient, database: Database, spring: dict[str, Any]
) -> None:
    async with database.transaction() as conn:
        cell = uuid4()
        await lease.register(conn, cell, "elsewhere")
        await lease.acquire(conn, cell)
    answer = await http.post("/campaigns/Spring/holds?wait_s=0", json={"part": [LIST]})
    assert answer.status_code == 202
    assert answer.json()["receipt"]["confirmed_at"] is None
    refused = await http.post("/campaigns/Spring/holds/release", json={"all": True})
    assert refused.status_code == 409 and "not confirmed yet" in refused.json()["detail"]
    answer = await http.post("/campaigns/Spring/holds", json={"part": [LIST]})
    assert answer.status_code == 200
    assert answer.json()["receipt"]["confirmed_by"] == "expiry"


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"part": [{"scope": "list", "value": "nowhere"}]}, 422, "has no list 'nowhere'"),
        ({"part": [{"scope": "trunk", "value": "b"}]}, 422, "has no trunk 'b'"),
        ({"part": [{"scope": "calling_number", "value": "+1"}]}, 422, "has no calling number"),
        ({"part": [{"scope": "city", "value": "x"}]}, 422, "scope"),
        ({"part": []}, 422, "part"),
        ({"part": [LIST], "until": "2020-01-01T00:00:00Z"}, 422, "passed already"),
        ({"part": [LIST], "epoch": 1}, 409, "changed meanwhile"),
    ],
)
async def test_what_cannot_be_paused_is_a_problem_that_says_why(
    http: httpx.AsyncClient, spring: dict[str, Any], body: Any, status: int, says: str
) -> None:
    answer = await http.post("/campaigns/Spring/holds", json=body)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert says in answer.json()["detail"]
    assert (await http.get("/campaigns/Spring/holds")).json() == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"holds": [99]}, 404),
        ({"part": [LIST]}, 404),
        ({}, 422),
        ({"all": True, "holds": [1]}, 422),
    ],
)
async def test_what_is_not_paused_is_not_resumed(
    http: httpx.AsyncClient, spring: dict[str, Any], body: Any, status: int
) -> None:
    answer = await http.post("/campaigns/Spring/holds/release", json=body)
    assert answer.status_code == status


async def test_the_parts_there_are_with_what_a_pause_of_each_would_cover(
    http: httpx.AsyncClient, spring: dict[str, Any]
) -> None:
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    await http.post("/campaigns/Spring/holds", json={"part": [LIST], "until": until})
    found = (await http.get("/campaigns/Spring/parts")).json()
    assert [(p["scope"], p["value"], p["paused"], p["leads"]) for p in found] == [
        ("list", "list of Spring", True, 3),
        ("region", "US-IL", False, 3),
        ("zone", "America/Chicago", False, 3),
        ("calling_number", "+14155550100", False, None),
        ("trunk", "carrier", False, None),
        ("channel", "voice", False, None),
    ]


async def test_a_campaign_that_can_call_nobody_for_it_says_so(
    http: httpx.AsyncClient, database: Database, spring: dict[str, Any]
) -> None:
    async with database.transaction() as conn:
        await lease.register(conn, uuid4(), "here")
    await http.post(
        "/campaigns/Spring/holds", json={"part": [{"scope": "trunk", "value": "carrier"}]}
    )
    why = (await http.get("/campaigns/Spring")).json()["why"]
    assert why == "Every trunk is paused (carrier): 3 leads due, 0 waiting for a retry."
