"""A leg: one INVITE transaction to one trunk and the dialog that may come of it.

The dialog is a sippy UA (RFC 3261 sections 9, 12 to 15); a leg tells its owner what happened in
six words (`LegOwner`) and sees to it that it ends: no state but ANSWERED is without a time limit.
Whether its INVITE may leave is not decided here but in SipStack's `before_invite`.
"""

from __future__ import annotations

import asyncio
import logging
import re
from enum import Enum
from typing import Any, Protocol

import msgspec
from sippy.CCEvents import (
    CCEventConnect,
    CCEventDisconnect,
    CCEventFail,
    CCEventRedirect,
    CCEventRing,
    CCEventTry,
    CCEventUpdate,
)
from sippy.SipAddress import SipAddress
from sippy.SipCallId import SipCallId
from sippy.SipContact import SipContact
from sippy.SipHeader import SipHeader
from sippy.SipPAssertedIdentity import SipPAssertedIdentity
from sippy.SipURL import SipURL
from sippy.UA import UA

from caesura.voice.line.sdp import Answer, UnusableAnswer, read_answer
from caesura.voice.sip import Address, SipStack, sdp_body

log = logging.getLogger(__name__)

# How long sippy remembers a dialog that is over, to answer a BYE that crosses ours. Seconds.
_LINGER_S = 8.0
_ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO"
_Q850 = re.compile(r"q\.850\s*;[^,]*?cause\s*=\s*(\d+)", re.IGNORECASE)


class LegState(Enum):
    IDLE = "idle"  # nothing was sent
    TRYING = "trying"  # INVITE sent; no more than 100 came back
    RINGING = "ringing"
    ANSWERED = "answered"
    CANCELLING = "cancelling"  # CANCEL is sent, or waits for a first response (section 9.1)
    OVER = "over"


class Final(msgspec.Struct, frozen=True):
    """How an INVITE ended: its final status, or None where there was none."""

    status: int | None
    reason: str
    q850_cause: int | None = None
    held_back: bool = False  # a challenge whose answer the gate did not let out


class LegParties(msgspec.Struct, frozen=True):
    """What a leg needs to know of its call and its trunk."""

    number: str
    calling_number: str
    offer: str  # SDP
    host: str  # of the trunk, as To and Request-URI name it
    at: tuple[str, int | None] | None  # host and port of a SIP address, which they name instead
    address: Address  # of the trunk, where the INVITE goes
    username: str | None
    password: str | None


class LegTimes(msgspec.Struct, frozen=True):
    """Time limits of a leg, in seconds."""

    no_response_s: float  # from INVITE to any response
    cancel_wait_s: float  # from our wish to cancel to a final response


class LegOwner(Protocol):
    def on_ringing(self, leg: Leg, early_media: bool) -> None:
        """First 180, or 183 with media."""

    def on_answered(self, leg: Leg, answer: Answer) -> None:
        """200, and our ACK has left."""

    def on_failed(self, leg: Leg, final: Final) -> None:
        """The INVITE came to nothing; the leg is over."""

    def on_cancelled(self, leg: Leg, final: Final) -> None:
        """Our cancellation is done; a status of 200 is the answer that raced it, hung up."""

    def on_late_answer(self, leg: Leg) -> None:
        """A leg that is over was answered after all, and hung up at once."""

    def on_hung_up(self, leg: Leg, by: str, q850_cause: int | None, reason: str) -> None:
        """An answered leg is over, by "callee", "us", or (`lose`) "network"."""


