"""How a pause ends, over HTTP: by itself, on a condition, and by two persons."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from caesura.store import api_key
from caesura.store.database import Database

MakeCampaign = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
async def lee(http: httpx.AsyncClient, database: Database) -> dict[str, str]:
    """The headers of a second person."""
    async with database.transaction() as conn:
        key = await api_key.create(conn, "lee")
    return {"Authorization": f"Bearer {key}"}


async def change_system(http: httpx.AsyncClient, **settings: Any) -> None:
    now = await http.get("/system-settings")
    answer = await http.put(
        "/system-settings",
        json=now.json()["settings"] | settings,
        headers={"If-Match": now.headers["ETag"]},
    )
    assert answer.status_code == 200, answer.text


@pytest.fixture
async def stopped(http: httpx.AsyncClient, make_campaign: MakeCampaign) -> None:
    """Two campaigns under an emergency stop that two persons release."""
    await change_system(http, second_approver_for_emergency_stop=True)
    for name in ("Spring", "Autumn"):
        await make_campaign(name)
        await http.post(f"/campaigns/{name}/start")
    answer = await http.post("/campaigns/pause", json={"all": True, "reason": "fire"})
    assert answer.json()["confirmed"] is True


# ------------------------------------------------------------------------------ two persons


async def test_one_asks_another_approves_and_the_history_names_both(
    http: httpx.AsyncClient, stopped: None, lee: dict[str, str]
) -> None:
    view = (await http.get("/campaigns/Spring")).json()
    assert view["emergency"]["by"] == "test key"
    assert view["emergency"]["two_to_release"] is True
    assert view["last_receipt"]["emergency"] is True

    asked = await http.post("/campaigns/Spring/resume", json={"reason": "the fire is out"})
    assert asked.status_code == 202
    assert asked.json()["campaign"]["status"] == "paused"
    request = asked.json()["campaign"]["release_request"]
    assert (request["asked_by"], request["reason"]) == ("test key", "the fire is out")
    assert request["expires_at"] > request["asked_at"]

    own = await http.post("/campaigns/Spring/approve")
    assert (own.status_code, own.json()["type"]) == (409, "/problems/same-person")
    again = await http.post("/campaigns/Spring/resume", headers=lee)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/awaiting-approval")
    assert again.json()["asked_by"] == "test key"

    approved = await http.post("/campaigns/Spring/approve", headers=lee)
    assert approved.status_code == 200
    assert approved.json()["campaign"]["status"] == "running"
    assert approved.json()["campaign"]["release_request"] is None
    history = (await http.get("/campaigns/Spring/history")).json()["items"]
    assert history[0]["actor"] == "test key, approved by lee"
    records = (await http.get("/campaigns/Spring/release-requests")).json()["items"]
    assert [(each["decision"], each["decided_by"]) for each in records] == [("approved", "lee")]
    late = await http.post("/campaigns/Autumn/approve", headers=lee)
    assert (late.status_code, late.json()["type"]) == (409, "/problems/nothing-to-approve")


async def test_a_request_is_withdrawn(http: httpx.AsyncClient, stopped: None) -> None:
    await http.post("/campaigns/Spring/resume")
    answer = await http.post("/campaigns/Spring/withdraw")
    assert answer.json()["campaign"]["release_request"] is None
    assert answer.json()["campaign"]["status"] == "paused"
    assert (await http.post("/campaigns/Spring/withdraw")).status_code == 409


async def test_everything_is_asked_for_and_approved_at_once(
    http: httpx.AsyncClient, stopped: None, lee: dict[str, str]
) -> None:
    asked = await http.post("/campaigns/resume", json={"all": True})
    assert (asked.status_code, asked.json()["confirmed"]) == (202, False)
    own = await http.post("/campaigns/approve", json={"all": True})
    assert [each["error"]["type"] for each in own.json()["results"]] == [
        "/problems/same-person"
    ] * 2
    approved = await http.post("/campaigns/approve", json={"all": True}, headers=lee)
    assert approved.json()["confirmed"] is True
    assert {each["campaign"]["status"] for each in approved.json()["results"]} == {"running"}


async def test_switching_the_setting_off_is_recorded_and_frees_nothing(
    http: httpx.AsyncClient, stopped: None
) -> None:
    await change_system(http, second_approver_for_emergency_stop=False)
    versions = (await http.get("/system-settings/versions")).json()["items"]
    assert [each["changed_by"] for each in versions[:2]] == ["test key", "test key"]
    assert (await http.post("/campaigns/Spring/resume")).status_code == 202


# ---------------------------------------------------------------------------- by itself


async def test_a_pause_on_a_condition_says_what_it_waits_for(
    http: httpx.AsyncClient, make_campaign: MakeCampaign
) -> None:
    await make_campaign()
    await http.post("/campaigns/Spring/start")
    when = [{"kind": "trunk_reachable", "trunk": "carrier", "for_s": 90}]
    paused = await http.post("/campaigns/Spring/pause", json={"when": when})
    view = paused.json()["campaign"]
    assert view["resumption"]["when"] == when
    assert view["resumption"]["sentence"].startswith(
        "Resumes when trunk carrier is reachable for 90 s (it is not now)"
    )
    assert (view["resumption"]["at"], view["resume_at"]) == (None, None)
    assert paused.json()["receipt"]["resume_when"] == when


@pytest.mark.parametrize(
    ("when", "field"),
    [
        ({"kind": "trunk_reachable", "trunk": "nowhere"}, "when[0].trunk"),
        ({"kind": "trunk_reachable", "for_s": -1}, "when.0.trunk_reachable.for_s"),
        ({"kind": "full_moon"}, "when.0"),
    ],
)
async def test_a_condition_that_could_never_hold_is_refused_by_name(
    http: httpx.AsyncClient, make_campaign: MakeCampaign, when: dict[str, Any], field: str
) -> None:
    await make_campaign()
    await http.post("/campaigns/Spring/start")
    answer = await http.post("/campaigns/Spring/pause", json={"when": [when]})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert (await http.get("/campaigns/Spring")).json()["status"] == "running"


async def test_hours_that_never_close_have_no_opening_to_wait_for(
    http: httpx.AsyncClient, make_campaign: MakeCampaign
) -> None:
    await make_campaign()
    now = await http.get("/campaigns/Spring/settings")
    await http.put(
        "/campaigns/Spring/settings",
        json=now.json()["settings"] | {"hours": {"always": True}},
        headers={"If-Match": now.headers["ETag"]},
    )
    await http.post("/campaigns/Spring/start")
    answer = await http.post("/campaigns/Spring/pause", json={"when": [{"kind": "hours_open"}]})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "when[0].kind")


async def test_how_a_pause_ends_can_be_changed_and_taken_away(
    http: httpx.AsyncClient, make_campaign: MakeCampaign
) -> None:
    await make_campaign()
    refused = await http.put("/campaigns/Spring/resumption", json={})
    assert refused.json()["type"] == "/problems/illegal-transition"
    await http.post("/campaigns/Spring/start")
    later = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=2)
    await http.post("/campaigns/Spring/pause", json={"until": later.isoformat()})
    sooner = later - timedelta(hours=1)
    changed = await http.put(
        "/campaigns/Spring/resumption",
        json={"until": sooner.isoformat(), "when": [{"kind": "hours_open"}]},
    )
    resumption = changed.json()["campaign"]["resumption"]
    assert datetime.fromisoformat(resumption["until"]) == sooner
    assert (resumption["when"], resumption["set_by"]) == ([{"kind": "hours_open"}], "test key")
    never = await http.put("/campaigns/Spring/resumption", json={})
    assert never.json()["campaign"]["resumption"] is None
    past = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    wrong = await http.put("/campaigns/Spring/resumption", json={"until": past})
    assert wrong.json()["errors"][0]["field"] == "until"


async def test_after_a_resume_the_view_says_how_far_it_has_ramped_up(
    http: httpx.AsyncClient, make_campaign: MakeCampaign
) -> None:
    await make_campaign()
    started = await http.post("/campaigns/Spring/start")
    assert started.json()["campaign"]["ramp_up"] is None  # a first start is at full speed
    await http.post("/campaigns/Spring/pause")
    resumed = (await http.post("/campaigns/Spring/resume")).json()["campaign"]
    ramp_up = resumed["ramp_up"]
    assert (ramp_up["allowed"], ramp_up["of"]) == (1, 10)
    span = datetime.fromisoformat(ramp_up["until"]) - datetime.fromisoformat(ramp_up["since"])
    assert span == timedelta(seconds=30)
