"""The practice message centre as a process: signals, first lines, summary."""

from __future__ import annotations

import asyncio
import signal

import uvloop

from caesura.errors import Unavailable
from caesura.practice.message_centre import CentreSettings, MessageCentre
from caesura.processes import serve_until_told


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
    async def start() -> MessageCentre:
        centre = MessageCentre(settings)
        try:
            await centre.start()
        except OSError as error:
            await centre.stop()
            reason = error.strerror or error
            raise Unavailable(f"The message centre cannot listen: {reason}.") from None
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGUSR1, centre.break_connections)
        for name, address in (
            ("SMPP", centre.smpp_address),
            ("HTTP", centre.http_address),
            ("SMTP", centre.smtp_address),
        ):
            if address is not None:
                print(f"{name} on {address[0]}:{address[1]}", flush=True)
        return centre

    centre = await serve_until_told(start, lambda _centre: True)
    await centre.stop()
    return centre
