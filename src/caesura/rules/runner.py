"""One campaign on one cell: events in, commands out.

The runner decides; the cell does. It knows no socket, no database and no clock: every method
takes the moment, and returns the commands that follow. The same object runs in production, in
property tests and in simulated time.

    claim → (refusal) → journal → (refusal again) → dial → ringing → answered → message → ended

A lead is, at every moment, in one of three places here: in stock (claimed, not launched), being
journalled, or in a call. Whatever takes it out of one place says in a command what becomes of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from caesura.rules import calling_number, message_text, part, recorded_message
from caesura.rules.activity_hours import is_open
from caesura.rules.call import AttemptEnd, CallPhase, Launch, Progress
from caesura.rules.campaign import CampaignSettings, Drain, KeyMeaning
from caesura.rules.claim import NOTHING_KNOWN, ClaimedLead, NumberFacts, PutOff, Tally
from caesura.rules.message import Taken
from caesura.rules.next_try import LeadFacts, next_try
from caesura.rules.outcome import Outcome, from_sip
from caesura.rules.pacing import fixed
from caesura.rules.pacing.snapshot import PacingState, Snapshot
from caesura.rules.part import CallMeans, Hold, Scope
from caesura.rules.recorded_message import Conversation
from caesura.rules.refusal import Question, Refusal, refusal

# Claim so many seconds of work ahead; more would hold leads that another cell could work.
STOCK_S = 1.0
STOCK_MIN, STOCK_MAX = 4, 500


@dataclass(frozen=True)
class Moment:
    """One moment on both clocks of this machine."""

    wall: datetime  # aware; for hours, records and due times
    mono: float  # seconds; for intervals


# ------------------------------------------------------------------ commands


@dataclass(frozen=True)
class Claim:
    """Take up to `limit` due leads whose number is in one of `zones`. Answer: `claimed`."""

    zones: tuple[str, ...]
    limit: int
    around: tuple[Hold, ...] = ()  # paused lists and regions: their leads are set aside, not taken


@dataclass(frozen=True)
class Release:
    """Give claimed leads back: nothing happened to them."""

    leads: tuple[int, ...]


@dataclass(frozen=True)
class StorePutOff:
    """Store why claimed leads may not be reached now, and until when."""

    refused: tuple[PutOff, ...]


@dataclass(frozen=True)
class Prepare:
    """Journal an attempt for each lead, then dial. Answer: `recheck`, then `journalled`."""

    leads: tuple[ClaimedLead, ...]


@dataclass(frozen=True)
class Dial:
    """Hand the journalled attempt to the line."""

    launch: Launch


@dataclass(frozen=True)
class Submit:
    """Hand the journalled message to the messenger."""

    launch: Launch


@dataclass(frozen=True)
class Cancel:
    attempt: UUID


@dataclass(frozen=True)
class HangUp:
    attempt: UUID


@dataclass(frozen=True)
class Listen:
    """Open the media stream of an answered call, and close it with CloseStream."""

    attempt: UUID


@dataclass(frozen=True)
class PlayMessage:
    attempt: UUID
    recording: str


@dataclass(frozen=True)
class StopPlaying:
    attempt: UUID


@dataclass(frozen=True)
class CloseStream:
    attempt: UUID


@dataclass(frozen=True)
class OptOut:
    """The callee asked not to be called again: their number goes on the do-not-call list."""

    phone: str


@dataclass(frozen=True)
class StoreProgress:
    progress: Progress


@dataclass(frozen=True)
class StoreEnd:
    end: AttemptEnd


@dataclass(frozen=True)
class StoreNotLaunched:
    attempt: UUID


Command = (
    Claim
    | Release
    | StorePutOff
    | Prepare
    | Dial
    | Submit
    | Cancel
    | HangUp
    | Listen
    | PlayMessage
    | StopPlaying
    | CloseStream
    | OptOut
    | StoreProgress
    | StoreEnd
    | StoreNotLaunched
)


# --------------------------------------------------------------------- state


@dataclass
class Call:
    """An attempt from its journal entry to its end: a call, or a message until its answer."""

    launch: Launch
    lead: ClaimedLead
    phase: CallPhase = CallPhase.JOURNALLED
    trunk: str | None = None  # that its last INVITE went to
    ringing_since: float | None = None  # monotonic
    cancel_at: float | None = None  # monotonic; set by a drain
    stopping: Cancel | HangUp | None = None  # what the line was told
    stopped_by_us: str | None = None  # why, for the journal
    conversation: Conversation = field(default_factory=Conversation)


@dataclass(frozen=True)
class InFlight:
    """Calls of the campaign on this cell, and messages that their provider has not answered."""

    ringing: int  # on the wire, or about to be, and not answered
    talking: int


class Runner:
    """See the module. `campaign` and `name` are for records; `settings` may be replaced."""

    def __init__(self, campaign: int, settings: CampaignSettings) -> None:
        self.campaign = campaign
        self.settings = settings
        self.epoch: int | None = None  # of the open lease; None while the gate is shut
        self._cells, self._rank = 1, 0
        self._resumed_at: float | None = None  # monotonic; None: started, and never paused
        self._pacing = PacingState()
        self._stock: deque[ClaimedLead] = deque()
        self._preparing: dict[int, ClaimedLead] = {}  # by lead
        self._calls: dict[UUID, Call] = {}
        self._claiming = False
        self._drain: Drain | None = None
        self._goes_on = False  # the gate was shut for parts alone: the rest has not stood still
        self._holds: tuple[Hold, ...] = ()
        self._holds_version = -1  # which reading of them this is (campaign.holds_version)
        self._numbers_given = 0

    # ------------------------------------------------------------- lifecycle

    def gate_opened(self, epoch: int, now: Moment, resumed_s: float | None = None) -> list[Command]:
        """The cell holds a lease: calls may start. `resumed_s` ago the campaign was resumed."""
        if self.epoch != epoch:
            self.epoch = epoch
            self._resumed_at = None if resumed_s is None else now.mono - max(0.0, resumed_s)
            if not self._goes_on:
                self._pacing = PacingState()
            self._drain = None
            # A resume during the drain lets the rest ring, but for the calls of a paused part.
            return [told for call in self._calls.values() for told in self._drained(call, now)]
        return []

    def shared(self, cells: int, rank: int) -> None:
        """Among how many cells the campaign is shared, and which of them this one is."""
        self._cells, self._rank = max(1, cells), min(rank, max(0, cells - 1))

    def hold(self, holds: Sequence[Hold], version: int, now: Moment) -> list[Command]:
        """These parts stand paused, by reading `version`; an older reading changes nothing.

        What rings of them is drained, what was claimed of them is set aside.
        """
        if version <= self._holds_version:
            return []
        self._holds, self._holds_version = tuple(holds), version
        commands: list[Command] = []
        put_off = [self._set_aside(lead) for lead in self._stock]
        if any(put_off):
            self._stock = deque(
                lead for lead, refused in zip(self._stock, put_off, strict=True) if not refused
            )
            commands.append(StorePutOff(tuple(refused for refused in put_off if refused)))
        if self._without_means:
            commands += self._release_stock()
        for call in self._calls.values():
            commands += self._drained(call, now)
        return commands

    def _set_aside(self, lead: ClaimedLead) -> PutOff | None:
        hold = part.first_covering(self._holds, lead)
        return (
            None if hold is None else PutOff(lead.id, Refusal.PART_PAUSED.value, None, hold=hold.id)
        )

    @property
    def _without_means(self) -> bool:
        """Every trunk, every calling number or the channel is paused."""
        return part.without_means(self._holds, self.settings) is not None

    def _is_held(self, call: Call) -> bool:
        return any(self._covers(hold, call) for hold in self._holds)

    def _covers(self, hold: Hold, call: Call) -> bool:
        means = CallMeans(call.launch.calling_number, call.trunk, call.launch.channel)
        return part.covers_call(hold, call.lead, means)

    def _drain_of(self, call: Call) -> Drain | None:
        """What was decided on the call: by a pause of all, and by the holds that cover it."""
        asked = [hold.drain for hold in self._holds if self._covers(hold, call)]
        return part.strongest(asked if self._drain is None else [*asked, self._drain])

    def gate_shut(self, drain: Drain | None, now: Moment) -> list[Command]:
        """No call starts any more. What rings is drained; what was only claimed goes back.

        `drain` None: parts were paused, and only their calls are drained, as each hold says.
        """
        self.epoch = None
        self._drain, self._goes_on = drain, drain is None
        commands: list[Command] = self._release_stock()
        for call in self._calls.values():
            commands += self._drained(call, now)
        return commands

    def _release_stock(self) -> list[Command]:
        leads = tuple(lead.id for lead in self._stock)
        self._stock.clear()
        return [Release(leads)] if leads else []

    def _drained(self, call: Call, now: Moment) -> list[Command]:
        """What the drain means for the call; a later decision may ask for more than the first."""
        call.cancel_at = None
        if call.launch.channel != "voice":  # held here: the messenger gives it back; else gone
            return []
        drain = self._drain_of(call)
        if drain is Drain.HANG_UP_ALL and not isinstance(call.stopping, HangUp):
            # HangUp also for what rings: it holds whatever crosses it, a Cancel loses to an answer
            return self._stop(call, "pause: hang up everything", HangUp(call.launch.attempt))
        if call.stopping is not None or call.phase is CallPhase.TALKING:
            return []
        if drain is Drain.CANCEL_NOW:
            return self._stop(call, "pause: cancel ringing now", Cancel(call.launch.attempt))
        if drain is Drain.FINISH_LAWFULLY and call.ringing_since is not None:
            call.cancel_at = call.ringing_since + self.settings.ring_minimum_s
            return self._cancel_if_due(call, now)
        return []

    def _cancel_if_due(self, call: Call, now: Moment) -> list[Command]:
        if call.cancel_at is None or call.stopping is not None or now.mono < call.cancel_at:
            return []
        if call.phase is CallPhase.TALKING:
            return []
        return self._stop(call, "pause: rang its minimum", Cancel(call.launch.attempt))

    @staticmethod
    def _stop(call: Call, why: str, command: Cancel | HangUp) -> list[Command]:
        call.stopping = command
        call.stopped_by_us = why
        return [command]

    # ---------------------------------------------------------------- pacing

    def tick(self, now: Moment, room: int, tally: Tally) -> list[Command]:
        """Time passes. `room` is how many calls the trunks take now; `tally` may be a bit old."""
        commands: list[Command] = []
        for call in self._calls.values():
            commands += self._cancel_if_due(call, now)
            if call.conversation.wake_at is not None and now.mono >= call.conversation.wake_at:
                commands += self._converse(call, recorded_message.Tick(now.mono))
        # Nobody could take the calls of a pacing that is for agents: there is no desk yet.
        dials = not (self._without_means or self.settings.needs_agents)
        if self.epoch is not None and dials:
            commands += self._start_calls(now, room)
            commands += self._restock(now, tally)
        return commands

    def _start_calls(self, now: Moment, room: int) -> list[Command]:
        in_flight = len(self._calls) + len(self._preparing)
        snapshot = Snapshot(in_flight, self._cells, self._rank, self._resumed_at)
        decided, pacing = fixed.decide(
            self.settings.pace, snapshot, self._pacing, now.mono, self.settings.ramp_up_s
        )
        chosen: list[ClaimedLead] = []
        while self._stock and len(chosen) < min(decided, room):
            chosen.append(self._stock.popleft())
        self._pacing = fixed.not_started(pacing, decided - len(chosen))
        if not chosen:
            return []
        for lead in chosen:
            self._preparing[lead.id] = lead
        return [Prepare(tuple(chosen))]

    def _restock(self, now: Moment, tally: Tally) -> list[Command]:
        pacing = self.settings.pace
        rate = pacing.cps if pacing.cps is not None else pacing.concurrency
        ahead = min(STOCK_MAX, max(STOCK_MIN, int(rate * STOCK_S / self._cells)))
        if self._claiming or len(self._stock) > ahead // 2 or self.settings.outside_dates(now.wall):
            return []
        paused = part.values(self._holds, Scope.ZONE)
        zones = tuple(
            sorted(
                zone
                for zone in tally.by_state.get("due", {})
                if paused.isdisjoint(zone.split("|"))
                and is_open(self.settings.hours, zone, now.wall)
            )
        )
        if not zones:
            return []
        self._claiming = True
        around = (h for h in self._holds if h.part.scope in (Scope.LIST, Scope.REGION))
        return [Claim(zones, ahead - len(self._stock), tuple(around))]

    # ----------------------------------------------------------------- claim

    def claimed(
        self, leads: Sequence[ClaimedLead], facts: Mapping[str, NumberFacts], now: Moment
    ) -> list[Command]:
        """The answer to Claim, also an empty one after a failure."""
        self._claiming = False
        # A cell that was given up for dead gets leads anew of which it still has the old claim.
        in_stock = {lead.id for lead in self._stock}
        leads = [lead for lead in leads if lead.id not in in_stock]
        if self.epoch is None:
            return [Release(tuple(lead.id for lead in leads))] if leads else []
        allowed, refused = self._asked(leads, facts, now.wall)
        self._stock += allowed
        return [StorePutOff(tuple(refused))] if refused else []

    def recheck(
        self, leads: Iterable[ClaimedLead], facts: Mapping[str, NumberFacts], now: datetime
    ) -> tuple[list[ClaimedLead], list[PutOff]]:
        """The rules at the last moment: asked in the transaction that journals the attempts."""
        return self._asked(leads, facts, now)

    def _asked(
        self, leads: Iterable[ClaimedLead], facts: Mapping[str, NumberFacts], now: datetime
    ) -> tuple[list[ClaimedLead], list[PutOff]]:
        allowed: list[ClaimedLead] = []
        refused: list[PutOff] = []
        ahead: dict[str, int] = {}  # attempts on the same number in this very batch
        for lead in leads:
            known = facts.get(lead.phone, NOTHING_KNOWN)
            more = ahead.get(lead.phone, 0)
            hold = part.first_covering(self._holds, lead)
            no = refusal(_question(lead, known, more, hold), self.settings, now)
            unsendable = None if no else message_text.put_off(lead, self.settings, now)
            if no is not None:
                held = hold.id if hold and no.reason is Refusal.PART_PAUSED else None
                refused.append(PutOff(lead.id, no.reason.value, no.again_at, hold=held))
            elif unsendable is not None:
                refused.append(unsendable)
            else:
                ahead[lead.phone] = more + 1
                allowed.append(lead)
        return allowed, refused

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
        leads = {lead.id: self._preparing.pop(lead.id, lead) for lead in prepared}
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
            self._preparing.pop(lead.id, None)
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
        return [StoreProgress(told), *self._drained(call, now)]

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
        return [stored, *self._drained(call, now)]

    def answered(self, attempt: UUID, now: Moment) -> list[Command]:
        call = self._calls.get(attempt)
        if call is None or call.phase is CallPhase.TALKING:
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
        talking = call.phase is CallPhase.TALKING
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
        for call in self._pop(lambda channel: channel == "voice"):
            talking = call.phase is CallPhase.TALKING
            if talking:
                commands.append(CloseStream(call.launch.attempt))
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
            for call in self._pop(lambda channel: channel != "voice")
        ]

    def _pop(self, channel_is: Callable[[str], bool]) -> list[Call]:
        """The attempts of the channels that are meant; they are not under way any more."""
        gone = [call for call in self._calls.values() if channel_is(call.launch.channel)]
        for call in gone:
            del self._calls[call.launch.attempt]
        return gone

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
            attempt=call.launch.attempt,
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
            if call.launch.channel != "voice"
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
        return self._stop(call, f"no media: {reason}", HangUp(attempt))

    def media_lost(self) -> list[Command]:
        """The media process is gone, and the sound of every conversation with it."""
        commands: list[Command] = []
        for call in list(self._calls.values()):
            if call.phase is CallPhase.TALKING:
                commands += self.stream_failed(call.launch.attempt, "the media process ended")
        return commands

    def _heard(self, attempt: UUID, event: recorded_message.Event) -> list[Command]:
        call = self._calls.get(attempt)
        waiting = recorded_message.ConversationState.WAITING
        if call is None or call.conversation.state is waiting:  # the latter: it had no message
            return []
        return self._converse(call, event)

    def _converse(self, call: Call, event: recorded_message.Event) -> list[Command]:
        attempt, message = call.launch.attempt, self.settings.message
        if message is None:  # taken away while the call rang
            return self._stop(call, "the campaign has no message", HangUp(attempt))
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
        talking = sum(1 for call in self._calls.values() if call.phase is CallPhase.TALKING)
        return InFlight(ringing=len(self._calls) - talking, talking=talking)

    @property
    def in_flight_of_parts(self) -> InFlight:
        """Of those, the calls that a standing hold covers."""
        calls = [call for call in self._calls.values() if self._is_held(call)]
        talking = sum(1 for call in calls if call.phase is CallPhase.TALKING)
        return InFlight(ringing=len(calls) - talking, talking=talking)

    @property
    def not_held(self) -> list[UUID]:
        """The attempts under way that no standing hold covers and that nobody has stopped."""
        return [
            call.launch.attempt
            for call in self._calls.values()
            if call.stopping is None and not self._is_held(call)
        ]

    @property
    def unanswered(self) -> list[UUID]:
        """The calls under way that nobody has answered; messages are none."""
        return [
            call.launch.attempt
            for call in self._calls.values()
            if call.launch.channel == "voice" and call.phase is not CallPhase.TALKING
        ]

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
        return [*(lead.id for lead in self._stock), *self._preparing]

    @property
    def preparing(self) -> int:
        """How many launches are being journalled."""
        return len(self._preparing)

    @property
    def idle(self) -> bool:
        """Nothing is held or under way: the cell may forget this runner."""
        return not (self._calls or self._stock or self._preparing or self._claiming)

    @property
    def attempts(self) -> list[UUID]:
        """The attempts under way."""
        return list(self._calls)


def _question(lead: ClaimedLead, known: NumberFacts, more: int, hold: Hold | None) -> Question:
    return Question(
        zone=lead.zone,
        attempts=lead.attempts,
        do_not_call=known.do_not_call,
        part_paused=hold is not None,
        number_attempts_day=known.attempts_day + more,
        number_attempts_7_days=known.attempts_7_days + more,
        oldest_in_day=known.oldest_day,
        oldest_in_7_days=known.oldest_7_days,
    )


def _lead_facts(lead: ClaimedLead) -> LeadFacts:
    return LeadFacts(lead.phone_index, lead.zones, lead.attempts, lead.tries)
