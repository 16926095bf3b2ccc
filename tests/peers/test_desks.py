"""Desks and bridges of the media process: real WebRTC, real RTP, tones both ways."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from tests.peers.desks import desk_browser, talking_phone
from tests.peers.media import Cell, Media, media_process
from tests.tone import has_tone, level_dbfs

from caesura.voice import port

CALLEE_HZ, DESK_HZ, OTHER_HZ = 440.0, 1000.0, 620.0


@pytest.fixture
async def media(tmp_path: Path) -> AsyncIterator[Media]:
    options = ("--desk-ports", "36000-36099", "--desk-host", "127.0.0.1")
    async with media_process(tmp_path / "media.sock", *options) as media:
        yield media


@pytest.fixture
async def cell(media: Media) -> Cell:
    return await media.connect()


async def until(holds: Callable[[], bool], within_s: float = 5.0) -> None:
    async with asyncio.timeout(within_s):
        while not holds():
            await asyncio.sleep(0.02)


async def bridge(cell: Cell, attempt: object, peer: object) -> port.Bridged:
    cell.link.send(port.Bridge(attempt=attempt, peer=peer))  # type: ignore[arg-type]
    return await cell.wait(port.Bridged, attempt)  # type: ignore[arg-type]


@pytest.mark.parametrize(("callee", "desk_sends"), [("PCMU", "PCMU"), ("PCMA", "PCMU")])
async def test_callee_and_desk_hear_each_other_whatever_law_they_speak(
    cell: Cell, callee: str, desk_sends: str
) -> None:
    async with (
        talking_phone(cell, CALLEE_HZ, callee) as (attempt, phone),
        desk_browser(cell, DESK_HZ, desk_sends) as (desk, browser),
    ):
        await asyncio.sleep(0.3)
        assert level_dbfs(browser.sound()) < -60  # not yet
        assert level_dbfs(phone.hears()) < -60
        await bridge(cell, attempt, desk)
        await asyncio.sleep(1.0)
        assert has_tone(browser.sound(), CALLEE_HZ)
        assert has_tone(phone.hears(), DESK_HZ)
        assert {p.payload_type for p, _ in phone.got} == {0 if callee == "PCMU" else 8}
