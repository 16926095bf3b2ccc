"""Twilio's Messages API, and those that are compatible with it: requests, answers, callbacks.

Pure. https://www.twilio.com/docs/messaging/api/message-resource, …/api/errors, and for callbacks
https://www.twilio.com/docs/usage/security#validating-requests.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from caesura.messages.drivers.driver import Doubt, Refused, Result, Taken
from caesura.messages.drivers.http.request import HttpRequest, basic, read_json
from caesura.messages.port import (
    Delivery,
    DeliveryState,
    Fault,
    HttpOptions,
    ProviderConfig,
    Reply,
    Submit,
)

_VALIDITY_MAX_S = 36_000

_RECIPIENT = "Twilio cannot send to this number: "
# Error codes of which it is known whose doing they are; others by HTTP status.
_CODES: dict[int, tuple[Fault, str]] = {
    20003: ("provider", "Twilio refuses the login. Check Account SID and auth token."),
    20429: ("provider", "Twilio asks for less: lower this provider's messages per second."),
    21211: ("recipient", _RECIPIENT + "it is not valid."),
    21214: ("recipient", _RECIPIENT + "it cannot be reached."),
    21217: ("recipient", _RECIPIENT + "it is not valid."),
    21408: ("provider", "The account may not send to this country. Allow it in Twilio's console."),
    21602: ("message", "The text is empty."),
    21603: ("message", "The sender is missing."),
    21606: ("message", "This sender cannot send SMS from the account. Use a number that it owns."),
    21610: ("recipient", "The recipient has told Twilio to stop: put the number on do-not-call."),
    21611: ("provider", "Twilio's queue for this sender is full: send more slowly."),
    21612: ("recipient", _RECIPIENT + "not from this sender."),
    21614: ("recipient", _RECIPIENT + "it is no mobile number."),
    21617: ("message", "The text is longer than the 1600 characters that Twilio takes."),
    21659: ("message", "The sender is no number of the account. Use one that it owns."),
    21660: ("message", "The sender belongs to another account. Use a number of this one."),
}
_THROTTLED = {20429, 21611, 14107}

_STATES: dict[str, DeliveryState] = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "undelivered",
    "failed": "undelivered",
    "canceled": "undelivered",
}

_DETAILS: dict[str, str] = {
    "30003": "The telephone is off or away.",
    "30004": "The recipient or the network blocks it.",
    "30005": "The number is not in use.",
    "30006": "The number is a landline, or cannot be reached.",
    "30007": "The network took it for spam.",
    "30008": "The network could not deliver it, and does not say why.",
}


def request(config: ProviderConfig, options: HttpOptions, submit: Submit) -> HttpRequest:
    """POST /2010-04-01/Accounts/{sid}/Messages.json"""
    account = options.account or config.username or ""
    fields = {"To": submit.recipient, "Body": submit.text}
    # A Messaging Service sends from whichever of its numbers suits.
    fields["MessagingServiceSid" if submit.sender.startswith("MG") else "From"] = submit.sender
    if options.status_callback and submit.receipt:
        fields["StatusCallback"] = options.status_callback
    if submit.valid_for_s is not None:
        fields["ValidityPeriod"] = str(max(1, min(_VALIDITY_MAX_S, round(submit.valid_for_s))))
    return HttpRequest(
        "POST",
        f"/2010-04-01/Accounts/{quote(account, safe='')}/Messages.json",
        {
            "content-type": "application/x-www-form-urlencoded",
            "authorization": basic(config.username, config.password),
        },
        urlencode(fields).encode(),
    )


def answer(status: int, body: bytes) -> Result:
    """What Twilio's answer to a request says."""
    found = read_json(body)
    said: dict[str, Any] = found if isinstance(found, dict) else {}
    if 200 <= status < 300:
        sid = said.get("sid")
        if isinstance(sid, str):
            return Taken([sid])
        return Doubt(f"HTTP {status} without the id of the message.")
    code = said.get("code")
    code = code if isinstance(code, int) else 0
    if code not in _CODES and status in (500, 502, 504):  # it may have been taken all the same
        return Doubt(f"Twilio answered HTTP {status}: whether it took the message is not known.")
    fault, reason = _CODES.get(code) or _by_status(status, str(said.get("message") or ""))
    throttled = status == 429 or code in _THROTTLED
    permanent = not throttled and status < 500 and fault != "provider"
    name = f"HTTP {status}/{code}" if code else f"HTTP {status}"
    return Refused(permanent, fault, name, reason, throttled=throttled)


def _by_status(status: int, message: str) -> tuple[Fault, str]:
    if status in (401, 403):
        return _CODES[20003]
    if status == 404:
        return "provider", "Twilio does not know this account. Check the Account SID."
    if status == 429:
        return _CODES[20429]
    if status >= 500:
        return "provider", "Twilio has an error of its own; try again later."
    return "message", f"Twilio refuses it: {message or 'without a reason'}"


def signature(auth_token: str, url: str, fields: Iterable[tuple[str, str]]) -> str:
    """X-Twilio-Signature of a callback to `url`, as Twilio was given it, with these form fields."""
    signed = url + "".join(f"{name}{value}" for name, value in sorted(set(fields)))
    digest = hmac.new(auth_token.encode(), signed.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def signature_is_good(
    auth_token: str, url: str, fields: Iterable[tuple[str, str]], given: str | None
) -> bool:
    """Whether a callback really comes from Twilio. Compares in constant time."""
    return given is not None and hmac.compare_digest(
        signature(auth_token, url, fields).encode(), given.encode()
    )


def read_callback(provider: str, fields: Mapping[str, str], at: float) -> Delivery | Reply | None:
    """A status callback or an inbound message; None if it says nothing that we keep.

    Neither is noted to anybody: Twilio is answered by HTTP. `at` is UTC seconds.
    """
    sid = fields.get("MessageSid") or fields.get("SmsSid") or ""
    status = fields.get("MessageStatus") or fields.get("SmsStatus") or ""
    if not sid:
        return None
    if status in ("", "received") and "Body" in fields:
        return Reply(
            token=0,
            provider=provider,
            message_id=sid,
            sender=fields.get("From", ""),
            recipient=fields.get("To", ""),
            text=fields["Body"],
            at=at,
        )
    state = _STATES.get(status)
    if state is None:  # queued, sending, accepted: it is not out yet
        return None
    code = fields.get("ErrorCode", "")
    return Delivery(
        token=0,
        provider=provider,
        message_id=sid,
        state=state,
        at=at,
        code=code,
        detail=_DETAILS.get(code, fields.get("ErrorMessage", "")),
    )
