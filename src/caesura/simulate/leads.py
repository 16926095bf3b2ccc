"""The leads of a simulated shift: what the store is to a cell, in virtual time."""

from __future__ import annotations

import heapq
from datetime import datetime

from caesura.rules.call import AttemptEnd
from caesura.rules.claim import ClaimedLead, PutOff, Tally
from caesura.rules.next_try import LeadState

ZONE = "UTC"
_MANY = 1_000_000
_NO_TRIES: dict[str, int] = {}
_ZONES = (ZONE,)


class Leads:
    """So many, or without end."""

    def __init__(self, number: int | None) -> None:
        self.open = number or 0  # not done; without meaning where they have no end
        self._endless = number is None
        self._fresh = _MANY if number is None else number  # never claimed
        self._next = 1
        self._again: list[tuple[datetime, int]] = []  # (due, lead)
        self._known: dict[int, ClaimedLead] = {}  # those that come again
        self._plenty = Tally({"due": {ZONE: _MANY}})

    def tally(self, now: datetime) -> Tally:
        """What is due at `now`."""
        if self._endless:
            return self._plenty
        due = self._fresh + sum(1 for at, _ in self._again if at <= now)
        return Tally({"due": {ZONE: due}} if due else {})

    def claim(self, limit: int, now: datetime) -> list[ClaimedLead]:
        """At most so many that are due."""
        claimed: list[ClaimedLead] = []
        while len(claimed) < limit and self._again and self._again[0][0] <= now:
            claimed.append(self._known.pop(heapq.heappop(self._again)[1]))
        while len(claimed) < limit and self._fresh:
            if not self._endless:
                self._fresh -= 1
            number = self._next
            self._next += 1
            claimed.append(ClaimedLead(number, (f"+1{number:010d}",), _ZONES, 1, 0, _NO_TRIES))
        return claimed

    def put_off(self, lead: ClaimedLead, refused: PutOff) -> None:
        """The rules do not let it be called now."""
        if refused.again_at is None:
            self.open -= 1
        else:
            self._comes_again(lead, refused.again_at)

    def ended(self, lead: ClaimedLead, end: AttemptEnd) -> bool:
        """Its call is over. True if that was its last one."""
        after = end.after
        if after.state is LeadState.DONE or after.due_at is None:
            self.open -= 1
            return True
        lead = ClaimedLead(lead.id, lead.phones, lead.zones, 1, after.attempts, after.tries)
        self._comes_again(lead, after.due_at)
        return False

    def _comes_again(self, lead: ClaimedLead, at: datetime) -> None:
        self._known[lead.id] = lead
        heapq.heappush(self._again, (at, lead.id))
