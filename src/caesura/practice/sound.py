"""What practice callees sound like, as raw G.711; made once and cut to length for each call.

The sounds themselves are caesura.voice.media.tones'. Here they are kept, because at 200 calls a
second nobody can afford to compute a sine.
"""

from __future__ import annotations

import math
from functools import cache

from caesura.voice.media import g711, tones
from caesura.voice.media.rtp import RATE

_SPEECH_MS = 4000  # the stretch of speech that is repeated


@cache
def _speech(codec: str) -> bytes:
    return tones.speech(_SPEECH_MS, codec=codec)


@cache
def _ringing_cycle(codec: str) -> bytes:
    """North American audible ringing: 440 Hz + 480 Hz, 2 s on, 4 s off (ITU-T E.180)."""
    rates = [2 * math.pi * frequency / RATE for frequency in (440, 480)]
    on = (round(3000 * sum(math.sin(rate * n) for rate in rates)) for n in range(2 * RATE))
    return g711.encode(on, codec) + tones.silence(4000, codec)


def _cut(sound: bytes, seconds: float) -> bytes:
    wanted = round(seconds * RATE)
    return (sound * (wanted // len(sound) + 1))[:wanted]


def speech(codec: str, seconds: float) -> bytes:
    """So many seconds with the loudness pattern of speech, repeating themselves."""
    return _cut(_speech(codec), seconds)


@cache
def beep(codec: str, seconds: float) -> bytes:
    """The tone after which a voicemail records."""
    return tones.beep(round(seconds * 1000), codec)


def ringing(codec: str, seconds: float) -> bytes:
    """What a caller hears while it rings, where the network plays it (183)."""
    return _cut(_ringing_cycle(codec), seconds)


def prepare() -> None:
    """Make everything now, so that the first calls are not kept waiting."""
    for codec in ("PCMU", "PCMA"):
        _speech(codec)
        _ringing_cycle(codec)
