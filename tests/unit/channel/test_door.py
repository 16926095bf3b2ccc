"""One cell at a time, over a unix socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from caesura.channel.door import Door
from caesura.channel.link import Link
from caesura.channel.port import OpenGate, ShutGate


class Owner:
    """Of a door: what it heard, and how often its cell was gone."""

    def __init__(self, socket: Path) -> None:
        self.heard: list[Any] = []
        self.gone = 0
        self.door: Door[Any] = Door(socket, OpenGate | ShutGate, self.heard.append, self._is_gone)

    def _is_gone(self) -> None:
        self.gone += 1

    async def until(self, met: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not met():  # noqa: ASYNC110
                await asyncio.sleep(0.005)


@pytest.fixture
async def owner(tmp_path: Path) -> AsyncIterator[Owner]:
    owner = Owner(tmp_path / "channel.sock")
    await owner.door.open()
    yield owner
    owner.door.close()
    if owner.door.link is not None:
        owner.door.link.close()
    await asyncio.sleep(0.01)


async def connect(owner: Owner) -> Link[Any]:
    link: Link[Any] = Link(OpenGate | ShutGate, lambda _message: None, lambda: None)
    await asyncio.get_running_loop().create_unix_connection(lambda: link, str(owner.door.socket))
    return link


async def test_what_a_cell_says_is_heard_and_its_loss_is_told_once(owner: Owner) -> None:
    link = await connect(owner)
    link.send(ShutGate(campaign=7))
    await owner.until(lambda: owner.heard == [ShutGate(campaign=7)])
    assert owner.gone == 0
    link.close()
    await owner.until(lambda: owner.door.link is None)
    await asyncio.sleep(0.02)
    assert owner.gone == 1


async def test_another_cell_takes_the_place_of_the_one_before(owner: Owner) -> None:
    before = await connect(owner)
    await owner.until(lambda: owner.door.link is not None)
    newer = await connect(owner)
    await owner.until(lambda: not before.connected)
    newer.send(ShutGate(campaign=8))
    await owner.until(lambda: owner.heard == [ShutGate(campaign=8)])
    # The link of the one before is lost as well, and that is no loss of the cell that is there.
    assert owner.gone == 1
    assert owner.door.link is not None and owner.door.link.connected
    newer.close()
    await owner.until(lambda: owner.gone == 2)


async def test_a_socket_left_behind_is_replaced_and_the_closed_door_keeps_who_is_in(
    tmp_path: Path,
) -> None:
    path = tmp_path / "channel.sock"
    path.touch()
    path.with_name("channel.sock.starting").touch()
    owner = Owner(path)
    await owner.door.open()
    link = await connect(owner)
    await owner.until(lambda: owner.door.link is not None)
    owner.door.close()
    link.send(ShutGate(campaign=9))
    await owner.until(lambda: owner.heard == [ShutGate(campaign=9)])
    with pytest.raises(OSError):
        await connect(owner)
    owner.door.remove()
    assert not path.exists()
    assert not path.with_name("channel.sock.starting").exists()
    link.close()
    await owner.until(lambda: owner.gone == 1)
