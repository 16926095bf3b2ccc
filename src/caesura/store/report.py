"""What happened: the figures of campaigns from the roll-ups, and who runs.

The roll-ups are added to in the transaction that journals a call (call.py), so a figure here is
never ahead of or behind the journal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from caesura.rules.part import Hold
from caesura.store import hold
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


@dataclass(frozen=True)
class Facts:
    """What decides whether a campaign can dial now (caesura.rules.why)."""

    due: dict[str, int]  # zone key -> leads
    waiting: dict[str, int]  # zone key -> leads
    held: int  # kept by the pause of a list or region
    holds: tuple[Hold, ...]  # that stand
    in_flight: int  # claimed or in progress
    next_due_at: datetime | None  # the earliest of the waiting leads
    cells: int  # that run now
    trunks: list[dict[str, Any]]  # name, reachable, in_use, channels


async def facts(conn: Connection, campaign_id: int, trunks: list[str]) -> Facts:
    """The facts of one campaign whose settings name `trunks`."""
    due: dict[str, int] = {}
    waiting: dict[str, int] = {}
    in_flight = held = 0
    for row in await rows(conn, _SQL["zones"], {"campaign_id": campaign_id}):
        if row["state"] == "due":
            due[row["zone"]] = row["n"]
        elif row["state"] == "waiting":
            waiting[row["zone"]] = row["n"]
        elif row["state"] == "held":
            held += row["n"]
        else:
            in_flight += row["n"]
    next_due = await one(conn, _SQL["next_due_at"], {"campaign_id": campaign_id})
    running = await one(conn, _SQL["cells_running"])
    return Facts(
        due=due,
        waiting=waiting,
        held=held,
        holds=(await hold.standing(conn, campaign_id)).holds,
        in_flight=in_flight,
        next_due_at=next_due["due_at"] if next_due else None,
        cells=running["n"] if running else 0,
        trunks=await rows(conn, _SQL["trunk_facts"], {"names": trunks}),
    )


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
