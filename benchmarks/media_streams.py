"""CPU and lateness of N G.711 RTP streams, both ways, in one process, by several means.

    python benchmarks/media_streams.py [--streams 200] [--seconds 5] [--rounds 3] [MEANS ...]

Each means sends and receives 50 packets a second on every stream; a peer process of its own does
the same towards it and times what arrives. CPU is the measured process's own (user + system), as
percent of one core per 100 streams. Lateness is how much later than its best packet of the stream
a packet came, against an even 20 ms pace, as the peer saw it. Means whose library is missing are
left out: `aiortp` is none of our dependencies, install it to measure it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from caesura.voice.media import rtp
from caesura.voice.media.streams import Stream, StreamSet, Ticker

HOST = "127.0.0.1"
OUR_PORT = 24000
PEER_PORT = 28000
FRAME = rtp.SILENCE["PCMU"] * rtp.PACKET_BYTES


class Receiver:
    """What every means does with a datagram: parse it, count it."""

    def __init__(self) -> None:
        self.reception = rtp.Reception()

    def feed(self, data: bytes) -> None:
        packet = rtp.parse(data)
        if packet is not None:
            self.reception.arrived(packet.ssrc, packet.timestamp, time.monotonic())


class OwnProtocol(asyncio.DatagramProtocol, Receiver):
    """(a) a datagram protocol of ours."""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.numbering = rtp.Numbering()

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.feed(data)


async def own_protocol(streams: int) -> Callable[[], int]:
    loop = asyncio.get_running_loop()
    protocols = []
    for n in range(streams):
        _, protocol = await loop.create_datagram_endpoint(
            OwnProtocol, local_addr=(HOST, OUR_PORT + 2 * n)
        )
        protocols.append((protocol, (HOST, PEER_PORT + 2 * n)))
    phases = [protocols[n::4] for n in range(4)]
    turn = 0

    def tick() -> None:
        nonlocal turn
        turn = (turn + 1) % 4
        for protocol, target in phases[turn]:
            protocol.transport.sendto(protocol.numbering.next(0, FRAME, marker=False), target)
            protocol.numbering.pass_time()

    Ticker(0.005, tick).start()
    return lambda: sum(protocol.reception.received for protocol, _ in protocols)


async def stream_set(streams: int) -> Callable[[], int]:
    """(b) plain sockets, one ticker, the loop's epoll: caesura.voice.media.streams."""
    streams_ = open_streams(StreamSet(), streams, OUR_PORT, PEER_PORT)
    return lambda: sum(stream.reception.received for stream in streams_)


async def aiortp_sessions(streams: int, *, paced: bool) -> Callable[[], int]:
    """(c) aiortp, its audio paced by itself or by one ticker."""
    import aiortp  # type: ignore[import-not-found]

    sessions = []
    received = 0

    def on_audio(pcm: bytes, timestamp: int) -> None:
        nonlocal received
        received += 1

    for n in range(streams):
        session = await aiortp.RTPSession.create(
            (HOST, OUR_PORT + 2 * n),
            (HOST, PEER_PORT + 2 * n),
            payload_type=0,
            paced=paced,
            plc=False,
            jitter_prefetch=0,
            symmetric_rtp=True,
        )
        session.on_audio = on_audio
        sessions.append(session)
    phases = [sessions[n::4] for n in range(4)]
    turn = 0

    def tick() -> None:
        nonlocal turn
        turn = (turn + 1) % 4
        for session in phases[turn]:
            session.send_audio_auto(FRAME)

    Ticker(0.005, tick).start()
    return lambda: received


async def rtpsynth_server(streams: int) -> Callable[[], int]:
    """(d) rtpsynth's RtpServer: a thread in C does the sockets. sippy brings it along."""
    from rtpsynth.RtpServer import RtpServer  # type: ignore[import-untyped]

    server = RtpServer(tick_hz=200)
    channels = []
    for n in range(streams):
        receiver = Receiver()

        def on_packet(data: Any, *_: Any, receiver: Receiver = receiver) -> None:
            receiver.feed(bytes(data))

        channel = server.create_channel(on_packet, bind_host=HOST, bind_port=OUR_PORT + 2 * n)
        channel.set_target(HOST, PEER_PORT + 2 * n)
        channels.append((channel, rtp.Numbering(), receiver))
    phases = [channels[n::4] for n in range(4)]
    turn = 0

    def tick() -> None:
        nonlocal turn
        turn = (turn + 1) % 4
        for channel, numbering, _ in phases[turn]:
            channel.send_pkt(numbering.next(0, FRAME, marker=False))
            numbering.pass_time()

    Ticker(0.005, tick).start()
    return lambda: sum(receiver.reception.received for _, _, receiver in channels)


async def plane(streams: int) -> Callable[[], int]:
    """(e) what the media process does: (b), playing a recording and listening for speech."""
    from caesura.voice import port
    from caesura.voice.media import tones
    from caesura.voice.media.plane import Plane
    from caesura.voice.media.recordings import Recordings

    path = Path(tempfile.mkdtemp()) / "message.ul"
    path.write_bytes(tones.speech(2000) * 60)
    plane = Plane(HOST, Recordings(), lambda message: None)
    for n in range(streams):
        attempt = uuid4()
        order = port.OpenStream(
            attempt=attempt,
            port=OUR_PORT + 2 * n,
            remote_host=HOST,
            remote_port=PEER_PORT + 2 * n,
            codec="PCMU",
            dtmf_payload_type=101,
        )
        plane.carry_out(order)
        plane.carry_out(port.Play(attempt=attempt, path=str(path)))
    callees = list(plane._callees.values())
    return lambda: sum(callee.stream.reception.received for callee in callees)


