"""A moment, as rules are told it: they have no clock of their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Moment:
    """One moment on both clocks of this machine."""

    wall: datetime  # aware; for hours, records and due times
    mono: float  # seconds; for intervals
