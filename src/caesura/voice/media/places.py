"""Where browsers reach this process: the addresses that desks are offered, and their UDP ports."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import NamedTuple

import ifaddr

_LOOPBACK = "127.0.0.1"


class Unreachable(Exception):
    """No connection with a browser came about; the message says what to look at."""


class UnusableOffer(Exception):
    """A browser's offer cannot be answered; the message says what the page has to do."""


class Place(NamedTuple):
    """An address that browsers are offered (an ICE host candidate), and the one that is bound."""

    offered: str
    bound: str

    @classmethod
    def parse(cls, text: str) -> Place:
        """Read "192.0.2.10", or "203.0.113.7=10.0.0.5": offered, and bound behind a 1:1 NAT.

        Raises ValueError for what is no IP address.
        """
        offered, _, bound = text.partition("=")
        return cls(
            str(ipaddress.ip_address(offered.strip())),
            str(ipaddress.ip_address((bound or offered).strip())),
        )


def of_this_machine() -> list[Place]:
    """The machine's addresses and loopback; without those that are valid on one link only."""
    found = [
        ip.ip if isinstance(ip.ip, str) else ip.ip[0]
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
    ]
    addresses = [ipaddress.ip_address(text) for text in found]
    usable = [str(a) for a in addresses if not (a.is_loopback or a.is_link_local)]
    return [Place(address, address) for address in [*dict.fromkeys(usable), _LOOPBACK]]


class Ports:
    """UDP ports for browsers, one for each connection, the longest unused first."""

    def __init__(self, ports: Sequence[int]) -> None:
        self._ports = list(ports)
        self._next = 0

    def turns(self) -> Sequence[int]:
        """All ports, in the order in which to try them."""
        start = self._next
        self._next = (start + 1) % len(self._ports)
        return self._ports[start:] + self._ports[:start]
