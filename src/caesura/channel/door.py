"""Where a channel's process waits for its cell: a unix socket, and one link at a time.

Not here: what is said on the link, and what becomes of what is under way when the cell is gone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, TypeVar

from caesura.channel.link import Link

Incoming = TypeVar("Incoming")

STARTING = ".starting"  # ends the name of a socket that nobody can connect to yet

log = logging.getLogger(__name__)


class Door(Generic[Incoming]):
    """See the module. `open` in a running loop; later `close`, and last of all `remove`."""

    def __init__(
        self,
        socket: Path,
        incoming: Any,  # the union of what a cell says
        on_message: Callable[[Incoming], None],
        on_gone: Callable[[], None],  # the link is lost, or another cell took its place
        on_come: Callable[[], None] = lambda: None,  # a cell is there
    ) -> None:
        self.link: Link[Incoming] | None = None  # to the cell, if there is one
        self.socket = socket
        self._incoming = incoming
        self._on_message = on_message
        self._on_gone = on_gone
        self._on_come = on_come
        self._server: asyncio.AbstractServer | None = None

    async def open(self) -> None:
        """Let a cell in. Raises OSError if the socket cannot be had."""
        loop = asyncio.get_running_loop()
        unready = self.socket.with_name(self.socket.name + STARTING)
        unready.unlink(missing_ok=True)
        self._server = await loop.create_unix_server(self._new_link, str(unready))
        unready.replace(self.socket)  # so that whoever sees the socket can connect to it

    def close(self) -> None:
        """Let no other cell in; who is connected stays so."""
        if self._server is not None:
            self._server.close()

    def remove(self) -> None:
        """Take the socket away: whoever looks for it sees that the process has ended."""
        self.socket.unlink(missing_ok=True)

    def _new_link(self) -> Link[Incoming]:
        """A cell connects; it takes the place of the one before."""
        before = self.link
        link: Link[Incoming] = Link(
            self._incoming, self._on_message, lambda: self._on_link_lost(link)
        )
        self.link = link
        if before is not None:
            log.warning("another cell connected; the one before is cut off")
            before.close()
            self._on_gone()
        self._on_come()
        return link

    def _on_link_lost(self, link: Link[Incoming]) -> None:
        if link is self.link:
            log.warning("the cell is gone")
            self.link = None
            self._on_gone()
