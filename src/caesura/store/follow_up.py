"""Messages that follow on a call or a reply: planned when it ends, sent once, under a lease."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from caesura.rules.call import AttemptEnd, Launch
from caesura.rules.claim import NumberFacts
from caesura.rules.part import LeadPlace
from caesura.store import claim
from caesura.store.database import Connection, queries, rows

SQL = queries("follow_up")

AT_ONCE = 100  # of a campaign's messages sent in one turn, at most


async def plan(conn: Connection, ends: Iterable[AttemptEnd]) -> None:
    """Store what is to be sent after these attempts."""
    planned = [(end, one) for end in ends for one in end.follow_ups]
    if not planned:
        return
    await conn.execute(
        SQL["plan"],
        {
            "attempts": [end.attempt for end, _ in planned],
            "rules": [one.rule for _, one in planned],
            "channels": [one.channel for _, one in planned],
            "zones": [one.zone for _, one in planned],
            "senders": [one.sender for _, one in planned],
            "providers": ["\n".join(one.providers) for _, one in planned],
            "texts": [one.text for _, one in planned],
            "subjects": [one.subject for _, one in planned],
            "addresses": [one.address for _, one in planned],
            "segments": [one.segments for _, one in planned],
            "problems": [one.problem for _, one in planned],
            "due": [one.due_at for _, one in planned],
        },
    )


async def answer(
    conn: Connection, reply: int, attempt: UUID, text: str, segments: int, providers: Sequence[str]
) -> None:
    """Send `text` back to a reply, from the number that it was sent to."""
    await conn.execute(
        SQL["answer"],
        {
            "reply": reply,
            "attempt": attempt,
            "text": text,
            "segments": segments,
            "providers": list(providers),
        },
    )


@dataclass(frozen=True)
class Due:
    """Whether a campaign has messages that are still to come, and how many of them go now."""

    now: int = 0  # may be sent; counted up to AT_ONCE
    any: bool = False  # now or later


async def due(conn: Connection, campaigns: Sequence[int]) -> dict[int, Due]:
    """Of each campaign that has any."""
    found = await rows(conn, SQL["due"], {"campaigns": list(campaigns), "limit": AT_ONCE})
    return {row["campaign_id"]: Due(row["now"], any=True) for row in found}


@dataclass(frozen=True)
class Waiting:
    """One that is due."""

    id: int
    answers: bool  # a reply: its sender asked for it
    zone: str
    launch: Launch
    place: LeadPlace


async def take(
    conn: Connection, campaign: int, limit: int, attempts: Sequence[UUID]
) -> list[Waiting]:
    """Some that are due, locked. `attempts`: ids for them, at least `limit`."""
    found = await rows(conn, SQL["take"], {"campaign": campaign, "limit": limit})
    return [_waiting(row, attempt) for row, attempt in zip(found, attempts, strict=False)]


def _waiting(row: dict[str, Any], attempt: UUID) -> Waiting:
    launch = Launch(
        attempt,
        row["lead_id"],
        row["phone"],
        row["sender"],
        channel=row["channel"],
        text=row["text"],
        subject=row["subject"],
        address=row["address"],
        segments=row["segments"],
        providers=tuple(row["providers"]),
        rule=row["rule"],
    )
    place = LeadPlace(row["list_id"], row["region"], row["zone"], row["phone"])
    return Waiting(row["id"], row["kind"] == "answer", row["zone"], launch, place)


async def facts(
    conn: Connection, campaign: int, waiting: Sequence[Waiting], now: datetime
) -> dict[tuple[str, str], NumberFacts]:
    """What may forbid their numbers, by number and channel."""
    found: dict[tuple[str, str], NumberFacts] = {}
    for channel in sorted({one.launch.channel for one in waiting}):
        phones = [one.launch.phone for one in waiting if one.launch.channel == channel]
        known = await claim.facts(conn, campaign, phones, now, channel)
        found |= {(phone, channel): fact for phone, fact in known.items()}
    return found


async def journal(conn: Connection, cell: UUID, epoch: int, waiting: Sequence[Waiting]) -> None:
    """Mark their attempts as launching. The caller holds the lease and has taken them."""
    if waiting:
        await conn.execute(
            SQL["journal"],
            {
                "cell": cell,
                "epoch": epoch,
                "ids": [one.id for one in waiting],
                "attempts": [one.launch.attempt for one in waiting],
            },
        )


async def put_off(conn: Connection, refused: Sequence[tuple[int, str, datetime | None]]) -> None:
    """Store refusals: (id, why, when to ask again or None for never)."""
    if refused:
        await conn.execute(
            SQL["put_off"],
            {
                "ids": [one[0] for one in refused],
                "reasons": [one[1] for one in refused],
                "again": [one[2] for one in refused],
            },
        )


async def wait_for(conn: Connection, ids: Sequence[int]) -> None:
    """Wait until no other transaction is changing these."""
    if ids:
        await conn.execute(SQL["wait_for"], {"ids": list(ids)})
