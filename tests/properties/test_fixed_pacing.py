"""Fixed pacing under any rhythm of asking: never above the concurrency, never above the rate."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from caesura.rules.campaign import FixedPacing
from caesura.rules.pacing.fixed import decide, not_started
from caesura.rules.pacing.snapshot import PacingState, Snapshot, share


@given(st.integers(0, 10**6), st.integers(1, 500))
def test_shares_add_up_and_differ_by_one_at_most(total: int, cells: int) -> None:
    parts = [share(total, cells, rank) for rank in range(cells)]
    assert sum(parts) == total
    assert max(parts) - min(parts) <= 1
    assert parts == sorted(parts, reverse=True)


pauses = st.sampled_from([0.0, 0.001, 0.01, 0.02, 0.05, 0.1, 0.3, 5.0])
steps = st.lists(st.tuples(pauses, st.integers(0, 30), st.integers(0, 30)), max_size=80)


@settings(deadline=None, max_examples=300)
@given(
    st.integers(1, 60),
    st.none() | st.floats(0.1, 500),
    st.integers(1, 4),
    st.sampled_from([0.0, 2.0]),
    steps,
)
def test_neither_concurrency_nor_rate_is_ever_exceeded(
    concurrency: int,
    cps: float | None,
    cells: int,
    ramp_up_s: float,
    rhythm: list[tuple[float, int, int]],
) -> None:
    """Each step: time passes, some calls end, and so many leads are there to be started."""
    pacing = FixedPacing(concurrency=concurrency, cps=cps)
    now, in_flight, state = 1000.0, 0, PacingState()
    begun: list[tuple[float, int]] = []
    for pause, ended, leads in rhythm:
        now += pause
        in_flight -= min(ended, in_flight)
        snapshot = Snapshot(in_flight=in_flight, cells=cells, resumed_at=1000.0)
        decided, state = decide(pacing, snapshot, state, now, ramp_up_s)
        assert decided >= 0
        started = min(decided, leads)
        state = not_started(state, decided - started)
        in_flight += started
        begun.append((now, started))
        assert in_flight <= share(concurrency, cells, 0)
        if started and now - 1000 < ramp_up_s:
            assert in_flight <= max(1, concurrency * (now - 1000) / ramp_up_s)
    if cps is None:
        return
    rate = cps / cells
    for first, (since, _) in enumerate(begun):
        total = 0
        for at, n in begun[first:]:
            total += n
            # the bucket, and the call that a fraction may have been saved for
            assert total <= rate * (at - since) + max(1.0, rate * 0.1) + 1 + 1e-6
