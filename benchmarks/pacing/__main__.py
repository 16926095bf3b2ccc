"""Predictive pacing beside progressive, the best fixed ratio with hindsight, and the clairvoyant.

    python -m benchmarks.pacing [SCENARIO ...] [--seeds 1] [--json]

Each scenario (scenarios.py; a part of a name chooses) is simulated under each of the four by
`caesura.simulate`, with the same people as far as the same calls are made. Printed is a table in
Markdown, a row at a time. Exit status 1 if predictive pacing abandoned more than the target by the
US formula, or the UK one, in any of them.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from benchmarks.pacing.scenarios import SCENARIOS

from caesura.simulate.compare import BEST_RATIO, run
from caesura.simulate.figures import Figures
from caesura.simulate.shift import Shift

_PACINGS = ("predictive", "progressive", BEST_RATIO, "clairvoyant")
_HEAD = (
    "| scenario | predictive: occupancy | abandoned US / UK | progressive | best fixed ratio | "
    "clairvoyant | of clairvoyant | over best ratio |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
)


def measure(shift: Shift) -> dict[str, Figures]:
    return {name: run(shift, name) for name in _PACINGS}


def row(shift: Shift, found: dict[str, Figures]) -> str:
    predictive, best = found["predictive"], found[BEST_RATIO]
    ratio = best.pacing.removeprefix(f"{BEST_RATIO} (").removesuffix(")")
    cells = (
        shift.name + (f" (seed {shift.seed})" if shift.seed != 1 else ""),
        f"**{100 * predictive.occupancy:.1f} %**",
        f"{_percent(predictive.answers.us_rate)} / {_percent(predictive.answers.uk_rate)}",
        f"{100 * found['progressive'].occupancy:.1f} %",
        f"{100 * best.occupancy:.1f} % ({ratio}, {_percent(best.answers.us_rate)})",
        f"{100 * found['clairvoyant'].occupancy:.1f} %",
        f"{predictive.occupancy / found['clairvoyant'].occupancy:.2f}",
        f"{100 * (predictive.occupancy - best.occupancy):+.1f}",
    )
    return f"| {' | '.join(cells)} |"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.2f} %"


def _kept(shift: Shift, figures: Figures) -> bool:
    rates = (figures.answers.us_rate, figures.answers.uk_rate)
    return all(rate is None or rate <= shift.abandonment_max for rate in rates)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scenarios", nargs="*", help="parts of their names; default: all")
    parser.add_argument("--seeds", type=int, default=1, help="so many different days of each")
    parser.add_argument("--json", action="store_true", help="all figures, one document a line")
    given = parser.parse_args()
    chosen = [
        shift
        for shift in SCENARIOS
        if not given.scenarios or any(part in shift.name for part in given.scenarios)
    ]
    missed = 0
    if not given.json:
        print("\n".join(_HEAD), flush=True)
    for shift in chosen:
        for seed in range(1, given.seeds + 1):
            day = shift.model_copy(update={"seed": seed})
            found = measure(day)
            missed += not _kept(day, found["predictive"])
            print(json.dumps(_document(day, found)) if given.json else row(day, found), flush=True)
    return 1 if missed else 0


def _document(shift: Shift, found: dict[str, Figures]) -> dict[str, Any]:
    figures = {name: each.document() for name, each in found.items()}
    for each in figures.values():
        del each["slices"]
    return {"scenario": shift.name, "seed": shift.seed, "pacings": figures}


if __name__ == "__main__":
    sys.exit(main())
