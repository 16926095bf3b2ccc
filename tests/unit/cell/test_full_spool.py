"""A cell whose spool is full starts no calls, until what is in it is stored."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from caesura.cell.cell import Cell, moment
from caesura.cell.held import Held
from caesura.cell.voice_link import VoiceLink
from caesura.rules.campaign import CampaignSettings
from caesura.rules.runner import Runner
from caesura.store.database import Database


@pytest.fixture
def rooms(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many calls the runner was told that it may start, tick after tick."""
    seen: list[int] = []

    def tick(_runner: Runner, _now: Any, room: int, _tally: Any, _crew: Any) -> tuple[()]:
        seen.append(room)
        return ()

    monkeypatch.setattr(Runner, "tick", tick)
    monkeypatch.setattr(Cell, "_room", lambda *_: 5)
    monkeypatch.setattr(VoiceLink, "up", True)
    yield seen


async def test_a_full_spool_leaves_no_room_for_calls(tmp_path: Path, rooms: list[int]) -> None:
    nowhere = tmp_path / "nowhere"
    cell = Cell(
        Database("postgresql://nowhere"),
        node="n",
        line=nowhere,
        media=nowhere,
        messenger=nowhere,
        directory=tmp_path,
        spool_bytes_max=10,
    )
    held = cell._held[7] = Held(7, Runner(7, CampaignSettings()), 1)
    held.runner.epoch = 2
    cell._tick(held, moment(), starts=True)
    cell._journal.undo(7, uuid4())
    await cell._journal.keep()
    cell._tick(held, moment(), starts=True)
    state = cell._report()
    assert (state.waiting, state.spool_full) == (1, True)
    assert state.spool_filled_at is not None
    await asyncio.to_thread(cell._spool.clear)
    cell._tick(held, moment(), starts=True)
    assert rooms == [5, 0, 5]
    assert cell._report().spool_filled_at == state.spool_filled_at  # remembered, for people
