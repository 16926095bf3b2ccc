"""SDP of a call (RFC 4566): our offer, and what the callee's answer says (RFC 3264).

Pure. Parsing is sippy's; what is done here is to read off the few things that a call needs.
"""

from __future__ import annotations

from typing import Any

import msgspec
from sippy.SdpBody import SdpBody

TELEPHONE_EVENT = 101  # our dynamic payload type for RFC 4733 events

# RFC 3551 table 4: static payload types of the codecs that we take.
_CODECS = {0: "PCMU", 8: "PCMA"}


class Answer(msgspec.Struct, frozen=True):
    """Where the callee listens, and in what codec."""

    host: str
    port: int
    codec: str
    dtmf_payload_type: int | None


class UnusableAnswer(ValueError):
    """The callee's SDP has no audio that we could send to; the call cannot go on."""


def offer(host: str, port: int, session: int) -> str:
    """G.711 both ways and telephone events, 20 ms a packet; `session` is any unique number."""
    return (
        "v=0\r\n"
        f"o=caesura {session} 1 IN IP4 {host}\r\n"
        "s=-\r\n"
        f"c=IN IP4 {host}\r\n"
        "t=0 0\r\n"
        f"m=audio {port} RTP/AVP 0 8 {TELEPHONE_EVENT}\r\n"
        "a=rtpmap:0 PCMU/8000\r\n"
        "a=rtpmap:8 PCMA/8000\r\n"
        f"a=rtpmap:{TELEPHONE_EVENT} telephone-event/8000\r\n"
        f"a=fmtp:{TELEPHONE_EVENT} 0-15\r\n"
        "a=ptime:20\r\n"
        "a=sendrecv\r\n"
    )


def read_answer(text: str) -> Answer:
    """What an answer to our offer says; UnusableAnswer if it cannot be used."""
    if not text.strip():
        raise UnusableAnswer("the answer has no SDP")
    try:
        sections = SdpBody(text).sections
        audio = next(s for s in sections if s.m_header.stype.lower() == "audio")
        port, formats, host = audio.m_header.port, audio.m_header.formats, audio.c_header.addr
        dtmf = _telephone_event(audio)
    except StopIteration:
        raise UnusableAnswer("the answer has no audio") from None
    except Exception as error:  # sippy raises whatever its parsing stumbles over
        raise UnusableAnswer("the answer's SDP cannot be read") from error
    if port == 0:
        raise UnusableAnswer("the callee refused the audio")
    codec = next((_CODECS[f] for f in formats if f in _CODECS), None)
    if codec is None:
        raise UnusableAnswer("no common codec")
    return Answer(host, port, codec, dtmf)


def _telephone_event(audio: Any) -> int | None:
    for attribute in audio.a_headers:
        if attribute.name == "rtpmap" and attribute.value is not None:
            payload_type, _, encoding = attribute.value.partition(" ")
            if encoding.strip().lower().startswith("telephone-event/8000"):
                return int(payload_type)
    return None
