"""An attempt on the line: one Dial, carried from trunk to trunk until it rings or is over.

An agent's telephone (RingPhone) goes the same way, over one trunk and past the gate.

Every attempt ends with exactly one NotLaunched or Ended. Nothing here waits to dial: each INVITE,
also a second trunk's, leaves in the turn in which it is decided on, or never.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Protocol

import msgspec

from caesura.voice.line.leg import Final, Leg, LegParties, LegState, LegTimes
from caesura.voice.line.sdp import Answer, offer
from caesura.voice.line.trunk import NO_CHANNEL, TRUNK_DOWN, Trunk
from caesura.voice.line.watch import until_gone
from caesura.voice.port import (
    Answered,
    Dial,
    Ended,
    FromLine,
    Launched,
    NotLaunched,
    Ringing,
    RingPhone,
)
from caesura.voice.sip import SipStack

GATE_SHUT = "gate_shut"  # reason of NotLaunched, and of Ended if an earlier INVITE had left

# Ended.by
US = "us"
CALLEE = "callee"
RING_TIMEOUT = "ring_timeout"
NETWORK = "network"


class LineOfAttempt(Protocol):
    """What an attempt needs of its line."""

    stack: SipStack
    times: LegTimes

    def gate_is_open(self, dial: Dial | RingPhone) -> bool: ...

    def trunk(self, name: str) -> Trunk | None: ...

    def send(self, message: FromLine) -> None: ...

    def leg_begins(self, leg: Leg, attempt: Attempt) -> None:
        """From now on its INVITE may leave, gate permitting."""

    def leg_ends(self, leg: Leg) -> None:
        """Nothing of its INVITE leaves any more."""

    def attempt_ends(self, attempt: Attempt) -> None: ...


class Attempt:
    """See the module; a LegOwner of one leg at a time."""

    def __init__(self, line: LineOfAttempt, dial: Dial | RingPhone) -> None:
        self.dial = dial
        self._line = line
        self._trunks = iter([dial.trunk] if isinstance(dial, RingPhone) else dial.trunks)
        self._leg: Leg | None = None
        self._trunk: Trunk | None = None  # whose channel the leg holds
        self._launched = False  # an INVITE of this attempt has left
        self._over = False
        self._raced = False  # a leg that we had given up was answered
        self._cancelled_by: str | None = None  # US or RING_TIMEOUT, once we cancel
        self._ring_timer: asyncio.TimerHandle | None = None
        self._watch: asyncio.Task[None] | None = None  # of a telephone that is kept open

    @property
    def answered(self) -> bool:
        return self._leg is not None and self._leg.state is LegState.ANSWERED

    def launch(self) -> None:
        """Send the INVITE to the first trunk that takes it."""
        self._try_trunks(None)

    def readmit(self, epoch: int, trunks: Sequence[str]) -> None:
        """From now on its INVITEs are of this epoch, and go to no further trunk but these."""
        assert isinstance(self.dial, Dial), "a telephone has no epoch"
        self.dial = msgspec.structs.replace(self.dial, epoch=epoch)
        self._trunks = iter([name for name in self._trunks if name in trunks])

    def cancel(self, by: str = US) -> None:
        """Stop it if it is not answered."""
        if self._leg is not None and not self.answered and self._cancelled_by is None:
            self._cancelled_by = by
            self._stop_ring_timer()
            self._leg.cancel()

    def hang_up(self) -> None:
        """End it whatever its state."""
        if self._leg is not None and self.answered:
            self._leg.hang_up("hung up")
        else:
            self.cancel()

    def fail(self, reason: str) -> None:
        """The line itself is at fault: end it as what it is by now."""
        if self._over:
            return
        if self._leg is not None:
            self._leg_is_over(self._leg)
        self._end_unanswered(TRUNK_DOWN, Final(None, reason))

    def invite_left(self, leg: Leg) -> None:
        """The kernel took an INVITE of this attempt's leg."""
        leg.invites_sent += 1
        if leg.invites_sent == 1 and self._trunk is not None:
            self._launched = True
            self._line.send(
                Launched(
                    attempt=self.dial.attempt,
                    trunk=self._trunk.config.name,
                    at=time.time(),
                    sip_call_id=leg.call_id,
                )
            )

    # ---------------------------------------------------------------- trunks

    def _try_trunks(self, failed: Final | None) -> None:
        """Go on to the next trunk that takes the call; with none left the attempt is over."""
        reason = TRUNK_DOWN
        for name in self._trunks:
            if not self._line.gate_is_open(self.dial):
                reason = GATE_SHUT
                break
            trunk = self._line.trunk(name)
            now = time.monotonic()
            refusal = TRUNK_DOWN if trunk is None else trunk.refusal(now)
            if trunk is None or refusal is not None:
                reason = NO_CHANNEL if refusal == NO_CHANNEL else reason
                continue
            trunk.take(now)
            if self._start_leg(trunk):
                return
            if not self._line.gate_is_open(self.dial):  # it shut in this very moment
                reason = GATE_SHUT
                break
        self._end_unanswered(reason, failed)

    def _start_leg(self, trunk: Trunk) -> bool:
        assert trunk.address is not None
        dial, config = self.dial, trunk.config
        user, at = _called(dial)
        parties = LegParties(
            number=user,
            calling_number=dial.calling_number,
            offer=offer(dial.rtp_host, dial.rtp_port, dial.attempt.int >> 66),
            host=config.host,
            at=at,
            address=trunk.address,
            username=config.username,
            password=config.password,
        )
        leg = Leg(self._line.stack, self, parties, self._line.times)
        self._leg, self._trunk = leg, trunk
        self._line.leg_begins(leg, self)
        if not leg.start():
            self._leg_is_over(leg)
            return False
        self._start_ring_timer()
        return True

    def _leg_is_over(self, leg: Leg) -> None:
        self._stop_ring_timer()
        self._line.leg_ends(leg)
        if self._trunk is not None:
            self._trunk.release()
        self._leg = self._trunk = None

    # -------------------------------------------------------------- LegOwner

    def on_ringing(self, leg: Leg, early_media: bool) -> None:
        self._start_ring_timer()  # anew: the callee's phone rings for the whole time
        self._line.send(Ringing(attempt=self.dial.attempt, at=time.time(), early_media=early_media))

    def on_answered(self, leg: Leg, answer: Answer) -> None:
        self._stop_ring_timer()
        self._line.send(
            Answered(
                attempt=self.dial.attempt,
                at=time.time(),
                rtp_host=answer.host,
                rtp_port=answer.port,
                codec=answer.codec,
                dtmf_payload_type=answer.dtmf_payload_type,
            )
        )
        if isinstance(self.dial, RingPhone):
            self._watch = asyncio.ensure_future(self._watch_over(leg))

    async def _watch_over(self, leg: Leg) -> None:
        gone = await until_gone(leg)
        self._watch = None
        if gone is not None:
            leg.lose(gone)

    def on_failed(self, leg: Leg, final: Final) -> None:
        trunk, rang = self._trunk, leg.rang
        self._leg_is_over(leg)
        trunks_fault = final.status is None or final.status == 408 or 500 <= final.status < 600
        if trunk is not None and trunks_fault:
            trunk.note_failure("no response" if final.status is None else str(final.status))
        if trunks_fault and not rang:
            self._try_trunks(final)
        elif final.held_back:
            self._end(US, final.status, GATE_SHUT)
        else:
            self._end(NETWORK, final.status, final.reason, final.q850_cause)

    def on_cancelled(self, leg: Leg, final: Final) -> None:
        self._leg_is_over(leg)
        self._raced = self._raced or final.status == 200
        self._end(self._cancelled_by or US, final.status, final.reason, final.q850_cause)

    def on_late_answer(self, leg: Leg) -> None:
        self._raced = True

    def on_hung_up(self, leg: Leg, by: str, q850_cause: int | None, reason: str) -> None:
        self._leg_is_over(leg)
        self._end(by, 200, reason, q850_cause)

    # --------------------------------------------------------------- the end

    def _end_unanswered(self, reason: str, failed: Final | None) -> None:
        if not self._launched or failed is None:
            self._finish(NotLaunched(attempt=self.dial.attempt, reason=reason))
        elif reason == GATE_SHUT:  # a further trunk was due, and may not be asked any more
            self._end(US, failed.status, GATE_SHUT, failed.q850_cause)
        else:
            self._end(NETWORK, failed.status, failed.reason, failed.q850_cause)

    def _end(self, by: str, status: int | None, reason: str, q850_cause: int | None = None) -> None:
        self._finish(
            Ended(
                attempt=self.dial.attempt,
                at=time.time(),
                by=by,
                sip_status=status,
                reason=reason,
                q850_cause=q850_cause,
                answered_while_cancelled=self._raced,
            )
        )

    def _finish(self, last_word: NotLaunched | Ended) -> None:
        if not self._over:
            self._over = True
            self._stop_ring_timer()
            if self._watch is not None:
                self._watch.cancel()
            self._line.attempt_ends(self)
            self._line.send(last_word)

    def _start_ring_timer(self) -> None:
        self._stop_ring_timer()
        loop = asyncio.get_running_loop()
        self._ring_timer = loop.call_later(self.dial.ring_timeout_s, self.cancel, RING_TIMEOUT)

    def _stop_ring_timer(self) -> None:
        if self._ring_timer is not None:
            self._ring_timer.cancel()
            self._ring_timer = None


def _called(dial: Dial | RingPhone) -> tuple[str, tuple[str, int | None] | None]:
    """User part, and host and port, of the Request-URI; None: the trunk's."""
    if isinstance(dial, Dial):
        return dial.number, None
    return dial.user, None if dial.host is None else (dial.host, dial.port)
