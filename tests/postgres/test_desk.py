"""Desks on a real PostgreSQL: shifts, orders, what agents did, conversations and dispositions."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from tests.postgres.desks import (
    NOW,
    answered,
    assign,
    make_agent,
    open_shift,
    said,
    shows,
    stored,
    talked,
)
from tests.postgres.material import ask, dialable, do, make_cell, running, take

from caesura.rules.agent_settings import Meaning
from caesura.rules.command import TalkEnd
from caesura.rules.disposition import Callback
from caesura.rules.floor import order
from caesura.rules.floor.desk import Presence
from caesura.rules.floor.order import Answer
from caesura.rules.pacing.abandonment import Answers
from caesura.rules.routing import Assignment
from caesura.store import agent, desk, lease
from caesura.store.database import Database, connect
from caesura.store.desk import NobodyServes, Spell, Talks


async def campaign_of(database: Database, leads: int = 3) -> int:
    return await running(database, leads=leads, settings=await dialable(database))


async def orders(database: Database, cell: UUID) -> list[desk.Ordered]:
    async with database.transaction() as conn:
        return await desk.take(conn, cell)


async def lead_of(database: Database, lead: int) -> dict[str, object]:
    (row,) = await ask(
        database,
        "SELECT state, due_at, put_off, callback_at, callback_agent, tries FROM lead WHERE id = %s",
        lead,
    )
    return row


# ------------------------------------------------------------------- shifts


async def test_a_shift_begins_on_the_cell_with_the_fewest_desks(database: Database) -> None:
    cells = {await make_cell(database, leases=False) for _ in range(2)}
    agents = [await make_agent(database, name) for name in ("Ann", "Ben", "Cleo")]
    served = [(await open_shift(database, each))[1] for each in agents]
    assert set(served[:2]) == cells
    assert {served.count(cell) for cell in cells} == {1, 2}


async def test_a_silent_cell_gets_no_desks(database: Database) -> None:
    silent, living = [await make_cell(database, leases=False) for _ in range(2)]
    await do(
        database, "UPDATE cell SET seen_at = now() - interval '1 minute' WHERE id = %s", silent
    )
    for name in ("Ann", "Ben"):
        assert (await open_shift(database, await make_agent(database, name)))[1] == living


async def test_a_shift_that_stands_is_left_as_it_is_and_the_cell_told_again(
    database: Database,
) -> None:
    cell = await make_cell(database, leases=False)
    ann = await make_agent(database, "Ann")
    first = await open_shift(database, ann)
    await shows(database, cell, ann, Presence.BREAK, reason="lunch")
    await make_cell(database, leases=False)  # which has fewer
    assert await open_shift(database, ann) == first
    (row,) = await ask(database, "SELECT presence, reason FROM desk")
    assert (row["presence"], row["reason"]) == ("break", "lunch")
    taken = await orders(database, cell)
    assert [(each.what, each.desk) for each in taken] == [(order.Open(), first[0])] * 2


async def test_a_shift_of_a_cell_that_is_gone_begins_anew_on_another(database: Database) -> None:
    gone = await make_cell(database, leases=False)
    ann = await make_agent(database, "Ann")
    before = await open_shift(database, ann)
    await shows(database, gone, ann, Presence.BREAK, reason="lunch", wish=Presence.OFFLINE)
    async with database.transaction() as conn:
        await lease.unregister(conn, gone)
    other = await make_cell(database, leases=False)
    after = await open_shift(database, ann)
    assert after[1] == other
    assert after[0] != before[0]
    (row,) = await ask(database, "SELECT presence, reason, wish, device FROM desk")
    assert tuple(row.values()) == ("available", None, None, False)


async def test_without_a_cell_no_shift_begins(database: Database) -> None:
    ann = await make_agent(database, "Ann")
    with pytest.raises(NobodyServes):
        await open_shift(database, ann)


async def test_a_cell_that_serves_nothing_but_desks_is_missed_when_it_is_gone(
    database: Database,
) -> None:
    gone, other = [await make_cell(database, leases=False) for _ in range(2)]
    await do(database, "UPDATE cell SET seen_at = now() - interval '1 minute' WHERE id = %s", gone)
    async with database.transaction() as conn:
        assert await lease.silent_cells(conn, other) == []
    await do(
        database,
        "INSERT INTO desk (agent_id, id, cell_id, presence) VALUES (%s, %s, %s, 'available')",
        *(await make_agent(database, "Ann"), uuid4(), gone),
    )
    async with database.transaction() as conn:
        assert await lease.silent_cells(conn, other) == [gone]


async def test_the_cell_knows_what_agents_may_do_unless_they_retired(database: Database) -> None:
    campaign = await campaign_of(database)
    ann, ben = await make_agent(database, "Ann", "french", "sales"), await make_agent(database, "B")
    await assign(database, campaign, "Ann", "B", priority=7)
    async with database.transaction() as conn:
        await agent.change(conn, "B", skills=None, retired=True)
        found = await desk.profiles(conn, [ann, ben])
    assert list(found) == [ann]
    assert found[ann].skills == {"french", "sales"}
    assert found[ann].assignments == (Assignment(campaign, 7, 1.0),)


# ------------------------------------------------------------------- orders


async def test_orders_are_taken_once_in_their_order_and_answered_once(database: Database) -> None:
    cell, other = await make_cell(database, leases=False), uuid4()
    ann = await make_agent(database, "Ann")
    at, _ = await open_shift(database, ann)
    dispose = order.Dispose(
        attempt=uuid4(), name="Call back", notes="ä", callback_at=NOW, for_me=True
    )
    asked = [order.Become(Presence.BREAK, "lunch"), dispose, order.Call(campaign=1, lead=2)]
    async with database.transaction() as conn:
        ids = [await desk.ask(conn, ann, each) for each in asked]
    assert await orders(database, other) == []
    taken = await orders(database, cell)
    assert [each.what for each in taken] == [order.Open(), *asked]
    assert [each.id for each in taken[1:]] == ids
    assert {(each.agent, each.desk) for each in taken} == {(ann, at)}
    assert await orders(database, cell) == []
    first = ids[0]
    assert first is not None
    async with database.transaction() as conn:
        assert await desk.answer_of(conn, first) is None
        await desk.answer(conn, [(first, Answer(denied="busy")), (taken[0].id, Answer())])
    async with database.transaction() as conn:
        assert await desk.answer_of(conn, first) == Answer(denied="busy")
        assert await desk.answer_of(conn, first) is None
        assert await desk.answer_of(conn, taken[0].id) == Answer()


async def test_who_is_not_on_shift_asks_nobody(database: Database) -> None:
    await make_cell(database, leases=False)
    ann = await make_agent(database, "Ann")
    async with database.transaction() as conn:
        assert await desk.ask(conn, ann, order.HangUp()) is None


async def test_an_order_that_is_withdrawn_is_not_done_late(database: Database) -> None:
    cell = await make_cell(database, leases=False)
    ann = await make_agent(database, "Ann")
    await open_shift(database, ann)
    async with database.transaction() as conn:
        late = await desk.ask(conn, ann, order.Accept())
        assert late is not None
        await desk.withdraw(conn, late)
    assert [each.what for each in await orders(database, cell)] == [order.Open()]


async def test_what_nobody_waits_for_any_more_is_forgotten(database: Database) -> None:
    await make_cell(database, leases=False)
    ann = await make_agent(database, "Ann")
    await open_shift(database, ann)
    await do(database, "UPDATE desk_order SET asked_at = now() - interval '2 minutes'")
    async with database.transaction() as conn:
        await desk.ask(conn, ann, order.Accept())
        await desk.forget_orders(conn)
    assert len(await ask(database, "SELECT 1 FROM desk_order")) == 1


async def test_cell_waiting_request_and_page_are_told_with_the_commit(
    database: Database, database_url: str
) -> None:
    cell = await make_cell(database, leases=False)
    ann = await make_agent(database, "Ann")
    async with await connect(database_url) as listening:
        for channel in ("desk_order", "desk_answer", "desk"):
            await listening.execute(f"LISTEN {channel}")  # type: ignore[arg-type]
        await open_shift(database, ann)
        (opened,) = await orders(database, cell)
        async with database.transaction() as conn:
            await desk.answer(conn, [(opened.id, Answer())])
        await shows(database, cell, ann, Presence.BREAK)
        heard = [(n.channel, n.payload) async for n in listening.notifies(stop_after=4, timeout=5)]
    assert heard == [
        ("desk", str(ann)),
        ("desk_order", str(cell)),
        ("desk_answer", str(opened.id)),
        ("desk", str(ann)),
    ]


# ------------------------------------------------------------ what agents do


async def test_a_cell_writes_only_of_the_shifts_that_it_serves(database: Database) -> None:
    cell = await make_cell(database, leases=False)
    ann = await make_agent(database, "Ann")
    at, _ = await open_shift(database, ann)
    notice = {"kind": "paused", "campaign": 1}
    await shows(database, cell, ann, Presence.BREAK, reason="lunch", notice=notice)
    await shows(database, cell, ann, Presence.AVAILABLE, notice=None)
    await shows(database, uuid4(), ann, Presence.WRAP_UP)
    await shows(database, cell, ann, Presence.WRAP_UP, desk_id=uuid4())
    (row,) = await ask(database, "SELECT presence, reason, notice FROM desk")
    assert (row["presence"], row["reason"]) == ("available", None)
    assert row["notice"] == notice  # no news: the last one stays
    async with database.transaction() as conn:
        await desk.store(conn, uuid4(), [], [], [at])
    assert len(await ask(database, "SELECT 1 FROM desk")) == 1
    async with database.transaction() as conn:
        await desk.store(conn, cell, [], [], [at])
    assert await ask(database, "SELECT 1 FROM desk") == []


def minutes(n: float) -> datetime:
    return NOW + timedelta(minutes=n)


async def test_each_presence_lasts_until_the_next_and_the_last_until_they_go_home(
    database: Database,
) -> None:
    cell, campaign = await make_cell(database, leases=False), await campaign_of(database)
    ann, ben = await make_agent(database, "Ann"), await make_agent(database, "Ben")

    async def store(*spells: Spell) -> None:
        async with database.transaction() as conn:
            await desk.store(conn, cell, [], spells, [])

    await store(Spell(ann, Presence.AVAILABLE, NOW), Spell(ben, Presence.AVAILABLE, NOW))
    await store(
        Spell(ann, Presence.ON_CALL, minutes(1), campaign=campaign),
        Spell(ann, Presence.WRAP_UP, minutes(3), campaign=campaign),
        Spell(ann, Presence.BREAK, minutes(4), "lunch"),
    )
    await store(Spell(ann, Presence.OFFLINE, minutes(10)))
    rows = await ask(
        database,
        "SELECT presence, reason, campaign_id, since, until FROM presence "
        "WHERE agent_id = %s ORDER BY since",
        ann,
    )
    assert [tuple(row.values()) for row in rows] == [
        ("available", None, None, NOW, minutes(1)),
        ("on_call", None, campaign, minutes(1), minutes(3)),
        ("wrap_up", None, campaign, minutes(3), minutes(4)),
        ("break", "lunch", None, minutes(4), minutes(10)),
    ]
    (other,) = await ask(database, "SELECT until FROM presence WHERE agent_id = %s", ben)
    assert other["until"] is None


async def test_a_campaign_that_is_deleted_meanwhile_is_in_no_presences_way(
    database: Database,
) -> None:
    cell, ann = await make_cell(database, leases=False), await make_agent(database, "Ann")
    async with database.transaction() as conn:
        await desk.store(conn, cell, [], [Spell(ann, Presence.ON_CALL, NOW, campaign=999)], [])
    (row,) = await ask(database, "SELECT presence, campaign_id FROM presence")
    assert tuple(row.values()) == ("on_call", None)


# ------------------------------------------------------------- conversations


async def test_a_conversation_is_stored_once_however_often_it_is_told(database: Database) -> None:
    campaign = await campaign_of(database)
    cell, ann = await make_cell(database), await make_agent(database, "Ann")
    call = await answered(database, campaign, cell)
    await talked(database, ann, call)
    await talked(database, ann, call, TalkEnd.DEVICE_LOST)
    (row,) = await ask(
        database, "SELECT agent_id, campaign_id, began_at, ended_at, end_reason FROM conversation"
    )
    assert tuple(row.values()) == (ann, campaign, NOW, NOW + timedelta(seconds=60), "call_ended")


async def test_pages_are_told_of_conversations_and_dispositions(
    database: Database, database_url: str
) -> None:
    campaign = await campaign_of(database)
    cell, ann = await make_cell(database), await make_agent(database, "Ann")
    call = await answered(database, campaign, cell)
    async with await connect(database_url) as listening:
        await listening.execute("LISTEN desk")
        await talked(database, ann, call, None)
        await talked(database, ann, call)
        await stored(database, Talks(disposed=[said(ann, call, "Done")]))
        heard = [n.payload async for n in listening.notifies(stop_after=3, timeout=5)]
    assert heard == [str(ann)] * 3


async def test_a_disposition_that_means_done_leaves_the_lead_done(database: Database) -> None:
    campaign = await campaign_of(database)
    cell, ann = await make_cell(database), await make_agent(database, "Ann")
    call = await answered(database, campaign, cell)
    await stored(database, Talks(disposed=[said(ann, call, "Sale", notes="two")]))
    (row,) = await ask(
        database, "SELECT agent_id, name, meaning, notes, callback_at FROM disposition"
    )
    assert tuple(row.values()) == (ann, "Sale", "done", "two", None)
    lead = await lead_of(database, call.lead.id)
    assert (lead["state"], lead["callback_at"]) == ("done", None)


@pytest.mark.parametrize("for_me", [True, False])
async def test_a_promised_callback_brings_the_lead_back_at_its_time(
    database: Database, for_me: bool
) -> None:
    campaign = await campaign_of(database)
    await do(database, "UPDATE campaign SET clock_offset = '2 hours'")
    cell, ann = await make_cell(database), await make_agent(database, "Ann")
    call = await answered(database, campaign, cell)
    at = NOW + timedelta(days=2)
    promised = Callback(at, ann if for_me else None)
    await stored(
        database, Talks(disposed=[said(ann, call, "Back", Meaning.CALLBACK, callback=promised)])
    )
    lead = await lead_of(database, call.lead.id)
    # By everybody's clock: what the campaign stood still moves it not.
    assert (lead["state"], lead["due_at"], lead["put_off"]) == ("waiting", at, True)
    assert (lead["callback_at"], lead["callback_agent"]) == (at, ann if for_me else None)
    (row,) = await ask(database, "SELECT callback_at, callback_agent FROM disposition")
    assert tuple(row.values()) == (at, ann if for_me else None)


async def test_another_try_is_by_the_campaigns_clock(database: Database) -> None:
    campaign = await campaign_of(database)
    await do(database, "UPDATE campaign SET clock_offset = '2 hours'")
    cell, ann = await make_cell(database), await make_agent(database, "Ann")
    call = await answered(database, campaign, cell)
    at = NOW + timedelta(hours=4)
    again = said(ann, call, "Not reached", Meaning.TRY_AGAIN, again_at=at)
    await stored(database, Talks(disposed=[again]))
    lead = await lead_of(database, call.lead.id)
    assert (lead["state"], lead["due_at"]) == ("waiting", at - timedelta(hours=2))
    assert (lead["put_off"], lead["callback_at"]) == (False, None)


async def test_the_last_word_counts_also_of_two_that_are_stored_together(
    database: Database,
) -> None:
    campaign = await campaign_of(database)
    cell = await make_cell(database)
    ann, ben = await make_agent(database, "Ann"), await make_agent(database, "Ben")
    call = await answered(database, campaign, cell)
    promised = Callback(NOW + timedelta(days=1), None)
    first = said(ann, call, "Back", Meaning.CALLBACK, callback=promised)
    await stored(database, Talks(disposed=[said(ann, call, "Sale"), first]))
    assert (await lead_of(database, call.lead.id))["state"] == "waiting"
    # Handed over, and it is the other one who says it.
    await stored(database, Talks(disposed=[said(ben, call, "Done")]))
    (row,) = await ask(database, "SELECT agent_id, name, callback_at FROM disposition")
    assert tuple(row.values()) == (ben, "Done", None)
    lead = await lead_of(database, call.lead.id)
    assert (lead["state"], lead["callback_at"]) == ("done", None)


async def test_a_lead_that_is_on_its_way_again_is_let_alone(database: Database) -> None:
    campaign = await campaign_of(database, leads=1)
    cell, ann = await make_cell(database), await make_agent(database, "Ann")
    call = await answered(database, campaign, cell)
    await do(database, "UPDATE lead SET state = 'due', due_at = now()")
    again = await answered(database, campaign, cell, at=NOW + timedelta(hours=1))
    promised = Callback(NOW + timedelta(days=2), None)
    late = said(ann, call, "Back", Meaning.CALLBACK, callback=promised)
    await stored(database, Talks(disposed=[late]))
    assert again.lead.id == call.lead.id
    assert (await lead_of(database, call.lead.id))["state"] == "done"
    (row,) = await ask(database, "SELECT name FROM disposition")
    assert row["name"] == "Back"  # kept all the same


async def test_a_lead_in_a_cells_hands_is_let_alone(database: Database) -> None:
    campaign = await campaign_of(database, leads=1)
    cell, ann = await make_cell(database), await make_agent(database, "Ann")
    call = await answered(database, campaign, cell)
    await do(database, "UPDATE lead SET state = 'due', due_at = now()")
    await take(database, campaign, cell)
    promised = Callback(NOW + timedelta(days=2), None)
    late = said(ann, call, "Back", Meaning.CALLBACK, callback=promised)
    await stored(database, Talks(disposed=[late]))
    assert (await lead_of(database, call.lead.id))["state"] == "claimed"


async def test_a_message_that_follows_the_call_is_no_further_try(database: Database) -> None:
    campaign = await campaign_of(database, leads=1)
    cell, ann = await make_cell(database), await make_agent(database, "Ann")
    call = await answered(database, campaign, cell)
    await do(
        database,
        "INSERT INTO attempt (id, campaign_id, lead_id, cell_id, epoch, channel, state, phone, "
        "calling_number, follow_up_id, outcome, ended_at) "
        "SELECT gen_random_uuid(), campaign_id, lead_id, cell_id, epoch, 'sms', 'ended', phone, "
        "calling_number, 1, 'sent', now() FROM attempt",
    )
    promised = Callback(NOW + timedelta(days=2), None)
    back = said(ann, call, "Back", Meaning.CALLBACK, callback=promised)
    await stored(database, Talks(disposed=[back]))
    assert (await lead_of(database, call.lead.id))["state"] == "waiting"


async def test_what_a_gone_cell_leaves_is_ended_and_its_pages_are_told(
    database: Database, database_url: str
) -> None:
    campaign = await campaign_of(database)
    gone, other = [await make_cell(database) for _ in range(2)]
    agents = [await make_agent(database, name) for name in ("Ann", "Ben")]
    cells = [(await open_shift(database, each))[1] for each in agents]
    ann = agents[cells.index(gone)]
    ben = agents[cells.index(other)]
    for each, cell in ((ann, gone), (ben, other)):
        async with database.transaction() as conn:
            await desk.store(conn, cell, [], [Spell(each, Presence.ON_CALL, NOW)], [])
        await talked(database, each, await answered(database, campaign, cell), None)
    async with await connect(database_url) as listening:
        await listening.execute("LISTEN desk")
        async with database.transaction() as conn:
            await desk.cell_is_gone(conn, gone)
        heard = [n.payload async for n in listening.notifies(stop_after=1, timeout=5)]
    assert heard == [str(ann)]
    left = await ask(database, "SELECT agent_id FROM desk")
    assert [row["agent_id"] for row in left] == [ben]
    for table, column in (("presence", "until"), ("conversation", "ended_at")):
        rows = await ask(
            database,
            f"SELECT agent_id FROM {table} WHERE {column} IS NULL",  # type: ignore[arg-type]
        )
        assert [row["agent_id"] for row in rows] == [ben], table
    (ended,) = await ask(database, "SELECT end_reason FROM conversation WHERE agent_id = %s", ann)
    assert ended["end_reason"] == "call_ended"


async def test_the_ledgers_know_who_was_connected_and_who_abandoned_by_day(
    database: Database,
) -> None:
    campaign = await campaign_of(database)
    quiet = await running(database, "Summer", settings=await dialable(database))
    cell = await make_cell(database)
    ann, ben = await make_agent(database, "Ann"), await make_agent(database, "Ben")
    (today,) = await ask(database, "SELECT date_trunc('hour', now()) AS at")
    call = await answered(database, campaign, cell, at=today["at"])
    await talked(database, ann, call, TalkEnd.HANDED_OVER)
    later = today["at"] + timedelta(seconds=1)
    await do(
        database,
        "INSERT INTO conversation (attempt_id, agent_id, campaign_id, began_at) "
        "VALUES (%s, %s, %s, %s)",
        *(call.attempt, ben, campaign, later),
    )
    await answered(database, campaign, cell, at=today["at"])  # nobody talked to them
    await do(
        database,
        "INSERT INTO outcome_minute (campaign_id, minute, outcome, shard, n) VALUES "
        "(%s, date_trunc('minute', now()), 'abandoned', 0, 3), "
        "(%s, now() - interval '40 days', 'abandoned', 0, 9)",
        *(campaign, campaign),
    )
    async with database.transaction() as conn:
        found = await desk.answers(conn, [campaign, quiet])
    assert found[quiet] == []
    total = sum((answers for _, answers in found[campaign]), Answers())
    assert total == Answers(answered=5, connected=1, abandoned=3)
