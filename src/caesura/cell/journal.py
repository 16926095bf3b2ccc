"""The cell's pen: what happened to attempts, stored in small batches, in order, until it is stored.

Nothing here is in front of the wire. Launches are journalled by `cell.hands`, before their dial;
this is the record of what came after, and it may wait while the database is away: first in memory;
what is not stored soon is also kept on the disk (`cell.spool`), so that a crash loses none of it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from uuid import UUID

import structlog

from caesura.cell import spool
from caesura.cell.spool import Record, Spool
from caesura.rules.call import AttemptEnd, Progress
from caesura.rules.command import StoreDisposition, StoreTalkBegan, StoreTalkEnded
from caesura.rules.message import Delivery, Reply
from caesura.store import call, desk, do_not_call, lifecycle, message
from caesura.store.database import DATABASE_AWAY, REFUSED, Connection, Database
from caesura.store.desk import Talks

_FLUSH_S = 0.1  # gather so long, then write; a dashboard cannot tell
_BATCH = 500
_RETRY_S = 0.5
_SPOOL_AFTER_S = 0.3  # what waits longer than this goes to the disk, too
_LOOK_S = 0.1
# So long apart dashboards hear of figures, in a transaction of its own: PostgreSQL commits one
# transaction with a notice at a time, and a pause is one of them.
_TELL_S = 0.2

log = structlog.get_logger(__name__)


class Journal:
    """Progress, ends, undone launches and opt-outs on their way to PostgreSQL."""

    def __init__(self, database: Database, kept: Spool | None = None) -> None:
        self._database = database
        self._spool = kept
        self.on_noted: Callable[[list[tuple[int, int]]], None] = lambda tokens: None
        self._records: list[Record] = []  # not stored yet, in order
        self._spooled = 0  # how many of the first ones are in the spool
        self._waiting_since = 0.0  # of the first one, monotonic; or of the last success
        self._wake = asyncio.Event()
        self._moved: set[int] = set()  # campaigns whose figures are news to dashboards
        self._news = asyncio.Event()
        self._writing = asyncio.Lock()
        self._keeping = asyncio.Lock()  # who moves `_records` or `_spooled` holds it

    def progress(self, campaign: int, event: Progress) -> None:
        self._add(Record(campaign, progress=event))

    def end(self, campaign: int, end: AttemptEnd) -> None:
        self._add(Record(campaign, end=end))

    def undo(self, campaign: int, attempt: UUID) -> None:
        """The attempt never reached the wire."""
        self._add(Record(campaign, undone=attempt))

    def opt_out(self, campaign: int, phone: str) -> None:
        """The callee wants no more calls, from no campaign."""
        self._add(Record(campaign, opt_out=phone))

    def talk_began(self, campaign: int, began: StoreTalkBegan) -> None:
        """An agent talks to the callee."""
        self._add(Record(campaign, talk_began=began))

    def talk_ended(self, campaign: int, ended: StoreTalkEnded) -> None:
        self._add(Record(campaign, talk_ended=ended))

    def disposed(self, campaign: int, said: StoreDisposition) -> None:
        """What the agent says came of it."""
        self._add(Record(campaign, disposed=said))

    def delivery(self, delivery: Delivery, token: tuple[int, int]) -> None:
        """A delivery receipt; `on_noted` hears the token when it is safe."""
        self._add(Record(0, delivery=delivery, token=token))

    def reply(self, reply: Reply, token: tuple[int, int]) -> None:
        """A recipient's reply, in the same way."""
        self._add(Record(0, reply=reply, token=token))

    def _tell_noted(self, records: Sequence[Record]) -> None:
        tokens = [record.token for record in records if record.token is not None]
        if tokens:
            self.on_noted(tokens)

    def _add(self, record: Record) -> None:
        if not self._records:
            self._waiting_since = time.monotonic()
        self._records.append(record)
        self._wake.set()

    @property
    def waiting(self) -> int:
        """How many records are not stored yet."""
        return len(self._records)

    @property
    def full(self) -> bool:
        """The spool takes no more: whatever happened now could be lost."""
        return self._spool is not None and self._spool.full

    async def run(self) -> None:
        """Write for ever; while the database is away, keep and try again."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._write_for_ever())
            group.create_task(self._keep_for_ever())
            group.create_task(self._tell_for_ever())

    async def _write_for_ever(self) -> None:
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

    async def _keep_for_ever(self) -> None:
        """A database that is away may take seconds to say so: what waits goes to the disk."""
        while True:
            await asyncio.sleep(_LOOK_S)
            if self._records and time.monotonic() - self._waiting_since >= _SPOOL_AFTER_S:
                await self.keep()

    async def _tell_for_ever(self) -> None:
        """The first news at once, then what has gathered."""
        while True:
            await self._news.wait()
            self._news.clear()
            moved, self._moved = self._moved, set()
            try:
                async with self._database.statements() as conn:
                    await call.tell(conn, sorted(moved))
            except DATABASE_AWAY:
                self._moved |= moved
                self._news.set()
            await asyncio.sleep(_TELL_S)

    async def keep(self) -> None:
        """Put what is not stored on the disk."""
        if self._spool is None:
            return
        async with self._keeping:
            kept = self._records[self._spooled :]
            lines = [spool.encoded(record) for record in kept]
            if lines:
                fit = await asyncio.to_thread(self._spool.append, lines)
                self._spooled += fit
                self._tell_noted(kept[:fit])

    async def flush(self) -> None:
        """Write all there is. On an error everything not stored is kept, in order."""
        async with self._writing:
            while self._records:
                batch = self._records[:_BATCH]
                await self._store(batch)
                self._tell_noted(batch)
                async with self._keeping:
                    del self._records[: len(batch)]
                    self._spooled = max(0, self._spooled - len(batch))
                    self._waiting_since = time.monotonic()
            kept = self._spool
            if kept is not None and (kept.bytes or kept.full):
                async with self._keeping:
                    if self._spooled == 0:  # all that is in it is stored
                        await asyncio.to_thread(kept.clear)

    async def replay(self) -> int:
        """Store what processes before this one left behind; returns how many records.

        To be done before their attempts are given up as unknown. Storing one twice is harmless.
        """
        stored = 0
        for path in self._spool.left_behind() if self._spool else ():
            records: Iterator[Record] = spool.read(path)
            while batch := list(islice(records, _BATCH)):
                await self._store(batch)
                stored += len(batch)
            path.unlink()
        if stored:
            log.warning("stored what a cell before this one had left on the disk", records=stored)
        return stored

    async def _store(self, records: Sequence[Record]) -> None:
        """Store them in one transaction; what the database will never take is set aside."""
        try:
            async with self._database.transaction() as conn:
                moved = await _write(conn, records)
        except REFUSED as error:
            if len(records) > 1:
                for record in records:
                    await self._store([record])
            elif self._spool is None:
                raise
            else:
                self._spool.set_aside(records[0], str(error).strip())
        else:
            self._moved |= moved
            self._news.set()


async def _write(conn: Connection, records: Sequence[Record]) -> set[int]:
    """The campaigns whose figures it moved."""
    ends = [record.end for record in records if record.end]
    phones = sorted({record.opt_out for record in records if record.opt_out})
    deliveries = [record.delivery for record in records if record.delivery]
    replies = [record.reply for record in records if record.reply]
    moved = {record.campaign for record in records if record.campaign}
    async with conn.pipeline():
        await call.progress(conn, [record.progress for record in records if record.progress])
        await call.end(conn, ends)
        await call.not_launched(conn, [record.undone for record in records if record.undone])
    await desk.talks(
        conn,
        Talks(
            [record.talk_began for record in records if record.talk_began],
            [record.talk_ended for record in records if record.talk_ended],
            [record.disposed for record in records if record.disposed],
        ),
    )
    if phones:
        await do_not_call.add(conn, phones, None, "key press", "callee")
    if deliveries:
        moved |= await message.deliveries(conn, deliveries)
    if replies:
        moved |= {
            reply.campaign for reply in await message.replies(conn, replies) if reply.campaign
        }
    async with conn.pipeline():
        # Last: from here on every seal of every campaign waits for this transaction.
        await lifecycle.complete_receipts_of(conn, [end.attempt for end in ends])
        await conn.commit()
    return moved
