"""The engine: agents, people and a carrier in virtual time, around the rules of production.

Events stand in a heap and happen one after the other; the clock is the time of the last. A dialer
is asked once a second how many calls to start, as the cell asks it. The same shift with the same
seed gives the same figures. Chance has a stream of its own for each kind of thing, so that two
dialers meet the same people as far as they make the same calls.
"""

from __future__ import annotations

import heapq
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from random import Random

from caesura.rules import routing
from caesura.rules.pacing.abandonment import Answers
from caesura.rules.pacing.observed import Observed
from caesura.rules.pacing.snapshot import Pacer
from caesura.simulate.dialers import Clairvoyant
from caesura.simulate.figures import Figures, Slice
from caesura.simulate.shift import Group, Shift

LOOK_S = 1.0
SLICES = 48
_CAMPAIGN = 1
_DAY = date(2026, 1, 5)
_NO_SKILLS: frozenset[str] = frozenset()
_ENOUGH_ANSWERS = 100  # before that, a rate is mostly chance


class State(IntEnum):
    """What an agent does."""

    AWAY = 0
    FREE = 1
    TALKING = 2
    WRAPPING = 3


@dataclass
class _Agent:
    id: int
    group: Group
    rng: Random
    state: State = State.AWAY
    since: float = 0.0
    away: bool = True  # or will be, when what they do is done


