"""Pausing many campaigns at once, acknowledging many at once: the protocol of lifecycle.py in sets.

An emergency stop of hundreds of campaigns is one transaction and not hundreds. It waits for nobody
in it: campaigns of which a launch, a renewal or another decision holds something at that moment are
asked for again at once, and those that stay held get a transaction of their own, so that a frozen
cell holds up only its own campaigns, and those no longer than PostgreSQL lets it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from caesura.errors import CaesuraError, IllegalTransition, NotFound
from caesura.rules.campaign import (
    LIFECYCLE,
    CampaignSettings,
    CampaignState,
    Drain,
    Transition,
    allowed,
)
from caesura.rules.resumption import UNTIL_SOMEBODY_RESUMES, Condition, Terms
from caesura.store import lifecycle, release, resumption
from caesura.store.database import Connection, Database, queries, rows
from caesura.store.lifecycle import LEASE_TTL_S, CellPart, Silence

_SQL = queries("silence")

_ROUNDS = 6  # then what is still held is asked for by itself
_PAUSE_S = 0.004  # between two rounds: a launch or a renewal holds its lease for less
_BY_ITSELF_AT_ONCE = 4  # fewer connections than the pool has
_POLL_S_MIN, _POLL_S_MAX = 0.003, 0.02
_NOBODY = UUID(int=0)


@dataclass(frozen=True)
class Part:
    """What one cell has to say of one campaign that it has silenced."""

    campaign: int
    stock: Sequence[int]  # leads claimed and not launched
    unlaunched: Sequence[UUID] = ()  # attempts that the line gave back
    part: CellPart | None = None  # None: the line did not answer, nothing is acknowledged


# ------------------------------------------------------------------- asking


async def pause_all(
    database: Database,
    campaigns: Sequence[int],
    *,
    actor: str,
    reason: str | None = None,
    drain: Drain | None = None,
    until: datetime | None = None,
    when: Sequence[Condition] = (),
    emergency: bool = False,
) -> dict[int, Silence | CaesuraError]:
    """Ask for silence of all of them; one that cannot be paused stops no other.

    `until` and `when` as in lifecycle.pause; `emergency`: it is a pause of everything.

    Returns of each the silence to be awaited, or why there is none.
    """
    requested_at = datetime.now(UTC)
    asked: dict[int, Silence | CaesuraError] = {}
    left = sorted(set(campaigns))
    for turn in range(_ROUNDS):
        if not left:
            return asked
        if turn:
            await asyncio.sleep(_PAUSE_S)
        async with database.transaction() as conn:
            asked_for = Terms(until=until, when=tuple(when))
            terms, two = await release.stop_terms(conn, asked_for, emergency=emergency)
            order = _Order(actor, reason, requested_at, drain, terms, emergency, two)
            done = await _pause_free(conn, left, order)
        asked |= {
            campaign: replace(each, committed_monotonic=time.monotonic())
            if isinstance(each, Silence)
            else each
            for campaign, each in done.items()
        }
        left = [campaign for campaign in left if campaign not in asked]
    at_once = asyncio.Semaphore(_BY_ITSELF_AT_ONCE)

    async def by_itself(campaign: int) -> Silence | CaesuraError:
        async with at_once:
            try:
                return await lifecycle.pause(
                    database,
                    campaign,
                    actor=actor,
                    reason=reason,
                    drain=drain,
                    until=until,
                    when=when,
                    emergency=emergency,
                )
            except CaesuraError as refused:
                return refused

    answers = await asyncio.gather(*map(by_itself, left))
    return asked | dict(zip(left, answers, strict=True))


@dataclass(frozen=True)
class _Order:
    actor: str
    reason: str | None
    requested_at: datetime
    drain: Drain | None = None
    terms: Terms = UNTIL_SOMEBODY_RESUMES
    emergency: bool = False
    two: bool = False  # persons to release it


async def _pause_free(
    conn: Connection, campaigns: list[int], order: _Order
) -> dict[int, Silence | CaesuraError]:
    """Pause those of the campaigns of which nobody holds anything; the others are left out."""
    asked: dict[int, Silence | CaesuraError] = {}
    locked = {row["id"]: row for row in await _rows(conn, "lock_free", campaigns)}
    asked |= await _that_exist_not(conn, [c for c in campaigns if c not in locked])
    standing = {
        row["campaign_id"]: row["id"] for row in await _rows(conn, "standing_receipts", [*locked])
    }
    to_pause: list[int] = []
    for campaign, row in locked.items():
        state = CampaignState(row["state"])
        if state in (CampaignState.PAUSING, CampaignState.PAUSED) and campaign in standing:
            await lifecycle.again(
                conn,
                row,
                order.terms,
                actor=order.actor,
                emergency=order.emergency,
                two=order.two,
            )
            asked[campaign] = Silence(campaign, standing[campaign], time.monotonic())
        elif (state, Transition.PAUSE) not in LIFECYCLE:
            can = [possible.value for possible in allowed(state)]
            asked[campaign] = IllegalTransition(row["name"], state, Transition.PAUSE, can)
        else:
            to_pause.append(campaign)
    in_use = {row["campaign_id"] for row in await _rows(conn, "lease_in_use", to_pause)}
    chosen = [locked[campaign] for campaign in to_pause if campaign not in in_use]
    if chosen:
        for campaign, receipt in (await _pause_locked(conn, chosen, order)).items():
            asked[campaign] = Silence(campaign, receipt, time.monotonic())
    return asked


async def _that_exist_not(conn: Connection, campaigns: list[int]) -> dict[int, CaesuraError]:
    if not campaigns:
        return {}
    known = {row["id"] for row in await _rows(conn, "settings_of_locked", campaigns)}
    return {each: NotFound("campaign", each) for each in campaigns if each not in known}


async def _pause_locked(
    conn: Connection, chosen: list[dict[str, Any]], order: _Order
) -> dict[int, int]:
    """The pause's transaction for campaigns that are locked with all their leases."""
    ids = [row["id"] for row in chosen]
    settings = {row["id"]: row for row in await _rows(conn, "settings_of_locked", ids)}
    drains = [
        order.drain or CampaignSettings.model_validate(settings[each]["settings"]).drain
        for each in ids
    ]
    made = await rows(
        conn,
        _SQL["add_receipts"],
        {
            "campaigns": ids,
            "epochs": [row["epoch"] + 1 for row in chosen],
            "drains": [drain.value for drain in drains],
            "digests": [settings[each]["digest"] for each in ids],
            "actor": order.actor,
            "reason": order.reason,
            "requested_at": order.requested_at,
            "emergency": order.emergency,
            **resumption.as_columns(order.terms),
        },
    )
    receipts = {row["campaign_id"]: row["id"] for row in made}
    values = {
        "campaigns": ids,
        "from_states": [row["state"] for row in chosen],
        "to_states": [
            LIFECYCLE[CampaignState(row["state"]), Transition.PAUSE].value for row in chosen
        ],
        "epochs": [row["epoch"] + 1 for row in chosen],
        "receipts": [receipts[each] for each in ids],
        "drains": [drain.value for drain in drains],
        "actor": order.actor,
        "reason": order.reason,
        "emergency": order.emergency,
        "two": order.two,
        **resumption.as_columns(order.terms),
    }
    async with conn.pipeline():
        for step in (
            "add_receipt_cells",
            "revoke_leases",
            "change_states",
            "add_transitions",
            "notify",
        ):
            await conn.execute(_SQL[step], values)
        await lifecycle.seal_if_silent(conn, ids)  # those that no cell holds
        await conn.commit()
    return receipts


