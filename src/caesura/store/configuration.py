"""Configuration as the cells read it: a campaign's settings, the trunks, who else runs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from caesura.store.database import Connection, one, queries, rows
from caesura.store.lease import SILENT_FOR

SQL = queries("configuration")


async def campaign(conn: Connection, campaign_id: int) -> dict[str, Any] | None:
    """id, name, state, epoch, settings_version and settings; None if there is none."""
    return await one(conn, SQL["campaign"], {"campaign": campaign_id})


async def trunks(conn: Connection) -> list[dict[str, Any]]:
    """All trunks, with their secrets."""
    return await rows(conn, SQL["trunks"])


async def cells(conn: Connection) -> list[UUID]:
    """The cells that live, in one order for all."""
    return [row["id"] for row in await rows(conn, SQL["cells"], {"silent_for": SILENT_FOR})]


async def sound(conn: Connection, recording: str) -> dict[str, Any] | None:
    """sha256, pcmu and pcma of a recording; None if there is none."""
    return await one(conn, SQL["sound"], {"name": recording})


async def trunk_health(
    conn: Connection,
    cell: UUID,
    trunk: str,
    *,
    reachable: bool,
    registered: bool | None,
    detail: str,
) -> None:
    """Write down how this cell sees a trunk."""
    await conn.execute(
        SQL["trunk_health"],
        {
            "cell": cell,
            "trunk": trunk,
            "reachable": reachable,
            "registered": registered,
            "detail": detail,
        },
    )
