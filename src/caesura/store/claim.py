"""Claiming leads, and what may forbid a number at this moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from caesura.rules import part
from caesura.rules.claim import ClaimedLead, NumberFacts, PutOff, Tally
from caesura.rules.part import Hold, LeadPlace, Scope
from caesura.rules.region import numbers_of
from caesura.store.database import Connection, queries, rows

SQL = queries("claim")

_PROMOTE_AT_MOST = 5000
_LOOK = 1000  # leads of a zone that are looked at for paused ones, where the first ones had some


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
    around: Sequence[Hold] = (),
) -> Claimed:
    """Take up to `limit` due leads whose number is in one of `zones` (lead.zone keys).

    `around`: holds of lists and regions. Their leads that are met are set aside, and not taken.
    """
    wanted = {
        "campaign": campaign,
        "cell": cell,
        "zones": list(zones),
        "limit": limit,
        "attributes": with_attributes,
    }
    if around:
        taken = await _claim_around(conn, wanted, around)
    else:
        taken = await rows(conn, SQL["claim"], wanted)
    taken.sort(key=lambda row: (-row["priority"], row["due_at"], row["id"]))
    leads = [_lead(row) for row in taken]
    phones = [lead.phone for lead in leads]
    return Claimed(leads, await facts(conn, campaign, phones, now, channel))


async def claim_for(
    conn: Connection, campaign: int, cell: UUID, lead: int, now: datetime
) -> tuple[ClaimedLead | None, dict[str, NumberFacts]]:
    """Take this very lead, for an agent who asks for it; None: in other hands, done, excluded."""
    wanted = {"campaign": campaign, "cell": cell, "lead": lead}
    taken = [_lead(row) for row in await rows(conn, SQL["claim_for"], wanted)]
    known = await facts(conn, campaign, [each.phone for each in taken], now)
    return (taken[0] if taken else None), known


def _lead(row: dict[str, Any]) -> ClaimedLead:
    return ClaimedLead(
        id=row["id"],
        phones=tuple(row["phones"]),
        zones=tuple(row["zones"]),
        phone_index=row["phone_index"],
        attempts=row["attempts"],
        tries=row["tries"],
        attributes=row["attributes"],
        list_id=row["list_id"],
        region=row["region"],
        callback_at=row["callback_at"],
        callback_agent=row["callback_agent"],
    )


async def _claim_around(
    conn: Connection, wanted: dict[str, Any], around: Sequence[Hold]
) -> list[dict[str, Any]]:
    """The claim where lists or regions are paused: so much of the front is set aside as is met.

    What is paused is so moved out of the way once, and not looked over at each claim. As a rule the
    front is free of it already, and no more is locked than is wanted.
    """
    stand = await _kept_standing(conn, [hold.id for hold in around])
    holds = [hold for hold in around if hold.id in stand]
    for look in (wanted["limit"], _LOOK):
        front = await rows(conn, SQL["front"], wanted | {"look": look})
        aside = _covered(holds, front)
        if not aside:
            break
        said = {"leads": list(aside), "holds": list(aside.values())}
        await conn.execute(SQL["set_aside"], said)
    free = [row for row in front if row["id"] not in aside]
    full = len(front) >= look  # of one zone at least; there may be more behind
    if len(free) < wanted["limit"] and full:
        more = await rows(conn, SQL["past"], wanted | _free_of(holds))
        known = {row["id"] for row in free}
        free += [row for row in more if row["id"] not in known]
        free.sort(key=lambda row: (-row["priority"], row["due_at"], row["id"]))
    taken = [row["id"] for row in free[: wanted["limit"]]]
    return await rows(conn, SQL["take"], wanted | {"leads": taken})


def _covered(holds: Sequence[Hold], front: Iterable[dict[str, Any]]) -> dict[int, int]:
    """Those of the leads that a hold keeps from being called, with the hold."""
    covering = {
        row["id"]: part.first_covering(
            holds, LeadPlace(row["list_id"], row["region"], row["zone"], row["phone"])
        )
        for row in front
    }
    return {lead: hold.id for lead, hold in covering.items() if hold is not None}


async def _kept_standing(conn: Connection, holds: Sequence[int]) -> set[int]:
    found = await rows(conn, SQL["lock_holds"], {"holds": list(holds)})
    return {row["id"] for row in found}


def _free_of(holds: Sequence[Hold]) -> dict[str, Any]:
    """What `past` leaves out; the launch asks caesura.rules.part again, whatever this lets by."""
    regions = sorted(part.values(holds, Scope.REGION))
    there = [numbers_of(region) for region in regions]
    elsewhere = [numbers.elsewhere for numbers in there if numbers.elsewhere]
    return {
        "lists": [hold.list_id for hold in holds if hold.part.scope is Scope.LIST],
        "regions": regions,
        "countries": [region.partition("-")[0] for region in regions],
        "begins": [numbers.prefix for numbers in there if not numbers.elsewhere],
        "elsewhere": sorted(frozenset.intersection(*elsewhere)) if elsewhere else None,
    }


async def facts(
    conn: Connection, campaign: int, phones: Iterable[str], now: datetime, channel: str = "voice"
) -> dict[str, NumberFacts]:
    """Do-not-call (for `channel`) and recent attempts of each number, by number."""
    wanted = sorted(set(phones))
    if not wanted:
        return {}
    found = await rows(
        conn, SQL["facts"], {"campaign": campaign, "phones": wanted, "now": now, "channel": channel}
    )
    return _by_number(found)


def _by_number(found: Sequence[dict[str, Any]]) -> dict[str, NumberFacts]:
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
    """Store refusals: waiting until `again_at`, held by a hold, or excluded where there is neither.

    Where the hold has been released meanwhile, the lead is due.
    """
    if not refused:
        return
    holds = {one.hold for one in refused if one.hold is not None}
    stand = await _kept_standing(conn, sorted(holds)) if holds else set()
    await conn.execute(
        SQL["put_off"],
        {
            "cell": cell,
            "leads": [one.lead for one in refused],
            "states": [_state_of(one, stand) for one in refused],
            "results": [one.reason if one.hold is None else None for one in refused],
            "due": [one.again_at for one in refused],
            "phone_index": [one.phone_index for one in refused],
            "zones": [one.zone for one in refused],
            "holds": [one.hold if one.hold in stand else None for one in refused],
        },
    )


def _state_of(refused: PutOff, stand: set[int]) -> str:
    if refused.hold is not None:
        return "held" if refused.hold in stand else "due"
    return "waiting" if refused.again_at else "excluded"


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