class World:
    """One shift under one dialer. `run` once."""

    def __init__(self, shift: Shift, name: str, pacer: Pacer) -> None:
        self.shift, self.pacer = shift, pacer
        self.now = 0.0
        self.figures = Figures(name)
        self.observed = Observed(shift.abandonment_max, shift.wait_s)
        self._clairvoyant = isinstance(pacer, Clairvoyant)
        self._heap: list[tuple[float, int, Callable[[int], None], int]] = []
        self._count = 0
        self._people = Random(f"{shift.seed} people")
        self._lengths = Random(f"{shift.seed} lengths")
        self._patience = Random(f"{shift.seed} patience")
        self._agents = self._hired()
        self._free: dict[int, routing.Agent] = {}
        self._number = dict.fromkeys(State, 0) | {State.AWAY: len(self._agents)}
        self._waiting: dict[int, float] = {}  # answered calls without an agent, by when
        self._work = routing.Work(_CAMPAIGN)
        self._place = routing.Place(_CAMPAIGN)
        self._calls = 0
        self._tokens = 1.0
        self._fresh = shift.leads
        self._open_leads = shift.leads or 0  # not answered, tries left, or in a call
        self._again: deque[tuple[float, int]] = deque()  # (due, tries left)
        self._tries: dict[int, int] = {}  # tries left of the lead, by call

    def _hired(self) -> list[_Agent]:
        agents: list[_Agent] = []
        for group in self.shift.groups:
            for _ in range(group.agents):
                number = len(agents)
                agents.append(_Agent(number, group, Random(f"{self.shift.seed} agent {number}")))
        return agents

    # ------------------------------------------------------------------- run

    def run(self) -> Figures:
        """The whole shift, and what is still talked of afterwards."""
        began = time.perf_counter()
        for agent in self._agents:
            self._plan(agent)
        self._at(0.0, self._look, 0)
        end = self.shift.length_s
        heap = self._heap
        while heap and heap[0][0] <= end:
            self.now, _, happen, who = heapq.heappop(heap)
            happen(who)
        self.now = end
        for agent in self._agents:
            self._becomes(agent, State.AWAY)
        self.figures.answers = self.observed.ledger.of_day(_DAY)
        if self.shift.leads is not None:
            self.figures.leads_left = self._open_leads
        self.figures.computing_s = time.perf_counter() - began
        return self.figures

    def _at(self, when: float, happen: Callable[[int], None], who: int) -> None:
        self._count += 1
        heapq.heappush(self._heap, (when, self._count, happen, who))

    # ---------------------------------------------------------------- agents

    def _plan(self, agent: _Agent) -> None:
        """Comings and goings of the day."""
        group, shift = agent.group, self.shift
        late = group.late_s * agent.rng.random()
        login = shift.begins(group.login) - shift.starts_at + late
        logout = shift.length_s if group.logout is None else group.logout - shift.starts_at + late
        self._at(max(0.0, login), self._comes, agent.id)
        for each in group.breaks:
            at = each.at - shift.starts_at + late
            if login < at < logout:
                self._at(at, self._goes, agent.id)
                self._at(min(logout, at + each.minutes * 60), self._comes, agent.id)
        if logout < shift.length_s:
            self._at(logout + 0.001, self._goes, agent.id)

    def _comes(self, who: int) -> None:
        agent = self._agents[who]
        agent.away = False
        if agent.state is State.AWAY:
            self._is_free(agent)

    def _goes(self, who: int) -> None:
        agent = self._agents[who]
        agent.away = True
        if agent.state is State.FREE:
            self._becomes(agent, State.AWAY)

    def _becomes(self, agent: _Agent, state: State) -> None:
        lasted = self.now - agent.since
        if agent.state is not State.AWAY:
            self.figures.signed_in_s += lasted
        if agent.state is State.TALKING:
            self.figures.talking_s += lasted
        elif agent.state is State.WRAPPING:
            self.figures.wrapping_s += lasted
        self._number[agent.state] -= 1
        self._number[state] += 1
        agent.state, agent.since = state, self.now
        if state is State.FREE:
            self._free[agent.id] = routing.Agent(
                agent.id, (routing.Assignment(_CAMPAIGN),), free_since=self.now
            )
        else:
            self._free.pop(agent.id, None)

    def _is_free(self, agent: _Agent) -> None:
        self._becomes(agent, State.FREE)
        if self._waiting:
            self._connect(next(iter(self._waiting)))
        elif self._clairvoyant:
            self._foreseen()

    def _talk_ends(self, who: int) -> None:
        agent = self._agents[who]
        self._becomes(agent, State.WRAPPING)
        self.observed.talk_ended(who, self.now)
        self._at(self.now + self.shift.wrap_s.draw(self._lengths), self._wrap_ends, who)

    def _wrap_ends(self, who: int) -> None:
        agent = self._agents[who]
        self.observed.wrap_ended(who, self.now, came_back=not agent.away)
        if agent.away:
            self._becomes(agent, State.AWAY)
        else:
            self._is_free(agent)

    # ----------------------------------------------------------------- calls

    def _look(self, _: int) -> None:
        """The dialer is asked; and it is written down how busy everybody is."""
        self._at(self.now + LOOK_S, self._look, 0)
        self._write_down()
        room = self._room()
        if room <= 0 or self._clairvoyant:
            return
        snapshot = self.observed.snapshot(
            self.now, _DAY, len(self._free), look_ahead=self.pacer.looks_ahead
        )
        for _each in range(min(room, self.pacer.decide(self.now, snapshot))):
            if not self._start():
                break

    def _room(self) -> int:
        room = 1_000_000
        if self.shift.calls_at_once is not None:
            room = self.shift.calls_at_once - self.observed.in_flight
        if self.shift.calls_per_s is not None:
            rate = self.shift.calls_per_s
            self._tokens = min(max(1.0, rate), self._tokens + rate * LOOK_S)
            room = min(room, int(self._tokens))
        return room

    def _start(self) -> bool:
        """One call to the next lead; False if none is due."""
        tries = self._next_lead()
        if tries is None:
            return False
        self._calls += 1
        call = self._calls
        self._tries[call] = tries
        self._tokens -= 1.0
        self.observed.call_started(call, self.now)
        self.figures.calls += 1
        self._slice().calls += 1
        trouble = self.shift.trouble(self.now)
        people = self._people
        chance, other = people.random(), people.random()
        rings = self.shift.ring_s.draw(people)
        delay = trouble.delay_s if trouble else 0.0
        if trouble and people.random() < trouble.fails:
            self._at(self.now + 0.3 + 2 * other, self._fails, call)
        elif chance < self.shift.answered(self.now) and rings + delay < self.shift.ring_timeout_s:
            self._at(self.now + rings + delay, self._answers, call)
        elif other < self.shift.busy:
            self._at(self.now + 2.0 + delay, self._ends, call)
        else:
            self._at(self.now + self.shift.ring_timeout_s, self._ends, call)
        return True

    def _next_lead(self) -> int | None:
        """How many tries it has left after this one; None: no lead is due."""
        if self._again and self._again[0][0] <= self.now:
            return self._again.popleft()[1] - 1
        if self._fresh is None:
            return self.shift.tries - 1
        if self._fresh == 0:
            return None
        self._fresh -= 1
        return self.shift.tries - 1

    def _fails(self, call: int) -> None:
        self.figures.failed += 1
        self._ends(call)

    def _ends(self, call: int) -> None:
        """Nobody answered."""
        self.observed.call_ended(call, self.now)
        left = self._tries.pop(call)
        if self._fresh is None:
            return  # they never run out, so none comes again
        if left:
            self._again.append((self.now + self.shift.retry_s, left))
        else:
            self._lead_done()

    def _lead_done(self) -> None:
        if self.shift.leads is not None:
            self._open_leads -= 1
            if self._open_leads == 0:
                self.figures.finished_at_s = self.now

    def _answers(self, call: int) -> None:
        self._tries.pop(call, None)
        self.observed.call_answered(call, self.now)
        self._slice().answered += 1
        self._waiting[call] = self.now
        self._connect(call)
        if call in self._waiting:
            hangs_up = self._patience.expovariate(1 / self.shift.patience_s)
            if hangs_up < self.shift.wait_s:
                self._at(self.now + hangs_up, self._gives_up, call)
            else:
                self._at(self.now + self.shift.wait_s, self._is_abandoned, call)

    def _connect(self, call: int) -> None:
        """Hand the call to whom routing says, if there is somebody."""
        agents = self._free.values()
        places = dict.fromkeys(self._free, self._place)
        who = routing.agent_for(self._work, agents, places, skills=_NO_SKILLS)
        if who is None:
            return
        waited = self.now - self._waiting.pop(call)
        self.figures.waited_s += waited
        self.figures.waited += waited > 0
        self.figures.waited_s_max = max(self.figures.waited_s_max, waited)
        self.observed.call_connected(call, who, self.now, _DAY)
        self._becomes(self._agents[who], State.TALKING)
        self._at(self.now + self.shift.talk_s.draw(self._lengths), self._talk_ends, who)
        self._lead_done()

    def _is_abandoned(self, call: int) -> None:
        if self._waiting.pop(call, None) is None:
            return
        self.observed.call_abandoned(call, _DAY)
        self._slice().abandoned += 1
        self._lead_done()
        today: Answers = self.observed.ledger.of_day(_DAY)
        if today.answered >= _ENOUGH_ANSWERS:
            self.figures.worst_us_rate = max(self.figures.worst_us_rate, today.us_rate or 0.0)

    def _gives_up(self, call: int) -> None:
        if self._waiting.pop(call, None) is not None:
            self.observed.call_gave_up(call, _DAY)
            self.figures.hung_up += 1
            self._lead_done()

    def _foreseen(self) -> None:
        """For the clairvoyant: the call that was started in time is answered now."""
        if self._room() <= 0:
            self._at(self.now + LOOK_S, self._foreseen_if_free, 0)
            return
        while True:
            tries = self._next_lead()
            if tries is None:
                self._at(self.now + 10.0, self._foreseen_if_free, 0)
                return
            self._calls += 1
            self._tries[self._calls] = tries
            self.observed.call_started(self._calls, self.now)
            self.figures.calls += 1
            self._slice().calls += 1
            if self._people.random() < max(1e-6, self.shift.answered(self.now)):
                self._answers(self._calls)
                return
            self._ends(self._calls)

    def _foreseen_if_free(self, _: int) -> None:
        if self._free:
            self._foreseen()

    # ---------------------------------------------------------------- charts

    def _slice(self) -> Slice:
        length = self.shift.length_s / SLICES
        number = min(SLICES - 1, int(self.now / length))
        slices = self.figures.slices
        while len(slices) <= number:
            slices.append(Slice(at_s=len(slices) * length))
        return slices[number]

    def _write_down(self) -> None:
        here, number = self._slice(), self._number
        talking, wrapping = number[State.TALKING], number[State.WRAPPING]
        here.talking_s += talking * LOOK_S
        here.busy_s += (talking + wrapping) * LOOK_S
        here.signed_in_s += (talking + wrapping + number[State.FREE]) * LOOK_S


def simulate(shift: Shift, name: str, pacer: Pacer) -> Figures:
    """One shift under one dialer."""
    return World(shift, name, pacer).run()
