"""Predictive pacing with practice agents, in real time, on the wire.

    python -m benchmarks.agents_real_time [--agents 20] [--minutes 15] [--pacing predictive]

A node calls the practice carrier; practice agents take the calls over WebRTC, each conversation
until the callee hangs up, and wrap up. Reported from the journal: how many answered calls were
abandoned, by both formulas (docs/pacing.md), what agents did with their time, and how long an
answered callee waited for an agent. The first minute counts: that is when least is known.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from benchmarks.running import (
    CpuOf,
    Load,
    MeasuredNode,
    machine,
    measured_node,
    percentile,
    practice_carrier,
    tone,
)
from psycopg.rows import dict_row

CAMPAIGN = "ahead"
ANSWER = 0.4
PEOPLE = ("--answer", str(ANSWER), "--ring-s", "3-12", "--talk-s", "30", "--seed", "7")
TARGET = 0.03
_CAESURA = [sys.executable, "-c", "from caesura.cli.main import app; app()"]

_ANSWERED = """
    SELECT a.outcome, a.ended_by, extract(epoch FROM min(c.began_at) - a.answered_at) AS waited_s
    FROM attempt a LEFT JOIN conversation c ON c.attempt_id = a.id
    WHERE a.answered_at IS NOT NULL GROUP BY a.id
"""
_SPENT = """
    SELECT presence, sum(extract(epoch FROM coalesce(until, now()) - since)) AS seconds
    FROM presence GROUP BY presence
"""


@contextmanager
def agents(node: MeasuredNode, count: int) -> Iterator[subprocess.Popen[bytes]]:
    """Practice agents at work on the campaign."""
    command = ["agents", "practice", CAMPAIGN, "--count", str(count), "--talk-s", "600-600"]
    process = subprocess.Popen([*_CAESURA, *command, "--wrap-up-s", "8", "--data", str(node.data)])
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def measure(count: int, minutes: float, pacing: str) -> dict[str, Any]:
    load = Load()
    with tempfile.TemporaryDirectory(prefix="caesura-bench-") as directory:
        log = Path(directory) / "carrier.jsonl"
        with practice_carrier(log, *PEOPLE) as port, measured_node() as node:
            sorry = tone(Path(directory) / "sorry.wav", 3.0)
            node.command("recordings", "add", str(sorry), "--name", "sorry")
            node.prepare(
                CAMPAIGN,
                port,
                int(count * minutes * 12) + 200,
                0.5,
                pacing={"kind": pacing, "concurrency": 10 * count}
                | ({"abandonment_max": TARGET} if pacing == "predictive" else {}),
                agents={"abandoned_recording": "sorry", "wrap_up": {"seconds": 60}},
                ring_timeout_s=25,
            )
            with agents(node, count) as process:
                time.sleep(0.3 * count + 5)
                node.ask("POST", f"campaigns/{CAMPAIGN}/start", {})
                groups = {
                    name: node.pids_of(program)
                    for name, program in (
                        *(("cell", "cell"), ("line", "voice.line"), ("media", "voice.media")),
                        ("web", "web"),
                    )
                }
                cpu, began = CpuOf({**groups, "agents": [process.pid]}), time.monotonic()
                time.sleep(60 * minutes)
                used, lasted = cpu.used(), time.monotonic() - began
                found = _judged(node.database_url, count, lasted)
    return {
        "agents": count,
        "pacing": pacing,
        "minutes": minutes,
        **found,
        "cpu": {name: round(seconds / lasted, 2) for name, seconds in used.items()},
        "load": str(load),
    }


def _judged(url: str, count: int, lasted: float) -> dict[str, Any]:
    with psycopg.connect(url, row_factory=dict_row) as conn:
        answered = conn.execute(_ANSWERED).fetchall()
        launched = conn.execute("SELECT count(*) AS n FROM attempt").fetchone()
        spent = {row["presence"]: float(row["seconds"]) for row in conn.execute(_SPENT).fetchall()}
    abandoned = sum(row["outcome"] == "abandoned" for row in answered)
    waited = [1000 * float(row["waited_s"]) for row in answered if row["waited_s"] is not None]
    total = sum(spent.values())
    return {
        "launched": launched["n"] if launched else 0,
        "answered": len(answered),
        "connected": len(waited),
        "abandoned": abandoned,
        "us_rate": round(abandoned / max(1, len(answered)), 4),
        "uk_rate": round(abandoned / max(1, abandoned + len(waited)), 4),
        "time": {presence: round(seconds / total, 3) for presence, seconds in spent.items()},
        "calls_per_agent_hour": round(len(waited) / count / lasted * 3600, 1),
        "answer_to_agent_ms": {
            "median": round(percentile(waited, 0.5), 1),
            "p99": round(percentile(waited, 0.99), 1),
        }
        if waited
        else None,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--pacing", choices=["progressive", "predictive"], default="predictive")
    asked = parser.parse_args()
    print(machine())
    print(json.dumps(measure(asked.agents, asked.minutes, asked.pacing), indent=2))


if __name__ == "__main__":
    main()
