"""The journal of attempts: counted once, whatever is repeated, late, or in doubt."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.postgres.material import (
    acquire,
    ask,
    do,
    end_of,
    journal,
    launch,
    make_campaign,
    make_cell,
    phones,
    running,
    take,
    tally_is_true,
)
from tests.postgres.parts import parts_of

from caesura.cell.housekeeping import Housekeeping
from caesura.cell.journal import Journal
from caesura.rules.call import AttemptEnd, CallPhase, Launch, Progress
from caesura.rules.outcome import Outcome
from caesura.store import call, lease, lifecycle
from caesura.store.database import Database

T0 = datetime(2026, 3, 2, 15, 0, 40, tzinfo=UTC)
DIALLING, RINGING, TALKING = CallPhase.DIALLING, CallPhase.RINGING, CallPhase.TALKING
_numbers = itertools.count()


def s(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


async def one_call(database: Database) -> tuple[int, UUID, Launch]:
    """A running campaign, a cell, and an attempt of it that is journalled."""
    cid = await running(database, leads=1)
    cell = await make_cell(database)
    (launched,) = await launch(database, cid, cell, await take(database, cid, cell))
    return cid, cell, launched


async def tell(database: Database, *events: Progress) -> None:
    async with database.transaction() as conn:
        await call.progress(conn, events)


async def finish(database: Database, *ends: AttemptEnd) -> None:
    async with database.transaction() as conn:
        await call.end(conn, ends)


async def figures(database: Database, cid: int) -> dict[str, Any]:
    (sums,) = await ask(
        database,
        "SELECT coalesce(sum(launched), 0)::int AS launched, "
        "coalesce(sum(received), 0)::int AS received, "
        "coalesce(sum(answered), 0)::int AS answered, "
        "coalesce(sum(talks_ended), 0)::int AS talks_ended, "
        "coalesce(sum(talk_ms), 0)::bigint AS talk_ms FROM campaign_minute WHERE campaign_id = %s",
        cid,
    )
    return sums


async def outcomes(database: Database, cid: int) -> dict[tuple[datetime, str], int]:
    found = await ask(
        database,
        "SELECT minute, outcome, sum(n)::int AS n FROM outcome_minute WHERE campaign_id = %s "
        "GROUP BY 1, 2 HAVING sum(n) <> 0",
        cid,
    )
    return {(row["minute"], row["outcome"]): row["n"] for row in found}


async def figures_are_true(database: Database, cid: int) -> None:
    """The figures per minute equal those recomputed from the attempts."""
    kept = await ask(
        database,
        "SELECT minute, sum(launched)::int AS launched, sum(answered)::int AS answered, "
        "sum(talks_ended)::int AS talks_ended, sum(talk_ms)::bigint AS talk_ms "
        "FROM campaign_minute WHERE campaign_id = %s GROUP BY 1 "
        "HAVING (sum(launched), sum(answered), sum(talks_ended), sum(talk_ms)) <> (0, 0, 0, 0) "
        "ORDER BY 1",
        cid,
    )
    counted = await ask(
        database,
        "SELECT minute, sum(launched)::int AS launched, sum(answered)::int AS answered, "
        "sum(talks_ended)::int AS talks_ended, sum(talk_ms)::bigint AS talk_ms FROM ("
        " SELECT campaign_id, date_trunc('minute', launched_at) AS minute, 1 AS launched,"
        "  0 AS answered, 0 AS talks_ended, 0 AS talk_ms"
        "  FROM attempt WHERE launched_at IS NOT NULL"
        " UNION ALL SELECT campaign_id, date_trunc('minute', answered_at), 0, 1, 0, 0"
        "  FROM attempt WHERE answered_at IS NOT NULL"
        " UNION ALL SELECT campaign_id, date_trunc('minute', ended_at), 0, 0, 1,"
        "  (extract(epoch FROM ended_at - answered_at) * 1000)::bigint FROM attempt"
        "  WHERE answered_at IS NOT NULL AND state = 'ended' AND outcome <> 'unknown'"
        ") AS x WHERE campaign_id = %s GROUP BY 1 ORDER BY 1",
        cid,
    )
    assert kept == counted
    (received,) = await ask(
        database,
        "SELECT count(*)::int AS n FROM attempt WHERE received AND campaign_id = %s",
        cid,
    )
    assert (await figures(database, cid))["received"] == received["n"]
    ended = await ask(
        database,
        "SELECT date_trunc('minute', ended_at) AS minute, outcome, count(*)::int AS n "
        "FROM attempt WHERE state = 'ended' AND campaign_id = %s GROUP BY 1, 2",
        cid,
    )
    assert await outcomes(database, cid) == {
        (row["minute"], row["outcome"]): row["n"] for row in ended
    }


# ------------------------------------------------------------- progress


async def test_progress_is_counted_once_however_often_it_is_told(database: Database) -> None:
    cid, _, launched = await one_call(database)
    story = [
        Progress(launched.attempt, DIALLING, s(0), "carrier", "id-1"),
        Progress(launched.attempt, RINGING, s(2)),
        Progress(launched.attempt, TALKING, s(7)),
    ]
    for _ in range(3):
        await tell(database, *story)
        for event in story:
            await tell(database, event, event)
    assert await figures(database, cid) == {
        "launched": 1,
        "received": 1,
        "answered": 1,
        "talks_ended": 0,
        "talk_ms": 0,
    }
    (row,) = await ask(database, "SELECT * FROM attempt")
    moments = (row["launched_at"], row["ringing_at"], row["answered_at"])
    assert moments == (s(0), s(2), s(7))
    assert (row["state"], row["trunk"], row["sip_call_id"]) == ("in_progress", "carrier", "id-1")
    await figures_are_true(database, cid)


async def test_progress_and_end_count_the_same_in_whichever_order(database: Database) -> None:
    for order in itertools.permutations(range(4)):
        cid, _, launched = await one_call(database)
        story: list[Progress | AttemptEnd] = [
            Progress(launched.attempt, DIALLING, s(0), "carrier", "id-1"),
            Progress(launched.attempt, RINGING, s(2)),
            Progress(launched.attempt, TALKING, s(7)),
            end_of(launched, Outcome.ANSWERED, at=s(30), received=True),
        ]
        for which in order:
            event = story[which]
            if isinstance(event, AttemptEnd):
                await finish(database, event)
            else:
                await tell(database, event)
        found = await figures(database, cid)
        assert (found["launched"], found["received"], found["answered"]) == (1, 1, 1)
        assert await outcomes(database, cid) == {(s(20), "answered"): 1}, "its end's minute"
        (row,) = await ask(database, "SELECT * FROM attempt")
        assert (row["state"], row["launched_at"], row["answered_at"]) == ("ended", s(0), s(7))
        await do(database, "DELETE FROM campaign")
        await do(database, "DELETE FROM contact_list")


async def test_a_call_that_was_busy_counts_as_received_without_ringing(
    database: Database,
) -> None:
    cid, _, launched = await one_call(database)
    await finish(database, end_of(launched, Outcome.BUSY, at=s(1), received=True))
    assert (await figures(database, cid))["received"] == 1
    await figures_are_true(database, cid)


# ------------------------------------------------------------- ends


async def test_an_end_told_again_changes_nothing(database: Database) -> None:
    cid, _, launched = await one_call(database)
    await tell(database, Progress(launched.attempt, TALKING, s(7)))
    end = end_of(launched, Outcome.ANSWERED, at=s(30), received=True)
    await finish(database, end)
    before = await ask(database, "SELECT * FROM lead"), await figures(database, cid)
    await finish(database, end, end)
    await finish(database, end_of(launched, Outcome.BUSY, at=s(99), received=True))
    assert (await ask(database, "SELECT * FROM lead"), await figures(database, cid)) == before
    assert before[1]["talk_ms"] == 23_000
    await figures_are_true(database, cid)


async def test_an_end_gives_the_lead_what_follows(database: Database) -> None:
    cid, _, launched = await one_call(database)
    await finish(database, end_of(launched, Outcome.BUSY, at=s(0), received=True))
    (lead,) = await ask(database, "SELECT * FROM lead WHERE campaign_id = %s", cid)
    assert (lead["state"], lead["result"], lead["attempts"]) == ("waiting", "busy", 1)
    assert lead["tries"] == {"busy": 1, "number:1": 1}
    assert lead["due_at"] == s(900)
    assert lead["cell_id"] is None


async def test_a_retry_is_on_the_clock_of_the_campaign(database: Database) -> None:
    cid, _, launched = await one_call(database)
    await do(database, "UPDATE campaign SET clock_offset = interval '10 minutes'")
    await finish(database, end_of(launched, Outcome.BUSY, at=s(0)))
    (lead,) = await ask(database, "SELECT * FROM lead WHERE campaign_id = %s", cid)
    assert lead["due_at"] == s(300)


async def test_a_cancelled_call_does_not_count_against_the_caps(database: Database) -> None:
    _, _, launched = await one_call(database)
    await finish(database, end_of(launched, Outcome.CANCELLED, at=s(0)))
    (attempt,) = await ask(database, "SELECT counted FROM attempt")
    (lead,) = await ask(database, "SELECT attempts FROM lead")
    assert (attempt["counted"], lead["attempts"]) == (False, 0)


async def test_an_end_before_its_answer_on_a_clock_set_back_is_no_negative_talk(
    database: Database,
) -> None:
    cid, _, launched = await one_call(database)
    await tell(database, Progress(launched.attempt, TALKING, s(10)))
    await finish(database, end_of(launched, Outcome.ANSWERED, at=s(3), received=True))
    assert (await figures(database, cid))["talk_ms"] == 0
    await figures_are_true(database, cid)


# ------------------------------------------------------------- in doubt


@pytest.mark.parametrize("answered_before_the_doubt", [True, False])
async def test_the_true_end_corrects_one_in_doubt(
    database: Database, answered_before_the_doubt: bool
) -> None:
    cid, _, launched = await one_call(database)
    answered = Progress(launched.attempt, TALKING, s(10 if answered_before_the_doubt else 80))
    await tell(database, Progress(launched.attempt, DIALLING, s(0), "carrier", "id"))
    await finish(database, end_of(launched, Outcome.UNKNOWN, at=s(60)))
    await figures_are_true(database, cid)
    await tell(database, answered)
    await figures_are_true(database, cid)
    await finish(database, end_of(launched, Outcome.ANSWERED, at=s(200), received=True))
    await figures_are_true(database, cid)
    found = await figures(database, cid)
    assert found["talks_ended"] == 1
    assert found["talk_ms"] == (190_000 if answered_before_the_doubt else 120_000)
    assert list((await outcomes(database, cid)).values()) == [1]
    (lead,) = await ask(database, "SELECT state, result FROM lead")
    assert (lead["state"], lead["result"]) == ("done", "answered")


async def test_a_doubt_that_comes_after_the_truth_changes_nothing(database: Database) -> None:
    cid, _, launched = await one_call(database)
    await finish(database, end_of(launched, Outcome.BUSY, at=s(1), received=True))
    await finish(database, end_of(launched, Outcome.UNKNOWN, at=s(2)))
    (attempt,) = await ask(database, "SELECT outcome FROM attempt")
    assert attempt["outcome"] == "busy"
    await figures_are_true(database, cid)


async def test_the_truth_does_not_touch_a_lead_that_is_on_its_way_again(
    database: Database,
) -> None:
    cid, cell, launched = await one_call(database)
    await finish(database, end_of(launched, Outcome.UNKNOWN, at=s(0)))
    await do(database, "UPDATE lead SET state = 'due'")
    (again,) = await launch(database, cid, cell, await take(database, cid, cell))
    await finish(database, end_of(launched, Outcome.ANSWERED, at=s(9), received=True))
    (lead,) = await ask(database, "SELECT state, cell_id FROM lead")
    assert lead == {"state": "in_progress", "cell_id": cell}
    assert again.attempt != launched.attempt
    await figures_are_true(database, cid)


stories = st.lists(
    st.tuples(
        st.sampled_from(["dial", "ring", "answer", "end", "end", "doubt", "again"]),
        st.integers(0, 3),  # which attempt
        st.integers(0, 400),  # when, seconds
        st.sampled_from([o for o in Outcome if o is not Outcome.UNKNOWN]),
        st.booleans(),  # received
    ),
    max_size=30,
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(story=stories)
async def test_the_figures_equal_a_recount_whatever_is_told(
    database: Database, story: list[tuple[str, int, int, Outcome, bool]]
) -> None:
    n = next(_numbers)
    cid = await make_campaign(database, f"c{n}", contacts=phones(4, first=n * 10))
    await lifecycle.start(database, cid, actor="test")
    cell = await make_cell(database, leases=False)
    await acquire(database, cell)
    calls = await launch(database, cid, cell, await take(database, cid, cell))
    assert len(calls) == 4
    told: list[Progress | AttemptEnd] = []
    talked, ended = set[UUID](), set[UUID]()
    for what, which, at, outcome, received in story:
        attempt = calls[which].attempt
        event: Progress | AttemptEnd
        match what:
            case "dial":
                event = Progress(attempt, DIALLING, s(at), "carrier", "id")
            case "ring":
                event = Progress(attempt, RINGING, s(at))
            case "answer":
                if attempt in ended and attempt not in talked:
                    continue  # the journal is written in order: no answer after the true end
                event = Progress(attempt, TALKING, s(at))
                talked.add(attempt)
            case "end":
                event = end_of(calls[which], outcome, at=s(at), received=received)
                ended.add(attempt)
            case "doubt":
                event = end_of(calls[which], Outcome.UNKNOWN, at=s(at))
            case _:
                if not told:
                    continue
                event = told[at % len(told)]
                if isinstance(event, Progress) and event.attempt in ended - talked:
                    continue
        told.append(event)
        if isinstance(event, AttemptEnd):
            await finish(database, event)
        else:
            await tell(database, event)
        await figures_are_true(database, cid)
    await tally_is_true(database)
    await do(database, "DELETE FROM campaign WHERE id = %s", cid)


# ------------------------------------------------------------- launches


async def test_an_undone_launch_leaves_no_trace(database: Database) -> None:
    cid, _, launched = await one_call(database)
    async with database.transaction() as conn:
        await call.not_launched(conn, [launched.attempt, uuid4()])
        await call.not_launched(conn, [launched.attempt])
    assert await ask(database, "SELECT 1 FROM attempt") == []
    (lead,) = await ask(database, "SELECT state, cell_id, attempts FROM lead")
    assert lead == {"state": "due", "cell_id": None, "attempts": 0}
    assert (await figures(database, cid))["launched"] == 0


async def test_a_launch_that_reached_the_wire_cannot_be_undone(database: Database) -> None:
    _, _, launched = await one_call(database)
    await tell(database, Progress(launched.attempt, DIALLING, s(0), "carrier", "id"))
    async with database.transaction() as conn:
        await call.not_launched(conn, [launched.attempt])
    assert len(await ask(database, "SELECT 1 FROM attempt WHERE state = 'in_progress'")) == 1


async def test_only_leads_that_the_cell_still_holds_are_journalled(database: Database) -> None:
    cid = await running(database, leads=3)
    cell, other = await make_cell(database), await make_cell(database)
    kept, released, taken = leads = await take(database, cid, cell)
    await do(database, "UPDATE lead SET state = 'due', cell_id = NULL WHERE id = %s", released.id)
    await do(database, "UPDATE lead SET cell_id = %s WHERE id = %s", other, taken.id)
    launches = await launch(database, cid, cell, leads)
    assert [one.lead for one in launches] == [kept.id]
    assert len(await ask(database, "SELECT 1 FROM attempt")) == 1


async def test_a_lead_cannot_have_two_open_attempts(database: Database) -> None:
    cid, cell, launched = await one_call(database)
    await do(database, "UPDATE lead SET state = 'claimed'")
    with pytest.raises(psycopg.errors.UniqueViolation):
        async with database.transaction() as conn:
            await call.journal(
                conn, cid, cell, 2, [Launch(uuid4(), launched.lead, launched.phone, "+1")]
            )


# ------------------------------------------------------------- take-over


def keeper(database: Database, cell: UUID) -> Housekeeping:
    """The housekeeping of a living cell; its line is away."""
    of = parts_of(database, cell)
    return Housekeeping(
        cell, database, of.held, of.trunks, of.line, of.hands, of.messenger, of.desks
    )


async def dies(database: Database, cell: UUID) -> None:
    """Nothing was heard of the cell for a minute."""
    await do(
        database,
        "UPDATE cell SET seen_at = clock_timestamp() - interval '1 minute' WHERE id = %s",
        cell,
    )
    await do(
        database,
        "UPDATE lease SET renewed_at = clock_timestamp() - interval '1 minute' WHERE cell_id = %s",
        cell,
    )


async def silent(database: Database, asker: UUID) -> list[UUID]:
    async with database.transaction() as conn:
        return await lease.silent_cells(conn, asker)


async def test_what_a_dead_cell_held_is_taken_over(database: Database) -> None:
    cid = await running(database, leads=5)
    gone, alive = await make_cell(database), await make_cell(database)
    leads = await take(database, cid, gone)
    launching, ringing, talking = await launch(database, cid, gone, leads[:3])
    await tell(
        database,
        Progress(ringing.attempt, DIALLING, s(0), "carrier", "a"),
        Progress(ringing.attempt, RINGING, s(1)),
        Progress(talking.attempt, TALKING, s(2)),
    )
    assert await silent(database, alive) == []
    await dies(database, gone)
    assert await silent(database, alive) == [gone]
    before = datetime.now(UTC)
    await keeper(database, alive)._take_over(gone)
    assert await silent(database, alive) == []

    found = {row["id"]: row for row in await ask(database, "SELECT * FROM lead")}
    assert [found[lead.id]["state"] for lead in leads[3:]] == ["due", "due"]
    for doubtful in (launching, ringing):
        row = found[doubtful.lead]
        assert (row["state"], row["result"], row["attempts"]) == ("waiting", "unknown", 1)
        assert row["due_at"] >= before + timedelta(seconds=3600), "the retry gap is not kept"
    row = found[talking.lead]
    assert (row["state"], row["result"]) == ("done", "answered")
    assert all(row["cell_id"] is None for row in found.values())
    outcome_of = {
        row["id"]: (row["outcome"], row["received"])
        for row in await ask(database, "SELECT * FROM attempt")
    }
    assert outcome_of == {
        launching.attempt: ("unknown", False),
        ringing.attempt: ("unknown", True),
        talking.attempt: ("answered", True),
    }
    await figures_are_true(database, cid)
    await tally_is_true(database)


async def test_a_zombie_can_launch_nothing(database: Database) -> None:
    cid = await running(database, leads=2)
    zombie, alive = await make_cell(database), await make_cell(database)
    leads = await take(database, cid, zombie)
    await dies(database, zombie)
    await keeper(database, alive)._take_over(zombie)
    assert await launch(database, cid, zombie, leads) == []
    # With a lease of its own again, it still may not launch what it lost.
    assert await acquire(database, zombie) == [(cid, 2)]
    mine = await take(database, cid, alive)
    async with database.transaction() as conn:
        assert await journal(conn, cid, zombie, 2, leads) == []
    assert {lead.id for lead in mine} == {lead.id for lead in leads}


async def test_what_a_zombie_has_to_tell_is_taken_without_harm(database: Database) -> None:
    cid = await running(database, leads=1)
    zombie, alive = await make_cell(database), await make_cell(database)
    (launched,) = await launch(database, cid, zombie, await take(database, cid, zombie))
    await dies(database, zombie)
    await keeper(database, alive)._take_over(zombie)
    later = datetime.now(UTC) + timedelta(seconds=20)
    records = Journal(database)
    records.progress(cid, Progress(launched.attempt, DIALLING, s(0), "carrier", "id"))
    records.progress(cid, Progress(launched.attempt, TALKING, later))
    await records.flush()
    await figures_are_true(database, cid)
    end = later + timedelta(seconds=23)
    records.end(cid, end_of(launched, Outcome.ANSWERED, at=end, received=True))
    await records.flush()
    await figures_are_true(database, cid)
    assert (await figures(database, cid))["talk_ms"] == 23_000
    (lead,) = await ask(database, "SELECT state FROM lead")
    assert lead["state"] == "done"


async def test_a_cell_that_renews_is_not_given_up_though_its_heartbeat_is_late(
    database: Database,
) -> None:
    cid = await running(database, leads=1)
    busy, other = await make_cell(database), await make_cell(database)
    await take(database, cid, busy)
    await dies(database, busy)
    async with database.transaction() as conn:
        assert len(await lease.renew(conn, busy)) == 1
    await keeper(database, other)._take_over(busy)
    async with database.transaction() as conn:
        assert await call.hold_lease(conn, cid, busy, 2)
    (lead,) = await ask(database, "SELECT cell_id FROM lead")
    assert lead["cell_id"] == busy


async def test_a_cell_that_came_back_is_not_taken_over(database: Database) -> None:
    cid = await running(database, leads=1)
    back, other = await make_cell(database), await make_cell(database)
    await take(database, cid, back)
    await dies(database, back)
    assert await silent(database, other) == [back]
    async with database.transaction() as conn:
        await lease.heartbeat(conn, back)
        assert await lease.take_over(conn, back) is None
    assert len(await ask(database, "SELECT 1 FROM lead WHERE state = 'claimed'")) == 1


async def test_only_one_of_two_takes_over(database: Database) -> None:
    cid = await running(database, leads=1)
    gone = await make_cell(database)
    await launch(database, cid, gone, await take(database, cid, gone))
    await dies(database, gone)
    async with database.transaction() as one, database.transaction() as two:
        first = await lease.take_over(one, gone)
        second = await lease.take_over(two, gone)
    assert first is not None and len(first) == 1
    assert second is None


async def test_the_revoked_lease_of_a_dead_cell_is_left_to_the_ttl(database: Database) -> None:
    cid = await running(database, leads=1)
    gone, alive = await make_cell(database), await make_cell(database)
    silence = await lifecycle.pause(database, cid, actor="dana")
    await take(database, cid, gone)
    await dies(database, gone)
    await keeper(database, alive)._take_over(gone)
    left = await ask(database, "SELECT cell_id FROM lease ORDER BY cell_id")
    assert {row["cell_id"] for row in left} == {gone, alive}
    await lifecycle.seal_by_expiry(database, silence)
    parts = await ask(database, "SELECT confirmed_by FROM receipt_cell")
    assert [part["confirmed_by"] for part in parts] == ["expiry", "expiry"]
