"""A campaign's changes of state, and the pause protocol's half that lives in PostgreSQL.

The protocol (docs/architecture.md): a pause is one transaction that changes the state, raises the
epoch and revokes the leases; each cell acknowledges by deleting its lease; whoever deletes the
last one seals the receipt in the same transaction. A cell that does not answer is waited for
`LEASE_TTL_S` on the waiter's own monotonic clock since the commit; by then its gate has shut by
itself. No clock of another machine is compared with ours anywhere.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg import AsyncCursor
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from caesura.errors import EpochChanged, IllegalTransition, NeverByItself, NotFound
from caesura.rules.campaign import (
    LIFECYCLE,
    CampaignSettings,
    CampaignState,
    Clocks,
    Drain,
    Transition,
    allowed,
)
from caesura.rules.pause_rule import Evidence
from caesura.rules.resumption import UNTIL_SOMEBODY_RESUMES, Condition, Terms, judge
from caesura.store import destination as destinations
from caesura.store import release, resumption
from caesura.store.database import Connection, Database, one, queries, rows
from caesura.store.lease import LEASE_TTL

SQL = queries("lifecycle")

LEASE_TTL_S = LEASE_TTL.total_seconds()
LEASE_RENEWAL_S = 0.25
PART = "part"  # the kind of a receipt of a paused part (hold.py)
LEASE_MARGIN_S = 0.1  # the gate shuts so much before the ttl ends

_NO_TIME = timedelta(0)
_POLL_S_MIN, _POLL_S_MAX = 0.004, 0.02

# The passing states, and what a confirmation makes of them.
_CONFIRMED = {
    state: after
    for (state, transition), after in LIFECYCLE.items()
    if transition is Transition.CONFIRM
}
# For SQL: the passing states, and what each of them becomes.
CONFIRMATION = {
    "from_states": [state.value for state in _CONFIRMED],
    "to_states": [after.value for after in _CONFIRMED.values()],
}

_SILENCED = {
    Transition.PAUSE: {CampaignState.PAUSING, CampaignState.PAUSED},
    Transition.TERMINATE: {CampaignState.TERMINATING, CampaignState.TERMINATED},
}


@dataclass(frozen=True)
class Silence:
    """A pause or termination that was asked for and whose confirmation can be awaited."""

    campaign: int
    receipt: int
    committed_monotonic: float  # of this process, at or after the commit


@dataclass(frozen=True)
class CellPart:
    """What one cell puts into the receipt when it acknowledges."""

    last_launch_at: datetime | None
    ringing: int  # calls on the wire without an answer; the drain decides about them
    conversations_left: int
    leads_returned: int


async def start(
    database: Database,
    campaign: int,
    *,
    actor: str,
    reason: str | None = None,
    epoch: int | None = None,
) -> None:
    """Draft to running. Raises NotFound, IllegalTransition, EpochChanged."""
    async with database.transaction() as conn:
        row = await locked(conn, campaign)
        async with conn.pipeline():
            await _move(conn, row, Transition.START, actor=actor, reason=reason, epoch=epoch)


async def resume(
    database: Database,
    campaign: int,
    *,
    actor: str,
    reason: str | None = None,
    epoch: int | None = None,
    if_terms: Terms | None = None,
) -> dict[str, Any] | None:
    """Paused to running; None. Where two persons must release it, asks for that: the request.

    `if_terms`: only if the pause is still to end so by itself, and then never by asking; a longer
    pause may have come meanwhile. Raises AwaitingApproval where somebody else has asked.
    """
    async with database.transaction() as conn:
        row = await locked(conn, campaign)
        if if_terms is not None and resumption.terms_of(row) != if_terms:
            return None
        _check(row, Transition.RESUME, epoch)
        if await release.needs_two(conn, row):
            if if_terms is not None:
                return None
            request = await release.ask(conn, row, actor=actor, reason=reason)
            await _tell(conn, row)
            return request
        await _resume(conn, row, actor=actor, reason=reason)
    return None


async def _resume(conn: Connection, row: dict[str, Any], *, actor: str, reason: str | None) -> None:
    """Where clocks freeze, the retry clock goes on from where it stood."""
    stood_still = _NO_TIME
    settings = CampaignSettings.model_validate(row["settings"])
    if settings.clocks is Clocks.FREEZE:
        since = await one(conn, SQL["paused_since"], {"campaign": row["id"]})
        if since:
            stood_still = max(datetime.now(UTC) - since["requested_at"], _NO_TIME)
    async with conn.pipeline():
        await _move(
            conn, row, Transition.RESUME, actor=actor, reason=reason, stood_still=stood_still
        )
        await destinations.ends(conn, row)


async def approve(
    database: Database,
    campaign: int,
    *,
    actor: str,
    reason: str | None = None,
    epoch: int | None = None,
) -> None:
    """Release an emergency stop for whose release another person has asked.

    Raises NothingToApprove, SamePerson, IllegalTransition, EpochChanged.
    """
    async with database.transaction() as conn:
        row = await locked(conn, campaign)
        _check(row, Transition.RESUME, epoch)
        asked = await release.approve(conn, row, actor=actor)
        why = [text for text in (asked["reason"], reason) if text]
        await _resume(
            conn,
            row,
            actor=f"{asked['asked_by']}, approved by {actor}",
            reason="; ".join(why) or None,
        )


async def withdraw(
    database: Database, campaign: int, *, actor: str, epoch: int | None = None
) -> None:
    """Take back, or turn down, the request to release an emergency stop; it stays paused."""
    async with database.transaction() as conn:
        row = await locked(conn, campaign)
        _check(row, Transition.RESUME, epoch)
        await release.withdraw(conn, row, actor=actor)
        await _tell(conn, row)


async def change_terms(
    database: Database, campaign: int, terms: Terms, *, actor: str, epoch: int | None = None
) -> None:
    """Say anew how the standing pause ends, also sooner than it was to.

    Raises IllegalTransition where none stands, NeverByItself for an emergency stop of two persons.
    """
    async with database.transaction() as conn:
        row = await locked(conn, campaign)
        pausing = row["state"] == CampaignState.PAUSING  # it stands as soon as it is asked for
        _check(row, Transition.CONFIRM if pausing else Transition.RESUME, epoch)
        if terms.by_itself and await release.needs_two(conn, row):
            raise NeverByItself(row["name"])
        await resumption.put(conn, campaign, terms, actor)
        await _tell(conn, row)


async def pause(
    database: Database,
    campaign: int,
    *,
    actor: str,
    reason: str | None = None,
    drain: Drain | None = None,
    until: datetime | None = None,
    when: Sequence[Condition] = (),
    destination: int | None = None,
    emergency: bool = False,
    epoch: int | None = None,
) -> Silence:
    """Ask for silence. A pause of a campaign that is paused already gives the standing receipt.

    It ends by itself not before `until` and when all of `when` hold. The longer of two pauses wins:
    one without either takes away what would have ended the standing one, a later `until` moves it,
    an earlier one changes nothing. So an emergency stop does not end by itself.

    `destination`: the campaign whose calls its agents take meanwhile (`destination.check`); None
    leaves a standing pause's as it is.
    """
    return await _silence(
        database,
        campaign,
        Transition.PAUSE,
        actor=actor,
        reason=reason,
        drain=drain,
        terms=Terms(until=until, when=tuple(when)),
        destination=destination,
        emergency=emergency,
        epoch=epoch,
    )


async def pause_by_rule(
    database: Database,
    campaign: int,
    *,
    epoch: int,
    evidence: Evidence,
    until: datetime | None = None,
) -> Silence | None:
    """Pause for what a rule found at `epoch`; None if somebody decided anything since.

    So two cells that find the same make one pause, and a rule never touches a standing pause, nor
    pauses anew what was just resumed.
    """
    try:
        return await _silence(
            database,
            campaign,
            Transition.PAUSE,
            actor=evidence.rule.actor,
            reason=evidence.sentence,
            drain=None,
            terms=Terms(until=until),
            emergency=False,
            epoch=epoch,
            evidence=evidence,
        )
    except (EpochChanged, IllegalTransition):
        return None


async def terminate(
    database: Database,
    campaign: int,
    *,
    actor: str,
    reason: str | None = None,
    drain: Drain | None = None,
    epoch: int | None = None,
) -> Silence:
    """Ask for the irreversible end. Repeated, it gives the standing receipt."""
    return await _silence(
        database,
        campaign,
        Transition.TERMINATE,
        actor=actor,
        reason=reason,
        drain=drain,
        terms=UNTIL_SOMEBODY_RESUMES,
        emergency=False,
        epoch=epoch,
    )


async def _silence(
    database: Database,
    campaign: int,
    transition: Transition,
    *,
    actor: str,
    reason: str | None,
    drain: Drain | None,
    terms: Terms,
    emergency: bool,
    epoch: int | None,
    destination: int | None = None,
    evidence: Evidence | None = None,
) -> Silence:
    requested_at = datetime.now(UTC)
    async with database.transaction() as conn:
        row, standing = await _locked_with_receipt(conn, campaign)
        if evidence is not None:  # a rule's: also where a pause stands
            _check(row, transition, epoch)
        terms, two = await release.stop_terms(conn, terms, emergency=emergency)
        if CampaignState(row["state"]) in _SILENCED[transition] and standing:
            if destination is not None:
                await destinations.put(conn, campaign, destination)
                await _tell(conn, row)
            await again(conn, row, terms, actor=actor, emergency=emergency, two=two)
            return Silence(campaign, standing, time.monotonic())
        _check(row, transition, epoch)
        drain = drain or CampaignSettings.model_validate(row["settings"]).drain
        async with conn.pipeline():  # all of it in one way: launches wait for the pause
            made = await conn.execute(
                SQL["add_receipt"],
                {
                    "campaign": campaign,
                    "kind": transition.value,
                    "epoch": row["epoch"] + 1,
                    "actor": actor,
                    "reason": reason,
                    "drain": drain.value,
                    "requested_at": requested_at,
                    "emergency": emergency,
                    "digest": row["digest"],
                    "evidence": None
                    if evidence is None
                    else Jsonb(evidence.model_dump(mode="json", exclude_none=True)),
                    **resumption.as_columns(terms),
                },
            )
            await conn.execute(SQL["revoke_leases"], {"campaign": campaign})
            await _move(
                conn,
                row,
                transition,
                actor=actor,
                reason=reason,
                epoch=epoch,
                terms=terms,
                drain=drain,
            )
            if destination is not None:
                await destinations.put(conn, campaign, destination)
            else:
                await destinations.ends(conn, row)  # terminated out of a pause
            if emergency:
                await release.mark(conn, campaign, actor, two=two)
            await seal_if_silent(conn, [campaign])  # no cell may hold it
            await conn.commit()
        receipt = await made.fetchone()
        assert receipt is not None
    return Silence(campaign, receipt["id"], time.monotonic())


async def _locked_with_receipt(
    conn: Connection, campaign: int
) -> tuple[dict[str, Any], int | None]:
    """The campaign's row, locked, and the id of its newest receipt."""
    async with conn.pipeline():
        locked = await _ask_locked(conn, campaign)
        receipt = await conn.execute(SQL["standing_receipt"], {"campaign": campaign})
    standing = await receipt.fetchone()
    return await _read_locked(locked, campaign), standing["id"] if standing else None


