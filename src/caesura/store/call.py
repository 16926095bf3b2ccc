"""The journal of attempts: launched, progressed, ended; each in one short transaction."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from psycopg import AsyncCursor
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from caesura.rules.call import AttemptEnd, CallPhase, Launch, Progress
from caesura.store import follow_up, message
from caesura.store.database import Connection, one, queries, rows

SQL = queries("call")


async def hold_lease(conn: Connection, campaign: int, cell: UUID, epoch: int) -> bool:
    """Hold the lease to the end of the transaction; False if it is revoked, lost or outdated."""
    return (
        await one(conn, SQL["hold_lease"], {"campaign": campaign, "cell": cell, "epoch": epoch})
        is not None
    )


async def journal(
    conn: Connection, campaign: int, cell: UUID, epoch: int, launches: Sequence[Launch]
) -> set[UUID] | None:
    """Mark attempts as launching; returns those that may go to the wire after the commit.

    Holds the lease to the end of the transaction; None if it is revoked, lost or outdated.
    """
    written = await conn.execute(SQL["journal"], _launches(campaign, cell, epoch, launches))
    return await _journalled(written)


async def journal_and_commit(
    conn: Connection, campaign: int, cell: UUID, epoch: int, launches: Sequence[Launch]
) -> set[UUID] | None:
    """`journal`, and the commit with it in one way: a pause waits for who holds a lease."""
    async with conn.pipeline():
        written = await conn.execute(SQL["journal"], _launches(campaign, cell, epoch, launches))
        await conn.commit()
    return await _journalled(written)


async def _journalled(written: AsyncCursor[DictRow]) -> set[UUID] | None:
    row = await written.fetchone()
    assert row is not None  # it always gives one
    return set(row["attempts"]) if row["held"] else None


def _launches(
    campaign: int, cell: UUID, epoch: int, launches: Sequence[Launch]
) -> dict[str, object]:
    return {
        "campaign": campaign,
        "cell": cell,
        "epoch": epoch,
        "attempts": [launch.attempt for launch in launches],
        "leads": [launch.lead for launch in launches],
        "phones": [launch.phone for launch in launches],
        "calling_numbers": [launch.calling_number for launch in launches],
        "channels": [launch.channel for launch in launches],
        "texts": [launch.text for launch in launches],
        "subjects": [launch.subject for launch in launches],
        "addresses": [launch.address for launch in launches],
        "segments": [None if one.channel == "voice" else one.segments for one in launches],
    }


async def readmit(conn: Connection, cell: UUID, epoch: int, attempts: Sequence[UUID]) -> set[UUID]:
    """Let attempts that go on do so under another epoch; those of them that are still open.

    The caller holds the lease of that epoch (`hold_lease`) in the same transaction.
    """
    found = await rows(
        conn, SQL["readmit"], {"cell": cell, "epoch": epoch, "attempts": list(attempts)}
    )
    return {row["id"] for row in found}


async def not_launched(conn: Connection, attempts: Sequence[UUID]) -> None:
    """Undo journalled attempts that never reached the wire: their leads are due."""
    if attempts:
        await conn.execute(SQL["not_launched"], {"attempts": list(attempts)})


async def progress(conn: Connection, happened: Sequence[Progress]) -> None:
    """Store launches, rings and answers, and count them into their minutes."""
    if not happened:
        return
    merged: dict[UUID, dict[CallPhase, Progress]] = {}
    for event in happened:
        merged.setdefault(event.attempt, {})[event.phase] = event
    launched = [phases.get(CallPhase.DIALLING) for phases in merged.values()]
    ringing = [phases.get(CallPhase.RINGING) for phases in merged.values()]
    answered = [phases.get(CallPhase.TALKING) for phases in merged.values()]
    await conn.execute(
        SQL["progress"],
        {
            "attempts": list(merged),
            "launched": [event.at if event else None for event in launched],
            "ringing": [event.at if event else None for event in ringing],
            "answered": [event.at if event else None for event in answered],
            "trunks": [event.trunk if event else None for event in launched],
            "call_ids": [event.sip_call_id if event else None for event in launched],
        },
    )


async def end(conn: Connection, ends: Sequence[AttemptEnd]) -> None:
    """Store how attempts ended and what becomes of their leads; idempotent by attempt id."""
    if not ends:
        return
    await conn.execute(
        SQL["end"],
        {
            "attempts": [e.attempt for e in ends],
            "ended": [e.at for e in ends],
            "outcomes": [e.outcome.value for e in ends],
            "received": [e.received for e in ends],
            "counted": [e.after.counted for e in ends],
            "ended_by": [e.ended_by for e in ends],
            "sip_status": [e.sip_status for e in ends],
            "q850": [e.q850_cause for e in ends],
            "details": [e.detail for e in ends],
            "keys": [e.key_pressed for e in ends],
            "lead_state": [e.after.state.value for e in ends],
            "due": [e.after.due_at for e in ends],
            "phone_index": [e.after.phone_index for e in ends],
            "zones": [e.after.zone for e in ends],
            "lead_attempts": [e.after.attempts for e in ends],
            "tries": [Jsonb(dict(e.after.tries)) for e in ends],
            "results": [e.after.result.value for e in ends],
            "codes": [e.code for e in ends],
        },
    )
    await message.taken(conn, ends)
    await follow_up.plan(conn, ends)


async def tell(conn: Connection, campaigns: Sequence[int]) -> None:
    """Tell dashboards that figures of these campaigns moved."""
    if campaigns:
        await conn.execute(SQL["tell"], {"campaigns": list(campaigns)})
