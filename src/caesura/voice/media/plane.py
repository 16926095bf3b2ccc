"""The media plane of one cell: carries out ToMedia, tells FromMedia (caesura.voice.port).

Each attempt has at most one stream, which plays a recording or silence to the callee and listens
for keys and speech (callee.py). Each desk is a browser (desk.py). Bridges join two of them
(ends.py). Not here: the unix socket (server.py), RTP and pacing (streams.py).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from caesura.voice import port
from caesura.voice.media.callee import Callee, Tell
from caesura.voice.media.desk import Desk
from caesura.voice.media.ends import End, hold, join, part
from caesura.voice.media.places import Place, Ports
from caesura.voice.media.recordings import Recordings
from caesura.voice.media.streams import StreamSet

_POLL_S: Final = 0.05  # how often silence is looked for where no packets come


class Plane:
    """All callees and desks of one cell. `tell` sends a message to it."""

    def __init__(
        self,
        host: str,
        recordings: Recordings,
        tell: Tell,
        desk_places: Sequence[Place] = (),
        desk_ports: Ports | None = None,
    ) -> None:
        """`desk_places` and `desk_ports` are where browsers come; without ports, they do not."""
        self._host = host
        self._recordings = recordings
        self._tell = tell
        self._desk_places = desk_places
        self._desk_ports = desk_ports
        self._streams = StreamSet()
        self._callees: dict[UUID, Callee] = {}
        self._desks: dict[UUID, Desk] = {}
        self._leaving: list[Desk] = []  # closed, their sockets not yet
        self._tasks: set[asyncio.Task[None]] = set()
        self._poll_timer: asyncio.TimerHandle | None = None
        self._abandoned = False

    @property
    def idle(self) -> bool:
        return not self._callees and not self._desks

    def carry_out(self, order: port.ToMedia) -> None:
        match order:
            case port.OpenStream():
                self._open(order)
            case port.Play():
                callee = self._known(order.attempt)
                if callee is not None:
                    self._play(callee, order.path, loop=False)
            case port.StopPlaying():
                callee = self._known(order.attempt)
                if callee is not None:
                    callee.stop()
            case port.CloseStream():
                self._close(order.attempt)
            case port.OpenDesk() | port.CloseDesk():
                self._carry_out_for_desk(order)
            case _:
                self._carry_out_in_conversation(order)

    def abandon(self) -> None:
        """The cell is gone: what plays is played to its end, and conversations go on.

        As the line lets them (voice/line/line.py). Everything else closes now.
        """
        self._abandoned = True
        self._close_what_is_silent()

    def close(self) -> None:
        """Close everything now and say nothing."""
        for callee in self._callees.values():
            callee.close()
        self._callees.clear()
        for desk in tuple(self._desks):
            self._close_desk(desk)
        for task in self._tasks:
            task.cancel()
        if self._poll_timer is not None:
            self._poll_timer.cancel()
            self._poll_timer = None

    async def closed(self) -> None:
        """After `close`: wait until the desks' browsers have been told goodbye."""
        for desk in self._leaving:
            await desk.closed()
        self._leaving.clear()

    # --------------------------------------------------------------- streams

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
            self._poll_later()

    def _close(self, attempt: UUID) -> None:
        callee = self._callees.pop(attempt, None)
        # Every CloseStream has its answer, so that a cell can wait for it without knowing more.
        self._tell(
            port.StreamClosed(attempt=attempt, packets_sent=0, packets_received=0, jitter_ms=None)
            if callee is None
            else callee.close()
        )

    def _play(self, callee: Callee, path: str, *, loop: bool) -> None:
        if not callee.play(path, self._recordings, loop=loop):
            task = asyncio.create_task(callee.read_and_play(path, self._recordings, loop=loop))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _known(self, attempt: UUID) -> Callee | None:
        callee = self._callees.get(attempt)
        if callee is None:
            self._fail(attempt, _NO_STREAM)
        return callee

    def _fail(self, attempt: UUID, reason: str) -> None:
        self._tell(port.StreamFailed(attempt=attempt, reason=reason))

    # --------------------------------------------------------------- desks

    def _carry_out_for_desk(self, order: port.OpenDesk | port.CloseDesk) -> None:
        if isinstance(order, port.CloseDesk):
            self._close_desk(order.desk)
            return
        if self._desk_ports is None:
            reason = "this media process has no desks"
            self._tell(port.DeskFailed(desk=order.desk, number=order.number, reason=reason))
            return
        desk = self._desks.get(order.desk)
        if desk is None:
            desk = self._desks[order.desk] = Desk(
                order.desk, self._streams, self._desk_places, self._desk_ports, self._tell
            )
        desk.offered(order)
        self._poll_later()

    def _close_desk(self, number: UUID) -> None:
        desk = self._desks.pop(number, None)
        if desk is not None:
            desk.close()
            self._leaving = [left for left in self._leaving if left.closing]
            self._leaving.append(desk)

    # --------------------------------------------------------------- conversations

    def _carry_out_in_conversation(
        self,
        order: port.Bridge | port.Unbridge | port.Hold | port.Retrieve | port.SendDigits,
    ) -> None:
        callee = self._callees.get(order.attempt)
        if callee is None:
            if not isinstance(order, port.Unbridge | port.Retrieve):  # it is so already
                self._not_done(order, _NO_STREAM)
            return
        match order:
            case port.Bridge():
                self._bridge(callee, order)
            case port.Unbridge():
                part(callee)
            case port.Hold():
                hold(callee)
                callee.stop()
                if order.path is not None:
                    self._play(callee, order.path, loop=True)
            case port.Retrieve():
                callee.retrieve()
            case port.SendDigits():
                try:
                    callee.press(order.digits)
                except ValueError as error:
                    self._not_done(order, str(error))

    def _bridge(self, callee: Callee, order: port.Bridge) -> None:
        peer: End | None = self._desks.get(order.peer) or self._callees.get(order.peer)
        if peer is None:
            self._not_done(order, f"there is no open desk or stream {order.peer}: open it first")
            return
        if peer is callee:
            self._not_done(order, "an attempt cannot be bridged with itself")
            return
        for end in (callee, peer):
            if isinstance(end, Callee):
                end.retrieve()
                end.stop()
        join(callee, peer)
        if order.beep and isinstance(peer, Callee):
            peer.beep()
        self._tell(port.Bridged(attempt=order.attempt, peer=order.peer, at=time.time()))

    def _not_done(self, order: port.Bridge | port.Hold | port.SendDigits, reason: str) -> None:
        name = type(order).__name__
        self._tell(port.NotDone(attempt=order.attempt, order=name, reason=reason))

    # --------------------------------------------------------------- time

    def _poll_later(self) -> None:
        if self._poll_timer is None:
            self._poll_timer = asyncio.get_running_loop().call_later(_POLL_S, self._poll)

    def _poll(self) -> None:
        self._poll_timer = None
        now = time.monotonic()
        try:
            for callee in tuple(self._callees.values()):
                callee.poll(now)
            for desk in tuple(self._desks.values()):
                desk.poll(now)
            if self._abandoned:
                self._close_what_is_silent()
        finally:  # whatever befalls one of them, the others are looked after
            if not self.idle:
                self._poll_later()

    def _close_what_is_silent(self) -> None:
        now = time.monotonic()
        for attempt, callee in tuple(self._callees.items()):
            if not callee.stream.playing and not callee.in_conversation(now):
                del self._callees[attempt]
                callee.close()
        for number, desk in tuple(self._desks.items()):
            if desk.other is None:
                self._close_desk(number)


_NO_STREAM: Final = "this attempt has no open stream"
