"""RTP packets, their numbers and the jitter of what arrives."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caesura.voice.media import rtp

packets = st.builds(
    rtp.Packet,
    payload_type=st.integers(0, 127).filter(lambda n: not 64 <= n <= 95),
    marker=st.booleans(),
    sequence=st.integers(0, 0xFFFF),
    timestamp=st.integers(0, 0xFFFFFFFF),
    ssrc=st.integers(0, 0xFFFFFFFF),
    payload=st.binary(max_size=480),
)


@given(packets)
def test_a_packet_that_was_built_parses_to_itself(packet: rtp.Packet) -> None:
    assert rtp.parse(rtp.build(packet)) == packet


@given(st.binary(max_size=64) | st.binary(max_size=64).map(lambda tail: b"\xb5\x00" + tail))
def test_no_datagram_makes_the_parser_raise(data: bytes) -> None:
    packet = rtp.parse(data)
    assert packet is None or len(packet.payload) <= len(data) - 12


@given(
    packets, st.lists(st.binary(min_size=4, max_size=4), max_size=15), st.integers(0, 4), st.data()
)
def test_options_of_the_header_are_left_out_of_the_payload(
    packet: rtp.Packet, sources: list[bytes], extension_words: int, data: st.DataObject
) -> None:
    plain = rtp.build(packet)
    extension = data.draw(st.booleans())
    padding = data.draw(st.integers(0, 20))
    first = 0x80 | len(sources) | (0x10 if extension else 0) | (0x20 if padding else 0)
    wire = bytes([first]) + plain[1:12] + b"".join(sources)
    if extension:
        wire += b"\xbe\xde" + extension_words.to_bytes(2, "big") + bytes(4 * extension_words)
    wire += packet.payload
    if padding:
        wire += bytes(padding - 1) + bytes([padding])
    assert rtp.parse(wire) == packet


@pytest.mark.parametrize(
    "wire",
    [
        b"",
        bytes(11),
        b"\x40" + bytes(20),  # version 1
        b"\x80\xc8" + bytes(26),  # RTCP sender report
        b"\x8f\x00" + bytes(20),  # 15 contributing sources that are not there
        b"\x90\x00" + bytes(10) + b"\xbe\xde\x00\x05",  # an extension that is not there
        b"\xa0\x00" + bytes(10) + b"\x00\x00\x00\x09",  # more padding than packet
        b"\xa0\x00" + bytes(10) + b"\x00",  # padding of length nought
    ],
)
def test_what_is_no_rtp_packet_is_refused(wire: bytes) -> None:
    assert rtp.parse(wire) is None


def test_numbers_rise_by_one_packet_and_wrap_around() -> None:
    numbering = rtp.Numbering()
    numbering.sequence, numbering.timestamp = 0xFFFF, 0xFFFFFFFF - 100
    seen = []
    for _ in range(2):
        packet = rtp.parse(numbering.next(0, b"x", marker=False))
        assert packet is not None
        seen.append((packet.sequence, packet.timestamp))
        numbering.pass_time()
    assert seen == [(0xFFFF, 0xFFFFFFFF - 100), (0, 59)]


def test_two_senders_do_not_start_with_the_same_numbers() -> None:
    starts = {
        (numbering.ssrc, numbering.sequence, numbering.timestamp)
        for numbering in (rtp.Numbering() for _ in range(50))
    }
    assert len(starts) == 50
    assert len({sequence for _, sequence, _ in starts}) > 40


@given(
    st.lists(st.floats(0, 0.1), min_size=2, max_size=60),
    st.integers(0, 0xFFFFFFFF),
    st.floats(0, 1e6),
)
def test_jitter_is_that_of_the_rfc(delays: list[float], first_timestamp: int, start: float) -> None:
    reception = rtp.Reception()
    arrivals = [start + n * 0.020 + delay for n, delay in enumerate(delays)]
    for n, at in enumerate(arrivals):
        reception.arrived(7, (first_timestamp + 160 * n) & 0xFFFFFFFF, at)
    # RFC 3550 section 6.4.1, in seconds, without wrapping clocks
    jitter = 0.0
    for before, delay in itertools.pairwise(delays):
        jitter += (abs(delay - before) - jitter) / 16
    assert reception.received == len(delays)
    assert reception.jitter_ms == pytest.approx(jitter * 1000, abs=0.01)


def test_an_even_stream_has_no_jitter_and_one_packet_has_none_to_tell() -> None:
    reception = rtp.Reception()
    reception.arrived(7, 1000, 5.0)
    assert reception.jitter_ms is None
    reception.arrived(7, 1160, 5.020)
    assert reception.jitter_ms == pytest.approx(0.0, abs=1e-3)


def test_a_new_source_is_not_measured_against_the_old_ones_clock() -> None:
    reception = rtp.Reception()
    reception.arrived(7, 0, 1.0)
    reception.arrived(7, 160, 1.020)
    reception.arrived(8, 3_000_000, 1.040)
    reception.arrived(8, 3_000_160, 1.060)
    assert reception.received == 4
    assert reception.jitter_ms == pytest.approx(0.0, abs=1e-3)
