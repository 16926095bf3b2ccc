"""When does a paused campaign resume by itself, and what does it wait for?

A pause may end at a time, when conditions hold, or when both do; without either it lasts until
somebody resumes. Whatever was asked for, a campaign never resumes by itself outside its dates or
while its activity hours are closed for everybody it has left: then it waits for the opening.

Pure: the facts and the moment come as arguments. Cells ask `judge` about once a second; the screen
shows the sentence that it gives.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from caesura.rules.activity_hours import CALLEE, is_open, next_change, opens_at
from caesura.rules.campaign import CampaignSettings
from caesura.rules.clock_words import date_and_time, seconds, time_in


class _Condition(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class HoursOpen(_Condition):
    """The next opening of the activity hours after the pause began, for any lead."""

    kind: Literal["hours_open"]


class TrunkReachable(_Condition):
    """A trunk has been reachable for so long, as some cell sees it."""

    kind: Literal["trunk_reachable"]
    trunk: str | None = Field(None, description="null: any of the campaign's.")
    for_s: int = Field(60, ge=0, le=86400, description="Without a break, seconds.")


Condition = Annotated[HoursOpen | TrunkReachable, Field(discriminator="kind")]
_conditions: TypeAdapter[tuple[Condition, ...]] = TypeAdapter(tuple[Condition, ...])


class Terms(BaseModel):
    """How a pause ends: not before `until`, and when every one of `when` holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    until: AwareDatetime | None = None
    when: tuple[Condition, ...] = ()

    @property
    def by_itself(self) -> bool:
        """Whether the pause ends without anybody."""
        return self.until is not None or bool(self.when)


UNTIL_SOMEBODY_RESUMES = Terms()


def terms(until: datetime | None, when: object) -> Terms:
    """Terms from what the database keeps."""
    return Terms(until=until, when=_conditions.validate_python(when))


def longer(standing: Terms, asked: Terms) -> Terms:
    """What two pauses at once make: the longer one, and where none is longer, both.

    So an emergency stop, which has no end of its own, takes away whatever would have ended a pause.
    """
    if not (standing.by_itself and asked.by_itself):
        return UNTIL_SOMEBODY_RESUMES
    times = [each.until for each in (standing, asked) if each.until is not None]
    return Terms(until=max(times, default=None), when=_all_of([*standing.when, *asked.when]))


