"""A node to be measured, driven through its HTTP API, and the CPU time of its processes.

For benchmarks that measure the whole: a real `caesura serve` on an embedded PostgreSQL with its
durable defaults, both in a temporary directory.
"""

from __future__ import annotations

import csv
import json
import math
import os
import platform
import signal
import struct
import subprocess
import sys
import tempfile
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from benchmarks.callee import cpu_seconds
from benchmarks.import_million import AREAS
from tests.processes import command_line, descendants, wait_until

from caesura.store.embedded import EmbeddedPostgres
from caesura.store.migrations import migrate

CALLING_NUMBER = "+14155550100"
NOBODY_AGAIN: dict[str, Any] = {
    "ring_timeout_s": 5,
    "ring_minimum_s": 0,
    "ramp_up_s": 0,  # a resume is at full speed at once
    "retries": {},
}
_CAESURA = [sys.executable, "-c", "from caesura.cli.main import app; app()"]
_READY_S, _STOP_S = 180.0, 30.0


class MeasuredNode:
    """`caesura serve` with `cells` cells; `api` speaks to it."""

    def __init__(self, data: Path, database_url: str, cells: int) -> None:
        self.data = data
        self.database_url = database_url
        self._cells = cells
        self._process: subprocess.Popen[bytes]
        self.api: httpx.Client

    def start(self) -> None:
        self.data.mkdir()
        ours = {
            "CAESURA_SIP": "127.0.0.1:0",
            "CAESURA_MEDIA_PORTS": "30000-49999",
            "CAESURA_CELLS": str(self._cells),
            "CAESURA_DATABASE_URL": self.database_url,
        }
        out = self.data / "serve.out"
        with out.open("w") as log:
            self._process = subprocess.Popen(
                [*_CAESURA, "serve", "--data", str(self.data), "--http", "127.0.0.1:0"],
                stdout=log,
                stderr=subprocess.STDOUT,
                env=_clean_environment() | ours,
            )
        wait_until(lambda: "Caesura runs at" in out.read_text(), _READY_S, out.read_text)
        told = json.loads((self.data / "instance.json").read_text())
        self.api = httpx.Client(
            base_url=f"{told['url']}/api/v1",
            headers={"Authorization": f"Bearer {told['api_key']}"},
            timeout=30,
            trust_env=False,
        )

    def stop(self) -> None:
        self.api.close()
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(_STOP_S)

    def pids_of(self, program: str) -> list[int]:
        """The processes that run `python -m caesura.<program>`."""
        below = descendants(self._process.pid)
        return [pid for pid in below if f"caesura.{program} " in command_line(pid)]

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """One request to the API; it must succeed."""
        answer = self.api.request(method, path, json=body)
        if not answer.is_success:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()

    def command(self, *words: str) -> None:
        """One command of the CLI; it must succeed."""
        done = subprocess.run(
            [*_CAESURA, *words, "--data", str(self.data)],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env=_clean_environment(),
        )
        if done.returncode != 0:
            raise RuntimeError(f"{words}: {done.stderr}{done.stdout}")

    def prepare(self, name: str, trunk: int, leads: int, message_s: float, **settings: Any) -> None:
        """A draft campaign of its own list, that calls 127.0.0.1:`trunk`."""
        message = tone(self.data / f"{name}.wav", message_s)
        customers = customer_list(self.data / f"{name}.csv", leads)
        values = self.data / f"{name}.json"
        values.write_text(json.dumps({**NOBODY_AGAIN, **settings}))
        self.command("trunks", "add", name, "--host", "127.0.0.1", "--port", str(trunk))
        self.command("numbers", "add", CALLING_NUMBER)
        self.command("lists", "import", str(customers), "--name", name, "--region", "US")
        self.command(
            *("campaigns", "create", name, "--list", name, "--trunk", name),
            *("--number", CALLING_NUMBER, "--message", str(message), "--hours", "always"),
            *("--settings", str(values)),
        )


def _clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("CAESURA_")}


@contextmanager
def measured_node(cells: int = 1) -> Iterator[MeasuredNode]:
    """A node on a PostgreSQL of its own, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="caesura-bench-") as directory:
        Path(directory).chmod(0o755)  # PostgreSQL runs under another account
        with EmbeddedPostgres(Path(directory) / "data") as url:
            migrate(url)
            node = MeasuredNode(Path(directory) / "node", url, cells)
            node.start()
            try:
                yield node
            finally:
                node.stop()


@contextmanager
def practice_carrier(log: Path, *options: str) -> Iterator[int]:
    """The practice carrier on a free port, a process of its own; its port."""
    command = [sys.executable, "-m", "caesura.practice", "--sip", "127.0.0.1:0"]
    process = subprocess.Popen(
        [*command, *options, "--log", str(log)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline().rpartition(":")[2])
    finally:
        process.terminate()
        process.communicate(timeout=10)


def customer_list(path: Path, count: int) -> Path:
    """A CSV with `count` different, possible numbers of the North American plan."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["name", "phone"])
        for i in range(count):
            writer.writerow([f"Customer {i}", f"+1{AREAS[i % len(AREAS)]}{2_000_000 + i // 10:07}"])
    return path


def tone(path: Path, seconds: float) -> Path:
    """A WAV with a tone of that length."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        samples = (
            int(8000 * math.sin(2 * math.pi * 440 * n / 8000)) for n in range(int(8000 * seconds))
        )
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return path


# ---------------------------------------------------------------- processes


def pin(pid: int, core: int) -> None:
    """Bind a process with all its threads to one core."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(task.name), {core})


class CpuOf:
    """CPU time of named groups of processes since the start of the measurement, in seconds."""

    def __init__(self, groups: dict[str, list[int]]) -> None:
        self._groups = groups
        self._before = self._now()

    def _now(self) -> dict[str, float]:
        return {name: sum(map(cpu_seconds, pids)) for name, pids in self._groups.items()}

    def used(self) -> dict[str, float]:
        return {name: cpu - self._before[name] for name, cpu in self._now().items()}


# -------------------------------------------------------------- the machine


class Load:
    """What other work took of the machine while we measured: a watch on /proc/stat."""

    def __init__(self) -> None:
        self.before = os.getloadavg()[0]

    def __str__(self) -> str:
        return f"load average {self.before:.1f} before, {os.getloadavg()[0]:.1f} after"


def machine() -> str:
    """The machine and the versions that matter, in one line."""
    cpu = next(
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    )
    return (
        f"{os.cpu_count()} x {cpu}, Linux {platform.release()}, Python {platform.python_version()}"
    )


def percentile(values: list[float], share: float) -> float:
    """The smallest value that `share` of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def epoch_s(text: str) -> float:
    """An ISO time of the API as seconds since the epoch."""
    return datetime.fromisoformat(text).timestamp()
