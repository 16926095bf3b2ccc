"""One call to a practice callee: its behaviour played out in time.

proceeding --(200 sent)--> answered --(BYE, either way)--> ended
    └--(refusal, CANCEL)-----------------------------------^
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import Enum, auto
from typing import Any, Protocol

from caesura.practice import session_description
from caesura.practice.behaviour import Behaviour
from caesura.practice.callee import Callee
from caesura.practice.dialog import Dialog
from caesura.practice.session_description import Offer

_EVENT_TYPE = 101  # our telephone-event payload type where the caller left the offer to us


class State(Enum):
    PROCEEDING = auto()
    ANSWERED = auto()
    ENDED = auto()


class Listening(Protocol):
    """What a call asks of its carrier."""

    rtp_host: str

    def listen(self, offer: Offer) -> Callee | None:
        """Open RTP for a call; None where the carrier goes without."""

    def rtp_sink_port(self) -> int:
        """A port of ours that takes and drops whatever comes."""

    def ended(self, call: PracticeCall, by: str) -> None:
        """The call is over."""


class PracticeCall:
    """One INVITE, its callee and its end. All times on the loop's clock."""

    def __init__(
        self, carrier: Listening, dialog: Dialog, behaviour: Behaviour, sdp: str | None
    ) -> None:
        self.dialog = dialog
        self.behaviour = behaviour
        self.state = State.PROCEEDING
        self.answered_at: float | None = None  # loop time, when the 200 was sent
        self.ended_at: float | None = None
        self.acknowledged = False
        self.callee: Callee | None = None
        self._carrier = carrier
        self._loop = asyncio.get_running_loop()
        self._timers: list[asyncio.TimerHandle] = []
        self._offer = None if sdp is None else session_description.read(sdp)
        self._late_offer = sdp is None  # RFC 3261 section 13.2.1; such a callee is mute
        self._answer_sdp: str | None = None
        if behaviour.answers_cancel:
            dialog.keep_from_cancelling()

    @property
    def talk_s(self) -> float:
        """Answer to end; 0 if there was no answer."""
        if self.answered_at is None:
            return 0.0
        return (self.ended_at or self._loop.time()) - self.answered_at

    def start(self) -> None:
        if self.state is not State.PROCEEDING:
            return  # cancelled in the very turn in which it came
        if not self._late_offer and (self._offer is None or self._offer.codec is None):
            self._refuse(488, "Not Acceptable Here", None)  # RFC 3261 section 13.3.1.3
        elif self.behaviour.trying_s is not None:
            self._later(self.behaviour.trying_s, self._try)

    # ------------------------------------------------------- what the caller does

    def on_cancel(self, _at: Any, cancel: Any) -> None:
        """A CANCEL, already answered, or (with `cancel` None) sippy's time limit of 300 s."""
        if self.state is not State.PROCEEDING:
            return
        if self.behaviour.answers_cancel:
            if cancel is not None:
                self._answer()  # as if the 200 had been under way already
                return
            self.dialog.send(487, "Request Expired")
        self._end("caller" if cancel is not None else "expired")

    def on_no_ack(self) -> None:
        """No ACK to our final response in 32 s (RFC 3261 section 13.3.1.4): give the call up."""
        if self.state is State.ANSWERED:
            self._hang_up("no_ack")

    def on_bye(self) -> None:
        if self.state is State.PROCEEDING:
            self.dialog.send(487, "Request Terminated")  # RFC 3261 section 15.1.2
        self._end("caller")

    @property
    def agreed_sdp(self) -> str | None:
        """Our SDP once there is one. It answers a re-INVITE too: what was agreed stands."""
        return self._answer_sdp

    def drop(self) -> None:
        """The carrier stops: end without a further word on the wire."""
        self._end("stopped")

    # -------------------------------------------------------- what the callee does

    def _later(self, seconds: float, step: Callable[[], object]) -> None:
        if seconds <= 0:
            step()
        else:
            self._timers.append(self._loop.call_later(seconds, step))

    def _try(self) -> None:
        self.dialog.send(100, "Trying")
        self._later(self.behaviour.network_s, self._alert)

    def _alert(self) -> None:
        behaviour = self.behaviour
        if not behaviour.rings:
            self._finish()
            return
        if behaviour.early_media and not self._late_offer:
            self._agree()
            self.dialog.send(183, "Session Progress", sdp=self._answer_sdp)
            if self.callee is not None:
                self.callee.ring()
        else:
            self.dialog.send(180, "Ringing")
        if behaviour.status is not None:
            self._later(behaviour.ring_s, self._finish)

    def _finish(self) -> None:
        behaviour = self.behaviour
        if behaviour.picks_up:
            self._answer()
        elif behaviour.status is not None:
            self._refuse(behaviour.status, behaviour.reason, behaviour.q850_cause)

    def _refuse(self, status: int, reason: str, q850_cause: int | None) -> None:
        self.dialog.send(status, reason, q850_cause=q850_cause)
        self._end("callee")

    def _answer(self) -> None:
        if self._answer_sdp is None:
            self._agree()
        self.state = State.ANSWERED
        self.answered_at = self._loop.time()
        self.dialog.send(200, "OK", sdp=self._answer_sdp, on_ack=self._on_ack)
        self._speak()

    def _agree(self) -> None:
        """Open our ear and settle the SDP (RFC 3264 section 6)."""
        offer = self._offer
        if offer is not None:
            self.callee = self._carrier.listen(offer)
        port = self._carrier.rtp_sink_port() if self.callee is None else self.callee.port
        codecs = ["PCMU", "PCMA"]
        event_type: int | None = _EVENT_TYPE
        if offer is not None and offer.codec is not None:
            codecs, event_type = [offer.codec], offer.event_type
        self._answer_sdp = session_description.write(
            self._carrier.rtp_host, port, codecs, event_type, session=id(self) & 0x7FFFFFFF
        )

    def _on_ack(self, _ack: Any) -> None:
        if self.state is not State.ANSWERED:
            return
        self.acknowledged = True
        if self.behaviour.talk_s is not None:
            # Section 15: no BYE from the callee before the ACK.
            self._later(self.behaviour.talk_s - self.talk_s, lambda: self._hang_up("callee"))

    def _speak(self) -> None:
        if self.callee is None:
            return
        self.callee.answer(self.behaviour)
        if self.behaviour.digit is not None:
            digit, callee = self.behaviour.digit, self.callee
            self._later(self.behaviour.digit_after_s, lambda: callee.press(digit))

    def _hang_up(self, by: str) -> None:
        if self.state is State.ANSWERED:
            self.dialog.send_bye(lambda: None)
            self._end(by)

    def _end(self, by: str) -> None:
        if self.state is State.ENDED:
            return
        self.state = State.ENDED
        self.ended_at = self._loop.time()
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        self._carrier.ended(self, by)
        if self.callee is not None:
            self.callee.close()