async def again(
    conn: Connection,
    row: dict[str, Any],
    terms: Terms,
    *,
    actor: str,
    emergency: bool,
    two: bool,
) -> None:
    """A pause of what is paused already, its row locked: it may make it longer, or an emergency."""
    changed = await resumption.lengthen(conn, row, terms, actor)
    marks = emergency and CampaignState(row["state"]) in _SILENCED[Transition.PAUSE]
    if marks:
        await release.mark(conn, row["id"], actor, two=two)
    if changed or marks:
        await _tell(conn, row)


async def _tell(conn: Connection, row: dict[str, Any]) -> None:
    """Something else than the state of the campaign is new."""
    await _notify(conn, row["id"], row["state"], row["epoch"])


async def await_confirmation(database: Database, silence: Silence, wait_s: float) -> bool:
    """Wait until silence is confirmed, at most `wait_s`; seal by expiry once the ttl has passed.

    Returns whether it is confirmed. Safe to be cut off: any cell seals what nobody waits for.
    """
    give_up = time.monotonic() + wait_s
    expiry = silence.committed_monotonic + LEASE_TTL_S
    poll_s = _POLL_S_MIN
    while not await _is_confirmed(database, silence.receipt):
        if time.monotonic() >= expiry:
            await seal_by_expiry(database, silence)
            if await _is_confirmed(database, silence.receipt):
                return True
        if time.monotonic() >= give_up:
            return False
        await asyncio.sleep(poll_s)
        poll_s = min(poll_s * 1.2, _POLL_S_MAX)
    return True


