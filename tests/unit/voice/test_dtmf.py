"""Keys arrive once each, whatever the network does to their packets."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caesura.voice.media import dtmf
from caesura.voice.media.rtp import Packet

keys = st.text(dtmf.KEYS, min_size=1, max_size=8)


def packets_of(keys: str, start: int = 1000, gap_ms: int = 60) -> list[list[Packet]]:
    """The packets of each press, 100 ms long."""
    presses, timestamp, sequence = [], start, 0
    for key in keys:
        press = []
        for n, payload in enumerate(dtmf.press(key, 100)):
            press.append(Packet(101, n == 0, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, 7, payload))
            sequence += 1
        presses.append(press)
        timestamp += 800 + 8 * gap_ms
    return presses


def flat(presses: list[list[Packet]]) -> list[Packet]:
    return list(itertools.chain.from_iterable(presses))


def heard(packets: list[Packet]) -> str:
    receiver = dtmf.KeyReceiver()
    return "".join(map(receiver.feed, packets))


@given(keys, st.integers(0, 0xFFFFFFFF))
def test_every_press_is_heard_once(keys: str, start: int) -> None:
    assert heard(flat(packets_of(keys, start))) == keys


@given(keys, st.data())
def test_loss_and_repetition_change_nothing_while_one_packet_of_a_press_arrives(
    keys: str, data: st.DataObject
) -> None:
    arrived: list[Packet] = []
    for press in packets_of(keys):
        kept = data.draw(st.sets(st.integers(0, len(press) - 1), min_size=1))
        for n in sorted(kept):
            arrived += [press[n]] * data.draw(st.integers(1, 3))
    assert heard(arrived) == keys


@given(keys, st.data())
def test_packets_that_overtake_each_other_press_no_key_twice(
    keys: str, data: st.DataObject
) -> None:
    packets = flat(packets_of(keys))
    late = [data.draw(st.integers(0, 12)) for _ in packets]
    order = sorted(range(len(packets)), key=lambda n: (n + late[n], n))
    assert sorted(heard([packets[n] for n in order])) == sorted(keys)


def test_a_key_is_heard_when_all_of_its_end_packets_are_lost() -> None:
    first, second = packets_of("55")
    assert heard(first[:-3] + second) == "55"


def test_a_key_held_longer_than_a_duration_can_say_is_one_press() -> None:
    # RFC 4733 section 2.5.1.3: the next segment starts where the first one's 0xFFFF ends.
    def packet(timestamp: int, duration: int, *, marker: bool = False, end: bool = False) -> Packet:
        payload = dtmf.event("9", duration=duration, end=end)
        return Packet(101, marker, 0, timestamp, 7, payload)

    segments = [packet(500, n, marker=n == 160) for n in range(160, 0xFFFF, 160)]
    segments.append(packet(500, 0xFFFF))
    segments += [packet(500 + 0xFFFF, n) for n in range(160, 1600, 160)]
    segments += [packet(500 + 0xFFFF, 1600, end=True)] * 3
    assert heard(segments) == "9"


def test_a_sender_that_wrongly_moves_the_timestamp_presses_once() -> None:
    packets = [
        Packet(101, n == 0, n, 1000 + 160 * n, 7, dtmf.event("3", duration=160 * n, end=n == 5))
        for n in range(6)
    ]
    assert heard(packets) == "3"


def test_two_presses_in_one_packet_are_two() -> None:
    payload = dtmf.event("1", duration=400, end=True) + dtmf.event("2", duration=160, end=False)
    assert heard([Packet(101, True, 0, 1000, 7, payload)] * 3) == "12"


def test_events_that_are_no_keys_say_nothing() -> None:
    flash = bytes([16, 10, 0, 160])
    assert heard([Packet(101, True, 0, 1000, 7, flash), Packet(101, False, 1, 1160, 7, b"")]) == ""


def test_a_press_starts_with_progress_and_ends_three_times() -> None:
    payloads = dtmf.press("#", 100)
    durations = [int.from_bytes(payload[2:], "big") for payload in payloads]
    ends = [bool(payload[1] & 0x80) for payload in payloads]
    assert durations == [160, 320, 480, 640, 800, 800, 800]
    assert ends == [False] * 4 + [True] * 3
    assert {payload[0] for payload in payloads} == {11}


@pytest.mark.parametrize("key", ["", "x", "12"])
def test_what_is_no_key_cannot_be_pressed(key: str) -> None:
    with pytest.raises(ValueError, match="no telephone key"):
        dtmf.press(key)
