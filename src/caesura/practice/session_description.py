"""The little of SDP that a practice callee needs: read an offer, write an answer. Pure.

RFC 4566 for the lines, RFC 3264 for offer and answer, RFC 4733 for telephone-event. Written apart
from the line's, so that a mistake there is not made here too.
"""

from __future__ import annotations

from dataclasses import dataclass

CODECS = {0: "PCMU", 8: "PCMA"}  # static payload types, RFC 3551 section 6


@dataclass(frozen=True)
class Offer:
    """The first audio stream of an SDP."""

    host: str
    port: int
    codec: str | None  # the first of ours in the other side's order; None: nothing in common
    event_type: int | None  # payload type of telephone-event/8000


def read(text: str) -> Offer | None:
    """Read the first audio stream; None if there is none (or it is no SDP)."""
    host, port, formats = "", 0, list[int]()
    event_type: int | None = None
    in_audio = False
    for line in text.splitlines():
        kind, _, value = line.partition("=")
        words = value.split()
        if kind == "m":
            if in_audio:
                break  # the next stream begins
            if len(words) > 3 and words[0] == "audio" and words[1].isdigit():
                in_audio, port = True, int(words[1])
                formats = [int(word) for word in words[3:] if word.isdigit()]
        elif kind == "c" and len(words) == 3 and (in_audio or not host):
            host = words[2]  # a stream's own c= line overrides the session's (section 5.7)
        elif kind == "a" and in_audio and len(words) == 2 and words[0].startswith("rtpmap:"):
            number = words[0].removeprefix("rtpmap:")
            if words[1].lower().startswith("telephone-event/8000") and number.isdigit():
                event_type = int(number)
    if not in_audio or not host:
        return None
    codec = next((CODECS[number] for number in formats if number in CODECS), None)
    return Offer(host, port, codec, event_type if event_type in formats else None)


def write(host: str, port: int, codecs: list[str], event_type: int | None, session: int) -> str:
    """An SDP with one audio stream, 20 ms a packet; `session` goes into the o= line."""
    numbers = {name: number for number, name in CODECS.items()}
    formats = [numbers[codec] for codec in codecs]
    family = "IP6" if ":" in host else "IP4"
    lines = [
        "v=0",
        f"o=practice {session} {session} IN {family} {host}",
        "s=-",
        f"c=IN {family} {host}",
        "t=0 0",
        "m=audio {} RTP/AVP {}".format(
            port, " ".join(map(str, [*formats, *([] if event_type is None else [event_type])]))
        ),
        *(f"a=rtpmap:{numbers[codec]} {codec}/8000" for codec in codecs),
    ]
    if event_type is not None:
        lines += [f"a=rtpmap:{event_type} telephone-event/8000", f"a=fmtp:{event_type} 0-15"]
    return "\r\n".join([*lines, "a=ptime:20", "a=sendrecv", ""])
