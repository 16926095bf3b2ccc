"""What the database must answer or take sooner or later: asked again until it does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from caesura.store.database import DATABASE_AWAY, Connection, Database

AWAY_PAUSE_S = 0.5  # before asking a database again that was away a moment ago

log = structlog.get_logger(__name__)
T = TypeVar("T")


async def until_answered(
    ask: Callable[[], Awaitable[T]],
    what: str,
    *,
    pause_s: float = AWAY_PAUSE_S,
    away: tuple[type[Exception], ...] = DATABASE_AWAY,
    **whose: int,
) -> T:
    """Call `ask` until the database answers; `what` and `whose` are for the log meanwhile.

    `away`: the errors after which it is asked again.
    """
    while True:
        try:
            return await ask()
        except away as error:
            log.warning(what, **whose, why=str(error).strip())
            await asyncio.sleep(pause_s)


async def until_stored(
    database: Database, store: Callable[[Connection], Awaitable[object]]
) -> None:
    """Try `store`, each time in a transaction of its own, until the database takes it."""

    async def attempt() -> None:
        async with database.transaction() as conn:
            await store(conn)

    await until_answered(attempt, "waits for the database")
