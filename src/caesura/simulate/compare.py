"""Several dialers on the same shift, and the best that a fixed ratio could have done in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from caesura.simulate.dialers import Lines, Ratio, dialer
from caesura.simulate.figures import Figures
from caesura.simulate.shift import Shift
from caesura.simulate.world import simulate

BEST_RATIO = "best-ratio"
# For each free agent, and for each agent at all: the two ways in which dialers count.
_FREE = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 9.0, 13.0, 20.0, 30.0, 45.0)
_LINES = (1.0, 1.15, 1.35, 1.6, 2.0, 2.5, 3.5, 5.0, 7.0, 10.0, 14.0)
_HALVINGS = 3  # between the last that kept the target and the first that did not


def run(shift: Shift, name: str, tell: Callable[[str], None] = lambda _: None) -> Figures:
    """The shift under the dialer of that name; `best-ratio` is tuned with hindsight."""
    tell(name)
    if name == BEST_RATIO:
        return best_ratio(shift)
    return simulate(shift, name, dialer(name, shift.wait_s))


def best_ratio(shift: Shift) -> Figures:
    """Of all fixed ratios, the busiest that kept the target on this very shift.

    Nobody can choose it beforehand. Of the ratios tried, those above the first that misses the
    target are left out: they abandon more.
    """
    found = [*_tried(shift, "ratio", Ratio, _FREE), *_tried(shift, "lines", Lines, _LINES)]
    best = max(found, key=lambda each: (_kept(shift, each), each.occupancy))
    total = sum(each.computing_s for each in found)
    return replace(best, pacing=f"{BEST_RATIO} ({best.pacing})", computing_s=total)


def _tried(
    shift: Shift, name: str, kind: type[Ratio] | type[Lines], ratios: Iterable[float]
) -> list[Figures]:
    def tried(ratio: float) -> bool:
        found.append(simulate(shift, f"{name}:{ratio:.3g}", kind(ratio)))
        return _kept(shift, found[-1])

    found: list[Figures] = []
    good, bad = 0.0, None
    for ratio in ratios:
        if not tried(ratio):
            bad = ratio
            break
        good = ratio
    for _ in range(_HALVINGS if good and bad else 0):
        between = (good + (bad or good)) / 2
        good, bad = (between, bad) if tried(between) else (good, between)
    return found


def _kept(shift: Shift, figures: Figures) -> bool:
    return (figures.answers.us_rate or 0.0) <= shift.abandonment_max
