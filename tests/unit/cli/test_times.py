"""Moments as people type them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caesura.cli.times import format_clock, format_moment, format_seconds, parse_moment

NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 23, 14, 2, 7, tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("45m", timedelta(minutes=45)),
        ("45min", timedelta(minutes=45)),
        ("2h", timedelta(hours=2)),
        ("1h30m", timedelta(hours=1, minutes=30)),
        ("90s", timedelta(seconds=90)),
        ("2d", timedelta(days=2)),
    ],
)
def test_a_duration_counts_from_now(text: str, after: timedelta) -> None:
    assert parse_moment(text, now=NOW, zone=NEW_YORK) == NOW + after


def test_a_clock_time_is_the_next_one_where_we_are() -> None:
    assert parse_moment("17:30", now=NOW, zone=NEW_YORK).isoformat() == "2026-11-23T17:30:00-05:00"
    assert parse_moment("9:00", now=NOW, zone=NEW_YORK).isoformat() == "2026-11-24T09:00:00-05:00"
    assert parse_moment("14:02", now=NOW, zone=NEW_YORK).date() == NOW.date() + timedelta(days=1)


def test_tomorrow_at_nine_is_nine_also_when_the_clocks_change_in_between() -> None:
    eve = datetime(2026, 10, 31, 20, 0, tzinfo=NEW_YORK)  # daylight saving ends that night
    assert parse_moment("09:00", now=eve, zone=NEW_YORK).isoformat() == "2026-11-01T09:00:00-05:00"


def test_a_duration_across_the_clock_change_is_real_time() -> None:
    eve = datetime(2026, 10, 31, 20, 0, tzinfo=NEW_YORK)
    then = parse_moment("13h", now=eve, zone=NEW_YORK)
    assert then.astimezone(UTC) - eve.astimezone(UTC) == timedelta(hours=13)
    assert then.isoformat() == "2026-11-01T08:00:00-05:00"


def test_iso_without_a_zone_is_local_and_with_one_is_as_it_says() -> None:
    local = parse_moment("2026-12-01T09:00", now=NOW, zone=NEW_YORK)
    assert local.isoformat() == "2026-12-01T09:00:00-05:00"
    named = parse_moment("2026-12-01T09:00Z", now=NOW, zone=NEW_YORK)
    assert named == datetime(2026, 12, 1, 9, tzinfo=UTC)


@pytest.mark.usefixtures("new_york")
def test_without_a_zone_given_the_machines_own_is_used() -> None:
    now = datetime(2026, 11, 23, 19, 2, 7, tzinfo=UTC)
    assert parse_moment("17:30", now=now).isoformat() == "2026-11-23T17:30:00-05:00"


@pytest.mark.parametrize("text", ["", "soon", "25:00", "12:60", "5", "m", "2026-13-01", "-5m"])
def test_what_is_no_time_is_refused_with_what_would_be_one(text: str) -> None:
    with pytest.raises(ValueError, match="45m, 2h"):
        parse_moment(text, now=NOW, zone=NEW_YORK)


@pytest.mark.parametrize("text", ["0m", "2020-01-01T00:00Z"])
def test_what_is_not_in_the_future_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not in the future"):
        parse_moment(text, now=NOW, zone=NEW_YORK)


@given(
    st.integers(1_577_836_800, 2_051_222_400),  # 2020 to 2035
    st.sampled_from(["17:30", "2:30", "0:00", "45m", "3d", "1h30m"]),
    st.sampled_from(["America/New_York", "Europe/Berlin", "Asia/Kolkata", "Pacific/Apia", "UTC"]),
)
def test_a_moment_is_always_ahead_and_knows_its_zone(at: int, text: str, name: str) -> None:
    zone = ZoneInfo(name)
    now = datetime.fromtimestamp(at, UTC)
    moment = parse_moment(text, now=now, zone=zone)
    assert moment.astimezone(UTC) > now
    assert moment.utcoffset() is not None


def test_times_are_written_with_their_zone() -> None:
    assert format_moment(NOW) == "2026-11-23 14:02:07 EST"
    assert format_clock(NOW, now=NOW) == "14:02:07 EST"
    assert format_clock(NOW, now=NOW + timedelta(days=1)) == "2026-11-23 14:02:07 EST"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "–"), (0, "0.0 s"), (23.04, "23.0 s"), (125, "2 min 05 s"), (11220, "3 h 07 min")],
)
def test_durations_are_written_for_people(seconds: float | None, text: str) -> None:
    assert format_seconds(seconds) == text
