"""The practice message centre as a process: signals, first lines, summary."""

from __future__ import annotations

import asyncio
import signal

import uvloop

from caesura.errors import Unavailable
from caesura.practice.message_centre import CentreSettings, MessageCentre
from caesura.processes import collect_garbage_when


def run_centre(settings: CentreSettings) -> None:
    """Run until SIGTERM or SIGINT, then print a summary. SIGUSR1 breaks every connection.

    The first lines on standard output are "SMPP on HOST:PORT" and so on, with the ports that were
    bound. Raises Unavailable if an address is taken.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        centre = runner.run(_serve(settings))
    counts = centre.log.counts
    refused = sum(counts[name] for name in counts if name.startswith("submit ")) - _taken(centre)
    print(
        f"{counts['submit']} submissions: {_taken(centre)} taken, {refused} refused; "
        f"{counts['receipt']} receipts, {counts['reply']} replies sent",
        flush=True,
    )


def _taken(centre: MessageCentre) -> int:
    """SMPP says 0, HTTP 201, SMTP 250."""
    return sum(centre.log.counts[f"submit {status}"] for status in (0, 201, 250))


async def _serve(settings: CentreSettings) -> MessageCentre:
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    centre = MessageCentre(settings)
    try:
        await centre.start()
    except OSError as error:
        await centre.stop()
        raise Unavailable(f"The message centre cannot listen: {error.strerror or error}.") from None
    loop.add_signal_handler(signal.SIGUSR1, centre.break_connections)
    for name, address in (
        ("SMPP", centre.smpp_address),
        ("HTTP", centre.http_address),
        ("SMTP", centre.smtp_address),
    ):
        if address is not None:
            print(f"{name} on {address[0]}:{address[1]}", flush=True)
    collecting = asyncio.create_task(collect_garbage_when(lambda: True))
    await stopped.wait()
    collecting.cancel()
    await centre.stop()
    return centre
