"""One history: production cells in simulated time, faults by chance, and a judge.

Production code, unchanged: caesura.cell (lease loop, silencer, hands, journal, housekeeping), the
runner with all its rules, the gates, and `lifecycle.await_confirmation`. Simulated: time, network,
PostgreSQL (postgres.py, statements.py), SIP (line.py). All chance comes from the seed, so a seed is
a history.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import psycopg
import pytest
from tests.simulation.clockwork import (
    Loop,
    Machine,
    Process,
    SimulatedDatetime,
    SimulatedTime,
    current,
)
from tests.simulation.line import SimulatedLine, SimulatedMedia, Wire
from tests.simulation.postgres import Client, Server, Session
from tests.simulation.statements import Statements

from caesura.cell import background, cell, hands, housekeeping, journal, silence
from caesura.rules.activity_hours import ActivityHours
from caesura.rules.campaign import CampaignSettings, Drain, FixedPacing
from caesura.store import call, claim, configuration, lease, lifecycle, message, provider
from caesura.store import silence as store_silence
from caesura.voice import port

CAMPAIGN = 7
LEADS = 30
FAULTS_S = 5.0  # so long things go wrong; then all is healed, and must come right
RIGHT_LASTS_S = lifecycle.LEASE_TTL_S  # of true time, whatever the clocks say

SETTINGS = CampaignSettings(
    calling_numbers=["+13125550000"],
    trunks=["first", "second"],
    pacing=FixedPacing(concurrency=8, cps=12),
    hours=ActivityHours(always=True),
    ring_minimum_s=1,
    drain=Drain.FINISH_LAWFULLY,
)


class Connection:
    """What the production code takes for a psycopg connection."""

    def __init__(self, client: Client, session: Session) -> None:
        self._client, self.session = client, session

    async def call(self, name: str, *args: Any, **options: Any) -> Any:
        return await self._client.ask(self.session, name, *args, **options)

    async def execute(self, sql: str, _params: Any = None) -> None:
        assert sql.startswith("LISTEN"), f"not simulated: {sql}"
        await self.call("nothing")
        self.session.listens = True
        self._client.queues.setdefault(self.session, asyncio.Queue())

    async def notifies(self) -> AsyncIterator[Any]:
        while True:
            notice = await self._client.queues[self.session].get()
            if notice is None:
                raise psycopg.OperationalError("terminating connection")
            yield SimpleNamespace(channel="campaign", payload=json.dumps(notice))

    async def __aenter__(self) -> Connection:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._client.queues.pop(self.session, None)
        self._client.drops(self.session)


class Database:
    """What the production code takes for its pool."""

    url = "simulated"

    def __init__(self, client: Client) -> None:
        self.client = client

    async def connect(self, *, autocommit: bool) -> Connection:
        await asyncio.sleep(self.client.delay())
        if self.client.cut or not self.client.server.up:
            await asyncio.sleep(self.client.rng.uniform(0, 0.2))
            raise psycopg.OperationalError("connection refused")
        return Connection(
            self.client, self.client.server.connect(self.client, autocommit=autocommit)
        )

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        conn = await self.connect(autocommit=False)
        try:
            yield conn
            await conn.call("commit")
        finally:
            conn._client.drops(conn.session)


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
            if far is None:  # no messenger runs here: the campaigns are voice campaigns
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


class Node:
    """A machine with a cell, its line and its media process; it sends no messages."""

    def __init__(self, history: History, number: int) -> None:
        self.history, self.name = history, f"node{number}"
        rng, loop = history.rng, history.loop
        self.machine = Machine(loop, rng.uniform(0.97, 1.03), rng.uniform(0, 1e6))
        media = Process(loop, f"{self.name} media", self.machine)
        history.ends[f"{self.name} media"] = SimulatedMedia(media, rng)
        self.start_line()
        self.start_cell()

    def start_line(self) -> None:
        history = self.history
        self.line = Process(history.loop, f"{self.name} line", self.machine)
        history.ends[self.line.name] = SimulatedLine(self.line, history.rng, history.invite)

    def start_cell(self) -> None:
        history = self.history
        self.cell = Process(history.loop, f"{self.name} cell", self.machine)
        self.client = Client(history.server, self.cell, history.rng)
        history.processes.append(self.cell)
        self.cell.spawn(self._run_cell(self.cell))

    async def _run_cell(self, process: Process) -> None:
        history = self.history
        database: Any = Database(self.client)
        process.database = database  # type: ignore[attr-defined]
        while True:
            one = cell.Cell(
                database,
                node=self.name,
                line=Path(f"{self.name} line"),
                media=Path(f"{self.name} media"),
                messenger=Path(f"{self.name} messenger"),
                directory=history.directory / self.name,
            )
            try:
                await one.run(asyncio.Event())
            except psycopg.OperationalError:  # at its start; the supervisor starts it again
                await asyncio.sleep(0.3)
            except Exception as error:  # noqa: BLE001 - a cell must not end
                trace = "".join(traceback.format_exception(error))
                history.loop.failures.append(f"{process.name} ended: {trace}")
                return


class History:
    """See the module."""

    def __init__(self, seed: int, directory: Path) -> None:
        self.rng = random.Random(seed)
        self.directory = directory
        self.loop = Loop()
        self.ends: dict[str, Any] = {}
        self.links: list[tuple[Process, Process, Wire, Wire]] = []
        self.processes: list[Process] = []
        self.log: list[str] = []  # what happened, for people and for replay
        self.violations: list[str] = []
        self.invites: dict[tuple[UUID, int], int] = {}
        self.pauses = self.invited = 0
        self._ids = 0

    # -------------------------------------------------------------- the judge

    def say(self, what: str) -> None:
        self.log.append(f"{self.loop.time():9.5f} {what}")

    def breaks(self, what: str) -> None:
        self.violations.append(what)
        self.say(f"VIOLATION {what}")

    def invite(self, dial: port.Dial, trunk: int, datagram: int) -> None:
        """A datagram of an INVITE leaves."""
        tables, now = self.server.tables, self.loop.time()
        campaign = tables["campaign"][dial.campaign]
        attempt = tables["attempt"].get(dial.attempt)
        name = f"{dial.attempt} on trunk {trunk}, datagram {datagram}"
        self.say(f"INVITE {name}")
        self.invited += 1
        if campaign["state"] in ("paused", "terminated", "completed"):
            self.breaks(f"Silence: {name} left while {campaign['state']}")
        if datagram == 0:
            if (dial.attempt, trunk) in self.invites:
                self.breaks(f"Once: {name} twice")
            self.invites[dial.attempt, trunk] = 1
        if attempt is None:
            self.breaks(f"Once: {name} is not in the journal")
            return
        if datagram == 0 and trunk == 0:
            if attempt["state"] != "launching":
                self.breaks(f"Once: {name} left when it was {attempt['state']} already")
            forbidden = self.server.forbidden.get(dial.number)
            if forbidden is not None and forbidden < attempt["asked_at"]:
                self.breaks(f"Rules: {name} to a number forbidden before it was asked for")
        right = self.server.rights[attempt["cell"]]
        if now - right > RIGHT_LASTS_S:
            self.breaks(f"Silent when in doubt: {name}, {now - right:.3f} s after the last lease")

    def check_the_end(self) -> None:
        tables = self.server.tables
        states = [row["state"] for row in tables["lead"].values()]
        if len(states) != LEADS:
            self.breaks("Nothing lost: leads are missing")
        for key, row in tables["lead"].items():
            open_ones = [
                a
                for a, r in tables["attempt"].items()
                if r["lead"] == key and r["state"] != "ended"
            ]
            if row["state"] in ("claimed", "in_progress") or row["cell"] or open_ones:
                self.breaks(f"Nothing lost: lead {key} is left {row['state']}, {open_ones}")
        for attempt, _ in self.invites:
            if attempt not in tables["attempt"]:
                self.breaks(f"Once: {attempt} was on the wire and is not in the journal")
        for key, receipt in tables["receipt"].items():
            if receipt["confirmed"] and receipt["before"] != receipt["after"]:
                self.breaks(f"Nothing changed: receipt {key}")
        for failure in self.loop.failures:
            self.breaks(f"unexpected: {failure}")

    # --------------------------------------------------------------- the play

    def uuid(self) -> UUID:
        self._ids += 1
        return UUID(int=self.rng.getrandbits(96) << 32 | self._ids)

    def run(self) -> History:
        try:
            self.loop.run_until_complete(self._run())
        finally:
            self._clear_up()
        return self

    def _clear_up(self) -> None:
        """End every task in good order, also those of the dead."""
        processes = self.processes + [end.process for end in self.ends.values()]
        tasks = asyncio.all_tasks(self.loop)
        for process in processes:
            tasks |= process.tasks
            process.dead = False
            process.thaw()
        if hasattr(self, "server"):
            self.server.up = False
        left = [task for task in tasks if not task.done()]

        async def end() -> None:
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

        self.loop.run_until_complete(end())
        self.loop.close()

    async def _run(self) -> None:
        machine = Machine(self.loop, 1.0, 0.0)
        server_process = Process(self.loop, "postgres", machine)
        self.server = Server(self.loop, server_process, self.rng)
        self.server.statements = Statements(self.server)
        self.processes.append(server_process)
        self._fill()
        self.nodes = [Node(self, number) for number in range(self.rng.choice((2, 2, 3)))]
        manager_machine = Machine(self.loop, self.rng.uniform(0.97, 1.03), 0.0)
        self.manager = Process(self.loop, "manager", manager_machine)
        self.processes.append(self.manager)
        self.manager_client = Client(self.server, self.manager, self.rng)
        self._healed = asyncio.Event()
        faults = self.loop.create_task(self._faults())
        managing = self.manager.spawn(self._manage())
        await faults
        await managing
        await self._come_right()
        self.check_the_end()

    def _fill(self) -> None:
        settings = SETTINGS.model_dump(mode="json")
        self.server.tables["campaign"][CAMPAIGN] = {
            "state": "running",
            "epoch": 2,
            "settings": settings,
            "settings_version": 1,
            "digest": SETTINGS.digest(),
            "drain": SETTINGS.drain,
        }
        for number in range(1, LEADS + 1):
            self.server.tables["lead"][number] = {
                "campaign": CAMPAIGN,
                "state": "due",
                "cell": None,
                "phone": f"+1312{5550000 + number}",
                "attempts": 0,
                "tries": {},
                "result": None,
                "due_at": self.server.now(),
            }

    async def _manage(self) -> None:
        """Pauses and resumes, until everything is healed; then a last resume."""
        rng, database = self.rng, Database(self.manager_client)
        while not self._healed.is_set():
            await asyncio.sleep(rng.choice((rng.uniform(0.05, 0.4), rng.uniform(0.4, 2.5))))
            await self._pause(database)
            await asyncio.sleep(rng.choice((0.0, rng.uniform(0, 0.1), rng.uniform(0, 1.5))))
            await self._resume(database)

    async def _pause(self, database: Database) -> bool:
        try:
            async with database.transaction() as conn:
                receipt = await conn.call("pause", CAMPAIGN)
        except psycopg.OperationalError:
            return False
        if receipt is None:
            return True  # it is completed
        asked = lifecycle.Silence(CAMPAIGN, receipt, SimulatedTime.monotonic())
        self.say("PAUSE committed")
        self.pauses += 1
        try:
            given: Any = database
            if await lifecycle.await_confirmation(given, asked, 3.0):
                self.say("CONFIRMED")
        except psycopg.OperationalError:
            return False
        return True

    async def _resume(self, database: Database) -> bool:
        try:
            async with database.transaction() as conn:
                if await conn.call("resume", CAMPAIGN):
                    self.say("RESUMED")
        except psycopg.OperationalError:
            return False
        return True

    async def _come_right(self) -> None:
        """With all healed: it runs on, is paused once more, and nothing is left behind."""
        database = Database(self.manager_client)

        async def last() -> None:
            while self._state() in ("paused", "pausing"):
                await self._resume(database)
                await asyncio.sleep(0.2)
            await asyncio.sleep(1.5)
            while self._state() not in ("paused", "completed"):
                await self._pause(database)
                await asyncio.sleep(0.1)

        await self.manager.spawn(last())
        until = self.loop.time() + 15.0
        while self.loop.time() < until and not self._is_settled():  # noqa: ASYNC110
            await asyncio.sleep(0.1)

    def _state(self) -> str:
        return str(self.server.tables["campaign"][CAMPAIGN]["state"])

    def _is_settled(self) -> bool:
        return not any(row["cell"] for row in self.server.tables["lead"].values())

    # ----------------------------------------------------------------- faults

    async def _faults(self) -> None:
        rng = self.rng
        kinds = [
            (self._freeze, 5),
            (self._cut, 4),
            (self._kill_cell, 2),
            (self._kill_line, 1),
            (self._restart_postgres, 2),
            (self._freeze_postgres, 1),
            (self._step_clock, 3),
            (self._slow_network, 2),
            (self._forbid, 2),
        ]
        chosen = rng.choices([k for k, _ in kinds], [w for _, w in kinds], k=rng.randint(1, 6))
        moments = sorted(rng.uniform(0.0, FAULTS_S) for _ in chosen)
        under_way = []
        for moment, fault in zip(moments, chosen, strict=True):
            await asyncio.sleep(max(0.0, moment - self.loop.time()))
            under_way.append(self.loop.create_task(fault(), name=fault.__name__))
        await asyncio.sleep(max(0.0, FAULTS_S - self.loop.time()))
        await asyncio.gather(*under_way)
        self._healed.set()

    def _lasting(self) -> float:
        return self.rng.choice(
            (self.rng.uniform(0, 0.2), self.rng.uniform(0.2, 1.3), self.rng.uniform(1, 5))
        )

    async def _freeze(self) -> None:
        node = self.rng.choice(self.nodes)
        both = self.rng.random() < 0.3
        process = self.rng.choice((node.cell, node.line, node.cell, self.manager))
        frozen = [node.cell, node.line] if both else [process]
        for one in frozen:
            self.say(f"SIGSTOP {one.name}")
            one.freeze()
        await asyncio.sleep(self._lasting())
        for one in frozen:
            self.say(f"SIGCONT {one.name}")
            one.thaw()

    async def _cut(self) -> None:
        client = self.rng.choice([node.client for node in self.nodes] + [self.manager_client])
        self.say(f"cut {client.process.name}")
        client.cuts()
        await asyncio.sleep(self._lasting())
        self.say(f"mended {client.process.name}")
        client.cut = False

    async def _slow_network(self) -> None:
        client = self.rng.choice([node.client for node in self.nodes])
        client.slow_s = self.rng.choice((0.02, 0.2, 0.8))
        self.say(f"slow {client.process.name} {client.slow_s}")
        await asyncio.sleep(self._lasting())
        client.slow_s = 0.0

    def _hang_up(self, dead: Process) -> None:
        """The kernel closes a dead process's sockets."""
        for mine, far, to_cell, to_far in self.links:
            if dead is mine:
                to_far.send("end")
            elif dead is far:
                to_cell.send("end")
        self.links = [link for link in self.links if dead not in link[:2]]

    async def _kill_cell(self) -> None:
        node = self.rng.choice(self.nodes)
        if node.cell.dead:
            return
        self.say(f"kill -9 {node.cell.name}")
        node.cell.kill()
        self._hang_up(node.cell)
        for session in self.server.sessions.copy():
            if session.client is node.client:
                node.client.drops(session)
        await asyncio.sleep(self.rng.uniform(0.2, 3.0))
        self.say(f"started {node.cell.name}")
        node.start_cell()

    async def _kill_line(self) -> None:
        node = self.rng.choice(self.nodes)
        if node.line.dead:
            return
        self.say(f"kill -9 {node.line.name}")
        node.line.kill()
        self._hang_up(node.line)
        await asyncio.sleep(self.rng.uniform(0.1, 1.0))
        node.start_line()

    async def _restart_postgres(self) -> None:
        """A crash and restart, or a fail-over to a standby that has all that was committed."""
        self.say("postgres is gone")
        self.server.up = False
        self.server.ends_all_sessions()
        await asyncio.sleep(self._lasting())
        self.say("postgres is back")
        self.server.up = True
        if self.rng.random() < 0.5:  # another machine, another clock
            self.server.process.machine.step_s += self.rng.uniform(-3, 3)

    async def _freeze_postgres(self) -> None:
        self.say("SIGSTOP postgres")
        self.server.process.freeze()
        await asyncio.sleep(self._lasting())
        self.say("SIGCONT postgres")
        self.server.process.thaw()

    async def _step_clock(self) -> None:
        machine = self.rng.choice(
            [self.server.process.machine] * 2 + [node.machine for node in self.nodes]
        )
        step = self.rng.choice((-7200.0, -5.0, 1.5, 5.0, 600.0))
        self.say(f"a wall clock steps by {step}")
        machine.step_s += step

    async def _forbid(self) -> None:
        phone = f"+1312{5550000 + self.rng.randint(1, LEADS)}"
        self.server.forbidden.setdefault(phone, self.loop.time())

    def digest(self) -> str:
        """The same for the same history."""
        return hashlib.sha256("\n".join(self.log).encode()).hexdigest()