async def _is_confirmed(database: Database, receipt: int) -> bool:
    async with database.statements() as conn:
        row = await one(conn, SQL["receipt"], {"receipt": receipt})
    if row is None:
        raise NotFound("receipt", receipt)
    return row["confirmed_at"] is not None


async def seal_by_expiry(database: Database, silence: Silence) -> None:
    """Confirm a silence whose ttl has passed on the caller's monotonic clock."""
    async with database.transaction() as conn:
        await locked(conn, silence.campaign)
        asked = await one(conn, SQL["receipt"], {"receipt": silence.receipt})
        if asked is None or asked["confirmed_at"] is not None:
            return  # confirmed meanwhile, perhaps resumed: the leases of today are not ours
        if asked["kind"] != PART:
            standing = await one(conn, SQL["standing_receipt"], {"campaign": silence.campaign})
            if standing is None or standing["id"] != silence.receipt:
                return  # a termination overtook the pause, and its ttl confirms both
        async with conn.pipeline():
            await conn.execute(
                SQL["expire_leases"], {"campaign": silence.campaign, "epoch": asked["epoch"]}
            )
            await seal_if_silent(conn, [silence.campaign])


async def seal_if_silent(conn: Connection, campaigns: Sequence[int]) -> None:
    """Seal the receipts that wait for no lease any more; with none left, leave the passing state.

    With a pause those of pauses that it overtook: silence is the campaign's. The part of a campaign
    that runs is silent once every lease of before its pause is gone.

    The caller has the campaigns locked. Nothing is read, so that all of it can be one pipeline
    with what the caller does.
    """
    await conn.execute(SQL["seal_if_silent"], {"campaigns": list(campaigns), **CONFIRMATION})


