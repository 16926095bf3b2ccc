"""Many RTP streams on one event loop: one ticker paces them all.

Each stream is a non-blocking UDP socket, read when the loop says so and written when its turn
comes. How this was chosen: docs/benchmarks.md. Used by the media process and by the
practice carrier alike.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import time
from collections.abc import Callable
from typing import Any, Final

from caesura.voice.media import rtp
from caesura.voice.media.rtp import Packet
from caesura.voice.media.sender import Sender

Address = tuple[Any, ...]  # as sockets give it: (host, port), and two more for IPv6

_PHASES = 4  # streams take turns within the 20 ms, so that they do not all send at once
_CATCH_UP_PACKETS = 3  # after a stall; what is older is late, not lost: the recording waits
_UNSENDABLE_MAX = 50  # packets in a row (one second) that the kernel refused
_DATAGRAM_MAX = 2048


class Ticker:
    """Calls `on_tick` every `period_s` by absolute deadlines, so it never drifts.

    After a stall it runs at most `catch_up` ticks at once and moves its deadlines by the rest.
    """

    def __init__(self, period_s: float, on_tick: Callable[[], None], *, catch_up: int = 3) -> None:
        self.period_s: Final = period_s
        self.deadline = 0.0  # monotonic; of the tick that runs or comes next
        self.skipped = 0  # ticks given up after stalls
        self._on_tick = on_tick
        self._catch_up = catch_up
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def running(self) -> bool:
        return self._timer is not None

    def start(self) -> None:
        """Start on the running loop; the first tick comes one period from now."""
        if self._timer is None:
            self._loop = asyncio.get_running_loop()
            self.deadline = time.monotonic() + self.period_s
            self._timer = self._loop.call_later(self.period_s, self._run)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _run(self) -> None:
        assert self._loop is not None
        due = int((time.monotonic() - self.deadline) / self.period_s) + 1
        if due > self._catch_up:
            self.skipped += due - self._catch_up
            self.deadline += (due - self._catch_up) * self.period_s
            due = self._catch_up
        timer = self._timer
        try:
            for _ in range(due):
                self._on_tick()
                self.deadline += self.period_s
        finally:
            if self._timer is timer:  # neither stopped nor started anew by a tick
                wait = max(0.0, self.deadline - time.monotonic())
                self._timer = self._loop.call_later(wait, self._run)


class Stream(Sender):
    """One RTP stream, both ways. Made by StreamSet.open.

    What it sends: sender.py. Where packets go:
    to the address of the SDP until the first valid packet comes from another one (symmetric RTP,
    RFC 4961: the callee is behind a NAT); after that to where it came from. The SDP's own address
    wins as soon as it speaks. Packets from anywhere else are dropped.
    """

    __slots__ = (
        "_fileno",
        "_learnt",
        "_on_packet",
        "_on_unsendable",
        "_owner",
        "_payload_types",
        "_refused",
        "_sdp_remote",
        "_socket",
        "heard_at",
        "packets_sent",
        "reception",
        "remote",
    )

    def __init__(
        self,
        owner: StreamSet,
        sock: socket.socket,
        remote: Address | None,
        codec: str,
        event_type: int | None,
        *,
        silence: bool,
        on_packet: Callable[[Packet, float], None] | None,
        on_unsendable: Callable[[str], None] | None,
    ) -> None:
        super().__init__(codec, event_type, silence=silence)
        self._owner = owner
        self._socket = sock
        self._fileno = sock.fileno()
        self._sdp_remote = remote
        self._learnt = False
        self.remote = remote  # where packets go now; None: nowhere until the callee speaks
        self._payload_types = {self.payload_type, event_type, rtp.COMFORT_NOISE} - {None}
        self._refused = 0
        self._on_packet = on_packet
        self._on_unsendable = on_unsendable
        self.packets_sent = 0
        self.heard_at = time.monotonic()  # when the last valid packet came, or the opening
        self.reception: Final = rtp.Reception()

    @property
    def port(self) -> int:
        """The local UDP port."""
        port: int = self._socket.getsockname()[1]
        return port

    @property
    def closed(self) -> bool:
        return self._fileno < 0

    def close(self) -> None:
        """Free the port. Nothing is called back after this."""
        if self._fileno >= 0:
            asyncio.get_running_loop().remove_reader(self._fileno)
            self._owner.detach(self)
            self._fileno = -1
            self._on_packet = self._on_unsendable = None
            self.stop()
            self._socket.close()

    # ------------------------------------------------------------- the set's side

    def _transmit(self, packet: bytes) -> None:
        if self.remote is not None and self._fileno >= 0:
            try:
                self._socket.sendto(packet, self.remote)
                self.packets_sent += 1
                self._refused = 0
            except OSError as error:  # full buffer, no route: the next packet may pass
                self._refused_by_kernel(error)

    def _refused_by_kernel(self, error: OSError) -> None:
        self._refused += 1
        if self._refused == _UNSENDABLE_MAX and self._on_unsendable is not None:
            self._on_unsendable(f"cannot send to {self.remote}: {error.strerror or error}")

    def _readable(self) -> None:
        # One datagram a call: the loop comes back while there are more, and a second read that
        # mostly finds nothing would cost as much as the first.
        try:
            data, source = self._socket.recvfrom(_DATAGRAM_MAX)
        except OSError:  # nothing there after all, or an ICMP error of a packet we sent
            return
        packet = rtp.parse(data)
        if packet is None or packet.payload_type not in self._payload_types:
            return
        if (not self._learnt or source != self.remote) and not self._admit(source):
            return
        self.heard_at = now = time.monotonic()
        if packet.payload_type == self.event_type:
            self.reception.arrived_event()
        else:
            self.reception.arrived(packet.ssrc, packet.timestamp, now)
        if self._on_packet is not None:
            self._on_packet(packet, now)

    def _admit(self, source: Address) -> bool:
        """Whether to listen to `source`; if so, it is where packets go from now on."""
        if self._learnt and source != self._sdp_remote:
            return False
        self._learnt = True
        self.remote = source
        return True


class StreamSet:
    """Senders that share a loop and a ticker. The ticker rests while there is none."""

    def __init__(self) -> None:
        self._phases: list[list[Sender]] = [[] for _ in range(_PHASES)]
        self._turn = 0
        self.ticker: Final = Ticker(
            rtp.PACKET_S / _PHASES, self._tick, catch_up=_CATCH_UP_PACKETS * _PHASES
        )

    def __len__(self) -> int:
        return sum(map(len, self._phases))

    def open(
        self,
        host: str,
        port: int,
        remote: tuple[str, int] | None,
        *,
        codec: str = "PCMU",
        event_type: int | None = None,
        silence: bool = True,
        on_packet: Callable[[Packet, float], None] | None = None,
        on_unsendable: Callable[[str], None] | None = None,
    ) -> Stream:
        """Bind `host`:`port` (0: any) and start to send to `remote`; on the running loop.

        `remote` None, port 0 or the unspecified address (a call on hold, RFC 3264 section 8.4):
        send nowhere until the other side speaks. `event_type`: telephone-event payload type.
        `silence`: send silence while nothing plays. `on_packet(packet, arrived_monotonic)` sees
        each valid packet; `on_unsendable(reason)` comes once sending failed for a second.

        Raises OSError if the port is taken, ValueError if an address is no IP address or the
        codec is unknown.
        """
        if codec not in rtp.PAYLOAD_TYPES:
            raise ValueError(f"unknown codec {codec!r}; known: {', '.join(rtp.PAYLOAD_TYPES)}")
        family, local = _numeric(host, port)
        target: Address | None = None
        if remote is not None:
            remote_family, target = _numeric(*remote)
            if remote_family != family:
                raise ValueError(f"{remote[0]} cannot be reached from {host}: IPv4 and IPv6 mixed")
            if not remote[1] or ipaddress.ip_address(remote[0]).is_unspecified:
                target = None
        sock = socket.socket(family, socket.SOCK_DGRAM)
        try:
            sock.setblocking(False)
            sock.bind(local)
        except OSError:
            sock.close()
            raise
        stream = Stream(
            self,
            sock,
            target,
            codec,
            event_type,
            silence=silence,
            on_packet=on_packet,
            on_unsendable=on_unsendable,
        )
        asyncio.get_running_loop().add_reader(sock.fileno(), stream._readable)
        self.attach(stream)
        return stream

    def attach(self, sender: Sender) -> None:
        """Give it its turns, one each 20 ms."""
        phase = min(self._phases, key=len)
        phase.append(sender)
        self.ticker.start()

    def detach(self, sender: Sender) -> None:
        """No more turns; nothing happens if it has none."""
        for phase in self._phases:
            if sender in phase:
                phase.remove(sender)
        if not len(self):
            self.ticker.stop()

    def close(self) -> None:
        """Close all streams."""
        for phase in self._phases:
            for sender in tuple(phase):
                if isinstance(sender, Stream):
                    sender.close()

    def _tick(self) -> None:
        phase = self._phases[self._turn]
        self._turn = (self._turn + 1) % _PHASES
        for sender in tuple(phase):
            sender.tick()


def _numeric(host: str, port: int) -> tuple[socket.AddressFamily, Address]:
    """Family and socket address of a numeric host: a name would block the loop to look it up."""
    try:
        found = socket.getaddrinfo(
            host, port, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
        )
    except socket.gaierror:
        raise ValueError(f"{host!r} is no IP address") from None
    return found[0][0], found[0][4]
