"""The promise in simulated time: production cells, thousands of ways for things to go wrong.

A failing seed is printed and replays exactly: pytest tests/simulation --seed N
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.simulation.history import History, simulate

pytestmark = pytest.mark.timeout(1800)

_TOLD_LINES = 120  # of a failing history's log


def live(seed: int, directory: Path) -> History:
    with pytest.MonkeyPatch.context() as patch:
        return simulate(seed, directory / str(seed), patch)


def told(seed: int, history: History) -> str:
    log = "\n".join(history.log[-_TOLD_LINES:])
    return f"seed {seed}: {history.violations}\n{log}"


def test_every_history_keeps_the_promise(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    first = request.config.getoption("--seed")
    seeds = (
        range(first, first + 1)
        if first is not None
        else range(request.config.getoption("--histories"))
    )
    broken, invites, pauses = [], 0, 0
    for seed in seeds:
        history = live(seed, tmp_path)
        invites, pauses = invites + history.invited, pauses + history.pauses
        if history.violations:
            print(told(seed, history), file=sys.stderr)
            broken.append(seed)
    assert not broken, f"the promise was broken in the histories of seeds {broken}"
    if first is None:
        assert invites > 10 * len(seeds), "hardly any calls: nothing was tested"
        assert pauses > 2 * len(seeds), "hardly any pauses: nothing was tested"


def test_a_seed_is_a_history(tmp_path: Path) -> None:
    first, again = live(3, tmp_path / "first"), live(3, tmp_path / "again")
    assert first.log
    assert first.digest() == again.digest()
