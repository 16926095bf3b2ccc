"""A comparison in a process of its own, so that whoever waits for it is not held up."""

from __future__ import annotations

import json
import signal
from collections.abc import AsyncGenerator, Sequence
from typing import Any

from caesura.errors import CaesuraError
from caesura.processes import piped_worker
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
    async with piped_worker("caesura.simulate.worker", _LINE_BYTES_MAX) as process:
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


def _why(status: int) -> str:
    if status == -signal.SIGXCPU:
        minutes = CPU_S_MAX // 60
        return f"It was ended after {minutes} minutes of computing. Describe a smaller shift."
    how = signal.strsignal(-status) if status < 0 else f"exit status {status}"
    return f"The process that computes has ended: {how}."
