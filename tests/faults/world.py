"""What is tried: nodes on machines of their own, their database, the practice carrier.

All real and as an operator runs them: `caesura serve` on each machine with one database URL that
names both servers, a small disk for its data, and a wall clock that can be set (libfaketime: the
real-time clock only; the monotonic one stays what it is, which `check_clock` makes sure of).
"""

from __future__ import annotations

import io
import json
import math
import os
import signal
import struct
import subprocess
import sys
import time
import wave
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
from tests.faults import sandbox
from tests.faults.clusters import Pair
from tests.faults.plan import Plan
from tests.faults.sandbox import CARRIER, Machine, kill
from tests.processes import command_line, descendants

_CAESURA = [sys.executable, "-c", "from caesura.cli.main import app; app()"]
_FAKETIME = [
    Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"),
    Path("/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1"),
]
_BROKEN = Path(__file__).parent / "broken"
_NODES_NETWORK = 77
_DISK_MIB = 48
_READY_S = 240.0  # generous, as all that is waited for here: the machine may be busy
_CALM_S = 60.0  # for an answer while nothing is broken
_COMMAND_S = 120.0
_CARRIER_PORT = 5060
# Short calls, so that a run has many: most answer or are busy within a second.
_PEOPLE = (
    *("--answer", "0.6", "--voicemail", "0", "--slow-answer", "0", "--busy", "0.25"),
    *("--decline", "0.1", "--failure", "0.01", "--congestion", "0", "--not-in-service", "0.01"),
    *("--ring-s", "0.2-1.2", "--talk-s", "0.4-2"),
)


