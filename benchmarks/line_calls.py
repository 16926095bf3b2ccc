"""The line process alone, calling SIPp: short calls per second and CPU per call.

    python -m benchmarks.line_calls [--calls 2000] [--at-once 50] [--profile FILE]

The same calls as benchmarks/bare_sippy.py, through the voice port: each is dialled through an open
gate, rings, is answered and is hung up at once. CPU is the line process's own. For a comparison of
the two, run them one after the other on a quiet machine.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import uvloop
from benchmarks.alone import CAMPAIGN, EPOCH, alone, keep_gate_open
from benchmarks.callee import HOST, cpu_seconds, free_port, report, sipp_callee

from caesura.channel.link import Link
from caesura.voice.port import (
    Answered,
    ConfigureTrunks,
    Dial,
    Ended,
    FromLine,
    HangUp,
    Launched,
    NotLaunched,
    TrunkConfig,
)


class Cell:
    """Keeps so many calls going through the line until all are done."""

    def __init__(self, calls: int) -> None:
        self.left = calls
        self.going = 0
        self.failed = 0
        self.launch_ms: list[float] = []  # from Dial sent to Launched received
        self.done = asyncio.Event()
        self.link: Link[Any] = Link(FromLine, self.on_message, lambda: None)
        self._dialled: dict[UUID, float] = {}

    def start_one(self) -> None:
        if self.left == 0:
            if self.going == 0:
                self.done.set()
            return
        self.left -= 1
        self.going += 1
        attempt = uuid4()
        self._dialled[attempt] = time.monotonic()
        self.link.send(
            Dial(
                attempt=attempt,
                campaign=CAMPAIGN,
                epoch=EPOCH,
                number="+15552000001",
                calling_number="+15551000001",
                trunks=["sipp"],
                ring_timeout_s=30,
                rtp_host=HOST,
                rtp_port=40000,
            )
        )

    def on_message(self, message: FromLine) -> None:
        match message:
            case Launched():
                took = time.monotonic() - self._dialled.pop(message.attempt)
                self.launch_ms.append(1000 * took)
            case Answered():
                self.link.send(HangUp(attempt=message.attempt))
            case Ended() | NotLaunched():
                if not (isinstance(message, Ended) and message.sip_status == 200):
                    self.failed += 1
                self.going -= 1
                self.start_one()
            case _:
                pass


async def measure(path: Path, pid: int, callee: int, calls: int, at_once: int) -> None:
    cell = Cell(calls)
    loop = asyncio.get_running_loop()
    await loop.create_unix_connection(lambda: cell.link, str(path))
    trunk = TrunkConfig(name="sipp", host=HOST, port=callee, options_interval_s=0)
    cell.link.send(ConfigureTrunks(trunks=[trunk]))
    renewal = loop.create_task(keep_gate_open(cell.link))
    await asyncio.sleep(0.1)
    cpu, began = cpu_seconds(pid), time.monotonic()
    for _ in range(at_once):
        cell.start_one()
    await cell.done.wait()
    seconds = time.monotonic() - began
    cpu = cpu_seconds(pid) - cpu
    renewal.cancel()
    print(report("line", calls, cell.failed, seconds, cpu))
    percentiles = statistics.quantiles(cell.launch_ms, n=100)
    print(f"dial to launched: median {percentiles[49]:.1f} ms, p99 {percentiles[98]:.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--at-once", type=int, default=50)
    parser.add_argument("--profile", type=Path, help="write the line's cProfile here")
    given = parser.parse_args()
    sip = f"--sip={HOST}:{free_port()}"
    with (
        sipp_callee() as callee,
        alone("caesura.voice.line", sip, profile=given.profile) as (path, pid),
    ):
        uvloop.run(measure(path, pid, callee, given.calls, given.at_once))


if __name__ == "__main__":
    main()