async def complete(database: Database, campaign: int, epoch: int) -> bool:
    """Running to completed, if no lead is left to work. Returns whether it did."""
    async with database.transaction() as conn:
        row = await locked(conn, campaign)
        if row["state"] != CampaignState.RUNNING or row["epoch"] != epoch:
            return False
        left = await one(conn, SQL["work_left"], {"campaign": campaign})
        if left is None or left["n"] > 0:
            return False
        async with conn.pipeline():
            await conn.execute(SQL["drop_leases"], {"campaign": campaign})
            await _move(
                conn, row, Transition.COMPLETE, actor="rule: nothing left to do", reason=None
            )
        return True


async def passing(database: Database) -> list[dict[str, Any]]:
    """The campaigns of receipts that are not confirmed yet: id, epoch, receipt_id."""
    async with database.statements() as conn:
        return await rows(conn, SQL["passing"])


async def resume_what_is_due(database: Database) -> None:
    """Resume the pauses that end by themselves, now that they do."""
    async with database.transaction() as conn:
        due = await resumption.due(conn, datetime.now(UTC))
    for each in due:
        verdict = judge(each.terms, each.facts)
        if not verdict.resumes:
            continue
        try:
            await resume(
                database,
                each.campaign,
                actor="condition" if each.terms.when else "timer",
                reason=verdict.sentence,
                epoch=each.epoch,
                if_terms=each.terms,
            )
        except (EpochChanged, IllegalTransition):
            continue  # somebody else decided meanwhile; theirs stands


