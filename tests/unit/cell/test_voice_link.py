"""The cell's link to its line: kept up over the line's restarts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from tests.unit.cell.conftest import Peer

from caesura.cell.voice_link import VoiceLink
from caesura.voice.port import FromLine, NotLaunched, ShutGate

NEWS = NotLaunched(attempt=UUID(int=1), reason="gate_shut")


class Owner:
    def __init__(self, peer: Peer) -> None:
        self.told: asyncio.Queue[Any] = asyncio.Queue()
        self.link = VoiceLink(
            "line",
            peer.path,
            FromLine,
            on_message=self.told.put_nowait,
            on_up=lambda: self.told.put_nowait("up"),
            on_down=lambda: self.told.put_nowait("down"),
        )

    async def hears(self) -> Any:
        async with asyncio.timeout(2):
            return await self.told.get()


@asynccontextmanager
async def running(peer: Peer) -> AsyncIterator[Owner]:
    owner = Owner(peer)
    task = asyncio.create_task(owner.link.run())
    yield owner
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_messages_go_both_ways_in_order(peer: Peer) -> None:
    async with running(peer) as owner:
        assert await owner.hears() == "up"
        assert owner.link.up
        for campaign in range(100):
            owner.link.send(ShutGate(campaign=campaign))
        assert [(await peer.hear()).campaign for _ in range(100)] == list(range(100))
        peer.say(NEWS)
        assert await owner.hears() == NEWS


async def test_a_line_that_restarts_is_connected_to_again(peer: Peer) -> None:
    async with running(peer) as owner:
        assert await owner.hears() == "up"
        await peer.stop()
        assert await owner.hears() == "down"
        assert not owner.link.up
        owner.link.send(ShutGate(campaign=1))  # lost, as its owner knows
        await peer.start()
        assert await owner.hears() == "up"
        owner.link.send(ShutGate(campaign=2))
        assert (await peer.hear()).campaign == 2
        peer.say(NEWS)
        assert await owner.hears() == NEWS


async def test_a_line_that_is_not_there_yet_is_waited_for(peer: Peer) -> None:
    await peer.stop()
    async with running(peer) as owner:
        await asyncio.sleep(0.15)
        assert not owner.link.up
        assert owner.told.empty()
        await peer.start()
        assert await owner.hears() == "up"
