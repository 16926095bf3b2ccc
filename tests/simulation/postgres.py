"""PostgreSQL as the cells and the manager use it: row locks, commits in doubt, notices.

A transaction sees what is committed and its own writes, holds the rows that it changes to its end,
and looks again at a row that it had to wait for (READ COMMITTED). What can be asked of it is in
statements.py.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
from tests.simulation.clockwork import Loop, Process

Key = tuple[str, Any]
Row = dict[str, Any]

IDLE_IN_TRANSACTION_S = 5.0
TCP_TIMEOUT_S = 3.0
DEADLOCK_TIMEOUT_S = 1.0


class _Lock:
    def __init__(self) -> None:
        self.holders: dict[Transaction, bool] = {}  # to whether it holds alone
        self.waiting: deque[asyncio.Future[None]] = deque()

    def free_for(self, tx: Transaction, alone: bool) -> bool:
        others = [held for holder, held in self.holders.items() if holder is not tx]
        return not others if alone else not any(others)


class Transaction:
    """Writes that nobody sees, and locks."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.writes: dict[Key, Row | None] = {}
        self.notices: list[dict[str, Any]] = []
        self.after_commit: list[Callable[[], None]] = []
        self.began = server.loop.time()
        self._locked: dict[Key, None] = {}
        self._waits_for: Key | None = None
        self.over = False

    async def lock(self, key: Key, *, alone: bool = True) -> bool:
        """Whether it had to wait."""
        lock, waited = self.server.locks.setdefault(key, _Lock()), False
        while not lock.free_for(self, alone):
            waited = True
            future = self.server.loop.create_future()
            lock.waiting.append(future)
            self._waits_for = key
            self.server.loop.call_later(
                DEADLOCK_TIMEOUT_S, self._look_for_deadlock, future, context=self.server.context
            )
            await future
            self._waits_for = None
            if self.over:
                raise psycopg.OperationalError("terminated while it waited")
        lock.holders[self] = alone or lock.holders.get(self, False)
        self._locked[key] = None
        return waited

    def _look_for_deadlock(self, future: asyncio.Future[None]) -> None:
        """Who waits for a lock may be waiting for itself."""
        if future.done():
            return
        seen: set[Transaction] = set()
        ahead = [self]
        while ahead:
            one = ahead.pop()
            if one._waits_for is None or one in seen:
                continue
            seen.add(one)
            holders = [each for each in self.server.locks[one._waits_for].holders if each != one]
            if self in holders:
                future.set_exception(psycopg.errors.DeadlockDetected("deadlock detected"))
                return
            ahead += holders

    def locks_at_once(self, key: Key) -> bool:
        """SKIP LOCKED."""
        lock = self.server.locks.setdefault(key, _Lock())
        if not lock.free_for(self, True):
            return False
        lock.holders[self] = True
        self._locked[key] = None
        return True

    def get(self, table: str, key: Any) -> Row | None:
        if (table, key) in self.writes:
            return self.writes[table, key]
        return self.server.tables[table].get(key)

    def rows(self, table: str) -> list[tuple[Any, Row]]:
        found = dict(self.server.tables[table])
        for (name, key), row in self.writes.items():
            if name == table:
                if row is None:
                    found.pop(key, None)
                else:
                    found[key] = row
        return list(found.items())

    def put(self, table: str, key: Any, **values: Any) -> None:
        assert (table, key) in self._locked
        self.writes[table, key] = {**(self.get(table, key) or {}), **values}

    def drop(self, table: str, key: Any) -> None:
        assert (table, key) in self._locked
        self.writes[table, key] = None

    async def choose(
        self, table: str, wanted: Callable[[Any, Row], bool], *, alone: bool = True
    ) -> list[tuple[Any, Row]]:
        """Lock the rows that are wanted; those that had to be waited for are asked again."""
        chosen = []
        for key, row in self.rows(table):
            if not wanted(key, row):
                continue
            await self.lock((table, key), alone=alone)
            now = self.get(table, key)
            if now is not None and wanted(key, now):
                chosen.append((key, now))
        return chosen

    def end(self, *, commit: bool) -> None:
        if self.over:
            return
        self.over = True
        if commit:
            for (table, key), row in self.writes.items():
                if row is None:
                    self.server.tables[table].pop(key, None)
                else:
                    self.server.tables[table][key] = row
            for done in self.after_commit:
                done()
        woken: list[asyncio.Future[None]] = []
        for key in self._locked:
            lock = self.server.locks[key]
            lock.holders.pop(self, None)
            woken += lock.waiting
            lock.waiting.clear()
        for future in woken:
            if not future.done():
                future.set_result(None)
        if commit:
            for notice in self.notices:
                self.server.tell(notice)


class Server:
    """The database: what is committed, and who is connected."""

    def __init__(self, loop: Loop, process: Process, rng: random.Random) -> None:
        self.loop, self.process, self.rng = loop, process, rng
        self.context = process.context
        self.tables: dict[str, dict[Any, Row]] = {
            name: {} for name in ("campaign", "cell", "lease", "lead", "attempt", "receipt")
        }
        self.locks: dict[Key, _Lock] = {}
        self.sessions: list[Session] = []
        self.statements: Any = None  # what it can be asked: statements.py
        self.up = True
        self.rights: dict[UUID, float] = {}  # when each cell last had a lease given or renewed
        self.forbidden: dict[str, float] = {}  # do-not-call: number -> since when

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.process.machine.wall(), UTC)

    def connect(self, client: Client, *, autocommit: bool) -> Session:
        session = Session(self, client, autocommit=autocommit)
        self.sessions.append(session)
        return session

    def tell(self, notice: dict[str, Any]) -> None:
        for session in self.sessions:
            if session.listens:
                session.client.hears(session, notice)

    def ends_all_sessions(self) -> None:
        """A crash, or a fail-over to a standby that has all that was committed."""
        for session in self.sessions.copy():
            session.end()


