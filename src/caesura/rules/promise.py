"""The published figure: from the click to the last call, and to confirmed silence.

Pure. Over the last pauses of this installation, as their receipts tell them (docs/receipts.md).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

PAUSES = 100  # the figure is over so many


@dataclass(frozen=True)
class PauseTimes:
    """One confirmed pause."""

    requested_at: datetime
    last_launch_at: datetime | None  # None: no call of the campaign ever left
    confirmed_at: datetime
    by_expiry: bool  # a cell did not answer, and its lease ran out


@dataclass(frozen=True)
class Spread:
    """Milliseconds: half of the pauses took at most `p50`, 99 in 100 at most `p99`."""

    p50: float
    p99: float
    max: float


@dataclass(frozen=True)
class Promise:
    """See the module. The spreads are None before the first pause."""

    pauses: int
    by_expiry: int
    since: datetime | None  # the oldest of these pauses
    last_launch_ms: Spread | None
    confirmation_ms: Spread | None


def promise(pauses: Sequence[PauseTimes]) -> Promise:
    """The figure over these pauses. A last call before the click counts as 0 ms."""
    last = [_ms(p.requested_at, p.last_launch_at or p.requested_at) for p in pauses]
    confirmed = [_ms(p.requested_at, p.confirmed_at) for p in pauses]
    return Promise(
        pauses=len(pauses),
        by_expiry=sum(p.by_expiry for p in pauses),
        since=min((p.requested_at for p in pauses), default=None),
        last_launch_ms=_spread(last),
        confirmation_ms=_spread(confirmed),
    )


def alarms(
    figure: Promise, last_launch_ms: float | None, confirmation_ms: float | None
) -> list[str]:
    """A sentence for each p99 that is above its threshold; None is no threshold."""
    said = []
    for what, spread, threshold in (
        ("last call", figure.last_launch_ms, last_launch_ms),
        ("confirmed silence", figure.confirmation_ms, confirmation_ms),
    ):
        if spread is not None and threshold is not None and spread.p99 > threshold:
            said.append(
                f"Click to {what}: p99 is {spread.p99:.0f} ms, above the {threshold:.0f} ms that "
                "are set."
            )
    return said


def _ms(start: datetime, end: datetime) -> float:
    return max(0.0, (end - start).total_seconds() * 1000)


def _spread(values: Sequence[float]) -> Spread | None:
    if not values:
        return None
    ordered = sorted(values)
    return Spread(_at_share(ordered, 0.5), _at_share(ordered, 0.99), ordered[-1])


def _at_share(ordered: Sequence[float], share: float) -> float:
    """The smallest value that `share` of all do not exceed (nearest rank)."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
