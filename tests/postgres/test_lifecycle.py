"""The pause protocol in the database, with real concurrent connections."""

from __future__ import annotations

import asyncio
import random
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from tests.postgres.material import (
    acknowledge,
    acquire,
    ask,
    dialable,
    do,
    end_of,
    journal,
    launch,
    make_campaign,
    make_cell,
    receipts,
    running,
    state,
    take,
    waits,
    within,
)

from caesura.errors import EpochChanged, IllegalTransition, NotFound
from caesura.rules.call import CallPhase, Progress
from caesura.rules.campaign import CampaignSettings, Clocks, Drain
from caesura.rules.outcome import Outcome
from caesura.store import call, campaign_settings, claim, lease, lifecycle, receipt
from caesura.store.database import Database, connect
from caesura.store.lifecycle import LEASE_TTL_S, CellPart, Silence
from caesura.store.resumption import terms_of
from caesura.store.silence import Part, acknowledge_all

# ------------------------------------------------------------- launch and pause


async def test_a_launch_under_way_is_before_the_pause(database: Database) -> None:
    cid = await running(database, leads=1)
    cell = await make_cell(database)
    leads = await take(database, cid, cell)
    async with database.transaction() as launching:
        launches = await journal(launching, cid, cell, 2, leads)
        pausing = asyncio.create_task(lifecycle.pause(database, cid, actor="dana"))
        assert await waits(database, pausing), "the pause overtook a launch that holds its lease"
    silence = await within(2, pausing)
    assert len(launches) == 1
    assert (await state(database, cid))["state"] == "pausing"
    (row,) = await ask(
        database,
        "SELECT a.journalled_at < t.at AS before FROM transition t "
        "JOIN attempt a USING (campaign_id) WHERE t.receipt_id = %s",
        silence[0].receipt,
    )
    assert row["before"]


async def test_after_the_pause_no_launch_can_be_journalled(database: Database) -> None:
    cid = await running(database, leads=1)
    cell = await make_cell(database)
    leads = await take(database, cid, cell)
    await lifecycle.pause(database, cid, actor="dana")
    assert await launch(database, cid, cell, leads) == []
    async with database.transaction() as conn:
        assert await journal(conn, cid, cell, 2, leads) == []
        assert not await call.hold_lease(conn, cid, cell, 2)
        assert not await call.hold_lease(conn, cid, cell, 3)


async def test_a_launch_that_waits_for_a_pause_comes_after_it(database: Database) -> None:
    cid = await running(database)
    cell = await make_cell(database)
    async with await connect(database.url, autocommit=False) as pauser:
        await pauser.execute("UPDATE lease SET revoked = true WHERE campaign_id = %s", [cid])

        async def hold() -> bool:
            async with database.transaction() as conn:
                return await call.hold_lease(conn, cid, cell, 2)

        holding = asyncio.create_task(hold())
        assert await waits(database, holding)
        await pauser.commit()
        assert await within(2, holding) == [False]


async def test_no_renewal_and_no_new_lease_after_a_pause(database: Database) -> None:
    cid = await running(database)
    cell, other = await make_cell(database), await make_cell(database, leases=False)
    await lifecycle.pause(database, cid, actor="dana")
    async with database.transaction() as conn:
        assert await lease.renew(conn, cell) == []
        assert await lease.acquire(conn, cell) == []
        assert await lease.acquire(conn, other) == []
        assert [(r.campaign, r.epoch) for r in await lease.revoked(conn, cell)] == [(cid, 2)]


async def test_an_acquisition_that_waits_for_a_pause_gets_nothing(database: Database) -> None:
    cid = await running(database)
    cell = await make_cell(database, leases=False)
    async with await connect(database.url, autocommit=False) as pauser:
        await pauser.execute(lifecycle.SQL["lock_campaign"], {"campaign": cid})
        acquiring = asyncio.create_task(acquire(database, cell))
        assert await waits(database, acquiring)
        await pauser.execute(
            "UPDATE campaign SET state = 'pausing', epoch = epoch + 1 WHERE id = %s", [cid]
        )
        await pauser.commit()
        assert await within(2, acquiring) == [[]]


# ------------------------------------------------------------- acknowledgements


