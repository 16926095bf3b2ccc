"""Desks: shifts, what is asked at them and answered, what each agent does, and what came of it.

A shift belongs to one cell. The web process writes what its agent asks for as an order; the cell
takes it, answers it, and stores what the agent does, which the page is told of. The ways are
notices of PostgreSQL: `desk_order` (with the cell), `desk_answer` (with the order), `desk` (with
the agent).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
from psycopg.types.json import Jsonb

from caesura.errors import Conflict
from caesura.rules.agent_phone import AgentPhone, PhoneState
from caesura.rules.command import StoreDisposition, StoreTalkBegan, StoreTalkEnded
from caesura.rules.floor import order
from caesura.rules.floor.allotment import Pause
from caesura.rules.floor.desk import Presence, Profile
from caesura.rules.floor.order import Answer, Order
from caesura.rules.pacing.abandonment import Answers
from caesura.rules.routing import Assignment
from caesura.store.database import Connection, one, queries, rows
from caesura.store.lease import LEASE_TTL

_SQL = queries("desk")


class NobodyServes(Conflict):
    """No cell runs that could serve a desk."""

    slug = "no-cell"
    retryable = True


@dataclass(frozen=True)
class Ordered:
    """An order that the cell has taken."""

    id: int
    agent: int
    desk: UUID
    what: Order


class DeskState(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent does, as the cell says: the columns of `desk`."""

    agent_id: int
    desk_id: UUID
    presence: Presence
    reason: str | None = None
    since: datetime
    device: bool = False
    wish: Presence | None = None
    campaign_id: int | None = None
    attempt_id: UUID | None = None
    lead_id: int | None = None
    until: datetime | None = None
    overdue: bool = False
    extended: bool = False
    disposed: bool = False
    muted: bool = False
    on_hold: bool = False
    allotted_to: int | None = None
    allotted_why: str | None = None
    notice: dict[str, Any] | None = None  # None: no news; the last one stays
    phone: str | None = None  # None: the page's sound
    phone_state: PhoneState | None = None


@dataclass(frozen=True)
class Spell:
    """An agent became this; the presence before it ends with it. OFFLINE begins none."""

    agent: int
    presence: Presence
    since: datetime
    reason: str | None = None
    campaign: int | None = None


@dataclass
class Talks:
    """What is to be stored of conversations, in the order in which it happened."""

    began: list[StoreTalkBegan] = field(default_factory=list)
    ended: list[StoreTalkEnded] = field(default_factory=list)
    disposed: list[StoreDisposition] = field(default_factory=list)


# ------------------------------------------------------------------ the page


async def open_shift(conn: Connection, agent: int) -> None:
    """Begin the agent's shift, if none stands. Raises NobodyServes while no cell runs.

    The cell is told also of one that stands: the order that told it may be lost, as orders are when
    PostgreSQL crashes, and to be told twice is harmless.
    """
    asked = {"agent": agent, "desk": uuid4(), "alive": 2 * LEASE_TTL}
    await conn.execute(_SQL["open"], asked)
    if await ask(conn, agent, order.Open()) is None:
        raise NobodyServes("No machine takes calls at the moment. Try again in a few seconds.")


async def ask(conn: Connection, agent: int, what: Order) -> int | None:
    """Ask the cell of the agent's desk; the order's id. None: the agent is not signed in."""
    asked = Jsonb(msgspec.to_builtins(what))
    row = await one(conn, _SQL["ask"], {"agent": agent, "asked": asked})
    return None if row is None else int(row["id"])


async def answer_of(conn: Connection, asked: int) -> Answer | None:
    """The cell's answer, which is given once; None: not yet."""
    row = await one(conn, _SQL["answer_of"], {"id": asked})
    return None if row is None else order.answer(row["answer"])


async def withdraw(conn: Connection, asked: int) -> None:
    """Take an order back, unless the cell has taken it."""
    await conn.execute(_SQL["withdraw"], {"id": asked})


async def forget_orders(conn: Connection) -> None:
    """Drop what nobody waits for any more."""
    await conn.execute(_SQL["forget_orders"])


# ------------------------------------------------------------------ the cell


async def take(conn: Connection, cell: UUID) -> list[Ordered]:
    """The orders that the cell has not taken yet, oldest first."""
    found = await rows(conn, _SQL["take"], {"cell": cell})
    return [
        Ordered(row["id"], row["agent_id"], row["desk_id"], order.order(row["asked"]))
        for row in sorted(found, key=lambda row: row["id"])
    ]


