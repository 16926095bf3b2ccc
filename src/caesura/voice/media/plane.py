"""The media plane of one cell: carries out ToMedia, tells FromMedia (caesura.voice.port).

Each attempt has at most one stream, which plays a recording or silence to the callee and listens
for keys and speech. Not here: the unix socket (server.py), RTP and pacing (streams.py).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final
from uuid import UUID

import msgspec

from caesura.voice import port
from caesura.voice.media import rtp
from caesura.voice.media.dtmf import KeyReceiver
from caesura.voice.media.recordings import Recordings
from caesura.voice.media.speech import SpeechDetector
from caesura.voice.media.streams import Stream, StreamSet

_POLL_S: Final = 0.05  # how often silence is looked for where no packets come

Tell = Callable[[msgspec.Struct], None]


class Callee:
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
        self._speech = SpeechDetector(order.codec, order.silence_ms)

    async def read_and_play(self, path: str, recordings: Recordings) -> None:
        """Play a file that is not in memory, unless another order comes first."""
        number = self._next_number()
        try:
            recording = await recordings.read(path)
        except OSError as error:
            self._unreadable(path, error)
            return
        if number == self._play_number and not self.stream.closed:
            self._start(path, recording)

    def play(self, path: str, recordings: Recordings) -> bool:
        """Play a file at once if it is in memory; otherwise return False."""
        try:
            recording = recordings.kept(path)
        except OSError as error:
            self._unreadable(path, error)
            return True
        if recording is None:
            return False
        self._next_number()
        self._start(path, recording)
        return True

    def stop(self) -> None:
        self._next_number()
        self.stream.stop()

    def close(self) -> port.StreamClosed:
        self._next_number()
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

    def _start(self, path: str, recording: bytes) -> None:
        if not recording:
            self._failed(f"the recording {path} is empty")
            return
        self.stream.play(recording, lambda: self._tell(port.Played(attempt=self.attempt)))

    def _heard(self, packet: rtp.Packet, now: float) -> None:
        if packet.payload_type == self.stream.payload_type:
            self._spoke(self._speech.feed(packet.payload, now))
        elif packet.payload_type == self.stream.event_type:
            for key in self._keys.feed(packet):
                self._tell(port.Digit(attempt=self.attempt, digit=key, at=time.time()))

    def _spoke(self, change: bool | None) -> None:
        if change is not None:
            self._tell(port.Speech(attempt=self.attempt, speaking=change, at=time.time()))

    def _next_number(self) -> int:
        self._play_number += 1
        return self._play_number

    def _unreadable(self, path: str, error: OSError) -> None:
        self._failed(f"cannot read the recording {path}: {error.strerror or error}")

    def _failed(self, reason: str) -> None:
        self._tell(port.StreamFailed(attempt=self.attempt, reason=reason))


class Plane:
    """All callees of one cell. `tell` sends a message to it."""

    def __init__(self, host: str, recordings: Recordings, tell: Tell) -> None:
        self._host = host
        self._recordings = recordings
        self._tell = tell
        self._streams = StreamSet()
        self._callees: dict[UUID, Callee] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._poll_timer: asyncio.TimerHandle | None = None
        self._abandoned = False

    @property
    def idle(self) -> bool:
        return not self._callees

    def carry_out(self, order: port.ToMedia) -> None:
        match order:
            case port.OpenStream():
                self._open(order)
            case port.Play():
                callee = self._known(order.attempt)
                if callee is not None and not callee.play(order.path, self._recordings):
                    task = asyncio.create_task(callee.read_and_play(order.path, self._recordings))
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)
            case port.StopPlaying():
                callee = self._known(order.attempt)
                if callee is not None:
                    callee.stop()
            case port.CloseStream():
                self._close(order.attempt)

    def abandon(self) -> None:
        """The cell is gone: what plays is played to its end, everything else closes now."""
        self._abandoned = True
        self._close_what_is_silent()

    def close(self) -> None:
        """Close everything now and say nothing."""
        for callee in self._callees.values():
            callee.close()
        self._callees.clear()
        for task in self._tasks:
            task.cancel()
        if self._poll_timer is not None:
            self._poll_timer.cancel()
            self._poll_timer = None

    def _open(self, order: port.OpenStream) -> None:
        if order.attempt in self._callees:
            self._fail(order.attempt, "this attempt has a stream already")
            return
        try:
            callee = Callee(order, self._streams, self._host, self._tell)
        except OSError as error:
            self._fail(order.attempt, f"cannot bind UDP port {order.port}: {error.strerror}")
        except ValueError as error:
            self._fail(order.attempt, str(error))
        else:
            self._callees[order.attempt] = callee
            if self._poll_timer is None:
                self._poll_later()

    def _close(self, attempt: UUID) -> None:
        callee = self._callees.pop(attempt, None)
        # Every CloseStream has its answer, so that a cell can wait for it without knowing more.
        self._tell(
            port.StreamClosed(attempt=attempt, packets_sent=0, packets_received=0, jitter_ms=None)
            if callee is None
            else callee.close()
        )

    def _known(self, attempt: UUID) -> Callee | None:
        callee = self._callees.get(attempt)
        if callee is None:
            self._fail(attempt, "this attempt has no open stream")
        return callee

    def _fail(self, attempt: UUID, reason: str) -> None:
        self._tell(port.StreamFailed(attempt=attempt, reason=reason))

    def _poll_later(self) -> None:
        self._poll_timer = asyncio.get_running_loop().call_later(_POLL_S, self._poll)

    def _poll(self) -> None:
        self._poll_timer = None
        now = time.monotonic()
        for callee in tuple(self._callees.values()):
            callee.poll(now)
        if self._abandoned:
            self._close_what_is_silent()
        if self._callees:
            self._poll_later()

    def _close_what_is_silent(self) -> None:
        for attempt, callee in tuple(self._callees.items()):
            if not callee.stream.playing:
                del self._callees[attempt]
                callee.close()
