"""Claiming: who gets which leads in which order, the tally, and what forbids a number."""

from __future__ import annotations

import asyncio
import itertools
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.postgres.material import (
    ZONE,
    ask,
    do,
    end_of,
    journal,
    launch,
    make_campaign,
    make_cell,
    phones,
    running,
    state,
    take,
    tally_is_true,
    within,
)

from caesura.rules.call import CallPhase, Launch, Progress
from caesura.rules.campaign import CampaignSettings
from caesura.rules.claim import NOTHING_KNOWN, ClaimedLead, NumberFacts, PutOff
from caesura.rules.outcome import Outcome
from caesura.store import call, claim, lease, lifecycle
from caesura.store.database import Database

EAST = "America/New_York"
_numbers = itertools.count()


# ------------------------------------------------------------- order and zones


async def test_leads_come_by_priority_then_by_due_time(database: Database) -> None:
    cid = await running(database, leads=30)
    cell = await make_cell(database)
    await do(
        database,
        "UPDATE lead SET priority = 1 + id %% 3, due_at = now() - (id %% 5) * interval '1 minute'",
    )
    expected = await ask(
        database, "SELECT id FROM lead ORDER BY priority DESC, due_at, id LIMIT 17"
    )
    first = await take(database, cid, cell, 10)
    second = await take(database, cid, cell, 7)
    assert [lead.id for lead in (*first, *second)] == [row["id"] for row in expected]


async def test_only_leads_in_open_zones_are_claimed(database: Database) -> None:
    contacts = [*phones(5), *phones(5, EAST, first=50), *phones(5, f"{EAST}|{ZONE}", first=90)]
    cid = await make_campaign(database, contacts=contacts)
    cell = await make_cell(database)
    assert {lead.zone for lead in await take(database, cid, cell, zones=[EAST])} == {EAST}
    assert await take(database, cid, cell, zones=["Europe/Paris"]) == []
    assert await take(database, cid, cell, zones=[]) == []
    rest = await take(database, cid, cell, zones=[EAST, ZONE, f"{EAST}|{ZONE}"])
    assert len(rest) == 10


async def test_the_order_goes_across_zones(database: Database) -> None:
    contacts = [*phones(10), *phones(10, EAST, first=50)]
    cid = await make_campaign(database, contacts=contacts)
    cell = await make_cell(database)
    await do(database, "UPDATE lead SET due_at = now() - (id * 7 %% 20) * interval '1 minute'")
    expected = await ask(database, "SELECT id FROM lead ORDER BY due_at LIMIT 8")
    taken = await take(database, cid, cell, 8, zones=[EAST, ZONE])
    assert [lead.id for lead in taken] == [row["id"] for row in expected]


async def test_cells_that_claim_at_once_share_and_never_wait(database: Database) -> None:
    cid = await running(database, leads=300)
    cells = [await make_cell(database) for _ in range(4)]

    async def work(cell: UUID) -> list[int]:
        mine: list[int] = []
        while leads := await take(database, cid, cell, 7):
            mine += [lead.id for lead in leads]
        return mine

    shares = await within(20, *map(work, cells))
    everything = sorted(itertools.chain(*shares))
    assert everything == sorted(set(everything)), "a lead was claimed twice"
    # A last look may have met rows that another held for a moment: nobody waits for them.
    everything += [lead.id for lead in await take(database, cid, cells[0], 300)]
    assert len(set(everything)) == 300


async def test_a_claim_does_not_wait_for_another_that_is_under_way(database: Database) -> None:
    cid = await running(database, leads=4)
    one, two = await make_cell(database), await make_cell(database)
    now = datetime.now(UTC)
    async with database.transaction() as conn:
        first = await claim.claim(conn, cid, one, zones=[ZONE], limit=2, now=now)
        (second,) = await within(1, take(database, cid, two, 2))
    assert {lead.id for lead in first.leads}.isdisjoint(lead.id for lead in second)
    assert len(second) == 2


# ------------------------------------------------------------- giving back


async def test_a_cell_releases_only_what_it_holds(database: Database) -> None:
    cid = await running(database, leads=2)
    one, two = await make_cell(database), await make_cell(database)
    (mine,) = await take(database, cid, one, 1)
    (theirs,) = await take(database, cid, two, 1)
    async with database.transaction() as conn:
        assert await claim.release(conn, one, [mine.id, theirs.id]) == 1
        assert await claim.release(conn, one, [mine.id]) == 0
    held = await ask(database, "SELECT id, cell_id FROM lead WHERE state = 'claimed'")
    assert held == [{"id": theirs.id, "cell_id": two}]


