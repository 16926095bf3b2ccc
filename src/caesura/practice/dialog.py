"""One call's SIP, seen from the callee (RFC 3261 sections 12.1.1 and 13.3): responses and BYE.

Built on sippy's transaction layer and not on its user agent, because a practice callee must also
do what no honest user agent does: stay silent, or let its 200 cross a CANCEL.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Any

from sippy.SipAddress import SipAddress
from sippy.SipContact import SipContact
from sippy.SipFrom import SipFrom
from sippy.SipGenericHF import SipGenericHF
from sippy.SipHeader import SipHeader
from sippy.SipReason import SipReason
from sippy.SipRequest import SipRequest
from sippy.SipTo import SipTo
from sippy.SipURL import SipURL

from caesura.practice.event_log import EventLog
from caesura.voice.sip import SipStack, sdp_body

USER_AGENT = "Caesura practice carrier"
ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER"


def header(name: str, value: str) -> Any:
    """A header that sippy hands through as it is."""
    generic = SipGenericHF(value, name)
    generic.parsed = True
    return SipHeader(name=name, body=generic)


def respond(request: Any, status: int, reason: str, *headers: Any) -> Any:
    """A response to `request`, with our Server header."""
    response = request.genResponse(status, reason, server=USER_AGENT)
    response.appendHeaders(list(headers))
    return response


class Dialog:
    """The callee's half of one INVITE and of the dialog that comes of it."""

    def __init__(self, stack: SipStack, log: EventLog, request: Any, transaction: Any) -> None:
        self.call_id = str(request.getHFBody("call-id"))
        self.called: str = request.getRURI().username or ""  # user part, as on the wire
        self.caller: str = request.getHFBody("from").getUrl().username or ""
        self._stack = stack
        self._log = log
        self._request = request
        self._transaction = transaction
        self._tag = secrets.token_hex(8)
        self._contact = SipContact(
            address=SipAddress(
                url=SipURL(username="practice", host=stack.address[0], port=stack.address[1])
            )
        )
        if transaction.r487 is not None:
            transaction.r487.getHFBody("to").setTag(self._tag)

    def contact(self) -> Any:
        """Our Contact header (section 12.1.1)."""
        return SipHeader(name="contact", body=self._contact.getCopy())

    def keep_from_cancelling(self) -> None:
        """Have sippy leave the INVITE open when a CANCEL comes; its 200 to the CANCEL stands."""
        self._transaction.r487 = None

    def send(
        self,
        status: int,
        reason: str,
        *,
        sdp: str | None = None,
        q850_cause: int | None = None,
        on_ack: Callable[[Any], None] | None = None,
    ) -> None:
        """Send a response to the INVITE. `on_ack(ack)` comes with the ACK of a final one."""
        response = respond(self._request, status, reason)
        if status > 100:
            response.getHFBody("to").setTag(self._tag)
            if status < 300:
                response.appendHeader(self.contact())
        if q850_cause is not None:
            # RFC 3326 section 2: the cause of the network behind, beside SIP's own status.
            cause = SipReason(protocol="Q.850", cause=q850_cause)
            response.appendHeader(SipHeader(name="reason", body=cause))
        if sdp is not None:
            response.setBody(sdp_body(sdp))
        self._log_sent(f"sent_{status}")
        self._stack.transactions.sendResponse(response, self._transaction, ack_cb=on_ack)

    def send_bye(self, on_done: Callable[[], None]) -> None:
        """End the dialog (section 15.1.1). `on_done` comes with the response, or after 32 s."""
        request = self._request
        # Section 12.1.1: the route set is the Record-Route of the INVITE, in its order.
        routes = [body.getCopy() for body in request.getHFBodys("record-route")]
        contacts = request.getHFBodys("contact")
        target = (contacts[0] if contacts else request.getHFBody("from")).getUrl().getCopy()
        local = request.getHFBody("to").getUri().getCopy()
        remote = request.getHFBody("from").getUri().getCopy()
        us = SipFrom(address=local)
        us.setTag(self._tag)
        bye = SipRequest(
            method="BYE",
            ruri=target,
            fr0m=us,
            to=SipTo(address=remote),
            cseq=1,
            callid=request.getHFBody("call-id").getCopy(),
            routes=routes,
            target=routes[0].getTAddr() if routes else target.getTAddr(),
            user_agent=USER_AGENT,
        )
        self._log_sent("sent_bye")
        self._stack.transactions.newTransaction(
            bye, lambda response: on_done() if response.scode >= 200 else None
        )

    def _log_sent(self, event: str) -> None:
        self._log.write(
            event, time.time(), call_id=self.call_id, to=self.called, **{"from": self.caller}
        )
