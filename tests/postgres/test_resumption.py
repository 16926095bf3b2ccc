"""Pauses that end by themselves: at a time, on a condition, and what may come between."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from tests.postgres.material import (
    acknowledge,
    ask,
    dialable,
    do,
    make_campaign,
    make_cell,
    phones,
    running,
    state,
    take,
    within,
)

from caesura.errors import EpochChanged, IllegalTransition
from caesura.rules.activity_hours import ActivityHours
from caesura.rules.campaign import CampaignSettings, Clocks
from caesura.rules.claim import PutOff
from caesura.rules.resumption import HoursOpen, Terms, TrunkReachable
from caesura.store import claim, configuration, lease, lifecycle, report, resumption
from caesura.store.database import Database

NOW_AND_THEN = timedelta(hours=1)


def trunk(for_s: int = 60) -> TrunkReachable:
    return TrunkReachable(kind="trunk_reachable", trunk=None, for_s=for_s)


async def voice(database: Database, leads: int = 2) -> int:
    """A running campaign with a trunk, whose hours are always open."""
    settings = (await dialable(database)).model_copy(update={"hours": ActivityHours(always=True)})
    made = await make_campaign(database, contacts=phones(leads), settings=settings)
    await lifecycle.start(database, made, actor="test")
    return made


async def sees(database: Database, cell: UUID, *, reachable: bool) -> None:
    async with database.transaction() as conn:
        await configuration.trunk_health(
            conn, cell, "carrier", reachable=reachable, registered=None, detail=""
        )


async def age(database: Database, seconds: float) -> None:
    """What is known of trunks is older by so much."""
    await do(database, "UPDATE trunk_health SET since = since - %s", timedelta(seconds=seconds))


async def long_reachable(database: Database) -> tuple[int, UUID]:
    """`voice`, and a cell that has reached its trunk for ten minutes; both ids."""
    cid = await voice(database)
    cell = await make_cell(database, leases=False)
    await sees(database, cell, reachable=True)
    await age(database, 600)
    return cid, cell


async def stays_paused(database: Database, cid: int) -> None:
    """What is due is resumed, and this campaign is not."""
    await lifecycle.resume_what_is_due(database)
    assert (await state(database, cid))["state"] == "paused"


async def test_it_resumes_once_a_trunk_has_been_reachable_for_long_enough(
    database: Database,
) -> None:
    cid = await voice(database)
    cell = await make_cell(database, leases=False)
    await sees(database, cell, reachable=False)
    await lifecycle.pause(database, cid, actor="dana", when=[trunk()])
    await stays_paused(database, cid)

    await sees(database, cell, reachable=True)
    await age(database, 59)
    await sees(database, cell, reachable=True)  # said again: that is no beginning
    await stays_paused(database, cid)
    await age(database, 2)
    await within(5, *(lifecycle.resume_what_is_due(database) for _ in range(5)))
    row = await state(database, cid)
    assert (row["state"], row["epoch"], row["resume_when"]) == ("running", 5, [])
    (last,) = await ask(
        database, "SELECT actor, reason FROM transition WHERE epoch = 5 AND campaign_id = %s", cid
    )
    assert last["actor"] == "condition"
    assert last["reason"].startswith("trunk carrier has been reachable for 6")


async def test_a_trunk_that_was_away_in_between_begins_anew(database: Database) -> None:
    cid, cell = await long_reachable(database)
    await sees(database, cell, reachable=False)
    await sees(database, cell, reachable=True)
    await lifecycle.pause(database, cid, actor="dana", when=[trunk()])
    await stays_paused(database, cid)


async def test_what_a_cell_that_is_gone_saw_counts_for_nothing(database: Database) -> None:
    cid, _ = await long_reachable(database)
    await do(database, "UPDATE cell SET seen_at = seen_at - interval '1 minute'")
    await lifecycle.pause(database, cid, actor="dana", when=[trunk()])
    await stays_paused(database, cid)


async def test_a_timer_never_resumes_into_closed_hours(database: Database) -> None:
    closed = datetime.now(UTC).date()
    dates = [closed + timedelta(days=days) for days in (-1, 0, 1)]
    hours = ActivityHours(zone="UTC", closed_dates=tuple(dates))
    cid = await running(database, leads=1, settings=CampaignSettings(hours=hours))
    soon = datetime.now(UTC) + timedelta(milliseconds=20)
    await lifecycle.pause(database, cid, actor="dana", until=soon)
    await asyncio.sleep(0.05)
    await stays_paused(database, cid)
    async with database.transaction() as conn:
        waits = await resumption.pending(conn, cid, datetime.now(UTC))
    assert waits is not None


async def test_a_longer_pause_that_comes_while_the_condition_is_judged_wins(
    database: Database,
) -> None:
    cid, _ = await long_reachable(database)
    await lifecycle.pause(database, cid, actor="dana", when=[trunk()])
    async with database.transaction() as conn:
        (judged,) = await resumption.due(conn, datetime.now(UTC))
    await lifecycle.pause(database, cid, actor="lee")  # until somebody resumes
    await lifecycle.resume(
        database, cid, actor="condition", epoch=judged.epoch, if_terms=judged.terms
    )
    assert (await state(database, cid))["state"] == "paused"


async def test_of_condition_and_longer_pause_at_once_either_is_whole(database: Database) -> None:
    """Whichever is first: a pause that was answered stands, and never ends by itself."""
    cid, _ = await long_reachable(database)
    for _ in range(8):
        await lifecycle.pause(database, cid, actor="dana", when=[trunk()])
        await within(
            5,
            lifecycle.resume_what_is_due(database),
            lifecycle.pause(database, cid, actor="lee"),
            lifecycle.resume_what_is_due(database),
        )
        await lifecycle.resume_what_is_due(database)
        row = await state(database, cid)
        assert (row["state"], row["resume_when"]) == ("paused", [])
        await lifecycle.resume(database, cid, actor="dana")


async def test_terms_can_be_changed_to_sooner_later_and_never(database: Database) -> None:
    cid = await running(database)
    now = datetime.now(UTC)
    await lifecycle.pause(database, cid, actor="dana", until=now + NOW_AND_THEN)
    receipt = (await ask(database, "SELECT * FROM receipt"))[0]
    for terms in (
        Terms(until=now + timedelta(minutes=5)),
        Terms(when=(HoursOpen(kind="hours_open"),)),
        Terms(),
    ):
        await lifecycle.change_terms(database, cid, terms, actor="lee")
        row = await state(database, cid)
        assert resumption.terms_of(row) == terms
        assert (row["resume_set_by"], row["state"]) == ("lee", "paused")
    # the receipt keeps what was asked for
    assert (await ask(database, "SELECT * FROM receipt"))[0] == receipt
    assert receipt["resume_at"] == now + NOW_AND_THEN


async def test_terms_of_a_campaign_that_runs_or_was_resumed_meanwhile_are_refused(
    database: Database,
) -> None:
    cid = await running(database)
    with pytest.raises(IllegalTransition):
        await lifecycle.change_terms(database, cid, Terms(), actor="lee")
    await lifecycle.pause(database, cid, actor="dana")
    with pytest.raises(EpochChanged):
        await lifecycle.change_terms(database, cid, Terms(), actor="lee", epoch=2)


# ------------------------------------------------------------------------- clocks and ramp-up


@pytest.mark.parametrize("clocks", list(Clocks))
async def test_a_wait_for_a_cap_or_an_opening_is_not_moved_by_a_pause(
    database: Database, clocks: Clocks
) -> None:
    """It ends at a moment of everybody's clock; retries are on the campaign's."""
    cid = await running(database, leads=2, settings=CampaignSettings(clocks=clocks))
    cell = await make_cell(database)
    capped, retry = await take(database, cid, cell)
    again_at = datetime.now(UTC) + timedelta(seconds=0.2)
    async with database.transaction() as conn:
        await claim.put_off(conn, cell, [PutOff(capped.id, "number_cap_day", again_at)])
    await do(
        database,
        "UPDATE lead SET state = 'waiting', cell_id = NULL, due_at = %s WHERE id = %s",
        again_at,
        retry.id,
    )
    async with database.transaction() as conn:
        assert (await report.facts(conn, cid, [])).next_due_at == again_at
    await lifecycle.pause(database, cid, actor="dana")
    await acknowledge(database, cid, cell)
    await asyncio.sleep(0.3)
    await lifecycle.resume(database, cid, actor="dana")
    async with database.transaction() as conn:
        await claim.promote(conn, [cid])
    due = {row["id"]: row["state"] for row in await ask(database, "SELECT id, state FROM lead")}
    assert due[capped.id] == "due"
    assert due[retry.id] == ("due" if clocks is Clocks.RUN else "waiting")
    if clocks is Clocks.FREEZE:
        offset = (await state(database, cid))["clock_offset"]
        async with database.transaction() as conn:
            assert (await report.facts(conn, cid, [])).next_due_at == again_at + offset


async def test_a_lease_says_how_long_ago_it_was_resumed_and_among_how_many_it_is_shared(
    database: Database,
) -> None:
    cid = await running(database)
    first, second = sorted([await make_cell(database), await make_cell(database, leases=False)])
    async with database.transaction() as conn:
        given = [*await lease.acquire(conn, first), *await lease.acquire(conn, second)]
    assert all(one.resumed_s is None for one in given)  # started, never resumed
    await lifecycle.pause(database, cid, actor="dana")
    for cell in (first, second):
        await acknowledge(database, cid, cell)
    await lifecycle.resume(database, cid, actor="dana")
    for rank, cell in enumerate((first, second)):
        async with database.transaction() as conn:
            (one,) = await lease.acquire(conn, cell)
            assert (one.cells, one.rank) == (2, rank)  # of both that live, whoever was first
            assert one.resumed_s is not None and 0 <= one.resumed_s < 5
    async with database.transaction() as conn:
        (again,) = await lease.renew(conn, second)
    assert (again.cells, again.rank) == (2, 1)
    assert again.resumed_s is not None and again.resumed_s > one.resumed_s
