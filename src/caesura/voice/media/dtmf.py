"""Key presses as RTP telephone events (RFC 4733). Pure: no I/O.

Not here: tones in the audio itself. Whoever offers no telephone-event gets no keys.
"""

from __future__ import annotations

import struct
from collections import deque
from typing import Final

from caesura.voice.media.rtp import PACKET_BYTES, RATE, Packet

KEYS: Final = "0123456789*#ABCD"  # RFC 4733 section 3.2: the event code is the place in here

_EVENT = struct.Struct("!BBH")
_END = 0x80
_END_REPEATS = 3  # section 2.5.1.4: the end is sent three times
_SEGMENT = 0xFFFF  # section 2.5.1.3: the longest duration; then a new timestamp, same press
# Two presses of one key lie at least 40 ms tone + 40 ms pause apart (ITU-T Q.24). Senders that
# wrongly move the timestamp within one press do it by a packet's time. 50 ms parts the two.
_SAME_PRESS = RATE * 50 // 1000
_REMEMBERED = 16  # events, against late and repeated packets


def event(key: str, *, duration: int, end: bool, volume: int = 10) -> bytes:
    """One event payload (section 2.3). `duration` in 1/8000 s, `volume` in -dBm0."""
    return _EVENT.pack(KEYS.index(key), (_END if end else 0) | (volume & 0x3F), duration)


def press(key: str, duration_ms: int = 100) -> list[bytes]:
    """All payloads of one key press, to be sent one each 20 ms with the first one's timestamp.

    The first carries the marker bit (section 2.5.1.1). Raises ValueError for what is no key.
    """
    if key not in KEYS or len(key) != 1:
        raise ValueError(f"{key!r} is no telephone key; keys are {KEYS}")
    total = max(PACKET_BYTES, duration_ms * RATE // 1000)
    steps = range(PACKET_BYTES, total, PACKET_BYTES)
    last = event(key, duration=total, end=True)
    return [event(key, duration=step, end=False) for step in steps] + [last] * _END_REPEATS


class KeyReceiver:
    """Turns telephone-event packets into keys, each press once.

    A press is reported with the first of its packets that arrives, so no loss of later ones (the
    end, above all) can lose it, and the caller is not kept waiting for the key to be let go.
    Packets of a press that was reported already, late or repeated, say nothing new: all packets
    of an event carry one timestamp (section 2.5.1.2).
    """

    __slots__ = ("_code", "_ended", "_seen", "_ssrc", "_timestamp")

    def __init__(self) -> None:
        self._ssrc: int | None = None
        self._seen: deque[int] = deque(maxlen=_REMEMBERED)  # timestamps
        self._code = -1  # of the newest press
        self._timestamp = 0  # of the newest press's newest packet
        self._ended = True

    def feed(self, packet: Packet) -> str:
        """The keys whose press this packet is the first to tell: mostly none or one."""
        if packet.ssrc != self._ssrc:
            self._ssrc = packet.ssrc
            self._seen.clear()
            self._ended = True
        keys = ""
        timestamp = packet.timestamp
        marker = packet.marker
        # Section 2.5.1.5: further events in one packet follow each other in time.
        for start in range(0, len(packet.payload) - _EVENT.size + 1, _EVENT.size):
            code, flags, duration = _EVENT.unpack_from(packet.payload, start)
            if code < len(KEYS) and self._is_new(code, timestamp, marker=marker):
                keys += KEYS[code]
            if flags & _END and timestamp == self._timestamp:
                self._ended = True
            timestamp = (timestamp + duration) & 0xFFFFFFFF
            marker = False
        return keys

    def _is_new(self, code: int, timestamp: int, *, marker: bool) -> bool:
        if timestamp in self._seen:
            return False
        goes_on = (
            not marker
            and not self._ended
            and code == self._code
            and self._follows((timestamp - self._timestamp) & 0xFFFFFFFF)
        )
        self._seen.append(timestamp)
        self._code, self._timestamp, self._ended = code, timestamp, False
        return not goes_on

    @staticmethod
    def _follows(distance: int) -> bool:
        """Whether a timestamp so far ahead can still belong to the same press."""
        return distance <= _SAME_PRESS or _SEGMENT - PACKET_BYTES <= distance <= _SEGMENT + 1