def _all_of(conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    """Each once; of the same trunk the longest."""
    kept: dict[tuple[str, str | None], Condition] = {}
    for each in conditions:
        key = (each.kind, each.trunk if isinstance(each, TrunkReachable) else None)
        before = kept.get(key)
        shorter = (
            isinstance(each, TrunkReachable)
            and isinstance(before, TrunkReachable)
            and each.for_s < before.for_s
        )
        if not shorter:
            kept[key] = each
    return tuple(kept.values())


# --------------------------------------------------------------------------------------- judging


@dataclass(frozen=True)
class TrunkSeen:
    """A trunk that exists and is enabled, as the living cells see it."""

    name: str
    reachable_since: datetime | None  # by the cell that has seen it so longest; None: by none


@dataclass(frozen=True)
class ResumeFacts:
    """A paused campaign as the question needs to know it."""

    now: datetime  # aware, as all of them
    paused_at: datetime
    settings: CampaignSettings
    zones: Sequence[str]  # zone keys of the leads that are left
    trunks: Sequence[TrunkSeen] = ()  # those that the campaign or a condition names
    zone: str = "UTC"  # whose clock tells times that are not the callee's


@dataclass(frozen=True)
class Verdict:
    """Whether the campaign resumes now, and what to tell people."""

    resumes: bool
    sentence: str  # what it waits for; where it resumes, why
    at: datetime | None = None  # when it will, as far as that can be told


def judge(asked: Terms, facts: ResumeFacts) -> Verdict:
    """Whether the pause ends now. Raises ValueError for terms under which it never does."""
    if not asked.by_itself:
        raise ValueError("this pause ends when somebody resumes")
    wait = _Wait(facts.paused_at)
    if asked.until is not None:
        wait.until(asked.until, f"its time came ({time_in(asked.until, facts.zone, facts.now)})")
    if any(isinstance(each, HoursOpen) for each in asked.when):
        wait.opening = _first_opening(facts)
        if wait.opening is None:
            return _never("its activity hours have no opening ahead")
        at = time_in(*wait.opening, facts.now)
        wait.until(wait.opening[0], f"its activity hours opened ({at})")
    for each in asked.when:
        if isinstance(each, TrunkReachable):
            if not _meant(each, facts):
                return _never(f"there is no {_trunk_name(each, facts)} in use")
            wait.trunk(*_trunk(each, facts), facts.now)
    return wait.verdict(facts)


class _Wait:
    """What a pause waits for, as the terms are gone through."""

    def __init__(self, paused_at: datetime) -> None:
        self.opening: tuple[datetime, str] | None = None  # and in which zone
        self._earliest = paused_at
        self._told = True  # when it will be can be told
        self._waits: list[str] = []  # for trunks
        self._why: list[str] = []  # what has come about

    def until(self, at: datetime, came: str) -> None:
        self._earliest = max(self._earliest, at)
        self._why.append(came)

    def trunk(self, ready_at: datetime | None, words: str, now: datetime) -> None:
        if ready_at is not None and ready_at <= now:
            self._why.append(words)
        else:
            self._waits.append(words)
            self._told = self._told and ready_at is not None
        self._earliest = max(self._earliest, ready_at or self._earliest)

    def verdict(self, facts: ResumeFacts) -> Verdict:
        """Where only dates and hours may still forbid it."""
        lawful = _lawful(max(self._earliest, facts.now), facts)
        if isinstance(lawful, str):
            return _never(lawful)
        at, zone = lawful
        if self._waits:
            text = f"Resumes when {' and '.join(self._waits)}"
            if at > facts.now and (zone or not self._told):
                text += f", not before {time_in(at, zone or facts.zone, facts.now)}"
            return Verdict(False, f"{text}.", at if self._told else None)
        if at <= facts.now:
            return Verdict(True, " and ".join(self._why), at)
        if self.opening is not None and at == self.opening[0]:
            opens = time_in(*self.opening, facts.now)
            return Verdict(False, f"Resumes when its activity hours open: {opens}.", at)
        text = f"Resumes at {time_in(at, zone or facts.zone, facts.now)}"
        if zone is not None:
            closed = "are closed" if self._earliest <= facts.now else "are closed before that"
            text += f": its activity hours {closed}"
        return Verdict(False, f"{text}.", at)


def _never(because: str) -> Verdict:
    return Verdict(False, f"Does not resume by itself: {because}.")


def _first_opening(facts: ResumeFacts) -> tuple[datetime, str] | None:
    """The first opening after the pause began, and in which zone."""
    hours = facts.settings.hours
    found = []
    for key in _keys(facts):
        change = next_change(hours, key, facts.paused_at)
        if change is not None and is_open(hours, key, facts.paused_at):
            change = next_change(hours, key, change)  # that was the closing
        if change is not None:
            found.append((change, key.split("|")[0]))
    return min(found, default=None)


def _lawful(earliest: datetime, facts: ResumeFacts) -> tuple[datetime, str | None] | str:
    """From when on its dates and hours allow it, in which zone; or why never."""
    starts_at, ends_at = facts.settings.starts_at, facts.settings.ends_at
    at = max(earliest, starts_at) if starts_at else earliest
    zone = None
    keys = _keys(facts)
    if keys and not facts.settings.hours.always:
        openings = [(opens_at(facts.settings.hours, key, at), key) for key in keys]
        known = [(opening, key) for opening, key in openings if opening is not None]
        if not known:
            return "its activity hours never open"
        opening, key = min(known)
        if opening > at:
            at, zone = opening, key.split("|")[0]
    if ends_at is not None and at >= ends_at:
        ended = date_and_time(ends_at, facts.zone)
        over = ends_at <= facts.now
        return f"it ended {ended}" if over else f"it ends {ended}, before it could"
    return at, zone


def _keys(facts: ResumeFacts) -> list[str]:
    hours = facts.settings.hours
    return [hours.zone] if hours.zone != CALLEE else sorted(set(facts.zones))


def _meant(condition: TrunkReachable, facts: ResumeFacts) -> list[TrunkSeen]:
    names = [condition.trunk] if condition.trunk else facts.settings.trunks
    return [trunk for trunk in facts.trunks if trunk.name in names]


def _trunk_name(condition: TrunkReachable, facts: ResumeFacts) -> str:
    if condition.trunk:
        return f"trunk {condition.trunk}"
    names = [trunk.name for trunk in _meant(condition, facts)]
    return f"trunk {names[0]}" if len(names) == 1 else "trunk of the campaign"


def _trunk(condition: TrunkReachable, facts: ResumeFacts) -> tuple[datetime | None, str]:
    """When the condition is met, None if that cannot be told; and it in words, as it stands."""
    what = _trunk_name(condition, facts)
    what = what if what != "trunk of the campaign" else "a trunk of the campaign"
    lasting = f" for {seconds(condition.for_s)}" if condition.for_s else ""
    seen = [each.reachable_since for each in _meant(condition, facts) if each.reachable_since]
    if not seen:
        return None, f"{what} is reachable{lasting} (it is not now)"
    ready_at = min(seen) + timedelta(seconds=condition.for_s)
    lasted = seconds(max(0.0, (facts.now - min(seen)).total_seconds()))
    if ready_at <= facts.now:
        return ready_at, f"{what} has been reachable for {lasted}"
    return ready_at, f"{what} is reachable{lasting} (for {lasted} now)"
