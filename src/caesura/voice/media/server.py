"""The media process: listens on a unix socket for its cell and hands its orders to a plane.

One cell at a time. When its link is lost, what plays is played to its end. The next connection
starts with nothing: whatever still plays is closed, because nobody knows it any more.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from pathlib import Path

import structlog

from caesura.channel.link import Link
from caesura.processes import freeze_heap
from caesura.voice import port
from caesura.voice.media.places import Place, Ports
from caesura.voice.media.plane import Plane
from caesura.voice.media.recordings import Recordings

_log = structlog.get_logger(__name__)


class Server:
    """Accepts cells. `host` is what it tells them to offer, `bind` where it binds the streams.

    `desk_places` and `desk_ports` are where agents' browsers reach it; without ports, they do not.
    """

    def __init__(
        self,
        host: str,
        ports: Sequence[int],
        bind: str | None = None,
        desk_places: Sequence[Place] = (),
        desk_ports: Sequence[int] = (),
    ) -> None:
        self._host = host
        self._desk_places = desk_places
        self._desk_ports = Ports(desk_ports) if desk_ports else None
        self._bind = bind or host
        self._ports = list(ports)
        self._recordings = Recordings()
        self._link: Link[port.ToMedia] | None = None
        self._plane: Plane | None = None

    def accept(self) -> Link[port.ToMedia]:
        """The protocol of a new connection."""
        return _CellLink(self)

    def connected(self, link: Link[port.ToMedia]) -> None:
        """A cell has come: the one before, if it is still there, has nothing to say any more."""
        before = self._link
        self.close()
        if before is not None:
            _log.warning("media.second_cell", detail="the newer connection takes over")
            before.close()
        self._link = link
        self._plane = Plane(
            self._bind,
            self._recordings,
            link.send,
            self._desk_places,
            self._desk_ports,
        )
        link.send(port.MediaReady(host=self._host, ports=self._ports))

    def ordered(self, link: Link[port.ToMedia], order: port.ToMedia) -> None:
        if link is self._link and self._plane is not None:
            self._plane.carry_out(order)

    def lost(self, link: Link[port.ToMedia]) -> None:
        if link is self._link:
            self._link = None
            if self._plane is not None:
                self._plane.abandon()

    def close(self) -> Plane | None:
        """Close everything now; the plane whose goodbyes may be waited for, if there was one."""
        plane, self._plane = self._plane, None
        if plane is not None:
            plane.close()
        return plane


class _CellLink(Link[port.ToMedia]):
    def __init__(self, server: Server) -> None:
        super().__init__(
            port.ToMedia,
            lambda order: server.ordered(self, order),
            lambda: server.lost(self),
        )
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._server.connected(self)


async def serve(socket: Path, server: Server) -> None:
    """Listen until SIGTERM or SIGINT, then close everything. Raises OSError if it cannot listen."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    # A socket that a killed process left behind is replaced.
    listener = await loop.create_unix_server(server.accept, str(socket))
    freeze_heap()
    try:
        await stop.wait()
    finally:
        listener.close()
        plane = server.close()
        if plane is not None:
            await plane.closed()
