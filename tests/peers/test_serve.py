"""`caesura serve` keeps its processes, and leaves none, however it ends."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.timeout(90)

_CAESURA = "from caesura.cli.main import app; app()"
_READY_S = 40.0  # generous: the machine may be busy with other tests
_STOP_S = 12.0


@dataclass
class _Served:
    process: subprocess.Popen[str]
    data_dir: Path
    url: str
    api_key: str

    def get(self, path: str, key: str | None = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx.get(f"{self.url}/api/v1{path}", headers=headers, timeout=5, trust_env=False)

    def processes(self) -> dict[int, str]:
        """Our descendants: process id -> command line."""
        return _descendants(self.process.pid)


Serve = Callable[..., _Served]


def _environment() -> dict[str, str]:
    ours = {"CAESURA_SIP": "127.0.0.1:0", "CAESURA_MEDIA_PORTS": "26000-26999"}
    return {k: v for k, v in os.environ.items() if not k.startswith("CAESURA_")} | ours


def _start(data_dir: Path, http: str = "127.0.0.1:0") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _CAESURA, "serve", "--data", str(data_dir), "--http", http],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=_environment(),
    )


@pytest.fixture
def serve(data_dir: Path) -> Iterator[Serve]:
    """Starts `caesura serve` on a data directory of the test's and waits until it is ready."""
    started: list[subprocess.Popen[str]] = []

    def start() -> _Served:
        process = _start(data_dir)
        started.append(process)
        said = _line(process, "Caesura runs at")
        url = re.search(r"http://\S+", said)
        assert url is not None
        instance = json.loads((data_dir / "instance.json").read_text())
        return _Served(process, data_dir, url[0], instance["api_key"])

    yield start
    for process in started:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=_STOP_S)


def _line(process: subprocess.Popen[str], having: str) -> str:
    assert process.stdout is not None
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline:
        readable, _, _ = select.select([process.stdout], [], [], 0.5)
        line = process.stdout.readline() if readable else ""
        if having in line:
            return line
        if process.poll() is not None:
            break
    process.kill()
    pytest.fail(f"not ready: {process.communicate()}")


