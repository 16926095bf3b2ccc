"""A practice message centre (`caesura smsc`) in a process of its own; its log is the judge."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_SMSC = "from caesura.cli.main import app; app()"
_KINDS = ("smpp", "http", "smtp")
_SUBMIT = '"event":"submit"'
_ALL_DELIVERED = ("undelivered", "expired", "no-such-number", "says-yes", "says-stop")


class RunningCentre:
    """A centre that runs, and what it saw."""

    def __init__(self, process: subprocess.Popen[str], log: Path | None) -> None:
        assert process.stdout is not None
        self.port = int(process.stdout.readline().rpartition(":")[2])
        self._process = process
        self._log = log

    def submissions(self) -> list[dict[str, Any]]:
        """What it took, in order; a last line that is under way is left out."""
        assert self._log is not None
        lines = self._log.read_text().splitlines()
        found = [json.loads(line) for line in lines if _SUBMIT in line and line.endswith("}")]
        return [line for line in found if line["status"] == 0]

    def sent_to(self) -> Counter[str]:
        """How often it was given a message for each number."""
        return Counter(f"+{line['recipient'].lstrip('+')}" for line in self.submissions())

    def break_connections(self) -> None:
        self._process.send_signal(signal.SIGUSR1)


@contextmanager
def practice_centre(log: Path | None, *options: str, kind: str = "smpp") -> Iterator[RunningCentre]:
    """A centre whose recipients all get their message, unless the options say otherwise."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-c", _SMSC, "smsc"),
            *(f"--{each}=" + ("127.0.0.1:0" if each == kind else "off") for each in _KINDS),
            *(f"--{share}=0" for share in _ALL_DELIVERED),
            *(() if log is None else (f"--log={log}",)),
            *options,
        ],
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
