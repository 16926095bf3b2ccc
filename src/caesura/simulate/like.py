"""A shift like those of a campaign: its calls, as the API shows them, made into a description.

Answer rate by the hour, and the lengths of ringing and of conversations as they were, drawn at
random: no distribution is fitted. What the journal does not tell (agents, wrap-up) stays as given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from typing import Any

from caesura.errors import Invalid

CALLS_MIN = 50
_ANSWERED_MIN = 10
_HOUR_MIN = 30  # calls, for an hour to have a rate of its own
_SAMPLES_MAX = 5000
_DECIMALS = 4

Json = dict[str, Any]


def learn(calls: Iterable[Mapping[str, Any]], zone: tzinfo | None) -> Json:
    """Answer rates, ringing and conversations of `calls`; hours are those of `zone`.

    Raises Invalid if there are too few to learn from.
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
            ringing.append(max(0.0, (picked_up - launched).total_seconds()))
            if call.get("duration_s"):
                talking.append(float(call["duration_s"]))
    if made.total() < CALLS_MIN or len(talking) < _ANSWERED_MIN:
        raise Invalid(
            f"There is too little to learn from: {made.total()} calls that ended, "
            f"{len(talking)} conversations. It takes {CALLS_MIN} and {_ANSWERED_MIN}."
        )
    return {
        "answer_rate": _by_hour(made, answered),
        "ring_s": {"samples": [round(each, 2) for each in ringing[:_SAMPLES_MAX]]},
        "talk_s": {"samples": [round(each, 2) for each in talking[:_SAMPLES_MAX]]},
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


def _moment(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None
