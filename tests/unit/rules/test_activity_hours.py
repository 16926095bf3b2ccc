"""Activity hours, case by case: the callee's clock, clock changes, holidays, unknown zones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from caesura.errors import Invalid
from caesura.rules.activity_hours import (
    ActivityHours,
    Weekday,
    is_open,
    is_zone_key,
    next_change,
    opens_at,
    preset,
)

CHICAGO = "America/Chicago"


def local(text: str, zone: str = CHICAGO, fold: int = 0) -> datetime:
    """In UTC: Python finds a time that comes twice unequal to any of another zone (PEP 495)."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def hours(**settings: object) -> ActivityHours:
    return ActivityHours.model_validate(settings)


def every_day(*windows: tuple[str, str]) -> dict[str, list[tuple[str, str]]]:
    return {day.value: list(windows) for day in Weekday}


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-23T07:59:59.999999", False),
        ("2026-11-23T08:00:00", True),
        ("2026-11-23T20:59:59.999999", True),
        ("2026-11-23T21:00:00", False),
        ("2026-11-29T12:00:00", True),  # a Sunday
    ],
)
def test_the_default_is_the_us_rule_with_an_exclusive_end(at: str, expected: bool) -> None:
    assert is_open(ActivityHours(), CHICAGO, local(at)) is expected


def test_it_is_the_callees_clock_that_counts() -> None:
    at = local("2026-11-23T08:30", "America/New_York")  # 07:30 in Chicago
    assert is_open(ActivityHours(), "America/New_York", at)
    assert not is_open(ActivityHours(), CHICAGO, at)


def test_now_may_be_told_in_any_zone() -> None:
    tokyo = local("2026-11-23T08:00").astimezone(ZoneInfo("Asia/Tokyo"))
    assert is_open(ActivityHours(), CHICAGO, tokyo)
    assert next_change(ActivityHours(), CHICAGO, tokyo) == local("2026-11-23T21:00")


def test_a_fixed_zone_is_everybodys_clock() -> None:
    fixed = hours(zone="Asia/Kolkata")
    at = local("2026-11-23T09:00", "Asia/Kolkata")
    assert is_open(fixed, CHICAGO, at)
    assert next_change(fixed, CHICAGO, at) == local("2026-11-23T21:00", "Asia/Kolkata")


def test_a_weekday_without_windows_is_closed_all_day() -> None:
    mondays = hours(weekly={"mon": [["09:00", "17:00"]]})
    assert is_open(mondays, CHICAGO, local("2026-11-23T12:00"))
    assert not is_open(mondays, CHICAGO, local("2026-11-24T12:00"))
    assert next_change(mondays, CHICAGO, local("2026-11-23T17:00")) == local("2026-11-30T09:00")


def test_a_window_may_cross_midnight_and_the_end_of_the_week() -> None:
    nights = hours(weekly={"sun": [["22:00", "02:00"]]})
    assert is_open(nights, CHICAGO, local("2026-11-29T22:00"))
    assert is_open(nights, CHICAGO, local("2026-11-30T01:59"))  # Monday
    assert not is_open(nights, CHICAGO, local("2026-11-30T02:00"))
    assert not is_open(nights, CHICAGO, local("2026-11-29T01:00"))  # Saturday has none
    assert next_change(nights, CHICAGO, local("2026-11-29T23:00")) == local("2026-11-30T02:00")


@pytest.mark.parametrize("window", [("00:00", "24:00"), ("00:00", "00:00")])
def test_a_whole_day_is_written_either_way(window: tuple[str, str]) -> None:
    whole = hours(weekly={"mon": [window]})
    assert is_open(whole, CHICAGO, local("2026-11-23T00:00"))
    assert is_open(whole, CHICAGO, local("2026-11-23T23:59:59"))
    assert not is_open(whole, CHICAGO, local("2026-11-24T00:00"))
    assert next_change(whole, CHICAGO, local("2026-11-23T12:00")) == local("2026-11-24T00:00")


def test_windows_that_touch_or_overlap_are_one() -> None:
    touching = hours(weekly=every_day(("08:00", "12:00"), ("12:00", "14:00"), ("13:00", "18:00")))
    assert next_change(touching, CHICAGO, local("2026-11-23T09:00")) == local("2026-11-23T18:00")


def test_open_all_week_never_changes_except_for_closed_days() -> None:
    whole_week = every_day(("00:00", "24:00"))
    assert next_change(hours(weekly=whole_week), CHICAGO, local("2026-11-23T09:00")) is None
    closing = hours(weekly=whole_week, closed_dates=["2026-12-25"])
    assert next_change(closing, CHICAGO, local("2026-11-23T09:00")) == local("2026-12-25T00:00")
    assert next_change(closing, CHICAGO, local("2026-12-25T09:00")) == local("2026-12-26T00:00")


def test_always_is_open_at_any_time_and_never_changes() -> None:
    always = hours(always=True, weekly={})
    assert is_open(always, CHICAGO, local("2026-11-23T03:00"))
    assert next_change(always, CHICAGO, local("2026-11-23T03:00")) is None