async def test_leads_of_a_claim_that_was_not_heard_of_come_back(database: Database) -> None:
    cid = await running(database, leads=4)
    one, two = await make_cell(database), await make_cell(database)
    known, unheard = await take(database, cid, one, 1), await take(database, cid, one, 2)
    await take(database, cid, two, 1)
    async with database.transaction() as conn:
        assert await claim.release_others(conn, cid, one, [lead.id for lead in known]) == 2
    due = await ask(database, "SELECT id FROM lead WHERE state = 'due' ORDER BY id")
    assert [row["id"] for row in due] == sorted(lead.id for lead in unheard)
    async with database.transaction() as conn:
        assert await claim.release_others(conn, cid, one, []) == 1


async def test_a_refused_lead_waits_or_is_excluded(database: Database) -> None:
    cid = await running(database, leads=3)
    cell = await make_cell(database)
    waits, never, foreign = await take(database, cid, cell)
    again_at = datetime.now(UTC) + timedelta(hours=2)
    refused = [
        PutOff(waits.id, "outside_hours", again_at),
        PutOff(never.id, "do_not_call", None),
    ]
    async with database.transaction() as conn:
        await claim.put_off(conn, uuid4(), [PutOff(foreign.id, "do_not_call", None)])
        await claim.put_off(conn, cell, refused)
    found = {
        row["id"]: (row["state"], row["result"], row["cell_id"])
        for row in await ask(database, "SELECT * FROM lead")
    }
    assert found[waits.id] == ("waiting", "outside_hours", None)
    assert found[never.id] == ("excluded", "do_not_call", None)
    assert found[foreign.id] == ("claimed", None, cell)
    (row,) = await ask(database, "SELECT due_at FROM lead WHERE id = %s", waits.id)
    assert row["due_at"] == again_at


async def test_times_are_on_the_clock_of_the_campaign(database: Database) -> None:
    cid = await running(database, leads=2)
    cell = await make_cell(database)
    await do(database, "UPDATE campaign SET clock_offset = interval '1 hour'")
    soon, late = await take(database, cid, cell)
    now = datetime.now(UTC)
    async with database.transaction() as conn:
        await claim.put_off(
            conn,
            cell,
            [
                PutOff(soon.id, "outside_hours", now - timedelta(seconds=1)),
                PutOff(late.id, "outside_hours", now + timedelta(minutes=59)),
            ],
        )
        assert await claim.promote(conn, [cid]) == 1
    due = await ask(database, "SELECT id FROM lead WHERE state = 'due'")
    assert due == [{"id": soon.id}]


async def test_only_running_campaigns_have_their_leads_promoted(database: Database) -> None:
    cid = await running(database, leads=1)
    await do(database, "UPDATE lead SET state = 'waiting'")
    await lifecycle.pause(database, cid, actor="dana")
    async with database.transaction() as conn:
        assert await claim.promote(conn, [cid]) == 0
    await lifecycle.resume(database, cid, actor="dana")
    # The retry clock stood still: what was due a moment before the pause still is after it.
    await asyncio.sleep(0.01)
    async with database.transaction() as conn:
        assert await claim.promote(conn, [cid]) == 1


# ------------------------------------------------------------- facts


async def _attempt(database: Database, phone: str, hours_ago: float, counted: bool = True) -> None:
    await do(
        database,
        "INSERT INTO attempt (id, campaign_id, lead_id, cell_id, epoch, state, phone, "
        "calling_number, journalled_at, ended_at, outcome, counted) "
        "SELECT gen_random_uuid(), campaign_id, id, gen_random_uuid(), 2, 'ended', %s, '+1', "
        "clock_timestamp() - %s * interval '1 hour', clock_timestamp(), 'busy', %s "
        "FROM lead ORDER BY id LIMIT 1",
        phone,
        hours_ago,
        counted,
    )


