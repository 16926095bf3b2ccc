"""What the store must take sooner or later: tried until it does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from caesura.store.database import DATABASE_AWAY, Connection, Database

AWAY_PAUSE_S = 0.5  # before asking a database again that was away a moment ago

log = structlog.get_logger(__name__)


async def until_stored(
    database: Database, store: Callable[[Connection], Awaitable[object]]
) -> None:
    """Try `store`, each time in a transaction of its own, until the database takes it."""
    while True:
        try:
            async with database.transaction() as conn:
                await store(conn)
            return
        except DATABASE_AWAY as error:
            log.warning("waits for the database", why=str(error).strip())
            await asyncio.sleep(AWAY_PAUSE_S)
