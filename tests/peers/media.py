"""A media process, and who speaks with it over its unix socket and real UDP."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import msgspec

from caesura.channel.link import Link
from caesura.voice import port
from caesura.voice.media import rtp

HOST = "127.0.0.1"
EVENTS = 101

M = TypeVar("M", bound=msgspec.Struct)


class Cell:
    """The cell's end of the link: sends orders, keeps what is told."""

    def __init__(self) -> None:
        self.told: list[msgspec.Struct] = []
        self.ready: port.MediaReady
        self._news = asyncio.Event()
        self.link: Link[port.FromMedia] = Link(port.FromMedia, self._on_message, lambda: None)

    def _on_message(self, message: msgspec.Struct) -> None:
        self.told.append(message)
        self._news.set()

    async def wait(self, kind: type[M], attempt: UUID | None = None, within_s: float = 3) -> M:
        """The first message of the kind (and attempt, or desk) that is told, taken out."""
        async with asyncio.timeout(within_s):
            while True:
                for message in self.told:
                    if isinstance(message, kind) and (
                        attempt is None
                        or attempt in (getattr(message, w, None) for w in ("attempt", "desk"))
                    ):
                        self.told.remove(message)
                        return message
                self._news.clear()
                await self._news.wait()

    def all(self, kind: type[M]) -> list[M]:
        return [message for message in self.told if isinstance(message, kind)]


class Peer:
    """A callee's socket: keeps what arrives, with the time, and sends what it is told to."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.bind((HOST, 0))
        self.port: int = self.socket.getsockname()[1]
        self.got: list[tuple[rtp.Packet, float]] = []
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self.socket.fileno(), self._read)

    def _read(self) -> None:
        packet = rtp.parse(self.socket.recv(2048))
        assert packet is not None
        self.got.append((packet, time.monotonic()))

    def send(self, to: int, packet: rtp.Packet) -> None:
        self.socket.sendto(rtp.build(packet), (HOST, to))

    def close(self) -> None:
        self._loop.remove_reader(self.socket.fileno())
        self.socket.close()

    @property
    def sound(self) -> bytes:
        return b"".join(packet.payload for packet, _ in self.got)


class Media:
    """A running media process."""

    def __init__(self, process: asyncio.subprocess.Process, path: Path) -> None:
        self.process = process
        self.path = path

    async def connect(self) -> Cell:
        """A connected cell that has been told MediaReady."""
        cell = Cell()
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(10):
            while True:
                try:
                    await loop.create_unix_connection(lambda: cell.link, str(self.path))
                    break
                except ConnectionRefusedError:  # the socket is bound, and does not listen yet
                    assert self.process.returncode is None
                    await asyncio.sleep(0.02)
        cell.ready = await cell.wait(port.MediaReady)
        return cell


@asynccontextmanager
async def media_process(path: Path, *options: str) -> AsyncIterator[Media]:
    """A media process that listens on `path`; it offers ports that nobody takes.

    It must end without having logged an error.
    """
    command = f"-m caesura.voice.media --socket {path} --host {HOST} --ports 20000-20005"
    log = path.with_suffix(".log")
    with log.open("w") as stderr:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *command.split(), *options, stderr=stderr
        )
    try:
        async with asyncio.timeout(10):
            while not path.exists():  # noqa: ASYNC240
                assert process.returncode is None
                await asyncio.sleep(0.02)
        yield Media(process, path)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    said = log.read_text()
    assert "Traceback" not in said and '"level": "error"' not in said, said


_given: set[int] = set()


def free_port() -> int:
    """A port that is free, and was not given before: it is bound only later."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind((HOST, 0))
            number: int = probe.getsockname()[1]
        if number not in _given:
            _given.add(number)
            return number


def open_stream(cell: Cell, remote_port: int, **more: Any) -> tuple[UUID, int]:
    """Order a stream; its attempt and local port."""
    order = port.OpenStream(
        attempt=uuid4(),
        port=free_port(),
        remote_host=HOST,
        remote_port=remote_port,
        codec="PCMU",
        dtmf_payload_type=EVENTS,
    )
    order = msgspec.structs.replace(order, **more)
    cell.link.send(order)
    return order.attempt, order.port
