"""Moments and durations as people type and read them; `now` is an argument.

Read: "45m", "2h", "1h30m", "2d", "17:30" (the next one, local), and ISO 8601. Written: always with
the zone, because a time without one is a guess.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta, tzinfo

_DURATION = re.compile(r"^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?:in)?)?(?:(\d+)s)?$")
_CLOCK = re.compile(r"^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$")


def parse_moment(text: str, *, now: datetime, zone: tzinfo | None = None) -> datetime:
    """Return the moment that `text` means, aware, in `zone` (None: this machine's).

    A clock time that is past today means tomorrow's. An ISO time without a zone is in `zone`.
    Raises ValueError, with what is accepted, for anything else and for what is not in the future.
    """
    text = text.strip()
    now = now.astimezone(zone)
    duration = _DURATION.match(text)
    if text and duration:
        days, hours, minutes, seconds = (int(part or 0) for part in duration.groups())
        span = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        moment = (now.astimezone(UTC) + span).astimezone(zone)
    elif clock := _CLOCK.match(text):
        hour, minute, second = (int(part or 0) for part in clock.groups())
        at = time(hour, minute, second)
        moment = _in_zone(datetime.combine(now.date(), at), zone)
        if moment <= now:
            moment = _in_zone(datetime.combine(now.date() + timedelta(days=1), at), zone)
    else:
        moment = _parse_iso(text, zone)
    if moment <= now:
        raise ValueError(f"{text!r} is not in the future: that is {format_moment(moment)}.")
    return moment


def _in_zone(wall: datetime, zone: tzinfo | None) -> datetime:
    """The moment at which the clocks of `zone` show `wall`, daylight saving included."""
    return wall.astimezone() if zone is None else wall.replace(tzinfo=zone)


def _parse_iso(text: str, zone: tzinfo | None) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{text!r} is no time. Say 45m, 2h, 1h30m, 17:30, or 2026-12-01T09:00-05:00."
        ) from None
    return moment if moment.tzinfo else _in_zone(moment, zone)


def parse_server_time(text: str) -> datetime:
    """Read an RFC 3339 time of the API (always with a zone). Raises ValueError if it is none."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} names no zone")
    return moment


def format_moment(moment: datetime, *, seconds: bool = True) -> str:
    """`2026-11-23 17:30:00 CET`: in the moment's own zone, which is named."""
    return moment.strftime("%Y-%m-%d %H:%M:%S %Z" if seconds else "%Y-%m-%d %H:%M %Z").rstrip()


def format_clock(moment: datetime, *, now: datetime) -> str:
    """`17:30:00 CET` if it is the day of `now`, else with its date."""
    if moment.date() == now.astimezone(moment.tzinfo).date():
        return moment.strftime("%H:%M:%S %Z").rstrip()
    return format_moment(moment)


def format_seconds(seconds: float | None) -> str:
    """A duration for people: `23.4 s`, `2 min 05 s`, `3 h 07 min`; a dash for none."""
    if seconds is None:
        return "–"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min"


def format_milliseconds(seconds: float) -> str:
    """A short duration: `9 ms`, `1.25 s`."""
    return f"{seconds * 1000:.0f} ms" if abs(seconds) < 1 else f"{seconds:.2f} s"
