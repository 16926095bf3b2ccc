"""A practice carrier in a process of its own, and SIPp or a bare socket to call it with."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCENARIOS = Path(__file__).parent / "scenarios"


@dataclass
class RunningCarrier:
    """`python -m caesura.practice` on a port of its own."""

    process: subprocess.Popen[str]
    address: tuple[str, int]
    log_path: Path
    report_path: Path

    def log(self) -> list[dict[str, Any]]:
        """The log so far, one object per line."""
        return [json.loads(line) for line in self.log_path.read_text().splitlines()]

    def events(self) -> list[str]:
        return [line["event"] for line in self.log()]

    def invites(self) -> list[dict[str, Any]]:
        """Every INVITE's datagram, also retransmissions, as they came."""
        return [line for line in self.log() if line["event"] == "invite"]

    def wait_for(self, event: str, count: int = 1, timeout_s: float = 10) -> list[dict[str, Any]]:
        """The log's lines of `event`, once there are `count` of them."""
        deadline = time.monotonic() + timeout_s
        while True:
            found = [line for line in self.log() if line["event"] == event]
            if len(found) >= count:
                return found
            assert time.monotonic() < deadline, f"no {count} x {event!r} in {self.events()}"
            time.sleep(0.02)

    def stop(self) -> str:
        """Stop it by SIGTERM; what it printed after the first line."""
        self.process.send_signal(signal.SIGTERM)
        output, errors = self.process.communicate(timeout=10)
        assert self.process.returncode == 0, errors
        assert errors == ""
        return output

    def report(self) -> dict[str, Any]:
        counts: dict[str, Any] = json.loads(self.report_path.read_text())
        return counts


@contextmanager
def practice_carrier(directory: Path, *options: str) -> Iterator[RunningCarrier]:
    """Run a carrier on a free port of 127.0.0.1 until the block ends."""
    log, report = directory / "carrier.jsonl", directory / "report.json"
    command = [sys.executable, "-m", "caesura.practice", "--sip", "127.0.0.1:0"]
    process = subprocess.Popen(
        [*command, "--log", str(log), "--report", str(report), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None and process.stderr is not None
        first = process.stdout.readline()
        assert first.startswith("SIP on 127.0.0.1:"), first + process.stderr.read()
        port = int(first.rpartition(":")[2])
        yield RunningCarrier(process, ("127.0.0.1", port), log, report)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def sipp(
    carrier: RunningCarrier, number: str, *options: str, calls: int = 1, timeout_s: float = 20
) -> int:
    """Call `number` with SIPp; its exit status: 0 if all calls went as the scenario says."""
    host, port = carrier.address
    command = ["sipp", f"{host}:{port}", "-s", number, "-m", str(calls), "-i", "127.0.0.1"]
    done = subprocess.run(
        [*command, "-p", str(free_port()), "-nostdin", "-timeout", f"{timeout_s}s", *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=timeout_s + 5,
        check=False,
    )
    return done.returncode


class BareCaller:
    """A UDP socket that speaks SIP by hand, for what no well-behaved caller does."""

    def __init__(self, carrier: RunningCarrier) -> None:
        self._carrier = carrier.address
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]

    def __enter__(self) -> BareCaller:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def request(
        self,
        method: str,
        number: str,
        *,
        call_id: str = "call-1",
        to_tag: str | None = None,
        cseq: int = 1,
        branch: str = "one",
        headers: tuple[str, ...] = (),
        sdp: str = "",
    ) -> bytes:
        """A request as bytes, ready to be sent as often as wanted."""
        lines = [
            f"{method} sip:{number}@127.0.0.1:{self._carrier[1]} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bK-{call_id}-{branch}",
            "From: <sip:+14155550100@127.0.0.1>;tag=from",
            f"To: <sip:{number}@127.0.0.1>" + (f";tag={to_tag}" if to_tag else ""),
            f"Call-ID: {call_id}",
            f"CSeq: {cseq} {method}",
            f"Contact: <sip:caller@127.0.0.1:{self.port}>",
            "Max-Forwards: 70",
            *headers,
            *(["Content-Type: application/sdp"] if sdp else []),
            f"Content-Length: {len(sdp)}",
            "",
            sdp,
        ]
        return "\r\n".join(lines).encode()

    def offer(self, formats: str = "0 101", port: int | None = None) -> str:
        """An SDP offer that names this socket's port (or another) for RTP."""
        lines = ["v=0", "o=x 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0"]
        lines += [f"m=audio {port or self.port} RTP/AVP {formats}"]
        lines += ["a=rtpmap:101 telephone-event/8000", ""]
        return "\r\n".join(lines)

    def send(self, data: bytes) -> None:
        self._socket.sendto(data, self._carrier)

    def receive(self, timeout_s: float = 3) -> str:
        """The next datagram; TimeoutError if none comes."""
        return self.receive_bytes(timeout_s).decode()

    def receive_bytes(self, timeout_s: float = 3) -> bytes:
        self._socket.settimeout(timeout_s)
        return self._socket.recv(65535)

    def receive_final(self, timeout_s: float = 5) -> str:
        """The next final response."""
        while True:
            text = self.receive(timeout_s)
            if text.startswith("SIP/2.0 ") and not text.startswith("SIP/2.0 1"):
                return text


def header_of(message: str, name: str) -> str:
    """The first header of that name."""
    for line in message.split("\r\n\r\n", maxsplit=1)[0].split("\r\n")[1:]:
        key, _, value = line.partition(":")
        if key.lower() == name.lower():
            return value.strip()
    raise AssertionError(f"no {name} in {message}")
