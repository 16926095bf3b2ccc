"""The agents of one cell: events in, decisions out.

Pure: no clock, no socket, no store; every method takes the moment in seconds of the cell's
monotonic clock, and returns what follows (caesura.rules.floor.decision). What a campaign is and
which calls it starts, its runner knows (caesura.rules.runner); what the two have to say to each
other, caesura.rules.floor.exchange passes on.

    OFFLINE → AVAILABLE → ON_CALL → WRAP_UP → AVAILABLE      a call that pacing started
              AVAILABLE → PREVIEW → CALLING → ON_CALL …      one that was started for this agent
              AVAILABLE ⇄ BREAK                              asked for in a call: after it

Each agent has at most one call, and each call at most one agent: `_by_attempt` is that relation.
"""

from __future__ import annotations

from uuid import UUID

from caesura.rules.floor.allotment import Pause
from caesura.rules.floor.decision import (
    AgentAway,
    AgentBack,
    AgentGone,
    CallAsked,
    Decision,
    Denial,
    Denied,
    HandedOver,
    NotLooking,
    WrapUpOverdue,
)
from caesura.rules.floor.desk import Desk, Presence, Profile, Task, Wish
from caesura.rules.floor.desks import CampaignTerms, Desks, Sought

_ANYBODY: frozenset[str] = frozenset()

_BEFORE = (Presence.PREVIEW, Presence.CALLING)


