"""An emergency stop that two persons release: asking, approving, and every way around it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from tests.postgres.material import ask, do, make_cell, running, state, within

from caesura.errors import (
    AwaitingApproval,
    CaesuraError,
    EpochChanged,
    NeverByItself,
    NothingToApprove,
    SamePerson,
)
from caesura.rules.resumption import Terms
from caesura.rules.system_settings import SystemSettings
from caesura.store import campaign, lifecycle, release, silence, system_settings
from caesura.store.database import Database

SOON = timedelta(hours=1)


async def two_persons(database: Database, *, on: bool = True, minutes: int = 60) -> None:
    settings = SystemSettings(
        second_approver_for_emergency_stop=on, release_request_minutes=minutes
    )
    async with database.transaction() as conn:
        await system_settings.put(conn, settings, None, "dana")


async def stop(database: Database, *campaigns: int, actor: str = "dana") -> None:
    await silence.pause_all(database, campaigns, actor=actor, reason="fire", emergency=True)


async def stopped(database: Database) -> int:
    """A campaign under an emergency stop that two persons release."""
    await two_persons(database)
    cid = await running(database)
    await stop(database, cid)
    return cid


async def transitions(database: Database, cid: int) -> list[tuple[str, str]]:
    found = await ask(
        database,
        "SELECT to_state, actor FROM transition WHERE campaign_id = %s ORDER BY epoch",
        cid,
    )
    return [(row["to_state"], row["actor"]) for row in found]


async def requests(database: Database, cid: int) -> list[tuple[str, str | None, str | None]]:
    async with database.transaction() as conn:
        found = await release.requests(conn, cid, before=None, limit=50)
    return [(row["asked_by"], row["decided_by"], row["decision"]) for row in found]


async def test_one_asks_and_another_approves(database: Database) -> None:
    cid = await stopped(database)
    asked = await lifecycle.resume(database, cid, actor="dana", reason="the fire is out")
    assert asked is not None
    assert (await state(database, cid))["state"] == "paused"
    await lifecycle.approve(database, cid, actor="lee", reason="seen it")
    row = await state(database, cid)
    assert (row["state"], row["stopped_by"], row["two_to_release"]) == ("running", None, False)
    assert (await transitions(database, cid))[-1] == ("running", "dana, approved by lee")
    (last,) = await ask(database, "SELECT reason FROM transition ORDER BY epoch DESC LIMIT 1")
    assert last["reason"] == "the fire is out; seen it"
    assert await requests(database, cid) == [("dana", "lee", "approved")]


@pytest.mark.parametrize("same", ["dana", "Dana"])
async def test_nobody_approves_what_they_asked_for(database: Database, same: str) -> None:
    cid = await stopped(database)
    await lifecycle.resume(database, cid, actor="dana")
    with pytest.raises(SamePerson):
        await lifecycle.approve(database, cid, actor=same)
    again = await lifecycle.resume(database, cid, actor=same)  # twice is once
    assert again is not None
    assert len(await requests(database, cid)) == 1
    with pytest.raises(psycopg.errors.CheckViolation):  # nor does the database take it
        await do(
            database,
            "UPDATE release_request SET decision = 'approved', decided_by = %s, decided_at = now()",
            same,
        )


async def test_a_resume_by_another_is_no_approval(database: Database) -> None:
    cid = await stopped(database)
    await lifecycle.resume(database, cid, actor="dana")
    with pytest.raises(AwaitingApproval, match="dana has asked"):
        await lifecycle.resume(database, cid, actor="lee")
    assert (await state(database, cid))["state"] == "paused"


async def test_of_two_approvals_at_once_one_resumes(database: Database) -> None:
    cid = await stopped(database)
    await lifecycle.resume(database, cid, actor="dana")

    async def approve(actor: str) -> str:
        try:
            await lifecycle.approve(database, cid, actor=actor)
        except CaesuraError as refused:
            return type(refused).__name__
        return actor

    answers = await within(5, *(approve(actor) for actor in ("lee", "kim", "dana")))
    assert sorted(answers)[0] == "IllegalTransition" or "SamePerson" in answers
    done = [actor for actor in ("lee", "kim") if actor in answers]
    assert len(done) == 1
    assert (await transitions(database, cid))[-1] == ("running", f"dana, approved by {done[0]}")
    assert len([t for t in await transitions(database, cid) if t[0] == "running"]) == 2


async def test_two_who_ask_at_once_make_one_request(database: Database) -> None:
    cid = await stopped(database)

    async def resume(actor: str) -> str:
        try:
            await lifecycle.resume(database, cid, actor=actor)
        except AwaitingApproval:
            return "to approve"
        return "asked"

    answers = await within(5, *(resume(actor) for actor in ("lee", "kim", "dana")))
    assert sorted(answers) == ["asked", "to approve", "to approve"]
    assert len(await requests(database, cid)) == 1


async def test_a_request_can_be_withdrawn_and_turned_down(database: Database) -> None:
    cid = await stopped(database)
    for decides in ("dana", "lee"):
        await lifecycle.resume(database, cid, actor="dana")
        await lifecycle.withdraw(database, cid, actor=decides)
        with pytest.raises(NothingToApprove):
            await lifecycle.approve(database, cid, actor="kim")
    assert (await state(database, cid))["state"] == "paused"
    assert await requests(database, cid) == [
        ("dana", "lee", "withdrawn"),
        ("dana", "dana", "withdrawn"),
    ]
    with pytest.raises(NothingToApprove):
        await lifecycle.withdraw(database, cid, actor="dana")


async def test_a_request_expires(database: Database) -> None:
    cid = await stopped(database)
    asked = await lifecycle.resume(database, cid, actor="dana")
    assert asked is not None
    assert asked["expires_at"] - asked["asked_at"] < timedelta(minutes=61)
    await do(database, "UPDATE release_request SET expires_at = now() - interval '1 s'")
    with pytest.raises(NothingToApprove):
        await lifecycle.approve(database, cid, actor="lee")
    async with database.transaction() as conn:
        assert await release.awaiting(conn) == []
        assert await release.standing(conn, cid) is None
    await lifecycle.resume(database, cid, actor="lee")  # anew, and now it is lee's
    await lifecycle.approve(database, cid, actor="dana")
    assert await requests(database, cid) == [("lee", "dana", "approved"), ("dana", None, "expired")]


async def test_no_timer_and_no_change_of_terms_ends_it(database: Database) -> None:
    cid = await running(database)
    await two_persons(database)
    until = datetime.now(UTC) + SOON
    await silence.pause_all(database, [cid], actor="dana", until=until, emergency=True)
    assert (await state(database, cid))["resume_at"] is None
    with pytest.raises(NeverByItself):
        await lifecycle.change_terms(database, cid, Terms(until=until), actor="dana")
    await lifecycle.pause(database, cid, actor="dana", until=until)
    assert (await state(database, cid))["resume_at"] is None


async def test_switching_the_setting_off_frees_nothing_that_stands(database: Database) -> None:
    cid = await stopped(database)
    await two_persons(database, on=False)
    assert await lifecycle.resume(database, cid, actor="dana") is not None
    assert (await state(database, cid))["state"] == "paused"
    for way in (
        "UPDATE campaign SET two_to_release = false WHERE id = %s",
        "UPDATE campaign SET state = 'running', epoch = epoch + 1, two_to_release = false, "
        "stopped_by = NULL WHERE id = %s",
    ):
        with pytest.raises(psycopg.errors.CheckViolation):
            await do(database, way, cid)


async def test_switching_the_setting_on_counts_for_what_stands(database: Database) -> None:
    cid = await running(database)
    until = datetime.now(UTC) + timedelta(milliseconds=-1)
    await silence.pause_all(database, [cid], actor="dana", until=until, emergency=True)
    await two_persons(database)
    await lifecycle.resume_what_is_due(database)  # its timer would be due
    assert (await state(database, cid))["state"] == "paused"
    assert await lifecycle.resume(database, cid, actor="dana") is not None
    await lifecycle.approve(database, cid, actor="lee")
    assert (await state(database, cid))["state"] == "running"


async def test_an_approval_is_of_the_pause_that_was_asked_about(database: Database) -> None:
    cid = await stopped(database)
    await lifecycle.resume(database, cid, actor="dana")
    await lifecycle.approve(database, cid, actor="lee")
    await stop(database, cid)
    with pytest.raises(NothingToApprove):
        await lifecycle.approve(database, cid, actor="lee")
    with pytest.raises(EpochChanged):
        await lifecycle.approve(database, cid, actor="lee", epoch=3)


async def test_without_the_setting_one_person_resumes_an_emergency_stop(
    database: Database,
) -> None:
    cid = await running(database)
    await stop(database, cid)
    assert (await state(database, cid))["stopped_by"] == "dana"
    (receipt,) = await ask(database, "SELECT * FROM receipt")
    assert receipt["emergency"]
    assert await lifecycle.resume(database, cid, actor="dana") is None
    assert (await state(database, cid))["stopped_by"] is None


async def test_an_ordinary_pause_needs_one_person_whatever_the_setting(database: Database) -> None:
    await two_persons(database)
    cid = await running(database)
    await lifecycle.pause(database, cid, actor="dana")
    assert await lifecycle.resume(database, cid, actor="dana") is None


async def test_an_emergency_stop_may_be_terminated_by_one(database: Database) -> None:
    cid = await stopped(database)
    await lifecycle.resume(database, cid, actor="dana")
    await lifecycle.terminate(database, cid, actor="lee")
    assert (await state(database, cid))["state"] == "terminated"
    async with database.transaction() as conn:
        assert await release.awaiting(conn) == []


async def test_everything_includes_what_would_resume_by_itself_and_takes_its_timer(
    database: Database,
) -> None:
    runs = await running(database, "runs")
    timed = await running(database, "timed")
    await running(database, "by hand")
    until = datetime.now(UTC) + SOON
    await lifecycle.pause(database, timed, actor="lee", until=until)
    by_hand = (await ask(database, "SELECT id FROM campaign WHERE name = 'by hand'"))[0]["id"]
    await lifecycle.pause(database, by_hand, actor="lee")
    async with database.transaction() as conn:
        everything = await campaign.ids_to_stop(conn)
    assert everything == [runs, timed]
    await stop(database, *everything)
    row = await state(database, timed)
    assert (row["resume_at"], row["stopped_by"]) == (None, "dana")
    assert (await state(database, by_hand))["stopped_by"] is None


async def test_a_stop_that_finds_a_lease_in_use_marks_that_campaign_too(
    database: Database,
) -> None:
    """The one that a launch holds is asked for by itself, by the other path."""
    await two_persons(database)
    cid = await running(database)
    cell = await make_cell(database)
    async with database.transaction() as conn:
        await conn.execute("SELECT 1 FROM lease WHERE cell_id = %s FOR SHARE", [cell])
        pause = silence.pause_all(database, [cid], actor="dana", emergency=True)
        waiting = asyncio.ensure_future(pause)
        await asyncio.sleep(0.15)
    await waiting
    row = await state(database, cid)
    assert (row["state"], row["stopped_by"], row["two_to_release"]) == ("pausing", "dana", True)
