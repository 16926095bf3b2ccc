"""Activity hours against a plain reading of the rule, minute by minute, around clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from caesura.rules.activity_hours import ActivityHours, Weekday, is_open, next_change, opens_at

# Clock changes at 02:00, at 01:00 UTC, at midnight, by half an hour, in the other hemisphere,
# during Ramadan; odd offsets; none at all.
ZONES = (
    "America/Chicago",
    "America/St_Johns",
    "Europe/London",
    "Asia/Beirut",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
    "UTC",
)
MINUTE = timedelta(minutes=1)

times = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
ends = times | st.just("24:00")
windows = st.tuples(times, ends)
weeks = st.dictionaries(st.sampled_from(Weekday), st.lists(windows, max_size=3).map(tuple))
days = st.dates(date(2025, 1, 1), date(2027, 12, 31))
hours = st.builds(
    ActivityHours,
    weekly=weeks,
    closed_dates=st.lists(days, max_size=2).map(tuple),
    holidays=st.sampled_from([(), ("US",), ("DE-BY", "GB")]),
    zone=st.sampled_from(["callee", *ZONES]),
)
keys = st.lists(st.sampled_from(ZONES), min_size=1, max_size=3).map("|".join)


@st.composite
def moments(draw: st.DrawFn) -> datetime:
    """Any moment of three years; often within a day of a clock change."""
    changes = [
        datetime(2026, 3, 8, 8, tzinfo=UTC),
        datetime(2026, 3, 28, 22, tzinfo=UTC),
        datetime(2026, 4, 4, 15, tzinfo=UTC),
        datetime(2026, 4, 23, 22, tzinfo=UTC),
        datetime(2026, 10, 24, 21, tzinfo=UTC),
        datetime(2026, 11, 1, 7, tzinfo=UTC),
    ]
    start = draw(st.sampled_from(changes) | st.just(datetime(2025, 1, 1, tzinfo=UTC)))
    spread = 86400 if start in changes else 3 * 365 * 86400
    return start + timedelta(seconds=draw(st.integers(-86400, spread)))


def plainly_open(given_hours: ActivityHours, key: str, at: datetime) -> bool:
    """The rule as one would read it out, with no preparation and no shortcuts."""
    import holidays

    names = key.split("|") if given_hours.zone == "callee" else [given_hours.zone]
    for name in names:
        local = at.astimezone(ZoneInfo(name))
        wall = f"{local:%H:%M}"
        today = list(Weekday)[local.weekday()]
        yesterday = list(Weekday)[local.weekday() - 1]
        in_todays = any(
            start <= wall and (wall < end or end <= start)
            for start, end in given_hours.weekly.get(today, ())
        )
        in_last_nights = any(
            end <= start and wall < end for start, end in given_hours.weekly.get(yesterday, ())
        )
        closed = local.date() in given_hours.closed_dates
        for code in given_hours.holidays:
            country, _, part = code.partition("-")
            calendar = holidays.country_holidays(country, subdiv=part or None, years=local.year)
            closed = closed or local.date() in calendar
        if closed or not (in_todays or in_last_nights):
            return False
    return True


@settings(deadline=None, max_examples=300)
@given(hours, keys, moments())
def test_open_is_what_a_plain_reading_says(
    given_hours: ActivityHours, key: str, at: datetime
) -> None:
    assert is_open(given_hours, key, at) is plainly_open(given_hours, key, at)


@settings(deadline=None, max_examples=150)
@given(hours, keys, moments())
@example(  # the clock is set forward out of the window, and into it
    ActivityHours(weekly=dict.fromkeys(Weekday, (("01:00", "02:30"),))),
    "America/Chicago",
    datetime(2026, 3, 8, 7, 30, tzinfo=UTC),
)
def test_nothing_changes_before_the_next_change(
    given_hours: ActivityHours, key: str, at: datetime
) -> None:
    before = is_open(given_hours, key, at)
    change = next_change(given_hours, key, at)
    last = at + timedelta(days=2)
    if change is not None:
        assert change > at
        assert change.tzinfo is UTC
        assert is_open(given_hours, key, change) is not before
        assert is_open(given_hours, key, change - timedelta(microseconds=1)) is before
        last = min(last, change - MINUTE)
    moment = at
    while moment <= last:
        assert is_open(given_hours, key, moment) is before
        moment += MINUTE


@settings(deadline=None, max_examples=150)
@given(hours, keys, moments(), st.integers(0, 5 * 86400))
def test_an_answer_does_not_depend_on_what_was_asked_before(
    given_hours: ActivityHours, key: str, at: datetime, later_s: int
) -> None:
    later = at + timedelta(seconds=later_s)
    for moment in (at, later, at):
        fresh = ActivityHours.model_validate(given_hours.model_dump())
        assert next_change(given_hours, key, moment) == next_change(fresh, key, moment)


@settings(deadline=None, max_examples=100)
@given(hours, keys, moments())
def test_it_is_open_when_it_opens(given_hours: ActivityHours, key: str, at: datetime) -> None:
    opening = opens_at(given_hours, key, at)
    if is_open(given_hours, key, at):
        assert opening == at
    elif opening is not None:
        assert opening > at
        assert is_open(given_hours, key, opening)


@settings(deadline=None, max_examples=100)
@given(hours, st.lists(st.sampled_from(ZONES), min_size=1, max_size=3), moments())
def test_several_zones_are_the_intersection(
    given_hours: ActivityHours, zones: list[str], at: datetime
) -> None:
    together = is_open(given_hours, "|".join(zones), at)
    assert together is all(is_open(given_hours, zone, at) for zone in zones)