MEANS: dict[str, tuple[bool, Callable[[int], Any]]] = {  # name: (on uvloop, how)
    "a. datagram protocol, asyncio": (False, own_protocol),
    "a. datagram protocol, uvloop": (True, own_protocol),
    "b. sockets and one ticker, asyncio": (False, stream_set),
    "b. sockets and one ticker, uvloop": (True, stream_set),
    "c. aiortp, one ticker, uvloop": (True, lambda n: aiortp_sessions(n, paced=False)),
    "c. aiortp, paced by itself, uvloop": (True, lambda n: aiortp_sessions(n, paced=True)),
    "d. rtpsynth RtpServer, asyncio": (False, rtpsynth_server),
    "e. the media process's plane, asyncio": (False, plane),
    "e. the media process's plane, uvloop": (True, plane),
}


def open_streams(
    set_: StreamSet, streams: int, port: int, remote_port: int, on_packet: Any = None
) -> list[Stream]:
    return [
        set_.open(
            HOST,
            port + 2 * n,
            (HOST, remote_port + 2 * n),
            on_packet=on_packet and on_packet(n),
        )
        for n in range(streams)
    ]


async def measured(how: Callable[[int], Any], streams: int, seconds: float) -> None:
    """The process under measure: prints its CPU share and what it received."""
    received = await how(streams)
    await asyncio.sleep(1.5)
    wall, cpu, count = time.monotonic(), time.process_time(), received()
    await asyncio.sleep(seconds)
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    print(json.dumps({"cpu": cpu / wall, "received": (received() - count) / wall}), flush=True)
    await asyncio.sleep(30)


async def peer(streams: int, seconds: float) -> None:
    """The other end: sends the same, prints the lateness of what arrives."""
    arrivals: list[list[float]] = [[] for _ in range(streams)]

    def on_packet(n: int) -> Callable[[rtp.Packet, float], None]:
        append = arrivals[n].append
        return lambda packet, at: append(at)

    set_ = StreamSet()
    open_streams(set_, streams, PEER_PORT, OUR_PORT, on_packet)
    await asyncio.sleep(1.5 + seconds)
    set_.close()
    late: list[float] = []
    for times in arrivals:
        kept = times[50:]
        offsets = [at - n * rtp.PACKET_S for n, at in enumerate(kept)]
        late += [offset - min(offsets) for offset in offsets]
    late.sort()
    figures = {
        "p50": statistics.median(late) * 1000,
        "p99": late[int(len(late) * 0.99)] * 1000,
        "packets": len(late),
    }
    print(json.dumps(figures), flush=True)


def run(name: str, streams: int, seconds: float) -> dict[str, float] | None:
    arguments = ["--streams", str(streams), "--seconds", str(seconds)]
    command = [sys.executable, __file__, *arguments]
    with contextlib.ExitStack() as ends:

        def start(*more: str) -> subprocess.Popen[str]:
            process = subprocess.Popen([*command, *more], stdout=subprocess.PIPE, text=True)
            ends.callback(process.wait)
            ends.callback(process.kill)
            return process

        plane = start("--measured", name)
        other = start("--peer")
        assert plane.stdout is not None and other.stdout is not None
        line = plane.stdout.readline()
        if not line:
            return None
        figures: dict[str, float] = json.loads(line) | json.loads(other.stdout.readline())
        return figures


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("means", nargs="*", default=[])
    options.add_argument("--streams", type=int, default=200)
    options.add_argument("--seconds", type=float, default=5)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--measured", help=argparse.SUPPRESS)
    options.add_argument("--peer", action="store_true", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.measured:
        on_uvloop, how = MEANS[given.measured]
        work = measured(how, given.streams, given.seconds)
        if on_uvloop:
            import uvloop

            uvloop.run(work)
        else:
            asyncio.run(work)
        return
    if given.peer:
        asyncio.run(peer(given.streams, given.seconds))
        return
    print(f"{given.streams} streams, {given.seconds:g} s, load {os.getloadavg()[0]:.1f}")
    print(f"{'':38}{'% core / 100':>13}{'us/packet':>11}{'p50 ms':>8}{'p99 ms':>8}{'in/s':>8}")
    for name in MEANS:
        if given.means and not any(part in name for part in given.means):
            continue
        rounds = [run(name, given.streams, given.seconds) for _ in range(given.rounds)]
        done = [figures for figures in rounds if figures is not None]
        if not done:
            print(f"{name:38} left out (library missing?)")
            continue
        mid = {key: statistics.median(figures[key] for figures in done) for key in done[0]}
        share = mid["cpu"] / given.streams * 100
        print(
            f"{name:38}{share * 100:13.1f}{share * 1e6 / 1e4:11.1f}"
            f"{mid['p50']:8.1f}{mid['p99']:8.1f}{mid['received']:8.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
