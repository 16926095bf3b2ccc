"""Into how many pieces a time is cut so that it can be drawn."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

POINTS_MAX = 500
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_WIDTHS_S = (
    *(n * _MINUTE for n in (1, 2, 5, 10, 15, 30)),
    *(n * _HOUR for n in (1, 2, 3, 6, 12)),
    *(n * _DAY for n in (1, 2, 7, 14, 28)),
)


def bucket_width(span: timedelta, points: int) -> timedelta:
    """The narrowest usual width with which `span` makes no more than about `points` pieces."""
    wanted_s = span.total_seconds() / points
    fitting = (width for width in _WIDTHS_S if width >= wanted_s)
    width_s = next(fitting, _DAY * math.ceil(wanted_s / _DAY))
    return timedelta(seconds=width_s)


def bucket_starts(start: datetime, end: datetime, width: timedelta) -> list[datetime]:
    """Where the buckets from `start` (in the first) to `end` (exclusive) begin.

    Counted from Monday, 2000-01-03 00:00 UTC, so that the same bucket begins at the same moment
    whenever it is asked for.
    """
    at = bucket_start(start, width)
    starts = []
    while at < end:
        starts.append(at)
        at += width
    return starts


ORIGIN = datetime(2000, 1, 3, tzinfo=UTC)


def bucket_start(moment: datetime, width: timedelta) -> datetime:
    """The beginning of the bucket that holds `moment`."""
    return moment.astimezone(UTC) - (moment - ORIGIN) % width
