"""A comparison in a process of its own, so that whoever waits for it is not held up."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from caesura.errors import CaesuraError
from caesura.simulate.shift import Shift
from caesura.simulate.worker import CPU_S_MAX

Json = dict[str, Any]
_LINE_BYTES_MAX = 1 << 20


class Failed(CaesuraError):
    """The shift was not computed to its end; the message says why."""

    slug = "simulation-failed"


async def compare_apart(shift: Shift, pacings: Sequence[str]) -> AsyncGenerator[float | Json, None]:
    """How far the pacing under way is (0 to 1), and after each pacing its figures, in order.

    The process is gone when the iterator is closed, however that happens. Raises Failed.
    """
    async with _worker() as process:
        assert process.stdin is not None and process.stdout is not None
        request = {"shift": shift.model_dump(mode="json"), "pacings": list(pacings)}
        process.stdin.write(json.dumps(request).encode() + b"\n")
        left = len(pacings)
        while left:
            line = await process.stdout.readline()
            if not line:
                raise Failed(_why(await process.wait()))
            said = json.loads(line)
            if "error" in said:
                raise Failed(said["error"])
            left -= "figures" in said
            yield said["figures"] if "figures" in said else said["done"]


@asynccontextmanager
async def _worker() -> AsyncIterator[asyncio.subprocess.Process]:
    """A running worker; it is gone when the block ends, however it ends."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",  # whatever lies in the working directory is not imported
        "-m",
        "caesura.simulate.worker",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_LINE_BYTES_MAX,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        assert process.stdin is not None
        process.stdin.close()
        await process.communicate()  # reads what is left in the pipe, so that it is closed


def _why(status: int) -> str:
    if status == -signal.SIGXCPU:
        minutes = CPU_S_MAX // 60
        return f"It was ended after {minutes} minutes of computing. Describe a smaller shift."
    how = signal.strsignal(-status) if status < 0 else f"exit status {status}"
    return f"The process that computes has ended: {how}."
