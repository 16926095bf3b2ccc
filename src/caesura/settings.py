"""What the environment says, read here and nowhere else; converted, and refused loudly.

Every variable is listed in docs/operating.md. Options of the command line win over the
environment: commands build `server_settings()` and replace what the options name.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import platformdirs

from caesura.errors import Invalid

_PORT_MAX = 65535


@dataclass(frozen=True)
class Address:
    """A host (name or IP address) and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @classmethod
    def parse(cls, text: str, what: str) -> Address:
        """Read "127.0.0.1:5060", "[::1]:5060" or "pbx.example:5060".

        Raises Invalid, naming `what`. Port 0 means any free port.
        """
        host, colon, port = text.strip().rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if not colon or not host or not port.isdecimal() or int(port) > _PORT_MAX:
            raise Invalid(f"{what}: {text!r} is not HOST:PORT, as in 127.0.0.1:8080.", what)
        return cls(host, int(port))


@dataclass(frozen=True)
class PortRange:
    """UDP ports from `first` to `last`, both included."""

    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"

    @classmethod
    def parse(cls, text: str, what: str) -> PortRange:
        """Read "20000-23999". Raises Invalid, naming `what`."""
        first, dash, last = text.strip().partition("-")
        if not dash or not first.isdecimal() or not last.isdecimal():
            raise Invalid(f"{what}: {text!r} is not FIRST-LAST, as in 20000-23999.", what)
        ports = cls(int(first), int(last))
        if not 1024 <= ports.first < ports.last <= _PORT_MAX:
            raise Invalid(f"{what}: {text!r} must rise, and lie within 1024-{_PORT_MAX}.", what)
        return ports

    def share(self, index: int, of: int) -> PortRange:
        """The `index`-th of `of` equal parts, each starting with an even port (RTP's)."""
        first = self.first + self.first % 2
        size = (self.last + 1 - first) // of // 2 * 2
        return PortRange(first + index * size, first + (index + 1) * size - 1)


@dataclass(frozen=True)
class ServerSettings:
    """How this node runs."""

    data_dir: Path  # everything that lasts on this machine is below it
    database_url: str | None  # None: the embedded PostgreSQL
    http: Address  # where the API listens
    sip: Address  # where the first cell's line listens and sends from; the next cells' +2 each
    media_host: str  # the address that our SDP offers name, and RTP is bound to
    media_ports: PortRange  # RTP, shared out among the cells
    cells: int  # dialers on this node
    # What agents' browsers are offered: addresses (OFFERED, or OFFERED=BOUND behind a NAT; none:
    # all of this machine), and UDP ports, shared out among the cells.
    webrtc_hosts: tuple[str, ...]
    webrtc_ports: PortRange
    node: str  # this machine's name, for people
    spool_mib: int = 256  # what each cell may keep on its disk while the database is away, MiB
    predictive_pacer: str | None = None  # module:Class instead of our own predictive pacing


@dataclass(frozen=True)
class ClientSettings:
    """Which server the commands talk to, as far as the environment says."""

    url: str | None
    api_key: str | None
    data_dir: Path


def server_settings(environment: Mapping[str, str] | None = None) -> ServerSettings:
    """The node's settings. Raises Invalid, naming the variable that cannot be used."""
    env = _Environment(environment)
    sip = Address.parse(env.get("CAESURA_SIP", "127.0.0.1:5080"), "CAESURA_SIP")
    media_ports = PortRange.parse(
        env.get("CAESURA_MEDIA_PORTS", "20000-23999"), "CAESURA_MEDIA_PORTS"
    )
    webrtc_ports = PortRange.parse(
        env.get("CAESURA_WEBRTC_PORTS", "28000-29999"), "CAESURA_WEBRTC_PORTS"
    )
    if media_ports.first <= webrtc_ports.last and webrtc_ports.first <= media_ports.last:
        raise Invalid(
            f"CAESURA_WEBRTC_PORTS ({webrtc_ports}) and CAESURA_MEDIA_PORTS ({media_ports}) "
            "overlap: give each ports of its own.",
            "CAESURA_WEBRTC_PORTS",
        )
    return ServerSettings(
        data_dir=_data_dir(env),
        database_url=_database_url(env),
        http=Address.parse(env.get("CAESURA_HTTP", "127.0.0.1:8080"), "CAESURA_HTTP"),
        sip=sip,
        media_host=env.get("CAESURA_MEDIA_HOST", sip.host),
        media_ports=media_ports,
        webrtc_hosts=_webrtc_hosts(env),
        webrtc_ports=webrtc_ports,
        cells=_count(env.get("CAESURA_CELLS", "1"), "CAESURA_CELLS", most=64),
        node=env.get("CAESURA_NODE", socket.gethostname()),
        spool_mib=_count(env.get("CAESURA_SPOOL_MIB", "256"), "CAESURA_SPOOL_MIB", most=1 << 20),
        predictive_pacer=_predictive_pacer(env),
    )


