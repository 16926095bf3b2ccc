"""What a practice recipient, or the message centre before it, does with a message.

Pure: a function of (seed, address, how many messages it had before), like practice/behaviour.py.
The magic numbers are fictional subscribers, as there. In e-mail the local part is the magic:
`bounced` behaves like its kind whatever the domain.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Fate(StrEnum):
    """What becomes of a message. The value is the name on the CLI and before an e-mail's @."""

    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    EXPIRED = "expired"
    NO_RECEIPT = "no-receipt"
    NO_SUCH_NUMBER = "no-such-number"
    SENDER_REFUSED = "sender-refused"
    SYSTEM_ERROR = "system-error"
    THROTTLED_ONCE = "throttled-once"
    THROTTLED = "throttled"
    SLOW = "slow"
    NEVER_ANSWERED = "never-answered"
    LOST_BEFORE = "lost-before"
    LOST_AFTER = "lost-after"
    SAYS_YES = "says-yes"
    SAYS_STOP = "says-stop"
    SAYS_MUCH = "says-much"
    TLV_RECEIPT = "tlv-receipt"
    TEXT_RECEIPT = "text-receipt"
    PART_REFUSED = "part-refused"


# Last two digits after MAGIC_PREFIX -> what that number always does, in the order of `Fate`.
MAGIC_PREFIX = "+141555501"
MAGIC: dict[str, Fate] = {
    f"{MAGIC_PREFIX}{index:02}": fate for index, fate in enumerate(Fate, start=1)
}
_BY_NAME = {fate.value: fate for fate in Fate}

DESCRIPTION: dict[Fate, str] = {
    Fate.DELIVERED: "taken, and delivered",
    Fate.UNDELIVERED: "taken, and not delivered (UNDELIV, err:001)",
    Fate.EXPIRED: "taken, and not delivered while it was valid (EXPIRED)",
    Fate.NO_RECEIPT: "taken, and nothing more is heard of it",
    Fate.NO_SUCH_NUMBER: "refused: ESME_RINVDSTADR; HTTP 400, 21211; SMTP 550 5.1.1",
    Fate.SENDER_REFUSED: "refused: ESME_RINVSRCADR; HTTP 400, 21606; SMTP 550 5.7.1",
    Fate.SYSTEM_ERROR: "refused for now: ESME_RSYSERR; HTTP 503; SMTP 451",
    Fate.THROTTLED_ONCE: "the first time ESME_RTHROTTLED, HTTP 429 or SMTP 450; then taken",
    Fate.THROTTLED: "always ESME_RTHROTTLED, HTTP 429 or SMTP 450",
    Fate.SLOW: "taken, but answered only after 3 s",
    Fate.NEVER_ANSWERED: "taken, and never answered",
    Fate.LOST_BEFORE: "taken, but the connection breaks before the answer",
    Fate.LOST_AFTER: "taken and answered, and then the connection breaks",
    Fate.SAYS_YES: "delivered, and replies YES",
    Fate.SAYS_STOP: "delivered, and replies STOP",
    Fate.SAYS_MUCH: "delivered, and replies at length (in two parts)",
    Fate.TLV_RECEIPT: "delivered; its receipt has only TLVs and no text",
    Fate.TEXT_RECEIPT: "delivered; its receipt has only a text and no TLVs",
    Fate.PART_REFUSED: "refuses the second part of a long message once (ESME_RMSGQFUL)",
}

REPLIES: dict[Fate, str] = {
    Fate.SAYS_YES: "YES",
    Fate.SAYS_STOP: "STOP",
    Fate.SAYS_MUCH: "Thank you for asking. " * 9 + "€",
}

USUAL: dict[Fate, float] = {
    Fate.UNDELIVERED: 0.03,
    Fate.EXPIRED: 0.01,
    Fate.NO_SUCH_NUMBER: 0.01,
    Fate.SAYS_YES: 0.02,
    Fate.SAYS_STOP: 0.005,
}


@dataclass(frozen=True)
class Recipients:
    """Who is behind the message centre. What the shares leave over is delivered."""

    shares: Mapping[Fate, float] = field(default_factory=lambda: dict(USUAL))
    seed: int = 1

    def fate(self, address: str, nth: int) -> Fate:
        """Of the `nth` message (from 0) to `address`, which may lack its +."""
        found = _magic(address)
        if found is not None:
            if found in (Fate.THROTTLED_ONCE, Fate.PART_REFUSED) and nth > 0:
                return Fate.DELIVERED
            return found
        drawn = _unit(self.seed, address.lstrip("+"), nth)
        for fate, share in self.shares.items():
            drawn -= share
            if drawn < 0:
                return fate
        return Fate.DELIVERED


def magic_table() -> list[tuple[str, Fate, str]]:
    return [(number, fate, DESCRIPTION[fate]) for number, fate in MAGIC.items()]


def _magic(address: str) -> Fate | None:
    if "@" in address:
        return _BY_NAME.get(address.partition("@")[0].lower())
    return MAGIC.get(f"+{address.lstrip('+')}")


def _unit(seed: int, address: str, nth: int) -> float:
    """Evenly from 0 up to 1."""
    digest = hashlib.blake2b(f"{seed}\n{address}\n{nth}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64
