"""A practice message centre in a process of its own; its log is the judge.

python -m tests.whole.message_centre '{"log": "…", "receipt_s": [0.1, 0.3]}'
"""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from caesura.practice.message_centre import CentreSettings, MessageCentre
from caesura.practice.recipients import Fate, Recipients


class RunningCentre:
    """A centre that runs, and what it saw."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        assert process.stdout is not None
        self.port = int(process.stdout.readline())
        self._process = process
        self._log = log

    def log(self, event: str = "submit") -> list[dict[str, Any]]:
        """What it saw, in order; the last line may be under way."""
        lines = self._log.read_text().splitlines()
        found = [json.loads(line) for line in lines if line.endswith("}")]
        return [line for line in found if line["event"] == event]

    def drop(self) -> None:
        """Break every connection, as a fault on the way does."""
        self._process.send_signal(signal.SIGUSR1)


@contextmanager
def practice_centre(directory: Path, **settings: Any) -> Iterator[RunningCentre]:
    log = directory / "centre.jsonl"
    told = json.dumps({"log": str(log), **settings})
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.whole.message_centre", told],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield RunningCentre(process, log)
    finally:
        process.terminate()
        process.wait(10)
        assert process.stdout is not None
        process.stdout.close()


async def _run(told: dict[str, Any]) -> None:
    shares = {Fate(name): share for name, share in told.pop("shares", {}).items()}
    centre = MessageCentre(
        CentreSettings(
            smpp=("127.0.0.1", 0),
            http=None,
            smtp=None,
            recipients=Recipients(shares, 7),
            log=Path(told.pop("log")),
            answer_ms=tuple(told.pop("answer_ms", (0, 0))),
            receipt_s=tuple(told.pop("receipt_s", (0.1, 0.5))),
            **told,
        )
    )
    await centre.start()
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGUSR1, _drop, centre)
    assert centre.smpp_address is not None
    print(centre.smpp_address[1], flush=True)
    await stop.wait()
    await centre.stop()


def _drop(centre: MessageCentre) -> None:
    for connection in list(centre.smpp_connections):
        connection.drop(asyncio.get_running_loop().time())


if __name__ == "__main__":
    asyncio.run(_run(json.loads(sys.argv[1])))
