"""Campaigns, leads and cells written straight into the database, for tests of the protocol."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, LiteralString
from uuid import UUID, uuid4

from caesura.rules.call import AttemptEnd, Launch
from caesura.rules.campaign import CampaignSettings, Message
from caesura.rules.claim import ClaimedLead
from caesura.rules.next_try import LeadFacts, next_try
from caesura.rules.outcome import Outcome
from caesura.store import call, campaign, claim, lease, lifecycle
from caesura.store.database import Connection, Database, one, rows
from caesura.store.lifecycle import CellPart
from caesura.store.silence import Part, acknowledge_all

ZONE = "America/Chicago"
PART = CellPart(last_launch_at=None, ringing=0, conversations_left=0, leads_returned=0)


async def ask(database: Database, sql: LiteralString, *params: Any) -> list[dict[str, Any]]:
    """The rows that a query gives, in a transaction of its own."""
    async with database.transaction() as conn:
        return await rows(conn, sql, params)


async def do(database: Database, sql: LiteralString, *params: Any) -> None:
    async with database.transaction() as conn:
        await conn.execute(sql, params)


async def make_list(conn: Connection, name: str, contacts: Sequence[tuple[str, str]]) -> int:
    """A ready list of these (phone, zone) contacts; its id."""
    made = await one(
        conn,
        "INSERT INTO contact_list (name, state, created_by) VALUES (%s, 'ready', 'test') "
        "RETURNING id",
        [name],
    )
    assert made is not None
    await conn.execute(
        "INSERT INTO contact (list_id, line, phones, zones) "
        "SELECT %s, n + 1, ARRAY[phone], ARRAY[zone] "
        "FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY AS c(phone, zone, n)",
        [made["id"], [phone for phone, _ in contacts], [zone for _, zone in contacts]],
    )
    return int(made["id"])


async def make_campaign(
    database: Database,
    name: str = "Spring",
    *,
    contacts: Sequence[tuple[str, str]] = (),
    settings: CampaignSettings | None = None,
) -> int:
    """A draft whose list has these (phone, zone) contacts; its id."""
    async with database.transaction() as conn:
        await make_list(conn, f"list of {name}", contacts)
        return await campaign.create(
            conn, name, [f"list of {name}"], settings or CampaignSettings(), "test"
        )


async def dialable(database: Database) -> CampaignSettings:
    """Settings with which a campaign can dial; what they name exists."""
    await do(
        database,
        "INSERT INTO recording (name, sha256, duration_ms, pcmu, pcma, created_by) "
        "VALUES ('hello', 'x', 1000, '', '', 'test') ON CONFLICT DO NOTHING",
    )
    await do(
        database,
        "INSERT INTO trunk (name, host, port) VALUES ('carrier', '127.0.0.1', 5070) "
        "ON CONFLICT DO NOTHING",
    )
    await do(database, "INSERT INTO calling_number VALUES ('+13125550000') ON CONFLICT DO NOTHING")
    return CampaignSettings(
        message=Message(recording="hello"),
        trunks=["carrier"],
        calling_numbers=["+13125550000"],
    )


def phones(number: int, zone: str = ZONE, first: int = 0) -> list[tuple[str, str]]:
    return [(f"+1312{first + n:07d}", zone) for n in range(number)]


async def running(database: Database, name: str = "Spring", leads: int = 0, **more: Any) -> int:
    """A campaign that was started."""
    made = await make_campaign(database, name, contacts=phones(leads), **more)
    await lifecycle.start(database, made, actor="test")
    return made


async def make_cell(database: Database, *, leases: bool = True) -> UUID:
    """A registered cell, with a lease of each running campaign."""
    cell = uuid4()
    async with database.transaction() as conn:
        await lease.register(conn, cell, "node")
        if leases:
            await lease.acquire(conn, cell)
    return cell


async def acquire(database: Database, cell: UUID) -> list[tuple[int, int]]:
    async with database.transaction() as conn:
        return [(one.campaign, one.epoch) for one in await lease.acquire(conn, cell)]


async def acknowledge(database: Database, cid: int, cell: UUID, part: CellPart = PART) -> None:
    async with database.transaction() as conn:
        await acknowledge_all(conn, cell, [Part(cid, (), part=part)])


async def state(database: Database, cid: int) -> dict[str, Any]:
    """The campaign's row."""
    (row,) = await ask(database, "SELECT * FROM campaign WHERE id = %s", cid)
    return row


