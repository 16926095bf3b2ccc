"""The practice carrier as a process: signals, first line, summary, report."""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
import signal
from pathlib import Path

import uvloop

from caesura.errors import Unavailable
from caesura.practice import sound
from caesura.practice.carrier import Carrier, CarrierSettings
from caesura.processes import collect_garbage_when


def run_carrier(settings: CarrierSettings, report: Path | None = None) -> None:
    """Run until SIGTERM or SIGINT, then print a summary and write the report.

    The first line on standard output is "SIP on HOST:PORT", with the port that was bound.
    Raises Unavailable if the address is taken.
    """
    _raise_descriptor_limit()
    if settings.rtp:
        sound.prepare()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        carrier = runner.run(_serve(settings))
    if report is not None:
        report.write_text(json.dumps(carrier.counts.as_json(), indent=2) + "\n")
    print(carrier.counts.summary(), flush=True)


async def _serve(settings: CarrierSettings) -> Carrier:
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    try:
        carrier = Carrier(settings)
    except OSError as error:
        reason = error.strerror or error
        raise Unavailable(f"Cannot listen on {settings.host}:{settings.port}: {reason}.") from None
    carrier.start()
    print(f"SIP on {carrier.address[0]}:{carrier.address[1]}", flush=True)
    collecting = asyncio.create_task(collect_garbage_when(lambda: carrier.calls_now == 0))
    try:
        await stopped.wait()
    finally:
        collecting.cancel()
        carrier.stop()
    return carrier


def _raise_descriptor_limit() -> None:
    """Each talking callee has a socket; the usual soft limit of 1024 is soon reached."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):  # no right to: stay with what there is
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
