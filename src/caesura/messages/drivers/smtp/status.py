"""What a mail server's refusal means. RFC 5321 section 4.2.3; enhanced codes of RFC 3463."""

from __future__ import annotations

import re

from caesura.messages.drivers.driver import Refused
from caesura.messages.port import Fault

_ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")

# RFC 3463 section 3: subject and detail.
_DETAILS: dict[str, tuple[Fault, str]] = {
    "1.1": ("recipient", "There is no such mailbox."),
    "1.2": ("recipient", "There is no such mail domain."),
    "1.3": ("recipient", "The address is not written as one."),
    "1.6": ("recipient", "The mailbox has moved."),
    "1.8": ("message", "The sender's domain does not exist. Use a sender of a domain of yours."),
    "1.7": ("message", "The mail server does not take this sender. Use an address of yours."),
    "2.1": ("recipient", "The mailbox is disabled."),
    "2.2": ("recipient", "The mailbox is full."),
    "3.4": ("message", "The message is too big for the mail server."),
    "7.1": ("message", "The mail server does not allow this sender. Use one that it knows."),
    "7.8": ("provider", "The mail server refuses the login. Check username and password."),
    "7.0": ("provider", "The mail server refuses it as a matter of policy; ask its operator."),
}


def refusal(code: int, text: str, step: str) -> Refused:
    """`step` is what was refused: "sender" (MAIL), "recipient" (RCPT) or "content" (DATA)."""
    found = _ENHANCED.search(text)
    known = _DETAILS.get(f"{found[2]}.{found[3]}") if found else None
    fault, reason = known or _by_code(code, step)
    permanent = code >= 500 and fault != "provider"
    throttled = code in (421, 450, 452) and (found is None or found[2] not in ("1", "2"))
    if throttled:
        fault, reason = "provider", "The mail server asks for less: send more slowly."
    said = " ".join(text.split())[:200]
    name = f"SMTP {code}" + (f" {found[0]}" if found else "")
    return Refused(
        permanent, fault, name, f"{reason} It says: {said}" if said else reason, throttled=throttled
    )


def _by_code(code: int, step: str) -> tuple[Fault, str]:
    if code in (530, 534, 535, 538):
        return "provider", "The mail server wants a login. Set username and password."
    if code < 500:
        return "provider", "The mail server cannot take it now; try again later."
    if step == "recipient":
        return "recipient", "The mail server does not take this address."
    if step == "sender":
        return "message", "The mail server does not take this sender. Use an address of yours."
    return "message", "The mail server refuses the message."