async def test_the_last_acknowledgement_seals(database: Database) -> None:
    cid = await running(database)
    one, two = await make_cell(database), await make_cell(database)
    silence = await lifecycle.pause(database, cid, actor="dana", reason="lunch")
    at = datetime(2026, 1, 1, tzinfo=UTC)
    await acknowledge(database, cid, one, CellPart(at, 2, 3, 4))
    assert (await state(database, cid))["state"] == "pausing"
    await acknowledge(database, cid, two, CellPart(at + timedelta(1), 20, 30, 40))
    assert (await state(database, cid))["state"] == "paused"
    async with database.transaction() as conn:
        sealed = await receipt.read(conn, silence.receipt)
    assert sealed["confirmed_by"] == "acknowledgement"
    assert sealed["last_launch_at"] == at + timedelta(1)
    assert (sealed["conversations_left"], sealed["leads_returned"]) == (33, 44)
    assert (sealed["actor"], sealed["reason"]) == ("dana", "lunch")
    assert {part["cell_id"] for part in sealed["cells"]} == {one, two}
    assert await lifecycle.await_confirmation(database, silence, 0)


async def test_the_seal_is_in_the_transaction_of_the_acknowledgement(database: Database) -> None:
    cid = await running(database)
    cell = await make_cell(database)
    await lifecycle.pause(database, cid, actor="dana")
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as conn:
            await acknowledge_all(conn, cell, [Part(cid, (), part=CellPart(None, 0, 0, 0))])
            raise ZeroDivisionError
    assert (await state(database, cid))["state"] == "pausing"
    assert len(await ask(database, "SELECT 1 FROM lease WHERE revoked")) == 1


async def test_cells_that_acknowledge_at_once_seal_exactly_once(database: Database) -> None:
    for turn in range(10):
        cid = await running(database, f"Spring {turn}")
        cells = [await make_cell(database) for _ in range(4)]
        await lifecycle.pause(database, cid, actor="dana")
        await within(5, *(acknowledge(database, cid, cell) for cell in cells))
        history = await ask(
            database, "SELECT to_state FROM transition WHERE campaign_id = %s ORDER BY epoch", cid
        )
        assert [row["to_state"] for row in history] == ["running", "pausing", "paused"]


async def test_a_pause_without_any_lease_is_confirmed_at_once(database: Database) -> None:
    cid = await running(database)
    silence = await lifecycle.pause(database, cid, actor="dana")
    assert (await state(database, cid))["state"] == "paused"
    assert await lifecycle.await_confirmation(database, silence, 0)


async def test_a_late_acknowledgement_takes_no_lease_given_since(database: Database) -> None:
    cid = await running(database)
    cell = await make_cell(database)
    silence = await lifecycle.pause(database, cid, actor="dana")
    await lifecycle.seal_by_expiry(database, silence)
    await lifecycle.resume(database, cid, actor="dana")
    assert await acquire(database, cell) == [(cid, 5)]
    await acknowledge(database, cid, cell)
    async with database.transaction() as conn:
        assert await call.hold_lease(conn, cid, cell, 5)
    assert (await state(database, cid))["state"] == "running"


# ------------------------------------------------------------- expiry


async def test_a_cell_that_does_not_answer_is_waited_for_until_the_ttl(database: Database) -> None:
    cid = await running(database)
    await make_cell(database)
    begun = time.monotonic()
    silence = await lifecycle.pause(database, cid, actor="dana")
    assert not await lifecycle.await_confirmation(database, silence, 0.1)
    assert await lifecycle.await_confirmation(database, silence, 3)
    assert time.monotonic() - begun >= LEASE_TTL_S
    (sealed,) = await receipts(database, cid)
    assert sealed["confirmed_by"] == "expiry"
    assert (await state(database, cid))["state"] == "paused"
    assert await ask(database, "SELECT 1 FROM lease") == []


async def test_each_cell_is_confirmed_by_its_own_way(database: Database) -> None:
    cid = await running(database)
    alive, dead = await make_cell(database), await make_cell(database)
    silence = await lifecycle.pause(database, cid, actor="dana")
    await acknowledge(database, cid, alive)
    await lifecycle.seal_by_expiry(database, silence)
    async with database.transaction() as conn:
        sealed = await receipt.read(conn, silence.receipt)
    by = {part["cell_id"]: part["confirmed_by"] for part in sealed["cells"]}
    assert by == {alive: "acknowledgement", dead: "expiry"}
    assert sealed["confirmed_by"] == "expiry"


