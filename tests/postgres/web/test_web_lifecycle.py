"""Start, pause, resume, terminate over HTTP, with the receipt in the answer."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from caesura.store import lease
from caesura.store.database import Database

MakeCampaign = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
async def silent_cell(database: Database) -> Callable[[], Awaitable[UUID]]:
    """A cell that takes leases on what runs and then never answers: stopped, or cut off."""

    async def take() -> UUID:
        cell = uuid4()
        async with database.transaction() as conn:
            await lease.register(conn, cell, "elsewhere")
            assert await lease.acquire(conn, cell)
        return cell

    return take


async def test_start_pause_resume_terminate_in_a_row(
    http: httpx.AsyncClient, make_campaign: MakeCampaign
) -> None:
    await make_campaign()
    started = await http.post("/campaigns/Spring/start", json={"reason": "Monday"})
    assert started.status_code == 200
    assert started.json()["campaign"]["status"] == "running"
    assert started.json()["campaign"]["allowed"] == ["pause", "terminate"]
    assert started.json()["receipt"] is None

    paused = await http.post("/campaigns/Spring/pause", json={"reason": "lunch"})
    assert paused.status_code == 200
    assert paused.json()["campaign"]["status"] == "paused"
    receipt = paused.json()["receipt"]
    assert (receipt["actor"], receipt["reason"]) == ("test key", "lunch")
    assert receipt["confirmed_at"] >= receipt["requested_at"]
    assert receipt["settings_digest_before"] == receipt["settings_digest_after"]
    assert receipt["drain"] == "finish_lawfully"
    assert paused.json()["campaign"]["last_receipt"] == receipt

    resumed = await http.post("/campaigns/Spring/resume")
    assert resumed.json()["campaign"]["status"] == "running"
    ended = await http.post("/campaigns/Spring/terminate", json={"drain": "cancel_now"})
    assert ended.json()["campaign"]["status"] == "terminated"
    assert ended.json()["receipt"]["kind"] == "terminate"
    assert ended.json()["receipt"]["drain"] == "cancel_now"

    history = (await http.get("/campaigns/Spring/history")).json()["items"]
    states = [row["to_state"] for row in reversed(history)]
    assert states == ["running", "pausing", "paused", "running", "terminating", "terminated"]
    assert history[-1]["reason"] == "Monday"
    kinds = [
        each["kind"] for each in (await http.get("/campaigns/Spring/receipts")).json()["items"]
    ]
    assert kinds == ["terminate", "pause"]


async def test_a_repeated_pause_gives_the_standing_receipt(
    http: httpx.AsyncClient, make_campaign: MakeCampaign
) -> None:
    await make_campaign()
    await http.post("/campaigns/Spring/start")
    first = await http.post("/campaigns/Spring/pause", json={"reason": "lunch"})
    second = await http.post("/campaigns/Spring/pause", json={"reason": "again"})
    assert second.status_code == 200
    assert second.json()["receipt"]["id"] == first.json()["receipt"]["id"]
    assert second.json()["receipt"]["reason"] == "lunch"


async def test_an_illegal_transition_says_the_state_and_what_is_allowed(
    http: httpx.AsyncClient, make_campaign: MakeCampaign
) -> None:
    await make_campaign()
    answer = await http.post("/campaigns/Spring/resume")
    assert answer.status_code == 409
    document = answer.json()
    assert document["type"] == "/problems/illegal-transition"
    assert document["state"] == "draft"
    assert document["allowed"] == ["start", "terminate"]


async def test_termination_is_final_and_the_data_stays_readable(
    http: httpx.AsyncClient, make_campaign: MakeCampaign
) -> None:
    await make_campaign()
    await http.post("/campaigns/Spring/start")
    await http.post("/campaigns/Spring/terminate")
    for transition in ("start", "pause", "resume"):
        answer = await http.post(f"/campaigns/Spring/{transition}")
        assert answer.status_code == 409, transition
        assert answer.json()["allowed"] == []
    again = await http.post("/campaigns/Spring/terminate")
    assert again.status_code == 200  # repeating is no error
    for path in ("", "/leads", "/calls", "/settings", "/history", "/figures"):
        assert (await http.get(f"/campaigns/Spring{path}")).status_code == 200


async def test_a_decision_on_an_old_epoch_is_refused(
    http: httpx.AsyncClient, make_campaign: MakeCampaign
) -> None:
    seen = (await make_campaign())["epoch"]
    await http.post("/campaigns/Spring/start")
    answer = await http.post("/campaigns/Spring/pause", json={"epoch": seen})
    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/epoch-changed"
    assert answer.json()["retryable"] is True
    assert (await http.get("/campaigns/Spring")).json()["status"] == "running"


async def test_a_campaign_that_could_not_dial_is_not_started_and_names_each_reason(
    http: httpx.AsyncClient,
) -> None:
    await http.post("/campaigns", json={"name": "Empty"})
    answer = await http.post("/campaigns/Empty/start")
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == {
        "lists", "settings.message", "settings.trunks", "settings.calling_numbers"
    }  # fmt: skip
    settings = {
        "message": {"recording": "gone"},
        "trunks": ["gone"],
        "calling_numbers": ["+14155550111"],
    }
    await http.patch("/campaigns/Empty/settings", json=settings)
    answer = await http.post("/campaigns/Empty/start")
    assert {error["field"] for error in answer.json()["errors"]} == {
        "lists", "settings.message.recording", "settings.trunks", "settings.calling_numbers"
    }  # fmt: skip
    assert (await http.get("/campaigns/Empty")).json()["status"] == "draft"


async def test_past_the_wait_the_answer_is_202_with_the_passing_state(
    http: httpx.AsyncClient,
    make_campaign: MakeCampaign,
    silent_cell: Callable[[], Awaitable[UUID]],
) -> None:
    await make_campaign()
    await http.post("/campaigns/Spring/start")
    await silent_cell()
    early = await http.post("/campaigns/Spring/pause?wait_s=0")
    assert early.status_code == 202
    assert early.json()["campaign"]["status"] == "pausing"
    assert early.json()["receipt"]["confirmed_at"] is None
    later = await http.post("/campaigns/Spring/pause")
    assert later.status_code == 200
    assert later.json()["receipt"]["id"] == early.json()["receipt"]["id"]


async def test_a_cell_that_does_not_answer_is_waited_for_as_long_as_its_lease_and_no_longer(
    http: httpx.AsyncClient,
    make_campaign: MakeCampaign,
    silent_cell: Callable[[], Awaitable[UUID]],
) -> None:
    await make_campaign()
    await http.post("/campaigns/Spring/start")
    cell = await silent_cell()
    began = time.monotonic()
    answer = await http.post("/campaigns/Spring/pause")
    took = time.monotonic() - began
    assert answer.status_code == 200
    assert 1.0 <= took < 2.0
    receipt = answer.json()["receipt"]
    assert receipt["confirmed_by"] == "expiry"
    assert [(part["cell_id"], part["confirmed_by"]) for part in receipt["cells"]] == [
        (str(cell), "expiry")
    ]


async def test_a_timed_pause_shows_when_it_ends_and_must_lie_in_the_future(
    http: httpx.AsyncClient, make_campaign: MakeCampaign
) -> None:
    await make_campaign()
    await http.post("/campaigns/Spring/start")
    past = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    for wrong in (past, "2026-12-01T09:00:00", "45m"):
        answer = await http.post("/campaigns/Spring/pause", json={"until": wrong})
        assert answer.status_code == 422, wrong
        assert answer.json()["errors"][0]["field"] == "until"
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    answer = await http.post("/campaigns/Spring/pause", json={"until": until.isoformat()})
    assert datetime.fromisoformat(answer.json()["campaign"]["resume_at"]) == until


async def test_everything_that_runs_is_paused_at_once(
    http: httpx.AsyncClient,
    make_campaign: MakeCampaign,
    silent_cell: Callable[[], Awaitable[UUID]],
) -> None:
    """Twelve campaigns with a cell that never answers take one lease's time, not twelve."""
    for number in range(12):
        await make_campaign(f"C{number}", leads=1)
        await http.post(f"/campaigns/C{number}/start")
    await make_campaign("Draft")
    await silent_cell()
    began = time.monotonic()
    answer = await http.post("/campaigns/pause", json={"all": True, "reason": "emergency"})
    took = time.monotonic() - began
    assert answer.status_code == 200
    assert answer.json()["confirmed"] is True
    assert took < 2.5
    results = answer.json()["results"]
    assert {result["campaign"]["name"] for result in results} == {f"C{n}" for n in range(12)}
    assert all(result["campaign"]["status"] == "paused" for result in results)
    assert all(result["receipt"]["reason"] == "emergency" for result in results)
    back = await http.post("/campaigns/resume", json={"all": True})
    assert {result["campaign"]["status"] for result in back.json()["results"]} == {"running"}


