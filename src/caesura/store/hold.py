"""Pausing a part of a campaign: the pause protocol (lifecycle.py) while the state stays as it is.

Placing a hold on a running campaign revokes all its leases and raises the epoch, as a pause does;
each cell acknowledges, and at once takes a new lease, under which it knows the hold. The silence of
the part is confirmed when no lease of before is left. Releasing needs nothing of the kind: a cell
that does not know of it yet is only too silent.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from psycopg.types.json import Jsonb

from caesura.errors import Conflict, EpochChanged, IllegalTransition, NotFound
from caesura.rules import part
from caesura.rules.campaign import CampaignSettings, CampaignState, Drain, allowed
from caesura.rules.part import (
    CallMeans,
    CallThere,
    Hold,
    LeadPlace,
    LeadsThere,
    Part,
    PartCounts,
    Scope,
)
from caesura.store import lifecycle
from caesura.store.database import Connection, Database, one, queries, rows
from caesura.store.lifecycle import Silence

_SQL = queries("hold")

RETURN_AT_MOST = 5000  # leads in one transaction
_RETURN_AT_ONCE = 500  # of them with the release itself, so that calling begins at once

_AT_THEIR_END = (CampaignState.TERMINATING, CampaignState.TERMINATED, CampaignState.COMPLETED)


@dataclass(frozen=True)
class Standing:
    """The holds of a campaign at one moment; of two readings the higher version is the newer."""

    version: int
    holds: tuple[Hold, ...]


async def standing(conn: Connection, campaign: int) -> Standing:
    """The holds that stand."""
    return (await all_standing(conn, [campaign]))[campaign]


async def all_standing(conn: Connection, campaigns: Sequence[int]) -> dict[int, Standing]:
    """The same of several campaigns."""
    found: dict[int, Standing] = {}
    holds: dict[int, list[Hold]] = {campaign: [] for campaign in campaigns}
    versions = dict.fromkeys(campaigns, 0)
    for row in await rows(conn, _SQL["standing"], {"campaigns": list(campaigns)}):
        versions[row["campaign_id"]] = row["version"]
        if row["id"] is not None:
            holds[row["campaign_id"]].append(_hold(row))
    for campaign in campaigns:
        found[campaign] = Standing(versions[campaign], tuple(holds[campaign]))
    return found


async def shown(
    conn: Connection, campaigns: Sequence[int], *, released: bool = False
) -> list[dict[str, Any]]:
    """The holds of campaigns, for people; with `released` also those that are over."""
    return await rows(conn, _SQL["shown"], {"campaigns": list(campaigns), "released": released})


async def place(
    database: Database,
    campaign: int,
    asked: Sequence[Part],
    *,
    actor: str,
    reason: str | None = None,
    drain: Drain | None = None,
    until: datetime | None = None,
    epoch: int | None = None,
) -> Silence:
    """Ask for the silence of these parts; all are paused together, or none.

    Of those that are paused already the longer time stands; if all are, the newest standing receipt
    is the answer. Raises Invalid (field "part[0].value") for a part that the campaign has not.
    """
    requested_at = datetime.now(UTC)
    async with database.transaction() as conn:
        calls = await rows(conn, _SQL["open_calls"], {"campaign": campaign})
        row = await lifecycle.locked(conn, campaign)
        _check(row, epoch)
        settings = CampaignSettings.model_validate(row["settings"])
        lists = {
            each["name"]: each["id"]
            for each in await rows(conn, _SQL["lists"], {"campaign": campaign})
        }
        wanted = part.named(asked, settings, [*lists])
        known = {
            Part(Scope(each["scope"]), each["value"]): each
            for each in await rows(conn, _SQL["standing_rows"], {"campaign": campaign})
        }
        again = [known[each] for each in wanted if each in known]
        new = [each for each in wanted if each not in known]
        if again:
            await conn.execute(
                _SQL["lengthen"], {"holds": [each["id"] for each in again], "until": until}
            )
        if not new:
            await conn.execute(lifecycle.SQL["notify_holds"], {"campaign": campaign})
            newest = max(again, key=lambda each: int(each["epoch"]))
            return Silence(campaign, newest["receipt_id"], time.monotonic())
        holds = [Hold(0, each, drain or settings.drain, lists.get(each.value)) for each in new]
        order = _Order(actor, reason, until, requested_at, drain or settings.drain)
        receipt = await _place(conn, row, holds, calls, order)
    return Silence(campaign, receipt, time.monotonic())


@dataclass(frozen=True)
class _Order:
    actor: str
    reason: str | None
    until: datetime | None
    requested_at: datetime
    drain: Drain


async def _place(
    conn: Connection,
    row: dict[str, Any],
    holds: list[Hold],
    calls: list[dict[str, Any]],
    order: _Order,
) -> int:
    """The transaction's part that is the protocol's; the campaign is locked. The receipt's id."""
    campaign, epoch = row["id"], row["epoch"] + 1
    covered = [
        call
        for call in calls
        if any(part.covers_call(hold, _place_of(call), _means_of(call)) for hold in holds)
    ]
    said = {"actor": order.actor, "reason": order.reason, "drain": order.drain.value}
    made = await one(
        conn,
        _SQL["add_receipt"],
        said
        | {
            "campaign": campaign,
            "epoch": epoch,
            "requested_at": order.requested_at,
            "ringing": sum(call["answered_at"] is None for call in covered),
            "talking": sum(call["answered_at"] is not None for call in covered),
            "digest": row["digest"],
            "parts": Jsonb([{"scope": h.part.scope, "value": h.part.value} for h in holds]),
        },
    )
    assert made is not None
    receipt: int = made["id"]
    lists = [hold.list_id if hold.part.scope is Scope.LIST else None for hold in holds]
    async with conn.pipeline():
        await lifecycle.revoke(conn, campaign, receipt)
        await conn.execute(
            _SQL["add_holds"],
            said
            | {
                "campaign": campaign,
                "epoch": epoch,
                "receipt": receipt,
                "until": order.until,
                "scopes": [hold.part.scope.value for hold in holds],
                "values": [hold.part.value for hold in holds],
                "list_ids": lists,
            },
        )
        await conn.execute(_SQL["raise_epoch"], {"campaign": campaign})
        await lifecycle.say(conn, row, row["state"], actor=order.actor, reason=order.reason)
    if row["state"] != CampaignState.RUNNING:  # then no cell acknowledges, and yet calls may ring
        await conn.execute(lifecycle.SQL["notify_holds"], {"campaign": campaign})
    async with conn.pipeline():
        await lifecycle.seal_if_silent(conn, [campaign])
    return receipt


