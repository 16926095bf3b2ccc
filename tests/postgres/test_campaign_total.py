"""A campaign's totals are the sum of its minutes, whatever is done to those."""

from __future__ import annotations

import asyncio

import psycopg

from caesura.store.database import Database

_FIGURES = "launched, received, answered, talks_ended, talk_ms, cost"


async def _campaign(database: Database, name: str) -> int:
    async with database.transaction() as conn:
        cursor = await conn.execute(
            "INSERT INTO campaign (name, created_by) VALUES (%s, 'test') RETURNING id", [name]
        )
        row = await cursor.fetchone()
        assert row is not None
        return int(row["id"])


async def _sums(database: Database, table: str) -> list[dict[str, int]]:
    sums = ", ".join(f"sum({name})::bigint AS {name}" for name in _FIGURES.split(", "))
    async with database.transaction() as conn:
        cursor = await conn.execute(
            f"SELECT campaign_id, {sums} FROM {table} GROUP BY 1 ORDER BY 1"  # type: ignore[arg-type]
        )
        return await cursor.fetchall()


async def _count(conn: psycopg.AsyncConnection, campaigns: list[int], times: int) -> None:
    """As the journal counts: an upsert for several campaigns at once."""
    for _ in range(times):
        await conn.execute(
            "INSERT INTO campaign_minute AS m (campaign_id, minute, shard, launched, received, "
            "answered, talks_ended, talk_ms, cost) SELECT id, now(), pg_backend_pid() %% 1024, "
            "5, 4, 3, 2, 1000, 9 FROM unnest(%s::bigint[]) AS u(id) ORDER BY 1 "
            "ON CONFLICT (campaign_id, minute, shard) DO UPDATE "
            "SET launched = m.launched + excluded.launched, "
            "received = m.received + excluded.received, answered = m.answered + excluded.answered, "
            "talks_ended = m.talks_ended + excluded.talks_ended, "
            "talk_ms = m.talk_ms + excluded.talk_ms, cost = m.cost + excluded.cost",
            [campaigns],
        )


async def test_totals_add_up_when_several_sessions_count_at_once(database: Database) -> None:
    campaigns = [await _campaign(database, name) for name in ("a", "b", "c")]

    async def session(n: int) -> None:
        async with database.transaction() as conn:
            await _count(conn, campaigns[n % 2 :], times=10)

    await asyncio.gather(*(session(n) for n in range(6)))
    totals = await _sums(database, "campaign_total")
    assert totals == await _sums(database, "campaign_minute")
    assert [row["launched"] for row in totals] == [150, 300, 300]


async def test_what_is_rolled_back_is_not_in_the_totals(database: Database) -> None:
    campaign = await _campaign(database, "a")
    async with database.transaction() as conn:
        await _count(conn, [campaign], times=1)
        await conn.rollback()
    assert await _sums(database, "campaign_total") == []


async def test_minutes_that_are_dropped_for_their_age_stay_in_the_totals(
    database: Database,
) -> None:
    campaign = await _campaign(database, "a")
    async with database.transaction() as conn:
        await _count(conn, [campaign], times=2)
        await conn.execute("DELETE FROM campaign_minute")
    assert [row["launched"] for row in await _sums(database, "campaign_total")] == [10]
