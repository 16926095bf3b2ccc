"""How far a share that was seen in a sample can be trusted.

Wilson's score interval: E. B. Wilson, "Probable inference, the law of succession, and statistical
inference", Journal of the American Statistical Association 22 (1927), 209-212. It holds for small
samples and for shares near 0 and 1, where the usual "share plus or minus" does not: L. D. Brown,
T. T. Cai, A. DasGupta, "Interval estimation for a binomial proportion", Statistical Science 16
(2001), 101-133. Pure.
"""

from __future__ import annotations

import math
from statistics import NormalDist

# One-sided. High, because a rule looks every second: at 95% chance alone would soon have its way.
CONFIDENCE = 0.999
_Z = NormalDist().inv_cdf(CONFIDENCE)


def lower_bound(hits: int, calls: int) -> float:
    """The share behind `hits` of `calls` is above this, with `CONFIDENCE`; 0 for no calls."""
    if calls == 0:
        return 0.0
    centre, half, scale = _interval(hits, calls)
    return max(0.0, (centre - half) / scale)


def upper_bound(hits: int, calls: int) -> float:
    """The share behind `hits` of `calls` is below this, with `CONFIDENCE`; 1 for no calls."""
    if calls == 0:
        return 1.0
    centre, half, scale = _interval(hits, calls)
    return min(1.0, (centre + half) / scale)


def _interval(hits: int, calls: int) -> tuple[float, float, float]:
    """Centre and half width, both to be divided by the third."""
    share = hits / calls
    z2 = _Z * _Z
    centre = share + z2 / (2 * calls)
    half = _Z * math.sqrt(share * (1 - share) / calls + z2 / (4 * calls * calls))
    return centre, half, 1 + z2 / calls
