"""Which agent works for which campaign now, and who takes which call.

Two questions, both pure:

- `allot`: to which campaign does each agent belong until further notice? Each to one at most, so
  that no agent is counted on twice by two campaigns' pacing. Asked again whenever agents, campaigns
  or pauses change: there is no memory but what is passed in, so after a resume they come back.
- `agent_for`: an answered call of a campaign is there; who takes it? Nobody waits while somebody
  who may take it is free.

A paused campaign's agents are its no more (invariant 7): they go to the destination that the pause
named, which stands in for the campaign in their order of work, or to their other campaigns. As many
are kept back as its calls that still ring can need, and of those first who have nothing else to do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class Assignment:
    """A campaign that an agent works for."""

    campaign: int
    priority: int = 5  # 9 first; a lower one gets the agent when the higher ones have no use
    weight: float = 1.0  # among campaigns of one priority, how large a part; above 0
    destination: int | None = None  # the campaign that its standing pause named for its agents


@dataclass(frozen=True)
class Agent:
    """An agent who is signed in and not on a break."""

    id: int
    assignments: tuple[Assignment, ...]
    skills: frozenset[str] = frozenset()
    free_since: float | None = None  # None: in conversation or wrap-up, and free after it
    allotted: int | None = None  # the campaign so far


@dataclass(frozen=True)
class Work:
    """What a campaign has for agents."""

    campaign: int
    running: bool = True  # False: paused, terminated, or outside of its hours
    skills: frozenset[str] = frozenset()  # that an agent must have, all of them
    in_need: int = 0  # calls that ring, or wait for an agent
    useful: int | None = None  # so many agents at most are of use (few leads are due); None: all


class Why(StrEnum):
    """Why an agent is where they are."""

    ASSIGNED = "assigned"
    DESTINATION = "destination"  # their own campaign is paused, and this stands in for it
    HELD = "held"  # their own campaign is paused, and its ringing calls may need them


@dataclass(frozen=True)
class Place:
    campaign: int
    why: Why = Why.ASSIGNED


@dataclass(frozen=True)
class _Option:
    place: Place
    priority: int
    weight: float


def allot(agents: Iterable[Agent], work: Iterable[Work]) -> dict[int, Place]:
    """Where each agent belongs, by id; who is not in it has nothing to do.

    Priorities come first, each agent's own. Campaigns of one priority share by weight: the next
    agent goes where the fewest are for its weight, and stays where they are if that is the same.
    """
    works = {each.campaign: each for each in work}
    everybody = {agent.id: agent for agent in agents}
    options = {agent.id: _options(agent, works) for agent in everybody.values()}
    placed = _held(everybody.values(), works, options)
    number: Counter[int] = Counter()
    for agent in sorted(everybody.values(), key=lambda each: _turn(each, options[each.id])):
        if agent.id not in placed:
            place = _best(agent, options[agent.id], works, number)
            if place is not None:
                placed[agent.id] = place
                number[place.campaign] += 1
    return placed


def _options(agent: Agent, works: Mapping[int, Work]) -> list[_Option]:
    """Where the agent may work now; each campaign once, with its highest priority."""
    found: dict[int, _Option] = {}
    for assignment in agent.assignments:
        own = works.get(assignment.campaign)
        if own is not None and own.running:
            place = Place(own.campaign)
        elif assignment.destination is not None:
            place = Place(assignment.destination, Why.DESTINATION)
        else:
            continue
        there = works.get(place.campaign)
        if there is None or not there.running or not there.skills <= agent.skills:
            continue
        option = _Option(place, assignment.priority, assignment.weight)
        known = found.get(place.campaign)
        if known is None or _rank(option) > _rank(known):
            found[place.campaign] = option
    return list(found.values())


def _rank(option: _Option) -> tuple[int, bool, float]:
    return option.priority, option.place.why is Why.ASSIGNED, option.weight


def _held(
    agents: Iterable[Agent], works: Mapping[int, Work], options: Mapping[int, Sequence[_Option]]
) -> dict[int, Place]:
    """Free agents who are kept for paused campaigns' ringing calls, one for each call at most."""
    placed: dict[int, Place] = {}
    free = [agent for agent in agents if agent.free_since is not None]
    for each in works.values():
        if each.running or each.in_need == 0:
            continue
        able = [agent for agent in free if agent.id not in placed and may_take(agent, each)]
        able.sort(
            key=lambda agent: (
                len(options[agent.id]) > 0,  # who has nothing else to do is not kept from anything
                agent.allotted != each.campaign,
                agent.free_since or 0.0,
                agent.id,
            )
        )
        for agent in able[: each.in_need]:
            placed[agent.id] = Place(each.campaign, Why.HELD)
    return placed


def _turn(agent: Agent, options: Sequence[_Option]) -> tuple[int, bool, int]:
    """Who is placed first: who has the least choice, then who would stay."""
    stays = any(option.place.campaign == agent.allotted for option in options)
    return len(options), not stays, agent.id


def _best(
    agent: Agent,
    options: Sequence[_Option],
    works: Mapping[int, Work],
    number: Mapping[int, int],
) -> Place | None:
    def has_use(option: _Option) -> bool:
        useful = works[option.place.campaign].useful
        return useful is None or number.get(option.place.campaign, 0) < useful

    def order(option: _Option) -> tuple[int, float, bool, int]:
        campaign = option.place.campaign
        part = (number.get(campaign, 0) + 1) / option.weight
        return -option.priority, part, campaign != agent.allotted, campaign

    usable = [option for option in options if has_use(option)]
    return min(usable, key=order).place if usable else None


def may_take(agent: Agent, work: Work) -> bool:
    """The agent is assigned to the campaign and has the skills that it wants."""
    assigned = any(each.campaign == work.campaign for each in agent.assignments)
    return assigned and work.skills <= agent.skills


def agent_for(
    work: Work, agents: Iterable[Agent], placed: Mapping[int, Place], *, skills: frozenset[str]
) -> int | None:
    """Who takes an answered call of the campaign that wants `skills` besides the campaign's own.

    The campaign's own free agents first, then those who have nothing to do, then another's; among
    them the one who has been free the longest. None if no free agent may take it.
    """
    best: tuple[tuple[int, float, int], int] | None = None
    for agent in agents:
        if agent.free_since is None or not skills <= agent.skills:
            continue
        place = placed.get(agent.id)
        here = place is not None and place.campaign == work.campaign
        if not here and not may_take(agent, work):
            continue
        far = 0 if here else 1 if place is None else 2
        key = (far, agent.free_since, agent.id)
        if best is None or key < best[0]:
            best = (key, agent.id)
    return best[1] if best else None
