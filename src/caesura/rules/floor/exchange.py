"""What the floor and the campaigns' runners have to say to each other, passed on.

Neither knows the other: a runner commands that an agent be sought, the floor decides that one is
found. Whoever holds both (cell, property tests, simulator) gives what either has said to the
`Exchange`, and gets back what is left: commands for the hands, news for the agents' pages.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from caesura.rules.campaign import CampaignSettings
from caesura.rules.claim import Tally
from caesura.rules.command import (
    CallFor,
    CallOver,
    Command,
    LetGo,
    Offer,
    SeekAgent,
    SeekNoAgent,
)
from caesura.rules.floor.decision import (
    AgentAway,
    AgentBack,
    AgentGone,
    CallAsked,
    Decision,
    ForDesk,
    Found,
    HandedOver,
    NotLooking,
    WrappedUp,
)
from caesura.rules.floor.desk import WrapTerms
from caesura.rules.floor.desks import CampaignTerms
from caesura.rules.floor.floor import Floor
from caesura.rules.moment import Moment
from caesura.rules.pacing.snapshot import Crew
from caesura.rules.runner import Runner

_FLOOR = -1  # as the speaker; else it is a campaign
_Said = deque[tuple[int, Any]]  # who says what


@dataclass
class Outcome:
    """What is left for the world, in the order in which it came about."""

    commands: list[tuple[int, Command]] = field(default_factory=list)  # with their campaign
    told: list[ForDesk] = field(default_factory=list)


def terms_of(settings: CampaignSettings) -> CampaignTerms:
    """What the floor needs to know of a campaign's settings."""
    agents = settings.agents
    wrap_up = WrapTerms(
        agents.wrap_up.seconds, agents.wrap_up.extension_s, agents.disposition_required
    )
    return CampaignTerms(frozenset(agents.skills), wrap_up, agents.device_grace_s)


class Exchange:
    """One cell's floor with its runners; `runners` may change under it."""

    def __init__(self, floor: Floor, runners: Mapping[int, Runner]) -> None:
        self.floor = floor
        self._runners = runners

    def tick(self, campaign: int, room: int, tally: Tally, now: Moment) -> Outcome:
        """Ask a runner what it wants to do, with the agents whom it can count on."""
        runner, floor = self._runners[campaign], self.floor
        moved = floor.useful(campaign, runner.useful(tally, now.wall), now.mono)
        idle = floor.idle(campaign) if runner.wants_idle else ()
        crew = Crew(floor.agents(campaign), idle)
        said = runner.tick(now, room, tally, crew)
        if not (moved or said):
            return Outcome()
        return self._run(
            deque([*((_FLOOR, e) for e in moved), *((campaign, e) for e in said)]), now
        )

    def passed_on(self, campaign: int, said: Iterable[Command], now: Moment) -> Outcome:
        """What the runner of the campaign has said."""
        return self._run(deque((campaign, each) for each in said), now)

    def decided(self, decisions: Iterable[Decision], now: Moment) -> Outcome:
        """What the floor has decided."""
        return self._run(deque((_FLOOR, each) for each in decisions), now)

    def _run(self, waiting: _Said, now: Moment) -> Outcome:
        outcome, concerned = Outcome(), set[int]()
        while waiting:
            speaker, each = waiting.popleft()
            if speaker is not _FLOOR:
                concerned.add(speaker)
            if (to_floor := _TO_FLOOR.get(type(each))) is not None:
                waiting.extend((_FLOOR, one) for one in to_floor(self.floor, speaker, each, now))
            elif (to_runner := _TO_RUNNER.get(type(each))) is not None:
                runner = self._runners.get(each.campaign)
                said = [] if runner is None else to_runner(runner, each, now)
                waiting.extend((each.campaign, one) for one in said)
            elif isinstance(each, Offer):
                self._offer(speaker, each, waiting, outcome, now)
            elif speaker is not _FLOOR:
                outcome.commands.append((speaker, each))
            else:
                outcome.told.append(each)
            if not waiting and concerned and self.floor.any_paused:
                waiting.extend(self._needs(concerned, now))
                concerned.clear()
        return outcome

    def _offer(
        self, campaign: int, offer: Offer, waiting: _Said, outcome: Outcome, now: Moment
    ) -> None:
        """The agent sees the lead only if they are free for it."""
        decided = self.floor.offered(campaign, offer.agent, now.mono)
        waiting.extend((_FLOOR, one) for one in decided)
        if not any(isinstance(one, NotLooking) for one in decided):
            outcome.commands.append((campaign, offer))

    def _needs(self, concerned: set[int], now: Moment) -> list[tuple[int, Decision]]:
        """Of paused campaigns, as many agents are held as calls can still need."""
        return [
            (_FLOOR, told)
            for campaign in concerned
            if self.floor.is_paused(campaign) and campaign in self._runners
            for told in self.floor.in_need(campaign, self._runners[campaign].in_need, now.mono)
        ]


def _sought(floor: Floor, campaign: int, said: SeekAgent, now: Moment) -> list[Decision]:
    return floor.sought(campaign, said.attempt, now.mono, agent=said.agent)


def _wrapped_up(runner: Runner, told: WrappedUp, now: Moment) -> list[Command]:
    runner.wrapped_up(told.attempt, told.agent, told.came_back, now)
    return []


_TO_FLOOR: dict[type, Callable[[Floor, int, Any, Moment], list[Decision]]] = {
    SeekAgent: _sought,
    SeekNoAgent: lambda floor, _, said, now: floor.not_sought(said.attempt, now.mono),
    CallOver: lambda floor, _, said, now: floor.over(said.attempt, now.mono),
    CallFor: lambda floor, _, said, now: floor.calls(said.agent, said.attempt, now.mono),
    LetGo: lambda floor, _, said, now: floor.let_go(said.agent, now.mono),
}

_TO_RUNNER: dict[type, Callable[[Runner, Any, Moment], list[Command]]] = {
    Found: lambda runner, told, now: runner.agent_found(told.attempt, told.agent, now),
    AgentAway: lambda runner, told, now: [],  # within its grace, nothing changes for the call
    AgentBack: lambda runner, told, now: runner.agent_back(told.attempt, told.agent),
    AgentGone: lambda runner, told, now: runner.agent_gone(
        told.attempt, told.agent, told.lost_at, now
    ),
    HandedOver: lambda runner, told, now: runner.handed_over(told.attempt, told.agent, now),
    WrappedUp: _wrapped_up,
    NotLooking: lambda runner, told, now: runner.not_looking(told.agent),
    CallAsked: lambda runner, told, now: runner.call_asked(told.agent, told.lead),
}
