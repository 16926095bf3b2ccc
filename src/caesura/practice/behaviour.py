"""What a practice callee does when it is called, and how that is drawn.

Pure: no clock, no socket, no random source. Everything is a function of (seed, number, how many
times this number was called before), so the same seed gives the same people whatever the order of
the calls, and a run can be told again.

The magic numbers are fictional subscribers (the North American Numbering Plan keeps 555-0100 to
555-0199 of every area code for fiction), which importers nevertheless accept as valid.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from statistics import NormalDist
from typing import Any

from caesura.errors import Invalid


class Kind(StrEnum):
    """What a callee, or the network on the way to it, does. The value is the name on the CLI."""

    ANSWER = "answer"  # a person: rings, answers, greets, listens, hangs up
    VOICEMAIL = "voicemail"  # rings, answers, long greeting, beep, records
    BUSY = "busy"  # 486
    NO_ANSWER = "no-answer"  # rings until it is cancelled
    DECLINE = "decline"  # rings, then 603
    NOT_IN_SERVICE = "not-in-service"  # 404, Q.850 cause 1; a property of the number
    CONGESTION = "congestion"  # 503, Q.850 cause 34
    FAILURE = "failure"  # 500, Q.850 cause 41
    SLOW_ANSWER = "slow-answer"  # a person who lets it ring for 24 s
    HANG_UP_AT_ONCE = "hang-up-at-once"  # answers and hangs up within 0.2 s
    NEVER_BYE = "never-bye"  # answers and never hangs up
    EARLY_MEDIA = "early-media"  # 183 with a ringing tone as media, then answers
    SILENT = "silent"  # no response of any kind
    PRESS_9 = "press-9"  # a person who presses 9 (RFC 4733)
    PRESS_1 = "press-1"  # a person who presses 1
    LONG_GREETING = "long-greeting"  # speaks for 4 s, then is silent
    ANSWER_AS_CANCELLED = "answer-as-cancelled"  # rings; its 200 crosses the CANCEL
    SLOW_NETWORK = "slow-network"  # first response after 1.3 s, so the INVITE is sent again


# Last two digits after MAGIC_PREFIX -> what that number always does.
MAGIC_PREFIX = "+141555501"
MAGIC: dict[str, Kind] = {
    f"{MAGIC_PREFIX}{index:02}": kind
    for index, kind in enumerate(
        [
            Kind.ANSWER,
            Kind.BUSY,
            Kind.NO_ANSWER,
            Kind.DECLINE,
            Kind.NOT_IN_SERVICE,
            Kind.CONGESTION,
            Kind.FAILURE,
            Kind.VOICEMAIL,
            Kind.SLOW_ANSWER,
            Kind.HANG_UP_AT_ONCE,
            Kind.NEVER_BYE,
            Kind.EARLY_MEDIA,
            Kind.SILENT,
            Kind.PRESS_9,
            Kind.PRESS_1,
            Kind.LONG_GREETING,
            Kind.ANSWER_AS_CANCELLED,
            Kind.SLOW_NETWORK,
        ],
        start=1,
    )
}

DESCRIPTION: dict[Kind, str] = {
    Kind.ANSWER: "rings, a person answers, greets, listens and hangs up",
    Kind.VOICEMAIL: "rings, a machine answers, long greeting, beep, records 14 s",
    Kind.BUSY: "486 Busy Here (Q.850 cause 17)",
    Kind.NO_ANSWER: "rings until it is cancelled",
    Kind.DECLINE: "rings, then 603 Decline (Q.850 cause 21)",
    Kind.NOT_IN_SERVICE: "404 Not Found (Q.850 cause 1)",
    Kind.CONGESTION: "503 Service Unavailable (Q.850 cause 34)",
    Kind.FAILURE: "500 Server Internal Error (Q.850 cause 41)",
    Kind.SLOW_ANSWER: "rings for 24 s, then a person answers",
    Kind.HANG_UP_AT_ONCE: "answers and hangs up after 0.2 s",
    Kind.NEVER_BYE: "answers and never hangs up",
    Kind.EARLY_MEDIA: "183 with a ringing tone as early media, then answers",
    Kind.SILENT: "gives no response at all",
    Kind.PRESS_9: "answers and presses 9 after 3 s",
    Kind.PRESS_1: "answers and presses 1 after 3 s",
    Kind.LONG_GREETING: "answers, speaks for 4 s, then is silent",
    Kind.ANSWER_AS_CANCELLED: "rings; when cancelled, its 200 crosses the CANCEL",
    Kind.SLOW_NETWORK: "first response after 1.3 s (the INVITE is sent again), then answers",
}

# Kinds that pick up: parts of the share `answer`, with their usual part of it.
PICKS_UP: dict[Kind, float] = {
    Kind.ANSWER: 0.70,
    Kind.VOICEMAIL: 0.15,
    Kind.LONG_GREETING: 0.05,
    Kind.SLOW_ANSWER: 0.03,
    Kind.PRESS_1: 0.04,
    Kind.HANG_UP_AT_ONCE: 0.02,
    Kind.PRESS_9: 0.01,
    Kind.NEVER_BYE: 0.0,
    Kind.EARLY_MEDIA: 0.0,
    Kind.SLOW_NETWORK: 0.0,
}

# Kinds that do not, with their usual share of all calls. What is left over rings and rings.
DOES_NOT: dict[Kind, float] = {
    Kind.BUSY: 0.12,
    Kind.DECLINE: 0.04,
    Kind.NOT_IN_SERVICE: 0.01,
    Kind.CONGESTION: 0.003,
    Kind.FAILURE: 0.002,
    Kind.SILENT: 0.0,
    Kind.ANSWER_AS_CANCELLED: 0.0,
}

# Final response of the kinds that refuse: status, reason phrase, Q.850 cause (RFC 3326 section 2).
REFUSALS: dict[Kind, tuple[int, str, int]] = {
    Kind.BUSY: (486, "Busy Here", 17),
    Kind.DECLINE: (603, "Decline", 21),
    Kind.NOT_IN_SERVICE: (404, "Not Found", 1),
    Kind.CONGESTION: (503, "Service Unavailable", 34),
    Kind.FAILURE: (500, "Server Internal Error", 41),
}

DIGITS: dict[Kind, str] = {Kind.PRESS_9: "9", Kind.PRESS_1: "1"}

_LOGNORMAL_SIGMA = 0.6  # coefficient of variation 0.66: many short talks, a few long ones


def shares_of(answer: float, explicit: Mapping[Kind, float] | None = None) -> dict[Kind, float]:
    """Complete the shares of all calls; they add up to 1, in the order of `Kind`.

    `answer` is the share that is picked up, by whomever; `explicit` names shares of all calls for
    single kinds, those that pick up being parts of `answer`. Kinds not named keep their usual
    share, or shrink together to what is left. Raises Invalid where it cannot add up.
    """
    given = dict(explicit or {})
    named = {"answer": answer} | {kind.value: share for kind, share in given.items()}
    for name, value in named.items():
        if not 0 <= value <= 1:
            raise Invalid(f"The share of {name} must be between 0 and 1, not {value}.", name)
    if Kind.ANSWER in given or Kind.NO_ANSWER in given:
        raise Invalid("The shares of answer and no-answer follow from the others.", "share")
    special = {kind: part * answer for kind, part in PICKS_UP.items()}
    del special[Kind.ANSWER]
    picked_up = _fitted(special, given, answer, "those who pick up")
    picked_up[Kind.ANSWER] = max(0.0, answer - sum(picked_up.values()))
    refused = _fitted(DOES_NOT, given, 1 - answer, "those who do not pick up")
    refused[Kind.NO_ANSWER] = max(0.0, 1 - answer - sum(refused.values()))
    both = {**picked_up, **refused}
    return {kind: both[kind] for kind in Kind}


def _fitted(
    usual: Mapping[Kind, float], given: Mapping[Kind, float], room: float, who: str
) -> dict[Kind, float]:
    """The given shares as they are, the usual ones shrunk to the room that is left."""
    fixed = {kind: given[kind] for kind in usual if kind in given}
    left = room - sum(fixed.values())
    if left < -1e-9:
        raise Invalid(f"The shares of {who} add up to more than {room:g}.", "share")
    free = {kind: share for kind, share in usual.items() if kind not in given}
    total = sum(free.values())
    shrink = min(1.0, max(0.0, left) / total) if total > 0 else 0.0
    return {**fixed, **{kind: share * shrink for kind, share in free.items()}}


@dataclass(frozen=True)
class Spread:
    """A distribution of seconds: uniform between two bounds, or lognormal about a mean."""

    low_s: float | None = None
    high_s: float | None = None
    mean_s: float | None = None

    @classmethod
    def parse(cls, text: str) -> Spread:
        """Read "4-12" (uniform), "5-5" (always 5 s) or "23" (lognormal, mean 23 s)."""
        try:
            bounds = [float(part) for part in text.split("-")]
        except ValueError:
            bounds = []
        if len(bounds) == 1 and 0 <= bounds[0] < math.inf:
            return cls(mean_s=bounds[0])
        if len(bounds) == 2 and 0 <= bounds[0] <= bounds[1] < math.inf:
            return cls(low_s=bounds[0], high_s=bounds[1])
        raise Invalid(f"Cannot read {text!r} as seconds: write 23 for a mean or 4-12 for a range.")

    def at(self, chance: float) -> float:
        """The value, in seconds, that lies at the quantile `chance`, 0 < chance < 1."""
        if self.low_s is not None and self.high_s is not None:
            return self.low_s + chance * (self.high_s - self.low_s)
        if not self.mean_s:
            return 0.0
        sigma = _LOGNORMAL_SIGMA
        location = math.log(self.mean_s) - sigma * sigma / 2  # makes mean_s the mean
        return math.exp(location + sigma * NormalDist().inv_cdf(chance))


@dataclass(frozen=True)
class Behaviour:
    """What happens on one call, in order; all times in seconds."""

    kind: Kind
    status: int | None  # final response of its own accord; None: rings, or is silent, for ever
    reason: str = "OK"
    q850_cause: int | None = None  # in a Reason header of a refusal
    trying_s: float | None = 0.0  # INVITE to 100; None: no response at all
    network_s: float = 0.0  # from the 100 to the 180 or 183, or to the refusal if it never rings
    rings: bool = True  # whether there is a 180 or 183
    early_media: bool = False  # 183 with SDP and a ringing tone, instead of 180
    ring_s: float = 0.0  # 180 to the final response
    greeting_s: float = 0.0  # how long the callee speaks from the answer on
    beep_s: float = 0.0  # a tone after the greeting
    digit: str | None = None  # pressed once
    digit_after_s: float = 0.0  # from the answer on
    talk_s: float | None = None  # answer to the callee's BYE; None: it never says BYE
    answers_cancel: bool = False  # a CANCEL is met by a 200 to the INVITE

    @property
    def picks_up(self) -> bool:
        return self.status == 200

    def faster(self, speed: float) -> Behaviour:
        """The same, with every time divided by `speed`.

        All but `trying_s`: that one stands against the caller's T1 (RFC 3261 section 17.1.1.1).
        """
        if speed == 1:
            return self
        return replace(
            self,
            network_s=self.network_s / speed,
            ring_s=self.ring_s / speed,
            greeting_s=self.greeting_s / speed,
            beep_s=self.beep_s / speed,
            digit_after_s=self.digit_after_s / speed,
            talk_s=None if self.talk_s is None else self.talk_s / speed,
        )


@dataclass(frozen=True)
class Population:
    """Everybody who can be called: who they are is drawn from the seed, never from the order."""

    shares: Mapping[Kind, float] = field(default_factory=lambda: shares_of(0.34))
    ring: Spread = Spread(low_s=3, high_s=12)
    talk: Spread = Spread(mean_s=23)
    seed: int = 1
    speed: float = 1.0  # divides all times, for demonstrations and tests

    def behaviour(self, number: str, nth: int) -> Behaviour:
        """What `number` (E.164) does when called for the `nth` time, counted from 0."""
        kind = MAGIC.get(number) or self._kind(number, nth)
        return self._times(kind, number, nth).faster(self.speed)

    def _chance(self, number: str, nth: int, what: str) -> float:
        """A number in (0, 1), evenly spread and fixed by its arguments and the seed."""
        text = f"{self.seed}|{number}|{nth}|{what}".encode()
        value = int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")
        return ((value >> 12) + 0.5) / (1 << 52)

    def _kind(self, number: str, nth: int) -> Kind:
        # A number out of service stays so: its draw does not depend on `nth`.
        out_of_service = self.shares[Kind.NOT_IN_SERVICE]
        if self._chance(number, 0, "in service") < out_of_service:
            return Kind.NOT_IN_SERVICE
        point = self._chance(number, nth, "kind") * (1 - out_of_service)
        kind = Kind.NO_ANSWER
        for candidate, share in self.shares.items():
            if candidate is Kind.NOT_IN_SERVICE or share <= 0:
                continue
            kind = candidate  # the last one stands where rounding leaves a gap at the end
            if point < share:
                break
            point -= share
        return kind

    def _times(self, kind: Kind, number: str, nth: int) -> Behaviour:
        def chance(what: str) -> float:
            return self._chance(number, nth, what)

        network_s = 0.05 + 0.25 * chance("network")
        ring_s = self.ring.at(chance("ring"))
        if kind in REFUSALS:
            status, reason, cause = REFUSALS[kind]
            rings = kind is Kind.DECLINE
            return Behaviour(
                kind, status, reason, cause, network_s=network_s, rings=rings,
                ring_s=ring_s if rings else 0.0,
            )  # fmt: skip
        if kind is Kind.SILENT:
            return Behaviour(kind, None, trying_s=None, rings=False)
        if kind in (Kind.NO_ANSWER, Kind.ANSWER_AS_CANCELLED):
            answers_cancel = kind is Kind.ANSWER_AS_CANCELLED
            return Behaviour(kind, None, network_s=network_s, answers_cancel=answers_cancel)
        person = Behaviour(
            kind, 200, network_s=network_s, ring_s=ring_s,
            greeting_s=0.8 + 0.8 * chance("greeting"), talk_s=self.talk.at(chance("talk")),
            digit=DIGITS.get(kind), digit_after_s=3.0,
        )  # fmt: skip
        return _variant(person, machine_greeting_s=6.0 + 6.0 * chance("greeting"))


def _variant(person: Behaviour, machine_greeting_s: float) -> Behaviour:
    """Turn a person who answers into what its kind says."""
    talk_s = person.talk_s or 0.0
    match person.kind:
        case Kind.VOICEMAIL:
            # Machines let it ring longer than people do, and record for 14 s after the beep of 1 s
            # (with which all who pick up talk about as long, on average, as the people among them).
            changes: dict[str, Any] = {
                "ring_s": 1.5 * person.ring_s,
                "greeting_s": machine_greeting_s,
                "beep_s": 1.0,
                "talk_s": machine_greeting_s + 15.0,
            }
        case Kind.SLOW_ANSWER:
            changes = {"ring_s": 24.0}
        case Kind.HANG_UP_AT_ONCE:
            changes = {"greeting_s": 0.0, "talk_s": 0.2}
        case Kind.NEVER_BYE:
            changes = {"talk_s": None}
        case Kind.EARLY_MEDIA:
            changes = {"early_media": True}
        case Kind.LONG_GREETING:
            changes = {"greeting_s": 4.0, "talk_s": talk_s + 4.0}
        case Kind.SLOW_NETWORK:
            changes = {"trying_s": 1.3}
        case Kind.PRESS_9 | Kind.PRESS_1:
            # Stays on the line at least until a second after the key.
            changes = {"talk_s": max(talk_s, person.digit_after_s + 1.0)}
        case _:
            changes = {}
    return replace(person, **changes)


def magic_table() -> list[tuple[str, Kind, str]]:
    """The magic numbers: number, kind, what it does."""
    return [(number, kind, DESCRIPTION[kind]) for number, kind in MAGIC.items()]
