"""What pacing sees of a campaign on one cell, and what it remembers from one decision to the next.

Times are seconds on the cell's monotonic clock.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Snapshot:
    """The campaign on this cell at the moment of the decision."""

    in_flight: int  # calls of the campaign on this cell, from the launch to the end
    cells: int = 1  # how many cells hold a lease of the campaign
    rank: int = 0  # this cell's place among them, 0 is the first
    resumed_at: float | None = None  # when the campaign was resumed; None: it never was


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
