"""A line and a media process as the cell knows them, with the production gates and no SIP.

The line does what voice/line/line.py and attempt.py do, in their order: every datagram of an
INVITE, the first, a retransmission or the second trunk's, asks the gate in the step that sends it.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, Protocol
from uuid import UUID

import msgspec
from tests.simulation.clockwork import Process

from caesura.channel.gate import Gates
from caesura.voice import port

RETRANSMISSIONS_S = (0.5, 1.5, 3.5)  # RFC 3261 section 17.1.1.2, T1 = 0.5 s
NO_RESPONSE_S = 4.0


class Judge(Protocol):
    """Who looks at what leaves the line, and at what the cell tells it to stop."""

    def invite(self, dial: port.Dial, trunk: int, datagram: int) -> None:
        """A datagram of an INVITE leaves."""

    def stopped(self, dial: port.Dial, how: str, rang_s: float | None, answered: bool) -> None:
        """The cell ends a call by `how`; it rang for so long, None if not yet."""


class Wire:
    """One direction of a unix socket: in order, sometimes late, and delivered to its last byte."""

    def __init__(self, rng: random.Random, receiver: Process, hear: Callable[[Any], None]) -> None:
        self._rng, self._receiver, self._hear = rng, receiver, hear
        self._last = 0.0

    def send(self, message: Any) -> None:
        loop = self._receiver.loop
        late = self._rng.uniform(0.00005, 0.0005)
        self._last = max(self._last + 1e-7, loop.time() + late)
        loop.call_at(self._last, self._hear, message, context=self._receiver.context)


class _Call:
    """An attempt on the line."""

    def __init__(self, dial: port.Dial, fate: random.Random) -> None:
        self.dial, self.fate = dial, fate
        self.trunk = 0
        self.answered = self.over = self.cancelled = False
        self.rings_since: float | None = None  # by the machine's monotonic clock


class SimulatedLine:
    """See the module."""

    def __init__(self, process: Process, rng: random.Random, judge: Judge) -> None:
        self.process, self._rng, self._judge = process, rng, judge
        self._gates = Gates()
        self._calls: dict[UUID, _Call] = {}
        self._to_cell: Wire | None = None

    def connect(self, to_cell: Wire) -> Wire:
        """A cell connects; it takes the place of the one before."""
        to_line = Wire(self._rng, self.process, lambda message: self._hear(to_cell, message))
        to_line.send(None)  # the connection itself
        return to_line

    def _hear(self, of: Wire, message: Any) -> None:
        if message is None:
            if self._to_cell is not None:
                self._cell_is_gone()
            self._to_cell = of
        elif of is self._to_cell:
            if message == "end":
                self._to_cell = None
                self._cell_is_gone()
            else:
                self._handle(message)

    def _cell_is_gone(self) -> None:
        self._gates.shut_all()
        for call in list(self._calls.values()):
            if not call.answered:
                self._cancel(call)

    def _handle(self, message: port.ToLine) -> None:
        match message:
            case port.Dial():
                self._dial(message)
            case port.OpenGate():
                self._gates.open(message.campaign, message.epoch, message.until_monotonic)
            case port.ShutGate():
                last = self._gates.shut(message.campaign)
                self._say(
                    port.GateShut(campaign=message.campaign, last_left_at=last, unlaunched=[])
                )
            case port.Readmit():
                self._readmit(message)
            case port.Cancel():
                if (call := self._calls.get(message.attempt)) is not None and not call.answered:
                    self._stop(call, "Cancel")
            case port.HangUp():
                if (call := self._calls.get(message.attempt)) is not None:
                    self._stop(call, "HangUp")
            case port.ConfigureTrunks():
                for trunk in message.trunks:
                    self._say(
                        port.TrunkState(name=trunk.name, reachable=True, registered=None, detail="")
                    )

    def _readmit(self, message: port.Readmit) -> None:
        for attempt in message.attempts:
            if (call := self._calls.get(attempt)) is not None:
                gone = call.trunk + 1
                trunks = call.dial.trunks[:gone]
                trunks += [each for each in call.dial.trunks[gone:] if each in message.trunks]
                call.dial = msgspec.structs.replace(call.dial, epoch=message.epoch, trunks=trunks)

    def _say(self, message: Any) -> None:
        if self._to_cell is not None:
            self._to_cell.send(message)

    def _may_leave(self, call: _Call) -> bool:
        dial, now = call.dial, self.process.machine.monotonic()
        return self._gates.is_open(dial.campaign, dial.epoch, now)

    def _later(self, seconds: float, do: Callable[..., None], *args: Any) -> None:
        self.process.loop.call_later(seconds, do, *args, context=self.process.context)

    def _dial(self, dial: port.Dial) -> None:
        assert dial.attempt not in self._calls, "dialled twice"
        call = _Call(dial, random.Random(self._rng.random()))
        if not self._may_leave(call):
            self._say(port.NotLaunched(attempt=dial.attempt, reason="gate_shut"))
            return
        self._calls[dial.attempt] = call
        self._invite(call)

    def _invite(self, call: _Call) -> None:
        """The INVITE to the next trunk. The gate was asked in this very step."""
        self._judge.invite(call.dial, call.trunk, 0)
        dial, at = call.dial, self.process.machine.wall()
        self._gates.note_left(dial.campaign, at)
        name = dial.trunks[min(call.trunk, len(dial.trunks) - 1)]
        self._say(
            port.Launched(attempt=dial.attempt, trunk=name, at=at, sip_call_id=str(call.trunk))
        )
        trunk, fate = call.trunk, call.fate.random()
        if fate < 0.35:
            for number, after in enumerate(RETRANSMISSIONS_S, 1):
                self._later(after, self._retransmit, call, trunk, number)
            self._later(NO_RESPONSE_S, self._next_trunk, call, trunk, None)
        elif fate < 0.5:
            self._later(call.fate.uniform(0.05, 0.8), self._next_trunk, call, trunk, 503)
        elif fate < 0.6:
            self._later(call.fate.uniform(0.05, 0.5), self._end, call, "network", 486)
        else:
            self._later(call.fate.uniform(0.05, 0.3), self._ring, call)

    def _retransmit(self, call: _Call, trunk: int, number: int) -> None:
        if not call.over and not call.cancelled and call.trunk == trunk and self._may_leave(call):
            self._judge.invite(call.dial, trunk, number)

    def _next_trunk(self, call: _Call, trunk: int, status: int | None) -> None:
        if call.over or call.cancelled or call.trunk != trunk:
            return
        if call.trunk + 1 < len(call.dial.trunks) and self._may_leave(call):
            call.trunk += 1
            self._invite(call)
        else:
            self._end(call, "network", status)

    def _ring(self, call: _Call) -> None:
        if not call.over and not call.cancelled:
            at, call.rings_since = self.process.machine.wall(), self.process.machine.monotonic()
            self._say(port.Ringing(attempt=call.dial.attempt, at=at, early_media=False))
            self._later(call.fate.uniform(0.2, 2.0), self._answer, call)

    def _answer(self, call: _Call) -> None:
        if call.over or call.cancelled:
            return
        call.answered = True
        self._say(
            port.Answered(
                attempt=call.dial.attempt,
                at=self.process.machine.wall(),
                rtp_host="127.0.0.1",
                rtp_port=4000,
                codec="PCMU",
                dtmf_payload_type=None,
            )
        )
        self._later(call.fate.uniform(0.5, 3.0), self._end, call, "callee", 200)

    def _stop(self, call: _Call, how: str) -> None:
        if not call.cancelled:
            since, now = call.rings_since, self.process.machine.monotonic()
            self._judge.stopped(call.dial, how, since and now - since, call.answered)
            self._cancel(call)

    def _cancel(self, call: _Call) -> None:
        if not call.cancelled:
            call.cancelled = True
            status = 200 if call.answered else 487
            self._later(call.fate.uniform(0.001, 0.1), self._end, call, "us", status)

    def _end(self, call: _Call, by: str, status: int | None) -> None:
        if call.over:
            return
        call.over = True
        self._calls.pop(call.dial.attempt, None)
        self._say(
            port.Ended(
                attempt=call.dial.attempt,
                at=self.process.machine.wall(),
                by=by,
                sip_status=status,
                reason="",
            )
        )


class SimulatedMedia:
    """Plays every message to its end, and at times hears a key."""

    def __init__(self, process: Process, rng: random.Random, over: Callable[[UUID], None]) -> None:
        """`over`: who is told that a conversation has nothing more to say."""
        self.process, self._rng, self._over = process, rng, over

    def connect(self, to_cell: Wire) -> Wire:
        to_cell.send(port.MediaReady(host="127.0.0.1", ports=list(range(10000, 10200, 2))))
        return Wire(self._rng, self.process, lambda message: self._hear(to_cell, message))

    def _hear(self, to_cell: Wire, message: Any) -> None:
        loop, context = self.process.loop, self.process.context

        def ends() -> None:
            self._over(message.attempt)
            to_cell.send(port.Played(attempt=message.attempt))

        def key() -> None:  # that means: no more calls
            self._over(message.attempt)
            at = self.process.machine.wall()
            to_cell.send(port.Digit(attempt=message.attempt, digit="9", at=at))

        if isinstance(message, port.Play):
            loop.call_later(self._rng.uniform(0.3, 1.5), ends, context=context)
            if self._rng.random() < 0.1:
                loop.call_later(self._rng.uniform(0.1, 0.5), key, context=context)
        elif isinstance(message, port.CloseStream):
            closed = port.StreamClosed(
                attempt=message.attempt, packets_sent=0, packets_received=0, jitter_ms=None
            )
            to_cell.send(closed)