async def test_a_late_expiry_leaves_a_resumed_campaign_its_leases(database: Database) -> None:
    cid = await running(database)
    cell = await make_cell(database)
    silence = await lifecycle.pause(database, cid, actor="dana")
    await acknowledge(database, cid, cell)
    await lifecycle.resume(database, cid, actor="dana")
    await acquire(database, cell)
    await lifecycle.seal_by_expiry(database, silence)
    async with database.transaction() as conn:
        assert await call.hold_lease(conn, cid, cell, 5)


async def test_a_pause_overtaken_by_a_termination_is_confirmed_with_it(
    database: Database,
) -> None:
    cid = await running(database)
    early, late = await make_cell(database), await make_cell(database)
    paused = await lifecycle.pause(database, cid, actor="dana")
    await acknowledge(database, cid, early)
    ended = await lifecycle.terminate(database, cid, actor="eli")
    overdue = Silence(cid, paused.receipt, time.monotonic() - 2 * LEASE_TTL_S)
    assert not await lifecycle.await_confirmation(database, overdue, 0)
    await acknowledge(database, cid, late)
    assert await lifecycle.await_confirmation(database, paused, 0)
    assert await lifecycle.await_confirmation(database, ended, 0)
    assert (await state(database, cid))["state"] == "terminated"
    first, second = await receipts(database, cid)
    assert first["confirmed_by"] == second["confirmed_by"] == "acknowledgement"
    async with database.transaction() as conn:
        cells = [(await receipt.read(conn, one["id"]))["cells"] for one in (first, second)]
    assert [{part["cell_id"] for part in parts} for parts in cells] == [{early, late}, {late}]
    assert all(part["confirmed_by"] == "acknowledgement" for parts in cells for part in parts)


# ------------------------------------------------------------- repeated, stale, illegal


async def test_a_repeated_pause_returns_the_standing_receipt(database: Database) -> None:
    cid = await running(database)
    cell = await make_cell(database)
    first = await lifecycle.pause(database, cid, actor="dana", reason="first")
    again = await lifecycle.pause(database, cid, actor="eli", reason="second", epoch=2)
    await acknowledge(database, cid, cell)
    third = await lifecycle.pause(database, cid, actor="eli", reason="third")
    assert first.receipt == again.receipt == third.receipt
    (only,) = await receipts(database, cid)
    assert (only["actor"], only["reason"]) == ("dana", "first")


async def test_a_repeated_termination_returns_the_standing_receipt(database: Database) -> None:
    cid = await running(database)
    first = await lifecycle.terminate(database, cid, actor="dana")
    assert (await lifecycle.terminate(database, cid, actor="eli")).receipt == first.receipt


async def test_a_transition_that_saw_another_epoch_is_refused(database: Database) -> None:
    cid = await running(database)
    with pytest.raises(EpochChanged) as refused:
        await lifecycle.pause(database, cid, actor="dana", epoch=1)
    assert refused.value.data == {"seen": 1, "current": 2, "state": "running"}
    await lifecycle.pause(database, cid, actor="dana", epoch=2)
    with pytest.raises(EpochChanged):
        await lifecycle.resume(database, cid, actor="dana", epoch=2)
    with pytest.raises(EpochChanged):
        await lifecycle.terminate(database, cid, actor="dana", epoch=3)
    assert (await state(database, cid))["state"] == "paused"


async def test_an_illegal_transition_says_what_is_possible(database: Database) -> None:
    cid = await make_campaign(database)
    with pytest.raises(IllegalTransition) as refused:
        await lifecycle.pause(database, cid, actor="dana")
    assert refused.value.status == 409
    assert refused.value.data["state"] == "draft"
    assert refused.value.data["allowed"] == ["start", "terminate"]
    await lifecycle.start(database, cid, actor="dana")
    with pytest.raises(IllegalTransition) as refused:
        await lifecycle.resume(database, cid, actor="dana")
    assert refused.value.data["allowed"] == ["pause", "terminate"]
    await lifecycle.terminate(database, cid, actor="dana")
    for act in (lifecycle.start, lifecycle.resume, lifecycle.pause):
        with pytest.raises(IllegalTransition) as refused:
            await act(database, cid, actor="dana")
        assert refused.value.data["allowed"] == []
    with pytest.raises(NotFound):
        await lifecycle.pause(database, 999, actor="dana")


