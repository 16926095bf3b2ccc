"""How a campaign's calls come to be started, or not: of caesura.rules.runner the first half.

Every one goes the same way, whoever wanted it, pacing, a callback's time or an agent's hand:

    claim → (refusal) → journal → (refusal again) → dial

and only while the gate is open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from caesura.rules import calling_number, message_text
from caesura.rules.call import Launch
from caesura.rules.calls import Call
from caesura.rules.claim import ClaimedLead, NumberFacts, Tally
from caesura.rules.command import (
    CallFor,
    ClaimFor,
    Command,
    Deny,
    Dial,
    LetGo,
    Prepare,
    Release,
    StoreNotLaunched,
    StorePutOff,
    Submit,
)
from caesura.rules.floor.decision import Denial
from caesura.rules.moment import Moment
from caesura.rules.pacing import fixed
from caesura.rules.pacing.kinds import pacer_of
from caesura.rules.pacing.snapshot import Crew, Snapshot
from caesura.rules.runner_state import RunnerState

# A forecast takes a millisecond or two, and reckons in steps of two seconds. In between, a pacer
# that makes one is asked without it, and starts one call for each free agent.
LOOK_AHEAD_EVERY_S = 0.2
# More calls a second no pacing starts for an agent (caesura.rules.pacing.predictive).
CALLS_PER_AGENT_S = 2


class RunnerLaunches(RunnerState):
    """See the module."""

    def _start_calls(self, now: Moment, room: int, crew: Crew) -> list[Command]:
        if self._stock.ready == 0:
            return []
        in_flight, for_agents = len(self._calls) + self.preparing, self.settings.needs_agents
        snapshot = Snapshot(in_flight, self._cells, self._rank, self._resumed_at)
        # The pacer of calls for agents grows from one call for each of them: it ramps up itself.
        ramp_up_s = 0.0 if for_agents else self.settings.ramp_up_s
        decided, pacing = fixed.decide(
            self.settings.pace, snapshot, self._pacing, now.mono, ramp_up_s
        )
        number = min(decided, room)
        if for_agents and number > 0:
            number = min(number, self._decided(now, in_flight, crew))
        chosen = self._stock.take(number)
        self._pacing = fixed.not_started(pacing, decided - len(chosen))
        return [Prepare(tuple(chosen))] if chosen else []

    def _decided(self, now: Moment, in_flight: int, crew: Crew) -> int:
        """How many calls for agents the pacer wants to start."""
        pacer = self._pacer or pacer_of(self.settings, self._predictive)
        if pacer is None:
            return 0
        self._agent_calls.observed.aims_at(self.settings)
        looks_ahead = pacer.looks_ahead and now.mono >= self._looks_ahead_at
        if looks_ahead:
            self._looks_ahead_at = now.mono + LOOK_AHEAD_EVERY_S
        snapshot = self._agent_calls.observed.snapshot(
            now.mono,
            now.wall.date(),
            crew.agents,
            in_flight,
            starting=self.preparing - self._offers.journalled_for_agents,
            resumed_at=self._resumed_at,
            ramp_up_s=self.settings.ramp_up_s,
            look_ahead=looks_ahead,
        )
        return pacer.decide(now.mono, snapshot)

    # ----------------------------------------------------------------- claim

    def _restock(self, now: Moment, tally: Tally, crew: Crew) -> list[Command]:
        """Claim what the next second may need, and no more: another cell could work it."""
        pacing = self.settings.pace
        if self.settings.needs_agents:
            calls_per_s = float(CALLS_PER_AGENT_S * crew.agents.working)
            if calls_per_s == 0.0:
                return []
        else:
            rate = pacing.cps if pacing.cps is not None else pacing.concurrency
            calls_per_s = rate / self._cells
        return [*self._stock.restock(self.settings, self._holds, tally, calls_per_s, now.wall)]

    def claimed(
        self, leads: Sequence[ClaimedLead], facts: Mapping[str, NumberFacts], now: Moment
    ) -> list[Command]:
        """The answer to Claim, also an empty one after a failure."""
        self._stock.claiming = False
        leads = self._stock.unknown(leads, besides=self._offers.held)
        if self.epoch is None:
            return [Release(tuple(lead.id for lead in leads))] if leads else []
        allowed, refused = self.recheck(leads, facts, now.wall)
        self._stock.add(self._offers.keep_promised(allowed, self.settings, now))
        return [StorePutOff(tuple(refused))] if refused else []

    def launch(self, attempt: UUID, lead: ClaimedLead) -> Launch:
        """The attempt to journal for a lead that `recheck` has allowed."""
        if self.settings.channel == "voice":
            return Launch(attempt, lead.id, lead.phone, self.calling_number(lead))
        return message_text.launch(attempt, lead, self.usable)

    def calling_number(self, lead: ClaimedLead) -> str:
        """Which number the call to `lead` shows; each call moves the rotation on."""
        self._numbers_given += 1
        return calling_number.choose(
            self.usable.calling_numbers,
            lead.phone,
            self.settings.number_choice,
            self._numbers_given - 1,
        )

    def _release_stock(self) -> list[Command]:
        leads = self._stock.clear()
        told: list[Command] = [Release(leads)] if leads else []
        return told + self._offers.withdraw(Denial.CAMPAIGN_PAUSED)

    # --------------------------------------------------------------- journal

    def journalled(
        self, launches: Sequence[Launch], prepared: Sequence[ClaimedLead], epoch: int
    ) -> list[Command]:
        """The answer to Prepare: of `prepared`, `launches` are in the journal, under `epoch`."""
        leads = {lead.id: self._stock.preparing.pop(lead.id, lead) for lead in prepared}
        commands: list[Command] = []
        for launch in launches:
            agent = self._offers.agent_of(launch.lead)
            if self.epoch != epoch:  # the gate shut while the journal was written
                commands.append(StoreNotLaunched(launch.attempt))
                commands += self._offers.no_call_for(agent, launch.lead, Denial.CAMPAIGN_PAUSED)
                continue
            self._calls[launch.attempt] = Call(launch, leads[launch.lead], for_agent=agent)
            if agent is not None:
                commands.append(CallFor(agent, launch.attempt))
            elif self.settings.needs_agents:
                self._agent_calls.observed.call_coming(launch.attempt)
            commands.append(Dial(launch) if launch.channel == "voice" else Submit(launch))
        return commands + self._not_launched_for(prepared)

    def not_journalled(self, prepared: Sequence[ClaimedLead]) -> list[Command]:
        """The journal could not be written, or the lease was gone: the leads go back."""
        for lead in prepared:
            self._stock.preparing.pop(lead.id, None)
        told: list[Command] = [Release(tuple(lead.id for lead in prepared))]
        return told + self._not_launched_for(prepared)

    def _not_launched_for(self, prepared: Sequence[ClaimedLead]) -> list[Command]:
        """The agents for whom one of these leads was to be called, and is not."""
        commands: list[Command] = []
        for lead in prepared:
            agent = self._offers.agent_of(lead.id)
            commands += self._offers.no_call_for(agent, lead.id, Denial.LEAD_NOT_THERE)
        return commands

    # -------------------------------------------------------- asked by agents

    def accepted(self, agent: int) -> list[Command]:
        """The agent wants the lead called that they are shown."""
        if not self._dials:
            return [Deny(agent, Denial.CAMPAIGN_PAUSED)]
        return self._offers.accepted(agent)

    def skipped(self, agent: int, now: Moment) -> list[Command]:
        """They do not."""
        return self._offers.skipped(agent, self.settings, now)

    def not_looking(self, agent: int) -> list[Command]:
        """They do not look at it any more."""
        return self._offers.not_looking(agent)

    def call_asked(self, agent: int, lead: int) -> list[Command]:
        """An agent, whom the floor keeps for it, asks to call this lead by hand."""
        if not self._dials:
            return [Deny(agent, Denial.CAMPAIGN_PAUSED), LetGo(agent)]
        return [ClaimFor(agent, lead)]

    def claimed_for(
        self,
        agent: int,
        lead: ClaimedLead | None,
        facts: Mapping[str, NumberFacts],
        now: Moment,
    ) -> list[Command]:
        """The answer to ClaimFor; None: it is in other hands, done, or excluded."""
        if lead is None:
            return [Deny(agent, Denial.LEAD_NOT_THERE), LetGo(agent)]
        if not self._dials:
            return [Release((lead.id,)), Deny(agent, Denial.CAMPAIGN_PAUSED), LetGo(agent)]
        _, refused = self.recheck([lead], facts, now.wall)
        if refused:
            return [StorePutOff(tuple(refused)), Deny(agent, refused[0].reason), LetGo(agent)]
        return self._offers.asked(agent, lead)
