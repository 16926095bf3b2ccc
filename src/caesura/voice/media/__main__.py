"""python -m caesura.voice.media --socket PATH --host IP --ports 20000-21998

--desk-ports 28000-28999 lets agents' browsers in, at the addresses of --desk-host, each repeated.
"""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
from pathlib import Path

from caesura import logs
from caesura.voice.media.places import Place, of_this_machine
from caesura.voice.media.server import Server, serve


def all_ports(text: str) -> range:
    """`FIRST-LAST` as its ports."""
    try:
        first, last = map(int, text.split("-"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no range such as 20000-21998") from None
    if not 1 <= first <= last <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} does not lie between 1 and 65535")
    return range(first, last + 1)


def even_ports(text: str) -> range:
    """`FIRST-LAST` as its even ports: odd ones are RTCP's (RFC 3550 section 11)."""
    ports = all_ports(text)
    even = range(ports.start + ports.start % 2, ports.stop, 2)
    if not even:
        raise argparse.ArgumentTypeError(f"{text!r} has no even port between 1 and 65535")
    return even


def ip_address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no IP address") from None


def place(text: str) -> Place:
    try:
        return Place.parse(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no IP address, and no OFFERED=BOUND of two"
        ) from None


def main() -> None:
    options = argparse.ArgumentParser(
        prog="python -m caesura.voice.media", description="Caesura's media process: RTP."
    )
    options.add_argument("--socket", type=Path, required=True, help="unix socket for the cell")
    options.add_argument("--host", type=ip_address, required=True, help="address for SDP offers")
    options.add_argument("--ports", type=even_ports, required=True, help="UDP, FIRST-LAST")
    options.add_argument("--bind", type=ip_address, help="address to bind, if not --host (NAT)")
    options.add_argument("--desk-ports", type=all_ports, help="UDP for browsers, FIRST-LAST")
    options.add_argument(
        "--desk-host",
        type=place,
        action="append",
        help="address that browsers are offered, or OFFERED=BOUND; default: all of this machine",
    )
    given = options.parse_args()
    logs.configure("media")
    server = Server(
        given.host,
        given.ports,
        given.bind,
        desk_places=given.desk_host or of_this_machine(),
        desk_ports=given.desk_ports or (),
    )
    try:
        asyncio.run(serve(given.socket, server))
    finally:
        given.socket.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
