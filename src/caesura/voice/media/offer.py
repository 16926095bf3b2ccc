"""The SDP of a desk's browser: what its offer says, and our answer to it. No I/O.

Answered is one audio section, with G.711 in both laws and telephone events, and nothing else
(RFC 8829; RFC 3551 section 4.5.14; RFC 4733). Both laws, because then each call goes to the
browser in the law that the callee speaks: a sender may use any format that was agreed on
(RFC 3264 section 5.1), so only the browser's own voice is ever converted. It sends the first.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aiortc import (
    RTCDtlsParameters,
    RTCIceCandidate,
    RTCIceParameters,
    RTCRtpCodecParameters,
)
from aiortc.sdp import GroupDescription, MediaDescription, SessionDescription, SsrcDescription

from caesura.voice.media.g711 import CODECS
from caesura.voice.media.places import UnusableOffer
from caesura.voice.media.rtp import PAYLOAD_TYPES, RATE

_EVENT: Final = "audio/telephone-event"
_CNAME: Final = "caesura"
_OFFER_MAX: Final = 64 * 1024  # bytes; a browser's offer has about 5 KiB


@dataclass(frozen=True)
class Offer:
    """What of a browser's offer matters."""

    description: SessionDescription
    audio: int  # index of the section that is answered
    codecs: tuple[str, ...]  # of "PCMU" and "PCMA", what both sides take, ours to prefer first
    event_type: int | None  # telephone-event's payload type
    ice: RTCIceParameters
    dtls: RTCDtlsParameters
    role: str  # ours in DTLS: "client" or "server"


def read(text: str, preferred: Sequence[str]) -> Offer:
    """Read an offer; `preferred` are the codecs, the best first. Raises UnusableOffer."""
    if len(text) > _OFFER_MAX:
        raise UnusableOffer(f"the offer has {len(text)} bytes: more than any browser makes")
    try:
        description = SessionDescription.parse(text)
    except Exception as error:  # the parser asserts, indexes and unpacks what it is given
        raise UnusableOffer(
            "the offer is no SDP that can be read: send pc.localDescription.sdp as it is"
        ) from error
    for index, media in enumerate(description.media):
        if media.kind == "audio" and media.port != 0:
            return _read_audio(description, index, media, preferred)
    raise UnusableOffer("the offer has no audio: add the microphone's track before making it")


def _read_audio(
    description: SessionDescription, index: int, media: MediaDescription, preferred: Sequence[str]
) -> Offer:
    if media.direction not in (None, "sendrecv"):
        raise UnusableOffer(
            f"the offer's audio is {media.direction}: add the microphone's track, so that it is "
            "sendrecv"
        )
    offered = {
        codec.mimeType.partition("/")[2].upper()
        for codec in media.rtp.codecs
        if codec.clockRate == RATE
    }
    # Static payload types need no rtpmap (RFC 3551 section 6).
    offered |= {name for name, number in PAYLOAD_TYPES.items() if number in media.fmt}
    order = [name for name in preferred if name in CODECS]
    order += [name for name in CODECS if name not in order]
    codecs = tuple(name for name in order if name in offered)
    if not codecs:
        raise UnusableOffer(
            "the offer has neither PCMU nor PCMA: do not take them out of the codec preferences"
        )
    ice, dtls = media.ice, media.dtls
    if ice is None or not (ice.usernameFragment and ice.password):
        raise UnusableOffer("the offer has no ICE credentials: make it anew")
    if dtls is None or not dtls.fingerprints:
        raise UnusableOffer("the offer has no DTLS fingerprint: make it anew")
    if not media.rtcp_mux:
        raise UnusableOffer("the offer has no rtcp-mux: set rtcpMuxPolicy to require")
    return Offer(
        description=description,
        audio=index,
        codecs=codecs,
        event_type=next(
            (
                codec.payloadType
                for codec in media.rtp.codecs
                if codec.mimeType.lower() == _EVENT and codec.clockRate == RATE
            ),
            None,
        ),
        ice=ice,
        dtls=dtls,
        # RFC 5763 section 5: whoever is offered the choice is active, so that it begins.
        role="server" if dtls.role == "client" else "client",
    )


def answer(
    offer: Offer,
    *,
    ice: RTCIceParameters,
    candidates: Sequence[RTCIceCandidate],
    fingerprints: RTCDtlsParameters,
    ssrc: int,
) -> str:
    """The answer's SDP; what else was offered is refused (RFC 3264 section 6)."""
    now = int(time.time())
    description = SessionDescription()
    description.origin = f"- {now} {now} IN IP4 0.0.0.0"
    for index, offered in enumerate(offer.description.media):
        if index != offer.audio:
            description.media.append(_refused(offered))
            continue
        media = MediaDescription("audio", 9, offered.profile, [])
        media.host = "0.0.0.0"
        media.direction = "sendrecv"
        media.rtp.muxId = offered.rtp.muxId
        media.rtp.codecs = _codecs(offer)
        media.fmt = [codec.payloadType for codec in media.rtp.codecs]
        media.msid = f"{_CNAME} {_CNAME}-audio"
        media.rtcp_host, media.rtcp_port, media.rtcp_mux = "0.0.0.0", 9, True
        media.ssrc = [SsrcDescription(ssrc=ssrc, cname=_CNAME)]
        media.ice, media.ice_candidates = ice, list(candidates)
        media.ice_candidates_complete = True
        media.dtls = RTCDtlsParameters(fingerprints.fingerprints, offer.role)
        description.media.append(media)
        if offered.rtp.muxId:
            description.group.append(GroupDescription("BUNDLE", [offered.rtp.muxId]))
    return str(description)


def _codecs(offer: Offer) -> list[RTCRtpCodecParameters]:
    codecs = [
        RTCRtpCodecParameters(f"audio/{name}", RATE, 1, PAYLOAD_TYPES[name])
        for name in offer.codecs
    ]
    if offer.event_type is not None:
        events = RTCRtpCodecParameters(_EVENT, RATE, 1, offer.event_type)
        events.parameters = {"0-15": None}
        codecs.append(events)
    return codecs


def _refused(offered: MediaDescription) -> MediaDescription:
    media = MediaDescription(offered.kind, 0, offered.profile, offered.fmt)
    media.host = "0.0.0.0"
    media.direction = "inactive"
    media.rtp.muxId = offered.rtp.muxId
    media.ice = RTCIceParameters()
    return media
