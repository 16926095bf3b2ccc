"""What a claim brings: leads to work, and what may forbid their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class ClaimedLead:
    """One contact's place in the campaign, held by this cell until it is launched or given back."""

    id: int
    phones: tuple[str, ...]  # E.164
    zones: tuple[str, ...]  # one per phone: IANA zone, or several joined by '|'
    phone_index: int  # which of `phones` is next; 1 is the first
    attempts: int  # so far, those that count
    tries: Mapping[str, int]  # outcome -> how often so far
    attributes: Mapping[str, str] = field(default_factory=dict)  # of the contact; for messages
    list_id: int = 0  # the contact's list
    region: str | None = None  # that the list states for the contact, ISO 3166-2
    # Due because somebody promised to call at that time (caesura.rules.disposition.Callback).
    callback_at: datetime | None = None
    callback_agent: int | None = None  # the one who promised to call themselves

    @property
    def phone(self) -> str:
        return self.phones[self.phone_index - 1]

    @property
    def zone(self) -> str:
        return self.zones[self.phone_index - 1]


@dataclass(frozen=True)
class NumberFacts:
    """What the store knows of a number at one moment, across all campaigns."""

    do_not_call: bool
    attempts_day: int  # counted attempts in the last 24 hours
    attempts_7_days: int
    oldest_day: datetime | None  # the oldest of these: when it leaves, the cap has room again
    oldest_7_days: datetime | None


NOTHING_KNOWN = NumberFacts(False, 0, 0, None, None)


@dataclass(frozen=True)
class PutOff:
    """A refused lead: asked again at `again_at`, or held, or excluded for good."""

    lead: int
    reason: str
    again_at: datetime | None
    # Where another number of the contact is to be tried: which one, and its zone.
    phone_index: int | None = None
    zone: str | None = None
    hold: int | None = None  # that keeps the lead until it is released (caesura.rules.part)


@dataclass(frozen=True)
class Tally:
    """Leads by state, then by zone key."""

    by_state: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def count(self, *states: str) -> int:
        """Leads in any of `states`."""
        return sum(sum(self.by_state.get(state, {}).values()) for state in states)
