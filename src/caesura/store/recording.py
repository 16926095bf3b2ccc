"""Recordings: the messages that answered calls hear, as the G.711 that goes on the wire.

A recording never changes: cells may keep it by name. Another message is another recording.
"""

from __future__ import annotations

from typing import Any

from caesura.errors import Conflict, NotFound
from caesura.store import campaign
from caesura.store.database import Connection, one, queries, rows

_SQL = queries("recording")


async def create(
    conn: Connection,
    name: str,
    *,
    sha256: str,
    duration_ms: int,
    pcmu: bytes,
    pcma: bytes,
    actor: str,
) -> dict[str, Any]:
    """Keep a recording. The same file under the same name again is no error: it is there."""
    values = {
        "name": name,
        "sha256": sha256,
        "duration_ms": duration_ms,
        "pcmu": pcmu,
        "pcma": pcma,
        "actor": actor,
    }
    if await one(conn, _SQL["insert"], values) is None:
        row = await read(conn, name)
        if row["sha256"] != sha256:
            raise Conflict(f"There is another recording {name!r} already.", name=name)
    return await read(conn, name)


async def read(conn: Connection, name: str) -> dict[str, Any]:
    """The recording without its audio."""
    row = await one(conn, _SQL["page"], {"name": name, "after": None, "limit": 1})
    if row is None:
        raise NotFound("recording", name)
    return row


async def page(conn: Connection, *, after: str | None, limit: int) -> list[dict[str, Any]]:
    """Recordings by name, without their audio."""
    return await rows(conn, _SQL["page"], {"name": None, "after": after, "limit": limit})


async def audio(conn: Connection, name: str) -> bytes:
    """The recording as raw G.711 mu-law, 8 kHz."""
    row = await one(conn, _SQL["audio"], {"name": name})
    if row is None:
        raise NotFound("recording", name)
    return bytes(row["pcmu"])


async def delete(conn: Connection, name: str) -> None:
    """Remove a recording that no campaign which may still dial plays."""
    await campaign.check_unused(conn, "recording", name)
    if await one(conn, _SQL["delete"], {"name": name}) is None:
        raise NotFound("recording", name)
