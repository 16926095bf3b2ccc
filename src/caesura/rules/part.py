"""Parts of a campaign that can be paused by themselves, and which leads and calls each covers.

A *hold* is the standing pause of one part. What it covers follows from the part alone, so that
the claim, the last moment before the wire, the drain of ringing calls and the forecast all say the
same:

- a list, a region and a zone cover leads: those whose next number is in it, or may be in it where
  that is not known (silence wins);
- a calling number, a trunk and a channel cover means: no lead is bound to one, the campaign goes on
  with what else it has, and calls nobody where it has nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from caesura.errors import Invalid
from caesura.rules.campaign import CampaignSettings, Drain
from caesura.rules.region import known_regions, may_be_in, region_named


class Scope(StrEnum):
    """What kind of part it is."""

    LIST = "list"  # one of the campaign's lists, by name
    REGION = "region"  # a state or province, ISO 3166-2, or a country (caesura.rules.region)
    ZONE = "zone"  # an IANA time zone
    CALLING_NUMBER = "calling_number"  # E.164; of messages the sender
    TRUNK = "trunk"  # by name; of messages the provider
    CHANNEL = "channel"  # as the settings name it


@dataclass(frozen=True, order=True)
class Part:
    """One part of a campaign."""

    scope: Scope
    value: str


@dataclass(frozen=True)
class Hold:
    """The standing pause of a part."""

    id: int
    part: Part
    drain: Drain  # what becomes of the part's calls that ring
    list_id: int | None = None  # of a list


class OfLead(Protocol):
    """What decides whether a lead is covered: where its next number belongs."""

    @property
    def list_id(self) -> int: ...

    @property
    def region(self) -> str | None:
        """What the customer list says; None if it says nothing."""

    @property
    def zone(self) -> str:
        """An IANA zone, or candidates joined by '|'."""

    @property
    def phone(self) -> str: ...


@dataclass(frozen=True)
class LeadPlace:
    """An OfLead for where there is no claimed lead at hand."""

    list_id: int
    region: str | None
    zone: str
    phone: str


@dataclass(frozen=True)
class CallMeans:
    """What one call is made with."""

    calling_number: str
    trunk: str | None  # None while it is not on the wire
    channel: str


def covers_lead(hold: Hold, lead: OfLead) -> bool:
    """The hold keeps the lead from being called."""
    match hold.part.scope:
        case Scope.LIST:
            return hold.list_id == lead.list_id
        case Scope.REGION:
            return may_be_in(lead.phone, hold.part.value, lead.region)
        case Scope.ZONE:
            return in_zone(lead.zone, hold.part.value)
    return False


def covers_call(hold: Hold, lead: OfLead, means: CallMeans) -> bool:
    """The call belongs to the part, by its lead or by what it is made with."""
    match hold.part.scope:
        case Scope.CALLING_NUMBER:
            return hold.part.value == means.calling_number
        case Scope.TRUNK:
            return hold.part.value == means.trunk
        case Scope.CHANNEL:
            return hold.part.value == means.channel
    return covers_lead(hold, lead)


def in_zone(zone_key: str, zone: str) -> bool:
    """One of a lead's candidate zones is `zone`."""
    return zone in zone_key.split("|")


def first_covering(holds: Iterable[Hold], lead: OfLead) -> Hold | None:
    """The first hold that keeps the lead from being called."""
    return next((hold for hold in holds if covers_lead(hold, lead)), None)


def values(holds: Iterable[Hold], scope: Scope) -> frozenset[str]:
    """What is paused of one scope."""
    return frozenset(hold.part.value for hold in holds if hold.part.scope is scope)


def free_of(holds: Iterable[Hold], scope: Scope, names: Sequence[str]) -> list[str]:
    """Those of `names` that are not paused, in their order."""
    paused = values(holds, scope)
    return [name for name in names if name not in paused]


def numbers_shown(settings: CampaignSettings) -> list[str]:
    """What its calls, or its messages, show: calling numbers or senders."""
    if settings.channel == "voice":
        return settings.calling_numbers
    return settings.text.senders if settings.text else []


def ways_out(settings: CampaignSettings) -> list[str]:
    """What they go through: trunks or providers."""
    if settings.channel == "voice":
        return settings.trunks
    return settings.text.providers if settings.text else []


def usable(holds: Sequence[Hold], settings: CampaignSettings) -> CampaignSettings:
    """The settings without the means that are paused."""
    if not values(holds, Scope.CALLING_NUMBER) and not values(holds, Scope.TRUNK):
        return settings
    numbers = free_of(holds, Scope.CALLING_NUMBER, numbers_shown(settings))
    ways = free_of(holds, Scope.TRUNK, ways_out(settings))
    if settings.channel == "voice" or settings.text is None:
        return settings.model_copy(update={"calling_numbers": numbers, "trunks": ways})
    text = settings.text.model_copy(update={"senders": numbers, "providers": ways})
    return settings.model_copy(update={"text": text})


