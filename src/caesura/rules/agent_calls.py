"""The answered calls of a campaign that are for agents: somebody is found, or the callee is told.

Nobody who has answered is left without a word (invariant 6):

- who answers is connected to an agent, or hears the safe-harbour message within two seconds
  (47 CFR 64.1200(a)(7)(i), 16 CFR 310.4(b)(4)(iii)) and is counted as abandoned in both ledgers;
- whose agent's device is lost gets that agent back within its grace, or another agent, or is told
  so within five seconds;
- what an agent has said of a conversation makes the lead's next state (caesura.rules.disposition).

Part of caesura.rules.runner, which owns the calls. Which agent, caesura.rules.floor says.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from caesura.errors import Invalid
from caesura.rules import disposition
from caesura.rules.agent_settings import Meaning
from caesura.rules.call import AttemptEnd
from caesura.rules.calls import Answer, Apology, Call
from caesura.rules.campaign import AGENT_PACING, GREETING_S_MAX, CampaignSettings
from caesura.rules.claim import ClaimedLead
from caesura.rules.command import (
    CallOver,
    Command,
    Connect,
    Disconnect,
    HangUp,
    OptOut,
    PlayMessage,
    SeekAgent,
    SeekNoAgent,
    StoreDisposition,
    StoreTalkBegan,
    StoreTalkEnded,
    TalkEnd,
)
from caesura.rules.disposition import Chosen
from caesura.rules.moment import Moment
from caesura.rules.next_try import LeadFacts
from caesura.rules.outcome import Outcome
from caesura.rules.pacing.observed import Observed

# The message begins so much before the time is over: it has to reach the callee's ear by then.
_AHEAD_S = 0.1
# From the loss of an agent's device to the message that no other is free; within 5 s in any case.
_LOST_S = 4.5
_SILENCE_S = 0.7  # after so much silence, the one who listens says that the callee has stopped
_DEFAULT_WITHIN_S = 2.0


@dataclass(frozen=True)
class _Closed:
    """A conversation that is over, and of which the agent may still say what came of it."""

    lead: ClaimedLead
    agent: int


class AgentCalls:
    """See the module. `observed` is what pacing learns from them."""

    def __init__(self) -> None:
        self.observed = Observed()
        self._closed: dict[UUID, _Closed] = {}

    @property
    def undisposed(self) -> int:
        """Conversations that are over and still wait for a disposition: the wrap-up goes on."""
        return len(self._closed)

    # ------------------------------------------------------- until there is one

    def answered(self, call: Call, settings: CampaignSettings, now: Moment) -> list[Command]:
        """Somebody, or a machine, has picked up."""
        if call.for_agent is None:
            self.observed.call_answered(call.attempt, now.mono)
        else:
            self.observed.call_for_one_answered(call.attempt, now.mono)
        call.answer = Answer(now.mono, now.mono + _within_s(settings) - _AHEAD_S)
        return [SeekAgent(call.attempt, call.for_agent)]

    def speech(
        self, call: Call, speaking: bool, settings: CampaignSettings, now: Moment
    ) -> list[Command]:
        """The callee began, or stopped, speaking: the first stop is the end of the greeting."""
        answer, pacing = call.answer, settings.pacing
        if answer is None or answer.greeting_ended_at is not None or answer.last_agent is not None:
            return []
        if not speaking:
            answer.greeting_ended_at = now.wall - timedelta(seconds=_SILENCE_S)
        counts = isinstance(pacing, AGENT_PACING) and pacing.connect_counts_from == "greeting"
        if not counts or answer.seeks_until is None:
            return []
        within = _within_s(settings) - _AHEAD_S
        latest = answer.at + GREETING_S_MAX + within
        if speaking:
            answer.seeks_until = latest
        else:
            answer.seeks_until = min(latest, now.mono - _SILENCE_S + within)
        return []

    def found(self, call: Call, agent: int, now: Moment) -> list[Command]:
        """The floor has given it this agent."""
        answer = call.answer
        if answer is None:
            return []
        if answer.last_agent is None:
            self.observed.call_connected(call.attempt, agent, now.mono, now.wall.date())
        else:
            self.observed.talk_began(call.attempt, agent, now.mono)
        answer.agent = answer.last_agent = agent
        answer.seeks_until = None
        began = StoreTalkBegan(call.attempt, agent, now.wall, answer.greeting_ended_at)
        return [Connect(call.attempt, agent), began]

    def in_time(self, call: Call, settings: CampaignSettings, now: Moment) -> list[Command]:
        """Time passes: who seeks an agent for too long is told that there is none."""
        answer = call.answer
        if answer is None or answer.seeks_until is None or now.mono < answer.seeks_until:
            return []
        answer.seeks_until = None
        self.observed.seeks_no_more(call.attempt)
        if answer.last_agent is None:
            self.observed.call_abandoned(call.attempt, now.wall.date())
            answer.apology, recording = Apology.ABANDONED, settings.agents.abandoned_recording
            why = "no agent was free in time"
        else:
            answer.apology, recording = Apology.LOST, settings.agents.lost_recording
            why = "the agent's device was lost, and no other agent was free"
        call.stopped_by_us = why
        seek_no_more = SeekNoAgent(call.attempt)
        if recording is None:
            return [seek_no_more, *call.stop(why, HangUp(call.attempt))]
        return [seek_no_more, PlayMessage(call.attempt, recording)]

    def apologised(self, call: Call) -> list[Command]:
        """The message has been heard to its end."""
        if call.answer is None or call.answer.apology is None or call.stopping is not None:
            return []
        return call.stop(call.stopped_by_us or "", HangUp(call.attempt))

    def pressed(self, call: Call, digit: str, settings: CampaignSettings) -> list[Command]:
        """The message offers a way out, by key (47 CFR 64.1200(b)(3))."""
        if call.answer is None or call.answer.apology is None or call.stopping is not None:
            return []
        if digit != settings.agents.opt_out_key:
            return []
        return [OptOut(call.launch.phone), *self.apologised(call)]

    # ------------------------------------------------------------ conversation

    def back(self, call: Call, agent: int) -> list[Command]:
        """The agent's device is there again."""
        if call.answer is None or call.answer.agent != agent:
            return []
        return [Connect(call.attempt, agent)]

    def gone(self, call: Call, agent: int, lost_at: float, now: Moment) -> list[Command]:
        """It did not come back: another agent, or a word, before the callee has waited 5 s."""
        answer = call.answer
        if answer is None or answer.agent != agent:
            return []
        parted = [
            *self._parted(call, answer, TalkEnd.DEVICE_LOST, now),
            Disconnect(call.attempt, agent),
        ]
        if call.stopping is not None:  # it is being hung up anyway
            return parted
        answer.seeks_until = lost_at + _LOST_S
        self.observed.agent_lost(call.attempt, now.mono)
        return [*parted, SeekAgent(call.attempt)]

    def handed_over(self, call: Call, agent: int, now: Moment) -> list[Command]:
        """The conversation is another agent's from here on."""
        answer = call.answer
        if answer is None or answer.agent is None:
            return []
        before = answer.agent
        return [
            *self._parted(call, answer, TalkEnd.HANDED_OVER, now),
            Disconnect(call.attempt, before),
            *self.found(call, agent, now),
        ]

    def _parted(self, call: Call, answer: Answer, why: TalkEnd, now: Moment) -> list[Command]:
        if answer.agent is None:
            return []
        self.observed.talk_ended(answer.agent, now.mono)
        ended = StoreTalkEnded(call.attempt, answer.agent, now.wall, why)
        answer.agent = None
        if why is not TalkEnd.CALL_ENDED:
            answer.disposed = None  # whoever ends the conversation says what came of it
        return [ended]

    def hang_up(self, call: Call, agent: int) -> list[Command]:
        """The agent ends the conversation."""
        if call.answer is None or call.answer.agent != agent or call.stopping is not None:
            return []
        return call.stop("the agent hung up", HangUp(call.attempt))

    # ----------------------------------------------------------------- the end

    def ended(self, call: Call, end: AttemptEnd, now: Moment) -> tuple[AttemptEnd, list[Command]]:
        """The call is over. `end` as it would be stored, and what it is with what came of it."""
        answer, commands = call.answer, list[Command]()
        if answer is None:
            if end.outcome is Outcome.ABANDONED:  # somebody answered while we cancelled it
                self.observed.call_answered(call.attempt, now.mono)
                self.observed.call_abandoned(call.attempt, now.wall.date())
            self.observed.call_ended(call.attempt, now.mono)
            return end, [CallOver(call.attempt)] if call.for_agent is not None else []
        if answer.last_agent is None and answer.apology is None:
            if end.ended_by == "callee":
                self.observed.call_gave_up(call.attempt, now.wall.date())
                end = replace(end, detail="hung up before an agent was there")
            else:
                self.observed.call_abandoned(call.attempt, now.wall.date())
        self.observed.seeks_no_more(call.attempt)
        in_talk = answer.agent is not None
        commands += self._parted(call, answer, TalkEnd.CALL_ENDED, now)
        if in_talk and answer.last_agent is not None:
            if answer.disposed is not None:
                end = replace(end, after=answer.disposed.after)
                commands += _stored(call.lead, call.attempt, answer, now)
            else:
                self._closed[call.attempt] = _Closed(call.lead, answer.last_agent)
        return end, [*commands, CallOver(call.attempt)]

    @staticmethod
    def outcome(call: Call, outcome: Outcome, by: str) -> Outcome:
        """What the call came to, where the network alone would say that it was answered."""
        answer = call.answer
        if answer is None or answer.last_agent is not None:
            return outcome
        abandoned = answer.apology is Apology.ABANDONED or by != "callee"
        return Outcome.ABANDONED if abandoned else outcome

    def wrapped_up(self, attempt: UUID, agent: int, came_back: bool, now: Moment) -> None:
        """The agent is done with the conversation and its wrap-up."""
        self.observed.wrap_ended(agent, now.mono, came_back=came_back)
        closed = self._closed.get(attempt)
        if closed is not None and closed.agent == agent:
            del self._closed[attempt]

    # ------------------------------------------------------------- disposition

    def disposed(
        self,
        call: Call | None,
        attempt: UUID,
        agent: int,
        chosen: Chosen,
        settings: CampaignSettings,
        now: Moment,
    ) -> list[Command]:
        """What the agent says came of the conversation; `call` while it goes on.

        Raises Invalid, with what to do. During the conversation the last word counts, and is stored
        with the end.
        """
        if call is not None and call.answer is not None and call.answer.agent == agent:
            call.answer.disposed = disposition.disposed(
                lead_facts(call.lead), chosen, agent, settings, now.wall
            )
            return []
        closed = self._closed.get(attempt)
        if closed is None or closed.agent != agent:
            raise Invalid("This conversation is not yours, or is closed.", "attempt")
        said = disposition.disposed(lead_facts(closed.lead), chosen, agent, settings, now.wall)
        del self._closed[attempt]
        answer = Answer(now.mono, None, last_agent=agent, disposed=said)
        return _stored(closed.lead, attempt, answer, now)


def _stored(lead: ClaimedLead, attempt: UUID, answer: Answer, now: Moment) -> list[Command]:
    said, agent = answer.disposed, answer.last_agent
    if said is None or agent is None:
        return []
    commands: list[Command] = [StoreDisposition(attempt, lead.id, agent, now.wall, said)]
    if said.meaning is Meaning.DO_NOT_CALL:
        commands.append(OptOut(lead.phone))
    return commands


def _within_s(settings: CampaignSettings) -> float:
    pacing = settings.pacing
    return pacing.connect_within_s if isinstance(pacing, AGENT_PACING) else _DEFAULT_WITHIN_S


def lead_facts(lead: ClaimedLead) -> LeadFacts:
    """The lead as it was before the call."""
    return LeadFacts(lead.phone_index, lead.zones, lead.attempts, lead.tries)
