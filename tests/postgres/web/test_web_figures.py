"""Charts, heat map, comparison and reports, over HTTP from known rows."""

from __future__ import annotations

import csv
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from caesura.store.database import Database

MakeCampaign = Callable[..., Awaitable[dict[str, Any]]]
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)  # a Monday


async def minute(
    database: Database, campaign: int, at: datetime, *, shard: int = 0, **figures: int
) -> None:
    """One row of each roll-up; an `outcome_x` counts x."""
    outcomes = {n[8:]: v for n, v in figures.items() if n.startswith("outcome_")}
    counted = {n: figures.get(n, 0) for n in ("launched", "received", "answered", "talks_ended")}
    async with database.transaction() as conn:
        await conn.execute(
            "INSERT INTO campaign_minute (campaign_id, minute, shard, launched, received, "
            "answered, talks_ended, talk_ms) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            (campaign, at, shard, *counted.values(), figures.get("talk_ms", 0)),
        )
        for outcome, n in outcomes.items():
            await conn.execute(
                "INSERT INTO outcome_minute VALUES (%s, %s, %s, %s, %s)",
                (campaign, at, outcome, shard, n),
            )


async def call(database: Database, campaign: int, began: datetime, outcome: str) -> None:
    """A call that ended after 20 s; an answered one talked for 10 of them."""
    answered = began + timedelta(seconds=10) if outcome in ("answered", "abandoned") else None
    async with database.transaction() as conn:
        await conn.execute(
            "INSERT INTO attempt (id, campaign_id, lead_id, cell_id, epoch, state, phone, "
            "calling_number, journalled_at, launched_at, ringing_at, answered_at, ended_at, "
            "outcome, received) SELECT %s, %s, (SELECT min(id) FROM lead WHERE campaign_id = %s), "
            "%s, 2, 'ended', '+13125550000', '+14155550100', %s, %s, %s, %s, %s, %s, %s",
            (
                uuid4(),
                campaign,
                campaign,
                uuid4(),
                *[began] * 3,
                answered,
                began + timedelta(seconds=20),
                outcome,
                outcome in ("answered", "abandoned", "busy", "no_answer"),
            ),
        )


async def test_a_chart_has_no_gaps_and_adds_up(
    http: httpx.AsyncClient, database: Database, make_campaign: MakeCampaign
) -> None:
    campaign = (await make_campaign())["id"]
    await minute(database, campaign, NOON, launched=10, received=8, answered=2, outcome_busy=3)
    await minute(database, campaign, NOON, shard=1, answered=2, talks_ended=2, talk_ms=46_000)
    await minute(database, campaign, NOON + timedelta(minutes=7), launched=1, outcome_busy=1)
    span = {"from": NOON.isoformat(), "to": (NOON + timedelta(minutes=30)).isoformat()}
    chart = (await http.get("/campaigns/Spring/chart", params={**span, "points": 6})).json()
    assert chart["bucket_s"] == 300
    assert [bucket["launched"] for bucket in chart["buckets"]] == [10, 1, 0, 0, 0, 0]
    first = chart["buckets"][0]
    assert (first["start"], first["answered"]) == ("2026-03-02T12:00:00Z", 4)
    assert (first["answer_rate"], first["average_duration_s"]) == (0.5, 23.0)
    assert chart["outcomes"] == {"busy": 4}


async def test_a_chart_begins_with_the_first_call(
    http: httpx.AsyncClient, database: Database, make_campaign: MakeCampaign
) -> None:
    campaign = (await make_campaign())["id"]
    empty = (await http.get("/campaigns/Spring/chart")).json()
    assert sum(bucket["launched"] for bucket in empty["buckets"]) == 0
    await minute(database, campaign, NOON, launched=1)
    params = {"to": (NOON + timedelta(days=3)).isoformat()}
    chart = (await http.get("/campaigns/Spring/chart", params=params)).json()
    assert chart["buckets"][0]["launched"] == 1
    assert len(chart["buckets"]) <= 121


