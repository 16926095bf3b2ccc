"""Why a running campaign dials nothing right now, in one sentence.

Computed from the same settings and counts as the dialling itself. A campaign that is as busy as it
may be (its concurrency is reached), or that is about to dial, gets no sentence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import reduce

from caesura.rules import part
from caesura.rules.activity_hours import CALLEE, is_open, next_change
from caesura.rules.campaign import CampaignSettings
from caesura.rules.clock_words import date_and_time, seconds, time_in
from caesura.rules.pacing import ramp_up
from caesura.rules.part import Hold, Scope


class WhyCode(StrEnum):
    """The reason that the sentence begins with."""

    NOT_STARTED_YET = "not_started_yet"  # before starts_at
    ENDED = "ended"  # at or after ends_at
    NO_LEAD_LEFT = "no_lead_left"
    LAST_CALLS = "last_calls"  # no lead left to start, some calls go on
    RECEIPTS = "receipts"  # no lead left, but a delivery receipt may bring one back
    NO_CELL = "no_cell"
    NO_TRUNK = "no_trunk"  # none reachable
    NO_CHANNEL = "no_channel"  # every channel of the reachable trunks is taken
    OUTSIDE_HOURS = "outside_hours"
    NEVER_OPENS = "never_opens"  # no opening within 400 days
    PART_PAUSED = "part_paused"  # what is left, or what it would be called with, is paused
    RETRIES = "retries"  # every lead left waits for its retry
    RAMPING_UP = "ramping_up"  # after a resume, it is as busy as it may be yet


@dataclass(frozen=True)
class TrunkFacts:
    """One of the campaign's trunks or providers, over all cells."""

    name: str
    reachable: bool  # by at least one cell
    in_use: int = 0  # calls on it, of all campaigns
    channels: int | None = None  # its limit; None: no limit


@dataclass(frozen=True)
class Facts:
    """A running campaign as the sentence needs to know it."""

    now: datetime  # aware
    settings: CampaignSettings
    due: Mapping[str, int]  # zone key -> leads that are due
    waiting: Mapping[str, int]  # zone key -> leads that wait for a retry
    held: int = 0  # leads that the pause of a list or region keeps
    holds: Sequence[Hold] = ()  # the parts that are paused
    in_flight: int = 0  # leads of the campaign that are claimed or in progress, all cells
    next_due_at: datetime | None = None  # the earliest due_at of the waiting leads
    cells: int = 1  # cells that run
    trunks: Sequence[TrunkFacts] = ()  # those the campaign names
    zone: str = "UTC"  # whose clock tells times that are not the callee's
    resumed_at: datetime | None = None  # None: never
    # Messages whose delivery receipts are waited for, and until when.
    receipts_awaited: int = 0
    receipts_until: datetime | None = None


@dataclass(frozen=True)
class Why:
    """The sentence, and the same for machines."""

    code: WhyCode
    sentence: str
    numbers: dict[str, int] = field(default_factory=dict)  # the figures in the sentence, by name
    at: datetime | None = None  # the moment that is waited for
    zone: str | None = None  # whose clock the sentence tells it by


def why_idle(facts: Facts) -> Why | None:
    """Why the campaign starts no call at `facts.now`; None if it may, or is as busy as allowed."""
    if why := _outside_dates(facts):
        return why
    if facts.in_flight >= (limit := _limit(facts)):
        return _ramping_up(facts, limit)
    return _out_of_leads(facts) or _means_paused(facts) or _no_means(facts) or _no_lead_ready(facts)


# --------------------------------------------------------------------------------------- reasons


def _outside_dates(facts: Facts) -> Why | None:
    starts_at, ends_at = facts.settings.starts_at, facts.settings.ends_at
    left = _total(facts.due) + _total(facts.waiting) + facts.held
    if starts_at is not None and facts.now < starts_at:
        sentence = f"Not started yet: it begins {date_and_time(starts_at, facts.zone)}."
        return Why(WhyCode.NOT_STARTED_YET, sentence, {"leads": left}, starts_at, facts.zone)
    if ends_at is not None and facts.now >= ends_at:
        sentence = f"Ended {date_and_time(ends_at, facts.zone)}: {_leads(left)} left."
        return Why(WhyCode.ENDED, sentence, {"leads": left}, ends_at, facts.zone)
    return None


def _limit(facts: Facts) -> int:
    """How many calls at once the campaign may have at this moment."""
    since = facts.resumed_at.timestamp() if facts.resumed_at else None
    grown = ramp_up.grown(since, facts.now.timestamp(), facts.settings.ramp_up_s)
    return ramp_up.allowed(facts.settings.pace.concurrency, grown)


