"""Import a customer list, or look at what an import would make of it.

    preview(path, options) -> Preview
    import_file(database_url, path, options, actor, on_progress) -> ImportReport

The file is read by a process of its own (worker.py); this one moves its batches into PostgreSQL
and never blocks the event loop. All or nothing: if anything ends this process or the worker, no
contact of the file is in the list, and the import can be run again.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from caesura.errors import CaesuraError, Conflict, Invalid
from caesura.lists.worker import BATCH, DONE, ERROR, HEAD
from caesura.processes import piped_worker
from caesura.rules.contact_list import ImportOptions
from caesura.store import contact_list as store
from caesura.store.database import Connection, connect

_PIPE_BYTES = 1 << 20  # what is read ahead of the database
_PROGRESS_S = 0.5
_TAKE_OVER_S = 3.0  # so long a dead import's session may take to go


@dataclass(frozen=True)
class Preview:
    """What a file looks like and what would be made of its columns."""

    columns: list[dict[str, str]]  # {"name", "field"} in the file's order
    rows: list[list[str]]  # the first rows, without the header
    header: bool  # the first row is the columns' names
    rows_total: int  # without the header; for CSV an estimate: a quoted line break counts
    encoding: str | None  # of text files
    delimiter: str | None
    sheet: str | None  # of workbooks
    sheets: list[str]


@dataclass(frozen=True)
class ImportProgress:
    """How far an import is. The counts hold only if it ends well."""

    import_id: int
    rows_read: int
    rows_total: int
    imported: int
    duplicates: int
    rejected: int


@dataclass(frozen=True)
class ImportReport:
    """What came of an import: imported + duplicates + rejected = rows."""

    import_id: int
    list_id: int
    list_name: str
    rows: int
    imported: int
    duplicates: int
    rejected: int
    duration_s: float
    preview: Preview


OnProgress = Callable[[ImportProgress], Awaitable[None] | None]


async def preview(path: Path, options: ImportOptions) -> Preview:
    """Columns, what they would be mapped to, first rows. Raises Invalid."""
    async with _worker(path, options) as worker:
        return await worker.layout()


async def import_file(
    database_url: str,
    path: Path,
    options: ImportOptions,
    actor: str,
    on_progress: OnProgress | None = None,
    *,
    filename: str | None = None,
) -> ImportReport:
    """Import a file into the list `options.list_name`, which is made if there is none.

    `on_progress` is called when the import has its id, then about twice a second, then at the
    end. Raises Invalid for a file that cannot be a list (nothing is journalled then), Conflict
    while another import into the list is running. Cancelled or failed, it leaves the list as it
    was (a new one is removed) and the journal row `failed`.
    """
    started = time.monotonic()
    async with _worker(path, options) as worker:
        layout = await worker.layout()
        work, journal = await connect(database_url, autocommit=False), await connect(database_url)
        async with work, journal:
            staged = store.StagedImport(work, journal)
            await _begin(
                staged, journal, options, layout, filename=filename or path.name, actor=actor
            )
            try:
                await _copy(staged, worker, options, layout.rows_total, on_progress)
                await staged.finish()
            except BaseException as problem:
                await staged.abandon(_words(problem))
                raise
            await _tell(on_progress, staged, staged.rows_read)
    return ImportReport(
        staged.id,
        staged.list_id,
        options.list_name,
        staged.rows_read,
        staged.imported,
        staged.duplicates,
        staged.rejected,
        time.monotonic() - started,
        layout,
    )


async def _begin(
    staged: store.StagedImport,
    journal: Connection,
    options: ImportOptions,
    layout: Preview,
    *,
    filename: str,
    actor: str,
) -> None:
    """Begin, having cleared away what dead imports left; waits a little for one just killed."""
    said = options.model_dump(mode="json") | {"columns": layout.columns}
    until = time.monotonic() + _TAKE_OVER_S
    while True:
        await store.fail_dead_imports(journal)
        try:
            await staged.begin(
                options.list_name,
                region=options.region,
                filename=filename,
                rows_total=layout.rows_total,
                options=said,
                actor=actor,
            )
            return
        except Conflict:
            if time.monotonic() > until:
                raise
        await asyncio.sleep(0.25)


async def _copy(
    staged: store.StagedImport,
    worker: _Worker,
    options: ImportOptions,
    rows_total: int,
    on_progress: OnProgress | None,
) -> None:
    await _tell(on_progress, staged, rows_total)
    told = time.monotonic()
    update, across = options.duplicates == "update", options.across_lists == "skip"
    async for good, contacts, bad, refusals in worker.batches(staged.id):
        await staged.add(contacts, good, refusals, bad, update=update, across=across)
        if time.monotonic() - told >= _PROGRESS_S:
            told = time.monotonic()
            await staged.show_progress()
            await _tell(on_progress, staged, rows_total)


async def _tell(
    on_progress: OnProgress | None, staged: store.StagedImport, rows_total: int
) -> None:
    if on_progress is None:
        return
    progress = ImportProgress(
        staged.id,
        staged.rows_read,
        max(rows_total, staged.rows_read),
        staged.imported,
        staged.duplicates,
        staged.rejected,
    )
    waiting = on_progress(progress)
    if inspect.isawaitable(waiting):
        await waiting


class _WorkerDied(CaesuraError):
    """The process that reads the file ended without a word."""

    slug = "import-worker-died"
    retryable = True


class _Worker:
    """This side of the pipes to worker.py."""

    def __init__(self, process: asyncio.subprocess.Process, request: dict[str, Any]) -> None:
        assert process.stdin is not None and process.stdout is not None
        self._process = process
        self._stdin = process.stdin
        self._stdout = process.stdout
        self._request = request

    async def layout(self) -> Preview:
        await self._write(json.dumps(self._request))
        _, _, _, body, _ = await self._frame()
        return Preview(**json.loads(body))

    async def batches(self, import_id: int) -> AsyncIterator[tuple[int, bytes, int, bytes]]:
        """(contacts, their COPY text, refused rows, their COPY text) until the file's end."""
        await self._write(str(import_id))
        while True:
            kind, good, bad, contacts, refusals = await self._frame()
            if kind == DONE:
                return
            assert kind == BATCH
            yield good, contacts, bad, refusals

    async def _write(self, line: str) -> None:
        try:
            self._stdin.write(line.encode() + b"\n")
            await self._stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            pass  # reading tells what became of it

    async def _frame(self) -> tuple[bytes, int, int, bytes, bytes]:
        try:
            head = await self._stdout.readexactly(HEAD.size)
            kind, _, good, bad, size, size_bad = HEAD.unpack(head)
            first = await self._stdout.readexactly(size)
            second = await self._stdout.readexactly(size_bad)
        except asyncio.IncompleteReadError:
            status = await self._process.wait()
            how = signal.strsignal(-status) if status < 0 else f"exit status {status}"
            raise _WorkerDied(f"The process that reads the file has ended: {how}.") from None
        if kind == ERROR:
            message, data = json.loads(first)
            raise Invalid(message, data.pop("field", None), **data)
        return kind, good, bad, first, second


@asynccontextmanager
async def _worker(path: Path, options: ImportOptions) -> AsyncIterator[_Worker]:
    """A running worker; it is gone when the block ends, however it ends."""
    request = {"path": str(path), "options": options.model_dump(mode="json")}
    async with piped_worker("caesura.lists.worker", _PIPE_BYTES) as process:
        yield _Worker(process, request)


def _words(problem: BaseException) -> str:
    if isinstance(problem, asyncio.CancelledError | KeyboardInterrupt):
        return "cancelled"
    return problem.message if isinstance(problem, CaesuraError) else str(problem) or "failed"
