"""Our tables against FFmpeg's G.711."""

from __future__ import annotations

import array

import av
import pytest

from caesura.voice.media import g711, rtp

FFMPEG = {"PCMU": "pcm_mulaw", "PCMA": "pcm_alaw"}


@pytest.mark.parametrize("codec", g711.CODECS)
def test_every_byte_decodes_as_ffmpeg_decodes_it(codec: str) -> None:
    context = av.CodecContext.create(FFMPEG[codec], "r")
    context.sample_rate, context.layout = 8000, "mono"
    (frame,) = context.decode(av.Packet(bytes(range(256))))
    expected = list(array.array("h", bytes(frame.planes[0])[:512]))
    assert g711.decode(bytes(range(256)), codec) == expected


@pytest.mark.parametrize("codec", g711.CODECS)
def test_encoding_takes_the_nearest_value_there_is(codec: str) -> None:
    values = g711.LINEAR[codec]
    for sample in range(-32768, 32768, 37):
        got = g711.decode(g711.encode([sample], codec), codec)[0]
        nearest = min(abs(value - sample) for value in values)
        assert abs(got - sample) <= nearest + 4, sample  # the table has 14 bits


@pytest.mark.parametrize("codec", g711.CODECS)
def test_what_was_decoded_encodes_to_the_same_sound(codec: str) -> None:
    linear = g711.decode(bytes(range(256)), codec)
    assert g711.decode(g711.encode(linear, codec), codec) == linear


def test_samples_beyond_full_scale_are_clipped_and_not_wrapped() -> None:
    loud = g711.decode(g711.encode([40000, -40000]))
    assert loud == [32124, -32124]


def test_from_law_to_law_each_byte_becomes_the_nearest_and_silence_stays_silence() -> None:
    for (source, target), table in g711.TRANSCODE.items():
        assert len(table) == 256
        for byte in range(256):
            before = g711.LINEAR[source][byte]
            after = g711.LINEAR[target][table[byte]]
            nearest = min(abs(value - before) for value in g711.LINEAR[target])
            assert abs(after - before) <= nearest + 4
        assert abs(g711.LINEAR[target][table[rtp.SILENCE[source][0]]]) <= 8
