"""Releasing an emergency stop: where the system asks for it, one person asks and another approves.

An emergency stop is a pause of everything. What it stopped is marked as such until it is resumed or
terminated. Whether two persons are needed is written down with the stop, so that switching the
setting off later does not change it; switching it on counts for stops that stand already, too.

The campaign's row is locked by whoever calls (lifecycle.py), so that there is one order of asking,
approving and withdrawing. The database itself refuses a resume without an approval, and an approval
by whoever asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from caesura.errors import AwaitingApproval, NothingToApprove, SamePerson
from caesura.rules.resumption import UNTIL_SOMEBODY_RESUMES, Terms
from caesura.rules.system_settings import SystemSettings
from caesura.store import system_settings
from caesura.store.database import Connection, one, queries, rows

_SQL = queries("release")


async def settings(conn: Connection) -> SystemSettings:
    """The system's settings, as they are in this transaction."""
    found: SystemSettings = (await system_settings.read(conn))["settings"]
    return found


async def stop_terms(conn: Connection, asked: Terms, *, emergency: bool) -> tuple[Terms, bool]:
    """How a pause ends, and whether two persons release it: then never by itself."""
    two = emergency and (await settings(conn)).second_approver_for_emergency_stop
    return (UNTIL_SOMEBODY_RESUMES if two else asked), two


async def mark(conn: Connection, campaign: int, actor: str, *, two: bool) -> None:
    """The standing pause is an emergency stop; the first who stopped it stays the one."""
    await conn.execute(_SQL["mark"], {"campaign": campaign, "actor": actor, "two": two})


async def needs_two(conn: Connection, row: Mapping[str, Any]) -> bool:
    """Whether two persons release the standing pause of the campaign."""
    if row["stopped_by"] is None:
        return False
    return row["two_to_release"] or (await settings(conn)).second_approver_for_emergency_stop


async def ask(
    conn: Connection, row: Mapping[str, Any], *, actor: str, reason: str | None
) -> dict[str, Any]:
    """Ask for the release; asked again by the same person, the standing request.

    Raises AwaitingApproval where somebody else has asked: that one is to be approved.
    """
    standing = await _open(conn, row)
    if standing is not None:
        if _same(standing["asked_by"], actor):
            return standing
        raise AwaitingApproval(row["name"], standing["asked_by"], standing["asked_at"])
    if not row["two_to_release"]:  # the setting came later than the stop
        await mark(conn, row["id"], row["stopped_by"], two=True)
    lasts = timedelta(minutes=(await settings(conn)).release_request_minutes)
    made = await one(
        conn,
        _SQL["ask"],
        {
            "campaign": row["id"],
            "epoch": row["epoch"],
            "actor": actor,
            "reason": reason,
            "expires_at": datetime.now(UTC) + lasts,
        },
    )
    assert made is not None
    return made


async def approve(conn: Connection, row: Mapping[str, Any], *, actor: str) -> dict[str, Any]:
    """Approve the standing request; the caller resumes in the same transaction.

    Raises NothingToApprove, and SamePerson for whoever asked.
    """
    standing = await _open(conn, row)
    if standing is None:
        raise NothingToApprove(row["name"])
    if _same(standing["asked_by"], actor):
        raise SamePerson(row["name"], actor)
    await _decide(conn, standing, actor, "approved")
    return standing


async def withdraw(conn: Connection, row: Mapping[str, Any], *, actor: str) -> dict[str, Any]:
    """Take the standing request back, or turn it down. Raises NothingToApprove."""
    standing = await _open(conn, row)
    if standing is None:
        raise NothingToApprove(row["name"])
    await _decide(conn, standing, actor, "withdrawn")
    return standing


async def standing(conn: Connection, campaign: int) -> dict[str, Any] | None:
    """The request that awaits approval: asked_by, asked_at, reason, expires_at; None if none."""
    return await one(conn, _SQL["standing"], {"campaign": campaign})


async def requests(
    conn: Connection, campaign: int, *, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """Every request that was ever made for the campaign, newest first."""
    values = {"campaign": campaign, "before": before, "limit": limit}
    return await rows(conn, _SQL["requests"], values)


async def awaiting(conn: Connection) -> list[int]:
    """The campaigns of which a release awaits approval."""
    return [row["campaign_id"] for row in await rows(conn, _SQL["awaiting"])]


async def _open(conn: Connection, row: Mapping[str, Any]) -> dict[str, Any] | None:
    """The request of this pause that is not decided; one whose time is over is closed as such."""
    found = await one(conn, _SQL["open"], {"campaign": row["id"], "epoch": row["epoch"]})
    if found is not None and found["expires_at"] <= datetime.now(UTC):
        await _decide(conn, found, None, "expired")
        return None
    return found


async def _decide(
    conn: Connection, request: Mapping[str, Any], actor: str | None, decision: str
) -> None:
    values = {"request": request["id"], "actor": actor, "decision": decision}
    await conn.execute(_SQL["decide"], values)


def _same(first: str, second: str) -> bool:
    return first.casefold() == second.casefold()