async def test_attempts_count_for_a_day_and_for_seven(database: Database) -> None:
    cid = await running(database, leads=1)
    phone, other = "+13125550001", "+13125550002"
    for hours_ago in (1, 23.9, 24.1, 100, 7 * 24 - 0.1, 7 * 24 + 0.1):
        await _attempt(database, phone, hours_ago)
    await _attempt(database, phone, 2, counted=False)
    now = datetime.now(UTC)
    async with database.transaction() as conn:
        known = await claim.facts(conn, cid, [phone, other, phone], now)
    assert set(known) == {phone, other}
    assert known[other] == NOTHING_KNOWN
    assert (known[phone].attempts_day, known[phone].attempts_7_days) == (2, 5)
    oldest_day, oldest_week = known[phone].oldest_day, known[phone].oldest_7_days
    assert oldest_day is not None and oldest_week is not None
    assert abs(now - timedelta(hours=23.9) - oldest_day) < timedelta(seconds=5)
    assert abs(now - timedelta(hours=7 * 24 - 0.1) - oldest_week) < timedelta(seconds=5)


async def test_attempts_of_other_campaigns_on_the_number_count(database: Database) -> None:
    await running(database, "other", leads=1)
    await _attempt(database, "+13120000000", 1)
    cid = await running(database, "mine", leads=1)
    cell = await make_cell(database)
    async with database.transaction() as conn:
        claimed = await claim.claim(conn, cid, cell, zones=[ZONE], limit=1, now=datetime.now(UTC))
    assert claimed.facts["+13120000000"].attempts_day == 1


async def test_do_not_call_is_of_all_campaigns_or_of_one(database: Database) -> None:
    mine, other = await running(database, "mine"), await running(database, "other")
    for phone, campaign in (("+13120000001", None), ("+13120000002", mine)):
        await do(
            database,
            "INSERT INTO do_not_call (phone, campaign_id, source, added_by) "
            "VALUES (%s, %s, 'api', 'test')",
            phone,
            campaign,
        )

    async def forbidden(campaign: int) -> list[str]:
        asked = [f"+1312000000{n}" for n in range(4)]
        async with database.transaction() as conn:
            known = await claim.facts(conn, campaign, asked, datetime.now(UTC))
        return sorted(phone for phone, facts in known.items() if facts.do_not_call)

    assert await forbidden(mine) == ["+13120000001", "+13120000002"]
    assert await forbidden(other) == ["+13120000001"]


async def test_the_seven_day_window_and_the_rules_agree_on_nothing_known(
    database: Database,
) -> None:
    cid = await running(database)
    async with database.transaction() as conn:
        assert await claim.facts(conn, cid, [], datetime.now(UTC)) == {}
        known = await claim.facts(conn, cid, ["+13125559999"], datetime.now(UTC))
    assert known == {"+13125559999": NumberFacts(False, 0, 0, None, None)}


# ------------------------------------------------------------- the tally

steps = st.lists(
    st.tuples(
        st.sampled_from(
            [
                *("claim", "claim", "release", "put_off", "exclude", "launch", "launch"),
                *("undo", "ring", "end", "promote", "grow", "take_over"),
            ]
        ),
        st.integers(0, 1),  # which cell
        st.integers(1, 6),  # how many
        st.sampled_from(list(Outcome)),
    ),
    min_size=5,
    max_size=25,
)


