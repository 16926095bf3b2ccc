"""`make faults MINUTES=60`: real processes, real faults, and a judge.

    python -m tests.faults [--minutes 5] [--seed N] [--nodes 2] [--cps 70] [--report FILE.json]

Runs by itself, prints what it does, ends by itself (Ctrl-C ends it early), and cleans up after
itself whatever happens. Exit status: 0 if no violation was found and it ran to its end.
"""

from __future__ import annotations

import argparse
import secrets
import shutil
import signal
import sys
from pathlib import Path

from tests.faults import sandbox
from tests.faults.kinds import KINDS


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, help="which faults in which order; default: by chance")
    parser.add_argument("--nodes", type=int, default=2, choices=(1, 2, 3, 4))
    parser.add_argument("--campaigns", type=int, default=2)
    parser.add_argument("--cps", type=float, default=70.0, help="of all campaigns together")
    parser.add_argument("--leads", type=int, default=2500, help="of each campaign")
    parser.add_argument("--kinds", nargs="*", choices=sorted(KINDS), default=sorted(KINDS))
    parser.add_argument(
        "--every-kind", action="store_true", help="if need be, go on until each has come once"
    )
    parser.add_argument(
        "--broken", action="store_true", help="with a gate that never shuts by itself"
    )
    parser.add_argument("--report", type=Path, help="the figures, as JSON")
    parser.add_argument("--keep", type=Path, help="if not all is well, copy logs and data there")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.seed is None:
        given.seed = secrets.randbelow(2**32)
    if given.inside is None:
        try:  # of several seeds the last one counts
            return sandbox.run_inside([*sys.argv[1:], "--seed", str(given.seed)])
        except sandbox.Unsuitable as why:
            sys.exit(f"No faults can be tried here: {why}.")
    return _inside(given)


def _inside(given: argparse.Namespace) -> int:
    from tests.faults.plan import Plan
    from tests.faults.run import Run, write_evidence

    def end(_number: int, _frame: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sandbox.prepare()
    plan = Plan(
        minutes=given.minutes,
        seed=given.seed,
        nodes=given.nodes,
        cps=given.cps,
        campaigns=given.campaigns,
        kinds=tuple(given.kinds),
        leads=given.leads,
        every_kind=given.every_kind,
        broken=given.broken,
    )
    print(f"seed {plan.seed}: {plan.minutes:g} minutes, {plan.nodes} nodes, {plan.cps:g} calls/s")
    figures = Run(plan, given.inside).run()
    print(figures.table(), flush=True)
    if given.report is not None:
        write_evidence(figures, given.report)
    well = not figures.violations and figures.unfinished is None and not figures.failures
    if not well and given.keep is not None:
        ignored = shutil.ignore_patterns(".s.PGSQL*", "*.sock", "filler")
        shutil.copytree(given.inside, given.keep, dirs_exist_ok=True, ignore=ignored)
        print(f"logs and data: {given.keep}")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
