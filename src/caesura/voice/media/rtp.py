"""RTP packets, how a sender numbers them, and what a receiver counts (RFC 3550). Pure: no I/O.

G.711 only (RFC 3551 section 4.5.14): 8000 samples a second, one byte a sample, 20 ms a packet.
Not here: RTCP (nothing that we call asks for it), sockets (streams.py), DTMF events (dtmf.py).
"""

from __future__ import annotations

import secrets
import struct
from typing import Final, NamedTuple

RATE: Final = 8000  # timestamp units, samples and bytes per second
PACKET_S: Final = 0.020  # RFC 3551 section 4.2: the default packetisation interval
PACKET_BYTES: Final = 160  # 20 ms of G.711

PAYLOAD_TYPES: Final = {"PCMU": 0, "PCMA": 8}  # RFC 3551 section 6, table 4
SILENCE: Final = {"PCMU": b"\xff", "PCMA": b"\xd5"}  # one sample of silence (ITU-T G.711)
COMFORT_NOISE: Final = 13  # RFC 3389

_HEADER = struct.Struct("!BBHII")
_HEADER_BYTES = _HEADER.size
_PLAIN = 0x80  # version 2, no padding, no extension, no contributing sources
_MARKER = 0x80
_VERSION = 2


class Packet(NamedTuple):
    """One RTP packet; header extension, contributing sources and padding are left out."""

    payload_type: int
    marker: bool
    sequence: int  # 16 bits
    timestamp: int  # 32 bits, units of 1/8000 s
    ssrc: int  # 32 bits
    payload: bytes


def build(packet: Packet) -> bytes:
    """The packet as it goes on the wire. Sequence and timestamp wrap around by themselves."""
    return (
        _HEADER.pack(
            _PLAIN,
            packet.payload_type | (_MARKER if packet.marker else 0),
            packet.sequence & 0xFFFF,
            packet.timestamp & 0xFFFFFFFF,
            packet.ssrc,
        )
        + packet.payload
    )


def header(
    payload_type: int, sequence: int, timestamp: int, ssrc: int, *, marker: bool = False
) -> bytes:
    """The header alone, of numbers that are within their bits."""
    return _HEADER.pack(
        _PLAIN, payload_type | _MARKER if marker else payload_type, sequence, timestamp, ssrc
    )


def parse(data: bytes) -> Packet | None:
    """The packet in a datagram, or None if it is none (RFC 3550 appendix A.1).

    RTCP that shares the port is none either: its packet types read as payload types 64-95
    (RFC 5761 section 4).
    """
    if len(data) < _HEADER_BYTES:
        return None
    first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
    if first >> 6 != _VERSION:
        return None
    payload_type = second & 0x7F
    if 64 <= payload_type <= 95:
        return None
    payload = data[_HEADER_BYTES:] if first == _PLAIN else _payload_behind_options(data, first)
    if payload is None:
        return None
    return Packet(payload_type, second >= _MARKER, sequence, timestamp, ssrc, payload)


def _payload_behind_options(data: bytes, first: int) -> bytes | None:
    """The payload of a packet with padding, extension or contributing sources; None if broken."""
    start = _HEADER_BYTES + 4 * (first & 0x0F)
    if first & 0x10:  # section 5.3.1: profile, length in 32-bit words, then that many words
        if len(data) < start + 4:
            return None
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4], "big")
    end = len(data)
    if first & 0x20:  # section 5.1: the last byte counts the padding, itself included
        padding = data[-1]
        if padding == 0:
            return None
        end -= padding
    return data[start:end] if start <= end else None


class Numbering:
    """The numbers that one sender puts on its packets (RFC 3550 section 5.1).

    They start at random, as the RFC asks, so that nobody can guess them to inject packets.
    `timestamp` is that of the next 20 ms; it runs on while nothing is sent.
    """

    __slots__ = ("sequence", "ssrc", "timestamp")

    def __init__(self) -> None:
        self.ssrc = secrets.randbits(32)
        self.sequence = secrets.randbits(16)
        self.timestamp = secrets.randbits(32)

    def next(
        self, payload_type: int, payload: bytes, *, marker: bool, timestamp: int | None = None
    ) -> bytes:
        """The next packet, ready to send. `timestamp` only for what does not follow the clock."""
        header = _HEADER.pack(
            _PLAIN,
            payload_type | _MARKER if marker else payload_type,
            self.sequence,
            self.timestamp if timestamp is None else timestamp,
            self.ssrc,
        )
        self.sequence = (self.sequence + 1) & 0xFFFF
        return header + payload

    def pass_time(self) -> None:
        """20 ms are over."""
        self.timestamp = (self.timestamp + PACKET_BYTES) & 0xFFFFFFFF


class Reception:
    """What came in on one stream: how many packets, and how unevenly (RFC 3550 section 6.4.1)."""

    __slots__ = ("_jitter", "_measured", "_ssrc", "_transit", "received")

    def __init__(self) -> None:
        self.received = 0  # valid packets, duplicates included
        self._jitter = 0.0  # timestamp units
        self._measured = False
        self._transit: float | None = None  # of the packet before, timestamp units
        self._ssrc: int | None = None

    def arrived(self, ssrc: int, timestamp: int, at: float) -> None:
        """Count a media packet that arrived `at` (monotonic seconds). Appendix A.8."""
        self.received += 1
        # Modulo 2**32, as the sender's clock starts anywhere and wraps around.
        transit = (at * RATE - timestamp) % 4294967296.0
        before = self._transit
        self._transit = transit
        if before is None or ssrc != self._ssrc:
            self._ssrc = ssrc
            return
        d = abs(transit - before)
        if d > 2147483648.0:
            d = 4294967296.0 - d
        self._jitter += (d - self._jitter) / 16.0
        self._measured = True

    def arrived_event(self) -> None:
        """Count a packet whose timestamp stands still (RFC 4733): it says nothing of jitter."""
        self.received += 1

    @property
    def jitter_ms(self) -> float | None:
        """Interarrival jitter in milliseconds; None before the second packet."""
        return self._jitter * 1000.0 / RATE if self._measured else None
