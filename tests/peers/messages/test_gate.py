"""The gate on the wire: after GateShut the message centre sees nothing, whatever waited."""

from __future__ import annotations

import asyncio
import socket
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.peers.messages.conftest import CAMPAIGN, EPOCH, HOST, Cell, Centre, number

from caesura.messages.port import (
    Accepted,
    GateShut,
    NotLaunched,
    Rejected,
    ShutGate,
    SmppOptions,
    Submitted,
)
from caesura.practice.recipients import Fate


async def test_a_shut_gate_lets_nothing_leave(cell: Cell, centre: Centre) -> None:
    await cell.configure(centre.provider())
    never_opened = cell.submit("+15552000001")
    assert (await cell.next(NotLaunched, never_opened)).reason == "gate_shut"
    cell.open_gate(epoch=EPOCH + 1)
    of_before = cell.submit("+15552000001")
    assert (await cell.next(NotLaunched, of_before)).reason == "gate_shut"
    cell.open_gate(seconds=-0.001)
    too_late = cell.submit("+15552000001")
    assert (await cell.next(NotLaunched, too_late)).reason == "gate_shut"
    assert (await cell.shut_gate()).last_left_at is None
    assert centre.lines("submit") == []


async def test_zero_submissions_after_the_gate_is_shut_in_full_flow(
    cell: Cell, start_centre: Callable[..., Any]
) -> None:
    centre: Centre = await start_centre(answer_ms=(1, 20))
    await cell.configure(centre.provider(window=20, max_per_s=400.0))
    cell.open_gate()
    attempts = [cell.submit(f"+1555{2_000_000 + index}", wait_s=9.0) for index in range(1600)]
    await cell.next(Accepted, attempts[60])
    shut = await cell.shut_gate()
    await asyncio.sleep(0.4)  # what would leave later had time to
    lines = centre.lines("submit")
    assert 60 < len(lines) < 1600
    assert len(lines) == cell.submitted_before_the_gate_shut()
    assert shut.last_left_at is not None
    # Noted once it is handed over, when the centre may have read it already.
    assert shut.last_left_at < max(line["at"] for line in lines) + 0.05
    said = Counter(type(message).__name__ for message in cell.messages)
    assert said["Submitted"] == said["Accepted"] == len(lines)
    assert said["NotLaunched"] == 1600 - len(lines)
    later = cell.messages[cell.messages.index(shut) :]
    assert not any(isinstance(message, NotLaunched | Submitted) for message in later)


async def test_other_campaigns_go_on(cell: Cell, centre: Centre) -> None:
    await cell.configure(centre.provider())
    cell.open_gate()
    cell.open_gate(campaign=CAMPAIGN + 1)
    await cell.shut_gate()
    shut = cell.submit("+15552000001")
    other = cell.submit("+15552000002", campaign=CAMPAIGN + 1)
    await cell.next(Accepted, other)
    assert cell.about(shut) == ["NotLaunched"]


async def test_the_cell_gone_shuts_every_gate(cell: Cell, start_centre: Callable[..., Any]) -> None:
    centre: Centre = await start_centre(answer_ms=(5, 5))
    await cell.configure(centre.provider(window=5))
    cell.open_gate()
    for index in range(300):
        cell.submit(f"+1555{2_000_000 + index}", wait_s=9.0)
    await cell.next(Accepted)
    cell.disconnect()
    await asyncio.sleep(0.1)
    seen = len(centre.lines("submit"))
    assert 0 < seen < 300
    await asyncio.sleep(0.3)
    assert len(centre.lines("submit")) == seen
    await cell.connect()
    await cell.configure(centre.provider(window=5))
    late = cell.submit("+15552000001")
    assert (await cell.next(NotLaunched, late)).reason == "gate_shut"


