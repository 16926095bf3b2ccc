"""What a shift can be paced by: the production pacers, and dialers to hold them against.

The others are for comparison only and no setting of a campaign: a fixed ratio, as most dialers
offer, and `clairvoyant`, who knows each call's and conversation's end beforehand.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import ClassVar

from caesura.errors import Invalid
from caesura.rules.pacing.predictive import Predictive
from caesura.rules.pacing.progressive import Progressive
from caesura.rules.pacing.snapshot import Pacer, Snapshot

CLAIRVOYANT = "clairvoyant"
NAMES = ("predictive", "progressive", "fixed:N", "ratio:R", "lines:R", CLAIRVOYANT, "module:Class")


@dataclass(frozen=True)
class Fixed:
    """So many calls at once, whatever the agents do."""

    concurrency: int
    looks_ahead: ClassVar[bool] = False

    def decide(self, now: float, snapshot: Snapshot) -> int:
        return max(0, self.concurrency - snapshot.in_flight)


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
    kind, _, value = name.partition(":")
    if name == "predictive":
        return Predictive(wait_s)
    if name == "progressive":
        return Progressive()
    if name == CLAIRVOYANT:
        return Clairvoyant()
    if kind in ("fixed", "ratio", "lines") and value:
        try:
            if kind == "fixed":
                return Fixed(int(value))
            return Ratio(float(value)) if kind == "ratio" else Lines(float(value))
        except ValueError:
            raise Invalid(f"{name}: {value!r} is no number.") from None
    if value:
        return _imported(kind, value)
    raise Invalid(f"There is no pacing {name!r}. There is {', '.join(NAMES)}.")


def _imported(module: str, name: str) -> Pacer:
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise Invalid(f"{module}:{name} cannot be imported: {error}.") from None
    try:
        pacer = found() if isinstance(found, type) else found
    except TypeError as error:
        raise Invalid(f"{module}:{name} cannot be made without arguments: {error}.") from None
    if not (callable(getattr(pacer, "decide", None)) and hasattr(pacer, "looks_ahead")):
        raise Invalid(
            f"{module}:{name} has no decide(now, snapshot) and looks_ahead, see docs/pacing.md."
        )
    return pacer  # type: ignore[no-any-return]