class Leg:
    """See the module. Times are kept on the running loop."""

    def __init__(
        self, stack: SipStack, owner: LegOwner, parties: LegParties, times: LegTimes
    ) -> None:
        self._sip_call_id = SipCallId()
        self.call_id = str(self._sip_call_id)
        self.state = LegState.IDLE
        self.invites_sent = 0  # datagrams with an INVITE that the kernel took
        self.rang = False
        self._stack = stack
        self._owner = owner
        self._parties = parties
        self._times = times
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._early_sdp: Any = None  # of the last 18x; stands if the 200 has none
        self._agent = _Agent(self, stack, parties)

    @property
    def may_invite(self) -> bool:
        """False once nothing more of the INVITE should leave, not even a retransmission."""
        return self.state in (LegState.IDLE, LegState.TRYING, LegState.RINGING)

    def start(self) -> bool:
        """Send the INVITE now; False if it did not leave, and then the leg is over."""
        parties = self._parties
        event = _Try(
            (
                self._sip_call_id,
                parties.calling_number,
                parties.number,
                sdp_body(parties.offer),
                None,
                None,
            )
        )
        event.parties = parties
        event.extra_headers = (self._asserted_identity(),)
        self._agent.recvEvent(event)
        if self.invites_sent == 0:
            self._drop()
            return False
        self.state = LegState.TRYING
        self._set_timer(self._times.no_response_s, self._on_no_response)
        return True

    def cancel(self) -> None:
        """Stop an unanswered leg; `on_cancelled` follows, in `cancel_wait_s` at the latest.

        Where no response came yet, sippy keeps the CANCEL back until there is one (RFC 3261
        section 9.1), and nothing of the INVITE is sent again.
        """
        if not self.may_invite:
            return
        self.state = LegState.CANCELLING
        self._agent.recvEvent(CCEventDisconnect())
        self._set_timer(self._times.cancel_wait_s, self._on_cancel_unanswered)

    def hang_up(self, reason: str) -> None:
        """BYE to an answered leg, at once over (`on_hung_up`); the BYE is sent until answered."""
        if self.state is not LegState.ANSWERED:
            return
        self._agent.recvEvent(CCEventDisconnect())
        self._end()
        self._owner.on_hung_up(self, "us", None, reason)

    async def ask(self, within_s: float) -> int | None:
        """What the other side of an answered leg says to OPTIONS; None: nothing in that time."""
        response = await self._stack.request(self._agent.genRequest("OPTIONS"), within_s)
        return None if response is None else int(response.scode)

    def lose(self, reason: str) -> None:
        """End an answered leg whose other side is gone: `on_hung_up` by "network". BYE goes out."""
        if self.state is LegState.ANSWERED:
            self._agent.recvEvent(CCEventDisconnect())
            self._end()
            self._owner.on_hung_up(self, "network", None, reason)

    def _asserted_identity(self) -> Any:
        """RFC 3325: the calling number once more, for carriers that look there."""
        url = SipURL(username=self._parties.calling_number, host=self._stack.address[0])
        return SipHeader(body=SipPAssertedIdentity(address=SipAddress(url=url)))

    # ------------------------------------------------------------ from sippy

    def on_event(self, event: Any, _agent: Any) -> None:
        if isinstance(event, CCEventRing):
            self._on_provisional(*event.getData())
        elif isinstance(event, CCEventConnect):
            self._on_connect(event.getData()[2])
        elif isinstance(event, CCEventFail | CCEventRedirect):
            self._on_fail(event.getData())
        elif isinstance(event, CCEventDisconnect):
            self._on_bye()
        elif isinstance(event, CCEventUpdate):
            # A re-INVITE: our side of the session stays as it was offered.
            self._agent.recvEvent(CCEventConnect((200, "OK", sdp_body(self._parties.offer))))

    def _on_provisional(self, status: int, _reason: str, body: Any) -> None:
        if self.state is LegState.TRYING:
            self._clear_timer()
        if body is not None:
            self._early_sdp = body
        rings = status == 180 or (status == 183 and body is not None)
        if rings and self.state is LegState.TRYING:
            self.state = LegState.RINGING
            self.rang = True
            self._owner.on_ringing(self, body is not None)

    def _on_connect(self, body: Any) -> None:
        if self.state not in (LegState.TRYING, LegState.RINGING):
            return  # the ACK of a re-INVITE
        self._clear_timer()
        self.state = LegState.ANSWERED
        if body is None:  # the answer came in a reliable 18x or, tolerated, an unreliable one
            body = self._agent.rSDP = self._early_sdp
        try:
            answer = read_answer("" if body is None else str(body))
        except UnusableAnswer as error:
            self.hang_up(str(error))
        else:
            self._owner.on_answered(self, answer)

    def _on_fail(self, data: Any) -> None:
        if self.state in (LegState.TRYING, LegState.RINGING):
            self._end()
            self._owner.on_failed(self, Final(data[0], data[1], self._agent.q850_cause))

    def _on_bye(self) -> None:
        if self.state is LegState.ANSWERED:
            self._end()
            self._owner.on_hung_up(self, "callee", self._agent.q850_cause, "BYE")

    def on_challenge_unsent(self, final: Final) -> None:
        """The INVITE with credentials was held back by a shut gate: it ends with its challenge."""
        if self.state is LegState.TRYING:
            self._drop()
            self._owner.on_failed(self, final)

    def on_final_after_cancel(self, final: Final) -> None:
        """The INVITE's final response, after `cancel`; sippy has sent ACK and BYE to a 200."""
        if self.state is LegState.CANCELLING:
            self._end()
            self._owner.on_cancelled(self, final)
        elif final.status == 200:
            log.warning("call %s answered after it was given up; hung up", self.call_id)
            self._owner.on_late_answer(self)

    # ---------------------------------------------------------------- timers

    def _on_no_response(self) -> None:
        """RFC 3261 timer B, shortened: the trunk is given up for this call."""
        self.cancel()
        self._end()
        self._owner.on_failed(self, Final(None, "no response"))

    def _on_cancel_unanswered(self) -> None:
        self._end()
        self._owner.on_cancelled(self, Final(None, "no final response to CANCEL"))

    def _set_timer(self, after_s: float, function: Any) -> None:
        self._clear_timer()
        self._timer = self._loop.call_later(after_s, function)

    def _clear_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end(self) -> None:
        self._clear_timer()
        self.state = LegState.OVER

    def _drop(self) -> None:
        """Forget the dialog at once: the network knows nothing of it, or has said no to it."""
        self._end()
        self._agent.forget()