async def release(
    database: Database,
    campaign: int,
    *,
    actor: str,
    holds: Sequence[int] | None = None,
    parts: Sequence[Part] | None = None,
    reason: str | None = None,
    epoch: int | None = None,
) -> list[int]:
    """End the holds with these ids or of these parts, or with neither all; returns their ids.

    Their leads return: some at once, the rest by `return_leads`. Raises NotFound for a hold that
    does not stand; Conflict while its silence is not confirmed yet.
    """
    async with database.transaction() as conn:
        row = await lifecycle.locked(conn, campaign)
        _check(row, epoch)
        found = await rows(conn, _SQL["standing_rows"], {"campaign": campaign})
        chosen = _chosen(found, holds, parts)
        for each in chosen:
            if each["confirmed_at"] is None:
                raise Conflict(
                    f"The pause of {each['scope']} {each['value']!r} is not confirmed yet. Wait a "
                    "moment and try again."
                )
        ids = [each["id"] for each in chosen]
        if ids:
            await conn.execute(_SQL["release"], {"holds": ids, "actor": actor, "reason": reason})
            await conn.execute(_SQL["changed"], {"campaign": campaign})
            for hold in ids:
                await return_leads(conn, hold=hold, limit=_RETURN_AT_ONCE)
            await conn.execute(lifecycle.SQL["notify_holds"], {"campaign": campaign})
    return ids


