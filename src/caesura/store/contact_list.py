"""Customer lists, their contacts, and the journal of imports.

An import is one transaction on one session (`staged`), which shows nothing before it commits; a
second session writes the journal row that people watch. Whoever imports holds an advisory lock
while it lives, so that `fail_dead_imports` can tell a dead import from a slow one on any node.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from caesura.errors import Conflict, NotFound
from caesura.store.database import Connection, one, queries, rows

_SQL = queries("contact_list")


async def lists(conn: Connection) -> list[dict[str, Any]]:
    """All lists by name, each with `contacts` and the number of `campaigns` that use it."""
    return await rows(conn, _SQL["lists"])


async def list_by_name(conn: Connection, name: str) -> dict[str, Any]:
    """One list. Raises NotFound."""
    row = await one(conn, _SQL["list_by_name"], {"name": name})
    if row is None:
        raise NotFound("list", name)
    return row


async def list_by_id(conn: Connection, list_id: int) -> dict[str, Any]:
    """One list. Raises NotFound."""
    row = await one(conn, _SQL["list_by_id"], {"list_id": list_id})
    if row is None:
        raise NotFound("list", list_id)
    return row


async def contacts(
    conn: Connection, list_id: int, *, after: int = 0, limit: int = 100
) -> list[dict[str, Any]]:
    """A page of a list's contacts, those with an id above `after`."""
    return await rows(conn, _SQL["contacts"], {"list_id": list_id, "after": after, "limit": limit})


async def delete_list(conn: Connection, list_id: int) -> None:
    """Delete a list and its contacts. Raises NotFound; Conflict while anything uses it."""
    row = await one(conn, _SQL["lock_list"], {"list_id": list_id})
    if row is None:
        raise NotFound("list", list_id)
    used = await rows(conn, _SQL["campaigns_of_list"], {"list_id": list_id})
    if used:
        names = [campaign["name"] for campaign in used]
        raise Conflict(
            f"List {row['name']!r} is used by {', '.join(names)}; it cannot be deleted.",
            campaigns=names,
        )
    if await one(conn, _SQL["running_import_of_list"], {"list_id": list_id}):
        raise Conflict(f"List {row['name']!r} is being imported; it cannot be deleted now.")
    await conn.execute(_SQL["delete_list"], {"list_id": list_id})


async def import_status(conn: Connection, import_id: int) -> dict[str, Any]:
    """One import: state, rows_read of rows_total, counts, error. Raises NotFound."""
    row = await one(conn, _SQL["import_status"], {"import_id": import_id})
    if row is None:
        raise NotFound("import", import_id)
    return row


async def imports(
    conn: Connection, *, list_id: int | None = None, before: int | None = None, limit: int = 100
) -> list[dict[str, Any]]:
    """Imports, newest first; of one list, or of all."""
    return await rows(conn, _SQL["imports"], {"list_id": list_id, "before": before, "limit": limit})


async def rejections(conn: Connection, import_id: int, *, limit: int = 100) -> list[dict[str, Any]]:
    """The first refused rows of an import: line, column, value, reason."""
    return await rows(conn, _SQL["rejections"], {"import_id": import_id, "limit": limit})


async def rejected_csv(conn: Connection, import_id: int) -> AsyncIterator[str]:
    """All refused rows as CSV with a header, in pieces. Raises NotFound."""
    await import_status(conn, import_id)
    async with (
        conn.cursor() as cursor,
        cursor.copy(_SQL["rejected_csv"], {"import_id": import_id}) as copy,
    ):
        async for piece in copy:
            yield bytes(piece).decode("utf-8")


async def fail_dead_imports(conn: Connection) -> list[int]:
    """Mark imports whose process is gone as failed, and remove the lists that they had begun.

    For a node's start and before each import; several nodes may do it at once. Returns their ids.
    """
    failed = []
    async with conn.transaction():
        for row in await rows(conn, _SQL["dead_imports"]):
            await _fail(conn, row["id"], "interrupted")
            failed.append(row["id"])
    return failed


async def fail_import(conn: Connection, import_id: int, error: str) -> None:
    """Close the journal of an import that was rolled back; its new list goes too."""
    async with conn.transaction():
        await _fail(conn, import_id, error)


