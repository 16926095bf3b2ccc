"""Made sounds are as long, as loud and as high as they say."""

from __future__ import annotations

import itertools
import math

import pytest

from caesura.voice.media import g711, tones


@pytest.mark.parametrize("codec", g711.CODECS)
def test_a_sine_has_its_length_level_and_pitch(codec: str) -> None:
    linear = g711.decode(tones.sine(500, 1000, level_dbfs=-12, codec=codec), codec)
    assert len(linear) == 8000
    assert max(linear) == pytest.approx(32767 * 10 ** (-12 / 20), rel=0.04)
    crossings = sum(a < 0 <= b for a, b in itertools.pairwise(linear))
    assert crossings == pytest.approx(500, abs=2)


def test_noise_has_its_level_and_is_the_same_for_the_same_seed() -> None:
    linear = g711.decode(tones.noise(1000, level_dbfs=-30))
    rms = math.sqrt(sum(s * s for s in linear) / len(linear))
    assert 20 * math.log10(rms / 32767) == pytest.approx(-30, abs=0.5)
    assert tones.noise(100, seed=4) == tones.noise(100, seed=4) != tones.noise(100, seed=5)


def test_speech_has_about_its_level_and_is_the_same_for_the_same_seed() -> None:
    linear = g711.decode(tones.speech(3000, level_dbfs=-20))
    rms = math.sqrt(sum(s * s for s in linear) / len(linear))
    assert 20 * math.log10(rms / 32767) == pytest.approx(-20, abs=4)
    assert tones.speech(200, seed=4) == tones.speech(200, seed=4) != tones.speech(200, seed=5)


def test_silence_is_silent_in_both_laws() -> None:
    assert set(g711.decode(tones.silence(20))) == {0}
    assert set(g711.decode(tones.silence(20, "PCMA"), "PCMA")) == {8}
    assert len(tones.silence(20)) == 160
