"""Listening to PostgreSQL's notices for as long as the process runs, through its absences."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import NoReturn

import structlog
from psycopg import sql

from caesura.store.database import DATABASE_AWAY, Connection, Database, connect

log = structlog.get_logger()

_RECONNECT_S_MIN, _RECONNECT_S_MAX = 0.1, 2.0
_IDLE_S_MAX = 5.0  # a connection silent for so long is asked whether it lives


async def listen(
    database: Database,
    channels: Sequence[str],
    on_notice: Callable[[str, str], None],
    on_listening: Callable[[Connection], Awaitable[None]],
    who: str,
) -> NoReturn:
    """Call `on_notice(channel, payload)` for each notice, on a connection of its own.

    `on_listening` is called whenever listening begins anew: what was notified before is not known.
    `who` listens, for the log. Runs until it is cancelled.
    """
    pause_s = _RECONNECT_S_MIN
    while True:
        try:
            async with await connect(database.url) as conn:
                for channel in channels:
                    await conn.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
                pause_s = _RECONNECT_S_MIN
                await on_listening(conn)
                while True:
                    async for notice in conn.notifies(timeout=_IDLE_S_MAX):
                        on_notice(notice.channel, notice.payload)
                    await conn.execute("SELECT 1")  # raises when the connection is dead
        except DATABASE_AWAY as error:
            log.warning(f"{who} lost the database", error=str(error))
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _RECONNECT_S_MAX)