def _remote(name: str) -> Any:
    async def statement(conn: Connection, *args: Any, **options: Any) -> Any:
        return await conn.call(name, *args, **options)

    return statement


def _nothing(result: Any = None) -> Any:
    async def statement(_conn: Any, *_: Any, **__: Any) -> Any:
        return result

    return statement


def simulate(seed: int, directory: Path, patch: pytest.MonkeyPatch) -> History:
    """Live through the history of `seed`."""
    history = History(seed, directory)
    for module, names in (
        (lease, "register heartbeat acquire renew revoked silent_cells last_signs take_over"),
        (claim, "claim facts release wait_for release_others put_off promote tallies"),
        (call, "hold_lease journal not_launched progress end"),
        (configuration, "campaign trunks cells"),
        (provider, "configured"),
        (store_silence, "acknowledge_all drains"),
    ):
        for name in names.split():
            patch.setattr(module, name, _remote(name))
    patch.setattr(lease, "tell_of_journal", _nothing())
    patch.setattr(call, "silenced_among", _nothing([]))
    patch.setattr(call, "tell", _nothing())
    patch.setattr(configuration, "trunk_health", _nothing())
    patch.setattr(message, "deliveries", _nothing(set()))
    patch.setattr(message, "replies", _nothing([]))
    patch.setattr(lifecycle, "complete_receipts", _nothing())
    patch.setattr(lifecycle, "resume_what_is_due", _nothing())
    patch.setattr(lifecycle, "complete_what_is_over", _nothing())

    def by_database(name: str) -> Any:
        async def statement(database: Database, *args: Any) -> Any:
            async with database.transaction() as conn:
                return await conn.call(name, *args)

        return statement

    seal = by_database("seal_by_expiry")

    async def seal_by_expiry(database: Database, asked: lifecycle.Silence) -> None:
        await seal(database, asked.campaign, asked.receipt)

    async def connect(_url: str, **_: Any) -> Connection:
        database: Database = current().database  # type: ignore[attr-defined]
        return await database.connect(autocommit=True)

    patch.setattr(lifecycle, "seal_by_expiry", seal_by_expiry)
    patch.setattr(lifecycle, "_is_confirmed", by_database("confirmed"))
    patch.setattr(lifecycle, "passing", by_database("passing"))
    patch.setattr(lifecycle, "complete", by_database("complete"))
    patch.setattr(cell, "connect", connect)
    patch.setattr(cell, "VoiceLink", type("Link", (VoiceLink,), {"history": history}))
    log = Log(history)
    for module in (background, cell, hands, silence, housekeeping, journal, lifecycle):
        if hasattr(module, "time"):
            patch.setattr(module, "time", SimulatedTime)
        if hasattr(module, "datetime"):
            patch.setattr(module, "datetime", SimulatedDatetime)
        if hasattr(module, "log"):
            patch.setattr(module, "log", log)
    for module in (cell, hands):
        patch.setattr(module, "uuid4", history.uuid)
    return history.run()
