"""Figures for charts and reports, from the roll-ups; short windows from the journal itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from caesura.rules.chart import ORIGIN
from caesura.store.database import Connection, one, queries, rows

_SQL = queries("figures")


async def chart(
    conn: Connection, campaign_id: int, start: datetime, end: datetime, width: timedelta
) -> list[dict[str, Any]]:
    """The pieces of `width` in which something happened; `start` begins one."""
    return await rows(
        conn,
        _SQL["chart"],
        {"campaign_id": campaign_id, "start": start, "end": end, "width": width, "origin": ORIGIN},
    )


async def by_hour(
    conn: Connection, campaign_id: int, start: datetime, end: datetime, zone: str
) -> list[dict[str, Any]]:
    """weekday (1 is Monday), hour, received, answered; by the clock of `zone`."""
    return await rows(
        conn,
        _SQL["by_hour"],
        {"campaign_id": campaign_id, "start": start, "end": end, "zone": zone},
    )


async def last_pause(conn: Connection, campaign_id: int) -> dict[str, Any] | None:
    """receipt_id, requested_at, actor, and how it ended: ended_at, ended_as; None if never."""
    return await one(conn, _SQL["last_pause"], {"campaign_id": campaign_id})


async def window(
    conn: Connection, campaign_id: int, start: datetime, end: datetime
) -> dict[str, Any]:
    """The calls begun from `start` to `end` that are answered or over, counted."""
    row = await one(conn, _SQL["window"], {"campaign_id": campaign_id, "start": start, "end": end})
    assert row is not None
    return row


async def campaigns(conn: Connection, start: datetime, end: datetime) -> list[dict[str, Any]]:
    """What each campaign did in a span, by name; those that did nothing are left out."""
    return await rows(conn, _SQL["campaigns"], {"start": start, "end": end})
