"""The cell's end of a link to its line or media process, kept up across their restarts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import structlog

from caesura.channel.link import Link

_RETRY_S = 0.1

log = structlog.get_logger(__name__)


class VoiceLink:
    """Connects, and connects again; messages sent while it is down are lost, as its owner knows."""

    def __init__(
        self,
        name: str,
        path: Path,
        incoming: Any,
        *,
        on_message: Callable[[Any], None],
        on_up: Callable[[], None],
        on_down: Callable[[], None],
    ) -> None:
        self._name = name
        self._path = path
        self._incoming = incoming
        self._on_message = on_message
        self._on_up = on_up
        self._on_down = on_down
        self._link: Link[Any] | None = None
        self._lost = asyncio.Event()

    @property
    def up(self) -> bool:
        return self._link is not None

    def send(self, message: msgspec.Struct) -> None:
        if self._link is not None:
            self._link.send(message)

    def _heard(self, message: Any) -> None:
        try:
            self._on_message(message)
        except Exception as error:
            log.error("a message could not be handled", what=message, exc_info=error)

    async def run(self) -> None:
        """Keep the link up for ever."""
        loop = asyncio.get_running_loop()
        while True:
            self._lost.clear()
            try:
                _, link = await loop.create_unix_connection(
                    lambda: Link[Any](self._incoming, self._heard, self._lost.set),
                    str(self._path),
                )
            except OSError:
                await asyncio.sleep(_RETRY_S)
                continue
            self._link = link
            log.info("link up", to=self._name)
            self._on_up()
            try:
                await self._lost.wait()
            finally:
                self._link = None
                link.close()
            log.warning("link lost", to=self._name)
            self._on_down()
