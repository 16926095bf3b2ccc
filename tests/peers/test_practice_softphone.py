"""The practice agents' telephone against the real media process: it hears, and is heard."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from tests.peers.desks import talking_phone
from tests.peers.media import Cell, Media, media_process
from tests.tone import decoded, has_tone

from caesura.practice.softphone import Softphone
from caesura.voice import port
from caesura.voice.media import tones

CALLEE_HZ, AGENT_HZ = 440.0, 1000.0


@pytest.fixture
async def media(tmp_path: Path) -> AsyncIterator[Media]:
    options = ("--desk-ports", "36100-36199", "--desk-host", "127.0.0.1")
    async with media_process(tmp_path / "media.sock", *options) as media:
        yield media


@asynccontextmanager
async def connected(cell: Cell) -> AsyncIterator[tuple[UUID, Softphone]]:
    desk, phone = uuid4(), Softphone(tones.sine(AGENT_HZ, 1000))
    cell.link.send(port.OpenDesk(desk=desk, offer=await phone.offer(), number=1))
    answer = await cell.wait(port.DeskAnswer, desk, within_s=10)
    await phone.accept(answer.sdp)
    await cell.wait(port.DeskConnected, desk, within_s=10)
    try:
        yield desk, phone
    finally:
        await phone.close()


async def test_an_agent_and_a_callee_hear_each_other(media: Media) -> None:
    cell = await media.connect()
    async with (
        talking_phone(cell, CALLEE_HZ) as (attempt, callee),
        connected(cell) as (desk, phone),
    ):
        cell.link.send(port.Bridge(attempt=attempt, peer=desk))
        await cell.wait(port.Bridged, attempt)
        await asyncio.sleep(2.5)
        assert has_tone(decoded(phone.sound()[-4000:], "PCMU"), CALLEE_HZ)
        assert has_tone(callee.hears(), AGENT_HZ)
        phone.muted = True
        await asyncio.sleep(0.8)
        assert not has_tone(callee.hears(), AGENT_HZ)


async def test_who_hangs_up_is_noticed_at_once(media: Media) -> None:
    cell = await media.connect()
    async with connected(cell) as (desk, phone):
        await phone.close()
        lost = await cell.wait(port.DeskLost, desk, within_s=2)
        assert "closed" in lost.reason