async def receipts(database: Database, cid: int) -> list[dict[str, Any]]:
    return await ask(database, "SELECT * FROM receipt WHERE campaign_id = %s ORDER BY epoch", cid)


async def take(
    database: Database, cid: int, cell: UUID, limit: int = 100, zones: Sequence[str] = (ZONE,)
) -> list[ClaimedLead]:
    async with database.transaction() as conn:
        taken = await claim.claim(conn, cid, cell, zones=zones, limit=limit, now=datetime.now(UTC))
    return taken.leads


def launch_of(lead: ClaimedLead) -> Launch:
    return Launch(uuid4(), lead.id, lead.phone, "+13125550000")


async def journal(
    conn: Connection, cid: int, cell: UUID, epoch: int, leads: Sequence[ClaimedLead]
) -> list[Launch]:
    """Journal an attempt for each lead, as a cell does; [] if the lease is not held."""
    launches = [launch_of(lead) for lead in leads]
    written = await call.journal(conn, cid, cell, epoch, launches) or ()
    return [launch for launch in launches if launch.attempt in written]


async def launch(
    database: Database, cid: int, cell: UUID, leads: Sequence[ClaimedLead]
) -> list[Launch]:
    """In the campaign's present epoch."""
    epoch = (await state(database, cid))["epoch"]
    async with database.transaction() as conn:
        return await journal(conn, cid, cell, epoch, leads)


def end_of(
    launched: Launch,
    outcome: Outcome,
    *,
    at: datetime,
    lead: ClaimedLead | None = None,
    received: bool = False,
    settings: CampaignSettings | None = None,
) -> AttemptEnd:
    facts = (
        LeadFacts(1, (ZONE,), 0, {})
        if lead is None
        else LeadFacts(lead.phone_index, lead.zones, lead.attempts, lead.tries)
    )
    return AttemptEnd(
        attempt=launched.attempt,
        lead=launched.lead,
        at=at,
        outcome=outcome,
        received=received,
        ended_by="callee",
        sip_status=None,
        q850_cause=None,
        detail="",
        key_pressed=None,
        after=next_try(facts, outcome, settings or CampaignSettings(), at),
    )


async def tally_is_true(database: Database) -> None:
    """The tally that triggers keep equals a count of the leads."""
    kept = await ask(
        database,
        "SELECT campaign_id, state, zone, sum(n)::bigint AS n FROM lead_tally "
        "GROUP BY 1, 2, 3 HAVING sum(n) <> 0 ORDER BY 1, 2, 3",
    )
    counted = await ask(
        database,
        "SELECT campaign_id, state, zone, count(*) AS n FROM lead GROUP BY 1, 2, 3 "
        "ORDER BY 1, 2, 3",
    )
    assert kept == counted


async def within(seconds: float, *coroutines: Any) -> list[Any]:
    """All of them side by side, in that time."""
    async with asyncio.timeout(seconds):
        return list(await asyncio.gather(*coroutines))


async def waits(database: Database, task: asyncio.Task[Any]) -> bool:
    """Whether the task comes to wait for a lock. However slow the machine, it does or it ends."""
    waiting = (
        "SELECT EXISTS (SELECT 1 FROM pg_stat_activity "
        "WHERE datname = current_database() AND wait_event_type = 'Lock') AS lock"
    )
    async with asyncio.timeout(10):
        while not task.done():
            (row,) = await ask(database, waiting)
            if row["lock"]:
                return not task.done()
            await asyncio.sleep(0.01)
    return False
