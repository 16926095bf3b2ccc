"""What was asked for on the command line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """A run."""

    minutes: float
    seed: int
    nodes: int
    cps: float  # of all campaigns together
    campaigns: int
    kinds: tuple[str, ...]  # to be used; all by default
    leads: int  # of each campaign
    every_kind: bool  # go on, up to twice as long, until each kind has come once
    broken: bool  # the nodes run with tests/faults/broken: the run must find that out
