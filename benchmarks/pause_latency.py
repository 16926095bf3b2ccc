"""How fast a pause is: from the API request to the last INVITE on the wire, and to confirmation.

    python -m benchmarks.pause_latency [--pauses 200] [--cells 1 4] [--cps 100]

A campaign calls the practice carrier, a process of its own that logs each INVITE when it arrives.
It is paused and resumed again and again, each time a random 0.25 to 0.4 s after the resume, by
`POST /campaigns/{id}/pause`. All times are from the moment before the request is sent, so they
have the way to the API in them:

- last INVITE: the last one that the carrier saw; 0 where none came after the request;
- confirmed: `confirmed_at` in the receipt;
- answered: the HTTP response is back.

An INVITE that the carrier sees after a confirmation is a violation; any makes the run fail.
"""

from __future__ import annotations

import argparse
import bisect
import itertools
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.running import Load, MeasuredNode, epoch_s, machine, measured_node, percentile

CAMPAIGN = "pausing"
FLOWS_AGAIN_S = (0.25, 0.4)
CONVERSATION = ("--answer", "0.3", "--ring-s", "0.4-1.2", "--talk-s", "1-2")


@dataclass
class Pause:
    """One pause, in seconds since the epoch."""

    requested: float
    confirmed: float
    answered: float
    resumed: float  # just before the resume was asked for
    by: str

    def last_invite(self, invites: list[float]) -> float:
        """The last INVITE before the resume; `invites` is sorted."""
        return invites[bisect.bisect_left(invites, self.resumed) - 1]


@contextmanager
def practice_carrier(log: Path) -> Iterator[int]:
    """The practice carrier on a free port, without RTP; its port."""
    command = [sys.executable, "-m", "caesura.practice", "--sip", "127.0.0.1:0", "--no-rtp"]
    process = subprocess.Popen(
        [*command, *CONVERSATION, "--log", str(log)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline().rpartition(":")[2])
    finally:
        process.terminate()
        process.communicate(timeout=10)


def pause_once(node: MeasuredNode) -> Pause:
    requested = time.time()
    receipt = node.ask("POST", f"campaigns/{CAMPAIGN}/pause", {"reason": "benchmark"})["receipt"]
    answered = time.time()
    time.sleep(0.05)  # an INVITE that is late would leave by now
    resumed = time.time()
    node.ask("POST", f"campaigns/{CAMPAIGN}/resume", {})
    confirmed = epoch_s(receipt["confirmed_at"])
    return Pause(requested, confirmed, answered, resumed, receipt["confirmed_by"])


def measure(cells: int, pauses: int, cps: float) -> dict[str, Any]:
    chance = random.Random(cells)
    load = Load()
    with tempfile.TemporaryDirectory(prefix="caesura-bench-") as directory:
        log = Path(directory) / "carrier.jsonl"
        with practice_carrier(log) as port, measured_node(cells) as node:
            leads = int(pauses * cps * 0.8) + int(10 * cps)
            node.prepare(
                CAMPAIGN,
                port,
                leads,
                0.5,
                pacing={"kind": "fixed", "cps": cps, "concurrency": int(cps * 5)},
            )
            node.ask("POST", f"campaigns/{CAMPAIGN}/start", {})
            time.sleep(4)  # as many calls under way as this rate brings
            done: list[Pause] = []
            for _ in range(pauses):
                done.append(pause_once(node))
                time.sleep(chance.uniform(*FLOWS_AGAIN_S))
        events = [json.loads(line) for line in log.read_text().splitlines()]
    invites = sorted(event["at"] for event in events if event["event"] == "invite")
    return {"cells": cells, **judged(done, invites), "load": str(load)}


def judged(pauses: list[Pause], invites: list[float]) -> dict[str, Any]:
    last = [pause.last_invite(invites) for pause in pauses]
    violations = sum(at > pause.confirmed for pause, at in zip(pauses, last, strict=True))
    seconds = sum(later.requested - sooner.resumed for sooner, later in itertools.pairwise(pauses))
    flowing = sum(
        bisect.bisect(invites, later.requested) - bisect.bisect(invites, sooner.resumed)
        for sooner, later in itertools.pairwise(pauses)
    )
    return {
        "pauses": len(pauses),
        "calls_per_s": round(flowing / seconds, 1),
        "invites_after_confirmation": violations,
        "by_acknowledgement": sum(pause.by == "acknowledgement" for pause in pauses),
        "last_invite_ms": spread(
            [max(0.0, at - pause.requested) for pause, at in zip(pauses, last, strict=True)]
        ),
        "confirmed_ms": spread([pause.confirmed - pause.requested for pause in pauses]),
        "answered_ms": spread([pause.answered - pause.requested for pause in pauses]),
    }


def spread(seconds: list[float]) -> dict[str, float]:
    ms = [1000 * value for value in seconds]
    return {
        "median": round(statistics.median(ms), 1),
        "p99": round(percentile(ms, 0.99), 1),
        "max": round(max(ms), 1),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pauses", type=int, default=200)
    parser.add_argument("--cells", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--cps", type=float, default=100)
    given = parser.parse_args()
    results = [measure(cells, given.pauses, given.cps) for cells in given.cells]
    print(json.dumps({"machine": machine(), "results": results}, indent=2))
    return int(any(result["invites_after_confirmation"] for result in results))


if __name__ == "__main__":
    sys.exit(main())
