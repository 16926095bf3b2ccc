"""How many conversations one core's media process carries between callees and agents' browsers.

    python -m benchmarks.desk_conversations [--conversations 25 50 100 150] [--seconds 6]

The media process has core 0 alone. On core 1, this process is every callee (plain RTP) and every
browser (ICE, DTLS and SRTP by aiortc's transports, the same cipher as a real one; nothing is
decoded, or it could not keep up). Each end of a conversation sends 50 packets a second that carry
the moment at which they left; the other end reads it. So a delay contains the lateness of this
process too, and "lost" is what was sent and never came.

Idle desks are measured too: connected, sending silence, hearing silence.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import struct
import time
from pathlib import Path
from uuid import UUID, uuid4

from aiortc.sdp import SessionDescription
from benchmarks.alone import alone
from benchmarks.callee import cpu_seconds
from benchmarks.running import Load, machine, percentile, pin

from caesura.channel.link import Link
from caesura.voice import port
from caesura.voice.media import rtp
from caesura.voice.media.places import Place, Ports
from caesura.voice.media.streams import Stream, StreamSet, Ticker
from caesura.voice.media.webrtc import Connection

HOST = "127.0.0.1"
_STREAM_PORT, _CALLEE_PORT = 20000, 24000  # and every second one after
_DESK_PORTS, _BROWSER_PORTS = "28000-28999", range(29000, 29999)
_TURNS = 10  # in 20 ms, so that not everybody speaks at once
_STAMP = struct.Struct("!dII")  # when it left (monotonic), that it is ours, its number
_OURS = 0xCAE5
_REST = b"\xff" * (rtp.PACKET_BYTES - _STAMP.size)
_SETTLE_S = 1.0
_LOADS_S = 3.0  # aiortc, in a thread that is to be pinned too
_TARGET_MS = 20.0


class Mouth:
    """What one end says."""

    def __init__(self) -> None:
        self._numbering = rtp.Numbering()
        self._numbering.sequence &= 0x7FFF  # as browsers do, for SRTP's sake
        self.said = 0

    def packet(self) -> bytes:
        """The next 20 ms, stamped."""
        self.said += 1
        stamp = _STAMP.pack(time.monotonic(), _OURS, self.said)
        packet = self._numbering.next(0, stamp + _REST, marker=False)
        self._numbering.pass_time()
        return packet


class Ear:
    """How old is what one end hears, and what is missing between its first and last word."""

    def __init__(self) -> None:
        self.first_at: float | None = None  # when anybody was first heard, monotonic
        self.start()

    def start(self) -> None:
        self.delays_ms: list[float] = []
        self._first = self._last = 0

    def hear(self, payload: bytes) -> None:
        sent_at, ours, number = _STAMP.unpack_from(payload)
        if ours == _OURS:
            self.first_at = self.first_at or time.monotonic()
            self.delays_ms.append((time.monotonic() - sent_at) * 1000)
            self._first = self._first or number
            self._last = max(self._last, number)

    @property
    def lost(self) -> int:
        return self._last - self._first + 1 - len(self.delays_ms) if self.delays_ms else 0


class Browser:
    """An agent's browser: the other side of caesura.voice.media.webrtc, by the same transports."""

    def __init__(self, ports: Ports) -> None:
        self.ear = Ear()
        self.mouth = Mouth()
        self._connection = Connection(
            [Place(HOST, HOST)], ports, self._received, lambda reason: None
        )
        self._connection._connection.ice_controlling = True

    def _received(self, data: bytes, now: float) -> None:
        packet = rtp.parse(data)
        if packet is not None:
            self.ear.hear(packet.payload)

    async def offer(self) -> str:
        await self._connection.gather()
        ice, dtls = self._connection.ice, self._connection.fingerprints.fingerprints[0]
        return (
            "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
            "m=audio 9 UDP/TLS/RTP/SAVPF 0 8\r\nc=IN IP4 0.0.0.0\r\na=sendrecv\r\na=mid:0\r\n"
            f"a=ice-ufrag:{ice.usernameFragment}\r\na=ice-pwd:{ice.password}\r\n"
            f"a=fingerprint:{dtls.algorithm} {dtls.value}\r\na=setup:actpass\r\na=rtcp-mux\r\n"
        )

    async def accept(self, answer: str) -> None:
        media = SessionDescription.parse(answer).media[0]
        assert media.ice is not None and media.dtls is not None
        for candidate in [*media.ice_candidates, None]:
            await self._connection._ice.addRemoteCandidate(candidate)
        await self._connection.connect(media.ice, media.dtls, "server")

    def speak(self) -> None:
        self._connection.send(self.mouth.packet())

    async def close(self) -> None:
        await self._connection.close()


