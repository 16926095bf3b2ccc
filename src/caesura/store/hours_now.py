"""What is needed to tell which campaigns' activity hours are open."""

from __future__ import annotations

from typing import Any

from caesura.store.database import Connection, queries, rows

_SQL = queries("hours_now")


async def hours(conn: Connection) -> list[dict[str, Any]]:
    """id, hours and zones of each campaign that has not ended."""
    return await rows(conn, _SQL["hours"])
