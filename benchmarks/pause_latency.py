"""How fast a pause is: from the API request to the last INVITE on the wire, and to confirmation.

    python -m benchmarks.pause_latency [--pauses 200] [--cells 1 4] [--cps 100] [--frozen 20]
        [--flows 1 1.5]

A campaign calls the practice carrier, a process of its own that logs each INVITE when it arrives.
It is paused and resumed again and again, each time a random 1 to 1.5 s (`--flows`) after the
resume, by `POST /campaigns/{id}/pause`. All times are from the moment before the request is sent,
so they have the way to the API in them:

- calls/s before: INVITEs in the 200 ms before each request, a second;
- last INVITE: the last one that the carrier saw; 0 where none came after the request;
- confirmed: `confirmed_at` in the receipt;
- answered: the HTTP response is back.

Then, with the most cells, `--frozen` pauses during each of which one cell, its line, or both are
stopped by SIGSTOP at a random moment from 50 ms before the request to 20 ms after it, and woken 0.5
to 3 s later, while the campaign is paused.

An INVITE that the carrier sees after a confirmation is a violation; any makes the run fail. The
carrier's times are the kernel's, of the datagram's arrival.
"""

from __future__ import annotations

import argparse
import bisect
import itertools
import json
import os
import random
import signal
import statistics
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.running import (
    Load,
    MeasuredNode,
    epoch_s,
    machine,
    measured_node,
    percentile,
    practice_carrier,
)

CAMPAIGN = "pausing"
FLOWS_AGAIN_S = (1.0, 1.5)
BEFORE_S = 0.2
CONVERSATION = ("--answer", "0.3", "--ring-s", "0.4-1.2", "--talk-s", "1-2")
STOPPED_S = (-0.05, 0.02)  # after the request
ASLEEP_S = (0.5, 3.0)
AWAKE_S = 0.3  # an INVITE of a cell that wakes up would leave by then


@dataclass
class Pause:
    """One pause, in seconds since the epoch."""

    requested: float
    confirmed: float
    answered: float
    resumed: float  # just before the resume was asked for
    by: str
    acknowledged: list[float]  # by each cell, after the request

    def last_invite(self, invites: list[float]) -> float:
        """The last INVITE before the resume; `invites` is sorted."""
        return invites[bisect.bisect_left(invites, self.resumed) - 1]


def pause_once(node: MeasuredNode, until_resumed: float = 0.0) -> Pause:
    """Pause, wait (at least until that monotonic time), resume."""
    requested = time.time()
    receipt = node.ask("POST", f"campaigns/{CAMPAIGN}/pause", {"reason": "benchmark"})["receipt"]
    answered = time.time()
    # An INVITE that is late would leave by now.
    time.sleep(max(0.05, until_resumed - time.monotonic()))
    resumed = time.time()
    node.ask("POST", f"campaigns/{CAMPAIGN}/resume", {})
    return Pause(
        requested,
        epoch_s(receipt["confirmed_at"]),
        answered,
        resumed,
        receipt["confirmed_by"],
        [
            epoch_s(cell["acknowledged_at"]) - requested
            for cell in receipt["cells"]
            if cell["acknowledged_at"] is not None
        ],
    )


def pause_with_one_frozen(node: MeasuredNode, chance: random.Random) -> Pause:
    """One cell, its line, or both sleep from about the request on, and wake before the resume."""
    pairs = zip(node.pids_of("cell"), node.pids_of("voice.line"), strict=True)
    cell, line = chance.choice(list(pairs))
    frozen = chance.choice([[cell], [line], [cell, line]])
    stops_in, asleep_s = chance.uniform(*STOPPED_S), chance.uniform(*ASLEEP_S)

    def all_get(number: int) -> None:
        for pid in frozen:
            os.kill(pid, number)

    asked_in = max(0.0, -stops_in)
    alarms = [
        threading.Timer(asked_in + stops_in, all_get, [signal.SIGSTOP]),
        threading.Timer(asked_in + stops_in + asleep_s, all_get, [signal.SIGCONT]),
    ]
    began = time.monotonic()
    for alarm in alarms:
        alarm.start()
    time.sleep(asked_in)
    try:
        return pause_once(node, began + asked_in + stops_in + asleep_s + AWAKE_S)
    finally:
        for alarm in alarms:
            alarm.join()


