"""The other end of a cell's link: a real unix socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from caesura.channel.link import Link
from caesura.voice.port import ToLine


class Peer:
    """Listens as a line does; `heard` is what the cell said, in order."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.heard: asyncio.Queue[Any] = asyncio.Queue()
        self.links: list[Link[Any]] = []
        self._server: asyncio.AbstractServer | None = None

    async def start(self) -> None:
        self.path.unlink(missing_ok=True)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_unix_server(self._connected, str(self.path))

    def _connected(self) -> Link[Any]:
        link: Link[Any] = Link(ToLine, self.heard.put_nowait, lambda: None)
        self.links.append(link)
        return link

    def say(self, message: Any) -> None:
        self.links[-1].send(message)

    async def hear(self) -> Any:
        async with asyncio.timeout(2):
            return await self.heard.get()

    async def stop(self) -> None:
        await asyncio.sleep(0.01)  # whoever has connected is accepted
        if self._server is not None:
            self._server.close()
            for link in self.links:
                link.close()
            await asyncio.sleep(0.01)
            self._server = None


@pytest.fixture
async def peer(tmp_path: Path) -> AsyncIterator[Peer]:
    peer = Peer(tmp_path / "line")
    await peer.start()
    yield peer
    await peer.stop()