# ----------------------------------------------------------------- awaiting


async def await_all(database: Database, silences: Sequence[Silence], wait_s: float) -> bool:
    """Wait until all are confirmed, at most `wait_s`; seal by expiry those whose ttl has passed.

    Returns whether they are. Safe to be cut off: any cell seals what nobody waits for.
    """
    give_up = time.monotonic() + wait_s
    waiting = {silence.receipt: silence for silence in silences}
    poll_s = _POLL_S_MIN
    while waiting:
        async with database.statements() as conn:
            found = await rows(conn, _SQL["unconfirmed"], {"receipts": list(waiting)})
        waiting = {row["id"]: waiting[row["id"]] for row in found}
        now = time.monotonic()
        expired = [s for s in waiting.values() if now >= s.committed_monotonic + LEASE_TTL_S]
        for silence in expired:
            await lifecycle.seal_by_expiry(database, silence)
        if expired:
            continue
        if waiting and now >= give_up:
            return False
        await asyncio.sleep(poll_s)
        poll_s = min(poll_s * 1.5, _POLL_S_MAX)
    return True


# ------------------------------------------------------------ acknowledging


async def drains(conn: Connection, campaigns: Sequence[int]) -> dict[int, Drain]:
    """What the standing decisions do with ringing calls; campaigns that run are left out."""
    return {row["id"]: Drain(row["drain"]) for row in await _rows(conn, "drains", campaigns)}


async def acknowledge_all(conn: Connection, cell: UUID, parts: Sequence[Part]) -> None:
    """Give back what the cell had not launched, and say that it is silent.

    Whichever campaign this was the last lease of is sealed. One statement: the campaigns are locked
    for no longer than the server itself takes (migration 0014).
    """
    silent = [
        (each.campaign, each.part, len(each.unlaunched)) for each in parts if each.part is not None
    ]
    await conn.execute(
        _SQL["acknowledge"],
        {
            "cell": cell,
            "leads": [lead for each in parts for lead in each.stock],
            "attempts": [attempt for each in parts for attempt in each.unlaunched],
            "campaigns": [campaign for campaign, _, _ in silent],
            "last_launches": [part.last_launch_at for _, part, _ in silent],
            "ringing": [part.ringing for _, part, _ in silent],
            "conversations": [part.conversations_left for _, part, _ in silent],
            "returned": [part.leads_returned + unlaunched for _, part, unlaunched in silent],
            **lifecycle.CONFIRMATION,
        },
    )


async def stand_ready(conn: Connection) -> None:
    """Have PostgreSQL plan the acknowledgement on this connection, before it is wanted."""
    await acknowledge_all(conn, _NOBODY, ())


async def _rows(conn: Connection, name: str, campaigns: Sequence[int]) -> list[dict[str, Any]]:
    if not campaigns:
        return []
    return await rows(conn, _SQL[name], {"campaigns": list(campaigns)})
