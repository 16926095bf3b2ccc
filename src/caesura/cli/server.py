"""Which server the commands talk to, and with which key.

In this order: --url, CAESURA_URL, the instance running on the data directory (its instance.json,
written by `caesura serve`), http://127.0.0.1:8080. The key is CAESURA_API_KEY, or the instance's
own; that one is never sent to another server.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from caesura.cli.problems import Misused, Unreachable
from caesura.errors import Invalid
from caesura.settings import ClientSettings, client_settings

DEFAULT_URL = "http://127.0.0.1:8080"


@dataclass(frozen=True)
class Server:
    """An address and the key for it."""

    url: str
    api_key: str | None

    @property
    def is_local(self) -> bool:
        """Whether it is on this very machine."""
        host = urlsplit(self.url).hostname or ""
        return host in ("localhost", "::1") or host.startswith("127.")


def find_server(url: str | None = None, data: Path | None = None) -> Server:
    """The server to talk to; `url` and `data` are what options say.

    Raises Misused for an address that cannot be one, Unreachable if `data` was named and nothing
    ever ran there.
    """
    try:
        told = client_settings()
    except Invalid as error:
        raise Misused(error.message) from None
    if data and not url:
        # A directory named on the command line means its instance, whatever the environment says.
        if not (data / "instance.json").exists():
            raise Unreachable(
                f"No server runs on {data}. Start one with `caesura serve --data {data}`."
            )
        return choose_server(ClientSettings(url=None, api_key=None, data_dir=data))
    return choose_server(
        ClientSettings(url=url or told.url, api_key=told.api_key, data_dir=data or told.data_dir)
    )


def choose_server(told: ClientSettings) -> Server:
    """Join what was told with what runs on the data directory."""
    instance = _read_instance(told.data_dir)
    url = (told.url or (instance.url if instance else None) or DEFAULT_URL).rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Misused(f"{url!r} is no server address. Give one like {DEFAULT_URL}.")
    if told.api_key:
        return Server(url, told.api_key)
    ours = instance is not None and instance.url == url
    return Server(url, instance.api_key if instance and ours else None)


def _read_instance(data_dir: Path) -> Server | None:
    """What `caesura serve` wrote when it started on this directory; None if nothing readable."""
    try:
        written = json.loads((data_dir / "instance.json").read_text())
        return Server(str(written["url"]).rstrip("/"), str(written["api_key"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