async def test_one_that_cannot_be_paused_stops_no_other(
    http: httpx.AsyncClient, make_campaign: MakeCampaign
) -> None:
    await make_campaign("Spring")
    await http.post("/campaigns/Spring/start")
    await make_campaign("Draft")
    answer = await http.post("/campaigns/pause", json={"campaigns": ["Draft", "Spring"]})
    assert answer.json()["confirmed"] is False
    draft, spring = answer.json()["results"]
    assert draft["error"]["type"] == "/problems/illegal-transition"
    assert (spring["error"], spring["campaign"]["status"]) == (None, "paused")
    unknown = await http.post("/campaigns/pause", json={"campaigns": ["Spring", "nowhere"]})
    assert unknown.status_code == 422
    assert unknown.json()["errors"][0]["field"] == "campaigns[1]"
    both = await http.post("/campaigns/pause", json={"campaigns": ["Spring"], "all": True})
    assert both.status_code == 422


async def test_a_running_campaign_that_no_cell_dials_says_why(
    http: httpx.AsyncClient, make_campaign: MakeCampaign
) -> None:
    await make_campaign()
    assert (await http.get("/campaigns/Spring")).json()["why"] is None
    assert (await http.get("/campaigns/Spring/why")).json()["why"] is None
    await http.post("/campaigns/Spring/start")
    view = (await http.get("/campaigns/Spring")).json()
    assert "No cell is running" in view["why"]
    assert (await http.get("/campaigns")).json()["items"] == [view]
    why = (await http.get("/campaigns/Spring/why")).json()
    assert (why["code"], why["numbers"]["due"]) == ("no_cell", 3)
