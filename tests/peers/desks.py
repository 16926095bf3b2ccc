"""The two who talk through a media process: a browser's peer connection, and a telephone."""

from __future__ import annotations

import asyncio
import contextlib
import fractions
import itertools
import json
import sys
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import numpy as np
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpCodecCapability,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame
from tests.peers.media import HOST, Cell, Peer, open_stream

from caesura.voice import port
from caesura.voice.media import g711, rtp, tones

FRAME = 160


class ToneTrack(MediaStreamTrack):
    """A microphone that hears a tone, or silence where `hz` is 0."""

    kind = "audio"

    def __init__(self, hz: float) -> None:
        super().__init__()
        self.hz = hz
        self._n = 0
        self._start = time.monotonic()

    async def recv(self) -> AudioFrame:
        wait = self._start + self._n / 8000 - time.monotonic()
        await asyncio.sleep(max(0.0, wait))
        at = np.arange(self._n, self._n + FRAME) / 8000
        wave = (8000 * np.sin(2 * np.pi * self.hz * at)).astype(np.int16)
        frame = AudioFrame.from_ndarray(wave.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = 8000
        frame.pts, frame.time_base = self._n, fractions.Fraction(1, 8000)
        self._n += FRAME
        return frame


class Browser:
    """A desk's page, as far as the media process can tell: aiortc, decoding and all."""

    def __init__(self, hz: float, codec: str = "PCMU") -> None:
        self.heard: list[np.ndarray] = []  # 20 ms each
        self.microphone = ToneTrack(hz)
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        transceiver = self.pc.addTransceiver(self.microphone, direction="sendrecv")
        capabilities = RTCRtpSender.getCapabilities("audio").codecs
        wanted = [c for c in capabilities if c.mimeType.upper() in ("AUDIO/PCMU", "AUDIO/PCMA")]
        wanted.sort(key=lambda c: c.mimeType.upper() != f"AUDIO/{codec}")
        transceiver.setCodecPreferences([RTCRtpCodecCapability(**vars(c)) for c in wanted])
        self._listening: asyncio.Task[None] | None = None
        self.pc.on("track", self._on_track)

    async def offer(self) -> str:
        await self.pc.setLocalDescription(await self.pc.createOffer())
        sdp: str = self.pc.localDescription.sdp
        return sdp

    async def accept(self, answer: str) -> None:
        await self.pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def close(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
        await self.pc.close()

    def _on_track(self, track: MediaStreamTrack) -> None:
        self._listening = asyncio.create_task(self._listen(track))

    async def _listen(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                frame = await track.recv()
                assert isinstance(frame, AudioFrame)
                self.heard.append(frame.to_ndarray()[0])
        except MediaStreamError:
            return

    def sound(self, last_s: float = 0.4) -> np.ndarray:
        """What it heard in the last seconds."""
        frames = self.heard[-round(last_s * 50) :]
        return np.concatenate(frames) if frames else np.zeros(0)


class Phone(Peer):
    """A callee: says a tone without end, keeps what it hears."""

    def __init__(self, hz: float, codec: str = "PCMU", *, packet_bytes: int = FRAME) -> None:
        super().__init__()
        self.codec = codec
        self.to = 0  # the media process's port, once it is known
        self.numbering = rtp.Numbering()
        self.silent = False
        self._sound = tones.sine(hz, 1000, codec=codec) if hz else tones.silence(1000, codec)
        self._bytes = packet_bytes
        self._talking = asyncio.create_task(self._talk())

    async def _talk(self) -> None:
        start, n = time.monotonic(), 0
        while True:
            if self.to and not self.silent:
                at = n * self._bytes % 8000
                payload = (self._sound * 2)[at : at + self._bytes]
                data = self.numbering.next(rtp.PAYLOAD_TYPES[self.codec], payload, marker=not n)
                self.socket.sendto(data, (HOST, self.to))
            self.numbering.timestamp = (self.numbering.timestamp + self._bytes) & 0xFFFFFFFF
            n += 1
            await asyncio.sleep(max(0.0, start + n * self._bytes / 8000 - time.monotonic()))

    def close(self) -> None:
        self._talking.cancel()
        super().close()

    def hears(self, last_s: float = 0.4) -> list[int]:
        """What it heard in the last seconds, decoded."""
        since = time.monotonic() - last_s
        sound = b"".join(
            packet.payload
            for packet, at in self.got
            if at >= since and packet.payload_type == rtp.PAYLOAD_TYPES[self.codec]
        )
        return g711.decode(sound, self.codec)


@asynccontextmanager
async def talking_phone(
    cell: Cell, hz: float, codec: str = "PCMU", *, packet_bytes: int = FRAME
) -> AsyncIterator[tuple[UUID, Phone]]:
    """An attempt whose stream is open, and its callee."""
    phone = Phone(hz, codec, packet_bytes=packet_bytes)
    try:
        attempt, phone.to = open_stream(cell, phone.port, codec=codec)
        yield attempt, phone
    finally:
        phone.close()


@asynccontextmanager
async def desk_browser(
    cell: Cell, hz: float, codec: str = "PCMU", desk: UUID | None = None, number: int = 0
) -> AsyncIterator[tuple[UUID, Browser]]:
    """A desk that is connected, and its browser."""
    browser = Browser(hz, codec)
    desk = desk or uuid4()
    try:
        await connect(cell, desk, browser, number)
        yield desk, browser
    finally:
        await browser.close()


async def connect(cell: Cell, desk: UUID, browser: Browser, number: int = 0) -> None:
    """Offer, answer, connected."""
    cell.link.send(port.OpenDesk(desk=desk, offer=await browser.offer(), number=number))
    answer = await cell.wait(port.DeskAnswer, desk, within_s=10)
    assert answer.number == number
    await browser.accept(answer.sdp)
    connected = await cell.wait(port.DeskConnected, desk, within_s=10)
    assert connected.number == number


@asynccontextmanager
async def browser_process(
    cell: Cell, desk: UUID, hz: float
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A connected desk's browser in a process of its own, which can be killed or stopped."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.peers.desks", str(hz)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        offer = json.loads(await process.stdout.readline())
        cell.link.send(port.OpenDesk(desk=desk, offer=offer))
        answer = await cell.wait(port.DeskAnswer, desk)
        process.stdin.write(json.dumps(answer.sdp).encode() + b"\n")
        await cell.wait(port.DeskConnected, desk, within_s=10)
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _alone(hz: float) -> None:
    """What that process does: offer, accept, talk for ever."""
    browser = Browser(hz)
    print(json.dumps(await browser.offer()), flush=True)
    await browser.accept(json.loads(sys.stdin.readline()))
    await asyncio.Event().wait()


def gaps(packets: Iterable[tuple[rtp.Packet, float]]) -> list[tuple[int, int]]:
    """How sequence numbers and timestamps go on from packet to packet: (1, 160) each is even."""
    kept = [packet for packet, _ in packets]
    return [
        ((b.sequence - a.sequence) & 0xFFFF, (b.timestamp - a.timestamp) & 0xFFFFFFFF)
        for a, b in itertools.pairwise(kept)
    ]


if __name__ == "__main__":
    asyncio.run(_alone(float(sys.argv[1])))
