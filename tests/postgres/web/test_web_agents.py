"""Agents as a manager sees them: who there is, their skills, and whom they work for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from tests.postgres.desks import assign, make_agent, open_shift, shows
from tests.postgres.material import ask, do, make_cell
from tests.postgres.web.people import signed_in

from caesura.rules.floor.desk import Presence
from caesura.store import user
from caesura.store.database import Database, connect

Campaign = Callable[..., Awaitable[dict[str, Any]]]


async def test_a_new_agent_signs_in_with_a_one_time_password_and_may_use_the_desk_only(
    http: httpx.AsyncClient, database: Database
) -> None:
    added = await http.post("/agents", json={"name": " Ann ", "skills": ["French", " french  b"]})
    assert added.status_code == 201
    view = added.json()
    given = view.pop("password")
    assert view == {
        "id": view["id"],
        "name": "Ann",
        "skills": ["French", "french b"],
        "disabled": False,
        "retired": False,
        "phone": None,
        "assignments": [],
        "desk": None,
    }
    async with signed_in(database, "Ann", own_password=False) as ann:
        await ann.delete("/session")
        session = await ann.post("/session", json={"name": "Ann", "password": given})
        assert session.json()["must_change_password"] is True
        assert (session.json()["role"], session.json()["agent"]) == ("agent", True)
        ann.headers["X-CSRF-Token"] = session.json()["csrf_token"]
        early = await ann.get("/desk")
        assert early.json()["type"] == "/problems/must-change-password"
        new = {"old": given, "new": "a password of her own"}
        assert (await ann.post("/session/password", json=new)).status_code == 200
        assert (await ann.get("/desk")).status_code == 200
        assert (await ann.get("/health")).status_code == 200


async def test_every_door_but_the_desk_and_their_session_is_shut_for_an_agent(
    database: Database, anonymous: httpx.AsyncClient
) -> None:
    document = (await anonymous.get("http://test/openapi.json")).json()
    await make_agent(database, "Ann")
    async with signed_in(database, "Ann") as ann:
        for path, methods in document["paths"].items():
            short = path.removeprefix("/api/v1")
            if short.startswith(("/desk", "/session", "/health")) or short.endswith("/callback"):
                continue
            asked = short.replace("{", "").replace("}", "")
            for method in methods:
                refused = await ann.request(method, asked, json={})
                assert refused.status_code == 403, (method, path)
                assert refused.json()["type"] == "/problems/agents-only-desk"
        metrics = await ann.get("http://test/metrics")
        assert metrics.status_code == 403


async def test_somebody_who_manages_can_be_an_agent_as_well(
    http: httpx.AsyncClient, database: Database
) -> None:
    async with database.transaction() as conn:
        await user.create(conn, "Dana", "test")
    assert (await http.post("/agents", json={"user": "Nobody"})).status_code == 404
    added = await http.post("/agents", json={"user": "dana"})
    assert (added.status_code, added.json()["password"]) == (201, None)
    assert added.json()["name"] == "Dana"
    again = await http.post("/agents", json={"user": "Dana"})
    assert (again.status_code, "already" in again.json()["detail"]) == (409, True)
    async with signed_in(database, "Dana") as dana:
        session = (await dana.get("/session")).json()
        assert (session["role"], session["agent"]) == ("manager", True)
        assert (await dana.get("/desk")).status_code == 200
        assert (await dana.get("/campaigns")).status_code == 200
    shown = (await http.get("/users")).json()["items"]
    assert [(each["name"], each["role"]) for each in shown] == [("Dana", "manager")]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "Ann", "user": "Ann"},
        {"name": "Ann", "skills": ["  "]},
        {"name": "Ann", "skills": [""]},
        {"name": "Ann", "role": "manager"},
    ],
)
async def test_a_bad_agent_is_refused(http: httpx.AsyncClient, body: dict[str, Any]) -> None:
    assert (await http.post("/agents", json=body)).status_code == 422
    assert (await http.get("/users")).json()["items"] == []


async def test_the_last_manager_is_kept_however_many_agents_there_are(
    http: httpx.AsyncClient, database: Database
) -> None:
    async with database.transaction() as conn:
        await user.create(conn, "Dana", "test")
    await make_agent(database, "Ann")
    last = await http.patch("/users/Dana", json={"disabled": True})
    assert (last.status_code, "last user" in last.json()["detail"]) == (409, True)
    assert (await http.patch("/users/Ann", json={"disabled": True})).status_code == 200
    (agent,) = (await http.get("/agents")).json()["items"]
    assert agent["disabled"] is True


async def test_skills_are_changed_and_cells_told(
    http: httpx.AsyncClient, database: Database, database_url: str
) -> None:
    ann = await make_agent(database, "Ann", "French")
    async with await connect(database_url) as listening:
        await listening.execute("LISTEN agent")
        changed = await http.patch("/agents/ann", json={"skills": ["Sales", "Sales"]})
        heard = [n.payload async for n in listening.notifies(stop_after=1, timeout=5)]
    assert (changed.status_code, changed.json()["skills"]) == (200, ["Sales"])
    assert heard == [str(ann)]
    assert (await http.patch("/agents/Nobody", json={"skills": []})).status_code == 404


async def test_who_retires_has_no_desk_any_more_until_they_are_back(
    http: httpx.AsyncClient, database: Database, make_campaign: Campaign
) -> None:
    await make_campaign()
    await make_agent(database, "Ann")
    await http.put("/campaigns/Spring/agents", json=[{"agent": "Ann"}])
    async with signed_in(database, "Ann") as ann:
        retired = await http.patch("/agents/Ann", json={"retired": True})
        assert (retired.json()["retired"], retired.json()["skills"]) == (True, [])
        assert (await ann.get("/desk")).json()["type"] == "/problems/not-an-agent"
        # Whom they worked for is not forgotten, and need not be.
        kept = await http.put("/campaigns/Spring/agents", json=[{"agent": "Ann", "priority": 3}])
        assert [(each["agent"], each["retired"]) for each in kept.json()] == [("Ann", True)]
        await http.put("/campaigns/Spring/agents", json=[])
        refused = await http.put("/campaigns/Spring/agents", json=[{"agent": "Ann"}])
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["field"] == "[0].agent"
        await http.patch("/agents/Ann", json={"retired": False})
        assert (await ann.get("/desk")).status_code == 200


async def test_the_agents_of_a_campaign_are_replaced_as_a_whole(
    http: httpx.AsyncClient, make_campaign: Campaign, database: Database, database_url: str
) -> None:
    await make_campaign()
    ids = [await make_agent(database, name) for name in ("Ann", "Ben", "Cleo")]
    put = await http.put(
        "/campaigns/Spring/agents",
        json=[{"agent": "ben", "priority": 9, "weight": 2.5}, {"agent": "Ann"}],
    )
    assert put.status_code == 200, put.text
    assert [
        (each["agent"], each["id"], each["priority"], each["weight"]) for each in put.json()
    ] == [("Ann", ids[0], 5, 1.0), ("Ben", ids[1], 9, 2.5)]
    assert put.json() == (await http.get("/campaigns/Spring/agents")).json()
    async with await connect(database_url) as listening:
        await listening.execute("LISTEN agent")
        wanted = [{"agent": "Ben", "priority": 9, "weight": 2.5}, {"agent": "Cleo"}]
        await http.put("/campaigns/Spring/agents", json=wanted)
        heard = [n.payload async for n in listening.notifies(stop_after=2, timeout=5)]
    assert heard == [str(ids[0]), str(ids[2])]  # of whom nothing changed, nothing is told
    agents = (await http.get("/agents")).json()["items"]
    of = {each["name"]: [a["campaign"]["name"] for a in each["assignments"]] for each in agents}
    assert of == {"Ann": [], "Ben": ["Spring"], "Cleo": ["Spring"]}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([{"agent": "Ann"}, {"agent": "Nobody"}], "[1].agent"),
        ([{"agent": "Ann"}, {"agent": "ANN"}], "[1].agent"),
        ([{"agent": "Ann", "priority": 10}], "0.priority"),
        ([{"agent": "Ann", "weight": 0}], "0.weight"),
        ([{"agent": "Ann", "mood": "good"}], "0.mood"),
    ],
)
async def test_who_cannot_be_assigned_is_named_and_nothing_is_changed(
    http: httpx.AsyncClient,
    make_campaign: Campaign,
    database: Database,
    body: list[dict[str, Any]],
    field: str,
) -> None:
    await make_campaign()
    await make_agent(database, "Ann")
    refused = await http.put("/campaigns/Spring/agents", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    assert (await http.get("/campaigns/Spring/agents")).json() == []


async def test_nobody_is_assigned_to_a_campaign_that_has_ended(
    http: httpx.AsyncClient, make_campaign: Campaign, database: Database
) -> None:
    await make_campaign()
    await make_agent(database, "Ann")
    await http.put("/campaigns/Spring/agents", json=[{"agent": "Ann"}])
    await http.post("/campaigns/Spring/terminate")
    refused = await http.put("/campaigns/Spring/agents", json=[])
    assert (refused.status_code, refused.json()["state"]) == (409, "terminated")
    (agent,) = (await http.get("/agents")).json()["items"]
    assert agent["assignments"] == []


async def test_who_works_for_a_campaign_is_its_configuration_and_in_its_digest(
    http: httpx.AsyncClient, make_campaign: Campaign, database: Database
) -> None:
    first = await make_campaign()
    await make_agent(database, "Ann")

    async def put(*assigned: dict[str, Any]) -> tuple[int, str]:
        await http.put("/campaigns/Spring/agents", json=list(assigned))
        view = (await http.get("/campaigns/Spring")).json()
        return view["settings_version"], view["settings_digest"]

    version, digest = await put({"agent": "Ann"})
    assert (version, digest != first["settings_digest"]) == (2, True)
    assert await put({"agent": "Ann"}) == (2, digest)  # the same again is no change
    version, other = await put({"agent": "Ann", "priority": 7})
    assert (version, other != digest) == (3, True)
    # Without any, the digest is what it was before there were agents.
    assert await put() == (4, first["settings_digest"])


async def test_a_manager_sees_what_agents_do_and_whose_skills_are_missing(
    http: httpx.AsyncClient, make_campaign: Campaign, database: Database
) -> None:
    campaign = await make_campaign()
    patched = await http.patch(
        "/campaigns/Spring/settings",
        json={"agents": {"skills": ["French", "Sales"]}},
        headers={"If-Match": '"1"', "Content-Type": "application/merge-patch+json"},
    )
    assert patched.status_code == 200, patched.text
    ann, ben = await make_agent(database, "Ann", "Sales"), await make_agent(database, "Ben")
    await assign(database, campaign["id"], "Ann", "Ben")
    cell = await make_cell(database, leases=False)
    await open_shift(database, ann)
    more = {"reason": "lunch", "allotted_to": campaign["id"], "allotted_why": "assigned"}
    await shows(database, cell, ann, Presence.BREAK, device=True, **more)
    agents = (await http.get("/campaigns/Spring/agents")).json()
    assert [(each["id"], each["lacks"]) for each in agents] == [
        (ann, ["French"]),
        (ben, ["French", "Sales"]),
    ]
    assert agents[0]["desk"] == {
        "presence": "break",
        "reason": "lunch",
        "since": "2026-11-25T18:00:00Z",
        "device": True,
        "phone": None,
        "campaign": {"id": campaign["id"], "name": "Spring"},
    }
    assert agents[1]["desk"] is None
    listed = (await http.get("/agents")).json()["items"]
    assert listed[0]["desk"] == agents[0]["desk"]


async def test_a_pause_names_where_the_agents_work_meanwhile(
    http: httpx.AsyncClient, make_campaign: Campaign
) -> None:
    for name in ("Spring", "Autumn", "Plays"):
        await make_campaign(name)
        if name != "Plays":
            await http.patch(
                f"/campaigns/{name}/settings", json={"pacing": {"kind": "progressive"}}
            )
        assert (await http.post(f"/campaigns/{name}/start")).status_code == 200
    assert (await http.get("/campaigns/Spring")).json()["needs_agents"] is True
    assert (await http.get("/campaigns/Plays")).json()["needs_agents"] is False
    for wrong, why in {
        "Nowhere": "Nowhere",
        "Spring": "that is paused",
        "Plays": "no calls for agents",
    }.items():
        refused = await http.post("/campaigns/Spring/pause", json={"destination": wrong})
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["field"] == "destination"
        assert why in refused.json()["errors"][0]["message"]
    assert (await http.get("/campaigns/Spring")).json()["status"] == "running"

    paused = await http.post("/campaigns/Spring/pause", json={"destination": "Autumn"})
    there = (await http.get("/campaigns/Autumn")).json()
    expected = {"id": there["id"], "name": "Autumn"}
    assert paused.json()["campaign"]["destination"] == expected
    resumed = await http.post("/campaigns/Spring/resume")
    assert resumed.json()["campaign"]["destination"] is None


async def test_the_ledgers_are_told_by_both_formulas_with_what_is_left(
    http: httpx.AsyncClient, make_campaign: Campaign, database: Database
) -> None:
    made = await make_campaign()
    empty = (await http.get("/campaigns/Spring/abandonment")).json()
    assert (empty["target"], empty["day"]["us_rate"], empty["day"]["left"]) == (None, None, None)
    await http.patch("/campaigns/Spring/settings", json={"pacing": {"kind": "predictive"}})
    await do(
        database,
        "INSERT INTO outcome_minute (campaign_id, minute, outcome, shard, n) VALUES "
        "(%s, date_trunc('minute', now()), 'answered', 0, 96), "
        "(%s, date_trunc('minute', now()), 'abandoned', 0, 4), "
        "(%s, now() - interval '29 days', 'answered', 0, 900), "
        "(%s, now() - interval '30 days', 'abandoned', 0, 500)",
        *(made["id"],) * 4,
    )
    found = (await http.get("/campaigns/Spring/abandonment")).json()
    assert found["target"] == 0.03
    assert (found["day"]["answered"], found["day"]["abandoned"]) == (100, 4)
    assert (found["day"]["us_rate"], found["day"]["uk_rate"]) == (0.04, 1.0)  # nobody is connected
    assert found["day"]["left"] < 0
    assert (found["days"]["answered"], found["days"]["abandoned"]) == (1000, 4)
    assert found["days"]["us_rate"] == 0.004


async def test_who_is_disabled_is_sent_home(http: httpx.AsyncClient, database: Database) -> None:
    await make_cell(database, leases=False)
    await open_shift(database, await make_agent(database, "Ann"))
    await http.patch("/users/Ann", json={"disabled": True})
    asked = await ask(database, "SELECT asked FROM desk_order ORDER BY id")
    assert [row["asked"]["kind"] for row in asked] == ["open", "become"]
    assert asked[1]["asked"]["presence"] == "offline"
