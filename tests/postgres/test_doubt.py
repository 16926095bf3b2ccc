"""Commits that nobody heard of, and clocks that step: no lead and no right is lost by them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from tests.postgres.material import ZONE, ask, do, make_cell, running, take
from tests.postgres.parts import parts_of
from tests.postgres.test_journal import dies, keeper

from caesura.cell import housekeeping
from caesura.cell.hands import Hands
from caesura.cell.held import Held
from caesura.rules.call import Launch
from caesura.rules.campaign import CampaignSettings
from caesura.rules.runner import Runner
from caesura.store import call, claim, lease
from caesura.store.database import Database


def hands_of(database: Database, cell: UUID) -> Hands:
    return parts_of(database, cell).hands


async def is_waiting(task: asyncio.Task[None]) -> bool:
    await asyncio.sleep(0.2)
    return not task.done()


async def states(database: Database) -> list[str]:
    return [row["state"] for row in await ask(database, "SELECT state FROM lead ORDER BY id")]


async def test_a_launch_that_commits_after_it_was_given_up_is_undone(database: Database) -> None:
    cid = await running(database, leads=1)
    cell = await make_cell(database)
    leads = tuple(await take(database, cid, cell))
    attempt = uuid4()
    async with database.transaction() as late:
        assert await call.hold_lease(late, cid, cell, 2)
        await call.journal(
            late, cid, cell, 2, [Launch(attempt, leads[0].id, leads[0].phone, "+13125550000")]
        )
        undoing = asyncio.create_task(hands_of(database, cell)._undo(cid, leads, [attempt]))
        assert await is_waiting(undoing), "it did not wait for the commit in doubt"
    await undoing
    assert await states(database) == ["due"]
    assert await ask(database, "SELECT 1 FROM attempt") == []


async def test_a_claim_that_commits_after_it_was_given_up_is_undone(database: Database) -> None:
    cid = await running(database, leads=2)
    cell = await make_cell(database)
    held = Held(cid, Runner(cid, CampaignSettings()), 1)
    async with database.transaction() as late:
        claimed = await claim.claim(late, cid, cell, zones=(ZONE,), limit=2, now=datetime.now(UTC))
        assert len(claimed.leads) == 2

        async def undo() -> None:
            async with database.transaction() as conn:
                await hands_of(database, cell)._unclaim(held, claimed, conn)

        undoing = asyncio.create_task(undo())
        assert await is_waiting(undoing), "it did not wait for the commit in doubt"
    await undoing
    assert await states(database) == ["due", "due"]


async def look_after_others(database: Database, cell: UUID, times: int) -> None:
    keeping = keeper(database, cell)
    for turn in range(times):
        await keeping._turn(turn * 4)
        await asyncio.sleep(0.06)


async def test_a_step_of_the_databases_clock_takes_no_lease_from_a_cell_that_lives(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "LEASE_TTL_S", 0.15)
    cid = await running(database, leads=1)
    living, other = await make_cell(database), await make_cell(database)
    await take(database, cid, living)
    keeping = keeper(database, other)
    for turn in range(6):
        await dies(database, living)  # to PostgreSQL, a minute has passed since
        await do(
            database,
            "UPDATE cell SET seen_at = seen_at + %s * interval '1 ms' WHERE id = %s",
            turn,
            living,
        )
        await keeping._turn(turn * 4)
        await asyncio.sleep(0.06)
    async with database.transaction() as conn:
        assert await call.hold_lease(conn, cid, living, 2), "its lease is gone, its gate open"
    assert await states(database) == ["claimed"]


async def test_a_cell_that_gives_no_sign_is_taken_over_after_the_ttl(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "LEASE_TTL_S", 0.15)
    cid = await running(database, leads=1)
    gone, other = await make_cell(database), await make_cell(database)
    await take(database, cid, gone)
    await dies(database, gone)
    await look_after_others(database, other, 1)
    assert await states(database) == ["claimed"], "taken at first sight"
    await look_after_others(database, other, 6)
    assert await states(database) == ["due"]


async def test_a_lease_had_anew_is_told_from_the_one_that_was_lost(database: Database) -> None:
    await running(database, leads=1)
    cell = await make_cell(database)
    async with database.transaction() as conn:
        (first,) = await lease.renew(conn, cell)
    await do(database, "DELETE FROM lease WHERE cell_id = %s", cell)
    async with database.transaction() as conn:
        (anew,) = await lease.acquire(conn, cell)
        (renewed,) = await lease.renew(conn, cell)
    assert (anew.campaign, anew.epoch) == (first.campaign, first.epoch)
    assert anew.acquired_at == renewed.acquired_at != first.acquired_at
