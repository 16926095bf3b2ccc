"""What one end hears: numbers that never jump back, whoever speaks."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caesura.voice.media import dtmf, g711, rtp
from caesura.voice.media.rtp import Packet
from caesura.voice.media.sender import Sender


class Kept(Sender):
    """Keeps what it would send."""

    def __init__(
        self, codec: str = "PCMU", event_type: int | None = 101, *, silence: bool = True
    ) -> None:
        super().__init__(codec, event_type, silence=silence)
        self.sent: list[Packet] = []
        self.now = 0.0

    def _clock(self) -> float:  # type: ignore[override]
        return self.now

    def tick(self) -> None:
        self.now += rtp.PACKET_S
        super().tick()

    def _transmit(self, packet: bytes) -> None:
        parsed = rtp.parse(packet)
        assert parsed is not None
        self.sent.append(parsed)

    @property
    def steps(self) -> list[tuple[int, int]]:
        """From packet to packet: sequence numbers, timestamps."""
        return [
            ((b.sequence - a.sequence) & 0xFFFF, (b.timestamp - a.timestamp) & 0xFFFFFFFF)
            for a, b in pairwise(self.sent)
        ]


def speech(n: int, *, ssrc: int = 7, start: int = 65530, marker: bool = False) -> Packet:
    """The n-th packet of somebody whose numbers wrap around soon."""
    return Packet(
        0,
        marker,
        (start + n) & 0xFFFF,
        (0xFFFFFF00 + 160 * n) & 0xFFFFFFFF,
        ssrc,
        bytes([n % 256]) * 160,
    )


def talk(sender: Kept, packets: range, **more: int) -> None:
    """As in life: a turn between two packets."""
    for n in packets:
        sender.forward(speech(n, **more), "PCMU")
        sender.tick()


def test_silence_speech_and_silence_are_one_stream_without_a_seam() -> None:
    sender = Kept()
    for _ in range(5):
        sender.tick()
    talk(sender, range(20))
    for _ in range(15):
        sender.tick()
    assert {packet.ssrc for packet in sender.sent} == {sender.sent[0].ssrc}
    assert {step for step, _ in sender.steps} == {1}
    # Ten turns of patience, then silence goes on where the clock is.
    assert [step for _, step in sender.steps] == [160] * 24 + [160 * 10] + [160] * 6
    heard = [packet.payload[0] for packet in sender.sent[5:25]]
    assert heard == list(range(20))
    assert [n for n, packet in enumerate(sender.sent) if packet.marker] == [0, 5, 25]


def test_what_was_lost_on_the_way_stays_a_gap() -> None:
    sender = Kept()
    talk(sender, range(3))
    talk(sender, range(5, 8))
    assert sender.steps == [(1, 160), (1, 160), (3, 480), (1, 160), (1, 160)]
    assert not any(packet.marker for packet in sender.sent[1:])


def test_what_comes_late_is_passed_on_in_its_place() -> None:
    sender = Kept()
    for n in (0, 1, 3, 2, 4):
        sender.forward(speech(n), "PCMU")
    first = sender.sent[0].sequence
    assert [(p.sequence - first) & 0xFFFF for p in sender.sent] == [0, 1, 3, 2, 4]


def test_what_comes_late_from_before_a_key_press_is_dropped() -> None:
    sender = Kept()
    talk(sender, range(5))
    sender.press("1")
    while sender._keys:
        sender.tick()
    talk(sender, range(20, 22))
    count = len(sender.sent)
    sender.forward(speech(18), "PCMU")
    assert len(sender.sent) == count
    assert {step for step, _ in sender.steps} == {1}


def test_what_comes_late_is_passed_on_in_a_long_conversation_too() -> None:
    sender = Kept()
    talk(sender, range(40_000))
    sender.sent.clear()
    for n in (40_001, 40_000):
        sender.forward(speech(n), "PCMU")
    assert sender.steps[0][0] == 0xFFFF  # one back


def test_a_long_event_takes_its_time_and_speech_after_it_goes_on_with_the_clock() -> None:
    sender = Kept()
    talk(sender, range(5))
    for k in range(1, 101):  # two seconds of one key
        packet = speech(4 + k)._replace(
            timestamp=speech(5).timestamp, payload=dtmf.event("1", duration=160 * k, end=k == 100)
        )
        sender.forward(packet, None)
        sender.tick()
    talk(sender, range(105, 107))
    assert {step for step, _ in sender.steps} == {1}
    spoken = [packet.timestamp for packet in sender.sent if packet.payload_type == 0]
    assert (spoken[5] - spoken[4]) & 0xFFFFFFFF == 160 * 101
    assert not sender.sent[-2].marker


def test_another_source_goes_on_with_the_same_numbers() -> None:
    sender = Kept()
    talk(sender, range(5))
    talk(sender, range(5), ssrc=8, start=100)
    assert sender.steps == [(1, 160)] * 9
    assert sender.sent[5].marker


def test_a_source_that_starts_anew_under_its_old_name_is_a_new_beginning() -> None:
    sender = Kept()
    talk(sender, range(5))
    talk(sender, range(5), start=30000)
    assert {step for step, _ in sender.steps} == {1}
    restarted = speech(5, start=30000)
    sender.forward(restarted._replace(timestamp=restarted.timestamp + 1_000_000), "PCMU")
    assert sender.steps[-1] == (1, 160)


def test_a_key_press_silences_the_other_end_while_it_lasts() -> None:
    sender = Kept()
    talk(sender, range(5))
    sender.press("5")
    talk(sender, range(5, 20))
    kinds = "".join("k" if packet.payload_type == 101 else "s" for packet in sender.sent)
    keys = len(dtmf.press("5"))
    assert kinds == "s" * 5 + "k" * keys + "s" * (15 - keys)
    assert {step for step, _ in sender.steps} == {1}
    receiver = dtmf.KeyReceiver()
    assert "".join(receiver.feed(p) for p in sender.sent if p.payload_type == 101) == "5"


def test_a_recording_goes_before_the_other_end_and_is_whole() -> None:
    sender, ended = Kept(), []
    talk(sender, range(5))
    sender.play(b"\x11" * 160 * 3, lambda: ended.append(True))
    talk(sender, range(5, 12))
    assert [packet.payload[0] for packet in sender.sent] == [0, 1, 2, 3, 4, *[17] * 3, 8, 9, 10, 11]
    assert ended == [True]
    assert {step for step, _ in sender.steps} == {1}


def test_music_is_played_again_and_again_without_a_seam() -> None:
    sender = Kept()
    music = bytes(n % 251 for n in range(500))
    sender.play(music, loop=True)
    assert not sender.playing
    for _ in range(25):
        sender.tick()
    assert b"".join(packet.payload for packet in sender.sent) == (music * 8)[:4000]
    sender.play(b"\x11", loop=True)  # shorter than a packet
    sender.tick()
    assert sender.sent[-1].payload == b"\x11" * 160
    sender.stop()
    sender.tick()
    assert set(sender.sent[-1].payload) == {0xFF}


def test_the_other_law_is_exchanged_and_an_event_keeps_its_meaning() -> None:
    sender = Kept("PCMA", 96)
    sender.forward(speech(3), "PCMU")
    assert sender.sent[-1].payload_type == 8
    assert sender.sent[-1].payload == bytes([3] * 160).translate(g711.TRANSCODE["PCMU", "PCMA"])
    event = dtmf.press("9")[0]
    sender.forward(speech(4)._replace(payload=event, marker=True), None)
    assert (sender.sent[-1].payload_type, sender.sent[-1].payload) == (96, event)
    assert sender.steps == [(1, 160)]


def test_events_are_dropped_where_they_are_not_taken_and_keys_are_refused() -> None:
    sender = Kept("PCMU", None)
    sender.forward(speech(1), None)
    assert sender.sent == []
    with pytest.raises(ValueError, match="no telephone-event"):
        sender.press("1")


def test_who_says_that_he_is_silent_is_believed_at_once() -> None:
    sender = Kept()
    talk(sender, range(5))
    sender.rest()
    sender.tick()
    assert sender.sent[-1].payload == b"\xff" * 160
    assert sender.steps[-1] == (1, 160)


@given(st.lists(st.sampled_from("sstttkprx"), min_size=1, max_size=300), st.booleans())
def test_whatever_happens_numbers_follow_each_other_and_time_does_not_go_back(
    events: list[str], silence: bool
) -> None:
    sender = Kept(silence=silence)
    n = 0
    for event in events:
        match event:
            case "s":
                sender.forward(speech(n), "PCMU")
                n += 1
            case "t":
                sender.tick()
            case "k":
                sender.press("3")
            case "p":
                sender.play(b"\x22" * 400)
            case "r":
                sender.rest()
            case "x":
                n += 5  # lost
    sequences = [step for step, _ in sender.steps]
    assert all(step in (1, 6, 11, 16, 21, 26, 31) or step % 5 == 1 for step in sequences)
    assert all(step < 2**31 for _, step in sender.steps)
