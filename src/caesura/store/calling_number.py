"""Calling numbers: the caller IDs that a campaign's calls may show.

Every change notifies the channel `calling_number` with the number.
"""

from __future__ import annotations

from typing import Any

from caesura.errors import Conflict, Invalid, NotFound
from caesura.store import agent, campaign
from caesura.store.database import Connection, one, queries, rows

_SQL = queries("calling_number")


async def create(
    conn: Connection, number: str, trunk: str | None, label: str | None
) -> dict[str, Any]:
    """Add a number in E.164; with a trunk, only that trunk may show it."""
    values = {"number": number, "trunk_id": await _trunk_id(conn, trunk), "label": label}
    if await one(conn, _SQL["insert"], values) is None:
        raise Conflict(f"There is a calling number {number!r} already.", number=number)
    await conn.execute(_SQL["notify"], {"number": number})
    return await read(conn, number)


async def read(conn: Connection, number: str) -> dict[str, Any]:
    row = await one(conn, _SQL["page"], {"number": number, "after": None, "limit": 1})
    if row is None:
        raise NotFound("calling number", number)
    return row


async def page(conn: Connection, *, after: str | None, limit: int) -> list[dict[str, Any]]:
    """Calling numbers in order, each with the name of its trunk."""
    return await rows(conn, _SQL["page"], {"number": None, "after": after, "limit": limit})


async def update(conn: Connection, number: str, changes: dict[str, Any]) -> dict[str, Any]:
    """Change trunk or label; what is not in `changes` stays."""
    row = await read(conn, number)
    trunk = changes.get("trunk", row["trunk"])
    values = {
        "number": number,
        "trunk_id": await _trunk_id(conn, trunk),
        "label": changes.get("label", row["label"]),
    }
    await conn.execute(_SQL["update"], values)
    await conn.execute(_SQL["notify"], {"number": number})
    return await read(conn, number)


async def delete(conn: Connection, number: str) -> None:
    """Remove a number that no campaign which may still dial shows, and no call to an agent."""
    await campaign.check_unused(conn, "calling number", number)
    await agent.check_no_phone(conn, calling_number=number)
    if await one(conn, _SQL["delete"], {"number": number}) is None:
        raise NotFound("calling number", number)
    await conn.execute(_SQL["notify"], {"number": number})


async def _trunk_id(conn: Connection, trunk: str | None) -> int | None:
    if trunk is None:
        return None
    row = await one(conn, _SQL["find_trunk"], {"name": trunk})
    if row is None:
        raise Invalid(f"There is no trunk {trunk!r}.", "trunk")
    return int(row["id"])
