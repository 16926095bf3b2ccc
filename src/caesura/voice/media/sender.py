"""What one end of a conversation sends: keys before a recording, before the other end, before
silence.

One RTP stream out (RFC 3550) with one SSRC and numbers that never jump back, whatever its packets
are made of: what is played and pressed is numbered at this end's 20 ms turns (streams.py), what
the other end says is passed on as it comes, undecoded, at the moment in which it comes. Where the
packets go is for the classes below it: a UDP socket (streams.Stream) or a browser (desk.py).
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from typing import Final

from caesura.voice.media import dtmf, g711, rtp
from caesura.voice.media.rtp import PACKET_BYTES, PAYLOAD_TYPES, Packet

# So long may the other end say nothing before silence is sent in its place: longer than packets
# of a bad network are late, shorter than a receiver's patience.
_QUIET_TICKS: Final = 10  # 200 ms
# Beyond these, numbers are a new beginning and no loss: a sender that restarted, a transfer.
_LOST_MAX: Final = 100  # packets
_LATE_MAX: Final = 32  # packets
_LEAP_MAX: Final = rtp.RATE  # timestamp units: one second


class Sender(ABC):
    """While it has nothing else to send it sends silence, or nothing if opened so."""

    __slots__ = (
        "_at",
        "_began_at",
        "_first",
        "_forwarding",
        "_keys",
        "_keys_timestamp",
        "_looping",
        "_numbering",
        "_on_played",
        "_playing",
        "_quiet",
        "_sequence_offset",
        "_silent",
        "_source",
        "_spoke_at",
        "_takes",
        "_talking",
        "_timestamp_offset",
        "codec",
        "event_type",
        "payload_type",
    )

    _clock = staticmethod(time.monotonic)

    def __init__(self, codec: str, event_type: int | None, *, silence: bool) -> None:
        self.codec = codec
        self.payload_type = PAYLOAD_TYPES[codec]
        self.event_type = event_type
        self._takes: frozenset[str] = frozenset({codec})
        self._silent = not silence
        self._numbering = rtp.Numbering()
        self._playing: bytes | None = None
        self._looping = False
        self._at = 0  # bytes of `_playing` that were sent
        self._on_played: Callable[[], None] | None = None
        self._talking = False  # whether the packet before belongs to the same talkspurt
        self._keys: deque[tuple[bytes, bool]] = deque()  # event payloads, and if one starts
        self._keys_timestamp = 0
        self._forwarding = False  # whether the offsets below hold: the other end talks
        self._quiet = 0  # turns since a packet was passed on
        self._spoke_at = 0.0  # when one was
        self._source = 0  # SSRC that is passed on
        self._first = 0  # sequence number of its first packet that was
        self._began_at = 0.0  # and when
        self._sequence_offset = 0
        self._timestamp_offset = 0

    @property
    def playing(self) -> bool:
        """Whether a recording plays that has an end."""
        return self._playing is not None and not self._looping

    def play(
        self, recording: bytes, on_played: Callable[[], None] | None = None, *, loop: bool = False
    ) -> None:
        """Send `recording` (raw G.711 of this end's codec) from its start, now.

        What plays is replaced and its `on_played` never called. A last packet that is not full
        is filled with silence, or with the beginning where it is played again and again.
        """
        self._playing, self._at, self._on_played = recording, 0, on_played
        self._looping = loop
        self._talking = False  # section 5.1 of RFC 3551: the marker bit opens a talkspurt

    def stop(self) -> None:
        """Stop playing; its `on_played` is not called."""
        self._playing = self._on_played = None

    def press(self, key: str, duration_ms: int = 100) -> None:
        """Send a key press as telephone events, after those that still wait."""
        if self.event_type is None:
            raise ValueError("this stream has no telephone-event payload type")
        payloads = dtmf.press(key, duration_ms)
        self._keys.extend((payload, n == 0) for n, payload in enumerate(payloads))

    # --------------------------------------------------------------- the other end

    def forward(self, packet: Packet, codec: str | None) -> None:
        """Pass on what the other end says, now: audio in `codec`, or a telephone event (None).

        Its gaps in sequence numbers stay gaps, so that the receiver knows of the loss, and its
        timestamps keep their distances. Nothing is decoded; where the laws differ, each byte is
        exchanged by a table. What comes while something is played or pressed here is dropped.
        """
        if self._keys or self._playing is not None:
            return
        payload = packet.payload
        if codec is None:
            if self.event_type is None:
                return
            payload_type = self.event_type
        elif codec in self._takes:
            payload_type = PAYLOAD_TYPES[codec]
        else:
            payload = payload.translate(g711.TRANSCODE[codec, self.codec])
            payload_type = self.payload_type
        begins = not self._forwarding or packet.ssrc != self._source
        if begins or self._leaps(packet, audio=codec is not None):
            begins = True
            self._begin(packet)
        numbering = self._numbering
        sequence = (packet.sequence + self._sequence_offset) & 0xFFFF
        timestamp = (packet.timestamp + self._timestamp_offset) & 0xFFFFFFFF
        now = self._clock()
        if (sequence - numbering.sequence) & 0xFFFF < _LOST_MAX:
            numbering.sequence = (sequence + 1) & 0xFFFF
            if codec is not None:
                numbering.timestamp = (timestamp + len(payload)) & 0xFFFFFFFF
            else:
                self._pass_time_of_event(timestamp, payload)
        elif now - self._began_at < 1.0 and (packet.sequence - self._first) & 0xFFFF >= 0x8000:
            return  # late, and its place was taken by what came from here
        self._quiet = 0
        self._spoke_at = now
        self._transmit(
            rtp.header(
                payload_type,
                sequence,
                timestamp,
                numbering.ssrc,
                marker=begins or packet.marker,
            )
            + payload
        )

    def rest(self) -> None:
        """The other end says nothing from now on: silence from the next turn."""
        if self._forwarding:
            self._pass_quiet_time()

    def _leaps(self, packet: Packet, *, audio: bool) -> bool:
        """Whether the packet's numbers do not go on from those before."""
        numbering = self._numbering
        ahead = (packet.sequence + self._sequence_offset - numbering.sequence) & 0xFFFF
        if _LOST_MAX <= ahead < 0x10000 - _LATE_MAX:
            return True
        if not audio or ahead >= _LOST_MAX:
            return False
        leap = (packet.timestamp + self._timestamp_offset - numbering.timestamp) & 0xFFFFFFFF
        return _LEAP_MAX + ahead * 2 * PACKET_BYTES <= leap < 0x100000000 - _LEAP_MAX

    def _begin(self, packet: Packet) -> None:
        """Let this packet have the numbers that are next here."""
        if self._forwarding:
            self._pass_quiet_time()
        numbering = self._numbering
        self._forwarding = True
        self._began_at = self._clock()
        self._source = packet.ssrc
        self._first = packet.sequence
        self._sequence_offset = numbering.sequence - packet.sequence
        self._timestamp_offset = numbering.timestamp - packet.timestamp

    def _pass_time_of_event(self, timestamp: int, payload: bytes) -> None:
        """An event covers the time from its timestamp on (RFC 4733 section 2.3.5)."""
        numbering = self._numbering
        end = (timestamp + int.from_bytes(payload[2:4], "big")) & 0xFFFFFFFF
        if (end - numbering.timestamp) & 0xFFFFFFFF < 0x80000000:
            numbering.timestamp = end

    def _pass_quiet_time(self) -> None:
        """The other end has stopped: let the clock, which stood at its last word's end, go on."""
        self._forwarding = self._talking = False
        quiet = round((self._clock() - self._spoke_at) * rtp.RATE) - PACKET_BYTES
        numbering = self._numbering
        numbering.timestamp = (numbering.timestamp + max(0, quiet)) & 0xFFFFFFFF

    # --------------------------------------------------------------- its turn

    def tick(self) -> None:
        """20 ms are over: send what is due."""
        ended: Callable[[], None] | None = None
        if self._forwarding:
            waiting = self._keys or self._playing is not None
            self._quiet += 1
            if not waiting and self._quiet < _QUIET_TICKS:
                return
            self._pass_quiet_time()
        if self._keys:
            packet = self._next_of_key()
        else:
            if self._playing is not None:
                payload, ended = self._next_of_recording(self._playing)
            elif self._silent:
                self._talking = False
                self._numbering.pass_time()
                return
            else:
                payload = _SILENT[self.codec]
            packet = self._numbering.next(self.payload_type, payload, marker=not self._talking)
            self._talking = True
        self._numbering.pass_time()
        self._transmit(packet)
        if ended is not None:
            ended()

    def _next_of_key(self) -> bytes:
        payload, starts = self._keys.popleft()
        if starts:
            self._keys_timestamp = self._numbering.timestamp
        assert self.event_type is not None
        self._talking = False
        return self._numbering.next(
            self.event_type, payload, marker=starts, timestamp=self._keys_timestamp
        )

    def _next_of_recording(self, playing: bytes) -> tuple[bytes, Callable[[], None] | None]:
        """The next 20 ms, and whom to tell if they are the last."""
        at = self._at
        payload = playing[at : at + PACKET_BYTES]
        self._at = at = at + PACKET_BYTES
        if at < len(playing):
            return payload, None
        if self._looping:
            while len(payload) < PACKET_BYTES:
                payload += playing[: PACKET_BYTES - len(payload)]
            self._at = at % len(playing)
            return payload, None
        ended = self._on_played
        self.stop()
        return payload.ljust(PACKET_BYTES, rtp.SILENCE[self.codec]), ended

    @abstractmethod
    def _transmit(self, packet: bytes) -> None:
        """Hand a packet to the network; must not raise."""


_SILENT: Final = {codec: sample * PACKET_BYTES for codec, sample in rtp.SILENCE.items()}
