"""How an attempt ended, and what that means for its lead."""

from __future__ import annotations

from enum import StrEnum


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
