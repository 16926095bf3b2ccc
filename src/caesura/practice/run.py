"""The practice carrier as a process: signals, first line, summary, report."""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
from pathlib import Path

import uvloop

from caesura.errors import Unavailable
from caesura.practice import sound
from caesura.practice.carrier import Carrier, CarrierSettings
from caesura.processes import serve_until_told


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
    async def start() -> Carrier:
        try:
            carrier = Carrier(settings)
        except OSError as error:
            where, reason = f"{settings.host}:{settings.port}", error.strerror or error
            raise Unavailable(f"Cannot listen on {where}: {reason}.") from None
        carrier.start()
        print(f"SIP on {carrier.address[0]}:{carrier.address[1]}", flush=True)
        return carrier

    carrier = await serve_until_told(start, lambda carrier: carrier.calls_now == 0)
    carrier.stop()
    return carrier


def _raise_descriptor_limit() -> None:
    """Each talking callee has a socket; the usual soft limit of 1024 is soon reached."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):  # no right to: stay with what there is
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
