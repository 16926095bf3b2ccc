"""Processes of a running Caesura, looked at from outside: /proc, and waiting for what they do."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path


def wait_until(
    holds: Callable[[], bool], timeout_s: float, otherwise: Callable[[], str], every_s: float = 0.05
) -> None:
    """Wait for it; fail with what `otherwise` says."""
    deadline = time.monotonic() + timeout_s
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(otherwise())
        time.sleep(every_s)


def command_line(pid: int) -> str:
    """Its words, one space between two; "" if it lives no more."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def descendants(pid: int) -> list[int]:
    """All processes below `pid` that live."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            found = re.match(r"(\d+) \(.*\) (\S) (\d+)", stat.read_text(), re.DOTALL)
        except OSError:
            continue
        if found and found[2] not in "ZX":
            children.setdefault(int(found[3]), []).append(int(found[1]))
    below: list[int] = []
    front = [pid]
    while front:
        front = [child for parent in front for child in children.get(parent, [])]
        below += front
    return below


def await_socket(process: subprocess.Popen[bytes], path: Path, within_s: float) -> None:
    """Wait until the process listens there; fail if it ends before."""

    def listens() -> bool:
        assert process.poll() is None, f"{process.args!r} ended at its start"
        return path.exists()

    wait_until(listens, within_s, lambda: f"{process.args!r} does not listen", every_s=0.02)
