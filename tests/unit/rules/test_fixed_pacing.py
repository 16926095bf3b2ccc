"""Fixed pacing: concurrency, calls per second, stalls, ramp-up, several cells."""

from __future__ import annotations

import pytest

from caesura.rules.campaign import FixedPacing
from caesura.rules.pacing.fixed import decide, not_started
from caesura.rules.pacing.snapshot import PacingState, Snapshot, share


def starts(
    pacing: FixedPacing, *, seconds: float, tick: float, cells: int = 1, call_s: float = 0.0
) -> list[tuple[float, int]]:
    """What one cell starts when it asks every `tick` seconds and calls last `call_s`."""
    state, begun = PacingState(), list[tuple[float, int]]()
    for step in range(round(seconds / tick)):
        now = 100 + step * tick
        in_flight = sum(n for at, n in begun if at + call_s > now)
        snapshot = Snapshot(in_flight=in_flight, cells=cells)
        n, state = decide(pacing, snapshot, state, now)
        begun.append((now, n))
    return begun


def test_without_a_rate_the_concurrency_is_filled_at_once() -> None:
    snapshot = Snapshot(in_flight=3)
    assert decide(FixedPacing(concurrency=10), snapshot, PacingState(), 1.0)[0] == 7


@pytest.mark.parametrize("in_flight", [10, 11, 50])
def test_at_or_above_the_concurrency_nothing_starts(in_flight: int) -> None:
    snapshot = Snapshot(in_flight=in_flight)
    assert decide(FixedPacing(concurrency=10), snapshot, PacingState(), 1.0)[0] == 0


@pytest.mark.parametrize("cps", [0.5, 1, 3, 9, 12, 50, 150, 999])
@pytest.mark.parametrize("tick", [0.01, 0.05, 0.09])
def test_the_rate_is_kept(cps: float, tick: float) -> None:
    begun = starts(FixedPacing(concurrency=100_000, cps=cps), seconds=20, tick=tick)
    assert sum(n for _, n in begun) == pytest.approx(cps * 20, rel=0.01, abs=1.5)


def test_a_stall_is_not_caught_up() -> None:
    pacing = FixedPacing(concurrency=1000, cps=50)
    snapshot = Snapshot(in_flight=0)
    _, state = decide(pacing, snapshot, PacingState(), 10.0)
    after_stall, state = decide(pacing, snapshot, state, 40.0)
    assert after_stall == 5  # a tenth of a second's worth
    assert decide(pacing, snapshot, state, 40.001)[0] <= 1


def test_a_slow_rate_does_not_start_two_calls_together_after_a_stall() -> None:
    pacing = FixedPacing(concurrency=1000, cps=1)
    snapshot = Snapshot(in_flight=0)
    first, state = decide(pacing, snapshot, PacingState(), 10.0)
    second, state = decide(pacing, snapshot, state, 40.0)
    third, state = decide(pacing, snapshot, state, 40.5)
    assert (first, second, third) == (1, 1, 0)
    assert decide(pacing, snapshot, state, 41.0)[0] == 1


def test_tokens_of_calls_that_found_no_lead_are_given_back() -> None:
    pacing = FixedPacing(concurrency=1000, cps=1)
    snapshot = Snapshot(in_flight=0)
    n, state = decide(pacing, snapshot, PacingState(), 10.0)
    assert n == 1
    assert decide(pacing, snapshot, state, 10.1)[0] == 0
    assert decide(pacing, snapshot, not_started(state, 1), 10.1)[0] == 1


def test_a_clock_that_stands_still_gives_no_tokens() -> None:
    pacing = FixedPacing(concurrency=1000, cps=10)
    snapshot = Snapshot(in_flight=0)
    _, state = decide(pacing, snapshot, PacingState(), 10.0)
    assert decide(pacing, snapshot, state, 10.0)[0] == 0


def test_after_a_resume_the_concurrency_grows_from_one_call() -> None:
    pacing = FixedPacing(concurrency=100)
    snapshot = Snapshot(in_flight=0, resumed_at=50.0)

    def at(now: float) -> int:
        return decide(pacing, snapshot, PacingState(), now, ramp_up_s=10.0)[0]

    assert [at(50.0), at(52.5), at(55.0), at(60.0), at(90.0)] == [1, 25, 50, 100, 100]


def test_the_rate_grows_with_the_concurrency() -> None:
    """A tenth of the rate over the first fifth of the ramp, on average: t² / 2 of it."""
    pacing, state, begun = FixedPacing(concurrency=1000, cps=50), PacingState(), 0
    for step in range(20 * 10):  # the first 10 s of 50
        snapshot = Snapshot(in_flight=0, resumed_at=0.0)
        n, state = decide(pacing, snapshot, state, step / 20, ramp_up_s=50.0)
        begun += n
    assert begun == pytest.approx(50 * 10 * 10 / 50 / 2, abs=3)


def test_a_resumed_campaign_starts_one_call_at_once_whatever_its_rate() -> None:
    snapshot = Snapshot(in_flight=0, resumed_at=9.0)
    pacing = FixedPacing(concurrency=50, cps=0.5)
    assert decide(pacing, snapshot, PacingState(), 9.0, ramp_up_s=600)[0] == 1


def test_while_ramping_up_the_cells_share_what_the_campaign_may() -> None:
    pacing = FixedPacing(concurrency=40)
    for running_s, allowed in ((0.0, 1), (3.0, 4), (15.0, 20), (30.0, 40)):
        parts = [
            decide(
                pacing,
                Snapshot(0, cells=3, rank=rank, resumed_at=0.0),
                PacingState(),
                running_s,
                ramp_up_s=30,
            )[0]
            for rank in range(3)
        ]
        assert sum(parts) == allowed


def test_a_campaign_that_was_never_paused_does_not_ramp_up() -> None:
    snapshot = Snapshot(in_flight=0, resumed_at=None)
    assert (
        decide(FixedPacing(concurrency=100), snapshot, PacingState(), 0.0, ramp_up_s=30)[0] == 100
    )


def test_cells_share_the_concurrency_exactly() -> None:
    pacing = FixedPacing(concurrency=10)
    parts = [
        decide(pacing, Snapshot(0, cells=4, rank=rank), PacingState(), 1.0)[0] for rank in range(4)
    ]
    assert parts == [3, 3, 2, 2]


def test_a_cell_beyond_the_concurrency_starts_nothing_even_while_ramping() -> None:
    snapshot = Snapshot(0, cells=3, rank=2, resumed_at=0.0)
    assert decide(FixedPacing(concurrency=2), snapshot, PacingState(), 1.0, ramp_up_s=9)[0] == 0


def test_cells_share_the_rate() -> None:
    begun = starts(FixedPacing(concurrency=1000, cps=60), seconds=10, tick=0.02, cells=3)
    assert sum(n for _, n in begun) == pytest.approx(200, abs=3)


@pytest.mark.parametrize(("cells", "rank"), [(0, 0), (2, 2), (2, -1)])
def test_there_is_no_share_for_a_rank_that_is_not(cells: int, rank: int) -> None:
    with pytest.raises(ValueError, match="rank"):
        share(10, cells, rank)
