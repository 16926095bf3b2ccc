"""Runs the application on a socket until SIGTERM or SIGINT, and stops within two seconds."""

from __future__ import annotations

import signal
import sys
import tempfile
from pathlib import Path
from socket import socket
from types import FrameType

import uvicorn

from caesura.processes import freeze_heap
from caesura.settings import Address
from caesura.store.database import Database
from caesura.web.app import create_app
from caesura.web.desk_live import DeskLive
from caesura.web.live import Live

_STOP_WITHIN_S = 2
_POOL_MAX = 20
_STARTUP_FAILED = 3


class _Server(uvicorn.Server):
    """Ends the live streams when told to stop; uvicorn would wait for them to end themselves."""

    def __init__(self, config: uvicorn.Config, *live: Live | DeskLive) -> None:
        super().__init__(config)
        self._live = live

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        freeze_heap()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        for each in self._live:
            each.close()
        super().handle_exit(sig, frame)


def serve(database_url: str, address: Address, spool: Path | None = None) -> None:
    """Serve until a signal ends it."""
    if spool is not None:
        spool.mkdir(parents=True, exist_ok=True)
        # Uploads are written to disk as they arrive; there, and not to a small /tmp.
        tempfile.tempdir = str(spool)
    app = create_app(Database(database_url, size_min=2, size_max=_POOL_MAX), spool)
    config = uvicorn.Config(
        app,
        host=address.host,
        port=address.port,
        loop="uvloop",
        lifespan="on",
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=_STOP_WITHIN_S,
        server_header=False,
    )
    server = _Server(config, app.state.live, app.state.desks)
    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn raises again what stopped it; an orderly stop is no death by signal.
        signal.signal(number, lambda *_: None)
    server.run()
    if not server.started:
        sys.exit(_STARTUP_FAILED)