class Cell:
    """Gives the orders, and waits for what is told."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[type, UUID], asyncio.Future[port.FromMedia]] = {}
        self.link: Link[port.FromMedia] = Link(port.FromMedia, self._told, lambda: None)

    def _told(self, message: port.FromMedia) -> None:
        if isinstance(message, port.DeskFailed | port.StreamFailed | port.NotDone):
            raise RuntimeError(message)
        name = getattr(message, "desk", getattr(message, "attempt", None))
        waiting = self._waiting.pop((type(message), name), None) if name else None
        if waiting is not None:
            waiting.set_result(message)

    async def ask(self, order: port.ToMedia, kind: type, name: UUID) -> port.FromMedia:
        future = asyncio.get_running_loop().create_future()
        self._waiting[kind, name] = future
        self.link.send(order)
        return await asyncio.wait_for(future, 20)


class World:
    """Conversations, made one after the other, and what they say."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        self._callees = StreamSet()  # its ticker sends nothing: they speak when it is their turn
        self._ports = Ports(_BROWSER_PORTS)
        self.browsers: list[tuple[UUID, Browser]] = []
        self.talking: list[tuple[Stream, Mouth, Ear, Browser]] = []
        self.connected_ms: list[float] = []  # from the order to the later of the first words
        self._turn = 0
        self.said = 0
        self._ticker = Ticker(rtp.PACKET_S / _TURNS, self._speak, catch_up=_TURNS)
        self._ticker.start()

    async def add_desk(self) -> None:
        browser, desk = Browser(self._ports), uuid4()
        order = port.OpenDesk(desk=desk, offer=await browser.offer())
        answer = await self._cell.ask(order, port.DeskAnswer, desk)
        assert isinstance(answer, port.DeskAnswer)
        await browser.accept(answer.sdp)
        self.browsers.append((desk, browser))

    async def add_conversation(self) -> None:
        n = len(self.talking)
        desk, browser = self.browsers[n]
        ear, attempt = Ear(), uuid4()
        stream = self._callees.open(
            HOST,
            _CALLEE_PORT + 2 * n,
            (HOST, _STREAM_PORT + 2 * n),
            silence=False,
            on_packet=lambda packet, now: ear.hear(packet.payload),
        )
        self._callees.detach(stream)
        self._cell.link.send(
            port.OpenStream(
                attempt=attempt,
                port=_STREAM_PORT + 2 * n,
                remote_host=HOST,
                remote_port=_CALLEE_PORT + 2 * n,
                codec="PCMU",
                dtmf_payload_type=101,
            )
        )
        self.talking.append((stream, Mouth(), ear, browser))  # both speak already
        await asyncio.sleep(rtp.PACKET_S)
        ordered_at = time.monotonic()
        await self._cell.ask(port.Bridge(attempt=attempt, peer=desk), port.Bridged, attempt)
        while ear.first_at is None or browser.ear.first_at is None:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        last = max(ear.first_at, browser.ear.first_at)
        self.connected_ms.append((last - ordered_at) * 1000)

    def _speak(self) -> None:
        self._turn = (self._turn + 1) % _TURNS
        for stream, mouth, _, browser in self.talking[self._turn :: _TURNS]:
            stream._transmit(mouth.packet())
            browser.speak()
            self.said += 2

    def ears(self) -> list[Ear]:
        return [each for _, _, ear, browser in self.talking for each in (ear, browser.ear)]

    async def close(self) -> None:
        self._ticker.stop()
        for _, browser in self.browsers:
            await browser.close()


async def measure(world: World, pid: int, seconds: float) -> tuple[str, float, int]:
    """A line of figures; the 99th percentile of delays, and the packets lost."""
    await asyncio.sleep(_SETTLE_S)
    ears = world.ears()
    for ear in ears:
        ear.start()
    said, cpu, own, started = world.said, cpu_seconds(pid), time.process_time(), time.monotonic()
    await asyncio.sleep(seconds)
    elapsed = time.monotonic() - started
    cpu, own, said = cpu_seconds(pid) - cpu, time.process_time() - own, world.said - said
    delays = [delay for ear in ears for delay in ear.delays_ms] or [0.0]
    lost = sum(ear.lost for ear in ears)
    p50, p99 = percentile(delays, 0.50), percentile(delays, 0.99)
    line = (
        f"{100 * cpu / elapsed:8.1f}{1e6 * cpu / said if said else 0:11.1f}"
        f"{p50:8.1f}{p99:8.1f}{max(delays):8.1f}{lost:7d}{100 * own / elapsed:14.0f}"
    )
    return line, p99, lost


async def benchmark(path: Path, pid: int, steps: list[int], seconds: float) -> None:
    cell = Cell()
    await asyncio.get_running_loop().create_unix_connection(lambda: cell.link, str(path))
    world = World(cell)
    carried = 0
    print(
        f"{'':24}{'% core':>8}{'us/packet':>11}{'p50 ms':>8}{'p99 ms':>8}{'max ms':>8}{'lost':>7}"
        f"{'% peers core':>14}"
    )
    for step in steps:
        while len(world.browsers) < step:
            await world.add_desk()
        if not world.talking:
            line, *_ = await measure(world, pid, seconds / 2)
            print(f"{step:7} idle desks{'':6}{line}", flush=True)
        while len(world.talking) < step:
            await world.add_conversation()
        line, p99, lost = await measure(world, pid, seconds)
        print(f"{step:7} conversations{'':3}{line}", flush=True)
        if p99 < _TARGET_MS and not lost:
            carried = step
    print(f"carried with p99 under {_TARGET_MS:g} ms and nothing lost: {carried}")
    print(
        "from the Bridge until both had heard each other: median "
        f"{percentile(world.connected_ms, 0.5):.0f} ms, p99 "
        f"{percentile(world.connected_ms, 0.99):.0f} ms (a word takes up to 20 ms to be said)"
    )
    await world.close()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--conversations", type=int, nargs="+", default=[25, 50, 100, 150])
    options.add_argument("--seconds", type=float, default=6)
    given = options.parse_args()
    load = Load()
    media = ("--host", HOST, "--ports", "20000-23999", "--desk-ports", _DESK_PORTS)
    with alone("caesura.voice.media", *media, "--desk-host", HOST) as (path, pid):
        time.sleep(_LOADS_S)
        pin(pid, 0)
        pin(os.getpid(), 1)
        asyncio.run(benchmark(path, pid, given.conversations, given.seconds))
    print(f"{machine()}\n{load}")


if __name__ == "__main__":
    main()
