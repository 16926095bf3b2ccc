"""A cell's part in a pause, over a real socket to a line and in a real database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.postgres.material import (
    ZONE,
    ask,
    dialable,
    make_cell,
    receipts,
    running,
    state,
    take,
    waits,
)
from tests.postgres.parts import parts_of
from tests.unit.cell.conftest import Peer

from caesura.cell import silence
from caesura.cell.gates import Gates
from caesura.cell.held import Held
from caesura.cell.silence import Silencer
from caesura.cell.voice_link import VoiceLink
from caesura.rules.claim import Tally
from caesura.rules.moment import Moment
from caesura.rules.runner import Runner
from caesura.store import lifecycle
from caesura.store.database import Database
from caesura.voice.port import FromLine, GateShut, ShutGate

OPEN = Tally({"due": {ZONE: 9}})


@pytest.fixture
async def peer(tmp_path: Path) -> AsyncIterator[Peer]:
    peer = Peer(tmp_path / "line")
    await peer.start()
    yield peer
    await peer.stop()


class CellPart:
    """Of a cell: what a pause needs. Its campaign runs, and two of its leads are claimed."""

    def __init__(self, database: Database, peer: Peer) -> None:
        self.database = database
        self.up = asyncio.Event()
        self.line = VoiceLink(
            "line",
            peer.path,
            FromLine,
            on_message=self._line_says,
            on_up=self.up.set,
            on_down=self._line_down,
        )
        self.gates = Gates()
        self.gates.use("line", self.line)
        self.task = asyncio.create_task(self.line.run())

    def _line_says(self, message: GateShut) -> None:
        self.gates.answered("line", message)

    def _line_down(self) -> None:
        self.gates.is_gone("line")

    async def start(self) -> CellPart:
        database = self.database
        settings = (await dialable(database)).model_copy(
            update={"hours": (await dialable(database)).hours.model_copy(update={"always": True})}
        )
        self.campaign = await running(database, leads=3, settings=settings)
        self.cell = await make_cell(database)
        of = parts_of(database, self.cell, self.line)
        self.hands = of.hands
        self.silencer = Silencer(
            self.cell, database, database, self.gates, of.hands, of.journal, of.desks
        )
        runner = Runner(self.campaign, settings)
        now = Moment(datetime.now(UTC), 0)
        runner.gate_opened(2, now)
        runner.tick(now, 0, OPEN)
        runner.claimed(await take(database, self.campaign, self.cell, 2), {}, now)
        assert len(runner.leads_held) == 2
        self.held = of.held[self.campaign] = Held(self.campaign, runner, 1)
        async with asyncio.timeout(2):
            await self.up.wait()
        return self

    async def acknowledge(self) -> None:
        async with asyncio.timeout(5):
            await self.silencer.acknowledge(self.held, self.silencer.shut_gate(self.held))

    async def claimed(self) -> int:
        return len(await ask(self.database, "SELECT 1 FROM lead WHERE state = 'claimed'"))


@pytest.fixture
async def cell(database: Database, peer: Peer) -> AsyncIterator[CellPart]:
    cell = CellPart(database, peer)
    yield await cell.start()
    cell.task.cancel()
    await asyncio.gather(cell.task, return_exceptions=True)


def shut(campaign: int, last_left_at: float | None = None) -> GateShut:
    return GateShut(campaign=campaign, last_left_at=last_left_at, unlaunched=[])


async def test_it_acknowledges_once_the_line_has_shut_its_gate(
    database: Database, peer: Peer, cell: CellPart
) -> None:
    await lifecycle.pause(database, cell.campaign, actor="dana")
    acknowledging = asyncio.create_task(cell.acknowledge())
    assert await peer.hear() == ShutGate(campaign=cell.campaign)
    assert cell.held.runner.epoch is None
    await asyncio.sleep(0.1)
    assert (await state(database, cell.campaign))["state"] == "pausing"
    peer.say(shut(cell.campaign, 1_700_000_000.5))
    await acknowledging
    assert (await state(database, cell.campaign))["state"] == "paused"
    (sealed,) = await receipts(database, cell.campaign)
    assert sealed["leads_returned"] == 2
    assert sealed["last_launch_at"] == datetime.fromtimestamp(1_700_000_000.5, UTC)
    assert await cell.claimed() == 0


async def test_a_line_that_does_not_answer_is_left_to_the_ttl_and_the_leads_go_back(
    database: Database, peer: Peer, cell: CellPart, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silence, "_LINE_ANSWERS_S", 0.05)
    await lifecycle.pause(database, cell.campaign, actor="dana")
    await cell.acknowledge()
    assert (await state(database, cell.campaign))["state"] == "pausing"
    assert await cell.claimed() == 0


async def test_an_answer_to_an_earlier_order_confirms_nothing(
    database: Database, peer: Peer, cell: CellPart, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the two orders the gate was open again: the line may have more on its desk."""
    monkeypatch.setattr(silence, "_LINE_ANSWERS_S", 0.05)
    await cell.acknowledge()
    cell.held.runner.gate_opened(5, Moment(datetime.now(UTC), 1))
    await lifecycle.pause(database, cell.campaign, actor="dana")
    monkeypatch.setattr(silence, "_LINE_ANSWERS_S", 2)
    acknowledging = asyncio.create_task(cell.acknowledge())
    for _ in range(2):
        assert await peer.hear() == ShutGate(campaign=cell.campaign)
    peer.say(shut(cell.campaign))
    await asyncio.sleep(0.1)
    assert (await state(database, cell.campaign))["state"] == "pausing"
    peer.say(shut(cell.campaign))
    await acknowledging
    assert (await state(database, cell.campaign))["state"] == "paused"


