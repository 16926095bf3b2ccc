"""The promise in simulated time: production cells, thousands of ways for things to go wrong.

A failing seed is printed and replays exactly: pytest tests/simulation --seed N
What is checked in each history: judge.py. What goes wrong in them: faults.py, managers.py.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import shutil
import sys
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from tests.simulation.history import History, simulate

pytestmark = pytest.mark.timeout(3600)

_TOLD_LINES = 120  # of a failing history's log
_NICE = 5  # other tests may run beside, and some look at the clock
_ENOUGH = 500  # histories, for every kind of thing to have happened in one of them

# What must have happened, over all histories: else less was tested than is said.
HAPPENS = """
a call was cancelled after its minimum
a call was cancelled at once
a campaign became completed
a campaign became paused
a campaign became terminated
a cancelled attempt was looked at
a cell was taken over
a commit was left in doubt
a confirmation was seen
a conversation was ended by us
a decision on what had changed was refused
a decision was left in doubt
a digest was compared
a fault lasted longer than the ttl
a notice was lost
a lead was set aside
a number was forbidden
a part was paused
a silence was confirmed by acknowledgement
a silence was confirmed by expiry
a statement was lost
a statement was overtaken
a timed pause was asked for
a timer ended a pause
a transaction was idle for too long
an answer was lost
an illegal decision was refused
calls were readmitted
dialled again after busy
dialled again after cancelled
dialled again after unknown
drain by default
drain cancel_now
drain finish_lawfully
drain hang_up_all
drain let_ring
everything was paused
fault: PostgreSQL crashed
fault: PostgreSQL failed over
fault: SIGSTOP Ada
fault: SIGSTOP Bo
fault: SIGSTOP PostgreSQL
fault: SIGSTOP cell
fault: SIGSTOP line
fault: connections reset
fault: cut off from the database
fault: kill -9 cell
fault: kill -9 line
fault: restart of a cell
fault: slow network
fault: wall clock stepped
hours looked at
an INVITE beside a paused part
parts were resumed
settings were changed
""".strip().splitlines()


def live(seed: int, directory: Path) -> History:
    with pytest.MonkeyPatch.context() as patch:
        return simulate(seed, directory / str(seed), patch)


def told(seed: int, history: History) -> str:
    log = "\n".join(history.log[-_TOLD_LINES:])
    return f"{log}\nseed {seed}: {history.violations}"


def _lived(one: tuple[int, Path]) -> tuple[int, str, Counter[str]]:
    """What is left of a history: its seed, what broke, what happened.

    Also where the history itself could not be told: an exception that cannot be pickled would leave
    the pool waiting.
    """
    seed, directory = one
    try:
        history = live(seed, directory)
    except Exception:  # noqa: BLE001  (whatever it was, it is told of this seed)
        return seed, f"{traceback.format_exc()}\nseed {seed}: it did not come to its end", Counter()
    shutil.rmtree(directory / str(seed), ignore_errors=True)
    return seed, told(seed, history) if history.violations else "", history.counts


def all_of(seeds: Iterable[int], directory: Path) -> Iterator[tuple[int, str, Counter[str]]]:
    """Live through them all, on all cores."""
    gc.collect()
    gc.freeze()  # what is there already is not looked through again in each history
    with warnings.catch_warnings():
        # From Python 3.12 on: of threads that this process may have. A history touches none.
        warnings.simplefilter("ignore", DeprecationWarning)
        pool = multiprocessing.get_context("fork").Pool(os.cpu_count(), os.nice, (_NICE,))
    with pool:
        yield from pool.imap_unordered(_lived, ((seed, directory) for seed in seeds), chunksize=10)


def test_every_history_keeps_the_promise(
    tmp_path: Path, request: pytest.FixtureRequest, record_property: Callable[[str, str], None]
) -> None:
    asked = request.config.getoption
    if asked("--seed") is not None:
        history = live(asked("--seed"), tmp_path)
        print(told(asked("--seed"), history), file=sys.stderr)
        assert not history.violations
        return
    happened: Counter[str] = Counter()
    broken = []
    for seed, what_broke, counts in all_of(range(asked("--histories")), tmp_path):
        happened += counts
        if what_broke:
            print(what_broke, file=sys.stderr)
            broken.append(seed)
            if asked("--until-broken"):
                break
    table = "\n".join(f"{count:9,} {what}" for what, count in sorted(happened.items()))
    record_property("told", f"in {asked('--histories')} histories:\n{table}")
    assert not broken, f"the promise was broken in the histories of seeds {sorted(broken)}"
    if asked("--histories") >= _ENOUGH:
        never = [what for what in HAPPENS if not happened[what]]
        assert not never, f"never happened, so nothing was tested of it: {never}"


def test_a_seed_is_a_history(tmp_path: Path) -> None:
    first, again = live(3, tmp_path / "first"), live(3, tmp_path / "again")
    assert first.log
    assert first.digest() == again.digest()
