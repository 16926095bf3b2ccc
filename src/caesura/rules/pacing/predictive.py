"""Predictive pacing: calls ahead of the agents, as many as the abandonment budget allows.

Of each call more, `forecast` says how many more people would find no agent. It is started if that
is at most its chance of an answer times a price: how many abandoned calls an answered one may cost
now (`abandonment.Budget.price`). The price comes from what the ledgers have left. It is 0 until
they could bear one abandoned call, rises while less is abandoned than allowed, and falls to 0 again
before the target is passed. So a forecast that is a little wrong, either way, is put right by what
really happened; and risk is taken where it buys most, which one ratio for all moments cannot do.

One call per free agent is always allowed, and is all that is allowed until enough is known and just
after a resume. docs/pacing.md explains all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from caesura.rules.pacing import ramp_up
from caesura.rules.pacing.forecast import Forecast
from caesura.rules.pacing.progressive import one_each
from caesura.rules.pacing.snapshot import Snapshot

_STEP_SHARE = 0.1  # at most so many of the agents' number are added at one look


@dataclass(frozen=True)
class Predictive:
    """See the module. `wait_s`: how long after the answer a caller may wait for an agent."""

    wait_s: float = 2.0  # 47 CFR 64.1200(a)(7)(i), from the answer instead of the greeting's end
    looks_ahead: ClassVar[bool] = True

    def decide(self, now: float, snapshot: Snapshot) -> int:
        """The most calls that the remaining budget allows, at least one per free agent.

        `Snapshot.known` and `Snapshot.budget` are what caesura.rules.pacing.observed makes of it.
        """
        agents, known = snapshot.agents, snapshot.known
        least = one_each(agents)
        if known is None or snapshot.budget is None or agents.working == 0:
            return least
        grown = ramp_up.grown(snapshot.resumed_at, now, snapshot.ramp_up_s)
        if grown == 0.0 or snapshot.budget.slack < 0.0:
            return least
        forecast = Forecast(known, agents, now, self.wait_s)
        coming = float(forecast.lost([least])[0])  # may be lost of what is in the air already
        allowed = grown * known.answer_rate * snapshot.budget.price(coming)
        if allowed <= 0.0:
            return least
        most = least + max(1, round(agents.working * _STEP_SHARE / max(known.answer_rate, 0.05)))
        return _largest(forecast, least, most, allowed)


def _largest(forecast: Forecast, least: int, most: int, allowed: float) -> int:
    """The most calls of which each beyond `least` loses no more people than `allowed`.

    The loss is convex in the calls, so the last one costs most: steps are doubled until one of them
    costs too much on average, then those within it are looked at, eight at a time.
    """
    good, size = least, 1
    while good < most:
        looks = sorted({good, *(min(most, good + each * size) for each in (1, 2, 4, 8))})
        best = _good(forecast, looks, allowed)
        if best == looks[-1] and best < most:
            good, size = best, size * 8
            continue
        if best == good and looks[1] == good + 1:
            return good
        # Between the last good one and the first bad one.
        bad = next((each for each in looks if each > best), best + 1)
        good = best
        if bad - good <= 1:
            return good
        size = max(1, (bad - good) // 8)
        most = bad - 1
    return good


def _good(forecast: Forecast, looks: list[int], allowed: float) -> int:
    """The last of `looks` up to which each step costs at most `allowed` per call."""
    lost = forecast.lost(looks)
    best = looks[0]
    for before, (number, loss) in enumerate(zip(looks[1:], lost[1:], strict=True)):
        if loss - lost[before] > allowed * (number - looks[before]):
            break
        best = number
    return best
