"""PostgreSQL as the cells and the manager use it: row locks, commits in doubt, notices.

A transaction sees what is committed and its own writes, holds the rows that it changes to its end,
and looks again at a row that it had to wait for (READ COMMITTED). What can be asked of it is in
queries.py: the queries of caesura.store, by their names.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
from tests.simulation.clockwork import Loop, Process

Key = tuple[str, Any]
Row = dict[str, Any]


@dataclass
class Rows:
    """What a statement gives: rows, and how many it touched."""

    rows: list[Row]
    touched: int


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
        self.notices: list[tuple[str, Row]] = []
        self.after_commit: list[Callable[[], None]] = []
        self.statement_at = server.loop.time()  # when the statement that runs began, true time
        self.facts_at = self.statement_at  # the same of the last one that asked for facts
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
        assert (table, key) in self._locked, (table, key)
        self.writes[table, key] = {**(self.get(table, key) or {}), **values}

    def add(self, table: str, key: Any, **values: Any) -> None:
        """A new row, which nobody else sees yet."""
        assert self.get(table, key) is None, (table, key)
        self.lock_new(table, key)
        self.writes[table, key] = values

    def lock_new(self, table: str, key: Any) -> None:
        self.server.locks.setdefault((table, key), _Lock()).holders[self] = True
        self._locked[table, key] = None

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
            for done in self.after_commit:  # sees what is committed
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
            for channel, notice in self.notices:
                self.server.tell(channel, notice)


class Server:
    """The database: what is committed, and who is connected."""

    def __init__(
        self, loop: Loop, process: Process, rng: random.Random, counts: Counter[str]
    ) -> None:
        self.loop, self.process, self.rng, self.counts = loop, process, rng, counts
        self.context = process.context
        self.tables: dict[str, dict[Any, Row]] = defaultdict(dict)
        self.rights: dict[UUID, float] = {}  # when each cell last had a lease given or renewed
        self.locks: dict[Key, _Lock] = {}
        self.sessions: list[Session] = []
        self.queries: Callable[[Transaction, str, Any], Coroutine[Any, Any, Rows]] = _nothing_known
        self.changed: Callable[[int, str], None] = lambda _campaign, _state: None
        self.up = True
        self._numbers = itertools.count(1)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.process.machine.wall(), UTC)

    def next_number(self) -> int:
        """Of a sequence: given once, also if its transaction comes to nothing."""
        return next(self._numbers)

    def connect(self, client: Client, *, autocommit: bool) -> Session:
        session = Session(self, client, autocommit=autocommit)
        self.sessions.append(session)
        return session

    def tell(self, channel: str, notice: Row) -> None:
        for session in self.sessions:
            if channel in session.listens:
                session.client.hears(session, channel, notice)

    def ends_all_sessions(self) -> None:
        """A crash, or a fail-over to a standby that has all that was committed."""
        for session in self.sessions.copy():
            session.end()

    async def ends_idle_transactions(self) -> None:
        """Who is stopped or cut off in a transaction must not hold its locks for ever."""
        while True:
            await asyncio.sleep(0.5)
            since = self.loop.time() - IDLE_IN_TRANSACTION_S
            for session in self.sessions.copy():
                if session.tx is not None and not session.busy and session.idle_since < since:
                    self.counts["a transaction was idle for too long"] += 1
                    session.end()


async def _nothing_known(_tx: Transaction, name: str, _params: Any) -> Rows:
    raise NotImplementedError(name)


def _drive(
    coroutine: Coroutine[Any, Any, Any], done: Callable[[Any, Exception | None], None], context: Any
) -> None:
    """Run it to its end; where it waits for a lock, go on from there later. No task is needed."""
    try:
        waits_for = coroutine.send(None)
    except StopIteration as stop:
        done(stop.value, None)
    except psycopg.Error as error:
        done(None, error)
    else:
        waits_for._asyncio_future_blocking = False
        waits_for.add_done_callback(lambda _: _drive(coroutine, done, context), context=context)


class Session:
    """A connection's end at the server: statements one after another."""

    def __init__(self, server: Server, client: Client, *, autocommit: bool) -> None:
        self.server, self.client, self.autocommit = server, client, autocommit
        self.tx: Transaction | None = None
        self.listens: set[str] = set()
        self.over = False
        self.busy = False
        self.idle_since = 0.0
        self.last_notice = 0.0  # when the last one arrives: they come in order

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

    async def do(self, statements: Sequence[tuple[str, Any]]) -> list[Rows]:
        """Run statements, in the server's process."""
        if self.over or not self.server.up:
            raise psycopg.OperationalError("the connection is gone")
        self.busy = True
        try:
            return [await self._one(name, params) for name, params in statements]
        except BaseException:
            if self.tx is not None:
                self.tx.end(commit=False)
                self.tx = None
            raise
        finally:
            self.busy = False
            self.idle_since = self.server.loop.time()

    async def _one(self, name: str, params: Any) -> Rows:
        if name in ("commit", "rollback"):
            tx, self.tx = self.tx, None
            if tx is not None:
                tx.end(commit=name == "commit")
            return Rows([], 0)
        if name == "listen":
            self.listens.add(params)
            return Rows([], 0)
        tx = self.tx or Transaction(self.server)
        self.tx = tx
        tx.statement_at = self.server.loop.time()
        result = await self.server.queries(tx, name, params)
        if self.autocommit:
            self.tx = None
            tx.end(commit=True)
        return result


