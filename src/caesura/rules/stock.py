"""The leads that a campaign's runner holds and has not dialled: claimed, or being journalled."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from caesura.rules import message_text, part
from caesura.rules.activity_hours import is_open
from caesura.rules.campaign import CampaignSettings
from caesura.rules.claim import NOTHING_KNOWN, ClaimedLead, NumberFacts, PutOff, Tally
from caesura.rules.command import Claim
from caesura.rules.part import Hold, Scope
from caesura.rules.refusal import Question, Refusal, refusal

# Claim so many seconds of work ahead; more would hold leads that another cell could work.
STOCK_S = 1.0
STOCK_MIN, STOCK_MAX = 4, 500


class Stock:
    """See the module. `claiming`: a claim is asked for and not answered."""

    def __init__(self) -> None:
        self.claiming = False
        self.preparing: dict[int, ClaimedLead] = {}  # by lead
        self._claimed: deque[ClaimedLead] = deque()

    @property
    def held(self) -> list[int]:
        """Every lead that is in here."""
        return [*(lead.id for lead in self._claimed), *self.preparing]

    @property
    def ready(self) -> int:
        """How many leads are claimed and can be launched."""
        return len(self._claimed)

    @property
    def empty(self) -> bool:
        """Nothing is in here or comes in."""
        return not (self._claimed or self.preparing or self.claiming)

    def restock(
        self,
        settings: CampaignSettings,
        holds: Sequence[Hold],
        tally: Tally,
        calls_per_s: float,
        now: datetime,
    ) -> list[Claim]:
        """A claim, if less is left than half of what so many calls a second need."""
        ahead = min(STOCK_MAX, max(STOCK_MIN, int(calls_per_s * STOCK_S)))
        if self.claiming or len(self._claimed) > ahead // 2 or settings.outside_dates(now):
            return []
        paused = part.values(holds, Scope.ZONE)
        zones = tuple(
            sorted(
                zone
                for zone in tally.by_state.get("due", {})
                if paused.isdisjoint(zone.split("|")) and is_open(settings.hours, zone, now)
            )
        )
        if not zones:
            return []
        self.claiming = True
        around = (hold for hold in holds if hold.part.scope in (Scope.LIST, Scope.REGION))
        return [Claim(zones, ahead - len(self._claimed), tuple(around))]

    def unknown(self, leads: Iterable[ClaimedLead], besides: Iterable[int]) -> list[ClaimedLead]:
        """Those that are not claimed already, here or among `besides`.

        A cell that was given up for dead gets leads anew of which it still has the old claim.
        """
        known = {*besides, *(lead.id for lead in self._claimed)}
        return [lead for lead in leads if lead.id not in known]

    def add(self, leads: Iterable[ClaimedLead]) -> None:
        self._claimed += leads

    def take(self, number: int) -> list[ClaimedLead]:
        """At most so many leads to launch; they are being journalled from now on."""
        chosen: list[ClaimedLead] = []
        while self._claimed and len(chosen) < number:
            chosen.append(self._claimed.popleft())
        self.preparing.update((lead.id, lead) for lead in chosen)
        return chosen

    def pick(self) -> ClaimedLead | None:
        """One lead to be shown to an agent; whoever takes it answers for it."""
        return self._claimed.popleft() if self._claimed else None

    def set_aside(self, asked: Callable[[ClaimedLead], PutOff | None]) -> tuple[PutOff, ...]:
        """Take out what is claimed and put off by `asked`."""
        put_off = [asked(lead) for lead in self._claimed]
        if any(put_off):
            self._claimed = deque(
                lead for lead, refused in zip(self._claimed, put_off, strict=True) if not refused
            )
        return tuple(refused for refused in put_off if refused)

    def clear(self) -> tuple[int, ...]:
        """Take out what is claimed, to be given back."""
        leads = tuple(lead.id for lead in self._claimed)
        self._claimed.clear()
        return leads


def allowed(
    leads: Iterable[ClaimedLead],
    facts: Mapping[str, NumberFacts],
    settings: CampaignSettings,
    holds: Sequence[Hold],
    now: datetime,
) -> tuple[list[ClaimedLead], list[PutOff]]:
    """Which of the leads may be reached now, and why not the others."""
    good: list[ClaimedLead] = []
    refused: list[PutOff] = []
    ahead: dict[str, int] = {}  # attempts on the same number in this very batch
    for lead in leads:
        known = facts.get(lead.phone, NOTHING_KNOWN)
        more = ahead.get(lead.phone, 0)
        hold = part.first_covering(holds, lead)
        no = refusal(_question(lead, known, more, hold), settings, now)
        unsendable = None if no else message_text.put_off(lead, settings, now)
        if no is not None:
            held = hold.id if hold and no.reason is Refusal.PART_PAUSED else None
            refused.append(PutOff(lead.id, no.reason.value, no.again_at, hold=held))
        elif unsendable is not None:
            refused.append(unsendable)
        else:
            ahead[lead.phone] = more + 1
            good.append(lead)
    return good, refused


def _question(lead: ClaimedLead, known: NumberFacts, more: int, hold: Hold | None) -> Question:
    return Question(
        zone=lead.zone,
        attempts=lead.attempts,
        do_not_call=known.do_not_call,
        part_paused=hold is not None,
        number_attempts_day=known.attempts_day + more,
        number_attempts_7_days=known.attempts_7_days + more,
        oldest_in_day=known.oldest_day,
        oldest_in_7_days=known.oldest_7_days,
    )
