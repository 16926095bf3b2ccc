"""The one place that goes below aiortc's public interface: ICE, DTLS and SRTP of one browser.

aiortc's own RTCPeerConnection decodes every packet in a thread and encodes every packet anew,
which costs five times what the rest does (docs/benchmarks.md). Here its transports are put
together without its senders and receivers, and RTP goes in and out as it is on the wire. Also
replaced: where aioice binds (an address and a port that the operator named), and that it takes
RTP through a queue and a task. Whoever raises the pinned versions of aiortc and aioice looks at
what is marked "private" here.

Not here: SDP (offer.py), what an RTP packet says, whose connection this is (desk.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import pylibsrtp
import structlog
from aioice import Candidate, stun
from aioice.candidate import candidate_foundation, candidate_priority
from aioice.ice import CandidatePair, StunProtocol
from aioice.ice import Connection as AioiceConnection
from aiortc import (
    RTCCertificate,
    RTCDtlsParameters,
    RTCDtlsTransport,
    RTCIceCandidate,
    RTCIceGatherer,
    RTCIceParameters,
    RTCIceTransport,
)

from caesura.voice.media.places import Place, Ports, Unreachable

log = structlog.get_logger(__name__)
# It tells each check of each pair of addresses as news.
logging.getLogger("aioice").setLevel(logging.WARNING)

CONNECT_S: Final = 15.0  # a browser that has not come by then will not
_DATAGRAM_MAX = 2048
_RTP_HEADER_BYTES = 12
_COMPONENT = 1  # RTP and RTCP share it (RFC 5761)


class _Protocol(StunProtocol):
    """aioice's socket; takes SRTP apart from STUN by its first byte (RFC 7983 section 7)."""

    receiver: _Ice

    def datagram_received(self, data: bytes | str, addr: tuple[Any, ...]) -> None:
        if len(data) >= _RTP_HEADER_BYTES and 127 < data[0] < 192:  # type: ignore[operator]
            self.receiver.srtp_received(data)  # type: ignore[arg-type]
            return
        try:
            super().datagram_received(data, addr)
        except Exception as error:  # whatever anybody may send to an open port
            log.debug("webrtc.malformed", source=addr[0], exc_info=error)


class _Ice(AioiceConnection):
    """aioice's connection, bound where we say, that waits for the browser to come.

    The candidates of the browser are not used: it sends the first packet, to an address that it
    can reach, and where that came from is where it is (peer-reflexive, RFC 8445 section 7.3.1.3).
    So no offer can make this process send to anybody, and names under .local need no look-up.
    """

    def __init__(self, places: Sequence[Place], ports: Ports) -> None:
        super().__init__(ice_controlling=False)
        self._places = places
        self._ports = ports
        self.srtp_received: Callable[[bytes], None] = lambda data: None
        self.heard_at = time.monotonic()  # when anything authenticated came
        self._probe: asyncio.Task[None] | None = None

    async def gather_candidates(self) -> None:
        """Bind one port on every address that this machine has. Raises OSError if none can be."""
        self._local_candidates_start = self._local_candidates_end = True  # private
        for port in self._ports.turns():
            if await self._bind_all(port):
                return
        raise OSError("all are taken")

    async def _bind_all(self, port: int) -> bool:
        """Whether the port was free. An address that has left this machine is passed over."""
        gone: OSError | None = None
        for n, place in enumerate(self._places):
            try:
                await self._bind(place, port, n)
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    await self._unbind()
                    return False
                gone = error
        if gone is not None and not self._protocols:
            raise gone
        return True

    async def _bind(self, place: Place, port: int, n: int) -> None:
        loop = asyncio.get_running_loop()
        transport, protocol = await loop.create_datagram_endpoint(
            lambda: _Protocol(self), local_addr=(place.bound, port)
        )
        if hasattr(transport, "max_size"):  # private: asyncio's has room for 256 KiB a read
            transport.max_size = _DATAGRAM_MAX
        protocol.local_candidate = Candidate(
            foundation=candidate_foundation("host", "udp", place.bound),
            component=_COMPONENT,
            transport="udp",
            # The addresses in the operator's order (RFC 8445 section 5.1.2.1).
            priority=candidate_priority(_COMPONENT, "host", 65535 - n),
            host=place.offered,
            port=port,
            type="host",
        )
        self._protocols.append(protocol)  # private
        self._local_candidates.append(protocol.local_candidate)  # private

    async def _unbind(self) -> None:
        for protocol in self._protocols:
            await protocol.close()
        self._protocols.clear()
        self._local_candidates.clear()

    def check_incoming(
        self, message: stun.Message, addr: tuple[str, int], protocol: StunProtocol
    ) -> None:
        """A check of the browser that has proved itself."""
        self.heard_at = time.monotonic()
        super().check_incoming(message, addr, protocol)

    @property
    def pair(self) -> CandidatePair | None:
        """The pair of addresses that the browser has chosen; it may choose another one later."""
        return self._nominated.get(_COMPONENT)  # private

    def ask(self) -> None:
        """Ask the browser for a sign of life (as RFC 7675 does); the answer is in `heard_at`."""
        if self.pair is not None and (self._probe is None or self._probe.done()):
            self._probe = asyncio.create_task(self._ask(self.pair))

    async def _ask(self, pair: CandidatePair) -> None:
        assert self.remote_password is not None
        with contextlib.suppress(stun.TransactionError):
            await pair.protocol.request(
                self.build_request(pair, nominate=False),
                pair.remote_addr,
                integrity_key=self.remote_password.encode(),
                retransmissions=0,
            )
            self.heard_at = time.monotonic()

    async def close(self) -> None:
        if self._probe is not None:
            self._probe.cancel()
        await super().close()


