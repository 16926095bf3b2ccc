"""Simulations by HTTP: a small one is computed, a bad one refused, a campaign teaches one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from tests.postgres.desks import make_agent

from caesura.store.database import Database

SMALL = {"groups": [{"agents": 4}], "hours": 0.2, "leads": 5}

MakeCampaign = Callable[..., Awaitable[dict[str, Any]]]


async def test_a_shift_is_computed_and_its_figures_are_kept(http: httpx.AsyncClient) -> None:
    begun = await http.post(
        "/simulations", json={"shift": SMALL, "pacings": ["progressive", "fixed:6"]}
    )
    assert begun.status_code == 202, begun.text
    path = begun.headers["Location"].removeprefix("/api/v1")
    assert begun.json()["state"] == "running"
    second = await http.post("/simulations", json={"shift": SMALL})
    assert second.status_code == 409
    assert second.json()["simulation"] == begun.json()["id"]
    view = begun.json()
    while view["state"] == "running":
        await asyncio.sleep(0.05)
        view = (await http.get(path)).json()
    assert (view["state"], view["done"], view["started_by"]) == ("done", 1, "test key")
    progressive, fixed = view["results"]
    assert (progressive["pacing"], fixed["pacing"]) == ("progressive", "fixed:6")
    assert 0 < progressive["talk_occupancy"] < progressive["occupancy"] < 1
    assert progressive["answers"]["abandoned"] == 0
    assert sum(each["calls"] for each in progressive["slices"]) == progressive["calls"] > 0
    assert (await http.delete(path)).status_code == 204
    assert (await http.get(path)).status_code == 404


async def test_a_bad_field_is_named(http: httpx.AsyncClient) -> None:
    answer = await http.post("/simulations", json={"shift": {"groups": [{"agents": 0}]}})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["field"] == "shift.groups.0.agents"
    large = {"groups": [{"agents": 2000}], "hours": 24}
    answer = await http.post("/simulations", json={"shift": large})
    assert answer.json()["errors"][0]["field"] == "shift.hours"


async def test_a_campaign_teaches_a_shift_once_it_has_called(
    http: httpx.AsyncClient, database: Database, make_campaign: MakeCampaign
) -> None:
    campaign = await make_campaign(leads=200)
    too_soon = await http.get("/campaigns/Spring/shift")
    assert too_soon.status_code == 409
    assert too_soon.json()["type"] == "/problems/too-little-history"
    await make_agent(database, "Ann")
    async with database.transaction() as conn:
        await conn.execute(
            """
            INSERT INTO attempt (id, campaign_id, lead_id, cell_id, epoch, state, phone,
                calling_number, launched_at, answered_at, ended_at, outcome)
            SELECT gen_random_uuid(), campaign_id, id, gen_random_uuid(), 1, 'ended',
                   '+13125550000', '+14155550100', at, at + interval '8 s',
                   at + interval '38 s', 'answered'
            FROM lead, (SELECT timestamptz '2026-03-02 15:00Z' AS at) AS shift
            WHERE campaign_id = %(id)s AND contact_id %% 2 = 0
            UNION ALL
            SELECT gen_random_uuid(), campaign_id, id, gen_random_uuid(), 1, 'ended',
                   '+13125550000', '+14155550100', at, NULL, at + interval '30 s', 'no_answer'
            FROM lead, (SELECT timestamptz '2026-03-02 15:00Z' AS at) AS shift
            WHERE campaign_id = %(id)s AND contact_id %% 2 = 1
            """,
            {"id": campaign["id"]},
        )
        await conn.execute(
            """
            INSERT INTO presence (agent_id, presence, campaign_id, since, until)
            SELECT agent.id, kind, %(id)s, at, at + interval '7 s'
            FROM agent, unnest(ARRAY['wrap_up', 'on_call']) AS kind,
                 generate_series(timestamptz '2026-03-02 15:00Z', '2026-03-02 15:11Z',
                                 '1 min') AS at
            """,
            {"id": campaign["id"]},
        )
    learnt = (await http.get("/campaigns/Spring/shift", params={"zone": "America/Chicago"})).json()
    assert (learnt["calls"], learnt["zone"]) == (200, "America/Chicago")
    shift = learnt["shift"]
    assert shift["name"] == "like Spring"
    assert shift["leads"] == 200
    assert shift["answer_rate"] == [{"at": 0, "rate": 0.5}]
    assert set(shift["ring_s"]["samples"]) == {8.0}
    assert set(shift["talk_s"]["samples"]) == {30.0}
    assert shift["wrap_s"]["samples"] == [7.0] * 12
    begun = await http.post("/simulations", json={"shift": shift | SMALL})
    assert begun.status_code == 202, begun.text
    assert (await http.delete(f"/simulations/{begun.json()['id']}")).status_code == 204
