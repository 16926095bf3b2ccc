"""What pacing sees of a campaign on one cell, and what it remembers from one decision to the next.

Times are seconds on the cell's monotonic clock.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from caesura.rules.pacing.abandonment import Budget
    from caesura.rules.pacing.forecast import Tables


@dataclass(frozen=True)
class AgentsNow:
    """The agents that the campaign counts on, and its calls that may need one.

    An agent of several campaigns counts here if they are allotted to this one
    (`caesura.rules.routing.allot`), so that no agent is counted on twice.
    """

    free: int = 0  # could take a call at this moment
    talking: Sequence[float] = ()  # when each conversation began
    wrapping: Sequence[float] = ()  # when each wrap-up began
    ringing: Sequence[float] = ()  # when each call that nobody answered yet was started
    waiting: Sequence[float] = ()  # when each answered call that has no agent was answered

    @property
    def working(self) -> int:
        """Agents who are free or will be."""
        return self.free + len(self.talking) + len(self.wrapping)

    @property
    def in_need(self) -> int:
        """Calls that have no agent yet and may need one."""
        return len(self.ringing) + len(self.waiting)


@dataclass(frozen=True)
class Crew:
    """The agents whom a campaign counts on at one moment (caesura.rules.floor)."""

    agents: AgentsNow = AgentsNow()
    idle: Sequence[int] = ()  # the free ones, the longest first; only if Runner.wants_idle

    def without(self, shown: int) -> Crew:
        """After a lead was shown to so many of the free ones, who are not free for others now."""
        return replace(self, agents=replace(self.agents, free=self.agents.free - shown))


NOBODY = Crew()


@dataclass(frozen=True)
class Snapshot:
    """The campaign on this cell at the moment of the decision.

    Fixed pacing, which knows no agents, looks at the first four alone.
    """

    in_flight: int  # calls of the campaign on this cell, from the launch to the end
    cells: int = 1  # how many cells hold a lease of the campaign
    rank: int = 0  # this cell's place among them, 0 is the first
    resumed_at: float | None = None  # when the campaign was resumed; None: it never was
    ramp_up_s: float = 0.0  # how long it grows to full speed after a resume
    agents: AgentsNow = AgentsNow()
    known: Tables | None = None  # what is learnt of its calls; None: not enough
    budget: Budget | None = None  # None: nobody may be abandoned


class Pacer(Protocol):
    """One kind of pacing with its settings: how many calls to start now.

    The same `now` and snapshot give the same answer, whatever was asked before. Whoever asks starts
    at most so many, asks again within a second, and again when an agent becomes free or a call
    ends. Any class of this shape can stand in for ours by its import path, as `module:Class`
    (caesura.pacers): in `caesura simulate`, and in production by CAESURA_PREDICTIVE_PACER.
    """

    @property
    def looks_ahead(self) -> bool:
        """Whether it wants `Snapshot.known`, which costs some milliseconds twice a minute."""
        ...

    def decide(self, now: float, snapshot: Snapshot) -> int:
        """How many calls to start at `now`, on the clock of the snapshot; 0 or more."""
        ...


@dataclass(frozen=True)
class PacingState:
    """What one decision leaves to the next. A new epoch begins with a new one."""

    tokens: float = 1.0  # calls that the rate allows now
    at: float | None = None  # when they were counted; None before the first decision


def share(total: int, cells: int, rank: int) -> int:
    """This cell's part of `total`: the parts of all ranks add up to it and differ by one at most.

    Raises ValueError if there is no such rank.
    """
    if not 0 <= rank < cells:
        raise ValueError(f"rank {rank} of {cells} cells")
    return total // cells + (1 if rank < total % cells else 0)
