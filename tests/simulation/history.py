"""One history: production cells in simulated time, faults and people by chance, and a judge.

Production code, unchanged: caesura.cell (lease loop, silencer, hands, journal, housekeeping), the
runner with all its rules, the gates, and caesura.store, which asks for pauses, confirms them and
keeps the journal. Simulated: time, network, PostgreSQL (postgres.py, queries.py), SIP (line.py).
All chance comes from the seed, so a seed is a history.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections import Counter
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from tests.simulation import faults
from tests.simulation.clockwork import (
    Loop,
    Machine,
    Process,
    SimulatedDatetime,
    SimulatedTime,
    current,
)
from tests.simulation.judge import Judge
from tests.simulation.line import SimulatedLine, SimulatedMedia, Wire
from tests.simulation.managers import Manager
from tests.simulation.postgres import Client, Server
from tests.simulation.queries import Queries
from tests.simulation.stand_ins import Connection, Database, Log, VoiceLink

from caesura.cell import (
    background,
    cell,
    desk_book,
    desks,
    hands,
    housekeeping,
    journal,
    phones,
    silence,
    spool,
    until_answered,
)
from caesura.rules.activity_hours import ActivityHours, Weekday
from caesura.rules.campaign import (
    CampaignSettings,
    Drain,
    FixedPacing,
    KeyMeaning,
    Message,
    Retry,
    RetryNumber,
)
from caesura.rules.outcome import Outcome
from caesura.store import lifecycle
from caesura.store import silence as store_silence

LEADS = {1: (26,), 2: (14, 12), 3: (10, 8, 8)}  # of each campaign, by how many there are
_WORKED_S, _SETTLED_S = 30.0, 15.0  # so long it may take, once all is healed

SETTINGS = CampaignSettings(
    message=Message(recording="hello", keys={"9": KeyMeaning.OPT_OUT}),
    calling_numbers=["+13125550000", "+13125559999"],
    trunks=["first", "second"],
    pacing=FixedPacing(concurrency=8, cps=12),
    ramp_up_s=1,
    hours=ActivityHours(always=True),
    ring_minimum_s=1,
    retries={
        Outcome.BUSY: Retry(max=2, after_s=1),
        Outcome.CANCELLED: Retry(max=100, after_s=2, number=RetryNumber.SAME),
        Outcome.UNKNOWN: Retry(max=3, after_s=2, number=RetryNumber.SAME),
    },
)
CLOSING = ActivityHours(weekly=dict.fromkeys(Weekday, (("09:00", "16:01"),)))


class Node:
    """A machine with a cell, its line and its media process; it sends no messages."""

    def __init__(self, history: History, number: int) -> None:
        self.history, self.name = history, f"node{number}"
        rng, loop = history.rng, history.loop
        self.machine = Machine(loop, rng.uniform(0.97, 1.03), rng.uniform(0, 1e6))
        self.stops = False
        media = Process(loop, f"{self.name} media", self.machine)
        history.ends[media.name] = SimulatedMedia(media, rng, history.judge.heard_out.add)
        self.start_line()
        self.start_cell()

    def start_line(self) -> None:
        history = self.history
        self.line = Process(history.loop, f"{self.name} line", self.machine)
        history.ends[self.line.name] = SimulatedLine(self.line, history.rng, history.judge)

    def start_cell(self) -> None:
        history = self.history
        self.cell = Process(history.loop, f"{self.name} cell", self.machine)
        self.client = Client(history.server, self.cell, history.rng)
        self._stop, self.stops = asyncio.Event(), False
        history.processes.append(self.cell)
        self._runs = self.cell.spawn(self._run_cell(self.cell, self._stop))

    async def restart_cell(self) -> None:
        """In good order."""
        self.stops = True
        self.history.judge.stopping.add(self._cell_id)
        self._stop.set()
        await self._runs
        await asyncio.sleep(self.history.rng.uniform(0, 0.5))
        self.start_cell()

    async def _run_cell(self, process: Process, stop: asyncio.Event) -> None:
        history = self.history
        database: Any = Database(self.client)
        process.database = database  # type: ignore[attr-defined]
        while not stop.is_set():
            one = cell.Cell(
                database,
                node=self.name,
                line=Path(f"{self.name} line"),
                media=Path(f"{self.name} media"),
                messenger=Path(f"{self.name} messenger"),
                directory=history.directory / self.name,
            )
            self._cell_id = one.id
            try:
                await one.run(stop)
            except psycopg.OperationalError:  # at its start; the supervisor starts it again
                await asyncio.sleep(0.2)


class History:
    """See the module."""

    utc = UTC

    def __init__(self, seed: int, directory: Path) -> None:
        self.rng = random.Random(seed)
        self.directory = directory
        self.loop = Loop()
        self.counts: Counter[str] = Counter()  # what happened, by kind
        self.log: list[str] = []  # the same for people, and for replay
        self.violations: list[str] = []
        self.ends: dict[str, Any] = {}
        self.links: list[tuple[Process, Process, Wire, Wire]] = []
        self.processes: list[Process] = []
        self._ids = 0

    def say(self, what: str) -> None:
        self.log.append(f"{self.loop.time():9.5f} {what}")

    def inflicts(self, kind: str, what: str) -> None:
        self.counts[f"fault: {kind}"] += 1
        self.say(what)

    def breaks(self, what: str) -> None:
        self.violations.append(what)
        self.say(f"VIOLATION {what}")

    def uuid(self) -> UUID:
        self._ids += 1
        return UUID(int=self.rng.getrandbits(96) << 32 | self._ids)

    def digest(self) -> str:
        """The same for the same history."""
        return hashlib.sha256("\n".join(self.log).encode()).hexdigest()

    # --------------------------------------------------------------- the play

    def run(self) -> History:
        try:
            self.loop.run_until_complete(self._run())
        finally:
            self._clear_up()
        for failure in self.loop.failures:
            self.breaks(f"unexpected: {failure}")
        return self

    def _clear_up(self) -> None:
        """End every task in good order, also those of the dead."""
        failures = self.loop.failures.copy()
        processes = self.processes + [end.process for end in self.ends.values()]
        tasks = asyncio.all_tasks(self.loop)
        for process in processes:
            tasks |= process.tasks
            process.dead = False
            process.thaw()
        self.server.up = False
        left = [task for task in tasks if not task.done()]

        async def end() -> None:
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

        self.loop.run_until_complete(end())
        self.loop.close()
        self.loop.failures = failures

    async def _run(self) -> None:
        machine = Machine(self.loop, 1.0, 0.0)
        postgres = Process(self.loop, "postgres", machine)
        self.processes.append(postgres)
        self.server = Server(self.loop, postgres, self.rng, self.counts)
        self.server.queries = Queries(self.server).ask
        self.judge = Judge(self.loop, self.server, self.counts, self.breaks)
        self.server.changed = self.judge.changed
        postgres.spawn(self.server.ends_idle_transactions())
        self._fill()
        self.judge.begins()
        self.nodes = [Node(self, number) for number in range(self.rng.choice((2, 2, 3)))]
        self.managers = [Manager(self, name) for name in ("Ada", "Bo")]
        self.processes += [one.process for one in self.managers]
        healed = asyncio.Event()
        managing = [one.process.spawn(one.work(healed)) for one in self.managers]
        await faults.inflict(self)
        healed.set()
        await asyncio.gather(*managing)
        due_is_over = await self._comes_right()
        self.judge.the_end(due_is_over)

    def _fill(self) -> None:
        rng, number = self.rng, 0
        count = rng.choice((1, 1, 2, 3))
        closes = rng.random() < 0.2  # of the first: soon
        self.loop.starts_at += rng.uniform(54, 58) if closes else 0.0
        self.campaigns = list(range(7, 7 + count))
        self.phones = [f"+1312{5550000 + n}" for n in range(1, max(LEADS[count]) + 1)]
        now = self.server.now()
        for campaign, leads in zip(self.campaigns, LEADS[count], strict=True):
            hours = {"hours": CLOSING} if closes and campaign == 7 else {}
            settings = SETTINGS.model_copy(update={"drain": rng.choice(list(Drain)), **hours})
            self.server.tables["campaign"][campaign] = {
                "id": campaign,
                "name": f"campaign {campaign}",
                "state": "running",
                "state_since": now,
                "agents_go_to": None,
                "epoch": 2,
                "settings_version": 1,
                "resume_at": None,
                "resume_when": [],
                "resume_set_by": None,
                "resumed_at": None,
                "stopped_by": None,
                "two_to_release": False,
                "clock_offset": timedelta(),
                "holds_version": 0,
            }
            self.server.tables["campaign_settings"][campaign, 1] = {
                "settings": settings.model_dump(mode="json"),
                "digest": settings.digest({"lists": ["list"]}),
                "version": 1,
                "changed_by": "given",
                "since_true": 0.0,
            }
            for phone in self.phones[:leads]:
                number += 1
                zone = rng.choice(("UTC", "America/Chicago"))
                self.server.tables["lead"][number] = {
                    "id": number,
                    "campaign_id": campaign,
                    "state": "due",
                    "cell_id": None,
                    "phones": [phone],
                    "zones": [zone],
                    "list_id": campaign,
                    "region": None,
                    "held_by": None,
                    "zone": zone,
                    "phone_index": 1,
                    "priority": 0,
                    "attempts": 0,
                    "tries": {},
                    "result": None,
                    "due_at": now,
                    "put_off": False,
                }

    async def _comes_right(self) -> bool:
        """With all healed, what is silent comes to rest. Then everything runs on, until nothing is
        due; then it is paused, and settles.
        """
        manager = self.managers[0]

        async def resumed() -> None:
            while stand := {c for c in self.campaigns if self._has_holds(c)}:
                for campaign in stand:
                    await manager.tries(manager.resumes_parts(campaign))
                await asyncio.sleep(0.1)
            while held := [c for c in self.campaigns if self._state(c) in ("pausing", "paused")]:
                for campaign in held:
                    await manager.tries(manager.resumes(campaign))
                await asyncio.sleep(0.1)

        async def paused() -> None:
            while any(self._state(c) in ("running", "pausing") for c in self.campaigns):
                await manager.tries(manager.pauses_everything())
                await asyncio.sleep(0.1)

        await self._until(self._rests_where_silent, _SETTLED_S)
        self.judge.silence_holds_no_lead()
        await manager.process.spawn(resumed())
        worked = await self._until(self._nothing_is_due, _WORKED_S)
        await manager.process.spawn(paused())
        await self._until(self._is_settled, _SETTLED_S)
        return worked

    async def _until(self, comes: Any, at_most_s: float) -> bool:
        until = self.loop.time() + at_most_s
        while not comes():
            if self.loop.time() > until:
                return False
            await asyncio.sleep(0.1)
        return True

    def _state(self, campaign: int) -> str:
        return str(self.server.tables["campaign"][campaign]["state"])

    def _has_holds(self, campaign: int) -> bool:
        return self._state(campaign) in ("running", "pausing", "paused") and any(
            row["campaign_id"] == campaign and row["released_at"] is None
            for row in self.server.tables["campaign_hold"].values()
        )

    def _nothing_is_due(self) -> bool:
        return not any(
            self._state(row["campaign_id"]) == "running"
            and row["state"] in ("due", "held")
            and not (row["campaign_id"] == 7 and self._has_closed)
            for row in self.server.tables["lead"].values()
        )

    @property
    def _has_closed(self) -> bool:
        return self.loop.starts_at % 60 != 0 and self.loop.time() > 3.0

    def _rests_where_silent(self) -> bool:
        return not self.judge.held_in_silence()

    def _is_settled(self) -> bool:
        return not any(row["cell_id"] for row in self.server.tables["lead"].values())


def simulate(seed: int, directory: Path, patch: pytest.MonkeyPatch) -> History:
    """Live through the history of `seed`."""
    history = History(seed, directory)

    async def connect(_url: str, **_: Any) -> Connection:
        database: Database = current().database  # type: ignore[attr-defined]
        return await database.connect(autocommit=True)

    patch.setattr(cell, "connect", connect)
    patch.setattr(cell, "VoiceLink", type("Link", (VoiceLink,), {"history": history}))
    # No rule is on in these histories: what they pause for is tested in tests/postgres.
    patch.setattr(cell.PauseRules, "run", lambda _: asyncio.sleep(1e9))
    patch.setattr(spool.os, "fsync", lambda _file: None)  # the disk is not what we test
    log = Log(history)
    patch.setattr(spool, "log", log)
    for module in (
        background,
        cell,
        desk_book,
        desks,
        hands,
        silence,
        housekeeping,
        journal,
        phones,
        lifecycle,
        store_silence,
        until_answered,
    ):
        if hasattr(module, "time"):
            patch.setattr(module, "time", SimulatedTime)
        if hasattr(module, "datetime"):
            patch.setattr(module, "datetime", SimulatedDatetime)
        if hasattr(module, "log"):
            patch.setattr(module, "log", log)
    for module in (cell, hands):
        patch.setattr(module, "uuid4", history.uuid)
    return history.run()