def _ramping_up(facts: Facts, limit: int) -> Why | None:
    concurrency = facts.settings.pace.concurrency
    if facts.resumed_at is None or limit >= concurrency:
        return None
    full_at = facts.resumed_at + timedelta(seconds=facts.settings.ramp_up_s)
    what = "calls" if facts.settings.channel == "voice" else "messages"
    left_s = max(1.0, (full_at - facts.now).total_seconds())
    sentence = (
        f"Ramping up after the resume: {limit:,} of {concurrency:,} {what} at once now, "
        f"all of them in {seconds(left_s)}."
    )
    return Why(WhyCode.RAMPING_UP, sentence, {"allowed": limit, "of": concurrency}, full_at)


def _out_of_leads(facts: Facts) -> Why | None:
    if _total(facts.due) + _total(facts.waiting) + facts.held > 0:
        return None
    voice = facts.settings.channel == "voice"
    if facts.in_flight:
        what = "call" if voice else "message"
        calls = (
            f"the last {what} is" if facts.in_flight == 1 else f"{facts.in_flight:,} {what}s are"
        )
        sentence = f"No lead left to {'call' if voice else 'send to'}: {calls} in progress."
        return Why(WhyCode.LAST_CALLS, sentence, {"in_flight": facts.in_flight})
    if facts.receipts_awaited and facts.receipts_until is not None:
        n, until = facts.receipts_awaited, facts.receipts_until
        receipts = "1 delivery receipt is" if n == 1 else f"{n:,} delivery receipts are"
        sentence = (
            f"No lead left to send to: {receipts} awaited until "
            f"{time_in(until, facts.zone, facts.now)}, as some may have to be sent again."
        )
        return Why(WhyCode.RECEIPTS, sentence, {"receipts": n}, until, facts.zone)
    return Why(WhyCode.NO_LEAD_LEFT, "No lead is left.")


def _means_paused(facts: Facts) -> Why | None:
    """Every calling number, every trunk or the channel is paused: then nobody is called."""
    scope = part.without_means(facts.holds, facts.settings)
    if scope is None:
        return None
    names = ", ".join(sorted(part.values(facts.holds, scope)))
    left = {"due": _total(facts.due), "waiting": _total(facts.waiting), "held": facts.held}
    voice = facts.settings.channel == "voice"
    number, way = ("calling number", "trunk") if voice else ("sender", "provider")
    which = {
        Scope.CHANNEL: f"The channel is paused ({names})",
        Scope.CALLING_NUMBER: f"Every {number} is paused ({names})",
    }.get(scope, f"Every {way} is paused ({names})")
    return Why(WhyCode.PART_PAUSED, f"{which}: {_left(left)}.", left)


def _no_means(facts: Facts) -> Why | None:
    """No cell, or no trunk: then nothing is dialled whatever the hour."""
    left = {"due": _total(facts.due), "waiting": _total(facts.waiting)}
    if facts.cells == 0:
        return Why(WhyCode.NO_CELL, f"No cell is running: {_left(left)}.", left)
    trunks = _trunks(facts)
    if any(trunk.reachable for trunk in trunks):
        return None
    names = ", ".join(trunk.name for trunk in trunks)
    means = "trunk" if facts.settings.channel == "voice" else "provider"
    which = f"No {means} is reachable ({names})" if names else f"The campaign has no {means}"
    return Why(WhyCode.NO_TRUNK, f"{which}: {_left(left)}.", left)


def _no_lead_ready(facts: Facts) -> Why | None:
    """Due leads that are asleep, or find no channel, paused parts, leads that wait for a retry."""
    free = _not_paused(facts)
    awake = sum(n for zone, n in free.items() if _awake(facts, zone))
    asleep = _total(free) - awake
    paused = facts.held + _total(facts.due) - _total(free)
    held = _all_channels_busy(facts, awake)
    if awake and held is None:
        return None  # it dials, or is about to
    reasons = [
        _waiting_for_opening(facts, free, asleep) if asleep else None,
        held,
        _parts_paused(facts, paused) if paused and awake == 0 else None,
        _retries(facts) if awake == 0 else None,
    ]
    given = [reason for reason in reasons if reason is not None]
    return reduce(_join, given) if given else None