class Client:
    """One process's way to the server: late, lossy, and at times cut."""

    def __init__(self, server: Server, process: Process, rng: random.Random) -> None:
        self.server, self.process, self.rng = server, process, rng
        self.cut = False
        self.slow_s = 0.0  # an extra delay, at most, of each message
        self.queues: dict[Session, asyncio.Queue[Any]] = {}
        self._pending: dict[asyncio.Future[Any], Session] = {}
        self._sent = itertools.count(1)
        self._latest = 0  # the last of those sent that has arrived

    def delay(self) -> float:
        return self.rng.random() * (0.0018 + self.slow_s) + 0.0002

    async def ask(self, session: Session, statements: Sequence[tuple[str, Any]]) -> Any:
        """Statements there, their answer back. OperationalError if either is lost."""
        loop, counts = self.server.loop, self.server.counts
        answer: asyncio.Future[Any] = loop.create_future()
        self._pending[answer] = session
        number = next(self._sent)

        def answers(result: Any, error: Exception | None) -> None:
            if self.cut or answer.done():  # `_gives_up` says so
                counts["an answer was lost"] += 1
                if any(name == "commit" for name, _ in statements) and error is None:
                    counts["a commit was left in doubt"] += 1
            elif error is not None:
                answer.set_exception(error)
            else:
                answer.set_result(result)

        def done(result: Any, error: Exception | None) -> None:
            loop.call_later(self.delay(), answers, result, error, context=self.process.context)

        def arrives() -> None:
            if number < self._latest:
                counts["a statement was overtaken"] += 1
            self._latest = max(self._latest, number)
            _drive(session.do(statements), done, self.server.context)

        if not self.cut:
            loop.call_later(self.delay(), arrives, context=self.server.context)
        else:
            counts["a statement was lost"] += 1
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
        if not session.over:
            after = self.rng.uniform(0.0, 5.0) if self.cut else self.delay()
            self.server.loop.call_later(after, session.end, context=self.server.context)

    def hears(self, session: Session, channel: str, notice: Row) -> None:
        """A notice on its way; it is lost with its connection, and may be late."""
        loop = self.server.loop
        if self.cut or session not in self.queues:
            self.server.counts["a notice was lost"] += 1
            return
        late = self.delay() if self.rng.random() < 0.9 else self.rng.uniform(0, 0.6)
        session.last_notice = max(session.last_notice + 1e-7, loop.time() + late)

        def arrives() -> None:
            if self.cut or session not in self.queues:
                self.server.counts["a notice was lost"] += 1
            else:
                self.queues[session].put_nowait((channel, notice))

        loop.call_at(session.last_notice, arrives, context=self.process.context)
