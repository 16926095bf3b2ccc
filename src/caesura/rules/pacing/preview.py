"""Preview pacing: the agent sees the lead first, and the call starts when they say so.

Pacing decides nothing there: each free agent is offered one lead (`caesura.rules.routing`), and
each lead that one of them accepts, or whose countdown has run out, is one call. So what this counts
are the calls asked for and not started yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from caesura.rules.pacing.snapshot import Snapshot


@dataclass(frozen=True)
class Preview:
    """`offered` is when each lead was shown that has not been called yet, accepted or not."""

    countdown_s: float | None = None  # then the call starts by itself; None: never
    offered: Sequence[tuple[float, bool]] = ()  # (when, accepted)
    looks_ahead: ClassVar[bool] = False

    def decide(self, now: float, snapshot: Snapshot) -> int:
        """A call for each lead that was accepted, or whose countdown has run out."""
        return sum(accepted or self.run_out(at, now) for at, accepted in self.offered)

    def run_out(self, offered_at: float, now: float) -> bool:
        """The agent has had their time to look."""
        return self.countdown_s is not None and now - offered_at >= self.countdown_s
