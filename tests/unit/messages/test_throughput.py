"""A provider's limit, and less while it asks for less."""

from __future__ import annotations

from caesura.messages.throughput import Throughput


def send(throughput: Throughput, seconds: float, segments: int = 1) -> list[float]:
    """Send whenever possible; when that was."""
    now, sent = 1000.0, []
    while now < 1000.0 + seconds:
        if throughput.ready_at(now) <= now:
            throughput.take(now, segments)
            sent.append(now)
        else:
            now += 0.0005
    return sent


def test_a_limit_is_kept() -> None:
    assert 300 <= len(send(Throughput(100.0), 3.0)) <= 306


def test_segments_count_one_each() -> None:
    assert 100 <= len(send(Throughput(100.0), 3.0, segments=3)) <= 103


def test_without_a_limit_nothing_waits() -> None:
    throughput = Throughput(None)
    assert throughput.ready_at(5.0) <= 5.0


def test_who_is_throttled_waits_then_goes_slower_and_comes_back() -> None:
    throughput = Throughput(100.0)
    send(throughput, 1.0)
    throughput.throttled(1001.0)
    assert throughput.ready_at(1001.0) > 1001.2
    assert throughput.slowed(1001.5)
    throughput.take(1001.5, 4)
    assert throughput.ready_at(1001.5) - 1001.5 > 0.01
    assert not throughput.slowed(1010.0)


def test_answers_to_what_left_together_slow_it_once() -> None:
    one, many = Throughput(100.0), Throughput(100.0)
    one.throttled(5.0)
    for _ in range(10):
        many.throttled(5.0)
    many.take(6.0, 10)
    one.take(6.0, 10)
    assert one.ready_at(6.0) == many.ready_at(6.0)
