"""The practice message centre's HTTP side: as much of Twilio's Messages API as a sender needs.

POST …/Messages.json with basic authentication; status callbacks and inbound messages are posted to
the StatusCallback of the submission, signed like Twilio's. It calls back on this machine only.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import time
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qsl, urlsplit

import h11
import httpx

from caesura.messages.drivers.http.request import basic
from caesura.messages.drivers.http.twilio import signature
from caesura.practice.recipients import REPLIES, Fate
from caesura.rules.segments import segments

if TYPE_CHECKING:
    from caesura.practice.message_centre import MessageCentre

_CALLBACK_S = 5.0
_REFUSALS: dict[Fate, tuple[int, int, str]] = {
    Fate.NO_SUCH_NUMBER: (400, 21211, "The 'To' number is not a valid phone number."),
    Fate.SENDER_REFUSED: (400, 21606, "The 'From' number is not SMS-capable for this account."),
    Fate.SYSTEM_ERROR: (503, 20503, "Service unavailable"),
    Fate.THROTTLED: (429, 20429, "Too many requests"),
    Fate.THROTTLED_ONCE: (429, 20429, "Too many requests"),
}
_ENDS = {Fate.UNDELIVERED: ("undelivered", "30008"), Fate.EXPIRED: ("undelivered", "30003")}


class HttpMessages(asyncio.Protocol):
    """One connection."""

    def __init__(self, centre: MessageCentre) -> None:
        self._centre = centre
        self._http = h11.Connection(h11.SERVER)
        self._transport: asyncio.Transport | None = None
        self._request: h11.Request | None = None
        self._body = b""
        self._at = 0.0
        self._name = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._name = self._centre.connection_name("http")
        self._centre.http_connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._centre.http_connections.discard(self)

    def drop(self, at: float) -> None:
        if self._transport is not None:
            self._centre.log.write("lost", at, kind="http", connection=self._name)
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._at = time.time()
        self._http.receive_data(data)
        try:
            self._read()
        except h11.RemoteProtocolError:
            self.drop(self._at)

    def _read(self) -> None:
        while True:
            event = self._http.next_event()
            if isinstance(event, h11.Request):
                self._request, self._body = event, b""
            elif isinstance(event, h11.Data):
                self._body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                self._handle()
            elif isinstance(event, h11.ConnectionClosed):
                if self._transport is not None:
                    self._transport.close()
                return
            else:  # NEED_DATA, PAUSED
                return

    def _handle(self) -> None:
        assert self._request is not None
        path = self._request.target.decode().partition("?")[0]
        headers = {name.decode(): value.decode() for name, value in self._request.headers}
        if self._request.method != b"POST" or not path.endswith("/Messages.json"):
            self._answer(404, {"code": 20404, "message": "The resource was not found"})
        elif not self._may(headers.get("authorization", "")):
            self._answer(401, {"code": 20003, "message": "Authenticate"})
        else:
            fields = dict(parse_qsl(self._body.decode(), keep_blank_values=True))
            self._submit(fields)

    def _may(self, authorization: str) -> bool:
        settings = self._centre.settings
        if settings.username is None:
            return True
        return authorization == basic(settings.username, settings.password)

    def _submit(self, fields: dict[str, str]) -> None:
        recipient, text = fields.get("To", ""), fields.get("Body", "")
        fate = self._centre.fate(recipient)
        refusal = _REFUSALS.get(fate)
        if self._centre.over_rate(self._at):
            refusal = _REFUSALS[Fate.THROTTLED]
        sid = "" if refusal else f"SM{self._centre.message_id()}"
        self._centre.log.write(
            "submit", self._at, kind="http", connection=self._name, sender=fields.get("From", ""),
            recipient=recipient, text=text, part=1, parts=1, message_id=sid, fate=fate,
            status=refusal[0] if refusal else 201,
        )  # fmt: skip
        after = self._centre.answer_after(fate)
        if refusal is not None:
            status, code, message = refusal
            said = {"code": code, "message": message, "status": status}
            self._centre.later(after, self._answer, status, said)
            return
        self._goes_on(fields, sid, fate)
        if fate is Fate.LOST_BEFORE:
            self._centre.later(after, self.drop, self._at)
        elif fate is not Fate.NEVER_ANSWERED:
            said = {"sid": sid, "status": "queued", "num_segments": str(segments(text).count)}
            self._centre.later(after, self._answer, 201, said)
            if fate is Fate.LOST_AFTER:
                self._centre.later(after + 0.05, self.drop, self._at)

    def _answer(self, status: int, said: dict[str, object]) -> None:
        if self._transport is None:
            return
        body = json.dumps(said).encode()
        headers = [("content-type", "application/json"), ("content-length", str(len(body)))]
        out = self._http.send(h11.Response(status_code=status, headers=headers)) or b""
        out += self._http.send(h11.Data(data=body)) or b""
        out += self._http.send(h11.EndOfMessage()) or b""
        self._transport.write(out)
        if self._http.our_state is not h11.DONE:
            self._transport.close()
        else:
            self._http.start_next_cycle()
            self._read()

    def _goes_on(self, fields: dict[str, str], sid: str, fate: Fate) -> None:
        url = fields.get("StatusCallback")
        if url is None:
            return
        after = self._centre.receipt_after(fields.get("To", ""))
        if fate is not Fate.NO_RECEIPT:
            status, code = _ENDS.get(fate, ("delivered", ""))
            receipt = {"MessageSid": sid, "MessageStatus": status}
            if code:
                receipt["ErrorCode"] = code
            self._centre.later(after, self._centre.call_back, url, "receipt", receipt)
        if fate in REPLIES:
            reply = {
                "MessageSid": f"SM{self._centre.message_id()}",
                "SmsStatus": "received",
                "From": fields.get("To", ""),
                "To": fields.get("From", ""),
                "Body": REPLIES[fate],
            }
            due = after + self._centre.reply_after()
            self._centre.later(due, self._centre.call_back, url, "reply", reply)


async def call_back(centre: MessageCentre, url: str, event: str, fields: dict[str, str]) -> None:
    """POST to `url` like Twilio, a few times if nobody takes it. Only to this machine."""
    if not _is_here(url):
        centre.log.write("not called", time.time(), kind="http", url=url)
        return
    signed = signature(centre.settings.password or "", url, fields.items())
    for tries in range(1, 6):
        at = time.time()
        centre.log.write(event, at, kind="http", message_id=fields["MessageSid"], tries=tries)
        try:
            async with httpx.AsyncClient(timeout=_CALLBACK_S, trust_env=False) as client:
                answer = await client.post(url, data=fields, headers={"x-twilio-signature": signed})
            status = answer.status_code
        except httpx.HTTPError:
            status = 0
        centre.log.write(
            "noted", time.time(), kind="http", what=event, message_id=fields["MessageSid"],
            status=status,
        )  # fmt: skip
        if 200 <= status < 300:
            return
        await asyncio.sleep(1.0)


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