def _predictive_pacer(env: _Environment) -> str | None:
    """Imported once, so that a mistake is told at the start and not in a cell's log."""
    path = env.find("CAESURA_PREDICTIVE_PACER")
    if path is not None:
        from caesura.pacers import imported  # with numpy, which every command would wait for

        try:
            imported(path)
        except Invalid as wrong:
            raise Invalid(
                f"CAESURA_PREDICTIVE_PACER: {wrong}", "CAESURA_PREDICTIVE_PACER"
            ) from None
    return path


def client_settings(environment: Mapping[str, str] | None = None) -> ClientSettings:
    """The commands' settings. Raises Invalid, naming the variable that cannot be used."""
    env = _Environment(environment)
    url = env.find("CAESURA_URL")
    if url is not None and urlsplit(url).scheme not in ("http", "https"):
        raise Invalid(
            f"CAESURA_URL: {url!r} does not start with http:// or https://.", "CAESURA_URL"
        )
    return ClientSettings(url=url, api_key=env.find("CAESURA_API_KEY"), data_dir=_data_dir(env))


def database_url() -> str | None:
    """CAESURA_DATABASE_URL for the processes that `caesura serve` starts; None if not set."""
    return _database_url(_Environment(None))


def child_environment(**variables: str) -> dict[str, str]:
    """The environment for a process that we start: ours, and `variables`.

    What is secret travels this way and not on the command line, which every user can read.
    """
    return {**os.environ, "PYTHONUNBUFFERED": "1", **variables}


class _Environment:
    """The environment's variables; an empty one counts as not set."""

    def __init__(self, variables: Mapping[str, str] | None) -> None:
        self._variables = os.environ if variables is None else variables

    def find(self, name: str) -> str | None:
        return self._variables.get(name, "").strip() or None

    def get(self, name: str, default: str) -> str:
        return self.find(name) or default


def _data_dir(env: _Environment) -> Path:
    given = env.find("CAESURA_DATA")
    if given is None:
        return platformdirs.user_data_path("caesura")
    path = Path(given).expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise Invalid(f"CAESURA_DATA: {path} is not a directory.", "CAESURA_DATA")
    return path


def _database_url(env: _Environment) -> str | None:
    url = env.find("CAESURA_DATABASE_URL")
    if url is not None and urlsplit(url).scheme not in ("postgresql", "postgres"):
        # The URL may hold a password: it is not repeated here.
        raise Invalid(
            "CAESURA_DATABASE_URL must start with postgresql://, as in "
            "postgresql://caesura:secret@db.example/caesura.",
            "CAESURA_DATABASE_URL",
        )
    return url


def _webrtc_hosts(env: _Environment) -> tuple[str, ...]:
    hosts = tuple(filter(None, env.get("CAESURA_WEBRTC_HOSTS", "").replace(",", " ").split()))
    for host in hosts:
        offered, equals, bound = host.partition("=")
        try:
            ipaddress.ip_address(offered)
            if equals:
                ipaddress.ip_address(bound)
        except ValueError:
            raise Invalid(
                f"CAESURA_WEBRTC_HOSTS: {host!r} is not an IP address, nor OFFERED=BOUND of two, "
                "as in 192.0.2.10 or 203.0.113.7=10.0.0.5.",
                "CAESURA_WEBRTC_HOSTS",
            ) from None
    return hosts


def _count(text: str, what: str, most: int) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise Invalid(f"{what}: {text!r} is not a number from 1 to {most}.", what)
    return int(text)
