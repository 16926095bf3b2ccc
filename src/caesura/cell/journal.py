"""The cell's pen: what happened to attempts, stored in small batches, in order, until it is stored.

Nothing here is in front of the wire. Launches are journalled by `cell.launch`, before their dial;
this is the record of what came after, and it may wait while the database is away.
"""

from __future__ import annotations

import asyncio
from uuid import UUID

import structlog

from caesura.rules.call import AttemptEnd, Progress
from caesura.store import call, lifecycle
from caesura.store.database import DATABASE_AWAY, Database

_FLUSH_S = 0.05  # gather so long, then write; a dashboard cannot tell
_BATCH = 500
_RETRY_S = 0.5

log = structlog.get_logger(__name__)


class Journal:
    """Progress, ends and undone launches on their way to PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._progress: list[Progress] = []
        self._ends: list[AttemptEnd] = []
        self._undone: list[UUID] = []
        self._campaigns: set[int] = set()  # whose figures moved since the last write
        self._wake = asyncio.Event()
        self._writing = asyncio.Lock()

    def progress(self, campaign: int, event: Progress) -> None:
        self._progress.append(event)
        self._touch(campaign)

    def end(self, campaign: int, end: AttemptEnd) -> None:
        self._ends.append(end)
        self._touch(campaign)

    def undo(self, campaign: int, attempt: UUID) -> None:
        """The attempt never reached the wire."""
        self._undone.append(attempt)
        self._touch(campaign)

    def _touch(self, campaign: int) -> None:
        self._campaigns.add(campaign)
        self._wake.set()

    @property
    def waiting(self) -> int:
        """How many records are not stored yet."""
        return len(self._progress) + len(self._ends) + len(self._undone)

    async def run(self) -> None:
        """Write for ever; while the database is away, keep and try again."""
        while True:
            await self._wake.wait()
            await asyncio.sleep(_FLUSH_S)
            self._wake.clear()
            try:
                await self.flush()
            except DATABASE_AWAY as error:
                log.warning("journal waits for the database", waiting=self.waiting, why=str(error))
                await asyncio.sleep(_RETRY_S)
                self._wake.set()

    async def flush(self) -> None:
        """Write all there is. On an error everything not stored is kept, in order."""
        async with self._writing:
            while self.waiting:
                progress, ends = self._progress[:_BATCH], self._ends[:_BATCH]
                undone = self._undone[:_BATCH]
                # An end may be stored only after its own progress.
                if len(self._progress) > _BATCH:
                    ends = []
                campaigns = list(self._campaigns)
                async with self._database.transaction() as conn:
                    await call.progress(conn, progress)
                    await call.end(conn, ends)
                    await call.not_launched(conn, undone)
                    silenced = await call.silenced_among(conn, [e.attempt for e in ends])
                    if silenced:
                        await lifecycle.complete_receipts(conn, silenced)
                    await call.tell(conn, campaigns)
                del self._progress[: len(progress)]
                del self._ends[: len(ends)]
                del self._undone[: len(undone)]
            self._campaigns.clear()
