"""What the production code takes for psycopg, for its link to the line, and for its logger."""

from __future__ import annotations

import asyncio
import json
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import psycopg
from tests.simulation.clockwork import current
from tests.simulation.line import Wire
from tests.simulation.postgres import Client, Rows, Session
from tests.simulation.queries import NAMES, NotSimulated, is_simulated

if TYPE_CHECKING:
    from tests.simulation.history import History


class Cursor:
    """The answer to a statement; in a pipeline it may yet be to come."""

    def __init__(self, pipeline: Pipeline | None = None) -> None:
        self._pipeline = pipeline
        self.answer = Rows([], 0)

    async def _get(self) -> Rows:
        if self._pipeline is not None:
            await self._pipeline.sync()
        return self.answer

    async def fetchone(self) -> Any:
        rows = (await self._get()).rows
        return rows[0] if rows else None

    async def fetchall(self) -> list[Any]:
        return (await self._get()).rows

    @property
    def rowcount(self) -> int:
        assert self._pipeline is None or not self._pipeline.waiting
        return self.answer.touched


class Pipeline:
    """Statements that go to the server together."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.waiting: list[tuple[tuple[str, Any], Cursor]] = []

    def add(self, name: str, params: Any) -> Cursor:
        cursor = Cursor(self)
        self.waiting.append(((name, params), cursor))
        return cursor

    async def sync(self) -> None:
        waiting, self.waiting = self.waiting, []
        if waiting:
            answers = await self._connection.ask([statement for statement, _ in waiting])
            for (_, cursor), answer in zip(waiting, answers, strict=True):
                cursor.answer = answer


class Connection:
    """In the place of psycopg.AsyncConnection."""

    def __init__(self, client: Client, session: Session) -> None:
        self.client, self.session = client, session
        self._pipeline: Pipeline | None = None

    async def ask(self, statements: list[tuple[str, Any]]) -> list[Rows]:
        answers: list[Rows] = await self.client.ask(self.session, statements)
        return answers

    async def execute(self, sql: str, params: Any = None) -> Cursor:
        if sql.startswith("LISTEN "):
            self.client.queues.setdefault(self.session, asyncio.Queue())
            await self.ask([("listen", sql.removeprefix("LISTEN "))])
            return Cursor()
        return await self.query(NAMES[sql], params)

    async def query(self, name: str, params: Any) -> Cursor:
        """The query of that name."""
        if not is_simulated(name):
            missing = NotSimulated(name)
            failures = self.client.server.loop.failures
            if str(missing) not in failures:
                failures.append(str(missing))  # whoever catches it
            raise missing
        if self._pipeline is not None:
            return self._pipeline.add(name, params)
        cursor = Cursor()
        [cursor.answer] = await self.ask([(name, params)])
        return cursor

    async def commit(self) -> None:
        if self._pipeline is not None:
            self._pipeline.add("commit", None)
        else:
            await self.ask([("commit", None)])

    @asynccontextmanager
    async def pipeline(self) -> AsyncIterator[Pipeline]:
        """One in another is the same one, as in psycopg."""
        outer = self._pipeline
        self._pipeline = outer or Pipeline(self)
        try:
            yield self._pipeline
            await self._pipeline.sync()
        finally:
            self._pipeline = outer

    async def notifies(self) -> AsyncIterator[Any]:
        while True:
            notice = await self.client.queues[self.session].get()
            if notice is None:
                raise psycopg.OperationalError("terminating connection")
            channel, payload = notice
            yield SimpleNamespace(channel=channel, payload=json.dumps(payload))

    async def __aenter__(self) -> Connection:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.client.queues.pop(self.session, None)
        self.client.drops(self.session)


class Database:
    """In the place of the pool: as there, a connection is looked at before it is used again."""

    url = "simulated"

    def __init__(self, client: Client) -> None:
        self.client = client
        self._idle: list[Session] = []

    async def connect(self, *, autocommit: bool) -> Connection:
        client = self.client
        await asyncio.sleep(2 * client.delay())
        if client.cut or not client.server.up:
            await asyncio.sleep(client.rng.uniform(0, 0.2))
            raise psycopg.OperationalError("connection refused")
        while not autocommit and self._idle:
            session = self._idle.pop()
            if not session.over:
                return Connection(client, session)
        return Connection(client, client.server.connect(client, autocommit=autocommit))

    @asynccontextmanager
    async def statements(self) -> AsyncIterator[Connection]:
        """Each statement is a transaction of its own."""
        async with await self.connect(autocommit=True) as conn:
            yield conn

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        conn = await self.connect(autocommit=False)
        try:
            yield conn
            await conn.ask([("commit", None)])
        except BaseException:
            self.client.drops(conn.session)
            raise
        self._idle.append(conn.session)


class VoiceLink:
    """The cell's end of a link, in the place of cell/voice_link.py."""

    history: History

    def __init__(
        self, name: str, path: Path, _incoming: Any, *, on_message: Any, on_up: Any, on_down: Any
    ) -> None:
        self._end = str(path)
        self._on_message, self._on_up, self._on_down = on_message, on_up, on_down
        self._out: Wire | None = None
        self._lost = asyncio.Event()

    @property
    def up(self) -> bool:
        return self._out is not None

    def send(self, message: Any) -> None:
        if self._out is not None:
            self._out.send(message)

    def _hear(self, message: Any) -> None:
        if message == "end":
            self._lost.set()
        elif self._out is not None:
            self._on_message(message)

    async def run(self) -> None:
        history, me = self.history, current()
        while True:
            self._lost.clear()
            far = history.ends.get(self._end)
            if far is None:  # no messenger runs here
                await asyncio.Event().wait()
                return
            if far.process.dead:
                await asyncio.sleep(0.1)
                continue
            mine = Wire(history.rng, me, self._hear)
            out = far.connect(mine)
            history.links.append((me, far.process, mine, out))
            self._out = out
            self._on_up()
            await self._lost.wait()
            self._out = None
            self._on_down()


class Log:
    """In the place of the cells' loggers: what must not happen is kept."""

    def __init__(self, history: History) -> None:
        self._history = history

    def info(self, what: str, **_: Any) -> None:
        self._history.say(f"{current().name}: {what}")

    warning = info

    def error(self, what: str, *, exc_info: Any = None, **_: Any) -> None:
        trace = "".join(traceback.format_exception(exc_info)) if exc_info else ""
        self._history.loop.failures.append(f"{what}: {trace}")