async def complete_what_is_over(database: Database) -> None:
    """Complete receipts of which the last call ended, or was undone, in the moment of the seal."""
    async with database.transaction() as conn:
        open_ones = await rows(conn, SQL["incomplete"])
        if open_ones:
            await complete_receipts(conn, [row["campaign_id"] for row in open_ones])


async def complete_receipts(conn: Connection, campaigns: list[int]) -> None:
    """Complete the receipts of campaigns whose last call before the pause has ended."""
    await conn.execute(SQL["complete_receipts"], {"campaigns": campaigns})


async def complete_receipts_of(conn: Connection, attempts: list[UUID]) -> None:
    """The same, where these attempts were on when their campaign was paused."""
    if attempts:
        await conn.execute(SQL["complete_receipts_of"], {"attempts": attempts})


async def locked(conn: Connection, campaign: int) -> dict[str, Any]:
    """The campaign with its settings, locked for a decision. Raises NotFound."""
    async with conn.pipeline():  # one way to the server and back; still a statement of its own each
        locked = await _ask_locked(conn, campaign)
    return await _read_locked(locked, campaign)


_Cursors = tuple[AsyncCursor[DictRow], AsyncCursor[DictRow]]


async def _ask_locked(conn: Connection, campaign: int) -> _Cursors:
    return (
        await conn.execute(SQL["lock_campaign"], {"campaign": campaign}),
        await conn.execute(SQL["settings_of_locked"], {"campaign": campaign}),
    )


async def _read_locked(asked: _Cursors, campaign: int) -> dict[str, Any]:
    row, settings = [await cursor.fetchone() for cursor in asked]
    if row is None:
        raise NotFound("campaign", campaign)
    assert settings is not None
    return {**row, **settings}


def _check(row: dict[str, Any], transition: Transition, epoch: int | None) -> CampaignState:
    """The state that follows, or the error that says why there is none."""
    state = CampaignState(row["state"])
    if epoch is not None and epoch != row["epoch"]:
        raise EpochChanged(row["name"], epoch, row["epoch"], state)
    following = LIFECYCLE.get((state, transition))
    if following is None:
        raise IllegalTransition(
            row["name"], state, transition, [possible.value for possible in allowed(state)]
        )
    return following


async def _move(
    conn: Connection,
    row: dict[str, Any],
    transition: Transition,
    *,
    actor: str,
    reason: str | None,
    epoch: int | None = None,
    terms: Terms = UNTIL_SOMEBODY_RESUMES,
    stood_still: timedelta = _NO_TIME,
    drain: Drain | None = None,
) -> None:
    """Change the state, write its history, tell everybody: in the caller's pipeline.

    `row` is locked.
    """
    following = _check(row, transition, epoch).value
    await conn.execute(
        SQL["change_state"],
        {
            "campaign": row["id"],
            "to_state": following,
            "stood_still": stood_still,
            **resumption.as_columns(terms),
        },
    )
    await say(conn, row, following, actor=actor, reason=reason, drain=drain)


async def revoke(conn: Connection, campaign: int, receipt: int) -> None:
    """From here on no lease of the campaign is good; the receipt waits for each that there is."""
    await conn.execute(SQL["add_receipt_cells"], {"campaign": campaign, "receipt": receipt})
    await conn.execute(SQL["revoke_leases"], {"campaign": campaign})


async def say(
    conn: Connection,
    row: dict[str, Any],
    to_state: str,
    *,
    actor: str,
    reason: str | None,
    drain: Drain | None = None,
) -> None:
    """Write the history of the change that raised the epoch of `row` by one, and tell everybody."""
    epoch = row["epoch"] + 1
    await conn.execute(
        SQL["add_transition"],
        {
            "campaign": row["id"],
            "from_state": row["state"],
            "to_state": to_state,
            "epoch": epoch,
            "actor": actor,
            "reason": reason,
        },
    )
    await _notify(conn, row["id"], to_state, epoch, drain)


async def _notify(
    conn: Connection, campaign: int, state: str, epoch: int, drain: Drain | None = None
) -> None:
    await conn.execute(
        SQL["notify"],
        {
            "campaign": campaign,
            "state": state,
            "epoch": epoch,
            "drain": None if drain is None else drain.value,
        },
    )