class Clock:
    """The wall clock of one machine, as its processes see it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.offset_s = 0.0
        self.set(0.0)
        library = next((each for each in _FAKETIME if each.exists()), None)
        if library is None:
            raise sandbox.Unsuitable("needs libfaketime (scripts/bootstrap test installs it)")
        self.environment = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_CACHE_DURATION": "1",  # looks at the file once a second
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def set(self, offset_s: float) -> None:
        """So many seconds ahead of the true time, from the next second on."""
        beside = self._file.with_suffix(".new")
        beside.write_text(f"{offset_s:+.3f}\n")
        beside.chmod(0o644)
        beside.replace(self._file)
        self.offset_s = offset_s


def check_clock(clock: Clock) -> None:
    """Raises Unsuitable unless a step of `clock` moves the wall clock and nothing else."""
    clock.set(7200)
    ask = "import time; print(time.time(), time.monotonic())"
    said = subprocess.run(
        [sys.executable, "-c", ask],
        capture_output=True,
        text=True,
        check=True,
        env=dict(os.environ) | clock.environment,
    ).stdout.split()
    clock.set(0)
    wall, monotonic = float(said[0]) - time.time(), float(said[1]) - time.monotonic()
    if abs(wall - 7200) > 5 or abs(monotonic) > 5:
        raise sandbox.Unsuitable(
            f"libfaketime moves wall by {wall:.0f} s, monotonic {monotonic:.0f} s"
        )


class Node:
    """`caesura serve` on a machine of its own."""

    def __init__(
        self, number: int, directory: Path, database_url: str, environment: Mapping[str, str]
    ) -> None:
        self.name = f"node{number}"
        self.machine: Machine = sandbox.machine(self.name, _NODES_NETWORK, number)
        self.data = directory / self.name
        self.out = directory / f"{self.name}.out"
        self.clock = Clock(directory / f"{self.name}.clock")
        sandbox.small_disk(self.data, _DISK_MIB)
        self._url = database_url
        self._environment = environment  # added
        self.process: subprocess.Popen[bytes] | None = None
        self.api = httpx.Client(
            base_url=f"http://{self.machine.address}:8080/api/v1",
            timeout=httpx.Timeout(8.0, connect=1.0),
            limits=httpx.Limits(max_keepalive_connections=0),  # none may be left of a dead process
            trust_env=False,
        )

    def start(self) -> None:
        address = self.machine.address
        ours = {
            "CAESURA_DATABASE_URL": self._url,
            "CAESURA_NODE": self.name,
            "CAESURA_SIP": f"{address}:5060",
            "CAESURA_MEDIA_PORTS": "20000-27999",
            **self.clock.environment,
            **self._environment,
        }
        clean = {k: v for k, v in os.environ.items() if not k.startswith("CAESURA_")}
        with self.out.open("ab") as log:
            self.process = subprocess.Popen(
                self.machine.words(
                    *_CAESURA, "serve", "--data", str(self.data), "--http", f"{address}:8080"
                ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=clean | ours,
            )

    def await_ready(self, within_s: float = _READY_S) -> None:
        """Until its API answers; a start that failed is tried again, as systemd does."""
        deadline = time.monotonic() + within_s
        while not self.answers():
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} is not ready: {self.out.read_text()[-3000:]}")
            if self.process is None or self.process.poll() is not None:
                self.start()
            time.sleep(0.2)
        told = json.loads((self.data / "instance.json").read_text())
        self.api.headers["Authorization"] = f"Bearer {told['api_key']}"

    def answers(self) -> bool:
        try:
            return self.api.get("health").is_success
        except httpx.HTTPError:
            return False

    def logged(self, text: str) -> int:
        """How often its processes' logs say `text`."""
        logs = (self.data / "log").glob("*.log*")
        return sum(path.read_bytes().count(text.encode()) for path in logs)

    def pids(self, program: str | None = None) -> list[int]:
        """Its processes, or those that run `python -m caesura.<program>`."""
        if self.process is None or self.process.poll() is not None:
            return []
        below = descendants(self.process.pid)
        if program is None:
            return [self.process.pid, *below]
        wanted = f"-m caesura.{program} "
        return [pid for pid in below if wanted in command_line(pid)]

    def kill_all(self) -> None:
        """kill -9 of the supervisor; what it started ends with it."""
        pids = self.pids()
        kill(pids[:1], signal.SIGKILL)
        if self.process is not None:
            self.process.wait(30)
        deadline = time.monotonic() + 10
        while any("caesura." in command_line(pid) for pid in pids[1:]):
            if time.monotonic() > deadline:
                raise RuntimeError(f"processes of {self.name} outlive their supervisor")
            time.sleep(0.02)

    def stop(self) -> None:
        kill(self.pids(), signal.SIGCONT)
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                kill(self.pids(), signal.SIGKILL)

    def pause_everything_directly(self, reason: str) -> subprocess.CompletedProcess[str]:
        """The emergency stop of somebody at this machine, past its web process."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith("CAESURA_")}
        return subprocess.run(
            self.machine.words(
                *(*_CAESURA, "pause", "--all", "--direct", "--yes", "--json"),
                *("--reason", reason, "--data", str(self.data)),
            ),
            capture_output=True,
            text=True,
            timeout=_COMMAND_S,
            check=False,
            env=clean | self.clock.environment,
        )


class Carrier:
    """`caesura carrier` in the hub, with its log: the judge's witness."""

    def __init__(self, directory: Path, seed: int) -> None:
        self.log = directory / "carrier.jsonl"
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "caesura.practice", "--sip", f"{CARRIER}:{_CARRIER_PORT}"),
                *("--no-rtp", "--log", str(self.log), "--seed", str(seed), *_PEOPLE),
            ],
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        self._process.stdout.readline()

    @property
    def pid(self) -> int:
        return self._process.pid

    def stop(self) -> None:
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(10)


