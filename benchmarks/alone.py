"""One process of ours alone, with a stand-in for its cell that keeps the gate open."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.processes import await_socket

from caesura.channel.link import Link
from caesura.channel.port import OpenGate

CAMPAIGN, EPOCH = 1, 1
_GATE_S = 0.9  # what a cell's lease gives: ttl less margin (docs/promise.md)
_RENEW_S = 0.25
_STARTS_WITHIN_S = 30.0


@contextmanager
def alone(
    module: str, *options: str, profile: Path | None = None, stderr: int | None = None
) -> Iterator[tuple[Path, int]]:
    """`python -m module` until the block ends: the socket for its cell, and its process id."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "cell.sock"
        profiled = [] if profile is None else ["-m", "cProfile", "-o", str(profile)]
        command = [sys.executable, *profiled, "-m", module, "--socket", str(path), *options]
        process = subprocess.Popen(command, stderr=stderr)
        try:
            await_socket(process, path, _STARTS_WITHIN_S)
            yield path, process.pid
        finally:
            process.terminate()
            process.wait(5)


async def keep_gate_open(link: Link[Any]) -> None:
    """As the cell of a running campaign does, until it is cancelled."""
    while True:
        until = time.monotonic() + _GATE_S
        link.send(OpenGate(campaign=CAMPAIGN, epoch=EPOCH, until_monotonic=until))
        await asyncio.sleep(_RENEW_S)
