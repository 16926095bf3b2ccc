"""A database that was away is used again at once when it is back, wherever it then is."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import psycopg

from caesura.store.database import DATABASE_AWAY, Database, connect
from caesura.store.embedded import EmbeddedPostgres

_AWAY_S = 4.0  # tried again after 1, 2, 4 … s, it would be waited for until the seventh second


async def test_a_pool_does_not_wait_as_long_again_as_the_database_was_away(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir)
    try:
        async with Database(server.start(), size_min=2, size_max=4) as database:
            await _ask(database)
            server.stop()
            back_at = time.monotonic() + _AWAY_S
            while time.monotonic() < back_at:
                assert not await _answers(database)
            server.start()
            back_at = time.monotonic()
            while not await _answers(database):
                pass
            assert time.monotonic() - back_at < 2.0
    finally:
        server.stop()


async def _ask(database: Database) -> None:
    async with database.transaction() as conn:
        await conn.execute("SELECT 1")


async def _answers(database: Database) -> bool:
    try:
        async with asyncio.timeout(0.25):
            await _ask(database)
    except (TimeoutError, *DATABASE_AWAY):
        await asyncio.sleep(0.05)
        return False
    return True


async def test_of_several_servers_the_one_that_takes_writes_is_found(
    data_dir: Path, postgres_url: str
) -> None:
    """As docs/operating.md says for a fail-over: libpq's list of hosts."""
    with EmbeddedPostgres(data_dir) as standby:
        with psycopg.connect(standby, autocommit=True) as conn:
            conn.execute("ALTER SYSTEM SET default_transaction_read_only = on")
            conn.execute("SELECT pg_reload_conf()")
        first, second = _parts(standby), _parts(postgres_url)
        url = (
            f"postgresql://caesura@/postgres?host={first['host']},{second['host']}"
            f"&port={first['port']},{second['port']}&target_session_attrs=read-write"
        )
        async with await connect(url) as writable:
            row = await (await writable.execute("SHOW transaction_read_only")).fetchone()
            assert row == {"transaction_read_only": "off"}
        async with Database(url, size_max=2) as database:
            await _ask(database)


def _parts(url: str) -> dict[str, object]:
    return dict(psycopg.conninfo.conninfo_to_dict(url))


async def test_a_connection_that_only_waits_notices_that_the_other_machine_is_gone(
    database_url: str,
) -> None:
    """By keepalives: it sends nothing that could stay unanswered (tests/faults pulls the cable)."""
    async with (
        await connect(database_url) as conn,
        Database(database_url) as database,
        database.transaction() as pooled,
    ):
        for one in (conn, pooled):
            told = one.info.get_parameters()
            assert told["tcp_user_timeout"] == "3000"
            assert told["keepalives_idle"] == told["keepalives_interval"] == "1"
