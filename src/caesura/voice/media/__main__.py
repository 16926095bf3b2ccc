"""python -m caesura.voice.media --socket PATH --host IP --ports 20000-21998"""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
from pathlib import Path

from caesura import logs
from caesura.voice.media.server import Server, serve


def even_ports(text: str) -> range:
    """`FIRST-LAST` as its even ports: odd ones are RTCP's (RFC 3550 section 11)."""
    try:
        first, last = map(int, text.split("-"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no range such as 20000-21998") from None
    ports = range(first + first % 2, last + 1, 2)
    if not 1 <= first <= last <= 65535 or not ports:
        raise argparse.ArgumentTypeError(f"{text!r} has no even port between 1 and 65535")
    return ports


def ip_address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no IP address") from None


def main() -> None:
    options = argparse.ArgumentParser(
        prog="python -m caesura.voice.media", description="Caesura's media process: RTP."
    )
    options.add_argument("--socket", type=Path, required=True, help="unix socket for the cell")
    options.add_argument("--host", type=ip_address, required=True, help="address for SDP offers")
    options.add_argument("--ports", type=even_ports, required=True, help="UDP, FIRST-LAST")
    options.add_argument("--bind", type=ip_address, help="address to bind, if not --host (NAT)")
    given = options.parse_args()
    logs.configure("media")
    try:
        asyncio.run(serve(given.socket, Server(given.host, given.ports, given.bind)))
    finally:
        given.socket.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