async def test_a_campaign_whose_silence_is_not_confirmed_cannot_be_resumed(
    database: Database,
) -> None:
    cid = await running(database)
    await make_cell(database)
    await lifecycle.pause(database, cid, actor="dana")
    with pytest.raises(IllegalTransition) as refused:
        await lifecycle.resume(database, cid, actor="dana")
    assert refused.value.data["state"] == "pausing"


@pytest.mark.parametrize("start", ["draft", "running", "leased", "pausing", "paused"])
async def test_a_campaign_can_be_terminated_from(database: Database, start: str) -> None:
    cid = await make_campaign(database)
    cell = await make_cell(database, leases=False)
    if start != "draft":
        await lifecycle.start(database, cid, actor="dana")
    if start in ("leased", "pausing"):
        await acquire(database, cell)
    if start in ("pausing", "paused"):
        await lifecycle.pause(database, cid, actor="dana")
    assert (await state(database, cid))["state"] == start.replace("leased", "running")
    silence = await lifecycle.terminate(database, cid, actor="dana", drain=Drain.HANG_UP_ALL)
    if start in ("leased", "pausing"):
        assert (await state(database, cid))["state"] == "terminating"
        await acknowledge(database, cid, cell)
    assert (await state(database, cid))["state"] == "terminated"
    assert await lifecycle.await_confirmation(database, silence, 0)
    newest = (await receipts(database, cid))[-1]
    assert (newest["kind"], newest["drain"]) == ("terminate", "hang_up_all")


async def test_a_cell_learns_the_drain_of_a_standing_pause_only(database: Database) -> None:
    cid = await running(database)
    cell = await make_cell(database)

    async def drain() -> list[str]:
        async with database.transaction() as conn:
            cursor = await conn.execute(lease.SQL["drain"], {"campaign": cid})
            return [row["drain"] for row in await cursor.fetchall()]

    assert await drain() == []
    await lifecycle.pause(database, cid, actor="dana", drain=Drain.HANG_UP_ALL)
    assert await drain() == ["hang_up_all"]
    await acknowledge(database, cid, cell)
    assert await drain() == ["hang_up_all"]
    await lifecycle.resume(database, cid, actor="dana")
    assert await drain() == []


# ------------------------------------------------------------- timed, clocks


async def test_a_timed_pause_resumes_by_itself(database: Database) -> None:
    soon = await running(database, "soon")
    later = await running(database, "later")
    now = datetime.now(UTC)
    await lifecycle.pause(database, soon, actor="dana", until=now + timedelta(milliseconds=50))
    await lifecycle.pause(database, later, actor="dana", until=now + timedelta(hours=1))
    await asyncio.sleep(0.08)
    await within(5, *(lifecycle.resume_what_is_due(database) for _ in range(5)))
    assert (await state(database, soon))["state"] == "running"
    assert (await state(database, soon))["resume_at"] is None
    assert (await state(database, soon))["epoch"] == 5
    assert (await state(database, later))["state"] == "paused"
    assert (await state(database, later))["resume_at"] == now + timedelta(hours=1)


async def test_the_longer_of_two_pauses_wins(database: Database) -> None:
    cid = await running(database)
    now = datetime.now(UTC)
    for until, stands in (
        (now + timedelta(hours=1), now + timedelta(hours=1)),
        (now + timedelta(minutes=1), now + timedelta(hours=1)),
        (now + timedelta(hours=2), now + timedelta(hours=2)),
        (None, None),
        (now + timedelta(hours=1), None),
    ):
        await lifecycle.pause(database, cid, actor="dana", until=until)
        assert (await state(database, cid))["resume_at"] == stands
    assert len(await receipts(database, cid)) == 1


async def test_a_pause_without_an_end_stops_a_timer_that_is_about_to_fire(
    database: Database,
) -> None:
    cid = await running(database)
    await lifecycle.pause(database, cid, actor="dana", until=datetime.now(UTC))
    epoch = (await state(database, cid))["epoch"]
    was = terms_of(await state(database, cid))
    await lifecycle.pause(database, cid, actor="lee", reason="emergency")
    # what a timer does that read the campaign before the emergency came
    await lifecycle.resume(database, cid, actor="timer", epoch=epoch, if_terms=was)
    assert (await state(database, cid))["state"] == "paused"