class Connection:
    """One browser. `on_rtp(data, now)` gets each RTP packet, `on_closed(reason)` comes once.

    The order of things: `gather`, then an answer with `ice`, `dtls` and `candidates`, `connect`,
    `send`, `close`. DTLS's certificate is made anew for each connection: a new fingerprint is how
    a browser learns that the other side has begun again (RFC 8842 section 4).
    """

    def __init__(
        self,
        places: Sequence[Place],
        ports: Ports,
        on_rtp: Callable[[bytes, float], None],
        on_closed: Callable[[str], None],
    ) -> None:
        self._on_rtp = on_rtp
        self._on_closed = on_closed
        self._connection = _Ice(places, ports)
        gatherer = RTCIceGatherer(iceServers=[])
        gatherer._connection = self._connection  # private
        self._ice = RTCIceTransport(gatherer)
        self._dtls = RTCDtlsTransport(self._ice, [RTCCertificate.generateCertificate()])
        self._connection.srtp_received = self._srtp_received
        self._incoming: pylibsrtp.Session | None = None
        self._outgoing: pylibsrtp.Session | None = None
        self._closed = False

    async def gather(self) -> None:
        """Bind the port. Raises Unreachable if there is none."""
        try:
            await self._ice.iceGatherer.gather()
        except OSError as error:
            raise Unreachable(
                f"cannot bind a UDP port for the browser ({error}): widen CAESURA_WEBRTC_PORTS, "
                "and look whether CAESURA_WEBRTC_HOSTS names addresses of this machine"
            ) from error

    @property
    def ice(self) -> RTCIceParameters:
        return self._ice.iceGatherer.getLocalParameters()

    @property
    def candidates(self) -> list[RTCIceCandidate]:
        return self._ice.iceGatherer.getLocalCandidates()

    @property
    def fingerprints(self) -> RTCDtlsParameters:
        return self._dtls.getLocalParameters()

    async def connect(self, ice: RTCIceParameters, dtls: RTCDtlsParameters, role: str) -> None:
        """Wait for the browser and shake hands as DTLS `role` ("client" or "server").

        Raises Unreachable, naming what did not happen.
        """
        try:
            async with asyncio.timeout(CONNECT_S):
                await self._ice.start(ice)
                if self._ice.state != "completed":
                    raise Unreachable("the browser's connection was given up")
                self._dtls._set_role(role)  # private
                await self._dtls.start(dtls)
        except TimeoutError:
            addresses = ", ".join(f"{c.ip}:{c.port}" for c in self.candidates)
            raise Unreachable(
                f"the browser did not reach {addresses} by UDP within {CONNECT_S:.0f} s: open the "
                "ports of CAESURA_WEBRTC_PORTS, and name in CAESURA_WEBRTC_HOSTS an address of "
                "this machine that the browser can reach"
            ) from None
        if self._dtls.state != "connected":
            raise Unreachable("the DTLS handshake with the browser failed: reload the page")
        self._incoming = self._dtls._rx_srtp  # private
        self._outgoing = self._dtls._tx_srtp  # private
        self._connection.heard_at = time.monotonic()
        self._dtls.on("statechange", self._dtls_changed)
        self._ice.on("statechange", self._ice_changed)

    @property
    def heard_at(self) -> float:
        """When the browser last gave a sign of life, monotonic."""
        return self._connection.heard_at

    def ask(self) -> None:
        """Ask it for one."""
        self._connection.ask()

    def send(self, packet: bytes) -> None:
        """Send an RTP packet, encrypted. What cannot be sent now is lost, as in any network."""
        pair = self._connection.pair
        if pair is not None and self._outgoing is not None:
            with contextlib.suppress(pylibsrtp.Error, ValueError):  # too long to be a packet
                pair.protocol.transport.sendto(self._outgoing.protect(packet), pair.remote_addr)

    async def close(self, *, silently: bool = False) -> None:
        """Free the port. Nothing is called back after this.

        `silently`: without DTLS's goodbye, where the same browser goes on by another connection.
        """
        if self._closed:
            return
        self._closed = True
        self._outgoing = self._incoming = None
        if not silently:
            await self._dtls.stop()
        elif self._dtls._task is not None:  # private
            self._dtls._task.cancel()
        await self._ice.stop()

    def _srtp_received(self, data: bytes) -> None:
        if self._incoming is None or 192 <= data[1] <= 223:  # RTCP (RFC 5761 section 4)
            return
        try:
            packet = self._incoming.unprotect(data)
        except pylibsrtp.Error:  # forged, repeated, or of another time
            return
        self._connection.heard_at = now = time.monotonic()
        self._on_rtp(packet, now)

    def _dtls_changed(self) -> None:
        if self._dtls.state in ("closed", "failed"):
            self._tell_closed("the browser closed the connection")

    def _ice_changed(self) -> None:
        if self._ice.state in ("closed", "failed"):
            self._tell_closed("the browser answers no more")

    def _tell_closed(self, reason: str) -> None:
        if not self._closed:
            self._on_closed(reason)
