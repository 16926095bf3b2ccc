"""Receipts and history, for reading."""

from __future__ import annotations

from typing import Any

from caesura.errors import NotFound
from caesura.store.database import Connection, one, queries, rows

SQL = queries("lifecycle")

_NEWEST = 2**62


async def read(conn: Connection, receipt: int) -> dict[str, Any]:
    """One receipt with its cells' parts; `cancelled` counts up to now until it is completed."""
    row = await one(conn, SQL["receipt"], {"receipt": receipt})
    if row is None:
        raise NotFound("receipt", receipt)
    if row["completed_at"] is None:
        so_far = await one(
            conn,
            SQL["cancelled_so_far"],
            {
                "campaign": row["campaign_id"],
                "epoch": row["epoch"],
                "requested_at": row["requested_at"],
            },
        )
        row["cancelled"] = so_far["n"] if so_far else 0
    row["cells"] = await rows(conn, SQL["receipt_cells"], {"receipt": receipt})
    return row


async def latest(conn: Connection, campaign: int) -> dict[str, Any] | None:
    """The campaign's newest receipt, or None if it was never paused or terminated."""
    row = await one(conn, SQL["standing_receipt"], {"campaign": campaign})
    return await read(conn, row["id"]) if row else None


async def page(
    conn: Connection, campaign: int, *, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """Receipts with an epoch below `before`, newest first."""
    found = await rows(
        conn,
        SQL["receipts"],
        {"campaign": campaign, "before": before or _NEWEST, "limit": limit},
    )
    return [await read(conn, row["id"]) for row in found]


async def history(
    conn: Connection, campaign: int, *, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """Transitions with an epoch below `before`, newest first."""
    return await rows(
        conn,
        SQL["history"],
        {"campaign": campaign, "before": before or _NEWEST, "limit": limit},
    )
