"""Figures for charts: calls over time, by weekday and hour, and before and after a pause."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field

from caesura.errors import Invalid
from caesura.rules import report as definitions
from caesura.rules.activity_hours import CALLEE, Weekday
from caesura.rules.chart import POINTS_MAX, bucket_start, bucket_starts, bucket_width
from caesura.rules.system_settings import Zone
from caesura.store import campaign, campaign_settings, figures, report, system_settings
from caesura.store.database import Connection
from caesura.web import shown
from caesura.web.caller import Actor, Db
from caesura.web.request import CampaignRef
from caesura.web.views import Moment

router = APIRouter(prefix="/campaigns/{campaign}", tags=["figures"])

_SPAN_DEFAULT = timedelta(hours=1)  # before the first call
_HEAT_SPAN = timedelta(days=28)
_WEEKDAYS = list(Weekday)

From = Annotated[AwareDatetime | None, Query(alias="from")]
To = Annotated[AwareDatetime | None, Query(alias="to", description="Default: now.")]


class Bucket(BaseModel):
    """What happened in one piece of the time."""

    start: Moment
    launched: int = 0
    received: int = 0
    answered: int = 0
    average_duration_s: float | None = None
    answer_rate: float | None = None
    # Of messages.
    sent: int = 0
    delivered: int = 0
    undelivered: int = 0
    replies: int = 0
    opt_outs: int = 0
    outcomes: dict[str, int] = {}


class ChartView(BaseModel):
    """A campaign's figures over a time, in pieces of equal width without gaps."""

    start: Moment = Field(serialization_alias="from")
    end: Moment = Field(serialization_alias="to")
    bucket_s: int
    outcomes: dict[str, int] = Field(description="Totals of the whole time.")
    buckets: list[Bucket]


@router.get("/chart")
async def get_chart(
    *,
    ref: CampaignRef,
    database: Db,
    actor: Actor,
    start: From = None,
    end: To = None,
    points: Annotated[int, Query(ge=2, le=POINTS_MAX, description="At most about so many.")] = 120,
) -> ChartView:
    """Calls, answers and outcomes over time. Default: from the first call until now."""
    async with database.transaction() as conn:
        campaign_id = await campaign.resolve(conn, ref)
        end = end or shown.now()
        if start is None:
            span = await report.span(conn, campaign_id)
            start = min(span[0], end - timedelta(minutes=1)) if span else _before(end)
        _check(start, end)
        width = bucket_width(end - start, points)
        first = bucket_start(start, width)
        rows = await figures.chart(conn, campaign_id, first, end, width)
    by_start = {row["start"]: row for row in rows}
    buckets = [_bucket(at, by_start.get(at)) for at in bucket_starts(start, end, width)]
    totals: dict[str, int] = {}
    for bucket in buckets:
        for outcome, n in bucket.outcomes.items():
            totals[outcome] = totals.get(outcome, 0) + n
    return ChartView(
        start=first,
        end=end,
        bucket_s=int(width.total_seconds()),
        outcomes=totals,
        buckets=buckets,
    )


class HourView(BaseModel):
    """One hour of the week."""

    weekday: Weekday
    hour: int = Field(ge=0, le=23)
    received: int
    answered: int
    answer_rate: float | None


class HeatMapView(BaseModel):
    """Answers by weekday and hour; hours without a received call are left out."""

    start: Moment = Field(serialization_alias="from")
    end: Moment = Field(serialization_alias="to")
    zone: str = Field(description="Whose clock the hours are of.")
    hours: list[HourView]


@router.get("/heat-map")
async def get_heat_map(
    *,
    ref: CampaignRef,
    database: Db,
    actor: Actor,
    start: From = None,
    end: To = None,
    zone: Annotated[
        Zone | None,
        Query(description="Default: the campaign's, else the system's, else UTC."),
    ] = None,
) -> HeatMapView:
    """When people answer: by weekday and hour, over the last 28 days or the time asked for."""
    end = end or shown.now()
    start = start or _before(end, _HEAT_SPAN)
    _check(start, end)
    async with database.transaction() as conn:
        campaign_id = await campaign.resolve(conn, ref)
        zone = zone or await zone_of(conn, campaign_id)
        rows = await figures.by_hour(conn, campaign_id, start, end, zone)
    hours = [
        HourView(
            weekday=_WEEKDAYS[row["weekday"] - 1],
            hour=row["hour"],
            received=row["received"],
            answered=row["answered"],
            answer_rate=_rounded(
                definitions.answer_rate(
                    definitions.Counts(received=row["received"], answered=row["answered"])
                )
            ),
        )
        for row in rows
    ]
    return HeatMapView(start=start, end=end, zone=zone, hours=hours)


