"""The engine: agents, people and a carrier in virtual time, around the rules of production.

What is simulated is the world alone. Which call starts when, who gets it and who is abandoned, is
decided by the very objects that decide it in production: a campaign's `Runner` and its pacer, the
cell's `Floor`, the `Exchange` between them. This is their store, line, media and agents.

Events stand in a heap and happen one after the other; the clock is the time of the last. The runner
is asked once a second how many calls to start. The same shift with the same seed gives the same
figures. Chance has a stream of its own for each kind of thing, so that two dialers meet the same
people as far as they make the same calls.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from random import Random
from typing import Any
from uuid import UUID

from caesura.rules import command as commands
from caesura.rules.call import Launch
from caesura.rules.claim import ClaimedLead
from caesura.rules.command import Command
from caesura.rules.floor.decision import Became, Decision
from caesura.rules.floor.desk import Presence, Profile
from caesura.rules.floor.exchange import Exchange, terms_of
from caesura.rules.floor.exchange import Outcome as Passed
from caesura.rules.floor.floor import Floor
from caesura.rules.moment import Moment
from caesura.rules.outcome import Outcome
from caesura.rules.pacing.snapshot import Pacer
from caesura.rules.routing import Assignment
from caesura.rules.runner import Runner
from caesura.simulate.campaign import settings_of
from caesura.simulate.dialers import Clairvoyant
from caesura.simulate.figures import Figures, Slice
from caesura.simulate.leads import Leads
from caesura.simulate.shift import Group, Shift

LOOK_S = 1.0
SLICES = 48
_CAMPAIGN = 1
_T0 = datetime(2026, 1, 5, tzinfo=UTC)  # a shift is a day at most: one day in the ledgers
_ENOUGH_ANSWERS = 100  # before that, a rate is mostly chance
_MANY = 1_000_000  # calls that the trunks take
_NUMBER = "+13125550000"


class State(IntEnum):
    """What an agent does."""

    AWAY = 0
    FREE = 1
    TALKING = 2
    WRAPPING = 3


_STATES = {
    Presence.AVAILABLE: State.FREE,
    Presence.ON_CALL: State.TALKING,
    Presence.WRAP_UP: State.WRAPPING,
    Presence.BREAK: State.AWAY,
    Presence.OFFLINE: State.AWAY,
}


@dataclass
class _Agent:
    id: int
    group: Group
    rng: Random
    state: State = State.AWAY
    since: float = 0.0


@dataclass
class _Call:
    lead: ClaimedLead
    attempt: UUID
    answered_at: float | None = None
    connected: bool = False


def _nobody(done: float) -> None:
    """Nobody wants to know how far it is."""


class World:
    """One shift under one dialer. `run` once."""

    def __init__(
        self, shift: Shift, name: str, pacer: Pacer, tell: Callable[[float], None] = _nobody
    ) -> None:
        """`tell` hears at every simulated second which share of the shift is done."""
        self.shift = shift
        self._tell = tell
        self.now = 0.0
        self.figures = Figures(name)
        self._clairvoyant = isinstance(pacer, Clairvoyant)
        settings = settings_of(shift, predictive=pacer.looks_ahead)
        self.runner = Runner(_CAMPAIGN, settings, pacer)
        self.floor = Floor()
        self._exchange = Exchange(self.floor, {_CAMPAIGN: self.runner})
        self._heap: list[tuple[float, int, Callable[[int], None], int]] = []
        self._count = 0
        self._at_moment = Moment(_T0, 0.0)
        self._people = Random(f"{shift.seed} people")
        self._lengths = Random(f"{shift.seed} lengths")
        self._patience = Random(f"{shift.seed} patience")
        self._agents = self._hired()
        self._number = dict.fromkeys(State, 0) | {State.AWAY: len(self._agents)}
        self._leads = Leads(shift.leads)
        self._calls: dict[int, _Call] = {}  # by number of the attempt
        self._attempts = 0
        self._hands: dict[type, Callable[[Any], None]] = {
            commands.Claim: self._claim,
            commands.Prepare: self._prepare,
            commands.Dial: self._dial,
            commands.StorePutOff: self._put_off,
            commands.Connect: self._connect,
            commands.HangUp: self._hang_up,
            commands.StoreEnd: self._over,
        }

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
        terms = terms_of(self.runner.settings)
        self._decided(self.floor.campaign_runs(_CAMPAIGN, terms, self.now))
        self._said(self.runner.gate_opened(1, self._moment()))
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
        self.figures.answers = self.runner.observed.ledger.of_day(_T0.date())
        if self.shift.leads is not None:
            self.figures.leads_left = self._leads.open
        self.figures.computing_s = time.perf_counter() - began
        return self.figures

    def _at(self, when: float, happen: Callable[[int], None], who: int) -> None:
        self._count += 1
        heapq.heappush(self._heap, (when, self._count, happen, who))

    def _moment(self) -> Moment:
        if self._at_moment.mono != self.now:
            self._at_moment = Moment(_T0 + timedelta(seconds=self.now), self.now)
        return self._at_moment

    def _said(self, told: Iterable[Command]) -> None:
        self._carry_out(self._exchange.passed_on(_CAMPAIGN, told, self._moment()))

    def _decided(self, decided: Iterable[Decision]) -> None:
        self._carry_out(self._exchange.decided(decided, self._moment()))

    def _carry_out(self, passed: Passed) -> None:
        for told in passed.told:
            if isinstance(told, Became):
                self._became(told)
        for _, command in passed.commands:
            hand = self._hands.get(type(command))
            if hand is not None:  # else it is for the journal, or for a page
                hand(command)

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
        if self.floor.desk(who) is None:
            profile = Profile(who, (Assignment(_CAMPAIGN),))
            self._decided(self.floor.signed_in(profile, self.now))
            self._decided(self.floor.device_connected(who, self.now))
        else:
            self._decided(self.floor.presence_asked(who, Presence.AVAILABLE, self.now))

    def _goes(self, who: int) -> None:
        self._decided(self.floor.presence_asked(who, Presence.BREAK, self.now))

    def _became(self, told: Became) -> None:
        state, agent = _STATES[told.presence], self._agents[told.agent]
        if state is agent.state:
            return
        self._becomes(agent, state)
        if state is State.WRAPPING:
            wrap_up = self.shift.wrap_s.draw(self._lengths)
            self._at(self.now + wrap_up, self._wrap_ends, agent.id)
        elif state is State.FREE and self._clairvoyant:
            self._at(self.now, self._foresee, 0)

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

    def _wrap_ends(self, who: int) -> None:
        self._decided(self.floor.wrap_up_done(who, self.now))

    # ----------------------------------------------------------------- calls

    def _look(self, _: int) -> None:
        """The runner is asked; and it is written down how busy everybody is."""
        self._at(self.now + LOOK_S, self._look, 0)
        self._tell(self.now / self.shift.length_s)
        self._write_down()
        self._tick()

    def _tick(self) -> None:
        now = self._moment()
        tally = self._leads.tally(now.wall)
        self._carry_out(self._exchange.tick(_CAMPAIGN, _MANY, tally, now))

    def _claim(self, command: commands.Claim) -> None:
        now = self._moment()
        self._said(self.runner.claimed(self._leads.claim(command.limit, now.wall), {}, now))

    def _prepare(self, command: commands.Prepare) -> None:
        """First the journal, then the wire."""
        allowed, refused = self.runner.recheck(command.leads, {}, self._moment().wall)
        launches: list[Launch] = []
        for lead in allowed:
            self._attempts += 1
            attempt = UUID(int=self._attempts)
            self._calls[self._attempts] = _Call(lead, attempt)
            launches.append(self.runner.launch(attempt, lead))
        self._put_off(commands.StorePutOff(tuple(refused)), command.leads)
        self._said(self.runner.journalled(launches, command.leads, 1))

    def _put_off(self, command: commands.StorePutOff, leads: Iterable[ClaimedLead] = ()) -> None:
        by_id = {lead.id: lead for lead in leads} if command.refused else {}
        for each in command.refused:
            self._leads.put_off(by_id[each.lead], each)

    def _dial(self, command: commands.Dial) -> None:
        attempt, number = command.launch.attempt, command.launch.attempt.int
        now = self._moment()
        self.figures.calls += 1
        self._slice().calls += 1
        told = self.runner.dialled(attempt, "carrier", None, now)
        self._said([*told, *self.runner.ringing(attempt, now)])
        if self._clairvoyant:
            self._foreseen(number)
        else:
            self._goes_through(number)

    def _goes_through(self, call: int) -> None:
        """What the carrier and the callee will do."""
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
            self._at(self.now + 2.0 + delay, self._is_busy, call)
        else:
            self._at(self.now + self.shift.ring_timeout_s, self._rings_out, call)

    def _fails(self, call: int) -> None:
        self.figures.failed += 1
        self._ends(call, "network", 500)

    def _is_busy(self, call: int) -> None:
        self._ends(call, "network", 486)

    def _rings_out(self, call: int) -> None:
        self._ends(call, "ring_timeout", 487)

    def _ends(self, call: int, by: str, status: int | None) -> None:
        told = self.runner.ended(
            self._calls[call].attempt,
            self._moment(),
            by=by,
            sip_status=status,
            q850_cause=None,
            reason="",
            answered_while_cancelled=False,
        )
        self._said(told)

    def _answers(self, number: int) -> None:
        self._slice().answered += 1
        call = self._calls[number]
        call.answered_at = self.now
        self._said(self.runner.answered(call.attempt, self._moment()))
        if not call.connected and number in self._calls:
            hangs_up = self._patience.expovariate(1 / self.shift.patience_s)
            if hangs_up < self.shift.wait_s:
                self._at(self.now + hangs_up, self._gives_up, number)
            else:
                # As late as the law allows: the runner is asked as often there, and no sooner here.
                self._at(self.now + self.shift.wait_s, self._waits_no_more, number)

    def _connect(self, command: commands.Connect) -> None:
        number = command.attempt.int
        call = self._calls[number]
        call.connected = True
        waited = self.now - (call.answered_at or 0.0)
        self.figures.waited_s += waited
        self.figures.waited += waited > 0
        self.figures.waited_s_max = max(self.figures.waited_s_max, waited)
        self._at(self.now + self.shift.talk_s.draw(self._lengths), self._talk_ends, number)

    def _talk_ends(self, call: int) -> None:
        self._ends(call, "callee", None)

    def _waits_no_more(self, number: int) -> None:
        call = self._calls.get(number)
        if call is not None and not call.connected:
            self._tick()

    def _gives_up(self, number: int) -> None:
        call = self._calls.get(number)
        if call is not None and not call.connected:
            self.figures.hung_up += 1
            self._ends(number, "callee", None)

    def _hang_up(self, command: commands.HangUp) -> None:
        self._ends(command.attempt.int, "us", None)

    def _over(self, command: commands.StoreEnd) -> None:
        """The journal's last word on the call, and what becomes of the lead."""
        call = self._calls.pop(command.end.attempt.int)
        done = self._leads.ended(call.lead, command.end)
        if done and self.shift.leads is not None and self._leads.open == 0:
            self.figures.finished_at_s = self.now
        if command.end.outcome is Outcome.ABANDONED:
            self._slice().abandoned += 1
            today = self.runner.observed.ledger.of_day(_T0.date())
            if today.answered >= _ENOUGH_ANSWERS:
                worst = max(self.figures.worst_us_rate, today.us_rate or 0.0)
                self.figures.worst_us_rate = worst

    # ----------------------------------------------------------- clairvoyant

    def _foreseen(self, call: int) -> None:
        """The call was started in time, and what comes of it is there now."""
        if self._people.random() < max(1e-6, self.shift.answered(self.now)):
            self._answers(call)
        else:
            self._ends(call, "ring_timeout", 487)
            self._at(self.now, self._foresee, 0)

    def _foresee(self, _: int) -> None:
        if self.floor.agents(_CAMPAIGN).free:
            self._tick()

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


def simulate(
    shift: Shift, name: str, pacer: Pacer, tell: Callable[[float], None] = _nobody
) -> Figures:
    """One shift under one dialer; `tell` hears how far it is, 0 to 1."""
    return World(shift, name, pacer, tell).run()