def without_means(holds: Sequence[Hold], settings: CampaignSettings) -> Scope | None:
    """Which means the campaign has none left of, because all are paused; None if it can go on."""
    if not holds:
        return None
    if settings.channel in values(holds, Scope.CHANNEL):
        return Scope.CHANNEL
    for scope, names in (
        (Scope.CALLING_NUMBER, numbers_shown(settings)),
        (Scope.TRUNK, ways_out(settings)),
    ):
        if names and not free_of(holds, scope, names):
            return scope
    return None


_SEVERITY = (Drain.LET_RING, Drain.FINISH_LAWFULLY, Drain.CANCEL_NOW, Drain.HANG_UP_ALL)


def strongest(drains: Iterable[Drain]) -> Drain | None:
    """Of several decisions on the same call, the one that goes furthest; None of none."""
    return max(drains, key=_SEVERITY.index, default=None)


# --------------------------------------------------------------------------- counting


@dataclass(frozen=True)
class LeadsThere:
    """So many leads that are not at their end, in one place."""

    place: LeadPlace
    n: int


@dataclass(frozen=True)
class CallThere:
    """A call that has not ended."""

    place: LeadPlace
    means: CallMeans
    answered: bool


@dataclass(frozen=True)
class PartCounts:
    """A part that a campaign has, and what its pause would cover."""

    part: Part
    paused: bool
    leads: int | None  # None: no lead is bound to it
    ringing: int  # calls that nobody has answered
    talking: int


def counts(
    settings: CampaignSettings,
    lists: Mapping[str, int],
    leads: Sequence[LeadsThere],
    calls: Sequence[CallThere],
    paused: Iterable[Part],
) -> list[PartCounts]:
    """Every part that there is to pause, by scope and name; `lists`: the campaign's, with ids."""
    stand = frozenset(paused)
    here = {one for each in leads for one in known_regions(each.place.phone, each.place.region)}
    zones = {zone for each in leads for zone in each.place.zone.split("|")}
    there = [
        *(Part(Scope.LIST, name) for name in sorted(lists)),
        *(Part(Scope.REGION, region) for region in sorted(here)),
        *(Part(Scope.ZONE, zone) for zone in sorted(zones)),
        *(Part(Scope.CALLING_NUMBER, number) for number in numbers_shown(settings)),
        *(Part(Scope.TRUNK, trunk) for trunk in ways_out(settings)),
        Part(Scope.CHANNEL, settings.channel),
    ]
    found = []
    for one in dict.fromkeys([*there, *sorted(stand)]):
        hold = Hold(0, one, settings.drain, lists.get(one.value))
        covered = [call for call in calls if covers_call(hold, call.place, call.means)]
        bound = one.scope in (Scope.LIST, Scope.REGION, Scope.ZONE)
        talking = sum(call.answered for call in covered)
        found.append(
            PartCounts(
                part=one,
                paused=one in stand,
                leads=sum(e.n for e in leads if covers_lead(hold, e.place)) if bound else None,
                ringing=len(covered) - talking,
                talking=talking,
            )
        )
    return found


# ----------------------------------------------------------------------------- naming


def named(asked: Sequence[Part], settings: CampaignSettings, lists: Sequence[str]) -> list[Part]:
    """The parts that somebody means, each once, as they are stored.

    `lists`: the campaign's. Raises Invalid (field as "part[0].value") for one that it has not.
    """
    found: list[Part] = []
    for index, each in enumerate(asked):
        field = f"part[{index}].value"
        try:
            one = normalised(each)
        except Invalid as wrong:
            raise Invalid(wrong.message, field) from None
        has = _has(one.scope, settings, lists)
        if has is not None and one.value not in has:
            known = ", ".join(has) if has else "none"
            raise Invalid(
                f"The campaign has no {_WORDS[one.scope]} {one.value!r}. It has: {known}.", field
            )
        found.append(one)
    return list(dict.fromkeys(found))


def normalised(asked: Part) -> Part:
    """The part as it is stored: US-TX for Texas, the number without spaces.

    Raises Invalid where it can be none.
    """
    value = asked.value.strip()
    if not value:
        raise Invalid(f"Say which {_WORDS[asked.scope]}.", "value")
    if asked.scope is Scope.REGION:
        value = region_named(value)
    elif asked.scope is Scope.ZONE:
        try:
            value = ZoneInfo(value).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise Invalid(
                f"{value!r} is no time zone. Write it as in America/Chicago.", "value"
            ) from None
    elif asked.scope is Scope.CALLING_NUMBER:
        value = "".join(value.split()) if value.startswith("+") else value
    return Part(asked.scope, value)


def _has(scope: Scope, settings: CampaignSettings, lists: Sequence[str]) -> Sequence[str] | None:
    """What of a scope the campaign has; None where it may have any."""
    match scope:
        case Scope.LIST:
            return lists
        case Scope.CALLING_NUMBER:
            return numbers_shown(settings)
        case Scope.TRUNK:
            return ways_out(settings)
        case Scope.CHANNEL:
            return [settings.channel]
    return None


_WORDS = {
    Scope.LIST: "list",
    Scope.REGION: "state",
    Scope.ZONE: "time zone",
    Scope.CALLING_NUMBER: "calling number",
    Scope.TRUNK: "trunk",
    Scope.CHANNEL: "channel",
}