def test_hours_without_a_window_never_open() -> None:
    never = hours(weekly={})
    assert not is_open(never, CHICAGO, local("2026-11-23T12:00"))
    assert next_change(never, CHICAGO, local("2026-11-23T12:00")) is None
    assert opens_at(never, CHICAGO, local("2026-11-23T12:00")) is None


def test_a_change_beyond_the_horizon_is_found_once_it_comes_near() -> None:
    whole_week = every_day(("00:00", "24:00"))
    far = hours(weekly=whole_week, closed_dates=["2028-01-10"])  # 413 days after the first asking
    assert next_change(far, CHICAGO, local("2026-11-23T12:00")) is None
    assert next_change(far, CHICAGO, local("2026-12-20T12:00")) == local("2028-01-10T00:00")


def test_a_changed_copy_answers_by_the_change() -> None:
    at = local("2026-11-23T12:00")
    asked = ActivityHours()
    assert is_open(asked, CHICAGO, at)
    assert not is_open(asked.model_copy(update={"weekly": {}}), CHICAGO, at)


# ----------------------------------------------------------------------------- clock changes


def test_an_hour_that_the_clock_skips_shortens_the_window() -> None:
    # 2026-03-08 in Chicago: 02:00 becomes 03:00. A window from 02:30 opens when the clock is set.
    early = hours(weekly=every_day(("02:30", "05:00")))
    before = local("2026-03-08T01:59:59")
    assert not is_open(early, CHICAGO, before)
    assert next_change(early, CHICAGO, before) == local("2026-03-08T03:00")
    assert is_open(early, CHICAGO, before + timedelta(seconds=1))


def test_a_window_within_the_skipped_hour_does_not_open_that_day() -> None:
    within = hours(weekly=every_day(("02:15", "02:45")))
    before = local("2026-03-08T01:00")
    assert next_change(within, CHICAGO, before) == local("2026-03-09T02:15")


def test_an_hour_that_comes_twice_is_judged_alike_twice() -> None:
    # 2026-11-01 in Chicago: 02:00 becomes 01:00 again.
    night = hours(weekly=every_day(("01:15", "01:45")))
    first, second = local("2026-11-01T01:15"), local("2026-11-01T01:15", fold=1)
    assert second - first == timedelta(hours=1)
    assert is_open(night, CHICAGO, first)
    assert is_open(night, CHICAGO, second)
    assert next_change(night, CHICAGO, first) == local("2026-11-01T01:45")
    assert next_change(night, CHICAGO, local("2026-11-01T01:45")) == second
    assert next_change(night, CHICAGO, second) == local("2026-11-01T01:45", fold=1)


def test_setting_the_clock_back_can_open_a_window_again() -> None:
    to_half_past_one = hours(weekly=every_day(("00:30", "01:30")))
    closes = local("2026-11-01T01:30")
    assert next_change(to_half_past_one, CHICAGO, local("2026-11-01T01:00")) == closes
    reopens = local("2026-11-01T01:00", fold=1)
    assert next_change(to_half_past_one, CHICAGO, closes) == reopens


def test_a_clock_set_at_midnight_is_no_trouble() -> None:
    # Beirut, 2026-03-29: 00:00 becomes 01:00; there is no midnight.
    from_midnight = hours(weekly=every_day(("00:00", "02:00")))
    before = local("2026-03-28T23:59", "Asia/Beirut")
    assert next_change(from_midnight, "Asia/Beirut", before) == local(
        "2026-03-29T01:00", "Asia/Beirut"
    )


def test_the_same_wall_time_is_another_moment_after_the_clock_change() -> None:
    friday, monday = local("2026-03-06T08:00"), local("2026-03-09T08:00")
    assert (friday.hour, monday.hour) == (14, 13)
    for day in (friday, monday):
        assert opens_at(ActivityHours(), CHICAGO, day - timedelta(hours=1)) == day


# ------------------------------------------------------------------------------ unknown zones


def test_several_candidate_zones_are_open_only_together() -> None:
    key = "America/New_York|America/Los_Angeles"
    at = local("2026-11-23T08:00", "America/New_York")
    assert not is_open(ActivityHours(), key, at)
    opening = local("2026-11-23T08:00", "America/Los_Angeles")
    assert opens_at(ActivityHours(), key, at) == opening
    assert is_open(ActivityHours(), key, opening)
    assert next_change(ActivityHours(), key, opening) == local(
        "2026-11-23T21:00", "America/New_York"
    )


def test_candidates_that_are_never_open_together_never_open() -> None:
    short = hours(weekly=every_day(("09:00", "10:00")))
    key = "Asia/Tokyo|America/Chicago"
    assert opens_at(short, key, local("2026-11-23T09:30")) is None


