"""A shift like those of a campaign: its calls, as the API shows them, made into a description.

Answer rate by the hour, and the lengths of ringing, conversations and wrap-ups as they were, drawn
at random: no distribution is fitted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from caesura.errors import Conflict
from caesura.simulate.shift import LENGTH_S_MAX

CALLS = 20_000  # the newest, of which to learn
WRAP_UPS = 1000
CALLS_MIN = 50
_ANSWERED_MIN = 10
_WRAP_UPS_MIN = 10
_HOUR_MIN = 30  # calls, for an hour to have a rate of its own
_SAMPLES_MAX = 1000
_DECIMALS = 4

Json = dict[str, Any]


class TooLittleHistory(Conflict):
    """There are too few calls to learn from."""

    slug = "too-little-history"


def like(
    campaign: Mapping[str, Any],
    settings: Mapping[str, Any],
    calls: Iterable[Mapping[str, Any]],
    wrap_ups: Sequence[float],
    zone: tzinfo,
) -> Json:
    """The description of a shift with that campaign's people, list and settings.

    `campaign` and `settings` are as the API shows them; `wrap_ups` in seconds. Raises
    TooLittleHistory.
    """
    learnt = learn(calls, zone) | {"name": f"like {campaign['name']}"}
    if len(wrap_ups) >= _WRAP_UPS_MIN:
        learnt["wrap_s"] = {"samples": _samples(wrap_ups)}
    learnt["ring_timeout_s"] = settings["ring_timeout_s"]
    counts = campaign.get("leads") or {}
    left = sum(int(counts.get(name) or 0) for name in ("due", "waiting", "in_progress"))
    if left:
        learnt["leads"] = left
    pacing = settings.get("pacing") or {}
    named = {"abandonment_max": "abandonment_max", "wait_s": "connect_within_s"}
    return learnt | {ours: pacing[name] for ours, name in named.items() if name in pacing}


def learn(calls: Iterable[Mapping[str, Any]], zone: tzinfo) -> Json:
    """Answer rates, ringing and conversations of `calls`; hours are those of `zone`.

    Raises TooLittleHistory.
    """
    made: Counter[int] = Counter()
    answered: Counter[int] = Counter()
    ringing: list[float] = []
    talking: list[float] = []
    for call in calls:
        launched = _moment(call.get("launched_at"))
        if launched is None or call.get("ended_at") is None or call.get("outcome") == "cancelled":
            continue  # of what we cancelled, nobody knows whether they would have answered
        hour = launched.astimezone(zone).hour
        made[hour] += 1
        picked_up = _moment(call.get("answered_at"))
        if picked_up is not None:
            answered[hour] += 1
            ringing.append((picked_up - launched).total_seconds())
            if call.get("duration_s"):
                talking.append(float(call["duration_s"]))
    if made.total() < CALLS_MIN or len(talking) < _ANSWERED_MIN:
        raise TooLittleHistory(
            f"There is too little to learn from: {made.total()} calls that ended, "
            f"{len(talking)} conversations. It takes {CALLS_MIN} and {_ANSWERED_MIN}.",
            calls=made.total(),
            conversations=len(talking),
        )
    return {
        "answer_rate": _by_hour(made, answered),
        "ring_s": {"samples": _samples(ringing)},
        "talk_s": {"samples": _samples(talking)},
    }


def _by_hour(made: Counter[int], answered: Counter[int]) -> list[Json]:
    """The rate of all for the hours with too few calls, their own for the others."""
    mean = round(answered.total() / made.total(), _DECIMALS)
    rates: list[Json] = [{"at": 0, "rate": mean}]
    for hour in range(24):
        known = made[hour] >= _HOUR_MIN
        rate = round(answered[hour] / made[hour], _DECIMALS) if known else mean
        if rate != rates[-1]["rate"]:
            rates.append({"at": hour * 3600, "rate": rate})
    return rates


def _samples(lengths: Sequence[float]) -> list[float]:
    """As many as are needed to draw from: where there are more, evenly spaced ones by length."""
    lengths = [round(min(LENGTH_S_MAX, max(0.0, each)), 2) for each in lengths]
    if len(lengths) <= _SAMPLES_MAX:
        return lengths
    ordered, step = sorted(lengths), len(lengths) / _SAMPLES_MAX
    return [ordered[int((rank + 0.5) * step)] for rank in range(_SAMPLES_MAX)]


def _moment(moment: Any) -> datetime | None:
    return datetime.fromisoformat(moment) if isinstance(moment, str) else moment