def _parts_paused(facts: Facts, paused: int) -> Why:
    scopes = (Scope.LIST, Scope.REGION, Scope.ZONE)
    names = ", ".join(h.part.value for h in facts.holds if h.part.scope in scopes)
    which = f" ({names})" if names else ""  # else released, and on the way back
    verb = "is" if paused == 1 else "are"
    sentence = f"{_leads(paused)} {verb} of parts that are paused{which}."
    return Why(WhyCode.PART_PAUSED, sentence, {"paused": paused})


def _all_channels_busy(facts: Facts, awake: int) -> Why | None:
    reachable = [trunk for trunk in _trunks(facts) if trunk.reachable]
    free = any(trunk.channels is None or trunk.in_use < trunk.channels for trunk in reachable)
    if awake == 0 or free:
        return None
    channels = sum(trunk.channels or 0 for trunk in reachable)
    names = ", ".join(trunk.name for trunk in reachable)
    busy = "the only channel is" if channels == 1 else f"all {channels:,} channels are"
    sentence = f"{_leads(awake)} due but {busy} busy ({names})."
    return Why(WhyCode.NO_CHANNEL, sentence, {"due": awake, "channels": channels})


def _waiting_for_opening(facts: Facts, free: Mapping[str, int], asleep: int) -> Why:
    hours = facts.settings.hours
    openings: dict[datetime, dict[str, int]] = {}
    for zone_key, n in free.items():
        if n and not _awake(facts, zone_key):
            opening = next_change(hours, zone_key, facts.now)
            if opening is not None:
                openings.setdefault(opening, {})[zone_key] = n
    if not openings:
        sentence = f"The activity hours never open: {_leads(asleep)} due."
        return Why(WhyCode.NEVER_OPENS, sentence, {"asleep": asleep})
    first = min(openings)
    at_first = openings[first]
    most = max(at_first, key=lambda zone_key: (at_first[zone_key], zone_key))
    zone = _last_to_open(facts, most, first)
    numbers = {"asleep": asleep, "at_opening": _total(at_first)}
    sentence = f"Waiting for {time_in(first, zone, facts.now)}: {_leads(numbers['at_opening'])}"
    if later := asleep - numbers["at_opening"]:
        numbers["later"] = later
        sentence += f", and {later:,} that open later"
    return Why(WhyCode.OUTSIDE_HOURS, sentence + ".", numbers, first, zone)


def _retries(facts: Facts) -> Why | None:
    waiting = _total(facts.waiting)
    if waiting == 0 or facts.next_due_at is None or facts.next_due_at <= facts.now:
        return None
    when = time_in(facts.next_due_at, facts.zone, facts.now)
    waits = "1 lead waits" if waiting == 1 else f"{waiting:,} leads wait"
    sentence = f"Next retry at {when}: {waits}."
    return Why(WhyCode.RETRIES, sentence, {"waiting": waiting}, facts.next_due_at, facts.zone)


# ---------------------------------------------------------------------------------------- inside


def _not_paused(facts: Facts) -> dict[str, int]:
    """The due leads whose zone is not paused."""
    zones = part.values(facts.holds, Scope.ZONE)
    return {key: n for key, n in facts.due.items() if zones.isdisjoint(key.split("|"))}


def _trunks(facts: Facts) -> list[TrunkFacts]:
    """The campaign's trunks that are not paused."""
    paused = part.values(facts.holds, Scope.TRUNK)
    return [trunk for trunk in facts.trunks if trunk.name not in paused]


def _awake(facts: Facts, zone_key: str) -> bool:
    return is_open(facts.settings.hours, zone_key, facts.now)


def _last_to_open(facts: Facts, zone_key: str, opening: datetime) -> str:
    """Of the candidates of a key, the one that was still closed just before the opening."""
    hours = facts.settings.hours
    if hours.zone != CALLEE:
        return hours.zone
    before = opening - timedelta(seconds=1)
    candidates = zone_key.split("|")
    return next(zone for zone in candidates if not is_open(hours, zone, before))


def _join(first: Why, second: Why) -> Why:
    tail = second.sentence[0].lower() + second.sentence[1:]
    sentence = f"{first.sentence.removesuffix('.')}; {tail}"
    return Why(first.code, sentence, second.numbers | first.numbers, first.at, first.zone)


def _total(leads: Mapping[str, int]) -> int:
    return sum(leads.values())


def _leads(n: int) -> str:
    return "1 lead" if n == 1 else f"{n:,} leads"


def _left(left: Mapping[str, int]) -> str:
    return f"{_leads(left['due'])} due, {left['waiting']:,} waiting for a retry"
