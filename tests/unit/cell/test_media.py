"""The ports that calls use: each call its own, and none lost."""

from __future__ import annotations

from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from caesura.cell.media import Media
from caesura.voice import port
from caesura.voice.port import MediaReady

PORTS = [20000, 20002, 20004, 20006]


def ready() -> Media:
    media = Media()
    media.became_ready(MediaReady(host="127.0.0.1", ports=PORTS))
    return media


def test_without_a_media_process_there_is_no_room() -> None:
    media = Media()
    assert not media.ready
    assert media.reserve(uuid4()) is None


def test_every_call_has_a_port_of_its_own() -> None:
    media = ready()
    reserved = [media.reserve(uuid4()) for _ in range(5)]
    assert reserved == [*(("127.0.0.1", port) for port in PORTS), None]
    assert media.room == 0


def test_a_port_is_used_again_as_late_as_can_be() -> None:
    media = ready()
    first = uuid4()
    media.reserve(first)
    media.release(first)
    assert [media.reserve(uuid4()) for _ in range(4)][-1] == ("127.0.0.1", PORTS[0])


def test_a_port_given_back_twice_is_there_once() -> None:
    media, attempt = ready(), uuid4()
    media.reserve(attempt)
    media.release(attempt)
    media.release(attempt)
    assert media.room == len(PORTS)


def test_a_stream_that_closes_keeps_its_port_until_it_is_closed() -> None:
    media, attempt = ready(), uuid4()
    media.reserve(attempt)
    media.close(attempt)
    assert media.room == 3
    media.release(attempt)
    assert media.room == 4


def test_a_new_media_process_does_not_give_away_what_calls_were_promised() -> None:
    media, kept, closing = ready(), uuid4(), uuid4()
    media.reserve(kept)
    media.reserve(closing)
    media.close(closing)
    media.lost()
    assert not media.ready
    assert media.room == 0
    media.became_ready(MediaReady(host="127.0.0.1", ports=PORTS))
    assert media.room == 3
    media.release(kept)
    given_out = {media.reserve(uuid4()) for _ in range(4)}
    assert given_out == {("127.0.0.1", port) for port in PORTS}


@given(
    st.lists(
        st.tuples(st.sampled_from(["reserve", "close", "release", "lost"]), st.integers(0, 5)),
        max_size=60,
    )
)
def test_no_port_is_lost_nor_given_out_twice(steps: list[tuple[str, int]]) -> None:
    media = ready()
    held: dict[UUID, int] = {}
    for what, number in steps:
        attempt = UUID(int=number)
        if what == "lost":
            media.lost()
            media.became_ready(MediaReady(host="127.0.0.1", ports=PORTS))
            held = {a: port for a, port in held.items() if a in media._ports}
        elif what == "close" and attempt in held:
            media.close(attempt)
        elif what == "release":
            media.release(attempt)
            held.pop(attempt, None)
        elif what == "reserve" and attempt not in held:
            address = media.reserve(attempt)
            assert (address is None) == (len(held) == len(PORTS))
            if address is not None:
                assert address[1] not in held.values()
                held[attempt] = address[1]
        assert media.room == len(PORTS) - len(held)


def test_desks_and_bridges_are_passed_on_both_ways() -> None:
    media, sent = ready(), []
    attempt, desk = uuid4(), uuid4()

    class Link:
        def send(self, message: object) -> None:
            sent.append(message)

    media.link = Link()  # type: ignore[assignment]
    media.open_desk(desk, "v=0", 3)
    media.bridge(attempt, desk)
    media.hold(attempt, "/music.ul")
    media.retrieve(attempt)
    media.send_digits(attempt, "1#")
    media.unbridge(attempt)
    media.close_desk(desk)
    assert sent == [
        port.OpenDesk(desk=desk, offer="v=0", number=3),
        port.Bridge(attempt=attempt, peer=desk),
        port.Hold(attempt=attempt, path="/music.ul"),
        port.Retrieve(attempt=attempt),
        port.SendDigits(attempt=attempt, digits="1#"),
        port.Unbridge(attempt=attempt),
        port.CloseDesk(desk=desk),
    ]
    lost = port.DeskLost(desk=desk, reason="closed")
    media.told(lost)  # nobody listens yet
    told: list[object] = []
    media.on_desk = told.append
    media.told(lost)
    assert told == [lost]