def _parents() -> dict[int, int]:
    """Process id -> its parent's, of all that live (a zombie has ended)."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rsplit(")", 1)[1].split()[:2]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state != "Z":
            found[int(stat.parent.name)] = int(parent)
    return found


def _descendants(pid: int) -> dict[int, str]:
    parents = _parents()
    family = {pid}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return {child: _command(child) for child in family - {pid} if _command(child)}


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _left_of(processes: dict[int, str]) -> dict[int, str]:
    living = _parents()
    return {pid: was for pid, was in processes.items() if pid in living and _command(pid) == was}


def _eventually(true: Callable[[], bool], within_s: float, what: str) -> None:
    deadline = time.monotonic() + within_s
    while not true():
        if time.monotonic() > deadline:
            pytest.fail(f"not within {within_s} s: {what}")
        time.sleep(0.05)


def _healthy(served: _Served) -> bool:
    try:
        return served.get("/health").status_code == 200
    except httpx.HTTPError:
        return False


def test_it_is_ready_when_it_says_so_and_its_key_is_good(serve: Serve) -> None:
    served = serve()
    assert served.get("/health").status_code == 200
    assert served.get("/campaigns").status_code == 401
    assert served.get("/campaigns", served.api_key).status_code == 200
    instance = served.data_dir / "instance.json"
    assert instance.stat().st_mode & 0o777 == 0o600
    assert json.loads(instance.read_text())["url"] == served.url


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_and_all_its_processes(serve: Serve, number: signal.Signals) -> None:
    served = serve()
    processes = served.processes()
    assert len(processes) >= 5, "PostgreSQL, line, media, cell, web"
    began = time.monotonic()
    served.process.send_signal(number)
    assert served.process.wait(_STOP_S) == 0
    assert time.monotonic() - began < _STOP_S
    assert _left_of(processes) == {}
    log = (served.data_dir / "log" / "postgres.log").read_text()
    assert "database system is shut down" in log.splitlines()[-1]


def test_kill_9_leaves_no_process_and_the_next_start_knows_the_same_key(serve: Serve) -> None:
    served = serve()
    processes = served.processes()
    served.process.kill()
    again = serve()
    _eventually(lambda: not _left_of(processes), 10, "its processes are gone")
    assert again.api_key == served.api_key
    assert again.get("/campaigns", served.api_key).status_code == 200


def test_a_second_one_on_the_same_data_is_refused_and_harms_nothing(serve: Serve) -> None:
    served = serve()
    second = _start(served.data_dir)
    _, said = second.communicate(timeout=_READY_S)
    assert second.returncode == 1
    assert f"process {served.process.pid}" in said
    assert str(served.data_dir) in said
    assert _healthy(served)


def test_a_process_that_dies_is_started_again(serve: Serve) -> None:
    served = serve()
    for which in ("caesura.voice.line", "caesura.voice.media", "caesura.cell", "caesura.web"):
        (before,) = _running(served, which)
        os.kill(before, signal.SIGKILL)
        _eventually(lambda: _running(served, which) - {before} != set(), 10, f"{which} is back")  # noqa: B023
    _eventually(lambda: _healthy(served), 20, "the API answers")
    assert served.process.poll() is None


def _running(served: _Served, module: str) -> set[int]:
    return {pid for pid, command in served.processes().items() if f"-m {module} " in command}


def test_postgres_that_dies_is_started_again_and_nothing_is_lost(serve: Serve) -> None:
    served = serve()
    pid_file = served.data_dir / "postgres" / "postmaster.pid"
    before = int(pid_file.read_text().split("\n")[0])
    os.kill(before, signal.SIGKILL)
    _eventually(
        lambda: pid_file.exists() and pid_file.read_text().split("\n")[0] != str(before),
        20,
        "PostgreSQL runs again",
    )
    _eventually(lambda: _healthy(served), 30, "the API answers")
    assert served.get("/campaigns", served.api_key).status_code == 200


def test_an_address_that_is_taken_is_said_before_anything_starts(data_dir: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        process = _start(data_dir, http=address)
        _, said = process.communicate(timeout=_READY_S)
    assert process.returncode == 1
    assert address in said
    assert "--http" in said
    assert not (data_dir / "postgres").exists()


def test_the_administrators_password_is_shown_once_and_a_forgotten_one_replaced(
    serve: Serve,
) -> None:
    served = serve()
    assert served.process.stdout is not None
    said = [served.process.stdout.readline() for _ in range(5)]  # the rest of what serve prints
    given = next(line.split()[-1] for line in said if "one-time password" in line)

    def sign_in(password: str) -> int:
        body = {"name": "admin", "password": password}
        return httpx.post(f"{served.url}/api/v1/session", json=body, trust_env=False).status_code

    assert sign_in(given) == 200
    for file in served.data_dir.rglob("*"):
        if file.is_file():
            assert given.encode() not in file.read_bytes(), file
    reset = ["users", "reset-password", "admin", "--data", str(served.data_dir)]
    replaced = subprocess.run(
        [sys.executable, "-c", _CAESURA, *reset],
        capture_output=True,
        text=True,
        env=_environment(),
        timeout=30,
        check=True,
    )
    assert sign_in(given) == 401
    assert sign_in(replaced.stdout.splitlines()[0].split()[-1]) == 200
    again = _said_again(served, serve)
    assert "one-time" not in again


def _said_again(served: _Served, serve: Serve) -> str:
    """Stop and start on the same data; what the second start says."""
    served.process.terminate()
    served.process.communicate(timeout=_STOP_S)
    second = serve()
    second.process.terminate()
    return second.process.communicate(timeout=_STOP_S)[0]
