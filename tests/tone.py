"""Is there a tone in this sound, and how much of it? (Goertzel's question, asked of numpy.)"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from caesura.voice.media import g711

RATE = 8000


def share(samples: Sequence[int] | np.ndarray, hz: float) -> float:
    """How much of the sound's power is that tone: 1.0 for nothing else, 0.0 for silence."""
    sound = np.asarray(samples, dtype=float)
    power = float(np.sum(sound**2))
    if power == 0.0:
        return 0.0
    wave = np.exp(-2j * np.pi * hz / RATE * np.arange(len(sound)))
    return float(2 * abs(np.sum(sound * wave)) ** 2 / (len(sound) * power))


def level_dbfs(samples: Sequence[int] | np.ndarray) -> float:
    """Root mean square against full scale; -100 for silence."""
    sound = np.asarray(samples, dtype=float)
    mean = float(np.mean(sound**2)) if len(sound) else 0.0
    return max(-100.0, 10 * np.log10(mean / 32768.0**2)) if mean else -100.0


def has_tone(samples: Sequence[int] | np.ndarray, hz: float) -> bool:
    """Whether the sound is mostly that tone, and loud enough to be heard."""
    return len(samples) > RATE // 10 and share(samples, hz) > 0.8 and level_dbfs(samples) > -40


def decoded(payloads: bytes, codec: str) -> list[int]:
    return g711.decode(payloads, codec)
