"""The practice campaign's recorded message: bells, since nothing here can speak.

Some notes of a pentatonic scale, each struck and ringing out, over and over.
"""

from __future__ import annotations

import array
import io
import math
import sys
import wave

_RATE = 8000  # samples per second, G.711's own
_NOTES_HZ = (523.25, 659.25, 783.99, 1046.50, 783.99, 880.00, 659.25, 587.33)  # C E G C G A E D
_STRIKE_S = 0.6  # from one note to the next
_RING_S = 1.8  # how long a note is heard
_LOUDNESS = 9000  # of 32767
_PARTIALS = ((1.0, 1.0), (2.0, 0.35), (3.01, 0.12))  # a bell's: frequency ratio, loudness


def message_wav(seconds: float = 60.0) -> bytes:
    """A WAV file, 16 bit, mono, 8 kHz, of so many seconds."""
    phrase = _phrase()
    wanted = round(seconds * _RATE)
    samples = (phrase * (wanted // len(phrase) + 1))[:wanted]
    if sys.byteorder == "big":
        samples.byteswap()
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(_RATE)
        out.writeframes(samples.tobytes())
    return file.getvalue()


def _phrase() -> array.array[int]:
    strike = round(_STRIKE_S * _RATE)
    length = strike * (len(_NOTES_HZ) + 2)  # two beats of rest
    mixed = [0.0] * length
    for index, frequency in enumerate(_NOTES_HZ):
        for n in range(round(_RING_S * _RATE)):
            # What rings over the end is heard at the beginning of the next round.
            mixed[(index * strike + n) % length] += _bell(frequency, n / _RATE)
    return array.array("h", (round(_LOUDNESS * value) for value in mixed))


def _bell(frequency: float, t: float) -> float:
    attack = min(1.0, t / 0.005)  # no click
    tone = sum(
        loudness * math.exp(-t * 2.5 * ratio) * math.sin(2 * math.pi * frequency * ratio * t)
        for ratio, loudness in _PARTIALS
    )
    return attack * tone
