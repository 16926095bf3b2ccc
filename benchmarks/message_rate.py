"""The messenger process alone against the practice message centre: messages/s and CPU per message.

    python -m benchmarks.message_rate [--messages 20000] [--window 100] [--kind smpp|http|smtp]

A stand-in for the cell keeps a second's worth of messages waiting and the gate open, as a running
campaign does; each is submitted, accepted, and its receipt noted. Both processes share the machine
with this one. CPU is the messenger's own.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import time
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import uvloop
from benchmarks.alone import CAMPAIGN, EPOCH, alone, keep_gate_open
from benchmarks.callee import HOST, cpu_seconds
from tests.whole.message_centre import practice_centre

from caesura.channel.link import Link
from caesura.messages.port import (
    Accepted,
    ConfigureProviders,
    Delivery,
    FromMessenger,
    HttpOptions,
    InDoubt,
    Noted,
    NotLaunched,
    ProviderConfig,
    ProviderState,
    Rejected,
    SmppOptions,
    SmtpOptions,
    Submit,
    Submitted,
)

WAITING = 400
TEXT = "Dear Kim Example, your appointment is on Friday at 10:30. Reply STOP to opt out."
OPTIONS = {"smpp": SmppOptions(), "http": HttpOptions(), "smtp": SmtpOptions(local_hostname="us")}


class Cell:
    """Keeps so many messages with the messenger until all are done."""

    def __init__(self, messages: int, kind: str) -> None:
        self.left = messages
        self.going = 0
        self.accepted, self.failed, self.delivered = 0, 0, 0
        self.accept_ms: list[float] = []  # from Submitted received to Accepted received
        self.ready, self.done = asyncio.Event(), asyncio.Event()
        self.link: Link[Any] = Link(FromMessenger, self.on_message, lambda: None)
        self._mail = kind == "smtp"
        self._left_at: dict[UUID, float] = {}

    def start_one(self) -> None:
        if self.left == 0:
            if self.going == 0:
                self.done.set()
            return
        self.left -= 1
        self.going += 1
        to = f"k{self.left}@example.net" if self._mail else f"+1555{2_000_000 + self.left}"
        self.link.send(
            Submit(
                attempt=uuid4(),
                campaign=CAMPAIGN,
                epoch=EPOCH,
                providers=["centre"],
                sender="news@example.org" if self._mail else "+15551000001",
                recipient=to,
                text=TEXT,
                subject="Your appointment",
                wait_s=30.0,
            )
        )

    def on_message(self, message: Any) -> None:
        match message:
            case Submitted():
                self._left_at[message.attempt] = time.monotonic()
            case Accepted():
                self.accepted += 1
                left_at = self._left_at.pop(message.attempt)
                self.accept_ms.append((time.monotonic() - left_at) * 1000)
                self._ended()
            case Rejected() | NotLaunched() | InDoubt():
                self.failed += 1
                self._ended()
            case Delivery():
                self.delivered += 1
                self.link.send(Noted(tokens=[message.token]))
            case ProviderState() if message.bound or (message.bound is None and message.reachable):
                self.ready.set()
            case _:
                pass

    def _ended(self) -> None:
        self.going -= 1
        self.start_one()


async def measure(path: Path, pid: int, port: int, given: argparse.Namespace) -> None:
    cell = Cell(given.messages, given.kind)
    loop = asyncio.get_running_loop()
    await loop.create_unix_connection(lambda: cell.link, str(path))
    provider = ProviderConfig(
        name="centre", host=HOST, port=port, window=given.window, options=OPTIONS[given.kind]
    )
    cell.link.send(ConfigureProviders(providers=[provider]))
    renewal = loop.create_task(keep_gate_open(cell.link))
    async with asyncio.timeout(20):
        await cell.ready.wait()
    cpu, began = cpu_seconds(pid), time.monotonic()
    for _ in range(WAITING):
        cell.start_one()
    await cell.done.wait()
    seconds = time.monotonic() - began
    cpu = cpu_seconds(pid) - cpu
    renewal.cancel()
    print(
        f"{given.kind}: {cell.accepted} accepted, {cell.failed} failed in {seconds:.1f} s: "
        f"{cell.accepted / seconds:.0f} messages/s; messenger {cpu / given.messages * 1000:.2f} ms "
        f"CPU a message ({cpu / seconds:.0%} of a core); {cell.delivered} receipts meanwhile"
    )
    percentiles = statistics.quantiles(cell.accept_ms, n=100)
    print(f"submitted to accepted: median {percentiles[49]:.1f}, p99 {percentiles[98]:.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--window", type=int, default=100)
    parser.add_argument("--kind", choices=list(OPTIONS), default="smpp")
    parser.add_argument("--profile", type=Path, help="write the messenger's cProfile here")
    given = parser.parse_args()
    # The centre's answers take 5 to 20 ms, as over a network.
    times = ("--answer-ms=5-20", "--receipt-s=1-3")
    with (
        practice_centre(None, *times, kind=given.kind) as centre,
        alone("caesura.messages", profile=given.profile, stderr=subprocess.DEVNULL) as (path, pid),
    ):
        uvloop.run(measure(path, pid, centre.port, given))


if __name__ == "__main__":
    main()