async def test_the_time_of_a_timed_pause_outlives_its_confirmation(database: Database) -> None:
    cid = await running(database)
    cell = await make_cell(database)
    until = datetime.now(UTC) + timedelta(hours=1)
    await lifecycle.pause(database, cid, actor="dana", until=until)
    assert (await state(database, cid))["resume_at"] == until
    await acknowledge(database, cid, cell)
    assert (await state(database, cid))["resume_at"] == until


@pytest.mark.parametrize("clocks", list(Clocks))
async def test_a_pause_freezes_retry_delays_or_lets_them_run(
    database: Database, clocks: Clocks
) -> None:
    cid = await running(database, leads=1, settings=CampaignSettings(clocks=clocks))
    await do(
        database,
        "UPDATE lead SET state = 'waiting', due_at = clock_timestamp() + interval '0.3 s'",
    )
    await lifecycle.pause(database, cid, actor="dana")
    await asyncio.sleep(0.4)
    await lifecycle.resume(database, cid, actor="dana")
    async with database.transaction() as conn:
        promoted = await claim.promote(conn, [cid])
    offset = (await state(database, cid))["clock_offset"]
    if clocks is Clocks.RUN:
        assert (promoted, offset) == (1, timedelta(0))
        return
    assert promoted == 0
    assert timedelta(seconds=0.4) <= offset < timedelta(seconds=2)
    await asyncio.sleep(0.35)
    async with database.transaction() as conn:
        assert await claim.promote(conn, [cid]) == 1


# ------------------------------------------------------------- completion


@pytest.mark.parametrize(
    ("left", "completes"),
    [
        ("due", False),
        ("waiting", False),
        ("claimed", False),
        ("in_progress", False),
        ("done", True),
        ("excluded", True),
    ],
)
async def test_a_campaign_completes_only_when_no_work_is_left(
    database: Database, left: str, completes: bool
) -> None:
    cid = await running(database, leads=3)
    cell = await make_cell(database)
    await do(database, "UPDATE lead SET state = 'done'")
    holder = cell if left in ("claimed", "in_progress") else None
    await do(
        database,
        "UPDATE lead SET state = %s, cell_id = %s WHERE id = (SELECT min(id) FROM lead)",
        left,
        holder,
    )
    assert not await lifecycle.complete(database, cid, epoch=1), "it was changed meanwhile"
    assert await lifecycle.complete(database, cid, epoch=2) is completes
    assert (await state(database, cid))["state"] == ("completed" if completes else "running")
    assert (await ask(database, "SELECT 1 FROM lease") == []) is completes


async def test_a_paused_campaign_does_not_complete(database: Database) -> None:
    cid = await running(database)
    await lifecycle.pause(database, cid, actor="dana")
    assert not await lifecycle.complete(database, cid, epoch=4)
    assert (await state(database, cid))["state"] == "paused"


# ------------------------------------------------------------- history, receipts


async def test_every_transition_is_one_row_of_history(database: Database) -> None:
    cid = await make_campaign(database)
    await lifecycle.start(database, cid, actor="dana", reason="go")
    await lifecycle.pause(database, cid, actor="eli", reason="lunch")
    await lifecycle.resume(database, cid, actor="dana", reason="back")
    await lifecycle.terminate(database, cid, actor="fay", reason="enough")
    async with database.transaction() as conn:
        history = await receipt.history(conn, cid, before=None, limit=50)
    told = [(row["from_state"], row["to_state"], row["epoch"], row["actor"]) for row in history]
    assert told == [
        ("terminating", "terminated", 7, "system"),
        ("running", "terminating", 6, "fay"),
        ("paused", "running", 5, "dana"),
        ("pausing", "paused", 4, "system"),
        ("running", "pausing", 3, "eli"),
        ("draft", "running", 2, "dana"),
    ]
    reasons = [row["reason"] for row in history]
    assert reasons == ["silence confirmed", "enough", "back", "silence confirmed", "lunch", "go"]
    with_receipt = [row["to_state"] for row in history if row["receipt_id"] is not None]
    assert with_receipt == ["terminated", "terminating", "paused", "pausing"]


async def test_the_receipt_shows_that_a_pause_changed_no_setting(database: Database) -> None:
    cid = await running(database)
    await lifecycle.pause(database, cid, actor="dana")
    (sealed,) = await receipts(database, cid)
    async with database.transaction() as conn:
        now = await campaign_settings.digest(conn, cid, CampaignSettings())
    assert sealed["settings_digest_before"] == sealed["settings_digest_after"] == now


