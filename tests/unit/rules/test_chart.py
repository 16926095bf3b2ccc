"""How a time is cut into pieces to be drawn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caesura.rules.chart import bucket_start, bucket_starts, bucket_width

START = datetime(2026, 3, 2, 12, 34, 56, tzinfo=UTC)
KATHMANDU = timezone(timedelta(hours=5, minutes=45))
MOMENTS = st.timedeltas(timedelta(days=-9999), timedelta(days=9999)).map(
    lambda span: START.astimezone(KATHMANDU) + span
)


@pytest.mark.parametrize(
    ("hours", "points", "minutes"),
    [(1, 60, 1), (1, 50, 2), (24, 120, 15), (24 * 7, 100, 120), (24 * 400, 100, 7 * 1440)],
)
def test_pieces_have_a_usual_width(hours: int, points: int, minutes: int) -> None:
    assert bucket_width(timedelta(hours=hours), points) == timedelta(minutes=minutes)


@given(MOMENTS, st.timedeltas(timedelta(minutes=1), timedelta(days=9999)), st.integers(2, 500))
def test_pieces_cover_the_time_without_gaps_and_are_not_too_many(
    start: datetime, span: timedelta, points: int
) -> None:
    width = bucket_width(span, points)
    starts = bucket_starts(start, start + span, width)
    assert starts[0] <= start < starts[0] + width
    assert starts[-1] < start + span <= starts[-1] + width
    assert all(b - a == width for a, b in pairwise(starts))
    assert len(starts) <= points + 1
    assert all(bucket_start(at, width) == at for at in starts)
