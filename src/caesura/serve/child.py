"""A process that is kept running: started again when it ends, until it is told to stop.

It runs in a session of its own, so that Ctrl-C reaches the supervisor alone, which stops all in
order; and the kernel kills it if the supervisor dies. It writes its log file itself, so that a
supervisor that hangs holds nobody up; the file is watched here for what must be seen.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from caesura.processes import end_with_parent
from caesura.settings import child_environment

_PAUSE_FIRST_S = 0.1  # before the first new start; doubles with each
_PAUSE_MAX_S = 5.0
_SETTLED_S = 10.0  # so long up, and the next end counts as the first again
_WATCH_S = 0.5  # how often a log file is looked at
_LOG_BYTES_MAX = 20 * 2**20  # then it becomes <name>.log.1
_POLL_S = 0.02
_TELLING_LINES = 12  # the last lines of a log are shown when a process ends by itself

_log = structlog.get_logger()


@dataclass(frozen=True)
class Program:
    """What to run: `python -m module arguments`."""

    name: str  # for people, and of the log file
    module: str
    arguments: list[str]
    log_file: Path
    environment: dict[str, str] = field(default_factory=dict)  # added to ours
    socket: Path | None = None  # it is ready once it listens here
    stop_timeout_s: float = 2.0  # from SIGTERM to SIGKILL


class Child:
    """Keeps one program running."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if running and self._process else None

    def start(self) -> None:
        """Start it, and keep it."""
        watch = _LogWatch(self.program.name, self.program.log_file)
        self._tasks = [
            asyncio.create_task(self._keep(watch), name=f"keep {self.program.name}"),
            asyncio.create_task(watch.run(), name=f"watch {self.program.name}"),
        ]

    async def ready(self) -> None:
        """Wait until its socket is there (at once, if it has none)."""
        # Not by connecting: to a line, the end of a connection is the loss of its cell.
        while self.program.socket and not self.program.socket.exists():  # noqa: ASYNC110
            await asyncio.sleep(_POLL_S)

    async def stop(self) -> None:
        """Ask it to end, wait, and insist."""
        self._stopping.set()
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), self.program.stop_timeout_s)
            except TimeoutError:
                _log.warning(f"{self.program.name} did not stop in time; killed it")
                self.kill()
                await self._process.wait()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def kill(self) -> None:
        """End it now, for good."""
        self._stopping.set()
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    async def _keep(self, watch: _LogWatch) -> None:
        name = self.program.name
        pause_s = _PAUSE_FIRST_S
        while not self._stopping.is_set():
            started = time.monotonic()
            self._process = await self._spawn()
            _log.debug(f"{name} started", pid=self._process.pid)
            status = await self._process.wait()
            if self._stopping.is_set():
                return
            if time.monotonic() - started >= _SETTLED_S:
                pause_s = _PAUSE_FIRST_S
            _log.error(
                f"{name} {_how(status)}; starting it again in {pause_s:.1f} s",
                pid=self._process.pid,
                log=str(self.program.log_file),
            )
            if status > 0:
                watch.show_last(_TELLING_LINES)
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, _PAUSE_MAX_S)

    async def _spawn(self) -> asyncio.subprocess.Process:
        if self.program.socket is not None:
            self.program.socket.unlink(missing_ok=True)
        log = os.open(self.program.log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
        try:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                self.program.module,
                *self.program.arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=child_environment(**self.program.environment),
                start_new_session=True,
                preexec_fn=end_with_parent(signal.SIGKILL),
            )
        finally:
            os.close(log)


class _LogWatch:
    """Shows on our terminal the errors that a process logs, and keeps its log file small."""

    def __init__(self, name: str, path: Path) -> None:
        self._name = name
        self._path = path
        self._seen = path.stat().st_size if path.exists() else 0

    async def run(self) -> None:
        while True:
            await asyncio.sleep(_WATCH_S)
            for line in self._new_lines():
                _show_if_error(self._name, line)
            if self._seen > _LOG_BYTES_MAX:
                self._rotate()

    def show_last(self, count: int) -> None:
        """Show the last lines, whatever they are: a process ended by itself."""
        lines = self._new_lines()
        for line in lines[-count:]:
            if not _show_if_error(self._name, line) and not line.startswith("{"):
                print(f"    {self._name}: {line}", file=sys.stderr)

    def _new_lines(self) -> list[str]:
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(self._seen)
            new = file.read(2**20)
        whole, newline, _ = new.rpartition(b"\n")
        self._seen += len(whole) + len(newline)
        return whole.decode(errors="replace").splitlines()

    def _rotate(self) -> None:
        # The process holds the file open in append mode, so it can be emptied under its hands.
        older = self._path.with_name(self._path.name + ".1")
        older.write_bytes(self._path.read_bytes())
        os.truncate(self._path, 0)
        self._seen = 0


def _show_if_error(name: str, line: str) -> bool:
    """Repeat a line that says it is an error as our own; tells whether it was one."""
    try:
        said = json.loads(line)
    except ValueError:
        if re.search(r"\b(ERROR|CRITICAL|FATAL|PANIC)\b", line):
            _log.error(line, process=name)
            return True
        return False
    if not isinstance(said, dict) or said.pop("level", "") not in ("error", "critical"):
        return False
    event = str(said.pop("event", "error"))
    said.pop("at", None)
    said.pop("process", None)
    exception = str(said.pop("exception", ""))
    if exception:
        said["because"] = exception.strip().rsplit("\n", 1)[-1]
    _log.error(event, **{"process": name, **{str(k): v for k, v in said.items()}})
    return True


def _how(status: int) -> str:
    if status < 0:
        return f"was killed by {signal.Signals(-status).name}"
    return f"ended with status {status}"
