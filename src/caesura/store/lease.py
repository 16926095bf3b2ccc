"""Leases: who may start attempts of which campaign, and what becomes of cells that are gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from caesura.store.database import Connection, one, queries, rows

SQL = queries("lease")

# After so long without a sign, by PostgreSQL's clock, a cell is suspected to be gone. The clock may
# have stepped, so whoever suspects it waits the ttl for a sign on its own clock as well.
SILENT_FOR = timedelta(seconds=2)

LEASE_TTL = timedelta(seconds=1)  # how long a renewal lets a cell launch, at most


@dataclass(frozen=True)
class Acquired:
    """A lease. `acquired_at` tells it from another of the same epoch, had after this was lost.

    The cell is number `rank` (from 0) of the `cells` that share the campaign.
    """

    campaign: int
    epoch: int
    acquired_at: datetime
    cells: int = 1
    rank: int = 0
    resumed_s: float | None = None  # so long ago the campaign was resumed; None: never


@dataclass(frozen=True)
class Revoked:
    """A lease that a pause or termination has revoked and that awaits our acknowledgement."""

    campaign: int
    epoch: int
    drain: str


async def register(conn: Connection, cell: UUID, node: str) -> None:
    """Make the cell known; leases refer to it."""
    await conn.execute(SQL["register"], {"cell": cell, "node": node})


async def unregister(conn: Connection, cell: UUID) -> None:
    """The cell stops in good order: what it still holds may be taken at once."""
    await conn.execute(SQL["unregister"], {"cell": cell})


async def heartbeat(conn: Connection, cell: UUID) -> None:
    """Say that the cell lives: beside each renewal, so that whoever renews is not given up."""
    await conn.execute(SQL["heartbeat"], {"cell": cell})


@dataclass(frozen=True)
class JournalState:
    """What a cell has not stored yet."""

    waiting: int = 0  # records
    spool_bytes: int = 0  # of them, on its disk
    spool_full: bool = False
    spool_filled_at: datetime | None = None  # when the spool last filled up


async def tell_of_journal(conn: Connection, cell: UUID, state: JournalState) -> None:
    """Say how the cell's journal is doing, for people."""
    await conn.execute(SQL["tell_of_journal"], {"cell": cell, **asdict(state)})


async def acquire(conn: Connection, cell: UUID) -> list[Acquired]:
    """Take leases on all running campaigns; returns the new ones."""
    given = await rows(conn, SQL["acquire"], {"cell": cell, "silent_for": SILENT_FOR})
    return [Acquired(**row) for row in given]


async def renew(conn: Connection, cell: UUID) -> list[Acquired]:
    """Renew all leases of the cell that are not revoked; those left out are lost."""
    return [Acquired(**row) for row in await rows(conn, SQL["renew"], {"cell": cell})]


async def revoked(conn: Connection, cell: UUID) -> list[Revoked]:
    """Leases of the cell that await its acknowledgement."""
    return [
        Revoked(row["campaign_id"], row["epoch"], row["drain"])
        for row in await rows(conn, SQL["revoked"], {"cell": cell})
    ]


async def silent_cells(conn: Connection, cell: UUID) -> list[UUID]:
    """Other cells that hold something and are gone, or silent for `SILENT_FOR`."""
    found = await rows(conn, SQL["silent_cells"], {"cell": cell, "silent_for": SILENT_FOR})
    return [row["id"] for row in found]


async def last_signs(conn: Connection, cells: Sequence[UUID]) -> dict[UUID, object]:
    """What changes whenever one of these cells is heard of. Only to be compared for sameness."""
    found = await rows(conn, SQL["last_signs"], {"cells": list(cells)})
    return {row["id"]: (row["seen_at"], row["renewed_at"]) for row in found}


async def take_over(conn: Connection, gone: UUID) -> list[dict[str, Any]] | None:
    """Take leads and leases from a cell that is gone; returns its open attempts, locked.

    None if it came back, renewed a lease within the ttl, or another cell is at it. The caller ends
    the attempts as unknown in the same transaction.
    """
    if await one(conn, SQL["lock_silent_cell"], {"gone": gone, "silent_for": SILENT_FOR}) is None:
        return None
    await conn.execute(SQL["drop_leases_of"], {"gone": gone, "ttl": LEASE_TTL})
    left = await one(conn, SQL["leases_of"], {"gone": gone})
    if left is None or left["n"] > 0:
        return None
    await conn.execute(SQL["mark_gone"], {"gone": gone})
    await conn.execute(SQL["return_claimed"], {"gone": gone})
    return await rows(conn, SQL["open_attempts_of"], {"gone": gone})


async def cells(conn: Connection) -> list[dict[str, Any]]:
    """The cells that run now."""
    return await rows(conn, SQL["cells"])
