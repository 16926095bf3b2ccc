"""The line process: `python -m caesura.voice.line --socket PATH --sip HOST:PORT`.

Ends in order on SIGTERM or SIGINT. Exit status 2 if an address cannot be had.
"""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

import uvloop

from caesura.processes import serve_until_told
from caesura.voice.line.line import Line, LineSettings


def settings_from(arguments: list[str]) -> LineSettings:
    parser = argparse.ArgumentParser(prog="caesura.voice.line", description="SIP for one cell")
    parser.add_argument("--socket", type=Path, required=True, help="unix socket for the cell")
    parser.add_argument("--sip", required=True, metavar="HOST:PORT", help="local SIP address")
    parser.add_argument("--no-response-s", type=float, default=4.0)
    parser.add_argument("--cancel-wait-s", type=float, default=5.0)
    given = parser.parse_args(arguments)
    host, _, port = given.sip.rpartition(":")
    if not host or not port.isdigit():
        parser.error("--sip wants HOST:PORT")
    return LineSettings(
        socket=given.socket,
        sip_host=host,
        sip_port=int(port),
        no_response_s=given.no_response_s,
        cancel_wait_s=given.cancel_wait_s,
    )


async def serve(settings: LineSettings) -> None:
    async def start() -> Line:
        line = Line(settings)
        await line.start()
        return line

    line = await serve_until_told(start, lambda line: line.idle)
    await line.stop()


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s line %(levelname)s %(message)s")
    try:
        uvloop.run(serve(settings_from(sys.argv[1:])))
    except (OSError, ValueError) as error:
        logging.getLogger(__name__).error("line cannot start: %s", error)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
