"""Sounds made of arithmetic, as raw G.711: for tests and for the practice carrier's callees.

Not here: key presses, which are events and no sounds (dtmf.press, Stream.press).
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from typing import Final

from caesura.voice.media import g711, rtp

_FULL_SCALE: Final = 32767.0
_RAMP_S: Final = 0.005  # fade in and out, so that a tone does not click


def silence(duration_ms: int, codec: str = "PCMU") -> bytes:
    return rtp.SILENCE[codec] * (duration_ms * rtp.RATE // 1000)


def sine(
    frequency_hz: float, duration_ms: int, *, level_dbfs: float = -10.0, codec: str = "PCMU"
) -> bytes:
    """A pure tone; `level_dbfs` is its peak against full scale."""
    total = duration_ms * rtp.RATE // 1000
    peak = _FULL_SCALE * 10 ** (level_dbfs / 20)
    turn = 2 * math.pi * frequency_hz / rtp.RATE
    ramp = _RAMP_S * rtp.RATE
    return g711.encode(
        (
            round(peak * min(1.0, n / ramp, (total - n) / ramp) * math.sin(turn * n))
            for n in range(total)
        ),
        codec,
    )


def beep(duration_ms: int = 400, codec: str = "PCMU") -> bytes:
    """A voicemail's beep: 1000 Hz."""
    return sine(1000.0, duration_ms, codec=codec)


def noise(
    duration_ms: int, *, level_dbfs: float = -50.0, seed: int = 0, codec: str = "PCMU"
) -> bytes:
    """White noise, as of a line or a room; `level_dbfs` is its RMS against full scale."""
    rng = random.Random(seed)
    rms = _FULL_SCALE * 10 ** (level_dbfs / 20)
    return g711.encode(
        (round(rng.gauss(0.0, rms)) for _ in range(duration_ms * rtp.RATE // 1000)), codec
    )


def speech(
    duration_ms: int, *, level_dbfs: float = -20.0, seed: int = 0, codec: str = "PCMU"
) -> bytes:
    """Something with the loudness pattern of speech: voiced syllables and short gaps.

    Syllables of 120-280 ms of a wandering pitch with harmonics, gaps of 30-120 ms; no gap comes
    near the shortest silence that ends speech. Says nothing, and is the same for the same seed.
    """
    samples = _voice(random.Random(seed), _FULL_SCALE * 10 ** (level_dbfs / 20))
    total = duration_ms * rtp.RATE // 1000
    return g711.encode((next(samples) for _ in range(total)), codec)


def _voice(rng: random.Random, rms: float) -> Iterator[int]:
    """Samples without end, at about `rms` within syllables."""
    peak = rms * 2.0
    while True:
        length = rng.randint(120, 280) * rtp.RATE // 1000
        pitch = 2 * math.pi * rng.uniform(90.0, 220.0) / rtp.RATE
        colour = [rng.uniform(0.2, 1.0) / k for k in range(1, 8)]
        scale = peak / math.sqrt(sum(c * c for c in colour)) / 1.2
        for n in range(length):
            envelope = math.sin(math.pi * n / length)
            wave = sum(c * math.sin(pitch * k * n) for k, c in enumerate(colour, 1))
            yield round(scale * envelope * wave)
        for _ in range(rng.randint(30, 120) * rtp.RATE // 1000):
            yield round(rng.gauss(0.0, rms / 100))
