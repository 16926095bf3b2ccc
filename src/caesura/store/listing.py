"""Pages of calls and leads, as the API shows them. Reads only."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from caesura.errors import NotFound
from caesura.store.database import Connection, one, queries, rows

_SQL = queries("listing")


async def calls(
    conn: Connection,
    campaign_id: int,
    *,
    before: tuple[datetime, UUID] | None = None,
    outcomes: list[str] | None = None,
    phone: str | None = None,
    open_only: bool | None = None,
    limit: int,
) -> list[dict[str, Any]]:
    """The campaign's attempts, newest first, from behind (journalled_at, id) of the last page."""
    at, attempt_id = before or (None, None)
    return await rows(
        conn,
        _SQL["calls"],
        {
            "campaign_id": campaign_id,
            "at": at,
            "id": attempt_id,
            "outcomes": outcomes,
            "phone": phone,
            "open": open_only,
            "limit": limit,
        },
    )


async def ended_calls(conn: Connection, campaign_id: int, limit: int) -> list[dict[str, Any]]:
    """How its newest calls went that have ended: outcome, when, and how long they were."""
    return await rows(conn, _SQL["ended_calls"], {"campaign_id": campaign_id, "limit": limit})


async def wrap_ups(conn: Connection, campaign_id: int, limit: int) -> list[float]:
    """How many seconds the newest wrap-ups after its conversations took."""
    found = await rows(conn, _SQL["wrap_ups"], {"campaign_id": campaign_id, "limit": limit})
    return [row["seconds"] for row in found]


async def call(conn: Connection, attempt_id: UUID) -> dict[str, Any]:
    """One attempt with the contact that it was for."""
    row = await one(conn, _SQL["call"], {"id": attempt_id})
    if row is None:
        raise NotFound("call", attempt_id)
    return row


async def leads(
    conn: Connection,
    campaign_id: int,
    *,
    states: list[str] | None = None,
    after: int | None = None,
    limit: int,
) -> list[dict[str, Any]]:
    """The campaign's leads in the order of their contacts; 'due' stands for 'claimed' too."""
    if states is not None and "due" in states:
        states = [*states, "claimed"]
    return await rows(
        conn,
        _SQL["leads"],
        {"campaign_id": campaign_id, "states": states, "after": after, "limit": limit},
    )