@pytest.mark.parametrize(
    "params",
    [
        {"from": NOON.isoformat(), "to": NOON.isoformat()},
        {"to": "0001-01-01T00:00:00Z"},
        {"from": NOON.isoformat(), "points": "1"},
    ],
)
async def test_a_chart_of_no_time_is_refused(
    http: httpx.AsyncClient, make_campaign: MakeCampaign, params: dict[str, str]
) -> None:
    await make_campaign()
    assert (await http.get("/campaigns/Spring/chart", params=params)).status_code == 422


async def test_the_heat_map_is_by_the_clock_of_its_zone(
    http: httpx.AsyncClient, database: Database, make_campaign: MakeCampaign
) -> None:
    campaign = (await make_campaign())["id"]
    await minute(database, campaign, NOON, received=4, answered=1)
    await minute(database, campaign, NOON - timedelta(hours=8), received=2, answered=2)
    params = {"to": (NOON + timedelta(days=1)).isoformat()}
    utc = (await http.get("/campaigns/Spring/heat-map", params=params)).json()
    assert utc["zone"] == "UTC"
    cell = {"weekday": "mon", "hour": 4, "received": 2, "answered": 2, "answer_rate": 1.0}
    assert utc["hours"][0] == cell
    system = {"time_zone": "America/Los_Angeles"}
    await http.put("/system-settings", json=system, headers={"If-Match": "*"})
    west = (await http.get("/campaigns/Spring/heat-map", params=params)).json()
    assert west["zone"] == "America/Los_Angeles"
    assert [(each["weekday"], each["hour"]) for each in west["hours"]] == [("mon", 4), ("sun", 20)]
    await http.patch("/campaigns/Spring/settings", json={"hours": {"zone": "Asia/Tokyo"}})
    assert (await http.get("/campaigns/Spring/heat-map")).json()["zone"] == "Asia/Tokyo"


async def test_the_comparison_is_of_decided_calls_before_the_pause_and_since_the_resume(
    http: httpx.AsyncClient, database: Database, make_campaign: MakeCampaign
) -> None:
    campaign = (await make_campaign())["id"]
    await http.post("/campaigns/Spring/start")
    none = (await http.get("/campaigns/Spring/comparison")).json()
    assert none == {"before": None, "since": None}
    began = datetime.now(UTC) - timedelta(minutes=1)
    for outcome in ("answered", "answered", "answered", "abandoned", "busy", "failed", "cancelled"):
        await call(database, campaign, began, outcome)
    await http.post("/campaigns/Spring/pause")
    paused = (await http.get("/campaigns/Spring/comparison")).json()
    assert paused["since"] is None
    before = paused["before"]
    assert (before["launched"], before["received"], before["answered"]) == (6, 5, 4)
    assert (before["answer_rate"], before["abandonment_rate"]) == (0.8, 0.25)
    assert before["failure_rate"] == round(1 / 6, 4)
    assert before["average_duration_s"] == 10.0
    await http.post("/campaigns/Spring/resume")
    await call(database, campaign, datetime.now(UTC), "answered")
    since = (await http.get("/campaigns/Spring/comparison")).json()["since"]
    assert (since["launched"], since["answer_rate"], since["failure_rate"]) == (1, 1.0, 0.0)


async def test_the_report_has_every_campaign_that_did_something(
    http: httpx.AsyncClient, database: Database, make_campaign: MakeCampaign
) -> None:
    first = (await make_campaign("=Winter"))["id"]
    await make_campaign("Idle")
    await minute(
        database,
        first,
        NOON,
        launched=10,
        received=8,
        answered=4,
        talks_ended=4,
        talk_ms=40_000,
        outcome_answered=4,
        outcome_failed=1,
    )
    await minute(database, first, NOON + timedelta(days=2), launched=99)
    params = {"from": NOON.isoformat(), "to": (NOON + timedelta(days=1)).isoformat()}
    items = (await http.get("/reports/campaigns", params=params)).json()["items"]
    assert [(each["name"], each["launched"]) for each in items] == [("=Winter", 10)]
    assert (items[0]["failure_rate"], items[0]["average_duration_s"]) == (0.2, 10.0)
    answer = await http.get("/reports/campaigns.csv", params=params)
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(answer.text.splitlines()))
    assert [(row["name"], row["answered"], row["failed"]) for row in rows] == [
        ("'=Winter", "4", "1")
    ]
    assert rows[0]["abandonment_rate"] == "0.0"
    assert rows[0]["busy"] == "0"
