"""What a campaign's calls have taught so far: who answers, after how long, how long agents take.

Estimated while the campaign runs, the latest most: what is older than `_MEMORY_S` fades, but never
below a number of samples that chance cannot mislead, so that a campaign of three agents remembers
hours and one of five hundred follows a drift within minutes. No family of distributions is assumed:
these are life tables (E. L. Kaplan, P. Meier, "Nonparametric estimation from incomplete
observations", Journal of the American Statistical Association 53 (1958), 457-481), with what is
still going on as censored observations, so that short conversations are not taken for all.

Pure: the moment is an argument.
"""

from __future__ import annotations

import math
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_CALLS_MIN = 400.0  # started calls that are never forgotten
_TALKS_MIN = 150.0  # conversations
_MEMORY_S = 600.0  # how long ago counts a third, where there are more than those
_RENORMALISE = 1e9

# Calls are young: their ages are counted by the second.
RING_BIN_S = 1.0
RING_BINS = 181  # the longest ring timeout is 180 s

# Conversations are of all lengths: bins that grow by a fifth, from 1 s to 5 hours.
_RATIO = 1.2
_LENGTHS = 54
EDGES: Floats = np.concatenate(([0.0], _RATIO ** np.arange(_LENGTHS)))
_LOG_RATIO = math.log(_RATIO)
_PRIOR = 2.0  # so many ends per bin are taken from the mean rate, against chance in sparse bins

# Before so much is known, at most one call per free agent.
CALLS_ENOUGH, ANSWERS_ENOUGH, LENGTHS_ENOUGH = 50, 15, 10


def length_bin(seconds: float) -> int:
    """In which bin of `EDGES` a length falls."""
    return 0 if seconds < 1.0 else min(_LENGTHS - 1, 1 + int(math.log(seconds) / _LOG_RATIO + 1e-9))


class _Fading:
    """The weight of one more sample, against those before it. Grows, so nothing is rewritten."""

    def __init__(self, least: float) -> None:
        self.least = least
        self.weight = 1.0
        self.total = 0.0
        self._at: float | None = None

    def next(self, now: float) -> float:
        if self._at is not None and self.total > self.least * self.weight and now > self._at:
            fade = math.exp((now - self._at) / _MEMORY_S)
            self.weight *= min(fade, self.total / (self.least * self.weight))
        self._at = now
        self.total += self.weight
        return self.weight

    def shrink(self) -> float | None:
        """A factor for everything counted, when the weights have grown too large."""
        if self.weight < _RENORMALISE:
            return None
        factor = 1.0 / self.weight
        self.total *= factor
        self.weight = 1.0
        return factor


class Rings:
    """After how long calls are answered, or end without an answer."""

    def __init__(self) -> None:
        self.calls = self.answers = 0  # ever
        self._fading = _Fading(_CALLS_MIN)
        self._answered = [0.0] * RING_BINS
        self._ended = [0.0] * RING_BINS

    def add(self, seconds: float, answered: bool, now: float) -> None:
        """A call was answered, or ended unanswered, so long after it was started."""
        self.calls += 1
        self.answers += answered
        counts = self._answered if answered else self._ended
        counts[min(RING_BINS - 1, int(max(0.0, seconds) / RING_BIN_S))] += self._fading.next(now)
        if factor := self._fading.shrink():
            self._answered = [each * factor for each in self._answered]
            self._ended = [each * factor for each in self._ended]

    @property
    def answer_rate(self) -> float:
        """The share of the calls that is answered, lately."""
        return sum(self._answered) / self._fading.total if self.calls else 0.0

    @property
    def samples(self) -> float:
        """How many calls the estimate rests on."""
        return self._fading.total / self._fading.weight

    def answered_by(self) -> Floats:
        """The share of calls answered by each edge of the bins (0 first)."""
        total = max(self._fading.total, 1e-12)
        return np.array([0.0, *accumulate(self._answered)]) / total

    def ended_by(self) -> Floats:
        """The share of calls that ended unanswered by each edge of the bins."""
        total = max(self._fading.total, 1e-12)
        return np.array([0.0, *accumulate(self._ended)]) / total


class Lengths:
    """How long something of an agent's lasts: conversations, or wrap-ups."""

    def __init__(self) -> None:
        self.samples = 0  # ever
        self._fading = _Fading(_TALKS_MIN)
        self._ended = [0.0] * _LENGTHS
        self._seconds = 0.0

    def add(self, seconds: float, now: float) -> None:
        """One lasted so long."""
        self.samples += 1
        weight = self._fading.next(now)
        self._ended[length_bin(seconds)] += weight
        self._seconds += weight * seconds
        if factor := self._fading.shrink():
            self._ended = [each * factor for each in self._ended]
            self._seconds *= factor

    @property
    def mean_s(self) -> float:
        """The mean of those that ended, seconds; 0 where none has."""
        return self._seconds / self._fading.total if self.samples else 0.0

    def survival(self, going_on: Floats) -> Floats:
        """The share that lasts beyond each of `EDGES`, if so long ones are still going on."""
        weight = self._fading.weight
        ended = np.array(self._ended)
        bins = np.minimum(np.searchsorted(EDGES, going_on, side="right") - 1, _LENGTHS - 1)
        open_ones = weight * np.bincount(bins, minlength=_LENGTHS)
        gone = ended + open_ones
        # What lasted beyond a bin lived through all of it; what fell in it, through half.
        beyond = np.concatenate((np.cumsum(gone[::-1])[::-1][1:], [0.0]))
        width = np.diff(EDGES)
        exposure = (beyond + gone / 2) * width
        exposed, ends = float(exposure.sum()), float(ended.sum())
        rate = ends / exposed if exposed > 0 and ends > 0 else 1.0
        hazard = (ended + _PRIOR * weight) / (exposure + _PRIOR * weight / rate)
        return np.concatenate(([1.0], np.exp(-np.cumsum(hazard * width))))


class Learnt:
    """See the module. One campaign's, on one cell."""

    def __init__(self) -> None:
        self.rings = Rings()
        self.talks = Lengths()
        self.wraps = Lengths()
        self._came_back = _Fading(_TALKS_MIN)
        self._gone = 0.0

    def call_answered(self, after_s: float, now: float) -> None:
        """A call was answered so long after it was started."""
        self.rings.add(after_s, True, now)

    def call_unanswered(self, after_s: float, now: float) -> None:
        """A call ended without an answer, by whomever, so long after it was started."""
        self.rings.add(after_s, False, now)

    def talked(self, seconds: float, now: float) -> None:
        """A conversation with an agent is over."""
        self.talks.add(seconds, now)

    def wrapped_up(self, seconds: float, now: float, *, came_back: bool) -> None:
        """A wrap-up is over; or there was none: 0 s. `came_back`: the agent is free now."""
        self.wraps.add(seconds, now)
        self._gone += self._came_back.next(now) * (not came_back)
        if factor := self._came_back.shrink():
            self._gone *= factor

    @property
    def comes_back(self) -> float:
        """How probably an agent who has finished is free for the next call, not on a break."""
        return 1.0 - (self._gone / self._came_back.total if self.wraps.samples else 0.0)

    @property
    def enough(self) -> bool:
        """More than one call per free agent may be judged."""
        return (
            self.rings.calls >= CALLS_ENOUGH
            and self.rings.answers >= ANSWERS_ENOUGH
            and self.wraps.samples >= LENGTHS_ENOUGH
        )
