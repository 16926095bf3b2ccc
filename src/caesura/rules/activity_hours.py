"""When a campaign may reach people: weekly windows, holidays, in the callee's own time zone.

What it is not: a campaign's start and end dates (caesura.rules.refusal asks for those), nor advice.
The default is 47 CFR 64.1200(c)(1): not before 08:00 nor after 21:00 local time at the called
party's location; every figure is a setting, and counsel confirms it.

Everything is judged by the wall clock at the callee. A moment is open if its local time lies in a
window and its local date is not closed, so that a day with 23 or 25 hours needs no rule of its
own: an hour that the clock skips never comes, an hour that comes twice is judged alike twice.
Where the zone of a number is unknown, the key names several candidates joined by '|', and open
means open in every one of them.

Pure: the time comes as an argument. Answers are kept only where asking again gives the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from caesura.errors import Invalid

CALLEE = "callee"  # the value of `zone` that means: where the callee is
HORIZON = timedelta(days=400)  # how far ahead `next_change` looks
_DAY_MINUTES = 24 * 60


class Weekday(StrEnum):
    """ISO 8601 order: `list(Weekday)[date.weekday()]`."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


LocalTime = Annotated[str, Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
Window = tuple[LocalTime, LocalTime]  # start, end (exclusive); end <= start crosses midnight


def _every_day(start: str, end: str) -> dict[Weekday, tuple[Window, ...]]:
    return dict.fromkeys(Weekday, ((start, end),))


class ActivityHours(BaseModel):
    """Weekly windows, the zone whose clock they are read by, and the days that are closed.

    The default is the rule of 47 CFR 64.1200(c)(1), every day: 08:00-21:00 at the callee's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    # Weekday -> windows that start on it; a day left out has none. Windows may touch or overlap.
    weekly: dict[Weekday, tuple[Window, ...]] = Field(
        default_factory=lambda: _every_day("08:00", "21:00")
    )
    zone: str = CALLEE  # "callee", or one IANA name for everybody
    # ISO 3166-1 country, or ISO 3166-2 with subdivision ("US-CA"): public holidays are closed
    holidays: tuple[str, ...] = ()
    closed_dates: tuple[date, ...] = ()  # local dates, 00:00 to 24:00
    always: bool = False  # every moment is open; `weekly` is not looked at

    @field_validator("weekly")
    @classmethod
    def _starts_within_day(
        cls, value: dict[Weekday, tuple[Window, ...]]
    ) -> dict[Weekday, tuple[Window, ...]]:
        for day, windows in value.items():
            if any(start == "24:00" for start, _ in windows):
                raise ValueError(f"a window of {day} starts at 24:00: write 00:00 of the next day")
        return value

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        if value != CALLEE and not is_zone_key(value):
            raise ValueError(f"{value!r} is neither 'callee' nor an IANA time zone")
        return value

    @field_validator("holidays")
    @classmethod
    def _holidays_known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for code in value:
            if not _known_holidays(code):
                raise ValueError(f"no holidays known for {code!r}: use a code as US or US-CA")
        return value

    @model_validator(mode="after")
    def _always_is_always(self) -> ActivityHours:
        if self.always and (self.holidays or self.closed_dates):
            raise ValueError("always open leaves no room for holidays or closed_dates")
        return self

    @cached_property
    def _plan(self) -> _Plan:
        return _Plan.of(self)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """As pydantic's; the copy prepares for asking anew, as `update` may change anything."""
        copied = super().model_copy(update=update, deep=deep)
        copied.__dict__.pop("_plan", None)
        return copied


# ------------------------------------------------------------------------------------- questions


def is_open(hours: ActivityHours, zone_key: str, now: datetime) -> bool:
    """Whether people whose lead has `zone_key` may be reached at `now` (aware).

    The end of a window is exclusive: at 21:00:00 sharp a window to 21:00 is closed.
    Raises Invalid for a key that names no time zone.
    """
    zones = _zones(hours, zone_key)
    return _open(hours, zones, _utc(now))


def next_change(hours: ActivityHours, zone_key: str, now: datetime) -> datetime | None:
    """The first moment after `now` at which `is_open` answers otherwise, in UTC.

    Looks 400 days ahead, counted from the start of the UTC day of `now`; None if nothing changes
    by then. Raises Invalid for a key that names no time zone.
    """
    zones = _zones(hours, zone_key)
    at = _utc(now)
    if not hours._plan.ever_changes:
        return None
    known = hours._plan.answers.get(zones)
    if known is not None and known.holds(at):
        return known.change
    change = _find_change(hours, zones, at)
    if len(hours._plan.answers) >= 1024:
        hours._plan.answers.clear()
    hours._plan.answers[zones] = _Answer(at, change)
    return change


def opens_at(hours: ActivityHours, zone_key: str, now: datetime) -> datetime | None:
    """`now` itself if it is open, else the next opening (UTC), None if none within 400 days."""
    if is_open(hours, zone_key, now):
        return now
    return next_change(hours, zone_key, now)


def is_zone_key(text: str) -> bool:
    """Whether `text` is an IANA zone, or several joined by '|'."""
    try:
        _split(text)
    except Invalid:
        return False
    return True


# --------------------------------------------------------------------------------------- presets


def preset(name: str) -> ActivityHours:
    """Hours that a rule or habit suggests; docs/regulations.md has the sources.

    - us: 08:00-21:00 every day, 47 CFR 64.1200(c)(1), 16 CFR 310.4(c).
    - us_strict: what every US state's own window allows at once: not before 10 (KY), not after 17
      nor at weekends (ME, automated calls), and not on federal holidays.
    - uk: Ofcom names no hours; a cautious habit, 09:00-20:00, not on Sundays and bank holidays.
    - in: 10:00-21:00 IST: the sources of TRAI's rule conflict (from 9, from 10); both allow this.
    - always: no limit. For messages that no rule on hours covers, and for practice.

    Raises Invalid for another name.
    """
    try:
        return _presets()[name]
    except KeyError:
        known = ", ".join(_presets())
        raise Invalid(f"There are no hours {name!r}; there are: {known}.", field="hours") from None


@lru_cache(maxsize=1)
def _presets() -> dict[str, ActivityHours]:
    workdays = (Weekday.MON, Weekday.TUE, Weekday.WED, Weekday.THU, Weekday.FRI)
    return {
        "us": ActivityHours(),
        "us_strict": ActivityHours(
            weekly=dict.fromkeys(workdays, (("10:00", "17:00"),)), holidays=("US",)
        ),
        "uk": ActivityHours(
            weekly=dict.fromkeys((*workdays, Weekday.SAT), (("09:00", "20:00"),)),
            holidays=("GB-ENG", "GB-NIR", "GB-SCT", "GB-WLS"),
        ),
        "in": ActivityHours(weekly=_every_day("10:00", "21:00"), zone="Asia/Kolkata"),
        "always": ActivityHours(always=True),
    }


# ---------------------------------------------------------------------------------------- inside

_Segment = tuple[int, int]  # minutes of the local day, end exclusive
_Zones = tuple[ZoneInfo, ...]


@dataclass(frozen=True)
class _Answer:
    """What `next_change` found at `asked`; it holds until that change comes."""

    asked: datetime
    change: datetime | None

    def holds(self, now: datetime) -> bool:
        if self.change is None:  # the horizon moves with the UTC day
            return now >= self.asked and now.date() == self.asked.date()
        return self.asked <= now < self.change


@dataclass
class _Plan:
    """ActivityHours made ready for asking: windows as minutes of each local day."""

    by_weekday: tuple[tuple[_Segment, ...], ...]  # Monday first; sorted
    closed: frozenset[date]
    ever_changes: bool
    answers: dict[_Zones, _Answer] = field(default_factory=dict)

    @staticmethod
    def of(hours: ActivityHours) -> _Plan:
        days: list[list[_Segment]] = [[] for _ in Weekday]
        for index, weekday in enumerate(Weekday):
            for window in hours.weekly.get(weekday, ()):
                start, end = (_minutes(text) for text in window)
                if end > start:
                    days[index].append((start, end))
                else:  # crosses midnight
                    days[index].append((start, _DAY_MINUTES))
                    days[(index + 1) % 7].append((0, end))
        return _Plan(
            by_weekday=tuple(tuple(sorted(day)) for day in days),
            closed=frozenset(hours.closed_dates),
            ever_changes=not hours.always and any(days),
        )


def _minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def _utc(now: datetime) -> datetime:
    if now.tzinfo is None:
        raise ValueError("now must be an aware datetime")
    return now.astimezone(UTC)


def _zones(hours: ActivityHours, zone_key: str) -> _Zones:
    return _split(zone_key if hours.zone == CALLEE else hours.zone)


@lru_cache(maxsize=4096)
def _split(zone_key: str) -> _Zones:
    try:
        return tuple(ZoneInfo(name) for name in dict.fromkeys(zone_key.split("|")))
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        raise Invalid(f"{zone_key!r} names no IANA time zone.", field="zone") from None


def _open(hours: ActivityHours, zones: _Zones, at: datetime) -> bool:
    return hours.always or all(_open_locally(hours, at.astimezone(zone)) for zone in zones)


def _open_locally(hours: ActivityHours, local: datetime) -> bool:
    minute = local.hour * 60 + local.minute
    segments = hours._plan.by_weekday[local.weekday()]
    if not any(start <= minute < end for start, end in segments):
        return False
    return not _is_closed(hours, local.date())


def _is_closed(hours: ActivityHours, day: date) -> bool:
    if day in hours._plan.closed:
        return True
    return any(day in _holidays(code, day.year) for code in hours.holidays)


def _find_change(hours: ActivityHours, zones: _Zones, now: datetime) -> datetime | None:
    before = _open(hours, zones, now)
    midnight = datetime.combine(now.date(), time(), UTC)
    for offset in range(HORIZON.days + 1):
        day = midnight + timedelta(days=offset)
        edges = {edge for zone in zones for edge in _edges(hours, zone, day)}
        for edge in sorted(edges):
            if edge > now and _open(hours, zones, edge) is not before:
                return edge
    return None


def _edges(hours: ActivityHours, zone: ZoneInfo, day: datetime) -> Iterator[datetime]:
    """Every moment of the UTC day that starts at `day` where the answer in `zone` may change.

    These are the moments when the wall clock shows a window's start or end or midnight (twice
    where the clock is set back), and those when the clock is set.
    """
    end = day + timedelta(days=1)
    for local_date in (day.date() + timedelta(days=n) for n in (-1, 0, 1)):
        segments = hours._plan.by_weekday[local_date.weekday()]
        walls = {0, *(minute for segment in segments for minute in segment)}
        for wall in walls - {_DAY_MINUTES}:  # that is the next date's 0
            clock = time(wall // 60, wall % 60)
            for fold in (0, 1):
                shown = datetime.combine(local_date, clock.replace(fold=fold), zone)
                edge = shown.astimezone(UTC)
                if day <= edge < end:
                    yield edge
    if day.astimezone(zone).utcoffset() != end.astimezone(zone).utcoffset():
        yield _clock_set(zone, day, end)


def _clock_set(zone: ZoneInfo, early: datetime, late: datetime) -> datetime:
    """The second in (early, late] from which `zone` has the UTC offset that it has at `late`."""
    target = late.astimezone(zone).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = (early + (late - early) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == target:
            late = middle
        else:
            early = middle
    return late


@lru_cache(maxsize=1024)
def _holidays(code: str, year: int) -> frozenset[date]:
    import holidays  # slow to import, and most campaigns name none

    country, _, subdivision = code.partition("-")
    return frozenset(holidays.country_holidays(country, subdiv=subdivision or None, years=year))


@lru_cache(maxsize=1024)
def _known_holidays(code: str) -> bool:
    import holidays

    country, dash, subdivision = code.partition("-")
    supported = holidays.list_supported_countries(include_aliases=False)
    if country not in supported:
        return False
    return subdivision in supported[country] if dash else True
