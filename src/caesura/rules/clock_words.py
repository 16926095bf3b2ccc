"""Times in sentences for people, by the clock of a zone that is named. Pure."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo


def time_in(at: datetime, zone: str, now: datetime) -> str:
    """As "09:00 in Chicago (America/Chicago)", with the day where it is not today there."""
    local = at.astimezone(ZoneInfo(zone))
    days = (local.date() - now.astimezone(local.tzinfo).date()).days
    clock = f"{local:%H:%M}"
    if 1 <= days < 7:
        clock = f"{local:%A} {clock}"
    elif days != 0:
        clock = f"{local.day} {local:%B %Y} {clock}"
    return f"{clock} {place(zone)}"


def date_and_time(at: datetime, zone: str) -> str:
    """As "on 2 March 2026 at 09:00 in Chicago (America/Chicago)"."""
    local = at.astimezone(ZoneInfo(zone))
    return f"on {local.day} {local:%B %Y} at {local:%H:%M} {place(zone)}"


def place(zone: str) -> str:
    """The city that an IANA name ends with; zones as UTC or Etc/GMT+5 have none."""
    if "/" not in zone or zone.startswith("Etc/"):
        return f"({zone})"
    return f"in {zone.rsplit('/', 1)[1].replace('_', ' ')} ({zone})"


def seconds(span_s: float) -> str:
    """As "45 s", "12 min", "3 h": the size is what matters."""
    if span_s < 120:
        return f"{span_s:.0f} s"
    minutes = round(span_s / 60)
    return f"{minutes} min" if minutes < 120 else f"{round(minutes / 60)} h"
