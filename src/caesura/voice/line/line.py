"""The line: SIP signalling for one cell, in a process of its own.

It listens on a unix socket for its cell and speaks the voice port's vocabulary
(caesura.voice.port). Before each INVITE datagram is handed to the kernel, it asks the gate of the
campaign (docs/promise.md, step 2); nothing waits behind that question. Only an agent's own
telephone (RingPhone) has no campaign, and so no gate.

What becomes of calls when the cell is lost (its process ended, or another took its place): all
gates shut at once, what rings or tries is cancelled, and conversations go on, because the callee
is not to blame: until the callee hangs up, the next cell comes, or ORPHAN_LIMIT_S has passed. The
next cell knows nothing of them, and with it the media process begins anew: nobody would hear or
say anything any more, so they are hung up then. It is told of each that ends.
"""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from caesura.channel.door import Door
from caesura.channel.gate import Gates
from caesura.voice.line.attempt import GATE_SHUT, Attempt
from caesura.voice.line.leg import Leg, LegTimes
from caesura.voice.line.trunk import Trunk
from caesura.voice.port import (
    Cancel,
    ConfigureTrunks,
    Dial,
    FromLine,
    GateShut,
    HangUp,
    NotLaunched,
    OpenGate,
    Readmit,
    RingPhone,
    ShutGate,
    ToLine,
)
from caesura.voice.sip import Responses, SipStack

log = logging.getLogger(__name__)

ORPHAN_LIMIT_S = 600.0  # how long a conversation may go on with nobody to hang it up
STOP_WITHIN_S = 1.5  # for the last CANCELs and BYEs to be answered


class LineSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where the line listens, and its time limits."""

    socket: Path  # unix socket for the cell
    sip_host: str  # concrete local address
    sip_port: int
    no_response_s: float = 4.0  # INVITE without any response: on to the next trunk
    cancel_wait_s: float = 5.0  # CANCEL without a final response: over all the same


class Line:
    """See the module. `start` in a running loop, `stop` to leave in order."""

    def __init__(self, settings: LineSettings) -> None:
        self.times = LegTimes(settings.no_response_s, settings.cancel_wait_s)
        self.stack = SipStack(
            settings.sip_host,
            settings.sip_port,
            on_request=_refuse,
            before_invite=self._before_invite,
            after_invite=self._after_invite,
        )
        self._gates = Gates()
        self._trunks: dict[str, Trunk] = {}
        self._attempts: dict[UUID, Attempt] = {}
        self._legs: dict[str, tuple[Leg, Attempt]] = {}  # by SIP Call-ID
        self._door: Door[ToLine] = Door(
            settings.socket, ToLine, self._on_message, self._cell_is_gone, self._cell_is_there
        )

    async def start(self) -> None:
        self.stack.start()
        await self._door.open()
        log.info("line on %s:%d for %s", *self.stack.address, self._door.socket)

    async def stop(self) -> None:
        """Shut the gates, cancel what rings, hang up what is answered; in STOP_WITHIN_S."""
        self._door.close()
        self._gates.shut_all()
        for trunk in self._trunks.values():
            trunk.close()
        for attempt in list(self._attempts.values()):
            attempt.hang_up()
        deadline = time.monotonic() + STOP_WITHIN_S
        # sippy has nothing to await here.
        while self.stack.leave_taking() and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        self.stack.close()
        self._door.remove()

    @property
    def idle(self) -> bool:
        """No attempt is under way."""
        return not self._attempts

    # ------------------------------------------------------------- the cell

    def _cell_is_gone(self) -> None:
        self._gates.shut_all()
        loop = asyncio.get_running_loop()
        for attempt in list(self._attempts.values()):
            if attempt.answered:
                loop.call_later(ORPHAN_LIMIT_S, attempt.hang_up)
            else:
                attempt.cancel()

    def _cell_is_there(self) -> None:
        """What an earlier cell has left is in nobody's hands: better an end than silence."""
        for attempt in list(self._attempts.values()):
            attempt.hang_up()

    def _on_message(self, message: ToLine) -> None:
        try:
            self._handle(message)
        except Exception as error:  # one bad call must not cost the others their cell
            log.exception("cannot handle %s", type(message).__name__)
            if isinstance(message, Dial | RingPhone | Cancel | HangUp):
                attempt = self._attempts.get(message.attempt)
                if attempt is not None:
                    attempt.fail(f"line: {error}")

    def _handle(self, message: ToLine) -> None:
        match message:
            case Dial() | RingPhone():
                self._dial(message)
            case OpenGate():
                self._gates.open(message.campaign, message.epoch, message.until_monotonic)
            case ShutGate():
                self._shut_gate(message.campaign)
            case Readmit():
                self._readmit(message)
            case Cancel():
                if (attempt := self._attempts.get(message.attempt)) is not None:
                    attempt.cancel()
            case HangUp():
                if (attempt := self._attempts.get(message.attempt)) is not None:
                    attempt.hang_up()
            case ConfigureTrunks():
                self._configure(message)

    def _dial(self, dial: Dial | RingPhone) -> None:
        if dial.attempt in self._attempts:
            log.error("attempt %s dialled twice; the second is ignored", dial.attempt)
            return
        if not self.gate_is_open(dial):
            self.send(NotLaunched(attempt=dial.attempt, reason=GATE_SHUT))
            return
        attempt = self._attempts[dial.attempt] = Attempt(self, dial)
        attempt.launch()

    def _readmit(self, message: Readmit) -> None:
        for each in message.attempts:
            attempt = self._attempts.get(each)
            dial = None if attempt is None else attempt.dial
            if attempt is not None and isinstance(dial, Dial) and dial.campaign == message.campaign:
                attempt.readmit(message.epoch, message.trunks)

    def _shut_gate(self, campaign: int) -> None:
        """Dials are decided in the turn in which they come, so none is left unlaunched here."""
        last_left_at = self._gates.shut(campaign)
        self.send(GateShut(campaign=campaign, last_left_at=last_left_at, unlaunched=[]))

    def _configure(self, message: ConfigureTrunks) -> None:
        wanted = {config.name: config for config in message.trunks}
        for name in list(self._trunks):
            if name not in wanted:
                self._trunks.pop(name).close()
        for name, config in wanted.items():
            trunk = self._trunks.get(name)
            if trunk is None:
                trunk = self._trunks[name] = Trunk(self.stack, config, self.send)
            elif trunk.config != config:
                trunk.configure(config)
            trunk.tell()

    # ------------------------------------------------------------- the gate

    def _before_invite(self, call_id: str) -> bool:
        """The last question before the wire. What is not known may not leave."""
        leg, attempt = self._legs.get(call_id, (None, None))
        return (
            leg is not None
            and attempt is not None
            and leg.may_invite
            and self.gate_is_open(attempt.dial)
        )

    def _after_invite(self, call_id: str) -> None:
        leg, attempt = self._legs[call_id]
        if isinstance(attempt.dial, Dial):
            self._gates.note_left(attempt.dial.campaign, time.time())
        attempt.invite_left(leg)
        if not self.gate_is_open(attempt.dial):
            # The process was stopped between the question and the send: no user of the socket can
            # close that gap of microseconds, but what slipped through it can be taken back.
            log.error("INVITE of attempt %s left as its gate shut", attempt.dial.attempt)
            asyncio.get_running_loop().call_soon(attempt.cancel)

    # -------------------------------------------------------- LineOfAttempt

    def gate_is_open(self, dial: Dial | RingPhone) -> bool:
        if isinstance(dial, RingPhone):
            return True  # an agent's device: of no campaign, so of no pause
        return self._gates.is_open(dial.campaign, dial.epoch, time.monotonic())

    def trunk(self, name: str) -> Trunk | None:
        return self._trunks.get(name)

    def send(self, message: FromLine) -> None:
        if self._door.link is not None:
            self._door.link.send(message)

    def leg_begins(self, leg: Leg, attempt: Attempt) -> None:
        self._legs[leg.call_id] = (leg, attempt)

    def leg_ends(self, leg: Leg) -> None:
        self._legs.pop(leg.call_id, None)

    def attempt_ends(self, attempt: Attempt) -> None:
        self._attempts.pop(attempt.dial.attempt, None)


def _refuse(request: Any, _transaction: Any) -> Responses:
    """A request outside our calls: the line answers health checks and takes no calls."""
    if request.getHFBody("to").getTag() is not None:
        return (request.genResponse(481, "Call/Transaction Does Not Exist"), None, None)
    if request.getMethod() == "OPTIONS":
        return (request.genResponse(200, "OK"), None, None)
    if request.getMethod() == "INVITE":
        return (request.genResponse(403, "Forbidden"), None, None)
    return (request.genResponse(405, "Method Not Allowed"), None, None)
