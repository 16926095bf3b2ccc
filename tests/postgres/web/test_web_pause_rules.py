"""How the pause rules stand, over HTTP, and what a rule's receipt shows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx

from caesura.rules.pause_rule import Evidence, Rule
from caesura.store import lifecycle
from caesura.store.database import Database

MakeCampaign = Callable[..., Awaitable[dict[str, Any]]]


async def test_a_running_campaign_shows_each_rule_and_what_is_left_of_its_budget(
    http: httpx.AsyncClient, database: Database, make_campaign: MakeCampaign
) -> None:
    made = await make_campaign()
    change = {
        "price": {"per_minute": "0.6", "increment_s": 6, "currency": "USD"},
        "pause_rules": {"budget": {"enabled": True, "attempts": 1000, "cost": "99.50"}},
    }
    answer = await http.patch("/campaigns/Spring/settings", json=change)
    assert answer.status_code == 200, answer.text
    await http.post("/campaigns/Spring/start")
    async with database.transaction() as conn:
        await conn.execute(
            "INSERT INTO campaign_minute (campaign_id, minute, shard, cost) "
            "VALUES (%s, '2026-01-01 00:00Z', 0, 1.26)",
            [made["id"]],
        )
        await conn.execute(
            "INSERT INTO outcome_minute VALUES (%s, date_trunc('minute', now()) + "
            "interval '1 minute', 'failed', 0, 7)",
            [made["id"]],
        )
    view = (await http.get("/campaigns/Spring/pause-rules")).json()
    assert view["running"] is True
    assert view["off"] == ["answer_rate", "no_agents"]
    said = {
        (each["rule"], each["evidence"].get("unit")): (each["holds"], each["left"])
        for each in view["standings"]
    }
    assert said == {
        ("budget", "attempts"): (False, "1000"),
        ("budget", "USD"): (False, "98.24"),
        ("carrier_failures", None): (False, None),
    }
    failures = view["standings"][-1]["evidence"]
    assert (failures["hits"], failures["calls"], failures["calls_min"]) == (7, 7, 50)
    assert view["in_flight_most"] == 10


async def test_a_draft_is_asked_about_its_budget_only(
    http: httpx.AsyncClient, make_campaign: MakeCampaign
) -> None:
    await make_campaign()
    view = (await http.get("/campaigns/Spring/pause-rules")).json()
    assert (view["running"], view["standings"]) == (False, [])


async def test_a_rule_that_cannot_be_is_refused_by_name(
    http: httpx.AsyncClient, make_campaign: MakeCampaign
) -> None:
    await make_campaign()
    for change, field in (
        ({"carrier_failures": {"share_max": 2}}, "pause_rules.carrier_failures.share_max"),
        ({"budget": {"enabled": True}}, "pause_rules.budget"),
    ):
        answer = await http.patch("/campaigns/Spring/settings", json={"pause_rules": change})
        assert answer.status_code == 422
        assert [each["field"] for each in answer.json()["errors"]] == [field]


async def test_the_receipt_of_a_rule_shows_its_evidence(
    http: httpx.AsyncClient, database: Database, make_campaign: MakeCampaign
) -> None:
    made = await make_campaign()
    started = (await http.post("/campaigns/Spring/start")).json()["campaign"]
    evidence = Evidence(
        rule=Rule.CARRIER_FAILURES,
        sentence="62 of 100 calls in the last 5 minutes failed, allowed 30%",
        at=datetime.now(UTC),
        hits=62,
        calls=100,
    )
    await lifecycle.pause_by_rule(database, made["id"], epoch=started["epoch"], evidence=evidence)
    view = (await http.get("/campaigns/Spring")).json()
    assert view["status"] == "paused"
    receipt = view["last_receipt"]
    assert (receipt["actor"], receipt["reason"]) == ("rule: carrier failures", evidence.sentence)
    assert Evidence.model_validate(receipt["evidence"]) == evidence
    (change, _, _) = (await http.get("/campaigns/Spring/history")).json()["items"][:3]
    assert change["to_state"] == "paused"
    await http.post("/campaigns/Spring/resume")
    await http.post("/campaigns/Spring/pause")
    decided = (await http.get("/campaigns/Spring")).json()["last_receipt"]
    assert decided["evidence"] is None