async def test_a_line_that_is_gone_is_not_waited_for(
    database: Database, peer: Peer, cell: CellPart
) -> None:
    await lifecycle.pause(database, cell.campaign, actor="dana")
    acknowledging = asyncio.create_task(cell.acknowledge())
    await peer.hear()
    await peer.stop()
    async with asyncio.timeout(0.3):
        await acknowledging
    assert (await state(database, cell.campaign))["state"] == "pausing"
    async with asyncio.timeout(0.3):
        await cell.acknowledge()
    assert await cell.claimed() == 0


async def test_it_waits_for_a_launch_between_journal_and_line(
    database: Database, peer: Peer, cell: CellPart
) -> None:
    await lifecycle.pause(database, cell.campaign, actor="dana")
    async with cell.held.launching:
        acknowledging = asyncio.create_task(cell.acknowledge())
        await peer.hear()
        peer.say(shut(cell.campaign))
        await asyncio.sleep(0.3)  # long enough on a busy machine, too
        assert (await state(database, cell.campaign))["state"] == "pausing"
    await acknowledging
    assert (await state(database, cell.campaign))["state"] == "paused"


async def test_a_silence_that_the_database_interrupts_keeps_no_lead(
    database: Database, peer: Peer, cell: CellPart, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lifecycle.pause(database, cell.campaign, actor="dana")
    acknowledging = asyncio.create_task(cell.acknowledge())
    await peer.hear()
    async with database.transaction() as conn:
        await conn.execute("SELECT 1 FROM campaign FOR UPDATE")
        peer.say(shut(cell.campaign))
        assert await waits(database, acknowledging)
        # The connection that is about to acknowledge breaks.
        await conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
    await acknowledging
    assert (await state(database, cell.campaign))["state"] == "pausing"
    for _ in range(150):
        if await cell.claimed() == 0:
            break
        await asyncio.sleep(0.02)
    assert await cell.claimed() == 0
    acknowledging = asyncio.create_task(cell.acknowledge())
    await peer.hear()
    peer.say(shut(cell.campaign))
    await acknowledging
    assert (await state(database, cell.campaign))["state"] == "paused"


async def test_a_decision_that_the_database_interrupts_is_read_again_and_keeps_no_lead(
    database: Database, peer: Peer, cell: CellPart
) -> None:
    await lifecycle.pause(database, cell.campaign, actor="dana")
    async with database.transaction() as conn:
        await conn.execute("LOCK TABLE receipt IN ACCESS EXCLUSIVE MODE")
        acknowledging = asyncio.create_task(cell.acknowledge())
        await peer.hear()
        assert await waits(database, acknowledging)
        # The connection that reads the decision breaks.
        await conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
    peer.say(shut(cell.campaign))
    await acknowledging
    assert (await state(database, cell.campaign))["state"] == "paused"
    assert await cell.claimed() == 0
