"""The web process as it runs, and the live streams of its clients."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from caesura.store.database import Database
from caesura.web.app import create_app


@dataclass
class WebProcess:
    """`python -m caesura.web` on a port of its own."""

    url: str
    process: asyncio.subprocess.Process

    async def stop(self) -> float:
        """SIGTERM; returns how long it took to end."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            await self.process.wait()
        return time.monotonic() - began


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def web_process(database_url: str, spool: Path) -> AsyncIterator[WebProcess]:
    """Runs while the block does, and is healthy."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "caesura.web", "--http", f"127.0.0.1:{port}", "--spool", str(spool)),
        env={**os.environ, "CAESURA_DATABASE_URL": database_url},
    )
    url = f"http://127.0.0.1:{port}"
    try:
        await until_healthy(url)
        yield WebProcess(url, process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def until_healthy(url: str) -> None:
    async with asyncio.timeout(60), httpx.AsyncClient() as client:
        while True:
            try:
                if (await client.get(f"{url}/health")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)


class Stream:
    """The events of one client."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.aiter_lines()

    async def next(self, within_s: float = 5) -> tuple[str, Any, str | None]:
        """The next event: its kind, its data, its id."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(within_s):
            async for line in self._lines:
                if line == "" and "data" in fields:
                    data = json.loads(fields["data"])
                    return fields.get("event", "message"), data, fields.get("id")
                name, _, value = line.partition(": ")
                if line:
                    fields[name] = value
        raise AssertionError("the stream has ended")

    async def until_ready(self) -> list[Any]:
        """What comes before `ready`."""
        found: list[Any] = []
        while True:
            kind, data, _ = await self.next()
            if kind == "ready":
                return found
            found.append(data)

    async def ends(self, within_s: float = 5) -> bool:
        async with asyncio.timeout(within_s):
            async for _ in self._lines:
                pass
        return True


@asynccontextmanager
async def served(database: Database) -> AsyncIterator[str]:
    """The application on a socket, in this process; its URL."""
    app = create_app(Database(database.url))
    config = uvicorn.Config(app, port=0, log_config=None, access_log=False)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    try:
        async with asyncio.timeout(20):
            while not server.started:  # noqa: ASYNC110 - it has no event for that
                await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        app.state.live.close()
        app.state.desks.close()
        server.should_exit = True
        await running
