"""The cell's end of a link, for tests of a process that serves a cell."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import msgspec

from caesura.channel.link import Link
from caesura.channel.port import OpenGate

CAMPAIGN = 7
EPOCH = 3

Message = TypeVar("Message")


class LinkedCell:
    """The cell's end of the link, and the process at the other."""

    incoming: ClassVar[Any]  # the messages that the process may send

    def __init__(self, process: subprocess.Popen[bytes], path: Path) -> None:
        self.process = process
        self.messages: list[Any] = []  # all that came, in order
        self._path = path
        self._news = asyncio.Event()
        self._taken: set[int] = set()
        self._link: Link[Any] | None = None

    async def connect(self) -> None:
        loop = asyncio.get_running_loop()
        link: Link[Any] = Link(self.incoming, self._on_message, lambda: None)
        await loop.create_unix_connection(lambda: link, str(self._path))
        self._link = link

    @property
    def connected(self) -> bool:
        return self._link is not None and self._link.connected

    def disconnect(self) -> None:
        assert self._link is not None
        self._link.close()

    def _on_message(self, message: Any) -> None:
        self.messages.append(message)
        self._news.set()

    def send(self, message: msgspec.Struct) -> None:
        assert self._link is not None
        self._link.send(message)

    def open_gate(
        self, seconds: float = 30.0, epoch: int = EPOCH, campaign: int = CAMPAIGN
    ) -> None:
        until = time.monotonic() + seconds
        self.send(OpenGate(campaign=campaign, epoch=epoch, until_monotonic=until))

    async def next(
        self,
        kind: type[Message],
        attempt: UUID | None = None,
        *,
        within_s: float = 5.0,
        where: Callable[[Any], Any] = lambda _message: True,
    ) -> Message:
        """The next message of this kind (and attempt) that no `next` has taken yet."""
        async with asyncio.timeout(within_s):
            while True:
                for index, message in enumerate(self.messages):
                    if (
                        index not in self._taken
                        and isinstance(message, kind)
                        and (attempt is None or getattr(message, "attempt", None) == attempt)
                        and where(message)
                    ):
                        self._taken.add(index)
                        return message
                self._news.clear()
                await self._news.wait()

    def about(self, attempt: UUID) -> list[str]:
        """The kinds of message that came for an attempt, in order."""
        return [type(m).__name__ for m in self.messages if getattr(m, "attempt", None) == attempt]

    def end(self) -> None:
        """Kill the process, and leave the link."""
        self.process.kill()
        if self.connected:
            self.disconnect()
        self.process.wait(5)