class World:
    """Everything, from the first process to the last."""

    def __init__(self, directory: Path, plan: Plan) -> None:
        self.directory = directory
        self.database_clock = Clock(directory / "database.clock")
        check_clock(self.database_clock)
        self.pair = Pair(directory / "database", self.database_clock.environment)
        broken = {"PYTHONPATH": str(_BROKEN)} if plan.broken else {}
        self.nodes = [Node(n, directory, self.pair.url, broken) for n in range(plan.nodes)]
        self._seed = plan.seed
        self.carrier: Carrier

    def start(self) -> None:
        self.pair.start()
        self.carrier = Carrier(self.directory, self._seed)
        for node in self.nodes:
            node.start()
        for node in self.nodes:
            node.await_ready()
        self.ask("POST", "trunks", {"name": "practice", "host": CARRIER, "port": _CARRIER_PORT})
        self.upload("recordings", "hello.wav", _tone(0.3), {"name": "hello"})

    def stop(self) -> None:
        for node in self.nodes:
            with suppress(Exception):
                node.stop()
        self.pair.stop()
        with suppress(Exception):
            self.carrier.stop()

    def other_pids(self) -> set[int]:
        """Our own children beside the nodes."""
        return {self.carrier.pid} | {
            one.pid for one in (self.pair.primary, self.pair.standby) if one.started
        }

    # ------------------------------------------------------------ the API, with nothing broken

    def ask(self, method: str, path: str, body: Any = None, node: int = 0) -> Any:
        answer = self.nodes[node].api.request(method, path, json=body, timeout=_CALM_S)
        if not answer.is_success:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()

    def upload(self, path: str, filename: str, content: bytes, form: dict[str, str]) -> Any:
        answer = self.nodes[0].api.post(
            path, files={"file": (filename, content)}, data=form, timeout=_CALM_S
        )
        if not answer.is_success:
            raise RuntimeError(f"POST {path}: {answer.status_code} {answer.text}")
        return answer.json()

    def new_campaign(
        self,
        name: str,
        calling_numbers: Sequence[str],
        lists: Mapping[str, Collection[str]],
        cps: float,
    ) -> int:
        """A draft that calls each number of `lists` once; its id."""
        for number in calling_numbers:
            self.ask("POST", "numbers", {"number": number})
        for each, phones in lists.items():
            self._import(each, phones)
        settings = {
            "message": {"recording": "hello"},
            "trunks": ["practice"],
            "calling_numbers": list(calling_numbers),
            "pacing": {"kind": "fixed", "concurrency": int(cps * 5), "cps": cps},
            "hours": {"always": True},
            "ring_timeout_s": 5,
            # Carriers are cut off here on purpose; only who is told to pauses.
            "pause_rules": {
                "carrier_failures": {"enabled": False},
                "abandonment": {"enabled": False},
            },
            "ring_minimum_s": 1,
            "ramp_up_s": 0,  # at the full rate in every round
            # Each lead is tried once, whatever comes of it; only who was cancelled by a pause is
            # called again. So a number that the carrier sees too often stands out.
            "retries": {"cancelled": {"max": 100, "after_s": 1, "number": "same"}},
            "clocks": "run",
        }
        body = {"name": name, "lists": list(lists), "settings": settings}
        made: int = self.ask("POST", "campaigns", body)["id"]
        return made

    def _import(self, name: str, phones: Collection[str]) -> None:
        rows = "".join(f"Customer {i},{phone}\n" for i, phone in enumerate(phones))
        csv = f"name,phone\n{rows}".encode()
        begun = self.upload("lists/imports", "people.csv", csv, {"name": name, "region": "US"})
        deadline = time.monotonic() + _CALM_S
        while (job := self.ask("GET", f"imports/{begun['id']}"))["state"] == "running":
            if time.monotonic() > deadline:
                raise RuntimeError(f"import: {job}")
            time.sleep(0.1)
        if job["imported"] != len(phones):
            raise RuntimeError(f"import: {job}")


def _tone(seconds: float) -> bytes:
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        samples = (
            int(8000 * math.sin(2 * math.pi * 440 * n / 8000)) for n in range(int(8000 * seconds))
        )
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return content.getvalue()