async def test_the_receipt_shows_a_setting_changed_by_others_meanwhile(
    database: Database,
) -> None:
    cid = await make_campaign(database)
    await do(database, "UPDATE campaign SET state = 'running', epoch = 2 WHERE id = %s", cid)
    cell = await make_cell(database)
    await lifecycle.pause(database, cid, actor="dana")
    await do(
        database,
        "WITH v AS (INSERT INTO campaign_settings "
        "SELECT campaign_id, 2, settings, 'other', 'eli', now() FROM campaign_settings) "
        "UPDATE campaign SET settings_version = 2 WHERE id = %s",
        cid,
    )
    await acknowledge(database, cid, cell)
    (sealed,) = await receipts(database, cid)
    assert sealed["settings_digest_after"] == "other" != sealed["settings_digest_before"]


async def test_a_receipt_counts_what_was_in_flight_and_what_it_cancelled(
    database: Database,
) -> None:
    cid = await running(database, leads=3)
    cell = await make_cell(database)
    leads = await take(database, cid, cell)
    rings, talks, _ = launches = await launch(database, cid, cell, leads)
    now = datetime.now(UTC)
    async with database.transaction() as conn:
        await call.progress(
            conn,
            [Progress(one.attempt, CallPhase.DIALLING, now, "t", "id") for one in launches]
            + [Progress(talks.attempt, CallPhase.TALKING, now)],
        )
    await lifecycle.pause(database, cid, actor="dana")
    await acknowledge(database, cid, cell, CellPart(now, 2, 1, 0))
    (sealed,) = await receipts(database, cid)
    assert (sealed["ringing_at_request"], sealed["talking_at_request"]) == (2, 1)
    assert sealed["completed_at"] is None

    later = datetime.now(UTC)
    async with database.transaction() as conn:
        ends = [end_of(one, Outcome.CANCELLED, at=later) for one in launches if one is not talks]
        await call.end(conn, ends)
        await lifecycle.complete_receipts(conn, [cid])
    (sealed,) = await receipts(database, cid)
    assert sealed["completed_at"] is None, "a conversation goes on"
    async with database.transaction() as conn:
        assert (await receipt.read(conn, sealed["id"]))["cancelled"] == 2
    # A resume does not keep the receipt from its completion.
    await lifecycle.resume(database, cid, actor="dana")
    async with database.transaction() as conn:
        await call.end(conn, [end_of(talks, Outcome.ANSWERED, at=later)])
        await lifecycle.complete_receipts_of(conn, [talks.attempt])
    (sealed,) = await receipts(database, cid)
    assert sealed["completed_at"] is not None
    assert sealed["cancelled"] == 2
    assert rings is not talks


async def test_a_receipt_whose_last_attempt_was_undone_is_completed(database: Database) -> None:
    cid = await running(database, leads=1)
    cell = await make_cell(database)
    (only,) = await launch(database, cid, cell, await take(database, cid, cell))
    await lifecycle.pause(database, cid, actor="dana")
    await acknowledge(database, cid, cell)
    async with database.transaction() as conn:
        await call.not_launched(conn, [only.attempt])
    await lifecycle.complete_what_is_over(database)
    (sealed,) = await receipts(database, cid)
    assert sealed["completed_at"] is not None


# ------------------------------------------------------------- many at once


async def test_twenty_pausers_at_once_make_one_pause(database: Database) -> None:
    cid = await running(database)
    cell = await make_cell(database)
    silences = await within(
        10, *(lifecycle.pause(database, cid, actor=f"person {n}") for n in range(20))
    )
    assert len({silence.receipt for silence in silences}) == 1
    confirmations = [lifecycle.await_confirmation(database, one, 3) for one in silences]
    results = await within(10, acknowledge(database, cid, cell), *confirmations)
    assert results == [None] + [True] * 20
    assert (await state(database, cid))["epoch"] == 4
    assert len(await receipts(database, cid)) == 1


