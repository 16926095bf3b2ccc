"""A practice agent's telephone: WebRTC as a browser speaks it, without a browser.

ICE, DTLS and SRTP are aiortc's; the sound is made once and sent as it is, so that dozens of these
cost no more than one browser. What it hears is counted, and kept for as long as a test wants to
listen.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from typing import Any, Final

from aiortc import (
    RTCCertificate,
    RTCDtlsTransport,
    RTCIceGatherer,
    RTCIceTransport,
    RTCRtpCodecParameters,
)
from aiortc.sdp import (
    GroupDescription,
    MediaDescription,
    SessionDescription,
    SsrcDescription,
)

from caesura.voice.media import rtp, tones

_CNAME: Final = "practice"
_LOOP_MS: Final = 4000  # so long is what it says, again and again
_KEPT_S: Final = 2.0  # of what it hears
_KEPT: Final = round(_KEPT_S / rtp.PACKET_S)


class Softphone:
    """One connection. The order of things: `offer`, then `accept` with the answer, `close`."""

    def __init__(self, sound: bytes | None = None) -> None:
        """`sound`: what the microphone hears, raw μ-law; default: something like speech."""
        self._sound = sound or tones.speech(_LOOP_MS, seed=id(self) & 0xFFFF)
        gatherer = RTCIceGatherer(iceServers=[])
        self._ice = RTCIceTransport(gatherer)
        self._ice._connection.ice_controlling = True  # private: as whoever offers (RFC 8445 6.1.1)
        self._dtls = RTCDtlsTransport(self._ice, [RTCCertificate.generateCertificate()])
        self._dtls._handle_rtp_data = self._heard  # type: ignore[method-assign]  # private
        self._numbering = rtp.Numbering()
        self._numbering.sequence &= 0x7FFF  # no wrap-around among the first (RFC 3711, 3.3.1)
        self._speaking: asyncio.Task[None] | None = None
        self.muted = False
        self.packets_heard = 0
        self.heard: deque[bytes] = deque(maxlen=_KEPT)  # payloads of 20 ms, the newest last

    async def offer(self) -> str:
        """The SDP to send to the desk's other side (RFC 8829)."""
        gatherer = self._ice.iceGatherer
        await gatherer.gather()
        now = int(time.time())
        description = SessionDescription()
        description.origin = f"- {now} {now} IN IP4 0.0.0.0"
        media = MediaDescription("audio", 9, "UDP/TLS/RTP/SAVPF", [])
        media.host = "0.0.0.0"
        media.direction = "sendrecv"
        media.rtp.muxId = "0"
        media.rtp.codecs = [
            RTCRtpCodecParameters(f"audio/{name}", rtp.RATE, 1, number)
            for name, number in rtp.PAYLOAD_TYPES.items()
        ]
        media.fmt = [codec.payloadType for codec in media.rtp.codecs]
        media.msid = f"{_CNAME} {_CNAME}-audio"
        media.rtcp_host, media.rtcp_port, media.rtcp_mux = "0.0.0.0", 9, True
        media.ssrc = [SsrcDescription(ssrc=self._numbering.ssrc, cname=_CNAME)]
        media.ice = gatherer.getLocalParameters()
        media.ice_candidates = gatherer.getLocalCandidates()
        media.ice_candidates_complete = True
        media.dtls = self._dtls.getLocalParameters()
        media.dtls.role = "auto"
        description.media.append(media)
        description.group.append(GroupDescription("BUNDLE", ["0"]))
        return str(description)

    async def accept(self, answer: str) -> None:
        """Connect as the answer says, and begin to speak. Raises ConnectionError if it cannot."""
        (media,) = SessionDescription.parse(answer).media
        assert media.dtls is not None and media.ice is not None
        for candidate in media.ice_candidates:
            await self._ice.addRemoteCandidate(candidate)
        await self._ice.addRemoteCandidate(None)
        await self._ice.start(media.ice)
        if self._ice.state != "completed":
            raise ConnectionError("the other side of the desk cannot be reached")
        # Whoever answers "active" begins (RFC 5763 section 5).
        self._dtls._set_role("server" if media.dtls.role == "client" else "client")  # private
        await self._dtls.start(media.dtls)
        if self._dtls.state != "connected":
            raise ConnectionError("the desk's other side does not shake hands")
        self._speaking = asyncio.create_task(self._speak())

    @property
    def connected(self) -> bool:
        return self._dtls.state == "connected"

    def freeze(self) -> None:
        """Say nothing and answer nothing any more, as a page that has crashed, without goodbye."""
        if self._speaking is not None:
            self._speaking.cancel()
        for protocol in self._ice._connection._protocols:  # private
            protocol.transport.sendto = lambda *_: None  # type: ignore[method-assign]

    async def close(self) -> None:
        """Say goodbye, as a page does that is left."""
        if self._speaking is not None:
            self._speaking.cancel()
        with contextlib.suppress(ConnectionError):
            await self._dtls.stop()
        await self._ice.stop()

    def sound(self) -> bytes:
        """What was heard in the last seconds, raw μ-law."""
        return b"".join(self.heard)

    async def _speak(self) -> None:
        start, n = time.monotonic(), 0
        size = rtp.PACKET_BYTES
        silence = rtp.SILENCE["PCMU"] * size
        while self.connected:
            at = n * size % (len(self._sound) - size)
            payload = silence if self.muted else self._sound[at : at + size]
            packet = self._numbering.next(rtp.PAYLOAD_TYPES["PCMU"], payload, marker=n == 0)
            with contextlib.suppress(ConnectionError):
                await self._dtls._send_rtp(packet)  # private
            n += 1
            await asyncio.sleep(max(0.0, start + n * rtp.PACKET_S - time.monotonic()))

    async def _heard(self, data: bytes, arrival_time_ms: int) -> Any:
        packet = rtp.parse(data)
        if packet is not None:
            self.packets_heard += 1
            self.heard.append(packet.payload)
