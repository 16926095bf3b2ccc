"""The shifts that pacing is measured by: 3 to 500 agents, 10-60 % answered, talks of 23 to 300 s.

The large ones are short, because an hour of five hundred agents is as many calls as a week of five.
"""

from __future__ import annotations

from typing import Any

from caesura.simulate.shift import Shift, shift_of

LUNCH = {"at": "12:00", "minutes": 30}


def _shift(name: str, agents: int, rate: Any, talk_s: float, hours: float, **more: Any) -> Shift:
    document = {
        "name": name,
        "groups": [{"agents": agents}],
        "answer_rate": rate,
        "talk_s": talk_s,
        "wrap_s": 15,
        "hours": hours,
    }
    return shift_of(document | more, name)


def _from(at: str, rate: float) -> dict[str, Any]:
    return {"at": at, "rate": rate}


SCENARIOS = [
    _shift("3 agents", 3, 0.3, 180, 8),
    _shift("5 agents", 5, 0.2, 90, 8),
    _shift("10 agents", 10, 0.25, 120, 6),
    _shift("20 agents, lunch", 20, 0.25, 120, 6, groups=[{"agents": 20, "breaks": [LUNCH]}]),
    _shift("30 agents, 10 %, 23 s", 30, 0.1, 23, 3, wrap_s=7),
    _shift("30 agents, 25 %, 60 s", 30, 0.25, 60, 4),
    _shift("30 agents, 60 %, 300 s", 30, 0.6, 300, 5),
    _shift("50 agents, 20 %, 120 s", 50, 0.2, 120, 3),
    _shift(
        "60 agents, rising 10 to 40 %",
        *(60, [_from("09:00", 0.1), _from("12:00", 0.4)], 120, 3),
        drifts=True,
    ),
    _shift(
        "60 agents, falling 50 to 15 %",
        *(60, [_from("09:00", 0.5), _from("12:00", 0.15)], 120, 3),
        drifts=True,
    ),
    _shift("60 agents, jumps 15 to 45 %", 60, [_from("09:00", 0.15), _from("10:30", 0.45)], 120, 3),
    _shift(
        "80 agents, half leave",
        *(80, 0.25, 90, 3),
        groups=[{"agents": 40}, {"agents": 40, "logout": "10:30", "late_s": 300}],
    ),
    _shift(
        "60 agents, carrier unwell",
        *(60, 0.3, 90, 3),
        troubles=[{"at": "10:00", "minutes": 30, "fails": 0.6, "delay_s": 4}],
    ),
    _shift("100 agents, 15 %, 45 s", 100, 0.15, 45, 2),
    _shift("200 agents, 30 %, 150 s", 200, 0.3, 150, 2),
    _shift("500 agents, 25 %, 120 s", 500, 0.25, 120, 1),
    _shift("500 agents, 60 %, 23 s", 500, 0.6, 23, 0.5, wrap_s=7),
]
