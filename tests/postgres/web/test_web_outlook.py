"""Forecast, estimate, changes during a pause and the preview of a campaign, over HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
from tests.postgres.material import ask, do

from caesura.rules.campaign import CampaignSettings
from caesura.store.database import Database

MakeCampaign = Callable[..., Awaitable[dict[str, Any]]]
MakeList = Callable[..., Awaitable[None]]


async def open_call(
    database: Database, campaign: int, n: int, *, rings_s: float | None, talks: bool = False
) -> None:
    """A call on the wire, of the campaign's `n`-th lead."""
    now = datetime.now(UTC)
    ringing = None if rings_s is None else now - timedelta(seconds=rings_s)
    async with database.transaction() as conn:
        await conn.execute(
            "INSERT INTO attempt (id, campaign_id, lead_id, cell_id, epoch, state, phone, "
            "calling_number, launched_at, ringing_at, answered_at) SELECT %s, %s, l.id, %s, 2, "
            "'in_progress', '+13125550000', '+14155550100', %s, %s, %s FROM lead l "
            "WHERE l.campaign_id = %s ORDER BY l.id OFFSET %s LIMIT 1",
            (uuid4(), campaign, uuid4(), now, ringing, now if talks else None, campaign, n),
        )


async def test_the_forecast_says_what_each_drain_would_do_and_changes_nothing(
    http: httpx.AsyncClient, database: Database, make_campaign: MakeCampaign
) -> None:
    campaign = (await make_campaign(leads=4))["id"]
    await http.post("/campaigns/Spring/start")
    await open_call(database, campaign, 0, rings_s=None)
    await open_call(database, campaign, 1, rings_s=2)
    await open_call(database, campaign, 2, rings_s=60)
    await open_call(database, campaign, 3, rings_s=9, talks=True)
    found = (await http.get("/campaigns/Spring/forecast")).json()
    assert (found["dialling"], found["ringing"], found["talking"]) == (1, 2, 1)
    assert (found["drain"], found["ask"]) == ("finish_lawfully", True)
    drains = {each["drain"]: each for each in found["drains"]}
    assert drains["finish_lawfully"]["cancelled_now"] == 1
    assert drains["cancel_now"]["cancelled_below_minimum"] == 1
    assert drains["hang_up_all"]["conversations_cut"] == 1
    assert (await http.get("/campaigns/Spring")).json()["status"] == "running"


async def test_the_forecast_asks_as_the_policy_says(
    http: httpx.AsyncClient, database: Database, make_campaign: MakeCampaign
) -> None:
    campaign = (await make_campaign())["id"]
    policy = {"confirm_pause": "in_flight"}
    await http.put("/system-settings", json=policy, headers={"If-Match": "*"})
    assert (await http.get("/campaigns/Spring/forecast")).json()["ask"] is False
    await open_call(database, campaign, 0, rings_s=2)
    assert (await http.get("/campaigns/Spring/forecast")).json()["ask"] is True


async def _finish(database: Database, campaign: int, leads: int) -> None:
    """Bring so many leads to their end, each by a call that ended just now."""
    async with database.transaction() as conn:
        await conn.execute(
            "WITH done AS (UPDATE lead SET state = 'done' WHERE id IN (SELECT id FROM lead "
            "WHERE campaign_id = %s AND state = 'due' ORDER BY id LIMIT %s) RETURNING id) "
            "INSERT INTO attempt (id, campaign_id, lead_id, cell_id, epoch, state, phone, "
            "calling_number, launched_at, ended_at, outcome) SELECT gen_random_uuid(), %s, id, "
            "gen_random_uuid(), 2, 'ended', '+13125550000', '+14155550100', now(), now(), 'busy' "
            "FROM done",
            (campaign, leads, campaign),
        )


async def test_the_estimate_goes_by_the_last_minutes(
    http: httpx.AsyncClient, database: Database, make_campaign: MakeCampaign
) -> None:
    campaign = (await make_campaign(leads=30))["id"]
    await http.patch("/campaigns/Spring/settings", json={"hours": {"always": True}})
    await http.post("/campaigns/Spring/start")
    await _finish(database, campaign, 10)
    early = (await http.get("/campaigns/Spring/estimate")).json()
    assert (early["leads_left"], early["finish_at"]) == (20, None)
    async with database.transaction() as conn:
        await conn.execute("UPDATE transition SET at = now() - interval '5 minutes'")
    told = (await http.get("/campaigns/Spring/estimate")).json()
    assert (round(told["finished_per_minute"]), told["measured_s"]) == (2, 300)
    finish = datetime.fromisoformat(told["finish_at"]) - datetime.now(UTC)
    assert timedelta(minutes=9, seconds=45) < finish < timedelta(minutes=10, seconds=15)
    await http.post("/campaigns/Spring/pause")
    assert (await http.get("/campaigns/Spring/estimate")).json()["finish_at"] is None