async def answer(conn: Connection, answers: Sequence[tuple[int, Answer]]) -> None:
    """Answer orders, and tell whoever waits."""
    if answers:
        said = [Jsonb(msgspec.to_builtins(each)) for _, each in answers]
        await conn.execute(_SQL["answer"], {"ids": [id for id, _ in answers], "answers": said})


async def profiles(conn: Connection, agents: Sequence[int]) -> dict[int, Profile]:
    """What these agents may do; those who take no conversations are left out."""
    return {
        row["id"]: Profile(
            row["id"],
            tuple(Assignment(*each) for each in row["assignments"]),
            frozenset(row["skills"]),
        )
        for row in await rows(conn, _SQL["profiles"], {"agents": list(agents)})
    }


async def phone_of(conn: Connection, agent: int) -> AgentPhone | None:
    """Where the agent is to be called for a shift; None: nowhere, they use the page."""
    row = await one(conn, _SQL["phone_of"], {"agent": agent})
    return None if row is None else AgentPhone(row["phone"], row["trunk"], row["calling_number"])


async def store(
    conn: Connection,
    cell: UUID,
    states: Sequence[DeskState],
    spells: Sequence[Spell],
    closed: Sequence[UUID],
) -> None:
    """Store what the cell's agents do; `closed` are shifts that are over. Pages are told."""
    async with conn.pipeline():
        if spells:
            await conn.execute(
                _SQL["presences"],
                {
                    "agents": [each.agent for each in spells],
                    "presences": [each.presence.value for each in spells],
                    "reasons": [each.reason for each in spells],
                    "campaigns": [each.campaign for each in spells],
                    "since": [each.since for each in spells],
                },
            )
        if states:
            said = Jsonb(msgspec.to_builtins(list(states)))
            await conn.execute(_SQL["store"], {"cell": cell, "states": said})
        if closed:
            await conn.execute(_SQL["close"], {"cell": cell, "desks": list(closed)})


async def cell_is_gone(conn: Connection, cell: UUID) -> None:
    """Close the desks of a cell that is gone; their pages open them anew, on another."""
    await conn.execute(_SQL["cell_is_gone"], {"cell": cell})


async def talks(conn: Connection, talks: Talks) -> None:
    """Store conversations, and what came of them; idempotent by attempt."""
    if talks.began:
        await conn.execute(
            _SQL["began"],
            {
                "attempts": [each.attempt for each in talks.began],
                "agents": [each.agent for each in talks.began],
                "at": [each.at for each in talks.began],
                "greetings": [each.greeting_ended_at for each in talks.began],
            },
        )
    if talks.ended:
        await conn.execute(
            _SQL["ended"],
            {
                "attempts": [each.attempt for each in talks.ended],
                "agents": [each.agent for each in talks.ended],
                "at": [each.at for each in talks.ended],
                "why": [each.why.value for each in talks.ended],
            },
        )
    if talks.disposed:
        await conn.execute(_SQL["disposed"], _disposed(talks.disposed))


def _disposed(said: Sequence[StoreDisposition]) -> dict[str, Any]:
    callbacks = [each.disposed.callback for each in said]
    after = [each.disposed.after for each in said]
    return {
        "attempts": [each.attempt for each in said],
        "agents": [each.agent for each in said],
        "at": [each.at for each in said],
        "names": [each.disposed.name for each in said],
        "meanings": [each.disposed.meaning.value for each in said],
        "notes": [each.disposed.notes for each in said],
        "callbacks": [each.at if each else None for each in callbacks],
        "callback_agents": [each.agent if each else None for each in callbacks],
        "lead_state": [each.state.value for each in after],
        "due": [each.due_at for each in after],
        "phone_index": [each.phone_index for each in after],
        "zones": [each.zone for each in after],
        "lead_attempts": [each.attempts for each in after],
        "tries": [Jsonb(dict(each.tries)) for each in after],
    }


async def answers(
    conn: Connection, campaigns: Sequence[int]
) -> dict[int, list[tuple[date, Answers]]]:
    """What became of answered calls on each of the last 31 days (UTC), for the ledgers."""
    found: dict[int, list[tuple[date, Answers]]] = {campaign: [] for campaign in campaigns}
    for row in await rows(conn, _SQL["answers"], {"campaigns": list(campaigns)}):
        day = Answers(row["answered"] + row["abandoned"], row["connected"], row["abandoned"])
        found[row["campaign_id"]].append((row["day"], day))
    return found


async def pause_of(conn: Connection, campaign: int) -> Pause:
    """Who paused or terminated the campaign, why, and where its agents go."""
    row = await one(conn, _SQL["pause_of"], {"campaign": campaign})
    if row is None:
        return Pause("")
    return Pause(row["actor"], row["reason"] or "", row["agents_go_to"], row["final"])