async def test_pause_everything_with_two_hundred_campaigns(database: Database) -> None:
    campaigns = [await make_campaign(database, f"c{n}") for n in range(200)]
    await do(database, "UPDATE campaign SET state = 'running', epoch = 2")
    cells = [await make_cell(database) for _ in range(2)]

    async def silent(cell: UUID) -> None:
        for cid in random.Random(str(cell)).sample(campaigns, len(campaigns)):
            await acknowledge(database, cid, cell)

    silences = await within(
        20, *(lifecycle.pause(database, cid, actor="dana") for cid in campaigns)
    )
    await within(20, *map(silent, cells))
    done = [await lifecycle.await_confirmation(database, silence, 0) for silence in silences]
    assert done == [True] * 200
    assert await ask(database, "SELECT 1 FROM campaign WHERE state <> 'paused'") == []
    assert (
        await ask(database, "SELECT 1 FROM receipt WHERE confirmed_by <> 'acknowledgement'") == []
    )


async def test_launches_pauses_resumes_and_settings_never_deadlock(database_url: str) -> None:
    """Four cells and five managers at two campaigns for ten seconds."""
    async with Database(database_url, size_max=14) as database:
        campaigns = [await running(database, name) for name in ("a", "b")]
        await do(
            database,
            "INSERT INTO contact (list_id, line, phones, zones) "
            "SELECT l.id, n, ARRAY['+1312' || to_char(l.id * 100000 + n, 'FM0000000')], "
            "ARRAY['America/Chicago'] FROM contact_list l, generate_series(1, 400) AS n",
        )
        await do(
            database,
            "INSERT INTO lead (campaign_id, contact_id, state, zone) SELECT cl.campaign_id, c.id, "
            "'due', c.zones[1] FROM contact c JOIN campaign_list cl USING (list_id)",
        )
        stop = time.monotonic() + 10
        launched = dict.fromkeys(campaigns, 0)
        rng = random.Random(7)
        changes = [(await dialable(database)).model_copy(update={"priority": n}) for n in (1, 9)]

        async def cell() -> None:
            me = await make_cell(database, leases=False)
            while time.monotonic() < stop:
                async with database.transaction() as conn:
                    await lease.renew(conn, me)
                async with database.transaction() as conn:
                    await lease.acquire(conn, me)
                    revoked = await lease.revoked(conn, me)
                for one in revoked:
                    await acknowledge(database, one.campaign, me)
                for cid in rng.sample(campaigns, 2):
                    leads = await take(database, cid, me, 5)
                    done = await launch(database, cid, me, leads)
                    launched[cid] += len(done)
                    now = datetime.now(UTC)
                    async with database.transaction() as conn:
                        await call.progress(
                            conn,
                            [Progress(d.attempt, CallPhase.RINGING, now) for d in done],
                        )
                        await call.end(
                            conn, [end_of(d, Outcome.CANCELLED, at=now) for d in done[1:]]
                        )
                    async with database.transaction() as conn:
                        await call.end(conn, [end_of(d, Outcome.BUSY, at=now) for d in done[:1]])
                        await claim.release(conn, me, [lead.id for lead in leads])
                    await do(database, "UPDATE lead SET state = 'due' WHERE state = 'waiting'")

        async def manager() -> None:
            while time.monotonic() < stop:
                cid = rng.choice(campaigns)
                try:
                    if rng.random() < 0.5:
                        silence = await lifecycle.pause(database, cid, actor="dana")
                        await lifecycle.await_confirmation(database, silence, 0.2)
                    else:
                        await lifecycle.resume(database, cid, actor="dana")
                except IllegalTransition:
                    pass
                await asyncio.sleep(rng.random() * 0.05)

        async def editor() -> None:
            while time.monotonic() < stop:
                for cid in campaigns:
                    async with database.transaction() as conn:
                        await campaign_settings.put(conn, cid, rng.choice(changes), None, "eli")
                await asyncio.sleep(0.02)

        # A DeadlockDetected in any of them fails the test.
        await within(25, *(cell() for _ in range(4)), *(manager() for _ in range(4)), editor())
        assert all(number > 10 for number in launched.values()), launched
        (counted,) = await ask(
            database, "SELECT count(*) AS n FROM transition WHERE to_state = 'paused'"
        )
        assert counted["n"] > 20
        late = await ask(
            database,
            "SELECT a.id FROM attempt a JOIN transition t ON t.campaign_id = a.campaign_id "
            "AND t.to_state = 'pausing' AND t.epoch = a.epoch + 1 WHERE a.journalled_at > t.at",
        )
        assert late == [], "an attempt was journalled after the pause of its epoch"
