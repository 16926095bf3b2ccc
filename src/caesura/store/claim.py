"""Claiming leads, and what may forbid a number at this moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from caesura.rules.claim import ClaimedLead, NumberFacts, PutOff, Tally
from caesura.store.database import Connection, queries, rows

SQL = queries("claim")

_PROMOTE_AT_MOST = 5000


@dataclass(frozen=True)
class Claimed:
    """Claimed leads in the order in which they are to be worked, and their numbers' facts."""

    leads: list[ClaimedLead]
    facts: dict[str, NumberFacts]


async def claim(
    conn: Connection,
    campaign: int,
    cell: UUID,
    *,
    zones: Sequence[str],
    limit: int,
    now: datetime,
    channel: str = "voice",
    with_attributes: bool = False,
) -> Claimed:
    """Take up to `limit` due leads whose number is in one of `zones` (lead.zone keys)."""
    taken = await rows(
        conn,
        SQL["claim"],
        {
            "campaign": campaign,
            "cell": cell,
            "zones": list(zones),
            "limit": limit,
            "attributes": with_attributes,
        },
    )
    taken.sort(key=lambda row: (-row["priority"], row["due_at"], row["id"]))
    leads = [
        ClaimedLead(
            id=row["id"],
            phones=tuple(row["phones"]),
            zones=tuple(row["zones"]),
            phone_index=row["phone_index"],
            attempts=row["attempts"],
            tries=row["tries"],
            attributes=row["attributes"],
        )
        for row in taken
    ]
    phones = [lead.phone for lead in leads]
    return Claimed(leads, await facts(conn, campaign, phones, now, channel))


async def facts(
    conn: Connection, campaign: int, phones: Iterable[str], now: datetime, channel: str = "voice"
) -> dict[str, NumberFacts]:
    """Do-not-call (for `channel`) and recent attempts of each number, by number."""
    wanted = sorted(set(phones))
    if not wanted:
        return {}
    found = await rows(
        conn,
        SQL["facts"],
        {"campaign": campaign, "phones": wanted, "now": now, "channel": channel},
    )
    return {
        row["phone"]: NumberFacts(
            do_not_call=row["do_not_call"],
            attempts_day=row["day"],
            attempts_7_days=row["week"],
            oldest_day=row["oldest_day"],
            oldest_7_days=row["oldest_week"],
        )
        for row in found
    }


async def release(conn: Connection, cell: UUID, leads: Sequence[int]) -> int:
    """Give claimed leads back as due; returns how many were still held."""
    if not leads:
        return 0
    cursor = await conn.execute(SQL["release"], {"cell": cell, "leads": list(leads)})
    return cursor.rowcount


async def release_others(conn: Connection, campaign: int, cell: UUID, known: Sequence[int]) -> int:
    """Give back claimed leads that the cell does not know it holds; returns how many."""
    cursor = await conn.execute(
        SQL["release_others"], {"campaign": campaign, "cell": cell, "known": list(known)}
    )
    return cursor.rowcount


async def wait_for(conn: Connection, leads: Sequence[int]) -> None:
    """Wait until no other transaction is changing these leads, and keep others from it."""
    if leads:
        await conn.execute(SQL["wait_for"], {"leads": list(leads)})


async def put_off(conn: Connection, cell: UUID, refused: Sequence[PutOff]) -> None:
    """Store refusals: waiting until `again_at`, or excluded where there is none."""
    if not refused:
        return
    await conn.execute(
        SQL["put_off"],
        {
            "cell": cell,
            "leads": [one.lead for one in refused],
            "states": ["waiting" if one.again_at else "excluded" for one in refused],
            "results": [one.reason for one in refused],
            "due": [one.again_at for one in refused],
            "phone_index": [one.phone_index for one in refused],
            "zones": [one.zone for one in refused],
        },
    )


async def promote(conn: Connection, campaigns: Sequence[int]) -> int:
    """Make waiting leads due whose time has come; returns how many."""
    cursor = await conn.execute(
        SQL["promote"], {"campaigns": list(campaigns), "limit": _PROMOTE_AT_MOST}
    )
    return cursor.rowcount


async def tallies(conn: Connection, campaigns: Sequence[int]) -> dict[int, Tally]:
    """How many leads of each campaign are in each state and zone."""
    counts: dict[int, dict[str, dict[str, int]]] = {campaign: {} for campaign in campaigns}
    for row in await rows(conn, SQL["tally"], {"campaigns": list(campaigns)}):
        counts[row["campaign_id"]].setdefault(row["state"], {})[row["zone"]] = row["n"]
    return {campaign: Tally(by_state) for campaign, by_state in counts.items()}
