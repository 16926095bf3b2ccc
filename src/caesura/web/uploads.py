"""Uploaded lists: kept on disk while they are imported by a task of this process."""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import IO
from uuid import uuid4

import structlog
from fastapi import UploadFile

from caesura.errors import CaesuraError
from caesura.lists.importing import ImportProgress, ImportReport, import_file
from caesura.rules.contact_list import ImportOptions
from caesura.store import campaign, contact_list
from caesura.store.database import Database

log = structlog.get_logger()

_PREFIX = "caesura-upload-"
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Kept:
    """An upload on disk; whoever holds it removes it."""

    path: Path
    sha256: str


class Uploads:
    """The uploads and running imports of this process."""

    def __init__(self, database: Database, spool: Path) -> None:
        self._database = database
        self._spool = spool
        self._imports: set[asyncio.Task[None]] = set()

    async def keep(self, file: UploadFile, filename: str) -> Kept:
        """Copy an upload to a file of its own, with the name's ending, which tells the format."""
        path = self._spool / f"{_PREFIX}{uuid4().hex}{PurePath(filename).suffix[:10]}"
        try:
            return Kept(path, await asyncio.to_thread(_copy, file.file, path))
        except BaseException:
            discard(path)
            raise

    async def start_import(
        self, path: Path, options: ImportOptions, actor: str, filename: str
    ) -> int:
        """Import in the background; returns the import's id as soon as it has one.

        Takes over the file. Raises what import_file raises before the import has begun.
        """
        begun: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def on_progress(progress: ImportProgress) -> None:
            if not begun.done():
                begun.set_result(progress.import_id)

        async def run() -> None:
            try:
                report = await import_file(
                    self._database.url, path, options, actor, on_progress, filename=filename
                )
                await self._work_in_campaigns(report)
            except asyncio.CancelledError:
                begun.cancel()
                raise
            except Exception as problem:  # the task's outermost level; the journal says it too
                if not begun.done():
                    begun.set_exception(problem)
                    return
                expected = isinstance(problem, CaesuraError)
                log.warning("import failed", filename=filename, exc_info=not expected)
            finally:
                discard(path)

        task = asyncio.create_task(run(), name=f"import {filename}")
        self._imports.add(task)
        task.add_done_callback(self._imports.discard)
        return await asyncio.shield(begun)

    async def clear(self) -> None:
        """What a process that died left behind: its imports in the journal."""
        async with self._database.transaction() as conn:
            failed = await contact_list.fail_dead_imports(conn)
        if failed:
            log.warning("imports were interrupted", imports=failed)

    async def stop(self) -> None:
        """Cancel what runs; the journal says so and nothing of it stays."""
        for task in self._imports:
            task.cancel()
        for task in list(self._imports):
            with suppress(asyncio.CancelledError):
                await task

    async def _work_in_campaigns(self, report: ImportReport) -> None:
        """Contacts added to a list that campaigns have become leads there."""
        if report.imported:
            async with self._database.transaction() as conn:
                await campaign.add_missing_leads(conn, report.list_id)


def discard(path: Path) -> None:
    """Remove an upload that nobody needs any more."""
    path.unlink(missing_ok=True)


def _copy(source: IO[bytes], path: Path) -> str:
    digest = hashlib.sha256()
    source.seek(0)
    with path.open("xb") as target:
        while chunk := source.read(_CHUNK_BYTES):
            digest.update(chunk)
            target.write(chunk)
    return digest.hexdigest()
