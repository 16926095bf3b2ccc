"""How many people will be left without an agent, if so many calls are started now?

Seconds ahead are walked in steps. In each, some of the calls that ring are answered and some of
the agents become free; how many, is a sum of independent yes-or-no events that are not equally
likely (a Poisson-binomial distribution), whose characteristic function is the product of theirs
(Y. Hong, "On computing the distribution function for the Poisson binomial distribution",
Computational Statistics & Data Analysis 59 (2013), 41-51). From step to step the distribution of
"free agents" is convolved with that of the difference. Where it falls below zero, callers find
nobody: that is the expected number of abandoned calls of the step, and it stands at zero again.
Nothing is drawn by lot, and no normal curve stands for small numbers.

What is simplified: the steps of one call are taken as independent (it is answered in one of them
at most); a caller is due `wait_s` after the answer, when the agents who became free in between have
been counted; within a step, the order does not matter. A new conversation that ends within
the horizon is counted as an agent who becomes free.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from caesura.rules.pacing.learnt import EDGES, RING_BIN_S, RING_BINS, Floats, Learnt
from caesura.rules.pacing.snapshot import AgentsNow

Complexes = NDArray[np.complex128]
Integers = NDArray[np.intp]

STEP_S = 2.0
_STEPS_MIN, _STEPS_MAX = 6, 20  # 12 to 40 s ahead
_SEEN = 0.97  # of the answers must fall within the horizon
_LEFT_MIN = 0.02  # a call older than nearly all is judged by those that came so far

_RING_EDGES = np.arange(RING_BINS + 1) * RING_BIN_S


def width(agents: int) -> int:
    """Over how many numbers of free agents the walk goes, those below zero and more counted.

    Half of them are zero and more; the last stands for itself and all above, from which nobody is
    lost within the horizon. A quarter are below zero.
    """
    for limit, states in ((12, 32), (40, 64), (300, 128), (800, 256)):
        if agents <= limit:
            return states
    return 512


@dataclass(frozen=True)
class Tables:
    """What is learnt, laid out for the walk. Costly: made anew every half minute, not each time.

    The three tables hold, for every age, the logarithm of the discrete Fourier transform of what
    one such call or agent adds to the free agents: a row for each age, for each step the real and
    imaginary parts of each frequency.
    """

    steps: int
    states: int
    answer_rate: float  # of a call that is started now, with the caution that few data ask for
    ringing: Floats = field(repr=False)  # by age in steps; row 0 is a call that is started now
    talking: Floats = field(repr=False)  # by bin of length
    wrapping: Floats = field(repr=False)


def tables(learnt: Learnt, agents: AgentsNow, now: float, wait_s: float, caution: float) -> Tables:
    """`agents` tells what is going on for how long, and how many there are.

    `caution`: by how many standard errors the answer rate is taken higher than it was seen.
    """
    answered, ended = learnt.rings.answered_by(), learnt.rings.ended_by()
    steps = _horizon(answered, wait_s)
    states = width(agents.working)
    rate = learnt.rings.answer_rate
    error = math.sqrt(rate * (1 - rate) / max(1.0, learnt.rings.samples))
    lift = min(1.0, rate + caution * error) / rate if rate > 0 else 1.0
    due = np.minimum(0.999, lift * _due(answered, ended, steps, wait_s))
    talk_left = _remaining(learnt.talks.survival(_ages(agents.talking, now)), steps)
    wrap_left = _remaining(learnt.wraps.survival(_ages(agents.wrapping, now)), steps)
    wrap_left = wrap_left * learnt.comes_back
    talk_free = _then(talk_left, wrap_left[0])
    again = _then(due, talk_free[0])  # answered, talked and wrapped up within the horizon
    down, up = _directions(states)
    return Tables(
        steps,
        states,
        float(due[0].sum()),
        _flat(_log(due, down) + _log(again, up)),
        _flat(_log(talk_free, up)),
        _flat(_log(wrap_left, up)),
    )


def _horizon(answered: Floats, wait_s: float) -> int:
    """How many steps, so that nearly all answers to a call started now fall in them."""
    enough = int(np.searchsorted(answered, _SEEN * answered[-1]))
    steps = math.ceil((enough * RING_BIN_S + wait_s) / STEP_S)
    return min(_STEPS_MAX, max(_STEPS_MIN, steps))


def _due(answered: Floats, ended: Floats, steps: int, wait_s: float) -> Floats:
    """For a call of each age, in steps: how probably its caller is due in each step to come."""
    oldest = int(np.searchsorted(answered, answered[-1]))  # no answer came later
    ages = np.concatenate(([0.0], (np.arange(oldest * RING_BIN_S // STEP_S + 1) + 0.5) * STEP_S))
    at = ages[:, None] + np.arange(steps + 1)[None, :] * STEP_S - wait_s
    at = np.maximum(at, ages[:, None])  # nobody is due before the wait is over
    by = np.interp(at, _RING_EDGES, answered)
    left = 1.0 - np.interp(ages, _RING_EDGES, answered + ended)
    found: Floats = np.diff(by, axis=1) / np.maximum(left, _LEFT_MIN)[:, None]
    return found


def _remaining(survival: Floats, steps: int) -> Floats:
    """For what lasts as long as each bin of lengths says: how probably it ends in each step."""
    ages = np.concatenate(([0.0], (EDGES[:-1] + EDGES[1:]) / 2))
    at = ages[:, None] + np.arange(steps + 1)[None, :] * STEP_S
    log = np.log(np.maximum(survival, 1e-300))
    left = np.exp(np.interp(at, EDGES, log) - np.interp(ages, EDGES, log)[:, None])
    found: Floats = -np.diff(left, axis=1)
    return found


def _then(first: Floats, second: Floats) -> Floats:
    """How probably the second has followed the first in each step."""
    steps = first.shape[1]
    found = np.zeros_like(first)
    for at in range(steps):
        found[:, at:] += first[:, at : at + 1] * second[None, : steps - at]
    return found


def _directions(states: int) -> tuple[Complexes, Complexes]:
    """The discrete Fourier transforms of "one agent fewer" and of "one more"."""
    turn = np.exp(2j * np.pi * np.arange(states // 2 + 1) / states)
    return turn, np.conj(turn)


def _log(chances: Floats, direction: Complexes) -> Complexes:
    """log(1 - p + p·z) for each chance and frequency."""
    factor = 1.0 + chances[:, :, None] * (direction - 1.0)[None, None, :]
    # Three times as fast as np.log of complex numbers.
    found = np.empty_like(factor)
    found.real = np.log(np.maximum(factor.real**2 + factor.imag**2, 1e-24)) / 2
    found.imag = np.arctan2(factor.imag, factor.real)
    return found


def _flat(table: Complexes) -> Floats:
    return np.ascontiguousarray(table.reshape(table.shape[0], -1)).view(np.float64)


class Forecast:
    """The walk from one moment: `lost([0, 1, 2])` for numbers of calls that are started now."""

    def __init__(self, known: Tables, agents: AgentsNow, now: float, wait_s: float) -> None:
        self._known = known
        self._free = agents.free
        self._moves = (
            _sum(known.ringing, 1 + _steps(_ages(agents.ringing, now)))
            + _sum(known.talking, 1 + _lengths(_ages(agents.talking, now)))
            + _sum(known.wrapping, 1 + _lengths(_ages(agents.wrapping, now)))
        )
        left = np.maximum(0.0, wait_s - _ages(agents.waiting, now))
        # Callers who wait already: in the step in which their time is up they take an agent, also
        # one who becomes free until then.
        self._waiting = np.bincount(np.minimum(_steps(left), known.steps), minlength=known.steps)
        self._turn = _directions(known.states)[0]

    def lost(self, started: Sequence[int]) -> Floats:
        """For each number of calls started now, how many callers will find nobody (expected)."""
        steps, states = self._known.steps, self._known.states
        into, back = _transforms(states)
        calls = np.asarray(started, dtype=np.float64)
        logs = self._moves[None, :] + calls[:, None] * self._known.ringing[0][None, :]
        moves = np.exp(logs.view(np.complex128)).reshape(len(started), steps, -1)
        free = np.zeros((len(started), states // 2))
        free[:, min(self._free, states // 2 - 1)] = 1.0
        lost = np.zeros(len(started))
        for step in range(steps):
            moved = (free @ into).view(np.complex128) * moves[:, step]
            if self._waiting[step]:
                moved *= self._turn ** int(self._waiting[step])
            after = moved.view(np.float64) @ back
            lost += after[:, -1]
            free = np.ascontiguousarray(after[:, :-1])
        return lost


@cache
def _transforms(states: int) -> tuple[Floats, Floats]:
    """Two matrices: into frequencies, and back with what fell below zero told apart.

    A distribution over 0 … states/2 - 1 times the first is its transform, real and imaginary parts
    in turn. A transform times the second is the distribution again, where everything below zero
    is at zero and everything above the last at the last; its last column is the expected number
    below zero.
    """
    here = np.arange(states // 2)
    frequency = np.arange(states // 2 + 1)
    into = np.exp(-2j * np.pi * np.outer(here, frequency) / states)
    often = np.where((frequency == 0) | (frequency == states // 2), 1.0, 2.0) / states
    turn = 2 * np.pi * np.outer(frequency, np.arange(states)) / states
    parts = np.stack([often[:, None] * np.cos(turn), -often[:, None] * np.sin(turn)], axis=1)
    whole = parts.reshape(-1, states)  # [(frequency, part), index]; the last quarter is below zero
    below = whole[:, states * 3 // 4 :]
    back = whole[:, : states // 2].copy()
    back[:, 0] += below.sum(axis=1)
    back[:, -1] += whole[:, states // 2 : states * 3 // 4].sum(axis=1)
    lost = below @ np.arange(below.shape[1], 0, -1.0)
    return (
        np.ascontiguousarray(into).view(np.float64),
        np.ascontiguousarray(np.concatenate((back, lost[:, None]), axis=1)),
    )


def _sum(table: Floats, rows: Integers) -> Floats:
    """The sum of those rows; a row beyond the last counts as the last."""
    if not len(rows):
        return np.zeros(table.shape[1])
    number = np.bincount(np.minimum(rows, len(table) - 1))
    used = np.flatnonzero(number)
    found: Floats = number[used].astype(np.float64) @ table[used]
    return found


def _ages(since: Sequence[float], now: float) -> Floats:
    return np.maximum(0.0, now - np.asarray(since, dtype=np.float64))


def _steps(seconds: Floats) -> Integers:
    return (seconds / STEP_S).astype(np.intp)


def _lengths(seconds: Floats) -> Integers:
    """In which bin of `EDGES` each falls."""
    return np.searchsorted(EDGES, seconds, side="right") - 1