def _chosen(
    found: list[dict[str, Any]], holds: Sequence[int] | None, parts: Sequence[Part] | None
) -> list[dict[str, Any]]:
    if holds is None and parts is None:
        return found
    by_id = {each["id"]: each for each in found}
    by_part = {Part(Scope(each["scope"]), each["value"]): each for each in found}
    parts = [part.normalised(each) for each in parts or ()]
    chosen: dict[int, dict[str, Any]] = {}
    for hold in holds or ():
        if hold not in by_id:
            raise NotFound("hold", hold)
        chosen[hold] = by_id[hold]
    for each in parts:
        if each not in by_part:
            raise NotFound("paused " + each.scope.replace("_", " "), each.value)
        chosen[by_part[each]["id"]] = by_part[each]
    return list(chosen.values())


async def release_what_is_due(database: Database) -> None:
    """End timed holds whose time has come."""
    async with database.transaction() as conn:
        due = await rows(conn, _SQL["due_releases"])
    for row in due:
        try:
            await release(
                database,
                row["campaign_id"],
                actor="timer",
                holds=[row["id"]],
                reason="the pause's time has come",
            )
        except (NotFound, Conflict):
            continue  # somebody else decided meanwhile; theirs stands


async def return_leads(conn: Connection, *, hold: int | None = None, limit: int) -> int:
    """Return leads of a released hold, at most `limit`; of any such hold where none is named.

    Returns how many of them were looked at: fewer than `limit` means that it has none left.
    """
    emptying = await one(conn, _SQL["being_emptied"], {"hold": hold})
    if emptying is None:
        return 0
    stand = [
        _hold(row)
        for row in await rows(conn, _SQL["standing_held"], {"campaign": emptying["campaign_id"]})
    ]
    found = await rows(conn, _SQL["leads_of"], {"hold": emptying["id"], "limit": limit})
    if found:
        others = [part.first_covering(stand, _place_of(row)) for row in found]
        await conn.execute(
            _SQL["return_leads"],
            {
                "leads": [row["id"] for row in found],
                "holds": [None if other is None else other.id for other in others],
            },
        )
    if len(found) < limit:
        await conn.execute(_SQL["emptied"], {"hold": emptying["id"]})
    return len(found)


async def parts(conn: Connection, campaign: int, settings: CampaignSettings) -> list[PartCounts]:
    """Every part that the campaign has, and what its pause would cover now."""
    lists = await rows(conn, _SQL["lists"], {"campaign": campaign})
    leads = await rows(conn, _SQL["leads_by_place"], {"campaign": campaign})
    calls = await rows(conn, _SQL["open_calls"], {"campaign": campaign})
    return part.counts(
        settings,
        {row["name"]: row["id"] for row in lists},
        [LeadsThere(_place_of(row), row["n"]) for row in leads],
        [
            CallThere(_place_of(row), _means_of(row), row["answered_at"] is not None)
            for row in calls
        ],
        [hold.part for hold in (await standing(conn, campaign)).holds],
    )


def _check(row: dict[str, Any], epoch: int | None) -> None:
    state = CampaignState(row["state"])
    if epoch is not None and epoch != row["epoch"]:
        raise EpochChanged(row["name"], epoch, row["epoch"], state)
    if state in _AT_THEIR_END:
        can = [possible.value for possible in allowed(state)]
        raise IllegalTransition(row["name"], state, "pause or resume a part of", can)


def _hold(row: dict[str, Any]) -> Hold:
    named = Part(Scope(row["scope"]), row["value"])
    return Hold(row["id"], named, Drain(row["drain"]), row["list_id"])


def _place_of(row: dict[str, Any]) -> LeadPlace:
    return LeadPlace(row["list_id"], row["region"], row["zone"], row["phone"])


def _means_of(call: dict[str, Any]) -> CallMeans:
    return CallMeans(call["calling_number"], call["trunk"], call["channel"])
