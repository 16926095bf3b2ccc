"""One campaign on one cell: events in, commands out.

The runner decides; the cell does. It knows no socket, no database and no clock: every method
takes the moment, and returns the commands that follow (caesura.rules.command). The same object runs
in production, in property tests and in simulated time.

    claim → (refusal) → journal → (refusal again) → dial → ringing → answered → message → ended

A lead is, at every moment, in one of three places here: in stock (claimed, not launched), being
journalled, or in a call. Whatever takes it out of one place says in a command what becomes of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from caesura.rules import message_text, recorded_message
from caesura.rules.agent_calls import lead_facts
from caesura.rules.call import AttemptEnd, CallPhase, Launch, Progress
from caesura.rules.calls import Call, pop
from caesura.rules.campaign import Drain, KeyMeaning
from caesura.rules.claim import ClaimedLead, Tally
from caesura.rules.command import (
    CallOver,
    Cancel,
    CloseStream,
    Command,
    HangUp,
    Listen,
    Offer,
    OptOut,
    PlayMessage,
    StopPlaying,
    StoreEnd,
    StoreNotLaunched,
    StoreProgress,
    StorePutOff,
    Submit,
)
from caesura.rules.disposition import Chosen
from caesura.rules.draining import cancel_if_due
from caesura.rules.message import Taken
from caesura.rules.moment import Moment
from caesura.rules.next_try import next_try
from caesura.rules.outcome import Outcome, from_sip
from caesura.rules.pacing.snapshot import NOBODY, Crew, PacingState
from caesura.rules.part import Hold
from caesura.rules.runner_launches import RunnerLaunches


class Runner(RunnerLaunches):
    """See the module. One campaign on one cell."""

    # ------------------------------------------------------------- lifecycle

    def gate_opened(self, epoch: int, now: Moment, resumed_s: float | None = None) -> list[Command]:
        """The cell holds a lease: calls may start. `resumed_s` ago the campaign was resumed."""
        if self.epoch != epoch:
            self.epoch = epoch
            self._resumed_at = None if resumed_s is None else now.mono - max(0.0, resumed_s)
            if not self._goes_on:
                self._pacing = PacingState()
            self._draining.drain = None
            # A resume during the drain lets the rest ring, but for the calls of a paused part.
            return self._drained(self._calls.values(), now)
        return []

    def shared(self, cells: int, rank: int) -> None:
        """Among how many cells the campaign is shared, and which of them this one is."""
        self._cells, self._rank = max(1, cells), min(rank, max(0, cells - 1))

    def hold(self, holds: Sequence[Hold], version: int, now: Moment) -> list[Command]:
        """These parts stand paused, by reading `version`; an older reading changes nothing.

        What rings of them is drained, what was claimed of them is set aside.
        """
        if not self._draining.read(holds, version):
            return []
        put_off = self._stock.set_aside(self._draining.set_aside)
        commands: list[Command] = [StorePutOff(put_off)] if put_off else []
        commands += self._offers.set_aside(self._draining.set_aside)
        if self._without_means:
            commands += self._release_stock()
        return commands + self._drained(self._calls.values(), now)

    def gate_shut(self, drain: Drain | None, now: Moment) -> list[Command]:
        """No call starts any more. What rings is drained; what was only claimed goes back.

        `drain` None: parts were paused, and only their calls are drained, as each hold says.
        """
        self.epoch = None
        self._draining.drain, self._goes_on = drain, drain is None
        return self._release_stock() + self._drained(self._calls.values(), now)

    def _drained(self, calls: Iterable[Call], now: Moment) -> list[Command]:
        return [told for call in calls for told in self._draining.drained(call, self.settings, now)]

    # ---------------------------------------------------------------- pacing

    def tick(self, now: Moment, room: int, tally: Tally, crew: Crew = NOBODY) -> list[Command]:
        """Time passes. `room` is how many calls the trunks take now; `tally` may be a bit old.

        `crew`: the agents whom the campaign counts on, of which fixed pacing needs none.
        """
        commands: list[Command] = []
        for call in self._calls.values():
            if call.cancel_at is not None:
                commands += cancel_if_due(call, now)
            if call.answer is not None:
                commands += self._agent_calls.in_time(call, self.settings, now)
            elif call.conversation.wake_at is not None and now.mono >= call.conversation.wake_at:
                commands += self._converse(call, recorded_message.Tick(now.mono))
        if self.epoch is None or self._without_means:
            return commands
        offered = self._offers.tick(self.settings, crew.idle, now)
        commands += offered
        crew = crew.without(sum(isinstance(told, Offer) for told in offered))
        commands += self._start_calls(now, room, crew)
        return commands + self._restock(now, tally, crew)

    # ------------------------------------------------------------------ call

    def dialled(
        self, attempt: UUID, trunk: str, sip_call_id: str | None, now: Moment
    ) -> list[Command]:
        """An INVITE of the attempt left; or its message was handed to the provider `trunk`."""
        call = self._calls.get(attempt)
        if call is None:
            return []
        if call.phase is CallPhase.JOURNALLED:
            call.phase = CallPhase.DIALLING
            if call.for_agent is None and self.settings.needs_agents:
                self._agent_calls.observed.call_started(attempt, now.mono)
        call.trunk = trunk
        told = Progress(attempt, CallPhase.DIALLING, now.wall, trunk, sip_call_id)
        return [StoreProgress(told), *self._drained([call], now)]

    def not_launched(self, attempt: UUID) -> list[Command]:
        """No INVITE of the attempt left, and none will."""
        call = self._calls.pop(attempt, None)
        if call is None:
            return []
        self._agent_calls.observed.call_never_left(attempt)
        over: list[Command] = [] if call.for_agent is None else [CallOver(attempt)]
        return [StoreNotLaunched(attempt), *over]

    def ringing(self, attempt: UUID, now: Moment) -> list[Command]:
        call = self._calls.get(attempt)
        if call is None or call.phase in (CallPhase.RINGING, CallPhase.TALKING):
            return []
        call.phase = CallPhase.RINGING
        call.ringing_since = now.mono
        stored = StoreProgress(Progress(attempt, CallPhase.RINGING, now.wall))
        return [stored, *self._drained([call], now)]

    def answered(self, attempt: UUID, now: Moment) -> list[Command]:
        call = self._calls.get(attempt)
        if call is None or call.talking:
            return []
        call.phase = CallPhase.TALKING
        if isinstance(call.stopping, Cancel):  # it came too late: the line leaves the answer be
            call.stopping = call.stopped_by_us = None
        if call.for_agent is not None or self.settings.needs_agents:
            told = self._agent_calls.answered(call, self.settings, now)
        else:
            told = self._converse(call, recorded_message.Answered(now.mono))
        progress = StoreProgress(Progress(attempt, CallPhase.TALKING, now.wall))
        return [progress, Listen(attempt), *told]

    def ended(
        self,
        attempt: UUID,
        now: Moment,
        *,
        by: str,
        sip_status: int | None,
        q850_cause: int | None,
        reason: str,
        answered_while_cancelled: bool,
    ) -> list[Command]:
        """The line's last word on the attempt; `by` as in caesura.rules.outcome.from_sip."""
        call = self._calls.pop(attempt, None)
        if call is None:
            return []
        talking = call.talking
        outcome, received = from_sip(
            sip_status=sip_status,
            by=by,
            rang=call.ringing_since is not None,
            answered=talking,
            q850_cause=q850_cause,
            # while it talks, that is a leg of an earlier trunk, and the callee had this one
            answered_while_cancelled=answered_while_cancelled and not talking,
        )
        commands: list[Command] = [CloseStream(attempt)] if talking else []
        if answered_while_cancelled and not talking:
            commands.append(StoreProgress(Progress(attempt, CallPhase.TALKING, now.wall)))
        outcome = self._agent_calls.outcome(call, outcome, by)
        end = self._end(call, outcome, now.wall, by=by, detail=call.stopped_by_us or reason)
        end = replace(end, received=received, sip_status=sip_status, q850_cause=q850_cause)
        end, of_agents = self._agent_calls.ended(call, end, now)
        return [*commands, StoreEnd(end), *of_agents]

    def line_lost(self, now: Moment) -> list[Command]:
        """The line process is gone: answered calls are over, the others are in doubt."""
        commands: list[Command] = []
        for call in pop(self._calls, lambda call: call.is_voice):
            talking = call.talking
            if talking:
                commands.append(CloseStream(call.attempt))
            outcome = Outcome.ANSWERED if talking else Outcome.UNKNOWN
            outcome = self._agent_calls.outcome(call, outcome, "line")
            end = self._end(call, outcome, now.wall, by="line", detail="the line process ended")
            end = replace(end, received=call.ringing_since is not None or talking)
            end, of_agents = self._agent_calls.ended(call, end, now)
            commands += [StoreEnd(end), *of_agents]
        return commands

    def follow_ups(self, launches: Sequence[Launch], epoch: int) -> list[Command]:
        """Messages beside the leads' turns are in the journal, under `epoch`."""
        commands: list[Command] = []
        for launch in launches:
            if self.epoch != epoch:
                commands.append(StoreNotLaunched(launch.attempt))
                continue
            lead = ClaimedLead(launch.lead, (launch.phone,), ("UTC",), 1, 0, {})
            self._calls[launch.attempt] = Call(launch, lead)
            commands.append(Submit(launch))
        return commands

    def message_ended(
        self,
        attempt: UUID,
        outcome: Outcome,
        now: Moment,
        *,
        detail: str,
        taken: Taken | None = None,
        code: str | None = None,
        blameless: bool = False,
    ) -> list[Command]:
        """The provider's answer to a message, or that none came (`Outcome.UNKNOWN`).

        `blameless`: it refused, and that says nothing about the lead.
        """
        call = self._calls.pop(attempt, None)
        if call is None:
            return []
        end = self._end(call, outcome, now.wall, by="network", detail=detail, blameless=blameless)
        return [StoreEnd(replace(end, taken=taken, code=code))]

    def messenger_lost(self, now: Moment) -> list[Command]:
        """The messenger is gone: every message that has no answer is in doubt."""
        detail = "the messenger process ended before the provider's answer"
        return [
            StoreEnd(self._end(call, Outcome.UNKNOWN, now.wall, by="messenger", detail=detail))
            for call in pop(self._calls, lambda call: not call.is_voice)
        ]

    def _end(
        self,
        call: Call,
        outcome: Outcome,
        at: datetime,
        *,
        by: str,
        detail: str,
        blameless: bool = False,
    ) -> AttemptEnd:
        key = call.conversation.key
        return AttemptEnd(
            attempt=call.attempt,
            lead=call.lead.id,
            at=at,
            outcome=outcome,
            received=False,
            ended_by=by,
            sip_status=None,
            q850_cause=None,
            detail=detail,
            key_pressed=key.value if key and key is not KeyMeaning.REPEAT else None,
            after=next_try(lead_facts(call.lead), outcome, self.settings, at, blameless=blameless),
            follow_ups=()
            if not call.is_voice
            else message_text.planned(call.lead, self.settings, outcome, at),
        )

    # ---------------------------------------------------------- conversation

    def speech(self, attempt: UUID, speaking: bool, now: Moment) -> list[Command]:
        call = self._calls.get(attempt)
        if call is not None and call.answer is not None:
            return self._agent_calls.speech(call, speaking, self.settings, now)
        return self._heard(call, recorded_message.Speech(speaking))

    def played(self, attempt: UUID, now: Moment) -> list[Command]:
        call = self._calls.get(attempt)
        if call is not None and call.answer is not None:
            return self._agent_calls.apologised(call)
        return self._heard(call, recorded_message.Played(now.mono))

    def digit(self, attempt: UUID, digit: str) -> list[Command]:
        call = self._calls.get(attempt)
        if call is not None and call.answer is not None:
            return self._agent_calls.pressed(call, digit, self.settings)
        return self._heard(call, recorded_message.Digit(digit))

    def stream_failed(self, attempt: UUID, reason: str) -> list[Command]:
        """There is no sound: say goodbye rather than leave somebody in silence."""
        call = self._calls.get(attempt)
        if call is None or isinstance(call.stopping, HangUp):
            return []
        return call.stop(f"no media: {reason}", HangUp(attempt))

    def media_lost(self) -> list[Command]:
        """The media process is gone, and the sound of every conversation with it."""
        commands: list[Command] = []
        for call in list(self._calls.values()):
            if call.talking:
                commands += self.stream_failed(call.attempt, "the media process ended")
        return commands

    def _heard(self, call: Call | None, event: recorded_message.Event) -> list[Command]:
        waiting = recorded_message.ConversationState.WAITING
        if call is None or call.conversation.state is waiting:  # the latter: it had no message
            return []
        return self._converse(call, event)

    def _converse(self, call: Call, event: recorded_message.Event) -> list[Command]:
        attempt, message = call.attempt, self.settings.message
        if message is None:  # taken away while the call rang
            return call.stop("the campaign has no message", HangUp(attempt))
        call.conversation, told = recorded_message.transition(call.conversation, event, message)
        commands: list[Command] = []
        for command in told:
            match command:
                case recorded_message.Command.PLAY:
                    commands.append(PlayMessage(attempt, message.recording))
                case recorded_message.Command.STOP_PLAYING:
                    commands.append(StopPlaying(attempt))
                case recorded_message.Command.HANG_UP:
                    commands.append(HangUp(attempt))
                case recorded_message.Command.OPT_OUT:
                    commands.append(OptOut(call.launch.phone))
                case recorded_message.Command.CONFIRM:
                    pass  # the key is stored with the attempt's end
        return commands

    # ---------------------------------------------------------------- agents

    def agent_found(self, attempt: UUID, agent: int, now: Moment) -> list[Command]:
        """The answer to SeekAgent."""
        call = self._calls.get(attempt)
        return [] if call is None else self._agent_calls.found(call, agent, now)

    def agent_back(self, attempt: UUID, agent: int) -> list[Command]:
        """The device of the agent in this conversation was away for a moment."""
        call = self._calls.get(attempt)
        return [] if call is None else self._agent_calls.back(call, agent)

    def agent_gone(self, attempt: UUID, agent: int, lost_at: float, now: Moment) -> list[Command]:
        """It was lost at `lost_at` (monotonic), and did not come back."""
        call = self._calls.get(attempt)
        return [] if call is None else self._agent_calls.gone(call, agent, lost_at, now)

    def handed_over(self, attempt: UUID, agent: int, now: Moment) -> list[Command]:
        """The conversation is now this agent's."""
        call = self._calls.get(attempt)
        return [] if call is None else self._agent_calls.handed_over(call, agent, now)

    def wrapped_up(self, attempt: UUID, agent: int, came_back: bool, now: Moment) -> None:
        """The agent is done with the call."""
        self._agent_calls.wrapped_up(attempt, agent, came_back, now)

    def hang_up(self, attempt: UUID, agent: int) -> list[Command]:
        """The agent ends their conversation."""
        call = self._calls.get(attempt)
        return [] if call is None else self._agent_calls.hang_up(call, agent)

    def disposed(self, attempt: UUID, agent: int, chosen: Chosen, now: Moment) -> list[Command]:
        """What the agent says came of their conversation. Raises Invalid, with what to do."""
        call = self._calls.get(attempt)
        return self._agent_calls.disposed(call, attempt, agent, chosen, self.settings, now)
