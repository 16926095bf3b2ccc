"""The door to PostgreSQL: the pool and the named queries.

Everything else in `store/` takes a connection, so that the caller says what is one transaction:

    async with database.transaction() as conn:
        leads = await claim.claim_leads(conn, ...)
"""

from __future__ import annotations

import re
import select
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any, LiteralString, cast

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

Connection = psycopg.AsyncConnection[DictRow]

_HERE = Path(__file__).parent
CONNECT_TIMEOUT_S = 5
# Unanswered so long, a connection to another machine counts as lost. What waits for an answer, or
# for a notice, sends nothing that could stay unanswered: it is the keepalives that notice then.
_TCP_TIMEOUT_MS = 3000
_TCP: dict[str, Any] = {
    "tcp_user_timeout": _TCP_TIMEOUT_MS,
    "keepalives_idle": 1,
    "keepalives_interval": 1,
    "keepalives_count": 3,
}
# A pool tries a lost connection again after 1, 2, 4 … seconds, as long as this says; after that,
# whenever somebody asks. So a database that is back is not waited for as long again as it was away.
_RECONNECT_S = 1.5
# A process that is stopped or cut off in the middle of a transaction must not hold its locks: a
# pause would wait for them. PostgreSQL ends such a session.
_IDLE_IN_TRANSACTION_MS = 5000

# What a database that is away, or that ended our session, looks like: trying again may help.
DATABASE_AWAY = (
    psycopg.OperationalError,
    psycopg.errors.IdleInTransactionSessionTimeout,
    PoolTimeout,
)

# What the database will never take, however often it is tried.
REFUSED = (psycopg.DataError, psycopg.IntegrityError)


@cache
def queries(aggregate: str) -> dict[str, LiteralString]:
    """The named queries of `sql/<aggregate>.sql`: each stands under `-- name: x`."""
    text = (_HERE / "sql" / f"{aggregate}.sql").read_text()
    parts = re.split(r"^-- name: (\w+)\s*$", text, flags=re.MULTILINE)
    # Trusted: the text is part of the package, never of a request.
    named = zip(parts[1::2], parts[2::2], strict=True)
    return {name: cast(LiteralString, body) for name, body in named}


async def connect(url: str, *, autocommit: bool = True) -> Connection:
    """One connection outside the pool: for LISTEN, for the lease renewal's own lane."""
    return await psycopg.AsyncConnection.connect(
        url,
        autocommit=autocommit,
        row_factory=dict_row,
        connect_timeout=CONNECT_TIMEOUT_S,
        **_TCP,
    )


class Database:
    """A pool of connections whose rows are dicts.

    `idle_in_transaction_ms`: how long a transaction may do nothing before PostgreSQL ends its
    session. `ready`: what is done on each new connection before it is used. `generic_plans`: plan
    each statement once for a connection, and not for the values of each call; for few statements
    that are asked again and again, of which planning takes longer than doing.
    """

    def __init__(
        self,
        url: str,
        *,
        size_min: int = 1,
        size_max: int = 10,
        idle_in_transaction_ms: int = _IDLE_IN_TRANSACTION_MS,
        generic_plans: bool = False,
        ready: Callable[[Connection], Awaitable[None]] | None = None,
    ) -> None:
        self.url = url
        self._generic_plans = generic_plans
        self._ready = ready
        self._idle_in_transaction_ms = idle_in_transaction_ms
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            url,
            min_size=size_min,
            max_size=size_max,
            open=False,
            timeout=CONNECT_TIMEOUT_S,
            reconnect_timeout=_RECONNECT_S,
            connection_class=cast(type[Connection], psycopg.AsyncConnection),
            kwargs={
                "row_factory": dict_row,
                "connect_timeout": CONNECT_TIMEOUT_S,
                **({"prepare_threshold": 0} if generic_plans else {}),
                **_TCP,
            },
            configure=self._configure,
            check=_check,
        )

    async def _configure(self, conn: Connection) -> None:
        await conn.execute(
            "SELECT set_config('idle_in_transaction_session_timeout', %s, false)",
            [str(self._idle_in_transaction_ms)],
        )
        if self._generic_plans:
            await conn.execute("SET plan_cache_mode TO force_generic_plan")
        if self._ready is not None:
            await self._ready(conn)
        await conn.commit()

    async def __aenter__(self) -> Database:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> None:
        await self._pool.open(wait=True, timeout=CONNECT_TIMEOUT_S)

    async def close(self) -> None:
        await self._pool.close()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """One transaction: committed at the end of the block, rolled back by an exception.

        BEGIN and COMMIT are a way to the server and back each. What is quick where it matters runs
        its statements in `conn.pipeline()`, whose first one takes the BEGIN along, and commits in
        the last one.
        """
        async with self._pool.connection() as conn:
            yield conn

    @asynccontextmanager
    async def statements(self) -> AsyncIterator[Connection]:
        """Each statement is a transaction of its own: one way to the server and back."""
        async with self._pool.connection() as conn:
            await conn.set_autocommit(True)
            try:
                yield conn
            finally:
                if conn.info.transaction_status == TransactionStatus.IDLE:
                    await conn.set_autocommit(False)
                else:
                    await conn.close()  # cut off within a statement: the pool makes another one


async def _check(conn: Connection) -> None:
    """Whether the server has hung up meanwhile, without asking it.

    Of a connection that nobody uses there is nothing to be read but its end, or a last word before
    it (RFC 9293 section 3.6); only where there is something, the server is asked.
    """
    waiting = select.poll()
    waiting.register(conn.fileno(), select.POLLIN)
    if waiting.poll(0):
        await AsyncConnectionPool.check_connection(conn)


async def one(conn: Connection, sql: LiteralString, params: Any = None) -> dict[str, Any] | None:
    """The first row, or None."""
    return await (await conn.execute(sql, params)).fetchone()


async def rows(conn: Connection, sql: LiteralString, params: Any = None) -> list[dict[str, Any]]:
    """All rows."""
    return await (await conn.execute(sql, params)).fetchall()
