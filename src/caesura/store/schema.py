"""Whether the database has our schema; where it has not, the migrations bring it.

Apart from them, as importing Alembic takes longer than all else that a node's start asks of the
store, and nearly every start finds nothing to migrate.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from psycopg import errors

from caesura.store.database import connect, one

_VERSIONS = Path(__file__).parent / "migrations" / "versions"


async def bring_up_to_date(url: str) -> None:
    """Migrate, unless the schema is the newest. Several nodes may do so at once."""
    if await _version(url) != newest():
        from caesura.store.migrations import migrate

        await asyncio.to_thread(migrate, url)


def newest() -> str:
    """The version that the migrations lead to: their files are named after theirs, in order."""
    return max(path.name.split("_")[0] for path in _VERSIONS.glob("[0-9]*.py"))


async def _version(url: str) -> str | None:
    """The database's; None where nothing was ever migrated."""
    async with await connect(url) as conn:
        try:
            row = await one(conn, "SELECT version_num FROM alembic_version", {})
        except errors.UndefinedTable:
            return None
    return row["version_num"] if row else None
