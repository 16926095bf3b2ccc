"""Answers already given to creating calls (Idempotency-Key), kept for a day.

The answer is stored in the transaction that creates, so there is no moment in which the thing
exists and the answer does not.
"""

from __future__ import annotations

from typing import Any

from psycopg.types.json import Jsonb

from caesura.errors import Invalid
from caesura.store.database import Connection, one, queries

_SQL = queries("idempotency")


async def find(
    conn: Connection, actor: str, key: str, request: bytes
) -> tuple[int, dict[str, Any]] | None:
    """Status and body of the answer that this key got, or None. Holds the key until the commit.

    `request` is a digest of the call; a key that was used for another call raises Invalid.
    """
    await conn.execute(_SQL["lock"], {"actor": actor, "key": key})
    row = await one(conn, _SQL["find"], {"actor": actor, "key": key})
    if row is None:
        return None
    if bytes(row["request"]) != request:
        raise Invalid("This Idempotency-Key was used for a different request.", "Idempotency-Key")
    return row["status"], row["response"]


async def keep(
    conn: Connection,
    actor: str,
    key: str,
    *,
    request: bytes,
    status: int,
    response: dict[str, Any],
) -> None:
    await conn.execute(
        _SQL["insert"],
        {
            "actor": actor,
            "key": key,
            "request": request,
            "status": status,
            "response": Jsonb(response),
        },
    )


async def forget_old(conn: Connection) -> int:
    """Drop answers older than a day; returns how many."""
    return (await conn.execute(_SQL["forget"])).rowcount
