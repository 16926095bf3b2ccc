"""Trunks: the SIP connections to carriers, and how each cell finds them.

Every change notifies the channel `trunk` with the trunk's name, so that cells reconfigure the line.
"""

from __future__ import annotations

from typing import Any

from caesura.errors import Conflict, NotFound
from caesura.store import agent, campaign
from caesura.store.database import Connection, one, queries, rows

_SQL = queries("trunk")
# The columns that a caller sets; the name stays, because settings refer to it.
EDITABLE = (
    "host",
    "port",
    "username",
    "password",
    "register",
    "max_channels",
    "max_cps",
    "options_interval_s",
    "enabled",
)


async def create(conn: Connection, name: str, values: dict[str, Any]) -> dict[str, Any]:
    """Add a trunk; `values` has every column of EDITABLE."""
    if await one(conn, _SQL["insert"], {"name": name, **values}) is None:
        raise Conflict(f"There is a trunk {name!r} already.", name=name)
    await conn.execute(_SQL["notify"], {"name": name})
    return await read(conn, name)


async def read(conn: Connection, name: str) -> dict[str, Any]:
    """The trunk with its health and without its password."""
    row = await one(conn, _SQL["page"], {"name": name, "after": None, "limit": 1})
    if row is None:
        raise NotFound("trunk", name)
    return row


async def page(conn: Connection, *, after: str | None, limit: int) -> list[dict[str, Any]]:
    """Trunks by name, with their health and without their passwords."""
    return await rows(conn, _SQL["page"], {"name": None, "after": after, "limit": limit})


async def update(conn: Connection, name: str, changes: dict[str, Any]) -> dict[str, Any]:
    """Change the named columns; what is not in `changes` stays."""
    row = await one(conn, _SQL["lock"], {"name": name})
    if row is None:
        raise NotFound("trunk", name)
    values = {column: changes.get(column, row[column]) for column in EDITABLE}
    await conn.execute(_SQL["update"], {"name": name, **values})
    await conn.execute(_SQL["notify"], {"name": name})
    return await read(conn, name)


async def delete(conn: Connection, name: str) -> None:
    """Remove a trunk that no campaign which may still dial uses, and no agent's phone."""
    await campaign.check_unused(conn, "trunk", name)
    await agent.check_no_phone(conn, trunk=name)
    if await one(conn, _SQL["delete"], {"name": name}) is None:
        raise NotFound("trunk", name)
    await conn.execute(_SQL["notify"], {"name": name})
