"""A whole node in processes of its own (`caesura serve`), driven through the command line."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from tests.processes import command_line, descendants, wait_until

READY_S = 60.0  # generous: the machine may be busy with other tests
STOP_S = 15.0
_MEDIA_PORTS_PER_NODE = 2000


class Node:
    """One running node; `cli` is what a person would type."""

    def __init__(self, data: Path, database_url: str | None, command: str = "serve") -> None:
        self.data = data
        self.command = command  # or "demo"
        self.database_url = database_url
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start `caesura serve` and wait until it says where it runs."""
        self.data.mkdir(exist_ok=True)
        out = self.data / "serve.out"
        before = self.output().count("Caesura runs at") if out.exists() else 0
        with out.open("a") as log:
            self.process = subprocess.Popen(
                [*_CAESURA, self.command, "--data", str(self.data), "--http", "127.0.0.1:0"],
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
                env=self._environment(),
            )
        wait_until(lambda: self.output().count("Caesura runs at") > before, READY_S, self.output)

    def output(self) -> str:
        return (self.data / "serve.out").read_text()

    def stop(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(STOP_S)

    def _environment(self) -> dict[str, str]:
        ours = {"CAESURA_SIP": "127.0.0.1:0", "CAESURA_MEDIA_PORTS": _media_ports()}
        if self.database_url is not None:
            ours["CAESURA_DATABASE_URL"] = self.database_url
        return {k: v for k, v in os.environ.items() if not k.startswith("CAESURA_")} | ours

    # ------------------------------------------------------------- commands

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """One command; its exit status is the caller's to judge."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("CAESURA_")}
        return subprocess.run(
            [*_CAESURA, *words, "--data", str(self.data)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env=environment | {"COLUMNS": "200"},
        )

    def cli(self, *words: str) -> Any:
        """One command with --json; it must succeed."""
        done = self.run(*words, "--json")
        assert done.returncode == 0, f"{words}: {done.stderr}{done.stdout}"
        return json.loads(done.stdout)

    def campaign(self, name: str) -> Any:
        """As the API shows it. Asked again and again: a command each time would cost a second."""
        reply = self._get(f"/campaigns/{name}")
        assert reply.is_success, reply.text
        return reply.json()

    def has_campaign(self, name: str) -> bool:
        return self._get(f"/campaigns/{name}").is_success

    def _get(self, path: str) -> httpx.Response:
        told = json.loads((self.data / "instance.json").read_text())
        return httpx.get(
            f"{told['url']}/api/v1{path}",
            headers={"Authorization": f"Bearer {told['api_key']}"},
            timeout=30,
            trust_env=False,
        )

    def wait_for_api(self) -> None:
        """Wait until the API answers, after a crash of the web process or before."""
        wait_until(lambda: self.run("campaigns", "list").returncode == 0, 30, self.output)

    def calls(self, name: str) -> list[Any]:
        """Every attempt of the campaign."""
        calls: list[Any] = self.cli("calls", "list", "--campaign", name, "--limit", "100000")
        return calls

    def wait_for(
        self, name: str, what: Callable[[Any], bool], timeout_s: float = 60.0
    ) -> dict[str, Any]:
        """The campaign, once `what` is true of it."""
        seen: dict[str, Any] = {}

        def holds() -> bool:
            seen.clear()
            seen.update(self.campaign(name))
            return what(seen)

        wait_until(holds, timeout_s, lambda: f"{seen}", every_s=0.2)
        return seen

    # ------------------------------------------------------------ processes

    def pid_of(self, program: str) -> int:
        """The process that runs `python -m caesura.<program>`, among our descendants."""
        assert self.process is not None
        for pid in descendants(self.process.pid):
            if f"caesura.{program}" in command_line(pid):
                return pid
        raise LookupError(program)

    def kill(self, program: str) -> None:
        """kill -9, as a crash would."""
        os.kill(self.pid_of(program), signal.SIGKILL)

    def kill_postgres(self) -> None:
        """kill -9 of the embedded PostgreSQL's first process, the postmaster."""
        pid_file = self.data / "postgres" / "postmaster.pid"
        os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)

    def kill_all(self) -> None:
        """kill -9 of the supervisor; what it started ends with it."""
        assert self.process is not None
        below = descendants(self.process.pid)
        self.process.kill()
        self.process.wait()
        wait_until(
            lambda: not any("caesura" in command_line(pid) for pid in below),
            STOP_S,
            lambda: str([command_line(pid) for pid in below]),
        )


_CAESURA = [sys.executable, "-c", "from caesura.cli.main import app; app()"]


def _media_ports() -> str:
    """A range that no other node of this test run has: by this process's id and a counter."""
    _media_ports.used = getattr(_media_ports, "used", 0) + 1  # type: ignore[attr-defined]
    first = 30000 + (_media_ports.used % 10) * _MEDIA_PORTS_PER_NODE  # type: ignore[attr-defined]
    return f"{first}-{first + _MEDIA_PORTS_PER_NODE - 1}"


@contextmanager
def running_node(data: Path, database_url: str | None, command: str = "serve") -> Iterator[Node]:
    """A node that runs until the block ends."""
    node = Node(data, database_url, command)
    node.start()
    try:
        yield node
    finally:
        assert node.process is not None
        if node.process.poll() is None:
            node.stop()


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def free_tcp_port() -> int:
    """Where nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
