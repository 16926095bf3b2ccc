"""To which campaign each agent is allotted at the moment, and who is free there.

`caesura.rules.routing` decides; this asks it again whenever an answer can have changed, and no
oftener: with hundreds of agents, thousands of calls come and go between two such changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from caesura.rules import routing
from caesura.rules.floor.decision import Allotted, CampaignPaused, CampaignRuns, ForDesk
from caesura.rules.floor.desk import Desk, Presence
from caesura.rules.pacing.snapshot import AgentsNow
from caesura.rules.routing import Place, Work


@dataclass(frozen=True)
class Pause:
    """The pause or the termination of a campaign, as its agents are told of it."""

    by: str  # the person, key or rule, by name
    reason: str = ""
    destination: int | None = None  # the campaign that the pause named for the agents
    final: bool = False  # terminated: it does not come back


@dataclass
class Group:
    """The agents who are allotted to one campaign, by what they do."""

    free: dict[int, routing.Agent] = field(default_factory=dict)
    talking: dict[int, float] = field(default_factory=dict)  # when the conversation began
    wrapping: dict[int, float] = field(default_factory=dict)  # when the wrap-up began

    def remove(self, agent: int) -> None:
        self.free.pop(agent, None)
        self.talking.pop(agent, None)
        self.wrapping.pop(agent, None)

    def add(self, desk: Desk) -> None:
        if desk.free:
            self.free[desk.id] = as_agent(desk)
        elif desk.presence is Presence.ON_CALL and desk.task is not None:
            self.talking[desk.id] = desk.task.since
        elif desk.presence is Presence.WRAP_UP:
            self.wrapping[desk.id] = desk.since


def as_agent(desk: Desk) -> routing.Agent:
    """The desk as routing sees it."""
    return routing.Agent(
        desk.id,
        desk.profile.assignments,
        desk.profile.skills,
        desk.since if desk.free else None,
        desk.place.campaign if desk.place else None,
    )


class Allotment:
    """See the module. Whoever changes a desk says so to `changed`, then asks `renew`."""

    def __init__(self, desks: Mapping[int, Desk]) -> None:
        self._desks = desks
        self.works: dict[int, Work] = {}
        self.places: dict[int, Place] = {}  # by agent
        self._groups: dict[int | None, Group] = {}
        self._group_of: dict[int, Group] = {}
        self._counted: set[int] = set()  # agents whose desk counts
        self._stale = False

    # ------------------------------------------------------------- campaigns

    def runs(self, campaign: int, skills: frozenset[str]) -> list[ForDesk]:
        """The campaign runs here: it began, or was resumed, or its settings changed."""
        before = self.works.get(campaign)
        self._work(Work(campaign, skills=skills))
        if before is None or before.running:
            return []
        return [
            CampaignRuns(desk.id, campaign)
            for desk in self._desks.values()
            if _is_assigned(desk, campaign)
        ]

    def paused(self, campaign: int, pause: Pause, in_need: int) -> list[ForDesk]:
        """No call of it starts; `in_need` of its calls ring or wait for an agent.

        Its agents are told, each with where their next calls come from.
        """
        before = self.works.get(campaign, Work(campaign))
        concerned = [
            desk
            for desk in self._desks.values()
            if (desk.place is not None and desk.place.campaign == campaign)
            or (desk.task is not None and desk.task.campaign == campaign)
        ]
        for desk in self._desks.values():
            if _is_assigned(desk, campaign):
                desk.profile = desk.profile.sent(campaign, pause.destination)
        self._work(replace(before, running=False, in_need=in_need))
        self._stale = True  # also where nothing but the destination is new
        told: list[ForDesk] = [*self.renew()]
        for desk in concerned:
            place = desk.place
            told.append(
                CampaignPaused(
                    desk.id,
                    campaign,
                    pause.by,
                    pause.reason,
                    place.campaign if place else None,
                    place.why if place else None,
                    pause.final,
                )
            )
        return told

    def gone(self, campaign: int) -> None:
        """Nothing of it is left on this cell."""
        if self.works.pop(campaign, None) is not None:
            self._stale = True

    def in_need(self, campaign: int, calls: int) -> None:
        """So many calls of a paused campaign ring or wait for an agent."""
        work = self.works.get(campaign)
        if work is not None and not work.running and work.in_need != calls:
            self._work(replace(work, in_need=calls))

    def useful(self, campaign: int, agents: int | None) -> None:
        """So many agents at most are of use: few leads are due. None: all are."""
        if agents is not None and agents >= len(self._desks):
            agents = None
        work = self.works.get(campaign)
        if work is not None and work.useful != agents:
            self._work(replace(work, useful=agents))

    @property
    def any_paused(self) -> bool:
        return any(not work.running for work in self.works.values())

    def is_paused(self, campaign: int) -> bool:
        work = self.works.get(campaign)
        return work is not None and not work.running

    def _work(self, work: Work) -> None:
        if self.works.get(work.campaign) != work:
            self.works[work.campaign] = work
            self._stale = True

    # ---------------------------------------------------------------- agents

    def changed(self, desk: Desk, *, profile: bool = False) -> None:
        """The desk does something else now; or its profile is another."""
        counts = desk.counts
        if profile or counts is not (desk.id in self._counted) or self._holds:
            self._stale = True
        (self._counted.add if counts else self._counted.discard)(desk.id)
        self._regroup(desk)

    def left(self, desk: Desk) -> None:
        """The agent is not there any more."""
        self._counted.discard(desk.id)
        self._move(desk, None)
        group = self._group_of.pop(desk.id, None)
        if group is not None:
            group.remove(desk.id)
        self._stale = True

    @property
    def _holds(self) -> bool:
        """Free agents may be held for ringing calls: then it matters who is free."""
        return any(not work.running and work.in_need for work in self.works.values())

    def _regroup(self, desk: Desk) -> None:
        known = self._group_of.get(desk.id)
        if known is not None:
            known.remove(desk.id)
        group = self._groups.setdefault(desk.place.campaign if desk.place else None, Group())
        group.add(desk)
        self._group_of[desk.id] = group

    def renew(self) -> list[Allotted]:
        """Allot anew, if an answer can have changed; who has moved is told."""
        if not self._stale:
            return []
        self._stale = False
        counted = [self._desks[agent] for agent in sorted(self._counted)]
        places = routing.allot([as_agent(desk) for desk in counted], self.works.values())
        moved: list[Allotted] = []
        for desk in self._desks.values():
            place = places.get(desk.id)
            if place != desk.place:
                self._move(desk, place)
                self._regroup(desk)
                campaign, why = (place.campaign, place.why) if place else (None, None)
                moved.append(Allotted(desk.id, campaign, why))
        return moved

    def _move(self, desk: Desk, place: Place | None) -> None:
        desk.place = place
        if place is None:
            self.places.pop(desk.id, None)
        else:
            self.places[desk.id] = place

    # --------------------------------------------------------------- looking

    def agent_for(self, campaign: int, skills: frozenset[str]) -> int | None:
        """Who takes an answered call of the campaign now (caesura.rules.routing.agent_for)."""
        work = self.works.get(campaign, Work(campaign))
        own = self._groups.get(campaign)
        if own is not None and own.free:
            # The campaign's own come first: mostly, nobody else need be looked at.
            found = routing.agent_for(work, own.free.values(), self.places, skills=skills)
            if found is not None:
                return found
        return routing.agent_for(work, self._all_free(), self.places, skills=skills)

    def may_take(self, desk: Desk, campaign: int) -> bool:
        return routing.may_take(as_agent(desk), self.works.get(campaign, Work(campaign)))

    def _all_free(self) -> Iterable[routing.Agent]:
        for group in self._groups.values():
            yield from group.free.values()

    def agents(self, campaign: int) -> AgentsNow:
        """The agents whom the campaign counts on, for its pacing; the calls it knows itself."""
        group = self._groups.get(campaign)
        if group is None:
            return AgentsNow()
        return AgentsNow(
            len(group.free), tuple(group.talking.values()), tuple(group.wrapping.values())
        )

    def idle(self, campaign: int) -> list[int]:
        """The agents of the campaign who are free, the longest first."""
        group = self._groups.get(campaign)
        found = [] if group is None else list(group.free.values())
        return [each.id for each in sorted(found, key=lambda each: (each.free_since, each.id))]


def _is_assigned(desk: Desk, campaign: int) -> bool:
    return any(each.campaign == campaign for each in desk.profile.assignments)