class Floor(Desks):
    """See the module."""

    # ------------------------------------------------------------- campaigns

    def campaign_runs(self, campaign: int, terms: CampaignTerms, now: float) -> list[Decision]:
        """It runs on this cell: begun, resumed, or with other settings."""
        self._terms[campaign] = terms
        return self._settled(now, [*self._allotment.runs(campaign, terms.skills)])

    def campaign_paused(
        self, campaign: int, pause: Pause, in_need: int, now: float
    ) -> list[Decision]:
        """No more of its calls start; `in_need` of them ring, or wait for an agent.

        Also for a campaign that is terminated, completed, or outside of its hours.
        """
        return self._settled(now, [*self._allotment.paused(campaign, pause, in_need)])

    def campaign_gone(self, campaign: int, now: float) -> list[Decision]:
        """Nothing of it is left here."""
        self._allotment.gone(campaign)
        return self._settled(now, [])

    def in_need(self, campaign: int, calls: int, now: float) -> list[Decision]:
        """So many calls of a paused campaign ring, or wait for an agent. Others need not say."""
        self._allotment.in_need(campaign, calls)
        return self._settled(now, [])

    def useful(self, campaign: int, agents: int | None, now: float) -> list[Decision]:
        """So many agents at most are of use to the campaign; None: all that it can get."""
        self._allotment.useful(campaign, agents)
        return self._settled(now, [])

    # ---------------------------------------------------------------- people

    def signed_in(self, profile: Profile, now: float) -> list[Decision]:
        """Also again, after a reload or with other assignments: what they do goes on."""
        desk = self._desks.get(profile.id)
        if desk is None:
            desk = self._desks[profile.id] = Desk(profile, since=now)
            self._allotment.changed(desk, profile=True)
            return self._settled(now, [self._told(desk)])
        desk.profile = profile
        self._allotment.changed(desk, profile=True)
        return self._settled(now, [])

    def device_connected(self, agent: int, now: float) -> list[Decision]:
        """Their page or telephone can carry a conversation."""
        desk = self._desks.get(agent)
        if desk is None or desk.device:
            return []
        desk.device = True
        decided: list[Decision] = []
        task = desk.task
        if task is not None and task.lost_at is not None and task.attempt is not None:
            task.lost_at = None
            self._clocks.pop(agent, None)
            decided.append(AgentBack(task.campaign, task.attempt, agent))
        self._allotment.changed(desk)
        return self._settled(now, decided)

    def device_lost(self, agent: int, now: float, silent_s: float = 0.0) -> list[Decision]:
        """It cannot. A conversation waits for it for a moment, then for another agent.

        `silent_s`: so long nothing was heard of it before that was noticed. The callee hears
        nothing since then, so that is part of what they can be asked to wait.
        """
        desk = self._desks.get(agent)
        if desk is None or not desk.device:
            return []
        desk.device = False
        task, decided = desk.task, list[Decision]()
        if desk.presence is Presence.ON_CALL and task is not None and task.attempt is not None:
            task.lost_at = now - silent_s
            self._clocks[agent] = task.lost_at + self._of(task.campaign).grace_s
            decided.append(AgentAway(task.campaign, task.attempt, agent))
        if desk.presence is Presence.PREVIEW and task is not None:
            decided.append(NotLooking(task.campaign, agent))
            decided += self._done(desk, now)
        self._allotment.changed(desk)
        return self._settled(now, decided)

    def presence_asked(
        self, agent: int, presence: Presence, now: float, reason: str | None = None
    ) -> list[Decision]:
        """AVAILABLE, BREAK or OFFLINE. During a call, a break or leaving takes effect after it."""
        desk = self._desks.get(agent)
        if desk is None:
            return [Denied(agent, Denial.NOT_SIGNED_IN)]
        if presence is Presence.AVAILABLE:
            return self._settled(now, self._available_asked(desk, now))
        if presence not in (Presence.BREAK, Presence.OFFLINE):
            raise ValueError(f"{presence} cannot be asked for")
        decided: list[Decision] = []
        desk.wish = Wish(presence, reason)
        task = desk.task
        if desk.presence is Presence.PREVIEW and task is not None:
            decided += [NotLooking(task.campaign, agent), *self._done(desk, now)]
        elif task is None:
            decided += self._becomes(desk, Presence.AVAILABLE, now)
        elif desk.presence is Presence.WRAP_UP and self._may_end(task):
            decided += self._wrap_ends(desk, now)
        else:
            task.overdue = desk.presence is Presence.WRAP_UP  # it ends with the disposition
            self._allotment.changed(desk)
            decided.append(self._told(desk))
        return self._settled(now, decided)

    def _available_asked(self, desk: Desk, now: float) -> list[Decision]:
        desk.wish = None
        if desk.task is None:
            if desk.presence is Presence.AVAILABLE:
                return []
            return self._becomes(desk, Presence.AVAILABLE, now)
        if desk.presence is Presence.WRAP_UP:
            if self._may_end(desk.task):
                return self._wrap_ends(desk, now)
            return [Denied(desk.id, Denial.DISPOSITION_MISSING)]
        self._allotment.changed(desk)
        return [self._told(desk)]

    # ------------------------------------------------------- calls that came

    def sought(
        self,
        campaign: int,
        attempt: UUID,
        now: float,
        skills: frozenset[str] = _ANYBODY,
        agent: int | None = None,
    ) -> list[Decision]:
        """An answered call needs an agent: `agent`, for whom it was started, if they are there.

        Found, or it waits here until somebody is free, or `not_sought` is said of it.
        """
        decided: list[Decision] = []
        caller = self._by_attempt.get(attempt)
        if caller is not None and caller.presence is Presence.CALLING:
            if caller.device and caller.id == agent:
                return self._settled(now, self._found(caller, campaign, attempt, now))
            decided += self._done(caller, now)  # somebody else has to take it
        self._sought[attempt] = Sought(campaign, skills)
        return self._settled(now, decided)

    def not_sought(self, attempt: UUID, now: float) -> list[Decision]:
        """The caller has hung up, or was told that nobody is there."""
        self._sought.pop(attempt, None)
        return self._settled(now, [])

    def over(self, attempt: UUID, now: float) -> list[Decision]:
        """The call has ended: who talked wraps up, who only waited for it is free again."""
        self._sought.pop(attempt, None)
        desk = self._by_attempt.get(attempt)
        if desk is None or desk.presence is Presence.WRAP_UP:
            return []
        if desk.presence is Presence.ON_CALL:
            return self._settled(now, self._wraps_up(desk, now))
        return self._settled(now, self._done(desk, now))

    # ---------------------------------------- calls that are started for them

    def offered(self, campaign: int, agent: int, now: float) -> list[Decision]:
        """A lead is shown to them before it is called."""
        desk = self._desks.get(agent)
        if desk is None or not desk.free:
            return [NotLooking(campaign, agent)]
        self._begins(desk, Task(campaign, None, now))
        return self._settled(now, self._becomes(desk, Presence.PREVIEW, now))

    def call_asked(self, campaign: int, agent: int, lead: int, now: float) -> list[Decision]:
        """They ask to call this lead. The runner decides; until then they are kept for it."""
        desk = self._desks.get(agent)
        denial = self._why_not(desk, campaign)
        if desk is None or denial is not None:
            return [Denied(agent, denial or Denial.NOT_SIGNED_IN)]
        self._begins(desk, Task(campaign, None, now))
        decided = self._becomes(desk, Presence.CALLING, now)
        return self._settled(now, [*decided, CallAsked(campaign, agent, lead)])

    def calls(self, agent: int, attempt: UUID | None, now: float) -> list[Decision]:
        """The call for them is being started; `attempt` as soon as it is known."""
        desk = self._desks.get(agent)
        if desk is None or desk.task is None or desk.presence not in _BEFORE:
            return []
        desk.task.attempt = attempt
        if attempt is not None:
            self._by_attempt[attempt] = desk
        return self._settled(now, self._becomes(desk, Presence.CALLING, now))

    def let_go(self, agent: int, now: float) -> list[Decision]:
        """There will be no such call."""
        desk = self._desks.get(agent)
        if desk is None or desk.presence not in _BEFORE:
            return []
        return self._settled(now, self._done(desk, now))

    # -------------------------------------------------- in and after the call

    def handed_over(self, agent: int, attempt: UUID, now: float, to: int | None) -> list[Decision]:
        """They give their conversation to `to`, or to whom routing finds."""
        desk = self._desks.get(agent)
        task = desk.task if desk is not None else None
        if desk is None or task is None or not self._talks(desk, attempt):
            return [Denied(agent, Denial.NOT_IN_CONVERSATION)]
        if to is None:
            to = self._allotment.agent_for(task.campaign, _ANYBODY)
        other = None if to is None else self._desks.get(to)
        denial = self._why_not(other, task.campaign)
        if other is None or denial is not None:
            nobody = denial is not Denial.NOT_ASSIGNED
            return [Denied(agent, Denial.NOBODY_FREE if nobody else Denial.NOT_ASSIGNED)]
        decided: list[Decision] = [HandedOver(task.campaign, attempt, other.id, agent)]
        decided += self._wraps_up(desk, now, goes_on=True)
        self._begins(other, Task(task.campaign, attempt, now, terms=task.terms))
        return self._settled(now, decided + self._becomes(other, Presence.ON_CALL, now))

    def muted(self, agent: int, muted: bool) -> None:
        """They do not, or do, hear the agent."""
        desk = self._desks.get(agent)
        if desk is not None and desk.task is not None:
            desk.task.muted = muted

    def on_hold(self, agent: int, on_hold: bool) -> None:
        """The callee waits, by the agent's wish."""
        desk = self._desks.get(agent)
        if desk is not None and desk.task is not None:
            desk.task.on_hold = on_hold

    def disposed(self, agent: int, attempt: UUID, now: float) -> list[Decision]:
        """They have said what came of it (caesura.rules.disposition)."""
        desk = self._desks.get(agent)
        if desk is None or desk.task is None or desk.task.attempt != attempt:
            return []
        desk.task.disposed = True
        if desk.presence is Presence.WRAP_UP and desk.task.overdue:
            return self._settled(now, self._wrap_ends(desk, now))
        return []

    def wrap_up_done(self, agent: int, now: float) -> list[Decision]:
        """They are ready before the clock has run out; what they wished to be is what they are."""
        desk = self._desks.get(agent)
        if desk is None or desk.task is None or desk.presence is not Presence.WRAP_UP:
            return [Denied(agent, Denial.NOT_IN_WRAP_UP)]
        if not self._may_end(desk.task):
            return [Denied(agent, Denial.DISPOSITION_MISSING)]
        return self._settled(now, self._wrap_ends(desk, now))

    def wrap_up_extended(self, agent: int, now: float) -> list[Decision]:
        """They ask for more time, which the campaign grants once or never."""
        desk = self._desks.get(agent)
        if desk is None or desk.task is None or desk.presence is not Presence.WRAP_UP:
            return [Denied(agent, Denial.NOT_IN_WRAP_UP)]
        task = desk.task
        if task.extended or task.terms.extension_s == 0 or task.wrap_until is None or task.overdue:
            return [Denied(agent, Denial.NOT_EXTENDABLE)]
        task.extended = True
        task.wrap_until += task.terms.extension_s
        self._clocks[agent] = task.wrap_until
        return [self._told(desk)]

    def tick(self, now: float) -> list[Decision]:
        """Time passes: wrap-ups end, and devices do not come back."""
        due = [agent for agent, at in self._clocks.items() if now >= at]
        decided: list[Decision] = []
        for agent in due:
            del self._clocks[agent]
            desk = self._desks[agent]
            task = desk.task
            if task is None or task.attempt is None:
                continue
            if desk.presence is Presence.ON_CALL and task.lost_at is not None:
                decided.append(AgentGone(task.campaign, task.attempt, agent, task.lost_at))
                decided += self._wraps_up(desk, now, goes_on=True)
            elif desk.presence is Presence.WRAP_UP:
                if self._may_end(task):
                    decided += self._wrap_ends(desk, now)
                else:
                    task.overdue = True
                    decided.append(WrapUpOverdue(agent, task.campaign, task.attempt))
        return self._settled(now, decided)
