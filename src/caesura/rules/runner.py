"""One campaign on one cell: events in, commands out.

The runner decides; the cell does. It knows no socket, no database and no clock: every method
takes the moment, and returns the commands that follow (caesura.rules.command). The same object runs
in production, in property tests and in simulated time.

    claim → (refusal) → journal → (refusal again) → dial → ringing → answered → message → ended

A lead is, at every moment, in one of three places here: in stock (claimed, not launched), being
journalled, or in a call. Whatever takes it out of one place says in a command what becomes of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from caesura.rules import calling_number, message_text, part, recorded_message, stock
from caesura.rules.call import AttemptEnd, CallPhase, Launch, Progress
from caesura.rules.calls import Call, InFlight, in_flight, pop
from caesura.rules.campaign import CampaignSettings, Drain, KeyMeaning
from caesura.rules.claim import ClaimedLead, NumberFacts, PutOff, Tally
from caesura.rules.command import (
    Cancel,
    CloseStream,
    Command,
    Dial,
    HangUp,
    Listen,
    OptOut,
    PlayMessage,
    Prepare,
    Release,
    StopPlaying,
    StoreEnd,
    StoreNotLaunched,
    StoreProgress,
    StorePutOff,
    Submit,
)
from caesura.rules.draining import Draining, cancel_if_due
from caesura.rules.message import Taken
from caesura.rules.moment import Moment
from caesura.rules.next_try import LeadFacts, next_try
from caesura.rules.outcome import Outcome, from_sip
from caesura.rules.pacing import fixed
from caesura.rules.pacing.snapshot import PacingState, Snapshot
from caesura.rules.part import Hold
from caesura.rules.stock import Stock


class Runner:
    """See the module. `campaign` and `name` are for records; `settings` may be replaced."""

    def __init__(self, campaign: int, settings: CampaignSettings) -> None:
        self.campaign = campaign
        self.settings = settings
        self.epoch: int | None = None  # of the open lease; None while the gate is shut
        self._cells, self._rank = 1, 0
        self._resumed_at: float | None = None  # monotonic; None: started, and never paused
        self._pacing = PacingState()
        self._stock = Stock()
        self._calls: dict[UUID, Call] = {}
        self._draining = Draining()
        self._goes_on = False  # the gate was shut for parts alone: the rest has not stood still
        self._numbers_given = 0

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
        if self._without_means:
            commands += self._release_stock()
        return commands + self._drained(self._calls.values(), now)

    @property
    def _holds(self) -> tuple[Hold, ...]:
        return self._draining.holds

    @property
    def _without_means(self) -> bool:
        """Every trunk, every calling number or the channel is paused."""
        return part.without_means(self._holds, self.settings) is not None

    def gate_shut(self, drain: Drain | None, now: Moment) -> list[Command]:
        """No call starts any more. What rings is drained; what was only claimed goes back.

        `drain` None: parts were paused, and only their calls are drained, as each hold says.
        """
        self.epoch = None
        self._draining.drain, self._goes_on = drain, drain is None
        return self._release_stock() + self._drained(self._calls.values(), now)

    def _release_stock(self) -> list[Command]:
        leads = self._stock.clear()
        return [Release(leads)] if leads else []

    def _drained(self, calls: Iterable[Call], now: Moment) -> list[Command]:
        return [told for call in calls for told in self._draining.drained(call, self.settings, now)]

    # ---------------------------------------------------------------- pacing

    def tick(self, now: Moment, room: int, tally: Tally) -> list[Command]:
        """Time passes. `room` is how many calls the trunks take now; `tally` may be a bit old."""
        commands: list[Command] = []
        for call in self._calls.values():
            commands += cancel_if_due(call, now)
            if call.conversation.wake_at is not None and now.mono >= call.conversation.wake_at:
                commands += self._converse(call, recorded_message.Tick(now.mono))
        # Nobody could take the calls of a pacing that is for agents: there is no desk yet.
        dials = not (self._without_means or self.settings.needs_agents)
        if self.epoch is not None and dials:
            commands += self._start_calls(now, room)
            commands += self._stock.restock(
                self.settings, self._holds, tally, self._cells, now.wall
            )
        return commands

    def _start_calls(self, now: Moment, room: int) -> list[Command]:
        in_flight = len(self._calls) + self.preparing
        snapshot = Snapshot(in_flight, self._cells, self._rank, self._resumed_at)
        decided, pacing = fixed.decide(
            self.settings.pace, snapshot, self._pacing, now.mono, self.settings.ramp_up_s
        )
        chosen = self._stock.take(min(decided, room))
        self._pacing = fixed.not_started(pacing, decided - len(chosen))
        return [Prepare(tuple(chosen))] if chosen else []

    # ----------------------------------------------------------------- claim

    def claimed(
        self, leads: Sequence[ClaimedLead], facts: Mapping[str, NumberFacts], now: Moment
    ) -> list[Command]:
        """The answer to Claim, also an empty one after a failure."""
        self._stock.claiming = False
        leads = self._stock.unknown(leads)
        if self.epoch is None:
            return [Release(tuple(lead.id for lead in leads))] if leads else []
        allowed, refused = self.recheck(leads, facts, now.wall)
        self._stock.add(allowed)
        return [StorePutOff(tuple(refused))] if refused else []

    def recheck(
        self, leads: Iterable[ClaimedLead], facts: Mapping[str, NumberFacts], now: datetime
    ) -> tuple[list[ClaimedLead], list[PutOff]]:
        """The rules at the last moment: asked in the transaction that journals the attempts."""
        return stock.allowed(leads, facts, self.settings, self._holds, now)

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

    # ------------------------------------------------------------------ call

    def journalled(
        self, launches: Sequence[Launch], prepared: Sequence[ClaimedLead], epoch: int
    ) -> list[Command]:
        """The answer to Prepare: of `prepared`, `launches` are in the journal, under `epoch`."""
        leads = {lead.id: self._stock.preparing.pop(lead.id, lead) for lead in prepared}
        commands: list[Command] = []
        for launch in launches:
            if self.epoch != epoch:  # the gate shut while the journal was written
                commands.append(StoreNotLaunched(launch.attempt))
                continue
            self._calls[launch.attempt] = Call(launch, leads[launch.lead])
            commands.append(Dial(launch) if launch.channel == "voice" else Submit(launch))
        return commands

    def not_journalled(self, prepared: Sequence[ClaimedLead]) -> list[Command]:
        """The journal could not be written, or the lease was gone: the leads go back."""
        for lead in prepared:
            self._stock.preparing.pop(lead.id, None)
        return [Release(tuple(lead.id for lead in prepared))]

    def dialled(
        self, attempt: UUID, trunk: str, sip_call_id: str | None, now: Moment
    ) -> list[Command]:
        """An INVITE of the attempt left; or its message was handed to the provider `trunk`."""
        call = self._calls.get(attempt)
        if call is None:
            return []
        if call.phase is CallPhase.JOURNALLED:
            call.phase = CallPhase.DIALLING
        call.trunk = trunk
        told = Progress(attempt, CallPhase.DIALLING, now.wall, trunk, sip_call_id)
        return [StoreProgress(told), *self._drained([call], now)]

    def not_launched(self, attempt: UUID) -> list[Command]:
        """No INVITE of the attempt left, and none will."""
        if self._calls.pop(attempt, None) is None:
            return []
        return [StoreNotLaunched(attempt)]

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
        return [
            StoreProgress(Progress(attempt, CallPhase.TALKING, now.wall)),
            Listen(attempt),
            *self._converse(call, recorded_message.Answered(now.mono)),
        ]

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
        end = self._end(call, outcome, now.wall, by=by, detail=call.stopped_by_us or reason)
        end = replace(end, received=received, sip_status=sip_status, q850_cause=q850_cause)
        return [*commands, StoreEnd(end)]

    def line_lost(self, now: Moment) -> list[Command]:
        """The line process is gone: answered calls are over, the others are in doubt."""
        commands: list[Command] = []
        for call in pop(self._calls, lambda call: call.is_voice):
            talking = call.talking
            if talking:
                commands.append(CloseStream(call.attempt))
            outcome = Outcome.ANSWERED if talking else Outcome.UNKNOWN
            end = self._end(call, outcome, now.wall, by="line", detail="the line process ended")
            commands.append(
                StoreEnd(replace(end, received=call.ringing_since is not None or talking))
            )
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
            after=next_try(_lead_facts(call.lead), outcome, self.settings, at, blameless=blameless),
            follow_ups=()
            if not call.is_voice
            else message_text.planned(call.lead, self.settings, outcome, at),
        )

    # ---------------------------------------------------------- conversation

    def speech(self, attempt: UUID, speaking: bool) -> list[Command]:
        return self._heard(attempt, recorded_message.Speech(speaking))

    def played(self, attempt: UUID, now: Moment) -> list[Command]:
        return self._heard(attempt, recorded_message.Played(now.mono))

    def digit(self, attempt: UUID, digit: str) -> list[Command]:
        return self._heard(attempt, recorded_message.Digit(digit))

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

    def _heard(self, attempt: UUID, event: recorded_message.Event) -> list[Command]:
        call = self._calls.get(attempt)
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

    # --------------------------------------------------------------- looking

    @property
    def in_flight(self) -> InFlight:
        return in_flight(self._calls.values())

    @property
    def in_flight_of_parts(self) -> InFlight:
        """Of those, the calls that a standing hold covers."""
        return in_flight(call for call in self._calls.values() if self._draining.is_held(call))

    @property
    def not_held(self) -> list[UUID]:
        """The attempts under way that no standing hold covers and that nobody has stopped."""
        return [
            call.attempt
            for call in self._calls.values()
            if call.stopping is None and not self._draining.is_held(call)
        ]

    @property
    def unanswered(self) -> list[UUID]:
        """The calls under way that nobody has answered; messages are none."""
        return [call.attempt for call in self._calls.values() if call.is_voice and not call.talking]

    @property
    def usable(self) -> CampaignSettings:
        """The settings without the calling numbers and trunks that are paused."""
        return part.usable(self._holds, self.settings)

    @property
    def may_call(self) -> bool:
        """It has a channel, a calling number and a trunk that are not paused."""
        return not self._without_means

    @property
    def leads_held(self) -> list[int]:
        """The leads that are claimed for this runner and not in the journal, as far as it knows."""
        return self._stock.held

    @property
    def preparing(self) -> int:
        """How many launches are being journalled."""
        return len(self._stock.preparing)

    @property
    def idle(self) -> bool:
        """Nothing is held or under way: the cell may forget this runner."""
        return not self._calls and self._stock.empty

    @property
    def attempts(self) -> list[UUID]:
        """The attempts under way."""
        return list(self._calls)


def _lead_facts(lead: ClaimedLead) -> LeadFacts:
    return LeadFacts(lead.phone_index, lead.zones, lead.attempts, lead.tries)
