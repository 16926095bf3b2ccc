"""One agent's desk: a browser's connection for the whole shift, replaced when it must be.

A desk is open from its first offer to its close. Within that time connections come and go (a page
is reloaded, a network changes); the desk, and its place in a conversation, stays. Whatever goes
wrong with a connection ends in a word to the cell and hurts nobody else.

How a lost browser is noticed: it sends 50 packets a second, or answers when asked. Half a second
after the last sign of life it is asked, by STUN as for consent (RFC 7675), and again each half
second; after LOST_S without any sign it is lost. A browser that closes says so (DTLS).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Final
from uuid import UUID

import structlog

from caesura.processes import freeze_heap
from caesura.voice import port
from caesura.voice.media import rtp
from caesura.voice.media.callee import Tell
from caesura.voice.media.ends import End, part
from caesura.voice.media.places import Place, Ports, Unreachable, UnusableOffer
from caesura.voice.media.sender import Sender
from caesura.voice.media.streams import StreamSet

if TYPE_CHECKING:
    from caesura.voice.media.offer import Offer
    from caesura.voice.media.webrtc import Connection

LOST_S: Final = 2.5
_ASK_AFTER_S = 0.5
_GOODBYE_S = 0.3
_CODECS: Final = {number: codec for codec, number in rtp.PAYLOAD_TYPES.items()}

log = structlog.get_logger(__name__)


@cache
def _aiortc() -> tuple[ModuleType, ModuleType]:
    """What knows aiortc, loaded when the first desk comes: 35 MiB and most of a second."""
    from caesura.voice.media import offer, webrtc

    freeze_heap()
    return offer, webrtc


class DeskSender(Sender):
    """What a desk hears, over the connection that it has at the moment."""

    __slots__ = ("_connection",)

    def __init__(self) -> None:
        super().__init__("PCMU", None, silence=True)
        self._connection: Connection | None = None

    def use(self, connection: Connection, numbering: rtp.Numbering, agreed: Offer) -> None:
        """Send by this connection from now on, as its offer was answered."""
        self._connection = connection
        self._numbering = numbering
        self._forwarding = self._talking = False
        self._takes = frozenset(agreed.codecs)
        self.event_type = agreed.event_type
        if self.codec not in self._takes:
            self.speak(agreed.codecs[0])

    def mute(self) -> None:
        """Nothing is sent, for nobody is there."""
        self._connection = None

    def speak(self, codec: str) -> None:
        """Send silence in this codec, so that a call in it begins without a change."""
        if codec in self._takes:
            self.codec, self.payload_type = codec, rtp.PAYLOAD_TYPES[codec]

    def _transmit(self, packet: bytes) -> None:
        if self._connection is not None:
            self._connection.send(packet)


class Desk(End):
    """One desk. `streams` gives it its turns to send."""

    sender: DeskSender

    def __init__(
        self, desk: UUID, streams: StreamSet, places: Sequence[Place], ports: Ports, tell: Tell
    ) -> None:
        super().__init__(DeskSender())
        self.desk: Final = desk
        self._streams = streams
        self._places = places
        self._ports = ports
        self._tell = tell
        self._connection: Connection | None = None
        self._agreed: Offer | None = None  # what the connection's offer was
        self._number = 0  # of the connection's offer
        self._lost = False
        self._connecting: asyncio.Task[None] | None = None
        self._closing: set[asyncio.Task[None]] = set()

    def is_there(self, now: float) -> bool:
        return self._connection is not None and not self._lost

    def prepare_for(self, other: End) -> None:
        self.sender.speak(other.sender.codec)

    def offered(self, order: port.OpenDesk) -> None:
        """Connect by this offer; what was connecting is given up."""
        if self._connecting is not None:
            self._connecting.cancel()
        self._connecting = asyncio.create_task(self._connect(order))

    def poll(self, now: float) -> None:
        """Look whether the browser is there; several times a second."""
        connection = self._connection
        if connection is None:
            return
        silent_s = now - connection.heard_at
        if silent_s >= _ASK_AFTER_S:
            connection.ask()
        if not self._lost and silent_s >= LOST_S:
            self._lose(f"nothing was heard of the browser for {LOST_S:g} s", silent_s)
        elif self._lost and silent_s < _ASK_AFTER_S:
            self._tell_connected()

    def close(self) -> None:
        """End everything; nothing is told after this."""
        part(self)
        if self._connecting is not None:
            self._connecting.cancel()
        connection, self._connection = self._connection, None
        self._mute()
        if connection is not None:
            self._close_later(connection)

    @property
    def closing(self) -> bool:
        """Whether, after `close`, a socket is still open."""
        return bool(self._closing) or not (self._connecting is None or self._connecting.done())

    async def closed(self) -> None:
        """Wait until all sockets are closed; not long, for it is only a goodbye."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GOODBYE_S):
                if self._connecting is not None:
                    await asyncio.wait([self._connecting])
                await asyncio.gather(*self._closing)

    # --------------------------------------------------------------- a connection

    async def _connect(self, order: port.OpenDesk) -> None:
        coming: Connection | None = None  # until it is the desk's

        def fail(reason: str) -> None:
            self._tell(port.DeskFailed(desk=self.desk, number=order.number, reason=reason))

        try:
            # In a thread: what is played meanwhile goes on.
            offer, webrtc = await asyncio.to_thread(_aiortc)
            agreed: Offer = offer.read(order.offer, order.codecs)
            connection: Connection = webrtc.Connection(
                self._places,
                self._ports,
                lambda packet, now: self._heard(connection, packet),
                lambda reason: self._closed(connection, reason),
            )
            coming = connection
            await connection.gather()
            numbering = rtp.Numbering()
            # In the lower half: a receiver that misses a wrap-around among the first packets
            # could decrypt nothing (RFC 3711 section 3.3.1).
            numbering.sequence &= 0x7FFF
            answer = offer.answer(
                agreed,
                ice=connection.ice,
                candidates=connection.candidates,
                fingerprints=connection.fingerprints,
                ssrc=numbering.ssrc,
            )
            self._tell(port.DeskAnswer(desk=self.desk, sdp=answer, number=order.number))
            await connection.connect(agreed.ice, agreed.dtls, agreed.role)
            self._take_over(connection, agreed, numbering, order.number)
            coming = None
        except (UnusableOffer, Unreachable) as error:
            fail(str(error))
        except Exception as error:
            log.error("desk.failed", desk=str(self.desk), exc_info=error)
            fail(f"the connection failed ({error!r}): reload the page")
        finally:
            if coming is not None:
                self._close_later(coming)

    def _take_over(
        self, connection: Connection, agreed: Offer, numbering: rtp.Numbering, number: int
    ) -> None:
        before, self._connection = self._connection, connection
        self._agreed, self._number = agreed, number
        if before is not None:
            self._close_later(before, silently=True)
        self._mute()
        self.sender.use(connection, numbering, agreed)
        if self.other is not None:
            self.prepare_for(self.other)
        self._tell_connected()

    def _tell_connected(self) -> None:
        self._lost = False
        self._streams.attach(self.sender)
        self._tell(port.DeskConnected(desk=self.desk, number=self._number))

    def _heard(self, connection: Connection, data: bytes) -> None:
        packet = rtp.parse(data)
        if connection is not self._connection or packet is None or self._agreed is None:
            return
        codec = _CODECS.get(packet.payload_type)
        if codec is not None or packet.payload_type == self._agreed.event_type:
            self.said(packet, codec)

    def _closed(self, connection: Connection, reason: str) -> None:
        if connection is not self._connection:
            return
        self._connection = None
        self.sender.mute()
        self._close_later(connection)
        if not self._lost:
            self._lose(reason)

    def _lose(self, reason: str, silent_s: float = 0.0) -> None:
        self._lost = True
        self._streams.detach(self.sender)
        if self.other is not None:
            self.other.sender.rest()
        self._tell(port.DeskLost(desk=self.desk, reason=reason, silent_s=silent_s))

    def _mute(self) -> None:
        self._streams.detach(self.sender)
        self.sender.mute()

    def _close_later(self, connection: Connection, *, silently: bool = False) -> None:
        task = asyncio.create_task(self._close(connection, silently=silently))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _close(self, connection: Connection, *, silently: bool) -> None:
        try:
            await connection.close(silently=silently)
        except Exception as error:
            log.error("desk.close_failed", desk=str(self.desk), exc_info=error)