class Session:
    """A connection's end at the server: statements one after another."""

    def __init__(self, server: Server, client: Client, *, autocommit: bool) -> None:
        self.server, self.client, self.autocommit = server, client, autocommit
        self.tx: Transaction | None = None
        self.listens = False
        self.over = False
        self._busy = False
        self._idle_since = 0.0

    def end(self) -> None:
        """The server drops it, and whatever is not committed."""
        if self.over:
            return
        self.over = True
        self.client.ended(self)
        if self in self.server.sessions:
            self.server.sessions.remove(self)
        if self.tx is not None:
            self.tx.end(commit=False)

    async def do(self, name: str, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """Run one statement, in the server's process."""
        if self.over or not self.server.up:
            raise psycopg.OperationalError("the connection is gone")
        if name == "commit":
            tx, self.tx = self.tx, None
            if tx is not None:
                tx.end(commit=True)
            return None
        if name == "rollback":
            tx, self.tx = self.tx, None
            if tx is not None:
                tx.end(commit=False)
            return None
        tx = self.tx or Transaction(self.server)
        self.tx = tx
        self._busy = True
        try:
            result = await getattr(self.server.statements, name)(tx, *args, **options)
        except BaseException:
            tx.end(commit=False)
            self.tx = None
            raise
        finally:
            self._busy = False
        if self.autocommit:
            self.tx = None
            tx.end(commit=True)
        else:
            self._idle_since = self.server.loop.time()
            self.server.loop.call_later(
                IDLE_IN_TRANSACTION_S,
                self._too_long_idle,
                self._idle_since,
                context=self.server.process.context,
            )
        return result

    def _too_long_idle(self, since: float) -> None:
        if self.tx is not None and not self._busy and self._idle_since == since:
            self.end()


class Client:
    """One process's way to the server: late, lossy, and at times cut."""

    def __init__(self, server: Server, process: Process, rng: random.Random) -> None:
        self.server, self.process, self.rng = server, process, rng
        self.cut = False
        self.slow_s = 0.0  # an extra delay, at most, of each message
        self.queues: dict[Session, asyncio.Queue[dict[str, Any] | None]] = {}
        self._pending: dict[asyncio.Future[Any], Session] = {}

    def delay(self) -> float:
        return self.rng.uniform(0.0002, 0.002) + self.rng.random() * self.slow_s

    async def ask(self, session: Session, name: str, *args: Any, **options: Any) -> Any:
        """One statement there, its answer back. OperationalError if either is lost."""
        loop, server = self.server.loop, self.server.process
        answer: asyncio.Future[Any] = loop.create_future()
        self._pending[answer] = session

        def answers(result: Any, error: Exception | None) -> None:
            if self.cut or answer.done():
                return  # lost; `_gives_up` will say so
            if error is not None:
                answer.set_exception(error)
            else:
                answer.set_result(result)

        async def run() -> None:
            result, error = None, None
            try:
                result = await session.do(name, args, options)
            except psycopg.Error as raised:
                error = raised
            loop.call_later(self.delay(), answers, result, error, context=self.process.context)

        if not self.cut:
            loop.call_later(
                self.delay(), lambda: server.spawn(run()) and None, context=server.context
            )
        else:
            self._gives_up_in_time(answer)
        try:
            return await answer
        finally:
            del self._pending[answer]

    def cuts(self) -> None:
        """No more messages arrive, either way; what is on its way to the server does."""
        self.cut = True
        for answer in self._pending:
            self._gives_up_in_time(answer)

    def _gives_up_in_time(self, answer: asyncio.Future[Any]) -> None:
        self.server.loop.call_later(
            TCP_TIMEOUT_S, self._gives_up, answer, context=self.process.context
        )

    def _gives_up(self, answer: asyncio.Future[Any]) -> None:
        if not answer.done():
            session = self._pending[answer]
            answer.set_exception(psycopg.OperationalError("the server does not answer"))
            self.drops(session)

    def ended(self, session: Session) -> None:
        """The server has hung up; what it did of what was asked we do not know."""

        def tell() -> None:
            for answer, asked in list(self._pending.items()):
                if asked is session and not answer.done():
                    answer.set_exception(psycopg.OperationalError("terminating connection"))
            if session in self.queues:
                self.queues[session].put_nowait(None)

        self.server.loop.call_later(self.delay(), tell, context=self.process.context)

    def drops(self, session: Session) -> None:
        """We hang up; the server hears of it, if it can, or finds out."""
        after = self.rng.uniform(0.0, 5.0) if self.cut else self.delay()
        self.server.loop.call_later(after, session.end, context=self.server.process.context)

    def hears(self, session: Session, notice: dict[str, Any]) -> None:
        """A notice on its way; it is lost with its connection, and may be late."""
        if not self.cut and session in self.queues:
            late = self.delay() if self.rng.random() < 0.9 else self.rng.uniform(0, 0.6)
            self.server.loop.call_later(
                late, self.queues[session].put_nowait, notice, context=self.process.context
            )
