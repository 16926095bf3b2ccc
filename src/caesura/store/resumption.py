"""How the standing pause of a campaign ends: its terms, and the facts that decide about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from caesura.rules.campaign import CampaignSettings
from caesura.rules.resumption import (
    ResumeFacts,
    Terms,
    TrunkReachable,
    TrunkSeen,
    longer,
    terms,
)
from caesura.store.database import Connection, queries, rows
from caesura.store.lease import SILENT_FOR

_SQL = queries("resumption")


@dataclass(frozen=True)
class Pending:
    """A paused campaign that is to resume by itself, as it was read."""

    campaign: int
    epoch: int
    terms: Terms
    facts: ResumeFacts


def terms_of(row: Mapping[str, Any]) -> Terms:
    """The terms in a campaign's row."""
    return terms(row["resume_at"], row["resume_when"])


def as_columns(wanted: Terms) -> dict[str, Any]:
    """Terms as the tables keep them: resume_at, resume_when."""
    return {
        "resume_at": wanted.until,
        "resume_when": Jsonb([each.model_dump(mode="json") for each in wanted.when]),
    }


async def put(conn: Connection, campaign: int, wanted: Terms, actor: str) -> None:
    """Say how the pause ends. The campaign's row is locked, and paused or about to be."""
    values = {"campaign": campaign, "actor": actor, **as_columns(wanted)}
    await conn.execute(_SQL["put"], values)


async def lengthen(conn: Connection, row: Mapping[str, Any], asked: Terms, actor: str) -> bool:
    """A pause of what is paused: the longer one wins. Returns whether that changed anything."""
    standing = terms_of(row)
    wanted = longer(standing, asked)
    if wanted == standing:
        return False
    await put(conn, row["id"], wanted, actor)
    return True


async def due(conn: Connection, now: datetime) -> list[Pending]:
    """The paused campaigns whose terms are to be judged at `now`."""
    return await _pending(conn, await rows(conn, _SQL["due"]), now)


async def pending(conn: Connection, campaign: int, now: datetime) -> Pending | None:
    """One campaign, if it is paused and to resume by itself."""
    found = await _pending(conn, await rows(conn, _SQL["pending"], {"campaign": campaign}), now)
    return found[0] if found else None


async def _pending(
    conn: Connection, found: Sequence[Mapping[str, Any]], now: datetime
) -> list[Pending]:
    made = []
    for row in found:
        asked, settings = terms_of(row), CampaignSettings.model_validate(row["settings"])
        named = [each for each in asked.when if isinstance(each, TrunkReachable)]
        seen: list[TrunkSeen] = []
        if named:
            names = [*settings.trunks, *(each.trunk for each in named if each.trunk)]
            trunks = await rows(conn, _SQL["trunks"], {"names": names, "silent_for": SILENT_FOR})
            seen = [TrunkSeen(each["name"], each["reachable_since"]) for each in trunks]
        facts = ResumeFacts(
            now=now,
            paused_at=row["paused_at"],
            settings=settings,
            zones=row["zones"],
            trunks=seen,
            zone=row["zone"] or "UTC",
        )
        made.append(Pending(row["id"], row["epoch"], asked, facts))
    return made