async def test_half_a_message_never_follows_after_the_gate_is_shut(cell: Cell) -> None:
    """A message centre that stops reading: what the kernel has not taken must not leave later."""
    server, taken = await _stuck_centre()
    try:
        await cell.configure(_stuck_provider(server.sockets[0].getsockname()[1]))
        cell.open_gate()
        for _ in range(400):
            cell.submit("+15552000001", "x" * 150 * 100, wait_s=0.3)
        await cell.next(Submitted)
        await cell.next(NotLaunched, within_s=20.0)  # the kernel takes no more
        cell.send(ShutGate(campaign=CAMPAIGN))
        await cell.next(GateShut, within_s=10.0)
        left = [m for m in cell.messages if isinstance(m, Submitted)]
        received = await _read_rest(taken)
        # Whole submissions and then the end of the stream, in the middle of one.
        assert received.count(b"\x00\x00\x00\x04\x00\x00\x00\x00") <= len(left) * 101
        later = [m for m in cell.messages if isinstance(m, Submitted)]
        assert len(later) == len(left)
    finally:
        server.close()
        for sock, transport in taken:
            sock.close()
            transport.abort()
        await asyncio.sleep(0.01)


def _stuck_provider(port: int) -> Any:
    from caesura.messages.port import ProviderConfig

    return ProviderConfig(
        name="centre", host=HOST, port=port, window=100_000, options=SmppOptions(response_s=30.0)
    )


async def _stuck_centre() -> tuple[asyncio.AbstractServer, list[tuple[socket.socket, Any]]]:
    """Lets in whoever comes, and then reads nothing more."""
    taken: list[tuple[socket.socket, Any]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.read(1000)
        sequence = request[12:16]
        writer.write(b"\x00\x00\x00\x11\x80\x00\x00\x09\x00\x00\x00\x00" + sequence + b"\x00")
        await writer.drain()
        transport: Any = writer.transport
        transport.pause_reading()
        taken.append((transport.get_extra_info("socket").dup(), transport))

    server = await asyncio.start_server(serve, HOST, 0)
    return server, taken


async def _read_rest(taken: list[tuple[socket.socket, Any]]) -> bytes:
    loop = asyncio.get_running_loop()
    ((sock, _),) = taken
    received = b""
    async with asyncio.timeout(10):
        while True:
            try:
                data = await loop.sock_recv(sock, 1 << 20)
            except ConnectionResetError:
                return received
            if not data:
                return received
            received += data


async def test_a_throttled_message_is_sent_again_before_its_wait_is_over(
    cell: Cell, centre: Centre
) -> None:
    await cell.configure(centre.provider())
    cell.open_gate()
    attempt = cell.submit(number(Fate.THROTTLED_ONCE), wait_s=3.0)
    await cell.next(Accepted, attempt)
    assert cell.about(attempt) == ["Submitted", "Submitted", "Accepted"]
    always = cell.submit(number(Fate.THROTTLED), wait_s=0.5)
    rejected = await cell.next(Rejected, always)
    assert (rejected.permanent, rejected.fault) == (False, "provider")
    assert rejected.code == "ESME_RTHROTTLED"


async def test_the_limit_of_the_message_centre_is_kept_once_it_says_so(
    cell: Cell, start_centre: Callable[..., Any]
) -> None:
    centre: Centre = await start_centre(max_per_s=100)
    await cell.configure(centre.provider(window=10))
    cell.open_gate()
    attempts = [cell.submit(f"+1555{2_000_000 + i}", wait_s=20.0) for i in range(250)]
    for attempt in attempts:
        await cell.next(Accepted, attempt, within_s=20.0)
    lines = centre.lines("submit")
    refused = [line for line in lines if line["status"] == 0x58]
    # A window each quarter of a second while its first second lasts, then now and again one.
    assert len(refused) < 125
    assert len(lines) == 250 + len(refused)


async def test_the_limit_of_the_provider_is_kept(cell: Cell, centre: Centre) -> None:
    await cell.configure(centre.provider(max_per_s=50.0))
    cell.open_gate()
    began = time.monotonic()
    attempts = [cell.submit(f"+1555{2_000_000 + i}", wait_s=4.0) for i in range(60)]
    await asyncio.gather(*(cell.next(Accepted, attempt) for attempt in attempts))
    assert 1.0 < time.monotonic() - began < 2.5


async def test_a_pause_in_the_middle_of_a_throttled_message_sends_it_no_more(
    cell: Cell, centre: Centre
) -> None:
    await cell.configure(centre.provider())
    cell.open_gate()
    attempt = cell.submit(number(Fate.THROTTLED), wait_s=5.0)
    await cell.next(Submitted, attempt)
    await cell.shut_gate()
    seen = len(centre.lines("submit"))
    assert (await cell.next(Rejected, attempt)).code == "ESME_RTHROTTLED"
    await asyncio.sleep(0.7)
    assert len(centre.lines("submit")) == seen
