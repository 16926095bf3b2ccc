"""Pause everything with hundreds of running campaigns: from the request to the last confirmation.

    python -m benchmarks.pause_everything [--campaigns 200] [--times 7] [--cells 1] [--cps 60]

A real node on an embedded PostgreSQL with its durable defaults; the campaigns dial SIPp's answering
scenario, together at `--cps`. Measured: the API call, the command, and the command directly in the
database while the web process is stopped. "Confirmed" is the time from the request to the last
receipt's `confirmed_at`; "answered" until the caller has the answer with all receipts.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import time
from typing import Any

import psycopg
from benchmarks.callee import sipp_callee
from benchmarks.running import Load, MeasuredNode, epoch_s, machine, measured_node

SETTLE_S = 3.0
LEADS = 300
_CAESURA = [sys.executable, "-c", "from caesura.cli.main import app; app()"]


def prepare(node: MeasuredNode, trunk: int, campaigns: int, cps: float) -> None:
    pacing = {"pacing": {"kind": "fixed", "cps": max(0.1, cps / campaigns), "concurrency": 5}}
    node.prepare("c0", trunk, LEADS, 1.0, **pacing)
    settings = node.ask("GET", "campaigns/c0/settings")["settings"]
    for number in range(1, campaigns):
        body = {"name": f"c{number}", "lists": ["c0"], "settings": settings}
        node.ask("POST", "campaigns", body)
    for number in range(campaigns):
        node.ask("POST", f"campaigns/c{number}/start")


def by_api(node: MeasuredNode) -> Any:
    return node.ask("POST", "campaigns/pause", {"all": True})


def by_command(node: MeasuredNode, *options: str) -> Any:
    words = ["pause", "--all", "--yes", "--json", *options, "--data", str(node.data)]
    done = subprocess.run(
        [*_CAESURA, *words], capture_output=True, text=True, timeout=60, check=True
    )
    return json.loads(done.stdout)


def directly(node: MeasuredNode) -> Any:
    (web,) = node.pids_of("web")
    os.kill(web, signal.SIGSTOP)
    try:
        return by_command(node, "--direct")
    finally:
        os.kill(web, signal.SIGCONT)


def measure(node: MeasuredNode, pause: Any, campaigns: int) -> dict[str, float]:
    with psycopg.connect(node.database_url, autocommit=True) as conn:
        before = conn.execute("SELECT coalesce(max(id), 0) FROM receipt").fetchone()
        assert before is not None
        began = time.time()
        answer = pause(node)
        answered = time.time()
        late = conn.execute(
            "SELECT count(*) FROM attempt a, (SELECT max(confirmed_at) AS at FROM receipt) AS r "
            "WHERE a.launched_at > r.at"
        ).fetchone()
        sealed = conn.execute("SELECT count(*) FROM receipt WHERE id > %s", before).fetchone()
    receipts = [each["receipt"] for each in answer["results"]]
    if not answer["confirmed"] or len(receipts) != campaigns or late != (0,):
        raise RuntimeError(f"not silent: {len(receipts)} receipts, {late} launched later")
    assert sealed == (campaigns,)
    requested = min(epoch_s(receipt["requested_at"]) for receipt in receipts)
    confirmed = max(epoch_s(receipt["confirmed_at"]) for receipt in receipts)
    node.ask("POST", "campaigns/resume", {"all": True})
    time.sleep(SETTLE_S)
    return {
        "confirmed_ms": 1000 * (confirmed - requested),
        "called_to_confirmed_ms": 1000 * (confirmed - began),
        "answered_ms": 1000 * (answered - began),
        "by_expiry": sum(receipt["confirmed_by"] == "expiry" for receipt in receipts),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--campaigns", type=int, default=200)
    parser.add_argument("--times", type=int, default=7)
    parser.add_argument("--cells", type=int, default=1)
    parser.add_argument("--cps", type=float, default=60, help="of all campaigns together")
    given = parser.parse_args()
    load = Load()
    figures: dict[str, Any] = {"machine": machine(), "campaigns": given.campaigns}
    with sipp_callee() as port, measured_node(given.cells) as node:
        prepare(node, port, given.campaigns, given.cps)
        time.sleep(SETTLE_S)
        for name, pause in (("api", by_api), ("command", by_command), ("direct", directly)):
            runs = [measure(node, pause, given.campaigns) for _ in range(given.times)]
            figures[name] = {
                key: {
                    "median": round(statistics.median(run[key] for run in runs), 1),
                    "max": round(max(run[key] for run in runs), 1),
                }
                for key in runs[0]
            }
            print(name, json.dumps(figures[name]), flush=True)
    figures["load"] = str(load)
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
