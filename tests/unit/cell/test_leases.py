"""Which answers may open a gate: not those of before it was shut, nor of a lease that was lost."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from caesura.cell.cell import Cell
from caesura.cell.held import Held
from caesura.rules.campaign import CampaignSettings
from caesura.rules.runner import Runner
from caesura.store import lease
from caesura.store.database import Database
from caesura.store.lease import Acquired

GIVEN = Acquired(7, 2, datetime(2026, 3, 2, tzinfo=UTC))
ANEW = Acquired(7, 2, GIVEN.acquired_at + timedelta(seconds=5))


class GatesOfCell:
    """A cell that is not started: what it would do to its gates."""

    def __init__(self, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        nowhere = directory / "nowhere"
        database = Database("postgresql://nowhere")
        self.cell = Cell(
            database, node="n", line=nowhere, media=nowhere, messenger=nowhere, directory=directory
        )
        self.held = Held(7, Runner(7, CampaignSettings()), 1)
        self.cell._held[7] = self.held
        self.acknowledged: asyncio.Event = asyncio.Event()
        monkeypatch.setattr(self.cell._silencer, "acknowledge", self._acknowledge)

    async def _acknowledge(self, held: Held, _shut: Any, _drain: Any) -> None:
        await self.acknowledged.wait()
        held.silencing = False

    @property
    def epoch(self) -> int | None:
        return self.held.runner.epoch

    def hears(self, given: Acquired, t0: float) -> None:
        self.cell._open_gate(self.held, given, t0)

    def pause(self) -> None:
        self.cell._campaign_changed({"id": 7, "state": "pausing", "epoch": 3})

    async def ends_silencing(self) -> None:
        self.acknowledged.set()
        while self.held.silencing:  # noqa: ASYNC110
            await asyncio.sleep(0)
        await asyncio.sleep(0)


@pytest.fixture
async def gates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GatesOfCell:
    return GatesOfCell(tmp_path, monkeypatch)


async def test_an_answer_opens_the_gate(gates: GatesOfCell) -> None:
    gates.hears(GIVEN, time.monotonic())
    assert gates.epoch == 2


async def test_the_gate_shuts_a_margin_before_the_lease_ends(
    gates: GatesOfCell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However fast the clock of whoever confirms by expiry: a tenth of the ttl is room enough."""
    opened: list[float] = []
    monkeypatch.setattr(
        gates.cell._gates, "open", lambda _campaign, _epoch, until, _processes: opened.append(until)
    )
    gates.hears(GIVEN, 100.0)
    assert opened == [pytest.approx(100.9)]


async def test_a_lease_is_reckoned_from_when_it_was_asked_for(
    gates: GatesOfCell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever confirms by expiry counts from the commit, however late its answer comes."""
    opened: list[float] = []
    monkeypatch.setattr(
        gates.cell._gates, "open", lambda _campaign, _epoch, until, _processes: opened.append(until)
    )
    gates.hears(GIVEN, time.monotonic())

    async def renew(_conn: Any, _cell: int) -> list[Acquired]:
        await asyncio.sleep(0.5)
        return [GIVEN]

    monkeypatch.setattr(lease, "renew", renew)
    no_connection: Any = None
    asked = time.monotonic()
    await gates.cell._renew(no_connection)
    assert len(opened) == 2
    assert opened[-1] < asked + 0.9 + 0.4


async def test_an_answer_of_before_the_pause_opens_nothing(gates: GatesOfCell) -> None:
    asked = time.monotonic()
    gates.hears(GIVEN, asked)
    gates.pause()
    assert gates.epoch is None
    gates.hears(GIVEN, asked)
    assert gates.epoch is None
    await gates.ends_silencing()
    gates.hears(GIVEN, asked)
    assert gates.epoch is None


async def test_an_answer_of_before_the_acknowledgement_opens_nothing(gates: GatesOfCell) -> None:
    """It dropped whatever lease there was: also one that was had while it was under way."""
    gates.hears(GIVEN, time.monotonic())
    gates.cell._silence(gates.held, 2)  # its lease was lost
    await asyncio.sleep(0.001)
    asked = time.monotonic()  # a lease anew, and at once a pause of which no notice came
    await asyncio.sleep(0.001)
    await gates.ends_silencing()
    gates.hears(ANEW, asked)
    assert gates.epoch is None
    gates.hears(ANEW, time.monotonic())
    assert gates.epoch == 2


async def test_an_acquisition_under_way_at_the_pause_opens_nothing(gates: GatesOfCell) -> None:
    del gates.cell._held[7]
    asked = time.monotonic()
    gates.pause()
    gates.hears(GIVEN, asked)
    assert gates.epoch is None


async def test_another_lease_of_the_same_epoch_means_that_ours_was_lost(
    gates: GatesOfCell,
) -> None:
    gates.hears(GIVEN, time.monotonic())
    gates.hears(ANEW, time.monotonic())
    assert gates.epoch is None, "launches of the lost lease could be dialled"
    assert gates.held.silencing
    await gates.ends_silencing()
    gates.hears(ANEW, time.monotonic())
    assert gates.epoch == 2


async def test_a_cell_that_stops_opens_no_gate(gates: GatesOfCell) -> None:
    gates.cell._stopping = True
    gates.hears(GIVEN, time.monotonic())
    assert gates.epoch is None
