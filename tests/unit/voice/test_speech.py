"""When the callee speaks and when not."""

from __future__ import annotations

import functools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caesura.voice.media import g711, speech, tones

FRAME_S = 0.020


def changes(audio: bytes, silence_ms: int = 700, codec: str = "PCMU") -> list[tuple[bool, float]]:
    """What the detector says of `audio`, with the second at which it says so."""
    detector = speech.SpeechDetector(codec, silence_ms)
    told = []
    for n in range(0, len(audio), 160):
        now = 100.0 + n / 8000
        change = detector.feed(audio[n : n + 160], now)
        if change is not None:
            told.append((change, n / 8000))
    return told


def over(sound: bytes, noise: bytes) -> bytes:
    """Both at once."""
    pairs = zip(g711.decode(sound), g711.decode(noise), strict=True)
    return g711.encode(a + b for a, b in pairs)


@pytest.mark.parametrize("codec", g711.CODECS)
@pytest.mark.parametrize("level", [-12, -20, -30, -36])
def test_speech_begins_and_stops_once_at_any_usual_level(codec: str, level: float) -> None:
    audio = (
        tones.silence(600, codec)
        + tones.speech(3000, level_dbfs=level, codec=codec)
        + tones.silence(1500, codec)
    )
    (began, begin_s), (stopped, stop_s) = changes(audio, codec=codec)
    assert (began, stopped) == (True, False)
    assert 0.6 <= begin_s <= 0.9
    assert 4.1 <= stop_s <= 4.4  # 3.6 s and 700 ms, less at most the last gap between syllables


def test_a_hello_in_the_very_first_frame_is_heard() -> None:
    told = changes(tones.speech(600) + tones.silence(1000))
    assert [change for change, _ in told] == [True, False]
    assert told[0][1] <= 0.1


@functools.cache
def noisy_speech(seed: int, noise_dbfs: float) -> bytes:
    """Speech from 4.0 s to 5.5 s of 8 s of noise."""
    voice = tones.silence(4000) + tones.speech(1500, seed=seed) + tones.silence(2500)
    return over(voice, tones.noise(8000, level_dbfs=noise_dbfs, seed=seed))


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2),
    st.sampled_from([-60.0, -50.0, -45.0, -42.0]),
    st.integers(200, 1500),
    st.integers(0, 159),
)
def test_speech_over_noise_is_told_apart_from_it(
    seed: int, noise_dbfs: float, silence_ms: int, shift: int
) -> None:
    # The noise itself may be taken for speech in the first 2 s, until the floor has found it.
    audio = noisy_speech(seed, noise_dbfs)[shift:]
    told = [change for change in changes(audio, silence_ms) if change[1] >= 3.8]
    assert [change for change, _ in told] == [True, False]
    assert 3.98 <= told[0][1] <= 4.4
    assert silence_ms / 1000 - 0.4 <= told[1][1] - 5.5 <= silence_ms / 1000 + 0.1


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(-80, -46))
def test_a_quiet_line_never_speaks(seed: int, level: float) -> None:
    assert changes(tones.noise(3000, level_dbfs=level, seed=seed)) == []


def test_steady_loud_noise_is_taken_for_noise_after_a_while() -> None:
    told = changes(tones.noise(5000, level_dbfs=-35))
    assert [change for change, _ in told] == [True, False]
    assert told[1][1] < 3.0


def test_a_click_is_no_speech() -> None:
    click = tones.sine(1000, 40, level_dbfs=-3)
    assert changes((tones.silence(480) + click) * 4 + tones.silence(1000)) == []


def test_packets_that_stop_coming_count_as_silence() -> None:
    detector = speech.SpeechDetector("PCMU", 500)
    audio = tones.speech(400)
    told = [detector.feed(audio[n : n + 160], n / 8000) for n in range(0, len(audio), 160)]
    assert True in told
    assert detector.poll(0.7) is None
    assert detector.poll(0.95) is False
    assert detector.poll(2.0) is None
    assert not detector.speaking


@given(st.lists(st.integers(1, 480), min_size=1, max_size=40))
@settings(max_examples=30, deadline=None)
def test_the_size_of_packets_does_not_matter(sizes: list[int]) -> None:
    audio = SOME_SPEECH
    whole = speech.SpeechDetector("PCMU", 60_000)
    cut = speech.SpeechDetector("PCMU", 60_000)
    heard_whole = any(whole.feed(audio[n : n + 160], n / 8000) for n in range(0, len(audio), 160))
    at, turn, heard_cut = 0, 0, False
    while at < len(audio):
        size = sizes[turn % len(sizes)]
        heard_cut |= bool(cut.feed(audio[at : at + size], at / 8000))
        at, turn = at + size, turn + 1
    assert heard_whole
    assert heard_cut


SOME_SPEECH = tones.speech(1000)


@pytest.mark.parametrize("codec", g711.CODECS)
@given(st.binary(min_size=1, max_size=320))
def test_loudness_is_the_mean_absolute_sample(codec: str, frame: bytes) -> None:
    mean = sum(map(abs, g711.decode(frame, codec))) / len(frame) / 32768
    expected = max(-100.0, 20 * math.log10(mean)) if mean else -100.0
    assert speech.loudness_dbfs(frame, codec) == pytest.approx(expected)
