"""After a resume a campaign does not start at full speed: what pacing knew is stale.

While it was paused, people went home or came home, a trunk may have lost channels, the settings
may be others. So for `ramp_up_s` seconds the campaign grows evenly from one call at once to all
that its pacing allows, all cells together. A first start does not ramp up: nothing is stale then.
"""

from __future__ import annotations

import math


def grown(resumed_at: float | None, now: float, ramp_up_s: float) -> float:
    """Which share of its full speed the campaign may have, 0 to 1. Both times on one clock."""
    if resumed_at is None or now - resumed_at >= ramp_up_s:
        return 1.0
    return max(0.0, now - resumed_at) / ramp_up_s


def allowed(concurrency: int, share: float) -> int:
    """How many calls at once that is: at least one, so that the first leaves without delay."""
    return min(concurrency, max(1, math.floor(concurrency * share)))
