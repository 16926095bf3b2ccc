"""Uploaded sound files become G.711, or the message says what is wrong with them."""

from __future__ import annotations

import array
import hashlib
import io
import itertools
import math
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest

from caesura.errors import Invalid
from caesura.voice.media import g711
from caesura.voice.recording import convert


def sine(n: int, rate: int, hz: float = 440.0, peak: int = 16000) -> int:
    return round(peak * math.sin(2 * math.pi * hz * n / rate))


def wav(
    rate: int = 8000,
    seconds: float = 1.0,
    channels: int = 1,
    sample: Callable[[int, int], int] = sine,
) -> bytes:
    samples = array.array("h", [sample(n, rate) for n in range(int(rate * seconds))])
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(array.array("h", [s for s in samples for _ in range(channels)]).tobytes())
    return file.getvalue()


def encoded(container: str, codec: str, rate: int) -> bytes:
    """Two seconds of the sine in another format, by FFmpeg."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as out, av.open(io.BytesIO(wav(rate, 2.0))) as source:
        stream: Any = out.add_stream(codec, rate=rate)
        stream.layout = "mono"
        for frame in source.decode(audio=0):
            frame.pts = None
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return file.getvalue()


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 44100, 48000])
@pytest.mark.parametrize("channels", [1, 2])
def test_any_wav_becomes_8_khz_of_the_same_length_and_level(rate: int, channels: int) -> None:
    data = wav(rate, 2.0, channels)
    converted = convert(data, "hello.wav")
    assert abs(converted.duration_ms - 2000) <= 10
    assert len(converted.pcmu) == len(converted.pcma) == pytest.approx(16000, abs=80)
    assert converted.sha256 == hashlib.sha256(data).hexdigest()
    for law, codec in ((converted.pcmu, "PCMU"), (converted.pcma, "PCMA")):
        linear = g711.decode(law, codec)[800:-800]
        rms = math.sqrt(sum(s * s for s in linear) / len(linear))
        assert 20 * math.log10(rms / (16000 / math.sqrt(2))) == pytest.approx(0.0, abs=0.2)


def test_a_wav_of_8_khz_is_only_encoded() -> None:
    converted = convert(wav(), "hello.wav")
    expected = [sine(n, 8000) for n in range(8000)]
    for got, want in zip(g711.decode(converted.pcmu), expected, strict=True):
        assert abs(got - want) <= max(8, abs(want) / 28)  # half a step of mu-law


def test_full_scale_is_clipped_by_resampling_and_never_wraps_around() -> None:
    def square(n: int, rate: int) -> int:
        return 32767 if sine(n, rate, 300.0) >= 0 else -32768

    linear = g711.decode(convert(wav(44100, 1.0, sample=square), "square.wav").pcmu)
    # Away from the edges, each half wave keeps its sign.
    assert max(linear) > 31000
    jumps = sum(a > 20000 and b < -20000 for a, b in itertools.pairwise(linear))
    assert jumps <= 300


@pytest.mark.parametrize(
    ("container", "codec", "rate"),
    [
        ("mp3", "libmp3lame", 44100),
        ("ogg", "libopus", 48000),
        ("flac", "flac", 44100),
        ("mp4", "aac", 44100),
        ("aiff", "pcm_s16be", 22050),
    ],
)
def test_other_formats_are_taken_too(container: str, codec: str, rate: int) -> None:
    converted = convert(encoded(container, codec, rate), f"hello.{container}")
    assert abs(converted.duration_ms - 2000) <= 60
    middle = g711.decode(converted.pcmu)[4000:12000]
    assert 14000 < max(middle) < 18000


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b"Dear customer, " * 100, "no sound file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), "no sound file"),
        (wav()[:30], "no sound file"),
        (wav()[:9000], "cut off: its last 7044 bytes"),
        (wav(seconds=0.05), "only 50 ms"),
        (wav(seconds=0.0), "only 0 ms"),
        (wav(seconds=601, sample=lambda n, rate: 0), "longer than 10 minutes"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(data: bytes, says: str) -> None:
    with pytest.raises(Invalid, match=says) as raised:
        convert(data, "hello.wav")
    assert raised.value.data["field"] == "recording"
    assert "'hello.wav'" in raised.value.message


def test_a_damaged_file_is_refused_and_not_half_taken() -> None:
    data = bytearray(encoded("mp3", "libmp3lame", 44100))
    data[3000:6000] = bytes(3000)
    with pytest.raises(Invalid, match="damaged after"):
        convert(bytes(data), "hello.mp3")


def test_a_wav_written_to_a_pipe_without_its_size_is_taken() -> None:
    data = wav()
    assert data[36:40] == b"data"
    for size in (b"\xff\xff\xff\xff", b"\x00\x00\x00\x00"):
        assert convert(data[:40] + size + data[44:], "pipe.wav").duration_ms == 1000


def test_a_playlist_cannot_make_the_server_open_its_own_files(tmp_path: Path) -> None:
    secret = tmp_path / "secret.wav"
    secret.write_bytes(wav())
    playlists = [
        f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{secret}\n#EXT-X-ENDLIST\n",
        f"ffconcat version 1.0\nfile {secret}\n",
    ]
    for playlist in playlists:
        with pytest.raises(Invalid, match="no sound file"):
            convert(playlist.encode(), "list.wav")
