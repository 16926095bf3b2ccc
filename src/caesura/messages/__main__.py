"""The messenger process: `python -m caesura.messages --socket PATH`.

Ends in order on SIGTERM or SIGINT. Exit status 2 if the socket cannot be had.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from pathlib import Path

from caesura.messages.messenger import Messenger
from caesura.processes import serve_until_told


async def serve(socket: Path) -> None:
    async def start() -> Messenger:
        messenger = Messenger(socket)
        await messenger.start()
        return messenger

    messenger = await serve_until_told(start, lambda messenger: messenger.idle)
    await messenger.stop()


def main() -> int:
    parser = argparse.ArgumentParser(prog="caesura.messages", description="Messages for one cell")
    parser.add_argument("--socket", type=Path, required=True, help="unix socket for the cell")
    given = parser.parse_args()
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s messenger %(levelname)s %(message)s"
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        # asyncio's own loop and not uvloop: that one keeps what is written until the end of a turn,
        # which would be downstream of the gate.
        asyncio.run(serve(given.socket))
    except OSError as error:
        logging.getLogger(__name__).error("messenger cannot start: %s", error)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
