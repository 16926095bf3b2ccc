"""One attempt's stream: plays to the callee, listens for keys and speech, talks to another end."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from typing import Final

import msgspec

from caesura.voice import port
from caesura.voice.media import rtp, tones
from caesura.voice.media.dtmf import KEYS, KeyReceiver
from caesura.voice.media.ends import End, part
from caesura.voice.media.recordings import Recordings
from caesura.voice.media.speech import SpeechDetector
from caesura.voice.media.streams import Stream, StreamSet

_GONE_S: Final = 5.0  # a callee who sends nothing for so long has hung up

Tell = Callable[[msgspec.Struct], None]


@cache
def _beep(codec: str) -> bytes:
    return tones.sine(880.0, 120, level_dbfs=-16.0, codec=codec)


class Callee(End):
    """One attempt's stream, and what is heard on it."""

    def __init__(self, order: port.OpenStream, streams: StreamSet, host: str, tell: Tell) -> None:
        """Raises OSError if the port is taken, ValueError if the order makes no sense."""
        self.attempt: Final = order.attempt
        self._tell = tell
        self._keys = KeyReceiver()
        self._play_number = 0  # of the last Play or StopPlaying: an older file may still be read
        self.stream: Final[Stream] = streams.open(
            host,
            order.port,
            (order.remote_host, order.remote_port),
            codec=order.codec,
            event_type=order.dtmf_payload_type,
            on_packet=self._heard,
            on_unsendable=self._failed,
        )
        super().__init__(self.stream)
        self._speech = SpeechDetector(order.codec, order.silence_ms)

    async def read_and_play(self, path: str, recordings: Recordings, *, loop: bool = False) -> None:
        """Play a file that is not in memory, unless another order comes first."""
        number = self._next_number()
        try:
            recording = await recordings.read(path)
        except OSError as error:
            self._unreadable(path, error, loop=loop)
            return
        if number == self._play_number and not self.stream.closed:
            self._start(path, recording, loop=loop)

    def play(self, path: str, recordings: Recordings, *, loop: bool = False) -> bool:
        """Play a file at once if it is in memory; otherwise return False.

        `loop`: again and again, and Played is not told.
        """
        try:
            recording = recordings.kept(path)
        except OSError as error:
            self._unreadable(path, error, loop=loop)
            return True
        if recording is None:
            return False
        self._next_number()
        self._start(path, recording, loop=loop)
        return True

    def beep(self) -> None:
        """Say with a short tone that somebody is there; what they say meanwhile is not heard."""
        self._next_number()
        self.stream.play(_beep(self.stream.codec))

    def press(self, digits: str) -> None:
        """Press keys towards the callee. Raises ValueError, saying why, if that cannot be."""
        if self.stream.event_type is None:
            raise ValueError("the callee's side takes no telephone events (RFC 4733)")
        for digit in digits:
            if digit not in KEYS:
                raise ValueError(f"{digit!r} is no telephone key; keys are {KEYS}")
        for digit in digits:
            self.stream.press(digit)

    def stop(self) -> None:
        self._next_number()
        self.stream.stop()

    def retrieve(self) -> None:
        """End the hold, if there is one, and its recording."""
        if self.on_hold:
            self.on_hold = False
            self.stop()

    def is_there(self, now: float) -> bool:
        return now - self.stream.heard_at <= _GONE_S

    def in_conversation(self, now: float) -> bool:
        """Whether it talks to somebody, and both are there."""
        other = self.other
        return other is not None and self.talks and self.is_there(now) and other.is_there(now)

    def close(self) -> port.StreamClosed:
        self._next_number()
        part(self)
        self.stream.close()
        reception = self.stream.reception
        return port.StreamClosed(
            attempt=self.attempt,
            packets_sent=self.stream.packets_sent,
            packets_received=reception.received,
            jitter_ms=reception.jitter_ms,
        )

    def poll(self, now: float) -> None:
        """Notice that the callee has stopped speaking though no packets come."""
        self._spoke(self._speech.poll(now))

    def _start(self, path: str, recording: bytes, *, loop: bool) -> None:
        if not recording:
            self._unplayable(f"the recording {path} is empty", loop=loop)
        elif loop:
            self.stream.play(recording, loop=True)
        else:
            self.stream.play(recording, lambda: self._tell(port.Played(attempt=self.attempt)))

    def _heard(self, packet: rtp.Packet, now: float) -> None:
        if packet.payload_type == self.stream.payload_type:
            if self.talks:  # whether a person speaks is a person's to hear now
                self.said(packet, self.stream.codec)
            else:
                self._spoke(self._speech.feed(packet.payload, now))
        elif packet.payload_type == self.stream.event_type:
            for key in self._keys.feed(packet):
                self._tell(port.Digit(attempt=self.attempt, digit=key, at=time.time()))
            self.said(packet, None)
        else:
            self.fell_silent()

    def _spoke(self, change: bool | None) -> None:
        if change is not None:
            self._tell(port.Speech(attempt=self.attempt, speaking=change, at=time.time()))

    def _next_number(self) -> int:
        self._play_number += 1
        return self._play_number

    def _unreadable(self, path: str, error: OSError, *, loop: bool) -> None:
        reason = f"cannot read the recording {path}: {error.strerror or error}"
        self._unplayable(reason, loop=loop)

    def _unplayable(self, reason: str, *, loop: bool) -> None:
        if loop:  # music on hold: for want of it nobody's call has to end
            self._tell(port.NotDone(attempt=self.attempt, order="Hold", reason=reason))
        else:
            self._failed(reason)

    def _failed(self, reason: str) -> None:
        self._tell(port.StreamFailed(attempt=self.attempt, reason=reason))