def measure(
    cells: int, pauses: int, cps: float, frozen: int, flows_s: tuple[float, float]
) -> list[dict[str, Any]]:
    """Two sets of pauses of one campaign: plain ones, and with a part of a cell frozen.

    `flows_s`: so long, at least and at most, calls flow between a resume and the next pause.
    """
    chance = random.Random(cells)
    load = Load()
    with tempfile.TemporaryDirectory(prefix="caesura-bench-") as directory:
        log = Path(directory) / "carrier.jsonl"
        with (
            practice_carrier(log, "--no-rtp", *CONVERSATION) as port,
            measured_node(cells) as node,
        ):
            leads = int(pauses * cps * (flows_s[1] + 0.4)) + int(frozen * cps * 2) + int(10 * cps)
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
                time.sleep(chance.uniform(*flows_s))
            sleepy: list[Pause] = []
            for _ in range(frozen):
                time.sleep(0.7)  # the cell that slept has its lease again
                sleepy.append(pause_with_one_frozen(node, chance))
        events = [json.loads(line) for line in log.read_text().splitlines()]
    invites = sorted(event["at"] for event in events if event["event"] == "invite")
    sets = [("", done), ("one frozen", sleepy)]
    return [
        {"cells": cells, "with": what, **judged(each, invites), "load": str(load)}
        for what, each in sets
        if each
    ]


def judged(pauses: list[Pause], invites: list[float]) -> dict[str, Any]:
    last = [pause.last_invite(invites) for pause in pauses]
    violations = sum(at > pause.confirmed for pause, at in zip(pauses, last, strict=True))
    seconds = sum(later.requested - sooner.resumed for sooner, later in itertools.pairwise(pauses))
    flowing = sum(
        bisect.bisect(invites, later.requested) - bisect.bisect(invites, sooner.resumed)
        for sooner, later in itertools.pairwise(pauses)
    )
    before = [
        bisect.bisect(invites, pause.requested) - bisect.bisect(invites, pause.requested - BEFORE_S)
        for pause in pauses
    ]
    return {
        "pauses": len(pauses),
        "calls_per_s": round(flowing / seconds, 1),
        "calls_per_s_before": round(statistics.mean(before) / BEFORE_S, 1),
        "invites_after_confirmation": violations,
        "by_acknowledgement": sum(pause.by == "acknowledgement" for pause in pauses),
        "last_invite_ms": spread(
            [max(0.0, at - pause.requested) for pause, at in zip(pauses, last, strict=True)]
        ),
        "first_acknowledged_ms": spread([min(pause.acknowledged, default=0) for pause in pauses]),
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


def table(results: list[dict[str, Any]]) -> str:
    """For docs/benchmarks.md."""
    heads = (
        "cells",
        "pauses",
        "calls/s between pauses, and before each",
        "last INVITE: median, p99",
        "confirmed: median, p99, longest",
        "answered: median, p99",
        "by acknowledgement",
        "INVITEs after confirmation",
        "load",
    )
    lines = [heads, ["---"] * len(heads)]
    for each in results:
        last, confirmed, answered = (
            each[name] for name in ("last_invite_ms", "confirmed_ms", "answered_ms")
        )
        lines.append(
            [
                f"{each['cells']}{', ' * bool(each['with'])}{each['with']}",
                each["pauses"],
                f"{each['calls_per_s']}, {each['calls_per_s_before']}",
                f"{last['median']}, {last['p99']} ms",
                f"{confirmed['median']}, {confirmed['p99']}, {confirmed['max']} ms",
                f"{answered['median']}, {answered['p99']} ms",
                each["by_acknowledgement"],
                each["invites_after_confirmation"],
                each["load"],
            ]
        )
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pauses", type=int, default=200)
    parser.add_argument("--cells", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--cps", type=float, default=100)
    parser.add_argument("--frozen", type=int, default=0, help="pauses with a part frozen")
    parser.add_argument("--flows", type=float, nargs=2, default=FLOWS_AGAIN_S, metavar="S")
    given = parser.parse_args()
    results = []
    for cells in given.cells:
        frozen = given.frozen if cells == max(given.cells) else 0
        for result in measure(cells, given.pauses, given.cps, frozen, tuple(given.flows)):
            print(json.dumps(result), file=sys.stderr, flush=True)
            results.append(result)
    print(json.dumps({"machine": machine(), "results": results}, indent=2))
    print(table(results))
    return int(any(result["invites_after_confirmation"] for result in results))


if __name__ == "__main__":
    sys.exit(main())
