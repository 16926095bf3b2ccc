"""Several dialers on the same shift, and the best that a fixed ratio could have done in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from caesura.rules.pacing.snapshot import Pacer
from caesura.simulate.dialers import Lines, Ratio, dialer
from caesura.simulate.figures import Figures
from caesura.simulate.shift import Shift
from caesura.simulate.world import simulate

BEST_RATIO = "best-ratio"
# For each free agent, and for each agent at all: the two ways in which dialers count.
_FREE = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 9.0, 13.0, 20.0, 30.0, 45.0)
_LINES = (1.0, 1.15, 1.35, 1.6, 2.0, 2.5, 3.5, 5.0, 7.0, 10.0, 14.0)
_HALVINGS = 3  # between the last that kept the target and the first that did not


_TRIES_MAX = len(_FREE) + len(_LINES) + 2 * _HALVINGS
Tell = Callable[[float], None]


def _nobody(done: float) -> None:
    """Nobody wants to know how far it is."""


def run(shift: Shift, name: str, tell: Tell = _nobody) -> Figures:
    """The shift under the dialer of that name; `best-ratio` is tuned with hindsight.

    `tell` hears, often, which share of it is done, 0 to 1.
    """
    if name == BEST_RATIO:
        return best_ratio(shift, tell)
    return simulate(shift, name, dialer(name, shift.wait_s), tell)


def shifts_in(name: str) -> int:
    """How many shifts are computed for it, at most."""
    return _TRIES_MAX if name == BEST_RATIO else 1


def best_ratio(shift: Shift, tell: Tell = _nobody) -> Figures:
    """Of all fixed ratios, the busiest that kept the target on this very shift.

    Nobody can choose it beforehand. Of the ratios tried, those above the first that misses the
    target are left out: they abandon more.
    """
    found: list[Figures] = []

    def keeps(name: str, pacer: Pacer) -> bool:
        before = len(found)
        figures = simulate(shift, name, pacer, lambda done: tell((before + done) / _TRIES_MAX))
        found.append(figures)
        return _kept(shift, figures)

    _try("ratio", Ratio, _FREE, keeps)
    _try("lines", Lines, _LINES, keeps)
    best = max(found, key=lambda each: (_kept(shift, each), each.occupancy))
    total = sum(each.computing_s for each in found)
    return replace(best, pacing=f"{BEST_RATIO} ({best.pacing})", computing_s=total)


def _try(
    name: str,
    kind: type[Ratio] | type[Lines],
    ratios: Iterable[float],
    keeps: Callable[[str, Pacer], bool],
) -> None:
    """Ratios up to the first that misses the target, and some between it and the last that kept."""

    def kept(ratio: float) -> bool:
        return keeps(f"{name}:{ratio:.3g}", kind(ratio))

    good, bad = 0.0, None
    for ratio in ratios:
        if not kept(ratio):
            bad = ratio
            break
        good = ratio
    for _ in range(_HALVINGS if good and bad else 0):
        between = (good + (bad or good)) / 2
        good, bad = (between, bad) if kept(between) else (good, between)


def _kept(shift: Shift, figures: Figures) -> bool:
    return (figures.answers.us_rate or 0.0) <= shift.abandonment_max
