"""Calls per second that one core's cell sustains, next to bare sippy doing the same calls.

    python -m benchmarks.cell_calls [--seconds 5] [--hold-s 1.0] [--rates 150 200 ...]

Cell, line and media processes share one core; SIPp (its own answering scenario), PostgreSQL
(durable defaults), the web process and the supervisor have the other. Every call is claimed,
checked, journalled, dialled, answered, played a message of `--hold-s`, hung up and journalled. The
rate is raised step by step until calls fall behind: fewer than 97 in 100 of those that the step
asks for are started, or ended, in its time.

Bare sippy (benchmarks/bare_sippy.py), on the same core, holds its calls as long, before and after:
it has no journal, no gates, no media, and starts a call whenever one ends.

The ratio by CPU time compares what a call costs the core in the two, at the highest rate that both
were measured at; unlike the other figures it is little moved by other work on the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from typing import Any

import psycopg
from benchmarks.callee import sipp_callee
from benchmarks.running import CpuOf, Load, MeasuredNode, machine, measured_node, pin

MEASURED_CORE, OTHER_CORE = 0, 1
GROUPS = ("cell", "voice.line", "voice.media")
SETTLE_S = 1.5  # after a change of rate, beside the hold
ENOUGH = 0.97


@dataclass
class Step:
    """What one rate gave."""

    asked: float  # calls/s
    started: float
    ended: float
    cpu_ms_per_call: dict[str, float]
    busy: float  # share of the measured core that our three processes used

    @property
    def sustained(self) -> bool:
        return min(self.started, self.ended) >= ENOUGH * self.asked


def bare_sippy(calls: int, at_once: int, hold_s: float) -> dict[str, Any]:
    """benchmarks.bare_sippy in a process of its own, on the measured core."""
    done = subprocess.run(
        [
            *("taskset", "-c", str(MEASURED_CORE), sys.executable, "-m", "benchmarks.bare_sippy"),
            *("--calls", str(calls), "--at-once", str(at_once), "--hold-s", str(hold_s)),
            *("--callee-core", str(OTHER_CORE), "--json"),
        ],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def measure_step(
    node: MeasuredNode, conn: psycopg.Connection[Any], rate: float, seconds: float, hold_s: float
) -> Step:
    pacing = {"pacing": {"kind": "fixed", "cps": rate, "concurrency": int(rate * (hold_s + 3))}}
    node.ask("PATCH", "campaigns/speed/settings", pacing)
    time.sleep(SETTLE_S + hold_s)
    groups = {name: node.pids_of(name) for name in GROUPS}
    cpu, began = CpuOf(groups), time.time()
    time.sleep(seconds)
    used, lasted = cpu.used(), time.time() - began
    time.sleep(0.3)  # for the journal to be written
    row = conn.execute(
        "SELECT count(*) FILTER (WHERE launched_at BETWEEN s AND e),"
        " count(*) FILTER (WHERE ended_at BETWEEN s AND e AND outcome = 'answered')"
        " FROM attempt, (SELECT to_timestamp(%s) AS s, to_timestamp(%s) AS e) AS t",
        (began, began + lasted),
    ).fetchone()
    assert row is not None
    started, ended = row
    per_call = {name: round(1000 * used[name] / max(1, ended), 2) for name in GROUPS}
    busy = sum(used.values()) / lasted
    return Step(rate, started / lasted, ended / lasted, per_call, busy)


def measure_cell(rates: list[float], seconds: float, hold_s: float) -> tuple[list[Step], str]:
    os.sched_setaffinity(0, {OTHER_CORE})  # and so PostgreSQL, SIPp, the node and its children
    steps: list[Step] = []
    longest = sum(rates) * (seconds + hold_s + SETTLE_S + 1)
    with sipp_callee() as port, measured_node() as node:
        for name in GROUPS:
            for pid in node.pids_of(name):
                pin(pid, MEASURED_CORE)
        node.prepare("speed", port, int(longest) + 1000, hold_s)
        node.ask("POST", "campaigns/speed/start")
        with psycopg.connect(str(node.database_url), autocommit=True) as conn:
            version = conn.execute("SHOW server_version").fetchone()
            for rate in rates:
                step = measure_step(node, conn, rate, seconds, hold_s)
                steps.append(step)
                print(described(step), flush=True)
                if not step.sustained:
                    break
    return steps, str(version and version[0])


def described(step: Step) -> str:
    per_process = ", ".join(f"{name} {ms:.2f}" for name, ms in step.cpu_ms_per_call.items())
    return (
        f"{step.asked:5.0f} calls/s asked: {step.started:5.1f} started, {step.ended:5.1f} ended;"
        f" CPU a call {sum(step.cpu_ms_per_call.values()):.2f} ms ({per_process});"
        f" {100 * step.busy:.0f}% of the core{'' if step.sustained else '  <- falls behind'}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=5, help="measured at each rate")
    parser.add_argument("--hold-s", type=float, default=1.0, help="answer to hang-up")
    parser.add_argument("--rates", type=float, nargs="+", default=list(range(150, 801, 50)))
    parser.add_argument("--bare-calls", type=int, default=6000)
    given = parser.parse_args()
    load = Load()
    # Enough at once that it never waits, and no more than it starts in a second or so.
    bare = [bare_sippy(given.bare_calls, 1200, given.hold_s)]
    steps, version = measure_cell(given.rates, given.seconds, given.hold_s)
    bare.append(bare_sippy(given.bare_calls, 1200, given.hold_s))
    good = [step for step in steps if step.sustained]
    best = good[-1] if good else steps[-1]
    bare_cps = sum(run["calls_per_s"] for run in bare) / len(bare)
    bare_ms = sum(run["cpu_ms_per_call"] for run in bare) / len(bare)
    figures = {
        "machine": f"{machine()}, PostgreSQL {version}",
        "load": str(load),
        "hold_s": given.hold_s,
        "cell": [asdict(step) for step in steps],
        "bare_sippy": bare,
        "sustained_calls_per_s": best.asked if good else None,
        "ratio_by_rate": round(best.ended / bare_cps, 2),
        "ratio_by_cpu": round(bare_ms / sum(best.cpu_ms_per_call.values()), 2),
    }
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
