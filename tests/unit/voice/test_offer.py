"""A browser's offer, and our answer."""

from __future__ import annotations

import pytest
from aiortc import RTCCertificate, RTCDtlsParameters, RTCIceCandidate, RTCIceParameters
from aiortc.sdp import SessionDescription

from caesura.voice.media import offer
from caesura.voice.media.places import UnusableOffer

# As Chromium writes it, shortened; with a video and a data section that we do not want.
CHROMIUM = """v=0
o=- 4611731400430051336 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1 2
a=extmap-allow-mixed
a=msid-semantic: WMS stream
m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=ice-ufrag:abcd
a=ice-pwd:0123456789012345678901
a=ice-options:trickle
a=fingerprint:sha-256 AA:BB
a=setup:actpass
a=mid:0
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=sendrecv
a=msid:stream track
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:111 opus/48000/2
a=rtcp-fb:111 transport-cc
a=fmtp:111 minptime=10;useinbandfec=1
a=rtpmap:63 red/48000/2
a=fmtp:63 111/111
a=rtpmap:9 G722/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:13 CN/8000
a=rtpmap:110 telephone-event/48000
a=rtpmap:126 telephone-event/8000
a=ssrc:1234 cname:x
m=video 9 UDP/TLS/RTP/SAVPF 96
c=IN IP4 0.0.0.0
a=ice-ufrag:abcd
a=ice-pwd:0123456789012345678901
a=fingerprint:sha-256 AA:BB
a=setup:actpass
a=mid:1
a=recvonly
a=rtcp-mux
a=rtpmap:96 VP8/90000
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 0.0.0.0
a=ice-ufrag:abcd
a=ice-pwd:0123456789012345678901
a=fingerprint:sha-256 AA:BB
a=setup:actpass
a=mid:2
a=sctp-port:5000
""".replace("\n", "\r\n")

CANDIDATE = RTCIceCandidate(1, "f", "192.0.2.10", 26000, 2130706431, "udp", "host")


def answered(text: str, preferred: tuple[str, ...] = ("PCMU", "PCMA")) -> SessionDescription:
    return SessionDescription.parse(
        offer.answer(
            offer.read(text, preferred),
            ice=RTCIceParameters("ours", "9876543210987654321098"),
            candidates=[CANDIDATE],
            fingerprints=RTCDtlsParameters(RTCCertificate.generateCertificate().getFingerprints()),
            ssrc=99,
        )
    )


def test_g711_and_events_are_answered_and_everything_else_is_refused() -> None:
    audio, video, data = answered(CHROMIUM).media
    assert audio.fmt == [0, 8, 126]
    assert [str(codec) for codec in audio.rtp.codecs] == [
        "PCMU/8000",
        "PCMA/8000",
        "telephone-event/8000",
    ]
    assert (audio.direction, audio.rtcp_mux, audio.rtp.muxId) == ("sendrecv", True, "0")
    assert audio.dtls is not None and audio.dtls.role == "client"
    assert [(c.ip, c.port) for c in audio.ice_candidates] == [("192.0.2.10", 26000)]
    assert audio.ice_candidates_complete
    assert (video.port, video.rtp.muxId, data.port, data.rtp.muxId) == (0, "1", 0, "2")


def test_the_law_that_the_cell_prefers_comes_first() -> None:
    assert answered(CHROMIUM, ("PCMA",)).media[0].fmt == [8, 0, 126]


def test_events_of_another_clock_are_not_taken() -> None:
    assert offer.read(CHROMIUM.replace("telephone-event/8000", "x/8000"), ()).event_type is None


def test_a_law_without_rtpmap_is_known_by_its_number() -> None:
    bare = CHROMIUM.replace("a=rtpmap:0 PCMU/8000\r\n", "")
    assert offer.read(bare, ()).codecs == ("PCMU", "PCMA")


def test_who_insists_on_being_active_is_waited_for() -> None:
    assert offer.read(CHROMIUM.replace("actpass", "active"), ()).role == "server"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no audio"),
        ("m=audio", "no SDP"),
        ("v=0\r\nm=audio 9 RTP/AVP zero\r\n", "no SDP"),
        (CHROMIUM.replace("m=audio 9", "m=audio 0"), "no audio"),
        (CHROMIUM.replace("a=sendrecv", "a=recvonly"), "microphone"),
        (CHROMIUM.replace("a=sendrecv", "a=inactive"), "microphone"),
        (CHROMIUM.replace("111 63 9 0 8 13 110 126", "111").replace("PCM", "X"), "PCMU"),
        (CHROMIUM.replace("a=ice-pwd:0123456789012345678901\r\n", ""), "ICE"),
        (CHROMIUM.replace("a=fingerprint:sha-256 AA:BB\r\n", ""), "fingerprint"),
        (CHROMIUM.replace("a=rtcp-mux\r\n", ""), "rtcp-mux"),
        ("v=0\r\n" * 20000, "more than any browser"),
    ],
)
def test_an_offer_that_cannot_be_answered_says_what_to_do(text: str, says: str) -> None:
    with pytest.raises(UnusableOffer, match=says):
        offer.read(text, ("PCMU", "PCMA"))