@pytest.mark.parametrize("key", ["", "|", "Chicago", "America/Chicago|", "/etc/passwd", "../UTC"])
def test_a_key_that_names_no_zone_is_refused(key: str) -> None:
    assert not is_zone_key(key)
    with pytest.raises(Invalid):
        is_open(ActivityHours(), key, local("2026-11-23T12:00"))
    with pytest.raises(Invalid):
        next_change(ActivityHours(), key, local("2026-11-23T12:00"))


def test_a_time_without_a_zone_is_refused() -> None:
    naive = datetime(2026, 11, 23, 12)  # noqa: DTZ001
    with pytest.raises(ValueError, match="aware"):
        is_open(ActivityHours(), CHICAGO, naive)
    with pytest.raises(ValueError, match="aware"):
        next_change(ActivityHours(), CHICAGO, naive)


# ---------------------------------------------------------------------------------- holidays


def test_a_public_holiday_is_closed_by_the_callees_date() -> None:
    us = hours(holidays=["US"])
    thanksgiving = local("2026-11-26T12:00")
    assert is_open(ActivityHours(), CHICAGO, thanksgiving)
    assert not is_open(us, CHICAGO, thanksgiving)
    assert next_change(us, CHICAGO, local("2026-11-25T21:00")) == local("2026-11-27T08:00")
    # New Year's Day has begun in Kiritimati while it is still the last day of the year in Chicago.
    new_year = local("2027-01-01T09:00", "Pacific/Kiritimati")
    assert not is_open(us, "Pacific/Kiritimati", new_year)
    assert is_open(us, CHICAGO, new_year)  # 13:00 on 31 December


def test_a_subdivisions_holidays_are_its_own() -> None:
    epiphany = local("2026-01-06T12:00", "Europe/Berlin")  # in Bavaria, not in Berlin
    assert not is_open(hours(holidays=["DE-BY"]), "Europe/Berlin", epiphany)
    assert is_open(hours(holidays=["DE-BE"]), "Europe/Berlin", epiphany)
    assert is_open(hours(holidays=["DE"]), "Europe/Berlin", epiphany)


def test_a_closed_day_also_ends_the_window_of_the_night_before() -> None:
    nights = hours(weekly=every_day(("22:00", "02:00")), closed_dates=["2026-12-25"])
    eve = local("2026-12-24T23:00")
    assert is_open(nights, CHICAGO, eve)
    assert next_change(nights, CHICAGO, eve) == local("2026-12-25T00:00")
    assert next_change(nights, CHICAGO, local("2026-12-25T00:00")) == local("2026-12-26T00:00")


# --------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    "settings",
    [
        {"zone": "Chicago"},
        {"holidays": ["XX"]},
        {"holidays": ["US-XX"]},
        {"holidays": ["us"]},
        {"holidays": ["US-"]},
        {"weekly": {"monday": [["08:00", "21:00"]]}},
        {"weekly": {"mon": [["8:00", "21:00"]]}},
        {"weekly": {"mon": [["08:00", "24:01"]]}},
        {"weekly": {"mon": [["08:00", "21:60"]]}},
        {"weekly": {"mon": [["24:00", "08:00"]]}},
        {"weekly": {"mon": [["08:00"]]}},
        {"closed_dates": ["2026-02-30"]},
        {"always": True, "holidays": ["US"]},
        {"allways": True},
    ],
)
def test_what_cannot_be_meant_is_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ActivityHours.model_validate(settings)


# ----------------------------------------------------------------------------------- presets


@pytest.mark.parametrize("name", ["us", "us_strict", "uk", "in", "always"])
def test_every_preset_survives_being_stored(name: str) -> None:
    stored = preset(name).model_dump_json()
    assert ActivityHours.model_validate_json(stored) == preset(name)


def test_the_us_preset_is_the_default() -> None:
    assert preset("us") == ActivityHours()


@pytest.mark.parametrize(
    ("name", "zone", "opens", "closes"),
    [
        ("us", CHICAGO, "2026-11-23T08:00", "2026-11-23T21:00"),
        ("us_strict", CHICAGO, "2026-11-23T10:00", "2026-11-23T17:00"),
        ("uk", "Europe/London", "2026-11-23T09:00", "2026-11-23T20:00"),
        ("in", "Asia/Kolkata", "2026-11-23T10:00", "2026-11-23T21:00"),
    ],
)
def test_presets_open_and_close_at_their_rules_hours(
    name: str, zone: str, opens: str, closes: str
) -> None:
    midnight = local("2026-11-23T00:00", zone)
    assert opens_at(preset(name), zone, midnight) == local(opens, zone)
    assert next_change(preset(name), zone, local(opens, zone)) == local(closes, zone)


def test_the_strict_us_preset_rests_at_weekends_and_on_federal_holidays() -> None:
    strict = preset("us_strict")
    for day in (date(2026, 11, 28), date(2026, 11, 29), date(2026, 11, 26)):
        assert not is_open(strict, CHICAGO, local(f"{day}T12:00"))


def test_an_unknown_preset_names_those_that_exist() -> None:
    with pytest.raises(Invalid, match="us_strict"):
        preset("mars")
