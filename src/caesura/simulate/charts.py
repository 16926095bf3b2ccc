"""The course of a simulated shift as charts in the terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from caesura.simulate.figures import Figures, Slice
from caesura.simulate.shift import Shift

_HEIGHT = 13
_MARKS = 5  # along the time


def charts(shift: Shift, found: Sequence[Figures], width: int) -> str:
    """How busy the agents were, and how many callers were abandoned, over the shift."""
    return "\n".join(
        (
            _chart(shift, found, width, "Occupancy, % of the agents who are there", _occupancy),
            _chart(shift, found, width, "Abandoned so far, % of those who answered", _abandoned),
        )
    )


def _occupancy(slices: Sequence[Slice]) -> list[float]:
    return [100 * each.busy_s / each.signed_in_s if each.signed_in_s else 0.0 for each in slices]


def _abandoned(slices: Sequence[Slice]) -> list[float]:
    answered = abandoned = 0
    found = []
    for each in slices:
        answered += each.answered
        abandoned += each.abandoned
        found.append(100 * abandoned / answered if answered else 0.0)
    return found


def _chart(
    shift: Shift,
    found: Sequence[Figures],
    width: int,
    title: str,
    series: Callable[[Sequence[Slice]], list[float]],
) -> str:
    import plotext

    plotext.clear_figure()
    plotext.plotsize(width, _HEIGHT)
    plotext.theme("clear")
    for figures in found:
        at = [each.at_s for each in figures.slices]
        plotext.plot(at, series(figures.slices), label=figures.pacing, marker="braille")
    plotext.title(title)
    marks = [shift.length_s * mark / (_MARKS - 1) for mark in range(_MARKS)]
    plotext.xticks(marks, [clock(shift.starts_at + mark) for mark in marks])
    built: str = plotext.uncolorize(plotext.build())
    return "\n".join(line.rstrip() for line in built.splitlines())


def clock(seconds: float) -> str:
    """Seconds of the day as `09:30`; past midnight goes on with 24:00."""
    minutes = round(seconds / 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
