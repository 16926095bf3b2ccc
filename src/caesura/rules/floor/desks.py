"""The desks of one cell's agents, and the steps by which any of them changes.

What happens to agents is told to caesura.rules.floor.floor, which is made of these steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from caesura.rules.floor.allotment import Allotment
from caesura.rules.floor.decision import Became, Decision, Denial, Found, WrappedUp
from caesura.rules.floor.desk import Desk, Presence, Task, WrapTerms
from caesura.rules.pacing.snapshot import AgentsNow


@dataclass(frozen=True)
class CampaignTerms:
    """What the floor needs of a campaign's settings (caesura.rules.agent_settings)."""

    skills: frozenset[str] = frozenset()
    wrap_up: WrapTerms = field(default_factory=WrapTerms)
    grace_s: float = 3.0  # how long an agent's device may be away in a conversation


@dataclass(frozen=True)
class Sought:
    """An answered call that waits for an agent."""

    campaign: int
    skills: frozenset[str]


class Desks:
    """See the module."""

    def __init__(self) -> None:
        self._desks: dict[int, Desk] = {}
        self._allotment = Allotment(self._desks)
        self._terms: dict[int, CampaignTerms] = {}
        self._by_attempt: dict[UUID, Desk] = {}  # who calls, talks or wraps up, by attempt
        self._sought: dict[UUID, Sought] = {}  # answered calls without an agent, the oldest first
        self._clocks: dict[int, float] = {}  # by agent: when `tick` has to look at them

    # --------------------------------------------------------------- changes

    def _of(self, campaign: int) -> CampaignTerms:
        return self._terms.get(campaign, CampaignTerms())

    @staticmethod
    def _talks(desk: Desk, attempt: UUID) -> bool:
        task = desk.task
        return desk.presence is Presence.ON_CALL and task is not None and task.attempt == attempt

    @staticmethod
    def _may_end(task: Task) -> bool:
        return task.disposed or not task.terms.disposition_required

    def _begins(self, desk: Desk, task: Task) -> None:
        self._leaves_task(desk)
        desk.task = task
        if task.attempt is not None:
            self._by_attempt[task.attempt] = desk

    def _leaves_task(self, desk: Desk) -> None:
        self._clocks.pop(desk.id, None)
        self._leaves_call(desk)
        desk.task = None

    def _leaves_call(self, desk: Desk) -> None:
        """The call is not theirs any more: it is over, or another agent's from here on."""
        task = desk.task
        attempt = None if task is None else task.attempt
        if attempt is not None and self._by_attempt.get(attempt) is desk:
            del self._by_attempt[attempt]

    def _found(self, desk: Desk, campaign: int, attempt: UUID, now: float) -> list[Decision]:
        decided: list[Decision] = [Found(campaign, attempt, desk.id)]
        self._begins(desk, Task(campaign, attempt, now, terms=self._of(campaign).wrap_up))
        return decided + self._becomes(desk, Presence.ON_CALL, now)

    def _wraps_up(self, desk: Desk, now: float, *, goes_on: bool = False) -> list[Decision]:
        """`goes_on`: without them; then it is not they who say what came of it."""
        task = desk.task
        assert task is not None, "a conversation ends that there is not"
        task.disposed |= goes_on
        self._leaves_call(desk)
        self._clocks.pop(desk.id, None)
        task.lost_at = None
        task.muted = task.on_hold = False
        if task.terms.seconds is not None:
            task.wrap_until = now + task.terms.seconds
            self._clocks[desk.id] = task.wrap_until
        decided = self._becomes(desk, Presence.WRAP_UP, now)
        if task.terms.seconds == 0 and self._may_end(task):
            decided += self._wrap_ends(desk, now)
        return decided

    def _wrap_ends(self, desk: Desk, now: float) -> list[Decision]:
        task = desk.task
        assert task is not None and task.attempt is not None, "a wrap-up ends that there is not"
        decided = self._done(desk, now)
        done = WrappedUp(task.campaign, task.attempt, desk.id, desk.free)
        return [done, *decided]

    def _done(self, desk: Desk, now: float) -> list[Decision]:
        """What they were busy with is over: they are available, or what they wished to be."""
        self._leaves_task(desk)
        return self._becomes(desk, Presence.AVAILABLE, now)

    def _becomes(self, desk: Desk, presence: Presence, now: float) -> list[Decision]:
        """The one place where a presence changes. AVAILABLE gives way to what was wished for."""
        desk.reason = None
        if presence is Presence.AVAILABLE and desk.wish is not None:
            presence, desk.reason = desk.wish.presence, desk.wish.reason
            desk.wish = None
        desk.presence, desk.since = presence, now
        if presence is Presence.OFFLINE:
            del self._desks[desk.id]
            self._allotment.left(desk)
        else:
            self._allotment.changed(desk)
        return [self._told(desk)]

    @staticmethod
    def _told(desk: Desk) -> Became:
        task = desk.task
        return Became(
            desk.id,
            desk.presence,
            desk.reason,
            task.campaign if task else None,
            task.attempt if task else None,
            task.wrap_until if task else None,
            desk.wish.presence if desk.wish else None,
        )

    def _settled(self, now: float, decided: list[Decision]) -> list[Decision]:
        """Allot anew where that can matter, and give waiting calls to whoever is free now."""
        decided += self._allotment.renew()
        for attempt, sought in list(self._sought.items()) if self._sought else ():
            agent = self._allotment.agent_for(sought.campaign, sought.skills)
            if agent is not None:
                del self._sought[attempt]
                decided += self._found(self._desks[agent], sought.campaign, attempt, now)
                decided += self._allotment.renew()
        return decided

    def _why_not(self, desk: Desk | None, campaign: int) -> Denial | None:
        if desk is None:
            return Denial.NOT_SIGNED_IN
        if desk.task is not None or desk.presence is not Presence.AVAILABLE:
            return Denial.BUSY
        if not desk.device:
            return Denial.NO_DEVICE
        return None if self._allotment.may_take(desk, campaign) else Denial.NOT_ASSIGNED

    # --------------------------------------------------------------- looking

    @property
    def desks(self) -> Iterator[Desk]:
        """Everybody who is signed in. To look at, not to change."""
        return iter(self._desks.values())

    def desk(self, agent: int) -> Desk | None:
        return self._desks.get(agent)

    def talking_in(self, attempt: UUID) -> int | None:
        """The agent in this conversation."""
        desk = self._by_attempt.get(attempt)
        return desk.id if desk is not None and desk.presence is Presence.ON_CALL else None

    @property
    def any_paused(self) -> bool:
        return self._allotment.any_paused

    def is_paused(self, campaign: int) -> bool:
        return self._allotment.is_paused(campaign)

    def agents(self, campaign: int) -> AgentsNow:
        """Whom the campaign's pacing counts on."""
        return self._allotment.agents(campaign)

    def idle(self, campaign: int) -> list[int]:
        """The campaign's agents who are free, the longest first."""
        return self._allotment.idle(campaign)