async def _fail(conn: Connection, import_id: int, error: str) -> None:
    row = await one(conn, _SQL["fail_import"], {"import_id": import_id, "error": error})
    if row is not None and row["list_id"] is not None:
        await conn.execute(_SQL["delete_unfinished_list"], {"list_id": row["list_id"]})


class StagedImport:
    """One import under way.

    `work` is the session whose one transaction takes all contacts and refusals; `journal` is the
    session (autocommit) that shows how far it is. Use: begin, add ..., finish; or abandon.
    """

    def __init__(self, work: Connection, journal: Connection) -> None:
        self._work = work
        self._journal = journal
        self.id = 0
        self.list_id = 0
        self.rows_read = 0  # without the header
        self.imported = 0  # new contacts
        self.duplicates = 0  # rows whose first number was there already
        self.rejected = 0  # rows that were refused

    async def begin(
        self,
        list_name: str,
        *,
        region: str | None,
        filename: str,
        rows_total: int,
        options: dict[str, Any],
        actor: str,
    ) -> None:
        """Make the list if there is none, and the journal row.

        Raises Conflict while another import into this list is running.
        """
        row = await one(self._journal, _SQL["next_import_id"])
        assert row is not None
        self.id = row["id"]
        await self._work.execute(_SQL["hold_import"], {"import_id": self.id})
        try:
            async with self._journal.transaction():
                made = await one(
                    self._journal,
                    _SQL["create_list"],
                    {"name": list_name, "region": region, "actor": actor},
                )
                self.list_id = (
                    made["id"] if made else (await list_by_name(self._journal, list_name))["id"]
                )
                await self._journal.execute(
                    _SQL["start_import"],
                    {
                        "import_id": self.id,
                        "list_id": self.list_id,
                        "list_name": list_name,
                        "filename": filename,
                        "rows_total": rows_total,
                        "options": Jsonb(options),
                        "actor": actor,
                    },
                )
        except psycopg.errors.UniqueViolation:
            raise Conflict(
                f"Another import into list {list_name!r} is running. Wait for its end."
            ) from None
        await self._work.execute(_SQL["create_staging"])

    async def add(
        self,
        contacts: bytes,
        count: int,
        refusals: bytes,
        refused: int,
        *,
        update: bool,
        across: bool,
    ) -> None:
        """Take one batch in COPY's text format: `count` contacts and `refused` refused rows.

        `update` and `across` are the policy for duplicates (rules/contact_list.py).
        """
        added = 0
        async with self._work.cursor() as cursor:
            if count:
                async with cursor.copy(_SQL["copy_staging"]) as copy:
                    await copy.write(contacts)
                name = "add_contacts_update" if update else "add_contacts_skip"
                await cursor.execute(_SQL[name], {"list_id": self.list_id, "across": across})
                row = await cursor.fetchone()
                assert row is not None
                added = row["added"]
                await cursor.execute(_SQL["clear_staging"])
            if refused:
                async with cursor.copy(_SQL["copy_rejections"]) as copy:
                    await copy.write(refusals)
        self.rows_read += count + refused
        self.imported += added
        self.duplicates += count - added
        self.rejected += refused

    async def show_progress(self) -> None:
        """Write the counts into the journal, where everybody sees them."""
        await self._journal.execute(_SQL["progress"], self._counts())

    async def finish(self) -> None:
        """Make everything visible at once."""
        await self._work.execute(_SQL["finish_import"], self._counts())
        await self._work.execute(
            _SQL["finish_list"], {"list_id": self.list_id, "imported": self.imported}
        )
        await self._work.commit()

    async def abandon(self, error: str) -> None:
        """Undo everything and say why in the journal.

        If the database is away, the journal says `running` until fail_dead_imports sees it.
        """
        await self._work.close()
        with suppress(psycopg.OperationalError):
            await fail_import(self._journal, self.id, error)

    def _counts(self) -> dict[str, int]:
        return {
            "import_id": self.id,
            "rows_read": self.rows_read,
            "imported": self.imported,
            "duplicates": self.duplicates,
            "rejected": self.rejected,
        }