class _World:
    """Two cells at one campaign, and what each believes to hold."""

    def __init__(self, database: Database, cid: int, cells: list[UUID]) -> None:
        self.database, self.cid, self.cells = database, cid, cells
        self.claimed: list[list[ClaimedLead]] = [[], []]
        self.launched: list[list[Launch]] = [[], []]

    async def step(self, what: str, who: int, many: int, outcome: Outcome) -> None:
        cell, mine, calls = self.cells[who], self.claimed[who], self.launched[who]
        some, attempts = mine[:many], calls[:many]
        now = datetime.now(UTC)
        async with self.database.transaction() as conn:
            match what:
                case "claim":
                    taken = await claim.claim(
                        conn, self.cid, cell, zones=[ZONE, EAST], limit=many, now=now
                    )
                    mine += taken.leads
                case "release":
                    assert await claim.release(conn, cell, [x.id for x in some]) == len(some)
                    del mine[:many]
                case "put_off" | "exclude":
                    again = now + timedelta(seconds=many - 3) if what == "put_off" else None
                    await claim.put_off(conn, cell, [PutOff(x.id, "why", again) for x in some])
                    del mine[:many]
                case "launch":
                    epoch = 2
                    calls += await journal(conn, self.cid, cell, epoch, some)
                    del mine[:many]
                case "undo":
                    await call.not_launched(conn, [x.attempt for x in attempts])
                    # those that rang are no longer to be undone, and stay
                    open_ones = await _open(conn)
                    calls[:] = [x for x in calls if x.attempt in open_ones]
                case "ring":
                    await call.progress(
                        conn, [Progress(x.attempt, CallPhase.RINGING, now) for x in attempts]
                    )
                case "end":
                    await call.end(conn, [end_of(x, outcome, at=now) for x in attempts])
                    del calls[:many]
                case "promote":
                    await conn.execute("UPDATE lead SET due_at = due_at - interval '1 hour'")
                    await claim.promote(conn, [self.cid])
                case "grow":
                    n = next(_numbers)
                    await conn.execute(
                        "WITH c AS (INSERT INTO contact (list_id, line, phones, zones) SELECT "
                        "list_id, %s, ARRAY[%s], ARRAY[%s] FROM campaign_list "
                        "WHERE campaign_id = %s RETURNING id) INSERT INTO lead "
                        "(campaign_id, contact_id, state, zone) SELECT %s, id, 'due', %s FROM c",
                        [n, f"+1773{n:07d}", EAST, self.cid, self.cid, EAST],
                    )
                case "take_over":
                    await self._take_over(conn, who, now)

    async def _take_over(self, conn: Any, who: int, now: datetime) -> None:
        gone = self.cells[who]
        await conn.execute("UPDATE lease SET renewed_at = now() - interval '1 day'")
        await lease.unregister(conn, gone)
        left = await lease.take_over(conn, gone)
        assert left is not None
        assert {row["id"] for row in left} == {x.attempt for x in self.launched[who]}
        await call.end(
            conn,
            [
                end_of(Launch(row["id"], row["lead_id"], "", ""), Outcome.UNKNOWN, at=now)
                for row in left
            ],
        )
        self.claimed[who], self.launched[who] = [], []
        self.cells[who] = uuid4()
        await lease.register(conn, self.cells[who], "node")
        await lease.acquire(conn, self.cells[who])

    async def check(self) -> None:
        await tally_is_true(self.database)
        held = await ask(
            self.database,
            "SELECT id, state, cell_id FROM lead WHERE campaign_id = %s AND cell_id IS NOT NULL",
            self.cid,
        )
        believed: list[dict[str, Any]] = [
            {"id": lead, "state": where, "cell_id": cell}
            for cell, mine, calls in zip(self.cells, self.claimed, self.launched, strict=True)
            for where, leads in (
                ("claimed", [x.id for x in mine]),
                ("in_progress", [x.lead for x in calls]),
            )
            for lead in leads
        ]
        assert sorted(held, key=lambda r: r["id"]) == sorted(believed, key=lambda r: r["id"])


async def _open(conn: Any) -> set[UUID]:
    cursor = await conn.execute("SELECT id FROM attempt WHERE state <> 'ended'")
    return {row["id"] for row in await cursor.fetchall()}


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=steps)
async def test_whatever_happens_the_tally_counts_and_every_lead_is_where_its_cell_has_it(
    database: Database, steps: list[tuple[str, int, int, Outcome]]
) -> None:
    n = next(_numbers)
    contacts = [*phones(6, ZONE, n * 100), *phones(6, EAST, n * 100 + 50)]
    cid = await make_campaign(database, f"c{n}", contacts=contacts, settings=CampaignSettings())
    await lifecycle.start(database, cid, actor="test")
    world = _World(database, cid, [await make_cell(database), await make_cell(database)])
    for step in steps:
        await world.step(*step)
        await world.check()
    left = await state(database, cid)
    assert left["state"] == "running"
    await do(database, "DELETE FROM campaign WHERE id = %s", cid)


async def test_the_tally_is_true_after_leads_were_deleted(database: Database) -> None:
    cid = await running(database, leads=9)
    cell = await make_cell(database)
    await launch(database, cid, cell, await take(database, cid, cell, 3))
    await do(database, "DELETE FROM lead WHERE id %% 2 = 0")
    await tally_is_true(database)
    await do(database, "DELETE FROM campaign")
    await tally_is_true(database)
