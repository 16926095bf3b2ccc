"""What the tables themselves forbid."""

import asyncio

import psycopg
import pytest

from caesura.store import migrations
from caesura.store.database import DATABASE_AWAY, Database
from caesura.store.migrations import migrate
from caesura.store.schema import bring_up_to_date, newest


async def _campaign(conn: psycopg.AsyncConnection, state: str = "draft") -> int:
    row = await (
        await conn.execute(
            "INSERT INTO campaign (name, state, created_by) VALUES ('c', %s, 'test') RETURNING id",
            [state],
        )
    ).fetchone()
    assert row is not None
    return int(row["id"])


@pytest.mark.parametrize("to", ["draft", "running", "paused", "completed", "pausing"])
async def test_a_terminated_campaign_never_leaves_that_state(database: Database, to: str) -> None:
    async with database.transaction() as conn:
        campaign = await _campaign(conn, "terminated")
    with pytest.raises(psycopg.errors.CheckViolation):
        async with database.transaction() as conn:
            await conn.execute(
                "UPDATE campaign SET state = %s, epoch = epoch + 1 WHERE id = %s", [to, campaign]
            )


async def test_a_change_of_state_must_raise_the_epoch(database: Database) -> None:
    async with database.transaction() as conn:
        campaign = await _campaign(conn)
    with pytest.raises(psycopg.errors.CheckViolation):
        async with database.transaction() as conn:
            await conn.execute("UPDATE campaign SET state = 'running' WHERE id = %s", [campaign])


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    migrate(database_url)
    with psycopg.connect(database_url) as conn:
        assert conn.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)


async def test_a_start_migrates_an_empty_database_and_leaves_a_current_one_alone(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(database_url) as conn:
        assert conn.execute("SELECT version_num FROM alembic_version").fetchone() == (newest(),)
        conn.execute("DROP SCHEMA public CASCADE")
        conn.execute("CREATE SCHEMA public")
    await bring_up_to_date(database_url)
    with psycopg.connect(database_url) as conn:
        assert conn.execute("SELECT count(*) FROM campaign").fetchone() == (0,)
    monkeypatch.setattr(migrations, "migrate", lambda url: pytest.fail("migrated again"))
    await bring_up_to_date(database_url)


async def test_a_frozen_transaction_does_not_keep_its_locks(database_url: str) -> None:
    async with Database(database_url, idle_in_transaction_ms=100) as frozen:
        with pytest.raises(DATABASE_AWAY):
            async with frozen.transaction() as conn:
                campaign = await _campaign(conn)
                await asyncio.sleep(0.4)
                await conn.execute("SELECT 1")
        async with frozen.transaction() as conn:  # and the pool goes on
            left = await conn.execute("SELECT 1 FROM campaign WHERE id = %s", [campaign])
            assert await left.fetchone() is None
