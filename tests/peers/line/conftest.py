"""A real line process, a cell at its socket, and peers on the wire: SIPp, and a bare UDP socket."""

from __future__ import annotations

import asyncio
import itertools
import re
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import msgspec
import pytest
from tests.peers.linked import CAMPAIGN, EPOCH, LinkedCell
from tests.processes import await_socket

from caesura.voice.port import ConfigureTrunks, Dial, FromLine, TrunkConfig

HOST = "127.0.0.1"
SCENARIOS = Path(__file__).parent / "scenarios"


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def trunk(port: int, name: str = "carrier", **settings: Any) -> TrunkConfig:
    return TrunkConfig(name=name, host=HOST, port=port, **{"options_interval_s": 0.0, **settings})


class Cell(LinkedCell):
    """A cell, and its line process."""

    incoming = FromLine
    sip_port = 0

    def configure(self, *trunks: TrunkConfig) -> None:
        self.send(ConfigureTrunks(trunks=list(trunks)))

    def dial(self, *trunks: str, **changes: Any) -> UUID:
        attempt = uuid4()
        dial = Dial(
            attempt=attempt,
            campaign=CAMPAIGN,
            epoch=EPOCH,
            number="+15552000001",
            calling_number="+15551000001",
            trunks=list(trunks or ("carrier",)),
            ring_timeout_s=20.0,
            rtp_host=HOST,
            rtp_port=40000,
        )
        self.send(msgspec.structs.replace(dial, **changes))
        return attempt


@pytest.fixture
async def start_line(tmp_path: Path) -> AsyncIterator[Callable[..., Any]]:
    """Start a line process with these options, and connect to it."""
    cells: list[Cell] = []
    numbers = itertools.count()

    async def start(*options: str) -> Cell:
        path = tmp_path / f"line-{next(numbers)}.sock"
        sip_port = free_port()
        command = [sys.executable, "-m", "caesura.voice.line", "--socket", str(path)]
        command += ["--sip", f"{HOST}:{sip_port}", *options]
        cell = Cell(subprocess.Popen(command), path)  # noqa: ASYNC220 - starts, waits for nothing
        cell.sip_port = sip_port
        cells.append(cell)
        await asyncio.to_thread(await_socket, cell.process, path, 10)
        await cell.connect()
        return cell

    yield start
    for cell in cells:
        cell.end()
    await asyncio.sleep(0.01)


@pytest.fixture
async def cell(start_line: Callable[..., Any]) -> Cell:
    started: Cell = await start_line()
    return started


class Sipp:
    """A SIPp process that plays the callee; `passed` once it has ended, or fails."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, errors: Path) -> None:
        self.process = process
        self.port = port
        self._errors = errors

    async def passed(self, within_s: float = 8.0) -> None:
        try:
            status = await asyncio.to_thread(self.process.wait, within_s)
        except subprocess.TimeoutExpired:
            status = None
        errors = self._errors.read_text() if self._errors.exists() else ""
        assert status == 0, f"SIPp ended with {status}: {errors}"


@pytest.fixture
def sipp(tmp_path: Path) -> Iterator[Callable[..., Sipp]]:
    """Start SIPp with a scenario of ours (or "uas", its own) for so many calls.

    `keys` fill the scenario's [words]; SIPp's own -key does not do for status codes.
    """
    started: list[Sipp] = []

    def start(scenario: str, calls: int = 1, **keys: str) -> Sipp:
        port = free_port()
        errors = tmp_path / f"sipp-{port}.errors"
        chosen = ["-sn", "uas"]
        if scenario != "uas":
            text = (SCENARIOS / f"{scenario}.xml").read_text()
            for key, value in keys.items():
                text = text.replace(f"[{key}]", value)
            filled = tmp_path / f"{scenario}-{port}.xml"
            filled.write_text(text)
            chosen = ["-sf", str(filled)]
        command = ["sipp", *chosen, "-i", HOST, "-p", str(port), "-m", str(calls), "-nostdin"]
        command += ["-trace_err", "-error_file", str(errors), "-timeout", "30"]
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=tmp_path
        )
        started.append(Sipp(process, port, errors))
        wait_bound(port)
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
        one.process.wait(5)


def wait_bound(port: int) -> None:
    """Until some process has the UDP port."""
    wanted = f":{port:04X} "
    deadline = time.monotonic() + 5
    while wanted not in Path("/proc/net/udp").read_text():
        assert time.monotonic() < deadline, f"nobody took port {port}"
        time.sleep(0.01)


class Wire(asyncio.DatagramProtocol):
    """A bare peer: keeps every datagram with its time, and answers only as a test tells it."""

    def __init__(self) -> None:
        self.port = 0
        self.received: list[tuple[float, str]] = []  # monotonic time, text
        self._transport: asyncio.DatagramTransport | None = None
        self._news = asyncio.Event()
        self._source: tuple[str, int] = (HOST, 0)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._source = addr
        self.received.append((time.monotonic(), data.decode()))
        self._news.set()

    def count(self, method: str) -> int:
        return sum(text.startswith(f"{method} ") for _, text in self.received)

    async def get(self, method: str, number: int = 1, within_s: float = 3.0) -> str:
        """The number-th datagram with this method."""
        async with asyncio.timeout(within_s):
            while self.count(method) < number:
                self._news.clear()
                await self._news.wait()
        return [text for _, text in self.received if text.startswith(f"{method} ")][number - 1]

    def respond(
        self,
        request: str,
        status: str,
        *headers: str,
        body: str = "",
        contact_port: int | None = None,
    ) -> None:
        """Answer a request; `status` is like "180 Ringing"."""
        lines = [f"SIP/2.0 {status}"]
        for name in ("Via", "From", "To", "Call-ID", "CSeq"):
            value = header(request, name)
            if name == "To" and "tag=" not in value and not status.startswith("100"):
                value += ";tag=wire"
            lines.append(f"{name}: {value}")
        lines.append(f"Contact: <sip:wire@{HOST}:{contact_port or self.port}>")
        lines += [*headers, f"Content-Length: {len(body)}", "", body]
        self.send("\r\n".join(lines))

    def answer(self, invite: str, sdp: str | None = None) -> None:
        """Pick up; without `sdp` with what was offered, so that its sound goes back to it."""
        offered = invite.split("\r\n\r\n", 1)[1]
        body = offered if sdp is None else sdp
        self.respond(invite, "200 OK", "Content-Type: application/sdp", body=body)

    def send(self, text: str) -> None:
        assert self._transport is not None
        self._transport.sendto(text.encode(), self._source)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


def header(message: str, name: str) -> str:
    found = re.search(rf"^{name}: (.*)\r$", message, re.MULTILINE | re.IGNORECASE)
    assert found is not None, f"no {name} in {message}"
    return found.group(1)


@pytest.fixture
async def open_wire() -> AsyncIterator[Callable[..., Any]]:
    wires: list[Wire] = []

    async def start() -> Wire:
        loop = asyncio.get_running_loop()
        _, wire = await loop.create_datagram_endpoint(Wire, local_addr=(HOST, 0))
        wires.append(wire)
        return wire

    yield start
    for wire in wires:
        wire.close()
    await asyncio.sleep(0.01)  # their sockets close in a later turn


@pytest.fixture
async def wire(open_wire: Callable[..., Any]) -> Wire:
    opened: Wire = await open_wire()
    return opened
