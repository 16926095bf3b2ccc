"""The practice message is a WAV file that can be heard."""

from __future__ import annotations

import array
import io
import wave

from caesura.practice.message import message_wav


def test_it_lasts_as_long_as_asked_and_is_heard_throughout_without_clipping() -> None:
    with wave.open(io.BytesIO(message_wav(20))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 8000)
        assert file.getnframes() == 20 * 8000
        samples = array.array("h", file.readframes(file.getnframes()))
    assert max(map(abs, samples)) < 30_000
    for second in range(20):
        part = samples[second * 8000 : (second + 1) * 8000]
        assert max(map(abs, part)) > 200, f"silent in second {second}"
