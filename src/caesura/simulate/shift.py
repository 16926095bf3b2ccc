"""The description of a shift: who works when, how people answer, how long things take.

It comes as a document (a file, the body of a request), or from flags, or is learnt from the calls
of a campaign (like.py).
Times of day are "HH:MM"; durations are seconds unless their name says otherwise.
"""

from __future__ import annotations

import math
from random import Random
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from caesura.errors import Invalid

_SAMPLES_MAX = 20_000
AGENTS_MAX = 2000
LENGTH_S_MAX = 24 * 3600  # of one thing that was seen


def _clock(value: Any) -> Any:
    """ "09:30" as seconds of the day."""
    if not isinstance(value, str):
        return value
    hours, _, minutes = value.partition(":")
    if not (hours.isdigit() and (minutes or "0").isdigit() and int(minutes or 0) < 60):
        raise ValueError('must be a time of day, as "09:30"')
    return int(hours) * 3600 + int(minutes or 0) * 60


# "09:30", or seconds of the day; more than 24 hours are the day after.
TimeOfDay = Annotated[
    int, BeforeValidator(_clock, json_schema_input_type=int | str), Field(ge=0, le=48 * 3600)
]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


Length = Annotated[float, Field(ge=0, le=LENGTH_S_MAX)]


class Spread(_Part):
    """A length of time: log-normal with this mean and deviation, or drawn from what was seen."""

    mean: float = Field(0.0, ge=0, le=4 * 3600)
    deviation: float | None = Field(None, ge=0, le=4 * 3600)  # None: half of the mean
    samples: list[Length] | None = Field(None, min_length=1, max_length=_SAMPLES_MAX)

    @property
    def average(self) -> float:
        """The mean of what is drawn."""
        return sum(self.samples) / len(self.samples) if self.samples else self.mean

    def draw(self, rng: Random) -> float:
        """One length, seconds."""
        if self.samples:
            return rng.choice(self.samples)
        deviation = self.mean / 2 if self.deviation is None else self.deviation
        if self.mean <= 0 or deviation <= 0:
            return self.mean
        variance = math.log1p((deviation / self.mean) ** 2)
        return rng.lognormvariate(math.log(self.mean) - variance / 2, math.sqrt(variance))


def _spread(value: Any) -> Any:
    return {"mean": value} if isinstance(value, int | float) else value


Seconds = Annotated[Spread, BeforeValidator(_spread, json_schema_input_type=float | Spread)]


class Break(_Part):
    """Every agent of the group is away, after the conversation that they have."""

    at: TimeOfDay
    minutes: float = Field(15, gt=0, le=600)


class Group(_Part):
    """Agents with the same hours. Whoever has a conversation at the end finishes it."""

    agents: int = Field(ge=1, le=AGENTS_MAX)
    login: TimeOfDay | None = None  # None: when the shift begins
    logout: TimeOfDay | None = None  # None: when it ends
    breaks: list[Break] = Field([], max_length=50)
    late_s: float = Field(60, ge=0, le=3600)  # they come one by one within so many seconds


class Rate(_Part):
    """From this time of day on, so many of the calls are answered."""

    at: TimeOfDay
    rate: float = Field(ge=0, le=1)


def _rates(value: Any) -> Any:
    return [{"at": 0, "rate": value}] if isinstance(value, int | float) else value


class Trouble(_Part):
    """The carrier is unwell for a while."""

    at: TimeOfDay
    minutes: float = Field(gt=0, le=48 * 60)
    fails: float = Field(0.5, ge=0, le=1)  # so many calls fail within seconds
    delay_s: float = Field(0, ge=0, le=30)  # the others ring so much later


class Shift(_Part):
    """See the module."""

    name: str = Field("shift", max_length=200)
    starts_at: TimeOfDay = 9 * 3600
    hours: float = Field(8, ge=0.05, le=24)
    groups: list[Group] = Field([Group(agents=20)], min_length=1, max_length=50)
    answer_rate: Annotated[
        list[Rate],
        BeforeValidator(_rates, json_schema_input_type=float | list[Rate]),
        Field(min_length=1, max_length=500),
    ] = [Rate(at=0, rate=0.25)]
    drifts: bool = False  # the rate moves evenly from one time to the next, not in steps
    ring_s: Seconds = Spread(mean=9, deviation=5)  # before the answer
    ring_timeout_s: float = Field(30, ge=5, le=180)
    busy: float = Field(0.1, ge=0, le=1)  # of the calls not answered, so many end in 2 s
    talk_s: Seconds = Spread(mean=120)
    wrap_s: Seconds = Spread(mean=15)
    patience_s: float = Field(20, ge=0.1, le=3600)  # mean time before a waiting caller hangs up
    leads: int | None = Field(None, ge=1, le=10_000_000)  # None: they do not run out
    tries: int = Field(3, ge=1, le=100)  # attempts per lead until somebody answers
    retry_s: float = Field(3600, ge=0, le=90 * 86400)  # between two of them
    troubles: list[Trouble] = Field([], max_length=100)
    calls_at_once: int | None = Field(None, ge=1, le=100_000)  # what the trunks take
    calls_per_s: float | None = Field(None, ge=0.01, le=10_000)
    abandonment_max: float = Field(0.03, ge=0, le=0.2)
    wait_s: float = Field(2.0, ge=0, le=10)  # after the answer, without an agent
    seed: int = 1

    @field_validator("groups")
    @classmethod
    def _possible(cls, groups: list[Group], told: ValidationInfo) -> list[Group]:
        if sum(group.agents for group in groups) > AGENTS_MAX:
            raise ValueError(f"at most {AGENTS_MAX} agents")
        starts_at = told.data.get("starts_at", 0)
        for group in groups:
            login = starts_at if group.login is None else group.login
            if group.logout is not None and group.logout <= login:
                raise ValueError("logout must be later than login")
        return groups

    @field_validator("answer_rate")
    @classmethod
    def _ordered(cls, rates: list[Rate]) -> list[Rate]:
        times = [each.at for each in rates]
        if times != sorted(times):
            raise ValueError("the times must be in order")
        return rates

    @property
    def agents(self) -> int:
        """All agents, whenever they work."""
        return sum(group.agents for group in self.groups)

    @property
    def length_s(self) -> float:
        """From the beginning to the end of the shift."""
        return self.hours * 3600

    def begins(self, at: int | None) -> float:
        """A time of day on the clock of the day, the start of the shift for None."""
        return self.starts_at if at is None else at

    def answered(self, now: float) -> float:
        """How probably a call that starts `now` seconds into the shift is answered."""
        at = self.starts_at + now
        before = self.answer_rate[0]
        for each in self.answer_rate:
            if each.at > at:
                if not self.drifts or before.at > at:
                    return before.rate
                share = (at - before.at) / (each.at - before.at)
                return before.rate + share * (each.rate - before.rate)
            before = each
        return before.rate

    def trouble(self, now: float) -> Trouble | None:
        """What is wrong with the carrier `now` seconds into the shift."""
        at = self.starts_at + now
        for each in self.troubles:
            if each.at <= at < each.at + each.minutes * 60:
                return each
        return None


def shift_of(document: Any, where: str) -> Shift:
    """The shift that `document` describes. Raises Invalid for the first thing that is wrong."""
    try:
        return Shift.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(str(part) for part in first["loc"])
        message = str(first["msg"]).removeprefix("Value error, ")
        raise Invalid(f"{where}: {at + ': ' if at else ''}{message}.", at or None) from None
