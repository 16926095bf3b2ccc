"""What a shift can be paced by: the production pacers, and dialers to hold them against.

The others are for comparison only and no setting of a campaign: a fixed ratio, as most dialers
offer, and `clairvoyant`, who knows each call's and conversation's end beforehand.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from caesura.errors import Invalid
from caesura.pacers import imported
from caesura.rules.campaign import Ceiling
from caesura.rules.pacing import fixed
from caesura.rules.pacing.predictive import Predictive
from caesura.rules.pacing.progressive import Progressive
from caesura.rules.pacing.snapshot import Pacer, PacingState, Snapshot

CLAIRVOYANT = "clairvoyant"
BUILT_IN = ("predictive", "progressive", "fixed:N", "ratio:R", "lines:R", CLAIRVOYANT)
NAMES = (*BUILT_IN, "module:Class")
_CALLS_MAX = 10_000
_RATIO_MAX = 1000.0


@dataclass(frozen=True)
class Fixed:
    """So many calls at once, whatever the agents do."""

    concurrency: int
    looks_ahead: ClassVar[bool] = False

    def decide(self, now: float, snapshot: Snapshot) -> int:
        pacing = Ceiling(concurrency=self.concurrency)
        return fixed.decide(pacing, snapshot, PacingState(), now)[0]


@dataclass(frozen=True)
class Ratio:
    """So many calls ring for each free agent."""

    ratio: float
    looks_ahead: ClassVar[bool] = False

    def decide(self, now: float, snapshot: Snapshot) -> int:
        agents = snapshot.agents
        return max(0, round(self.ratio * agents.free) - agents.in_need)


@dataclass(frozen=True)
class Lines:
    """So many calls are under way for each agent, conversations counted."""

    ratio: float
    looks_ahead: ClassVar[bool] = False

    def decide(self, now: float, snapshot: Snapshot) -> int:
        agents = snapshot.agents
        return max(0, round(self.ratio * agents.working) - agents.in_need - len(agents.talking))


class Clairvoyant(Progressive):
    """A bound, not a dialer: each agent has a caller at the very moment they are free.

    One call for each free agent, of which `simulate.world` has the end known at once.
    """


def dialer(name: str, wait_s: float) -> Pacer:
    """The pacer of that name. Raises Invalid for an unknown one."""
    found = built_in(name, wait_s)
    if found is not None:
        return found
    if ":" in name:
        return imported(name)
    raise Invalid(f"There is no pacing {name!r}. There is {', '.join(NAMES)}.")


def built_in(name: str, wait_s: float) -> Pacer | None:
    """The pacer of that name, without importing anything; None if there is none of it here.

    Raises Invalid if it is not given the number that it needs.
    """
    kind, colon, value = name.partition(":")
    if name == "predictive":
        return Predictive(wait_s)
    if name == "progressive":
        return Progressive()
    if name == CLAIRVOYANT:
        return Clairvoyant()
    if kind == "fixed" and colon:
        return Fixed(round(_number(name, value, _CALLS_MAX, whole=True)))
    if kind in ("ratio", "lines") and colon:
        ratio = _number(name, value, _RATIO_MAX, whole=False)
        return Ratio(ratio) if kind == "ratio" else Lines(ratio)
    return None


def _number(name: str, text: str, most: float, *, whole: bool) -> float:
    try:
        value = int(text) if whole else float(text)
    except ValueError:
        raise Invalid(f"{name}: {text!r} is no {'whole ' if whole else ''}number.") from None
    if not (math.isfinite(value) and 0 < value <= most):
        raise Invalid(f"{name}: the number must be above 0 and at most {most:,.0f}.")
    return value