class _Try(CCEventTry):  # type: ignore[misc]
    parties: LegParties

    def onUacSetupComplete(self, uac: Any) -> None:
        """Name whom it is for, though the INVITE goes to the trunk's resolved address."""
        parties, to = self.parties, uac.rUri.getUrl()
        if parties.at is None:
            uac.rTarget.host = to.host = parties.host
        else:
            uac.rTarget.host, uac.rTarget.port = to.host, to.port = parties.at


class _Agent(UA):  # type: ignore[misc]
    """sippy's UA, telling its leg what it tells nobody of itself."""

    godead_timeout = _LINGER_S

    def __init__(self, leg: Leg, stack: SipStack, parties: LegParties) -> None:
        self.leg = leg
        self.q850_cause: int | None = None  # of the last final response or BYE (RFC 3326)
        self._stack = stack
        super().__init__(
            stack.config,
            event_cb=leg.on_event,
            username=parties.username,
            password=parties.password,
            nh_address=parties.address,
            nh_transport="udp",
        )
        self.lContact = SipContact(address=SipAddress(url=SipURL()))

    def recvResponse(self, resp: Any, tr: Any) -> None:
        if resp.scode < 200:
            super().recvResponse(resp, tr)
        else:
            # sippy would send what follows (BYE, INVITE with credentials) before the ACK.
            self._stack.after_datagram(lambda: self._on_final(resp, tr))

    def _on_final(self, resp: Any, tr: Any) -> None:
        leg = self.leg  # what follows may be our end
        status, reason = resp.getSCode()
        self.q850_cause = _q850_cause(resp)
        final = Final(status, reason, self.q850_cause)
        if isinstance(self.state, self.UacStateCancelling):
            # sippy would answer a challenge even now, and so call anew what is being cancelled.
            self.reqs.clear()
            super().recvResponse(resp, tr)
            leg.on_final_after_cancel(final)
            return
        sent = leg.invites_sent
        super().recvResponse(resp, tr)
        if status in (401, 407) and self.tr is not tr and leg.invites_sent == sent:
            leg.on_challenge_unsent(msgspec.structs.replace(final, held_back=True))

    def recvRequest(self, req: Any, sip_t: Any) -> Any:
        method = req.getMethod()
        if method not in ("INVITE", "BYE", "INFO", "OPTIONS"):
            response = req.genResponse(405, "Method Not Allowed")
            response.appendHeader(SipHeader(name="allow", bodys=_ALLOW))
            return (response, None, None)
        if method == "BYE":
            self.q850_cause = _q850_cause(req)
        return super().recvRequest(req, sip_t)

    def cleanup(self) -> None:
        """sippy's last word to a dead UA: part from the leg, so that neither needs a collector."""
        self.__dict__.pop("leg", None)

    def forget(self) -> None:
        transaction = self.tr
        self.changeState((self.UaStateDead,))
        if transaction is not None:
            self._stack.forget(transaction)


def _q850_cause(message: Any) -> int | None:
    """The Q.850 cause of a Reason header (RFC 3326 section 2), if the message has one."""
    for header in message.getHFs("reason"):
        found = _Q850.search(str(header.body))
        if found is not None:
            return int(found.group(1))
    return None
