"""Pausing parts of a campaign: the transactions, against launches, renewals and one another."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from tests.postgres.material import (
    ZONE,
    acknowledge,
    acquire,
    ask,
    do,
    journal,
    launch,
    make_campaign,
    make_cell,
    make_list,
    receipts,
    running,
    state,
    take,
    tally_is_true,
    waits,
)

from caesura.errors import Conflict, EpochChanged, IllegalTransition, Invalid, NotFound
from caesura.rules.campaign import CampaignSettings, Drain
from caesura.rules.claim import PutOff
from caesura.rules.part import Hold, LeadPlace, Part, Scope, covers_lead
from caesura.rules.receipt import differences
from caesura.store import call, campaign, claim, hold, lease, lifecycle, seal
from caesura.store.database import Connection, Database, rows
from caesura.store.lifecycle import LEASE_TTL_S, Silence

LIST = Part(Scope.LIST, "list of Spring")
CHICAGO = Part(Scope.ZONE, ZONE)
SETTINGS = CampaignSettings(calling_numbers=["+13125550000", "+13125550001"], trunks=["one", "two"])


async def place(database: Database, cid: int, *parts: Part, **more: Any) -> Silence:
    return await hold.place(database, cid, list(parts), actor="dana", **more)


async def silenced(database: Database, leads: int, *parts: Part) -> tuple[int, UUID]:
    """A running campaign whose one cell has acknowledged the pause of `parts`; both ids."""
    cid = await running(database, leads=leads)
    cell = await make_cell(database)
    await place(database, cid, *parts)
    await acknowledge(database, cid, cell)
    return cid, cell


async def standing(database: Database, cid: int) -> Sequence[Hold]:
    async with database.transaction() as conn:
        return (await hold.standing(conn, cid)).holds


async def claim_around(database: Database, cid: int, cell: UUID, limit: int = 100) -> list[int]:
    async with database.transaction() as conn:
        return await _claim_around(conn, cid, cell, limit)


async def _claim_around(conn: Connection, cid: int, cell: UUID, limit: int) -> list[int]:
    around = (await hold.standing(conn, cid)).holds
    taken = await claim.claim(
        conn, cid, cell, zones=(ZONE,), limit=limit, now=datetime.now(UTC), around=around
    )
    return [lead.id for lead in taken.leads]


async def lead_states(database: Database, cid: int) -> dict[str, int]:
    found = await ask(
        database, "SELECT state, count(*) AS n FROM lead WHERE campaign_id = %s GROUP BY 1", cid
    )
    return {row["state"]: row["n"] for row in found}


async def add_list(database: Database, cid: int, name: str, numbers: Sequence[str]) -> int:
    """One more list of the campaign; its id."""
    async with database.transaction() as conn:
        made = await make_list(conn, name, [(number, ZONE) for number in numbers])
        await conn.execute("INSERT INTO campaign_list VALUES (%s, %s)", [cid, made])
        await conn.execute(
            "INSERT INTO lead (campaign_id, contact_id, state, zone) "
            "SELECT %s, id, 'due', %s FROM contact WHERE list_id = %s",
            [cid, ZONE, made],
        )
    return made


# ------------------------------------------------------------------ the protocol


async def test_a_hold_revokes_all_leases_and_raises_the_epoch_while_the_campaign_runs(
    database: Database,
) -> None:
    cid = await running(database, leads=2)
    cell = await make_cell(database)
    await place(database, cid, LIST, reason="why", drain=Drain.CANCEL_NOW)
    assert {"state": "running", "epoch": 3}.items() <= (await state(database, cid)).items()
    assert await ask(database, "SELECT cell_id, epoch, revoked FROM lease") == [
        {"cell_id": cell, "epoch": 2, "revoked": True}
    ]
    (receipt,) = await receipts(database, cid)
    assert (receipt["kind"], receipt["epoch"], receipt["drain"]) == ("part", 3, "cancel_now")
    assert receipt["parts"] == [{"scope": "list", "value": "list of Spring"}]
    assert receipt["confirmed_at"] is None
    (last,) = (await ask(database, "SELECT * FROM transition ORDER BY epoch DESC"))[:1]
    assert (last["from_state"], last["to_state"], last["epoch"]) == ("running", "running", 3)
    assert (last["actor"], last["reason"], last["receipt_id"]) == ("dana", "why", receipt["id"])


async def test_a_cell_that_has_acknowledged_gets_a_new_lease_at_once_and_the_part_is_confirmed(
    database: Database,
) -> None:
    cid = await running(database, leads=2)
    first, second = await make_cell(database), await make_cell(database)
    silence = await place(database, cid, LIST)
    await acknowledge(database, cid, first)
    assert await acquire(database, first) == [(cid, 3)]
    (receipt,) = await receipts(database, cid)
    assert receipt["confirmed_at"] is None, "the second cell has not answered"
    await acknowledge(database, cid, second)
    assert await lifecycle.await_confirmation(database, silence, 0.5)
    (receipt,) = await receipts(database, cid)
    assert receipt["confirmed_by"] == "acknowledgement"
    assert receipt["settings_digest_before"] == receipt["settings_digest_after"]
    assert (await state(database, cid))["state"] == "running"
    left = await ask(database, "SELECT cell_id, epoch, revoked FROM lease")
    assert left == [{"cell_id": first, "epoch": 3, "revoked": False}]


async def test_a_launch_under_the_lease_of_before_is_refused_and_one_under_way_is_waited_for(
    database: Database,
) -> None:
    cid = await running(database, leads=2)
    cell = await make_cell(database)
    leads = await take(database, cid, cell)
    async with database.transaction() as conn:
        assert await journal(conn, cid, cell, 2, leads[:1])
        placing = asyncio.create_task(place(database, cid, LIST))
        assert await waits(database, placing), "the launch holds its lease"
    await placing
    async with database.transaction() as conn:
        assert await journal(conn, cid, cell, 2, leads[1:]) == []
        assert await lease.renew(conn, cell) == []


async def test_a_dead_cell_is_confirmed_by_expiry_and_keeps_no_lease_given_since(
    database: Database,
) -> None:
    cid = await running(database, leads=2)
    alive, dead = await make_cell(database), await make_cell(database)
    began = time.monotonic()
    silence = await place(database, cid, LIST)
    await acknowledge(database, cid, alive)
    await acquire(database, alive)
    assert await lifecycle.await_confirmation(database, silence, 3)
    assert time.monotonic() - began >= LEASE_TTL_S
    (receipt,) = await receipts(database, cid)
    assert receipt["confirmed_by"] == "expiry"
    by_cell = {
        row["cell_id"]: row["confirmed_by"] for row in await ask(database, "TABLE receipt_cell")
    }
    assert by_cell == {alive: "acknowledgement", dead: "expiry"}
    assert await ask(database, "SELECT cell_id, revoked FROM lease") == [
        {"cell_id": alive, "revoked": False}
    ]


async def test_expiry_of_one_hold_ends_no_lease_that_a_later_one_waits_for(
    database: Database,
) -> None:
    cid = await running(database, leads=2)
    quick, slow = await make_cell(database), await make_cell(database)
    first = await place(database, cid, LIST)
    await acknowledge(database, cid, quick)
    await acquire(database, quick)
    second = await place(database, cid, CHICAGO)
    assert [row["epoch"] for row in await ask(database, "SELECT epoch FROM lease ORDER BY 1")] == [
        2,
        3,
    ]
    await lifecycle.seal_by_expiry(database, Silence(cid, first.receipt, 0.0))
    one, two = await receipts(database, cid)
    assert (one["confirmed_by"], two["confirmed_at"]) == ("expiry", None)
    assert await ask(database, "SELECT cell_id, epoch FROM lease") == [
        {"cell_id": quick, "epoch": 3}
    ], "its ttl has not passed"
    await acknowledge(database, cid, quick)
    assert await lifecycle.await_confirmation(database, second, 0.5)
    cells = await ask(
        database, "SELECT cell_id, confirmed_by FROM receipt_cell WHERE receipt_id = %s", two["id"]
    )
    assert {(row["cell_id"], row["confirmed_by"]) for row in cells} == {
        (quick, "acknowledgement"),
        (slow, "expiry"),
    }


@pytest.mark.parametrize("overtaken_by", ["pause", "terminate"])
async def test_a_pause_or_termination_overtakes_a_part_that_is_not_confirmed(
    database: Database, overtaken_by: str
) -> None:
    cid = await running(database, leads=2)
    cell = await make_cell(database)
    await place(database, cid, LIST)
    silence = await getattr(lifecycle, overtaken_by)(database, cid, actor="eli")
    await acknowledge(database, cid, cell)
    assert await lifecycle.await_confirmation(database, silence, 0.5)
    assert all(row["confirmed_at"] for row in await receipts(database, cid))
    assert (await state(database, cid))["state"] in ("paused", "terminated")


async def test_nobody_awaits_it_and_yet_housekeeping_finds_what_to_seal(database: Database) -> None:
    cid = await running(database, leads=1)
    await make_cell(database)
    silence = await place(database, cid, LIST)
    found = await lifecycle.passing(database)
    assert [(row["id"], row["receipt_id"]) for row in found] == [(cid, silence.receipt)]
    await lifecycle.seal_by_expiry(database, silence)
    assert await lifecycle.passing(database) == []


async def test_the_database_lets_the_epoch_rise_only_with_a_hold_of_it(database: Database) -> None:
    cid = await running(database, leads=1)
    with pytest.raises(psycopg.errors.CheckViolation, match="by one with a hold"):
        await do(database, "UPDATE campaign SET epoch = epoch + 1")
    silence = await place(database, cid, LIST)
    await lifecycle.await_confirmation(database, silence, 0.5)
    with pytest.raises(psycopg.errors.CheckViolation, match="by one with a hold"):
        await do(database, "UPDATE campaign SET epoch = epoch + 1")


async def test_its_receipt_is_sealed_with_its_parts_and_verifies(database: Database) -> None:
    cid = await running(database, leads=1)
    await place(database, cid, LIST, Part(Scope.REGION, "texas"))
    assert (await seal.verify(database)).findings == []
    async with database.transaction() as conn:
        first, *_ = await seal.page(conn, after=None, limit=10)
    assert '"parts":[{"scope":"list","value":"list of Spring"}' in first["content"]
    assert '{"scope":"region","value":"US-TX"}' in first["content"]
    with pytest.raises(psycopg.errors.CheckViolation, match="sealed"):
        await do(database, "UPDATE receipt SET parts = '[]' WHERE campaign_id = %s", cid)
    changed = {"receipt": {"parts": []}, "cells": []}
    assert any("parts is []" in each.what for each in differences(seal.Seal(**first), changed))


# ---------------------------------------------------------------- what may be asked


@pytest.mark.parametrize("where", ["draft", "paused"])
async def test_where_no_cell_has_a_lease_it_is_confirmed_at_once(
    database: Database, where: str
) -> None:
    if where == "draft":
        cid = await make_campaign(database)
    else:
        cid = await running(database)
        await lifecycle.pause(database, cid, actor="dana")
    before = await state(database, cid)
    silence = await place(database, cid, CHICAGO)
    assert await lifecycle.await_confirmation(database, silence, 0)
    after = await state(database, cid)
    assert (after["state"], after["epoch"]) == (where, before["epoch"] + 1)
    assert [h.part for h in await standing(database, cid)] == [CHICAGO]


async def test_of_a_terminated_campaign_no_part_is_paused(database: Database) -> None:
    cid = await running(database)
    await lifecycle.terminate(database, cid, actor="dana")
    with pytest.raises(IllegalTransition):
        await place(database, cid, CHICAGO)


async def test_an_epoch_that_was_seen_and_is_over_places_nothing(database: Database) -> None:
    cid = await running(database)
    with pytest.raises(EpochChanged):
        await place(database, cid, CHICAGO, epoch=1)
    assert await standing(database, cid) == ()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (Part(Scope.LIST, "nowhere"), "It has: list of Spring"),
        (Part(Scope.TRUNK, "three"), "It has: one, two"),
        (Part(Scope.CALLING_NUMBER, "+13125559999"), "has no calling number"),
        (Part(Scope.CHANNEL, "sms"), "It has: voice"),
        (Part(Scope.ZONE, "Chicago"), "no time zone"),
        (Part(Scope.REGION, "US-XX"), "no state"),
    ],
)
async def test_a_part_that_the_campaign_has_not_is_named_and_nothing_is_placed(
    database: Database, wrong: Part, says: str
) -> None:
    cid = await running(database, settings=SETTINGS)
    with pytest.raises(Invalid, match=says) as refused:
        await place(database, cid, CHICAGO, wrong)
    assert refused.value.data["field"] == "part[1].value"
    assert await standing(database, cid) == ()


async def test_repeating_gives_the_standing_receipt_and_the_longer_time_wins(
    database: Database,
) -> None:
    cid = await running(database)
    soon, later = (datetime.now(UTC) + timedelta(hours=n) for n in (1, 2))
    first = await place(database, cid, LIST, until=later)
    epoch = (await state(database, cid))["epoch"]
    again = await place(database, cid, LIST, until=soon)
    assert again.receipt == first.receipt
    assert (await state(database, cid))["epoch"] == epoch
    assert await ask(database, "SELECT until FROM campaign_hold") == [{"until": later}]
    both = await place(database, cid, LIST, CHICAGO)
    assert both.receipt != first.receipt
    _, receipt = await receipts(database, cid)
    assert receipt["parts"] == [{"scope": "zone", "value": ZONE}], "what it added"
    assert await ask(database, "SELECT until FROM campaign_hold WHERE scope = 'list'") == [
        {"until": None}
    ]


async def test_the_receipt_counts_only_the_calls_of_the_part(database: Database) -> None:
    cid = await running(database, leads=3)
    other = await add_list(database, cid, "other", ["+12145550001"])
    assert other
    cell = await make_cell(database)
    await launch(database, cid, cell, await take(database, cid, cell))
    await do(database, "UPDATE attempt SET answered_at = now() WHERE phone = '+13120000000'")
    await place(database, cid, LIST)
    (receipt,) = await receipts(database, cid)
    assert (receipt["ringing_at_request"], receipt["talking_at_request"]) == (2, 1)


async def test_a_receipt_is_complete_when_the_calls_of_its_part_are_over(
    database: Database,
) -> None:
    cid = await running(database, leads=2)
    cell = await make_cell(database)
    held, free = await launch(database, cid, cell, await take(database, cid, cell))
    await place(database, cid, LIST)
    await acknowledge(database, cid, cell)
    await acquire(database, cell)
    async with database.transaction() as conn:
        assert await call.hold_lease(conn, cid, cell, 3)
        assert await call.readmit(conn, cell, 3, [free.attempt]) == {free.attempt}
    await do(
        database,
        "UPDATE attempt SET state = 'ended', ended_at = clock_timestamp(), outcome = 'cancelled' "
        "WHERE id = %s",
        held.attempt,
    )
    async with database.transaction() as conn:
        await lifecycle.complete_receipts(conn, [cid])
    (receipt,) = await receipts(database, cid)
    assert receipt["completed_at"] is not None and receipt["cancelled"] == 1


async def test_an_attempt_that_was_given_up_is_not_readmitted(database: Database) -> None:
    cid = await running(database, leads=1)
    cell = await make_cell(database)
    (one,) = await launch(database, cid, cell, await take(database, cid, cell))
    await do(
        database,
        "UPDATE attempt SET state = 'ended', ended_at = clock_timestamp(), outcome = 'unknown'",
    )
    async with database.transaction() as conn:
        assert await call.readmit(conn, cell, 2, [one.attempt]) == set()


# -------------------------------------------------------------------------- leads


async def test_leads_of_a_paused_list_are_set_aside_as_they_are_met_and_the_others_taken(
    database: Database,
) -> None:
    cid = await running(database, leads=30)
    await add_list(database, cid, "other", ["+12145550001", "+12145550002"])
    cell = await make_cell(database)
    await place(database, cid, LIST)
    taken = await claim_around(database, cid, cell, limit=10)
    lists = await ask(
        database,
        "SELECT DISTINCT i.name FROM lead l JOIN contact c ON c.id = l.contact_id "
        "JOIN contact_list i ON i.id = c.list_id WHERE l.id = ANY(%s)",
        taken,
    )
    assert (len(taken), lists) == (2, [{"name": "other"}])
    assert await lead_states(database, cid) == {"held": 30, "claimed": 2}
    await tally_is_true(database)


async def test_behind_more_paused_leads_than_are_looked_at_the_others_are_found(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claim, "_LOOK", 5)
    cid = await running(database, leads=40)
    await add_list(database, cid, "other", ["+12145550001", "+14155550002", "+18005550003"])
    cell = await make_cell(database)
    await place(database, cid, LIST, Part(Scope.REGION, "US-TX"))
    assert len(await claim_around(database, cid, cell, limit=3)) == 1, "of California alone"
    states = await lead_states(database, cid)
    assert states["held"] == 8 and states["due"] == 34, "the rest when it is met"


async def test_beside_a_paused_part_a_claim_keeps_no_more_leads_from_others_than_it_takes(
    database: Database,
) -> None:
    cid = await running(database, leads=5)
    await add_list(database, cid, "other", ["+12145550001"])
    cell = await make_cell(database)
    await place(database, cid, Part(Scope.LIST, "other"))
    async with database.transaction() as first, database.transaction() as second:
        assert len(await _claim_around(first, cid, cell, 3)) == 3
        assert len(await _claim_around(second, cid, cell, 3)) == 2
    assert await lead_states(database, cid) == {"claimed": 5, "held": 1}


NUMBERS = [
    "+12145550001",
    "+14155550002",
    "+18005550003",
    "+19025550004",
    "+442075550005",
    "+4930555000",
    "+12425550006",
]
STATED = [None, "US-TX", "US-CA", "US", "CA-PE", "DE-BY", "DE"]


@pytest.mark.parametrize("region", ["US-TX", "US", "CA-PE", "CA", "DE-BY", "DE", "GB"])
async def test_what_the_claim_leaves_out_is_what_the_rule_covers(
    database: Database, region: str
) -> None:
    cid = await running(database)
    list_id = await add_list(database, cid, "other", [])
    places = [(phone, stated) for phone in NUMBERS for stated in STATED]
    for n, (phone, stated) in enumerate(places):
        # The first number identifies the contact; its second is the one to be called.
        await do(
            database,
            "WITH c AS (INSERT INTO contact (list_id, line, phones, zones, region) "
            "VALUES (%s, %s, ARRAY[%s, %s], ARRAY['x', %s], %s) RETURNING id) "
            "INSERT INTO lead (campaign_id, contact_id, state, zone, phone_index) "
            "SELECT %s, id, 'due', %s, 2 FROM c",
            list_id,
            n,
            f"+1999{n:07d}",
            phone,
            ZONE,
            stated,
            cid,
            ZONE,
        )
    held = Hold(1, Part(Scope.REGION, region), Drain.LET_RING)
    async with database.transaction() as conn:
        found = await rows(
            conn,
            claim.SQL["past"],
            {"zones": [ZONE], "campaign": cid, "limit": 1000, **claim._free_of([held])},
        )
    free = {(row["phone"], row["region"]) for row in found}
    assert free == {
        (phone, stated)
        for phone, stated in places
        if not covers_lead(held, LeadPlace(list_id, stated, ZONE, phone))
    }
    assert 0 < len(free) < len(places)


async def test_a_refused_lead_is_held_or_due_if_its_part_was_resumed_meanwhile(
    database: Database,
) -> None:
    cid = await running(database, leads=2)
    cell = await make_cell(database)
    one, two = await take(database, cid, cell)
    await place(database, cid, LIST)
    await acknowledge(database, cid, cell)
    (stands,) = await standing(database, cid)
    async with database.transaction() as conn:
        await claim.put_off(conn, cell, [PutOff(one.id, "part_paused", None, hold=stands.id)])
    assert await lead_states(database, cid) == {"held": 1, "claimed": 1}
    await hold.release(database, cid, actor="eli")
    assert await lead_states(database, cid) == {"due": 1, "claimed": 1}
    async with database.transaction() as conn:
        await claim.put_off(conn, cell, [PutOff(two.id, "part_paused", None, hold=stands.id)])
    assert await lead_states(database, cid) == {"due": 2}
    await tally_is_true(database)


async def test_a_campaign_with_held_leads_is_not_complete(database: Database) -> None:
    cid, cell = await silenced(database, 1, LIST)
    await claim_around(database, cid, cell)
    assert await lead_states(database, cid) == {"held": 1}
    assert not await lifecycle.complete(database, cid, 3)


# ----------------------------------------------------------------------- releasing


async def test_a_released_part_has_its_leads_back_and_the_epoch_stays(database: Database) -> None:
    cid, cell = await silenced(database, 5, LIST)
    await acquire(database, cell)
    await claim_around(database, cid, cell)
    before = await state(database, cid)
    released = await hold.release(database, cid, actor="eli", parts=[LIST], reason="done")
    assert len(released) == 1
    assert await lead_states(database, cid) == {"due": 5}
    after = await state(database, cid)
    assert (after["epoch"], after["holds_version"]) == (
        before["epoch"],
        before["holds_version"] + 1,
    )
    (row,) = await ask(database, "TABLE campaign_hold")
    assert (row["released_by"], row["release_reason"], row["emptied"]) == ("eli", "done", True)
    async with database.transaction() as conn:
        assert await call.hold_lease(conn, cid, cell, 3), "the lease is good all the while"
    assert (await place(database, cid, LIST)).receipt != row["receipt_id"], "anew"


async def test_leads_that_another_hold_covers_stay_and_go_with_that_one(
    database: Database,
) -> None:
    cid, cell = await silenced(database, 3, LIST, Part(Scope.REGION, "US-IL"))
    await claim_around(database, cid, cell)
    await hold.release(database, cid, actor="eli", parts=[LIST])
    assert await lead_states(database, cid) == {"held": 3}
    await hold.release(database, cid, actor="eli", parts=[Part(Scope.REGION, "Illinois")])
    assert await lead_states(database, cid) == {"due": 3}


async def test_many_leads_return_in_bounded_batches(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hold, "_RETURN_AT_ONCE", 4)
    cid, cell = await silenced(database, 11, LIST)
    await claim_around(database, cid, cell)
    await hold.release(database, cid, actor="eli")
    assert await lead_states(database, cid) == {"due": 4, "held": 7}
    for returned in (5, 2, 0):
        async with database.transaction() as conn:
            assert await hold.return_leads(conn, limit=5) == returned
    assert await lead_states(database, cid) == {"due": 11}


async def test_a_part_whose_silence_is_not_confirmed_is_not_resumed(database: Database) -> None:
    cid = await running(database, leads=1)
    await make_cell(database)
    await place(database, cid, LIST)
    with pytest.raises(Conflict, match="not confirmed yet"):
        await hold.release(database, cid, actor="eli")


async def test_what_is_not_paused_cannot_be_resumed(database: Database) -> None:
    cid = await running(database, leads=1)
    with pytest.raises(NotFound, match="paused list"):
        await hold.release(database, cid, actor="eli", parts=[LIST])
    with pytest.raises(NotFound, match="hold 7"):
        await hold.release(database, cid, actor="eli", holds=[7])


async def test_a_timed_hold_ends_by_itself_but_not_in_a_terminated_campaign(
    database: Database,
) -> None:
    cid = await running(database, leads=1)
    ended = await running(database, "Autumn")
    for each in (cid, ended):
        await place(database, each, CHICAGO, until=datetime.now(UTC) + timedelta(hours=1))
    await lifecycle.terminate(database, ended, actor="dana")
    await hold.release_what_is_due(database)
    assert len(await standing(database, cid)) == 1
    await do(database, "UPDATE campaign_hold SET until = now()")
    await hold.release_what_is_due(database)
    assert await standing(database, cid) == ()
    assert len(await standing(database, ended)) == 1
    found = await ask(database, "SELECT released_by FROM campaign_hold WHERE campaign_id = %s", cid)
    assert found == [{"released_by": "timer"}]


async def test_the_campaigns_page_counts_held_leads(database: Database) -> None:
    cid = await running(database, leads=4)
    cell = await make_cell(database)
    await place(database, cid, LIST)
    await claim_around(database, cid, cell, limit=2)
    async with database.transaction() as conn:
        row = await campaign.view(conn, cid)
    assert (row["total"], row["held"], row["due"]) == (4, 4, 0)