class WindowView(BaseModel):
    """The calls begun in a window that are answered or over; none that we cancelled."""

    start: Moment = Field(serialization_alias="from")
    end: Moment = Field(serialization_alias="to")
    launched: int
    received: int
    answered: int
    answer_rate: float | None
    abandonment_rate: float | None
    failure_rate: float | None
    average_duration_s: float | None


class ComparisonView(BaseModel):
    """The campaign before its last pause and since the resume; null before there was one."""

    before: WindowView | None
    since: WindowView | None = Field(description="null until it is resumed.")


@router.get("/comparison")
async def get_comparison(
    ref: CampaignRef,
    database: Db,
    actor: Actor,
    minutes: Annotated[int, Query(ge=1, le=240, description="How long each window is.")] = 15,
) -> ComparisonView:
    """Answer rate, abandonment and failures before the last pause, and since the resume."""
    length = timedelta(minutes=minutes)
    async with database.transaction() as conn:
        campaign_id = await campaign.resolve(conn, ref)
        pause = await figures.last_pause(conn, campaign_id)
        if pause is None:
            return ComparisonView(before=None, since=None)
        paused_at, resumed_at = pause["requested_at"], pause["ended_at"]
        before = await _window(conn, campaign_id, paused_at - length, paused_at)
        since = None
        if resumed_at is not None and pause["ended_as"] == "running":
            until = min(resumed_at + length, shown.now())
            since = await _window(conn, campaign_id, resumed_at, max(until, resumed_at))
    return ComparisonView(before=before, since=since)


async def _window(conn: Connection, campaign_id: int, start: datetime, end: datetime) -> WindowView:
    row = await figures.window(conn, campaign_id, start, end)
    outcomes = {
        "abandoned": row["abandoned"],
        "answered": row["outcome_answered"],
        "failed": row["failed"],
        "congestion": row["congestion"],
    }
    others = row["ended"] - sum(outcomes.values())
    return WindowView(
        start=start,
        end=end,
        launched=row["launched"],
        received=row["received"],
        answered=row["answered"],
        abandonment_rate=_rounded(definitions.abandonment_rate(outcomes)),
        failure_rate=_rounded(definitions.failure_rate(outcomes | {"other": others})),
        **rates(row),
    )


async def zone_of(conn: Connection, campaign_id: int) -> str:
    """Whose clock the campaign's hours are told by: its own zone, else the system's, else UTC."""
    settings = (await campaign_settings.read(conn, campaign_id))["settings"]
    zone: str = settings["hours"]["zone"]
    if zone != CALLEE:
        return zone
    return (await system_settings.read(conn))["settings"].time_zone or "UTC"


def _bucket(start: datetime, row: Mapping[str, Any] | None) -> Bucket:
    if row is None:
        return Bucket(start=start)
    counted = {name: row[name] or 0 for name in COUNTED}
    return Bucket(
        start=start,
        launched=counted["launched"],
        received=counted["received"],
        answered=counted["answered"],
        outcomes=row["outcomes"],
        **{name: row[name] or 0 for name in MESSAGES},
        **rates(counted),
    )


MESSAGES = ("sent", "delivered", "undelivered", "replies", "opt_outs")
COUNTED = ("launched", "received", "answered", "talks_ended", "talk_ms")


def rates(row: Mapping[str, Any]) -> dict[str, float | None]:
    """answer_rate and average_duration_s of a row that has the counted figures."""
    counts = definitions.Counts(**{name: row[name] or 0 for name in COUNTED})
    duration_s = definitions.average_duration_s(counts)
    return {
        "answer_rate": _rounded(definitions.answer_rate(counts)),
        "average_duration_s": None if duration_s is None else round(duration_s, 3),
    }


def _rounded(rate: float | None) -> float | None:
    return None if rate is None else round(rate, 4)


def _before(end: datetime, span: timedelta = _SPAN_DEFAULT) -> datetime:
    try:
        return end - span
    except OverflowError:
        raise Invalid("The time is outside of the calendar.", "to") from None


def _check(start: datetime, end: datetime) -> None:
    if start >= end:
        raise Invalid("`from` must be before `to`.", "from")
