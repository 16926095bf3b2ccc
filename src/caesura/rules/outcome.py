"""How an attempt ended, and which words of the network mean what.

`CAUSES` is the whole mapping from SIP and ISDN causes to outcomes, in one table: RFC 3261
section 21 for status codes, ITU-T Q.850 section 2.2 for cause values (they come in a Reason header,
RFC 3326), RFC 3398 section 7.2.4.1 and 8.2.6.1 for what gateways make of one another's. What an
outcome means for its lead is in caesura.rules.next_try.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class Outcome(StrEnum):
    """What the network and the callee did with one attempt."""

    ANSWERED = "answered"  # the callee (person or machine) picked up
    BUSY = "busy"
    NO_ANSWER = "no_answer"  # rang to the ring timeout, or the network gave up ringing
    DECLINED = "declined"
    INVALID_NUMBER = "invalid_number"  # not in service, unallocated: do not try again
    CONGESTION = "congestion"  # the carrier is out of channels
    FAILED = "failed"  # carrier or line failure; says nothing about the callee
    ABANDONED = "abandoned"  # answered by a person and nobody was there
    CANCELLED = "cancelled"  # we cancelled it (pause, termination) before an answer
    UNKNOWN = "unknown"  # a crash left it in doubt; it may or may not have reached the wire
    # Of messages only (caesura.rules.message); those above that fit are theirs as well.
    SENT = "sent"  # the provider took it; whether it arrives is not known yet
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"  # taken, and could not be delivered
    EXPIRED = "expired"  # taken, and not delivered within its validity
    REJECTED = "rejected"  # this recipient cannot be reached so


class Received(StrEnum):
    """Whether the called network delivered such a call: it rang, was answered, busy or declined."""

    YES = "yes"
    IF_RANG = "if_rang"
    NO = "no"  # also after 183: that was an announcement


@dataclass(frozen=True)
class Cause:
    """One row: what must hold (None: anything), and what it then means."""

    outcome: Outcome
    received: Received
    source: str
    statuses: range | tuple[int, ...] | None = None  # final status of the INVITE
    causes: tuple[int, ...] | None = None  # Q.850
    by: str | None = None  # who ended it, as voice.port.Ended has it
    rang: bool | None = None

    def fits(self, status: int | None, cause: int | None, by: str, rang: bool) -> bool:
        return (
            (self.statuses is None or status in self.statuses)
            and (self.causes is None or cause in self.causes)
            and (self.by is None or by == self.by)
            and (self.rang is None or rang is self.rang)
        )


_O, _R = Outcome, Received

# The first row that fits decides. The order: causes (they say more than the status that a gateway
# made of them), then statuses that speak of the callee, then who ended it (so that a 486 that
# crossed our CANCEL is still busy), then the rest.
CAUSES: tuple[Cause, ...] = (
    # ---- Q.850 causes
    Cause(_O.BUSY, _R.YES, "Q.850 17 user busy", causes=(17,)),
    # RFC 3398 7.2.4.1 note: 21 is 603 from the user, and 403 where the network itself rejects
    Cause(_O.FAILED, _R.IF_RANG, "RFC 3398 7.2.4.1, 21 -> 403", statuses=(403,), causes=(21,)),
    Cause(_O.DECLINED, _R.YES, "Q.850 21 call rejected", causes=(21,)),
    Cause(_O.INVALID_NUMBER, _R.NO, "Q.850 1 unallocated number", causes=(1,)),
    Cause(_O.INVALID_NUMBER, _R.NO, "Q.850 22 number changed", causes=(22,)),
    Cause(_O.INVALID_NUMBER, _R.NO, "Q.850 28 invalid number format", causes=(28,)),
    Cause(_O.CONGESTION, _R.NO, "Q.850 34 no circuit, 42 congestion", causes=(34, 42)),
    Cause(_O.CONGESTION, _R.NO, "Q.850 44 channel, 47 resource unavailable", causes=(44, 47)),
    Cause(_O.FAILED, _R.NO, "Q.850 2, 3 no route: the carrier's, not the number's", causes=(2, 3)),
    Cause(_O.FAILED, _R.IF_RANG, "Q.850 38 network out of order, 41 temporary", causes=(38, 41)),
    # ---- statuses that speak of the callee
    Cause(_O.BUSY, _R.YES, "RFC 3261 21.4.24 Busy Here, 21.6.1 everywhere", statuses=(486, 600)),
    Cause(_O.DECLINED, _R.YES, "RFC 3261 21.6.2 Decline; RFC 8197 Unwanted", statuses=(603, 607)),
    # RFC 8688: an analytics engine refused on the callee's behalf; trying again soon cannot help
    Cause(_O.DECLINED, _R.NO, "RFC 8688 Rejected", statuses=(608,)),
    Cause(_O.INVALID_NUMBER, _R.NO, "RFC 3261 21.4.5, 21.6.3 unknown", statuses=(404, 604)),
    Cause(_O.INVALID_NUMBER, _R.NO, "RFC 3261 21.4.11 Gone", statuses=(410,)),
    Cause(_O.INVALID_NUMBER, _R.NO, "RFC 3261 21.4.22, 21.4.23 address", statuses=(484, 485)),
    # ---- who ended it: 487 (RFC 3261 21.4.25) says only that a CANCEL came, not whose wish it was
    Cause(_O.CANCELLED, _R.IF_RANG, "RFC 3261 9.1: our CANCEL", by="us"),
    Cause(_O.NO_ANSWER, _R.IF_RANG, "our CANCEL at the ring timeout", by="ring_timeout"),
    # ---- nobody answered
    Cause(_O.NO_ANSWER, _R.YES, "Q.850 19 no answer, user alerted", causes=(19,)),
    Cause(_O.NO_ANSWER, _R.IF_RANG, "Q.850 18 not responding, 20 absent", causes=(18, 20)),
    Cause(_O.NO_ANSWER, _R.IF_RANG, "RFC 3261 21.4.18 Temporarily Unavailable", statuses=(480,)),
    Cause(_O.NO_ANSWER, _R.YES, "RFC 3261 21.4.9, 21.4.25", statuses=(408, 487), rang=True),
    # ---- the carrier
    # without ringing, 408 is what a silent trunk looks like too (RFC 3261 8.1.3.1)
    Cause(_O.FAILED, _R.NO, "RFC 3261 8.1.3.1", statuses=(408, 487), rang=False),
    Cause(_O.CONGESTION, _R.NO, "RFC 3261 21.5.4 Service Unavailable", statuses=(503,)),
    Cause(_O.FAILED, _R.IF_RANG, "RFC 3261 21.5", statuses=range(500, 600)),
    Cause(_O.FAILED, _R.IF_RANG, "RFC 3261 21.3, 21.4, 21.6: all other, and no status at all"),
)


@lru_cache(maxsize=4096)  # a campaign sees the same few again and again
def cause_of(*, sip_status: int | None, q850_cause: int | None, by: str, rang: bool) -> Cause:
    """The row of `CAUSES` for a call that nobody answered; `by` as in voice.port.Ended."""
    return next(row for row in CAUSES if row.fits(sip_status, q850_cause, by, rang))


def from_sip(
    *,
    sip_status: int | None,
    by: str,
    rang: bool,
    answered: bool = False,
    q850_cause: int | None = None,
    answered_while_cancelled: bool = False,
) -> tuple[Outcome, bool]:
    """What an ended call came to, and whether it counts as received.

    `by` is who ended it: "callee", "us", "ring_timeout" or "network"; "us" before an answer means
    that we cancelled it by decision. `rang`: a 180, or 183 with media, was seen. `answered`: our
    side took the answer. A 200 that crossed our CANCEL is `abandoned`: somebody picked up, and
    nobody was there (RFC 3261 section 15: the line says BYE at once).
    """
    if answered_while_cancelled:
        return Outcome.ABANDONED, True
    if answered:
        return Outcome.ANSWERED, True
    row = cause_of(sip_status=sip_status, q850_cause=q850_cause, by=by, rang=rang)
    received = row.received is Received.YES or (row.received is Received.IF_RANG and rang)
    return row.outcome, received
