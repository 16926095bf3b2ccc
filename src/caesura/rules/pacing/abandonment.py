"""How many people may still be left without an agent: the ledgers, and the price of a risk.

Two ledgers are kept per campaign: the day and the rolling 30 days. The 30 days are 47 CFR
64.1200(a)(7) and 16 CFR 310.4(b)(4): at most 3 % of the calls answered live by a person, over 30
days, for a single campaign. The day is stricter than both; it was the measure of the FTC before its
amendment, and Ofcom still counts by the day. Two formulas are shown (docs/regulations.md):

- `us_rate`: abandoned / answered by a person. Who hangs up on their own within the two seconds is
  answered and not abandoned.
- `uk_rate`: (abandoned + machines taken for people's abandoned calls) / (those + connected). Who
  hung up on their own is left out, so it is never lower than the first.

Pure: the day and the moment are arguments.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

# Times the target. More would spend in a burst what must last; so little is all but safe, and lets
# a day begin that has no answers yet.
_PRICE_MIN, _PRICE_MAX = 0.1, 10.0
_STEEP = 1.5
WINDOW_DAYS = 30  # 47 CFR 64.1200(a)(7)(i): "measured over a 30-day period"


@dataclass(frozen=True)
class Answers:
    """What became of the calls that a person answered."""

    answered: int = 0  # by a person, or by what could not be told from one
    connected: int = 0  # of those, to an agent in time
    abandoned: int = 0  # of those, to nobody in time
    unsure: int = 0  # machines that were hung up on and may have been people (Ofcom counts them)

    def __add__(self, other: Answers) -> Answers:
        return Answers(
            self.answered + other.answered,
            self.connected + other.connected,
            self.abandoned + other.abandoned,
            self.unsure + other.unsure,
        )

    @property
    def us_rate(self) -> float | None:
        """FCC and FTC: abandoned per call answered live by a person. None if there was none."""
        return self.abandoned / self.answered if self.answered else None

    @property
    def uk_rate(self) -> float | None:
        """Ofcom: abandoned, with doubtful machines, per those and the connected. None if none."""
        lost = self.abandoned + self.unsure
        return lost / (lost + self.connected) if lost + self.connected else None

    def slack(self, target: float) -> float:
        """How many more may be abandoned now by both formulas; below 0 where too many were."""
        us = target * self.answered - self.abandoned
        lost = self.abandoned + self.unsure
        return min(us, target * (lost + self.connected) - lost)


@dataclass(frozen=True)
class Budget:
    """What the ledgers leave to be risked, against a target such as 0.03."""

    target: float
    ledgers: tuple[Answers, ...] = ()

    @property
    def slack(self) -> float:
        """How many people may be abandoned now by every ledger and both formulas."""
        return min((ledger.slack(self.target) for ledger in self.ledgers), default=0.0)

    def price(self, coming: float) -> float:
        """How many abandoned calls one answered call more may be expected to cost now.

        `coming` is how many are expected to be abandoned of the calls that are under way already.
        What the ledgers have left beyond those, and beyond one, is held against what chance alone
        takes or leaves: the root of the number allowed so far. The price is the target where it is
        just as much, and rises and falls with it. So it settles where as many are abandoned as may
        be, rises no faster than the answers come in, and is next to nothing, a tenth of the target,
        before the last one is spent. It is 0 where too many were abandoned already.
        """
        least = math.inf
        for ledger in self.ledgers:
            slack = ledger.slack(self.target)
            if slack < 0.0:
                return 0.0
            spare = max(0.0, slack - 1.0 - coming)
            chance = 1.0 + math.sqrt(self.target * ledger.answered)
            times = min(_PRICE_MAX, max(_PRICE_MIN, math.pow(spare / chance, _STEEP)))
            least = min(least, self.target * times)
        return 0.0 if math.isinf(least) else least


class Ledger:
    """The days of one campaign, the newest last; `of_day` and `of_window` are the two ledgers."""

    def __init__(self, days: Iterable[tuple[date, Answers]] = ()) -> None:
        """`days` as far as they are known, the oldest first."""
        self._days: deque[tuple[date, Answers]] = deque()
        for day, answers in days:
            self.add(day, answers)

    def add(self, day: date, answers: Answers) -> None:
        """Count `answers` on `day`. Raises ValueError for a day before the newest."""
        if self._days and day < self._days[-1][0]:
            raise ValueError(f"{day} is before {self._days[-1][0]}")
        if self._days and self._days[-1][0] == day:
            self._days[-1] = (day, self._days[-1][1] + answers)
        else:
            self._days.append((day, answers))
        while self._days[0][0] <= day - timedelta(days=WINDOW_DAYS):
            self._days.popleft()

    def of_day(self, day: date) -> Answers:
        """What happened on `day`."""
        return next((answers for each, answers in self._days if each == day), Answers())

    def of_window(self, day: date) -> Answers:
        """What happened in the 30 days that end with `day`."""
        total = Answers()
        for each, answers in self._days:
            if day - timedelta(days=WINDOW_DAYS) < each <= day:
                total += answers
        return total

    def budget(self, day: date, target: float) -> Budget:
        """What may be risked on `day`."""
        return Budget(target, (self.of_day(day), self.of_window(day)))
