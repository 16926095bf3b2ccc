"""What stands and what lies ahead: open calls, work left, changes in a pause, a new campaign."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from caesura.errors import Invalid
from caesura.rules.forecast import OpenCall
from caesura.store.database import Connection, one, queries, rows

_SQL = queries("outlook")
_MEASURED_MIN = 20  # fewer calls tell nothing about how long calls take


async def open_calls(conn: Connection, campaign_id: int) -> list[OpenCall]:
    """The campaign's calls that have not ended."""
    found = await rows(conn, _SQL["open_calls"], {"campaign_id": campaign_id})
    return [OpenCall(row["ringing_at"], row["answered_at"]) for row in found]


async def finished(conn: Connection, campaign_id: int, since: datetime) -> int:
    """How many leads were brought to their end since then."""
    row = await one(conn, _SQL["finished"], {"campaign_id": campaign_id, "since": since})
    return int(row["n"]) if row else 0


async def last_due_at(conn: Connection, campaign_id: int) -> datetime | None:
    """The last retry that is planned now."""
    row = await one(conn, _SQL["last_due_at"], {"campaign_id": campaign_id})
    return row["due_at"] if row else None


async def running_since(conn: Connection, campaign_id: int) -> datetime | None:
    """When the campaign last began to run; None before its start."""
    row = await one(conn, _SQL["running_since"], {"campaign_id": campaign_id})
    return row["at"] if row else None


async def call_s(conn: Connection, *, voice: bool) -> float | None:
    """Seconds from launch to end of calls, or of messages, lately, on average.

    None while too few are known.
    """
    row = await one(conn, _SQL["call_s"], {"voice": voice})
    return float(row["call_s"]) if row and row["n"] >= _MEASURED_MIN else None


async def settings_between(
    conn: Connection, campaign_id: int, start: datetime, end: datetime
) -> list[dict[str, Any]]:
    """The version that stood at `start` and those made until `end`, oldest first."""
    span = {"campaign_id": campaign_id, "start": start, "end": end}
    return await rows(conn, _SQL["settings_between"], span)


async def do_not_call_between(
    conn: Connection, campaign_id: int, start: datetime, end: datetime
) -> list[dict[str, Any]]:
    """added_by, source, numbers, leads, last_at of what was added for this or every campaign."""
    span = {"campaign_id": campaign_id, "start": start, "end": end}
    return await rows(conn, _SQL["do_not_call_between"], span)


async def missed_callbacks(
    conn: Connection, campaign_id: int, start: datetime, end: datetime, *, limit: int
) -> list[dict[str, Any]]:
    """callback_at, attributes, phone, zone, agent of promises that were not kept, and their number.

    The oldest first; `number` is of all, beyond `limit` too.
    """
    span = {"campaign_id": campaign_id, "start": start, "end": end, "limit": limit}
    return await rows(conn, _SQL["missed_callbacks"], span)


@dataclass(frozen=True)
class PreviewLeads:
    """What the leads of a campaign with these lists would be."""

    callable: dict[str, int]  # zone key -> leads
    excluded: dict[str, int]  # why -> leads
    importing: list[str]  # lists that are not ready: they cannot be taken yet


async def some_contacts(conn: Connection, lists: list[str], limit: int) -> list[dict[str, Any]]:
    """The first contacts of the lists. Raises Invalid for a list that does not exist."""
    ids = [row["id"] for row in (await _named(conn, lists)).values()]
    return await rows(conn, _SQL["some_contacts"], {"lists": ids, "limit": limit})


async def _named(conn: Connection, lists: list[str]) -> dict[str, dict[str, Any]]:
    """Their rows by name."""
    found = {row["name"]: row for row in await rows(conn, _SQL["lists_named"], {"names": lists})}
    for index, name in enumerate(lists):
        if name not in found:
            raise Invalid(f"There is no list {name!r}.", f"lists[{index}]")
    return found


async def preview_leads(conn: Connection, lists: list[str], channel: str = "voice") -> PreviewLeads:
    """Counted without making anything. Raises Invalid for a list that does not exist."""
    found = await _named(conn, lists)
    ids = [row["id"] for row in found.values()]
    preview = PreviewLeads({}, {}, [n for n, row in found.items() if row["state"] != "ready"])
    for row in await rows(conn, _SQL["preview_leads"], {"lists": ids, "channel": channel}):
        if row["excluded"]:
            preview.excluded[row["excluded"]] = row["n"]
        else:
            preview.callable[row["zone"]] = row["n"]
    return preview
