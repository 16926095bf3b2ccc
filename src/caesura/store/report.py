"""What happened: the figures of campaigns from the roll-ups, and who runs.

The roll-ups are added to in the transaction that journals a call (call.py), so a figure here is
never ahead of or behind the journal.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from caesura.store.database import Connection, one, queries, rows

_SQL = queries("report")


async def minutes(
    conn: Connection, campaign_id: int, start: datetime, end: datetime
) -> list[dict[str, Any]]:
    """The minutes from `start` (inclusive) to `end` (exclusive) in which something happened."""
    return await rows(
        conn, _SQL["minutes"], {"campaign_id": campaign_id, "start": start, "end": end}
    )


async def span(conn: Connection, campaign_id: int) -> tuple[datetime, datetime] | None:
    """The first and the last minute with a figure, or None before the first call."""
    row = await one(conn, _SQL["span"], {"campaign_id": campaign_id})
    if row is None or row["first"] is None:
        return None
    return row["first"], row["last"]


async def cells(conn: Connection, *, gone: bool, limit: int) -> list[dict[str, Any]]:
    """Which cells run and what each may dial; with `gone` also those that stopped."""
    return await rows(conn, _SQL["cells"], {"gone": gone, "limit": limit})


async def metrics(conn: Connection) -> dict[str, list[dict[str, Any]]]:
    """Rows for the Prometheus page: states, totals and calls in flight."""
    return {
        "states": await rows(conn, _SQL["totals_by_state"]),
        "totals": await rows(conn, _SQL["totals"]),
        "in_flight": await rows(conn, _SQL["in_flight"]),
    }