async def test_what_changed_during_the_pause_is_told_with_who_did_it(
    http: httpx.AsyncClient, make_campaign: MakeCampaign, make_list: MakeList
) -> None:
    await make_campaign(leads=3)
    await http.post("/campaigns/Spring/start")
    await http.patch("/campaigns/Spring/settings", json={"priority": 4})
    none = (await http.get("/campaigns/Spring/pause-changes")).json()
    assert (none["from"], none["settings"]) == (None, [])
    await http.post("/campaigns/Spring/pause")
    quiet = (await http.get("/campaigns/Spring/pause-changes")).json()
    assert (quiet["paused_by"], quiet["to"], quiet["settings"]) == ("test key", None, [])
    await http.patch("/campaigns/Spring/settings", json={"priority": 7, "ring_timeout_s": 25})
    await make_list("more", [["+13125559999"]])
    await http.post("/campaigns/Spring/lists", json={"lists": ["more"]})
    numbers = ["+13125550000", "+13125550001", "+442071838750"]
    added = await http.post("/do-not-call", json={"phones": numbers})
    assert added.is_success, added.text
    found = (await http.get("/campaigns/Spring/pause-changes")).json()
    first, second = found["settings"]
    assert first["changes"] == [
        {"field": "priority", "before": 4, "after": 7},
        {"field": "ring_timeout_s", "before": 30, "after": 25},
    ]
    assert (first["changed_by"], first["lists_changed"]) == ("test key", False)
    assert (second["changes"], second["lists_changed"]) == ([], True)
    (blocked,) = found["do_not_call"]
    assert (blocked["numbers"], blocked["leads"], blocked["added_by"]) == (3, 2, "test key")
    await http.post("/campaigns/Spring/resume")
    await http.patch("/campaigns/Spring/settings", json={"priority": 1})
    after = (await http.get("/campaigns/Spring/pause-changes")).json()
    assert after["to"] is not None
    assert after["settings"] == found["settings"]


async def test_the_callbacks_that_fell_into_a_pause_are_listed(
    http: httpx.AsyncClient, make_campaign: MakeCampaign, database: Database
) -> None:
    await make_campaign(leads=3)
    await http.post("/campaigns/Spring/start")
    await http.post("/campaigns/Spring/pause")
    now = datetime.now(UTC)
    promised = {1: now - timedelta(hours=2), 2: now + timedelta(hours=2), 3: now}
    leads = await ask(database, "SELECT id FROM lead ORDER BY id")
    for lead, at in zip(leads, promised.values(), strict=True):
        await do(
            database,
            "UPDATE lead SET state = 'waiting', put_off = true, due_at = %s, callback_at = %s "
            "WHERE id = %s",
            *(at, at, lead["id"]),
        )
    missed = (await http.get("/campaigns/Spring/pause-changes")).json()["missed_callbacks"]
    assert missed["number"] == 1  # before the pause is no pause's fault, and what comes can be kept
    (only,) = missed["first"]
    assert datetime.fromisoformat(only["promised_at"]) == now
    assert (only["name"], only["agent"]) == ("+13125550002", None)


async def test_the_preview_says_who_is_called_who_not_and_how_long_it_takes(
    http: httpx.AsyncClient, make_list: MakeList
) -> None:
    await make_list("one", [["+13125550000"], ["+13125550001", "+13125550002"], ["+13125550003"]])
    await make_list("two", [["+13125550000"], ["+13125550009"]])
    blocked = {"phones": ["+13125550001", "+13125550003"]}
    assert (await http.post("/do-not-call", json=blocked)).is_success
    plan = {
        "lists": ["one", "two"],
        "settings": {"pacing": {"concurrency": 10, "cps": 1}, "hours": {"always": True}},
    }
    found = (await http.post("/campaigns/preview", json=plan)).json()
    assert found["contacts"] == 5
    assert found["excluded"] == {"duplicate": 1, "do_not_call": 1}
    assert (found["due_now"], found["waiting_for_hours"], found["openings"]) == (3, 0, [])
    assert (found["call_s_is"], found["limited_by"]) == ("assumed", "concurrency")
    assert found["calls_per_minute"] == 20.0
    assert found["first_round_s"] == 9.0
    assert {each["field"] for each in found["missing"]} == {
        "settings.message",
        "settings.trunks",
        "settings.calling_numbers",
    }
    made = await http.post("/campaigns", json={"name": "Spring", **plan})
    leads = made.json()["leads"]
    assert (leads["due"], leads["excluded"], leads["total"]) == (3, 2, 5)


async def test_the_preview_tells_when_closed_hours_open(
    http: httpx.AsyncClient, make_list: MakeList
) -> None:
    await make_list("one", [["+13125550000"], ["+13125550001"]])
    today = datetime.now(UTC).strftime("%a").lower()
    others = [day for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun") if day != today]
    weekly = {day: [["00:00", "24:00"]] for day in others}
    hours = {"weekly": weekly, "zone": "UTC"}
    plan = {"lists": ["one"], "settings": {"hours": hours}}
    found = (await http.post("/campaigns/preview", json=plan)).json()
    assert (found["due_now"], found["waiting_for_hours"]) == (0, 2)
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    opens = (midnight + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert found["openings"] == [{"opens_at": opens, "zone": "America/Chicago", "leads": 2}]
    assert found["first_round_done_at"] > opens


async def test_the_preview_refuses_a_list_that_does_not_exist(http: httpx.AsyncClient) -> None:
    answer = await http.post("/campaigns/preview", json={"lists": ["nothing"]})
    assert answer.json()["errors"][0]["field"] == "lists[0]"
    empty = (await http.post("/campaigns/preview", json={})).json()
    assert (empty["contacts"], empty["first_round_s"], empty["first_round_done_at"]) == (
        0,
        None,
        None,
    )
    assert "lists" in {each["field"] for each in empty["missing"]}


async def test_the_preview_completes_the_settings_with_their_defaults(
    http: httpx.AsyncClient,
) -> None:
    found = (await http.post("/campaigns/preview", json={"settings": {"priority": 7}})).json()
    assert found["settings"] == CampaignSettings(priority=7).model_dump(mode="json")
