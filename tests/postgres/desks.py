"""Agents, desks and conversations written into the database, and a cell that answers orders."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.postgres.material import ask, do, end_of, launch, take

from caesura.rules.agent_settings import Meaning
from caesura.rules.campaign import CampaignSettings
from caesura.rules.claim import ClaimedLead
from caesura.rules.command import StoreDisposition, StoreTalkBegan, StoreTalkEnded, TalkEnd
from caesura.rules.disposition import Callback, Disposed
from caesura.rules.floor.desk import Presence
from caesura.rules.floor.order import Answer
from caesura.rules.next_try import LeadFacts, LeadState, next_try
from caesura.rules.outcome import Outcome
from caesura.store import agent, call, desk, lease
from caesura.store.database import Database
from caesura.store.desk import DeskState, Ordered, Talks

NOW = datetime(2026, 11, 25, 18, tzinfo=UTC)


async def make_agent(database: Database, name: str, *skills: str) -> int:
    """A user of role agent; the id."""
    async with database.transaction() as conn:
        await agent.create(conn, name, skills, "test")
        return await agent.id_of(conn, name)


async def assign(database: Database, campaign: int, *names: str, priority: int = 5) -> None:
    """Let exactly these agents work for the campaign."""
    wanted = [agent.Assigned(name, priority) for name in names]
    async with database.transaction() as conn:
        await agent.assign(conn, campaign, wanted, "test")


async def cells_live(database: Database) -> None:
    """Those that are not gone give the sign that they give all the time, however slow we are."""
    await do(database, "UPDATE cell SET seen_at = now() WHERE seen_at > now() - interval '30 s'")


async def open_shift(database: Database, of: int) -> tuple[UUID, UUID]:
    """The desk and its cell."""
    await cells_live(database)
    async with database.transaction() as conn:
        await desk.open_shift(conn, of)
    (row,) = await ask(database, "SELECT id, cell_id FROM desk WHERE agent_id = %s", of)
    return row["id"], row["cell_id"]


async def shows(
    database: Database, cell: UUID, of: int, presence: Presence, **more: Any
) -> DeskState:
    """The cell says that the agent does this."""
    (row,) = await ask(database, "SELECT id FROM desk WHERE agent_id = %s", of)
    state = DeskState(
        **{"agent_id": of, "desk_id": row["id"], "presence": presence, "since": NOW} | more
    )
    async with database.transaction() as conn:
        await desk.store(conn, cell, [state], [], [])
    return state


@dataclass(frozen=True)
class Call:
    """A call that was answered and has ended."""

    lead: ClaimedLead
    attempt: UUID
    began_at: datetime
    ended_at: datetime


async def answered(
    database: Database, campaign: int, cell: UUID, *, at: datetime = NOW, talk_s: float = 60
) -> Call:
    """A lead is called, answers at `at`, and hangs up after `talk_s`."""
    (lead,) = await take(database, campaign, cell, limit=1)
    (launched,) = await launch(database, campaign, cell, [lead])
    ended = at + timedelta(seconds=talk_s)
    await do(
        database,
        "UPDATE attempt SET state = 'in_progress', journalled_at = %s, launched_at = %s, "
        "answered_at = %s WHERE id = %s",
        *(at - timedelta(seconds=10), at - timedelta(seconds=10), at, launched.attempt),
    )
    end = end_of(launched, Outcome.ANSWERED, at=ended, lead=lead, received=True)
    async with database.transaction() as conn:
        await call.end(conn, [end])
    return Call(lead, launched.attempt, at, ended)


async def talked(
    database: Database, by: int, made: Call, why: TalkEnd | None = TalkEnd.CALL_ENDED
) -> None:
    """The agent has the conversation of the call; it goes on where `why` is None."""
    told = Talks(began=[StoreTalkBegan(made.attempt, by, made.began_at, None)])
    if why is not None:
        told.ended.append(StoreTalkEnded(made.attempt, by, made.ended_at, why))
    await stored(database, told)


async def stored(database: Database, told: Talks) -> None:
    async with database.transaction() as conn:
        await desk.talks(conn, told)


def said(
    by: int,
    made: Call,
    name: str,
    meaning: Meaning = Meaning.DONE,
    *,
    notes: str = "",
    at: datetime | None = None,
    callback: Callback | None = None,
    again_at: datetime | None = None,
) -> StoreDisposition:
    """What the agent says came of the call, and what becomes of the lead by the rules."""
    facts = LeadFacts(made.lead.phone_index, made.lead.zones, made.lead.attempts, made.lead.tries)
    after = next_try(facts, Outcome.ANSWERED, CampaignSettings(), made.ended_at)
    due = callback.at if callback else again_at
    if due is not None:
        after = replace(after, state=LeadState.WAITING, due_at=due)
    disposed = Disposed(name, meaning, notes, after, callback)
    return StoreDisposition(made.attempt, made.lead.id, by, at or made.ended_at, disposed)


@dataclass
class Cell:
    """Lives, takes its orders, and answers each as `answers` says; what it took stays."""

    id: UUID
    answers: Callable[[Ordered], Answer] = lambda ordered: Answer()
    took: list[Ordered] = field(default_factory=list)

    async def run(self, database: Database) -> None:
        while True:
            async with database.transaction() as conn:
                await lease.heartbeat(conn, self.id)
                orders = await desk.take(conn, self.id)
                await desk.answer(conn, [(each.id, self.answers(each)) for each in orders])
            self.took += orders
            await asyncio.sleep(0.01)


@asynccontextmanager
async def at_work(database: Database, cell: Cell) -> AsyncIterator[Cell]:
    await cells_live(database)
    task = asyncio.create_task(cell.run(database))
    try:
        yield cell
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
