"""A campaign's day on one cell: whatever happens, in whatever order, the runner keeps its word.

The machine plays store, line and media around the pure runner. `where` is the model: each lead that
the store claimed for the runner is in exactly one place until a command gives it up.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from caesura.rules import command as commands
from caesura.rules.call import Launch
from caesura.rules.campaign import CampaignSettings, Drain, FixedPacing, KeyMeaning, Message
from caesura.rules.claim import ClaimedLead, NumberFacts, Tally
from caesura.rules.command import Command
from caesura.rules.moment import Moment
from caesura.rules.outcome import Outcome
from caesura.rules.pacing.snapshot import share
from caesura.rules.part import Hold, Part, Scope, strongest
from caesura.rules.runner import Runner

ZONE = "America/Chicago"
T0 = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)


class Place(StrEnum):
    """Where a claimed lead is."""

    RUNNER = "runner"  # in stock
    STORE = "store"  # being journalled
    LINE = "line"  # in a call


class CallOnLine:
    """A call as the line has it."""

    def __init__(self, launch: Launch) -> None:
        self.launch = launch
        self.launched = False
        self.rang_at: float | None = None
        self.answered = False
        self.cancelled = False
        self.hung_up = False
        self.streaming = False  # a media stream is open
        self.playing = False
        self.message_over = False  # the runner may hang up: the conversation has had its end


class RunnerAmongOthers(RuleBasedStateMachine):
    """See the module."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0
        self.settings = CampaignSettings(
            message=Message(
                recording="hello",
                keys={"1": KeyMeaning.CONFIRM, "2": KeyMeaning.REPEAT, "9": KeyMeaning.OPT_OUT},
            ),
            calling_numbers=["+13125550000"],
            pacing=FixedPacing(concurrency=4),
        )
        self.runner = Runner(7, self.settings)
        self.epoch = 1
        self.drain: Drain | None = None  # of the standing pause
        self.hold: Hold | None = None  # of the calls over one of two trunks
        self.holds_version = 0
        self.where: dict[int, Place] = {}
        self.settled: list[int] = []  # leads given up, in order
        self.facts: dict[str, NumberFacts] = {}
        self.next_lead = 1
        self.claim_asked: commands.Claim | None = None
        self.preparing: list[tuple[ClaimedLead, ...]] = []
        self.calls: dict[UUID, CallOnLine] = {}
        self.attempts = 0
        self.lead_by_attempt: dict[UUID, int] = {}
        self.in_flight_before = 0

    @initialize(
        start=st.sampled_from(["at_answer", "after_silence"]),
        wait_ms=st.sampled_from([0, 4000]),
    )
    def message_is_chosen(self, start: str, wait_ms: int) -> None:
        assert self.settings.message is not None
        change = {"start": start, "after_message_wait_ms": wait_ms}
        message = self.settings.message.model_copy(update=change)
        self.settings = self.settings.model_copy(update={"message": message})
        self.runner.settings = self.settings

    # ------------------------------------------------------------- the hands

    def moment(self) -> Moment:
        return Moment(T0 + timedelta(seconds=self.now), self.now)

    def settle(self, lead: int, place: Place) -> None:
        assert self.where.get(lead) is place, f"lead {lead} is {self.where.get(lead)}, not {place}"
        del self.where[lead]
        self.settled.append(lead)

    def carry_out(self, told: list[Command]) -> None:
        for command in told:
            self.carry_out_one(command)

    def carry_out_one(self, command: Command) -> None:  # noqa: PLR0912
        match command:
            case commands.Claim():
                assert self.runner.epoch is not None
                assert self.claim_asked is None, "two claims at once"
                assert command.limit > 0
                self.claim_asked = command
            case commands.Release(leads):
                assert leads
                for lead in leads:
                    self.settle(lead, self.where[lead])
            case commands.StorePutOff(refused):
                for one in refused:
                    self.settle(one.lead, Place.RUNNER)
            case commands.Prepare(leads):
                assert self.runner.epoch is not None, "a launch while the gate is shut"
                for claimed in leads:
                    assert self.where[claimed.id] is Place.RUNNER
                    self.where[claimed.id] = Place.STORE
                self.preparing.append(leads)
            case commands.Dial(launch):
                assert self.runner.epoch is not None, "a dial while the gate is shut"
                assert self.where[launch.lead] is Place.STORE
                others = [c for c in self.calls.values() if c.launch.lead == launch.lead]
                assert not others, "two calls for one lead"
                self.where[launch.lead] = Place.LINE
                self.calls[launch.attempt] = CallOnLine(launch)
            case commands.Cancel(attempt):
                self.cancel(self.calls[attempt])
            case commands.HangUp(attempt):
                self.hang_up(self.calls[attempt])
            case commands.Listen(attempt):
                assert not self.calls[attempt].streaming
                self.calls[attempt].streaming = True
            case commands.PlayMessage(attempt, recording):
                assert recording == "hello"
                assert self.calls[attempt].streaming
                self.calls[attempt].playing = True
            case commands.StopPlaying(attempt):
                assert self.calls[attempt].playing
                self.calls[attempt].playing = False
            case commands.OptOut(phone):
                assert phone.startswith("+1")
            case commands.CloseStream(attempt):
                assert self.calls[attempt].streaming
                self.calls[attempt].streaming = False
            case commands.StoreProgress(progress):
                assert progress.attempt in self.calls
            case commands.StoreEnd(end):
                call = self.calls.pop(end.attempt)
                assert not call.streaming, "a stream is left open"
                assert end.lead == call.launch.lead
                if call.answered:
                    assert end.outcome is Outcome.ANSWERED
                self.settle(end.lead, Place.LINE)
            case commands.StoreNotLaunched(attempt):
                place = Place.STORE
                if attempt in self.calls:
                    place = Place.LINE
                    del self.calls[attempt]
                self.settle(self.lead_by_attempt[attempt], place)

    def cancel(self, call: CallOnLine) -> None:
        drain = self.drain_of(call)
        assert drain is not None, "cancelled without a pause"
        assert drain is not Drain.LET_RING
        assert not call.cancelled, "cancelled twice"
        if drain is Drain.FINISH_LAWFULLY:
            assert call.rang_at is not None, "cancelled before it rang"
            assert self.now - call.rang_at >= self.settings.ring_minimum_s
        call.cancelled = not call.answered  # a cancel that comes too late is ignored

    def hang_up(self, call: CallOnLine) -> None:
        drain = self.drain_of(call)
        if not call.answered:
            assert drain is Drain.HANG_UP_ALL
        else:
            why = drain is Drain.HANG_UP_ALL or call.message_over or not call.streaming
            assert why, "a conversation was cut"
        call.hung_up = True

    def drain_of(self, call: CallOnLine) -> Drain | None:
        """What was decided on it: by a pause of all, and by that of its trunk."""
        asked = [self.hold.drain] if self.hold and self.is_held(call) else []
        return strongest(asked if self.drain is None else [*asked, self.drain])

    def is_held(self, call: CallOnLine) -> bool:
        """As far as the line has said over which trunk it went."""
        trunk = trunk_of(call.launch.attempt)
        return call.launched and self.hold is not None and self.hold.part.value == trunk

    # ------------------------------------------------------------- rules: lifecycle

    @rule(
        drain=st.sampled_from(Drain),
        trunk=st.sampled_from(["one", "two"]),
        cell_shuts=st.booleans(),
    )
    def a_part_is_paused(self, drain: Drain, trunk: str, cell_shuts: bool) -> None:
        """Its calls are drained as it says, and no other call is touched."""
        self.hold = Hold(1, Part(Scope.TRUNK, trunk), drain)
        before = {a: (c.cancelled, c.hung_up) for a, c in self.calls.items()}
        self.holds_are_read([self.hold])
        if cell_shuts and self.runner.epoch is not None:
            self.carry_out(self.runner.gate_shut(None, self.moment()))
            assert Place.RUNNER not in self.where.values(), "stock was kept"
            self.epoch += 1
            self.carry_out(self.runner.gate_opened(self.epoch, self.moment()))
        free = {a for a, c in self.calls.items() if not self.is_held(c)}
        assert {a: (self.calls[a].cancelled, self.calls[a].hung_up) for a in free} == {
            a: before[a] for a in free
        }
        assert free >= set(self.runner.not_held)

    @precondition(lambda self: self.hold is not None)
    @rule()
    def the_part_is_resumed(self) -> None:
        self.hold = None
        self.holds_are_read([])

    def holds_are_read(self, holds: list[Hold]) -> None:
        self.holds_version += 1
        self.carry_out(self.runner.hold(holds, self.holds_version, self.moment()))
        assert self.runner.hold([], self.holds_version - 1, self.moment()) == []

    @precondition(lambda self: self.runner.epoch is None)
    @rule()
    def gate_opens(self) -> None:
        self.epoch += 1
        self.drain = None
        self.carry_out(self.runner.gate_opened(self.epoch, self.moment()))

    @rule(drain=st.sampled_from(Drain), seconds=st.sampled_from([0.0, 14.5, 16.0]))
    def pause(self, drain: Drain, seconds: float) -> None:
        self.gate_shuts(drain)
        self.time_passes(seconds, 8)

    @precondition(lambda self: self.calls and self.runner.epoch is not None)
    @rule(drains=st.tuples(st.sampled_from(Drain), st.sampled_from(Drain)), resumes=st.booleans())
    def two_decisions(self, drains: tuple[Drain, Drain], resumes: bool) -> None:
        """A pause, and while its drain lasts a resume, or a termination with another drain."""
        for attempt in [a for a, c in self.calls.items() if not c.answered]:
            self.ring(attempt)
        self.gate_shuts(drains[0])
        if resumes:
            self.gate_opens()
        else:
            self.gate_shuts(drains[1])
        self.time_passes(16.0, 0)

    def gate_shuts(self, drain: Drain) -> None:
        """By a pause; or once more, by a termination with a drain of its own."""
        self.drain = drain
        told = self.runner.gate_shut(drain, self.moment())
        if self.hold is None:
            self.check_drain(told, drain)
        self.carry_out(told)
        assert Place.RUNNER not in self.where.values(), "stock was kept"

    def check_drain(self, told: list[Command], drain: Drain) -> None:
        cancelled = {c.attempt for c in told if isinstance(c, commands.Cancel)}
        hung_up = {c.attempt for c in told if isinstance(c, commands.HangUp)}
        open_calls = {a for a, c in self.calls.items() if not c.hung_up}
        waiting = {a for a in open_calls if not self.calls[a].answered}
        fresh = {a for a in waiting if not self.calls[a].cancelled}
        match drain:
            case Drain.LET_RING:
                assert not cancelled and not hung_up
            case Drain.CANCEL_NOW:
                assert cancelled == fresh and not hung_up
            case Drain.HANG_UP_ALL:
                assert open_calls <= hung_up | {
                    a for a, c in self.calls.items() if c.message_over and c.hung_up
                }
                assert not cancelled
            case Drain.FINISH_LAWFULLY:
                long = {a for a in fresh if self.has_rung(self.calls[a])}
                assert cancelled == long and not hung_up

    def has_rung(self, call: CallOnLine) -> bool:
        minimum = self.settings.ring_minimum_s
        return call.rang_at is not None and self.now >= call.rang_at + minimum

    @rule(number=st.integers(1, 4), phase=st.sampled_from(["dialled", "rings", "rings", "talks"]))
    def calls_get_under_way(self, number: int, phase: str) -> None:
        """All at once what the other rules do step by step, so that there is something to lose."""
        if self.runner.epoch is None:
            self.gate_opens()
        self.time_passes(0.04, 0)
        if self.claim_asked is not None:
            self.claim_is_answered(number, False, False)
        self.time_passes(0.2, number)
        while self.preparing:
            before = set(self.calls)
            self.journal_is_answered(False, False)
            for attempt in [a for a in self.calls if a not in before and phase != "dialled"]:
                self.ring(attempt)
                if phase == "talks":
                    self.answer(attempt)

    def is_shared(self, data: st.DataObject) -> None:
        cells = data.draw(st.integers(1, 4))
        self.runner.shared(cells, data.draw(st.integers(0, cells - 1)))

    def settings_change(self, data: st.DataObject) -> None:
        pacing = FixedPacing(
            concurrency=data.draw(st.integers(1, 12)),
            cps=data.draw(st.sampled_from([None, 0.5, 5.0, 50.0])),
        )
        self.settings = self.settings.model_copy(update={"pacing": pacing})
        self.runner.settings = self.settings

    # ------------------------------------------------------------- rules: time

    @rule(seconds=st.sampled_from([0.0, 0.04, 0.5, 5.0, 14.5, 16.0]), room=st.integers(0, 8))
    def time_passes(self, seconds: float, room: int) -> None:
        self.now += seconds
        before = len(self.calls) + self.being_prepared()
        epoch = self.runner.epoch
        told = self.runner.tick(self.moment(), room, Tally({"due": {ZONE: 99}}))
        started = [c for c in told if isinstance(c, commands.Prepare)]
        number = sum(len(c.leads) for c in started)
        assert number <= room
        if epoch is None:
            assert not started
        if number:
            concurrency = self.settings.pacing.concurrency
            assert before + number <= share(concurrency, self.runner._cells, self.runner._rank)
        self.carry_out(told)
        due = [
            c
            for c in self.calls.values()
            if self.drain is Drain.FINISH_LAWFULLY and not c.answered and self.has_rung(c)
        ]
        assert all(c.cancelled or c.hung_up for c in due), "it rings on past its minimum"

    def being_prepared(self) -> int:
        return sum(len(leads) for leads in self.preparing)

    # ------------------------------------------------------------- rules: store

    @precondition(lambda self: self.claim_asked is not None)
    @rule(number=st.integers(0, 6), forbidden=st.booleans(), same_number=st.booleans())
    def claim_is_answered(self, number: int, forbidden: bool, same_number: bool) -> None:
        assert self.claim_asked is not None
        leads = []
        for _ in range(min(number, self.claim_asked.limit)):
            lead = self.next_lead
            self.next_lead += 1
            phone = "+13125559999" if same_number else f"+1312{lead:07d}"
            leads.append(ClaimedLead(lead, (phone,), (ZONE,), 1, 0, {}))
            self.facts[phone] = NumberFacts(forbidden, 0, 0, None, None)
            self.where[lead] = Place.RUNNER
        self.claim_asked = None
        self.carry_out(self.runner.claimed(leads, self.facts, self.moment()))

    @precondition(lambda self: self.preparing)
    @rule(lost=st.booleans(), forbidden=st.booleans())
    def journal_is_answered(self, lost: bool, forbidden: bool) -> None:
        """As the hands do it: recheck, journal what is still ours, tell the runner."""
        leads = self.preparing.pop(0)
        epoch = self.runner.epoch or self.epoch
        facts = {lead.phone: NumberFacts(forbidden, 0, 0, None, None) for lead in leads}
        allowed, refused = self.runner.recheck(leads, facts, self.moment().wall)
        for one in refused:
            self.settle(one.lead, Place.STORE)
        if lost and allowed:  # another cell has taken it over
            self.settle(allowed.pop().id, Place.STORE)
        launches = [self.launch_of(lead) for lead in allowed]
        self.carry_out(self.runner.journalled(launches, leads, epoch))
        assert not {lead.id for lead in leads} & {
            lead for lead, place in self.where.items() if place is Place.STORE
        }

    def launch_of(self, lead: ClaimedLead) -> Launch:
        self.attempts += 1
        attempt = UUID(int=self.attempts)
        self.lead_by_attempt[attempt] = lead.id
        return Launch(attempt, lead.id, lead.phone, self.runner.calling_number(lead))

    @precondition(lambda self: self.preparing)
    @rule(reopened=st.booleans())
    def journal_is_answered_in_another_epoch(self, reopened: bool) -> None:
        """The gate shut, and perhaps opened anew, between journal and answer."""
        leads, before = self.preparing.pop(0), self.epoch
        launches = [self.launch_of(lead) for lead in leads]
        self.gate_shuts(Drain.LET_RING)
        if reopened:
            self.gate_opens()
        told = self.runner.journalled(launches, leads, before)
        assert not [c for c in told if isinstance(c, commands.Dial)]
        self.carry_out(told)

    @precondition(lambda self: self.preparing)
    @rule()
    def journal_fails(self) -> None:
        self.carry_out(self.runner.not_journalled(self.preparing.pop(0)))

    # ------------------------------------------------------------- rules: line

    @precondition(lambda self: self.calls)
    @rule(data=st.data(), number=st.integers(1, 3))
    def calls_go_on(self, data: st.DataObject, number: int) -> None:
        """Something that can happen to a call at this moment happens, to one call or a few."""
        for _ in range(number):
            if not self.calls:
                return
            attempt = data.draw(st.sampled_from(list(self.calls)))
            call = self.calls[attempt]
            possible = [self.ring, self.answer, self.end] if not call.answered else []
            if not call.launched and not call.answered:
                possible.append(self.bounce)
            if call.answered:
                possible += [self.press, self.speak, self.fail, self.end]
            if call.playing:
                possible.append(self.message_ends)
            data.draw(st.sampled_from(possible))(attempt, data)

    def bounce(self, attempt: UUID, data: st.DataObject) -> None:
        self.carry_out(self.runner.not_launched(attempt))

    def left(self, attempt: UUID) -> CallOnLine:
        """The line says that the INVITE left, and to which trunk, before anything else of it."""
        call = self.calls[attempt]
        if not call.launched:
            call.launched = True
            self.carry_out(self.runner.dialled(attempt, trunk_of(attempt), "id", self.moment()))
        return call

    def ring(self, attempt: UUID, data: st.DataObject | None = None) -> None:
        call = self.left(attempt)
        if call.rang_at is None:
            call.rang_at = self.now
        self.carry_out(self.runner.ringing(attempt, self.moment()))

    def answer(self, attempt: UUID, data: st.DataObject | None = None) -> None:
        """The line's word; also one that crossed our Cancel, which then came too late."""
        call = self.left(attempt)
        call.answered = True
        call.cancelled = False
        self.carry_out(self.runner.answered(attempt, self.moment()))

    def speak(self, attempt: UUID, data: st.DataObject) -> None:
        self.carry_out(self.runner.speech(attempt, data.draw(st.booleans()), self.moment()))

    def press(self, attempt: UUID, data: st.DataObject) -> None:
        digit = data.draw(st.sampled_from("1259"))
        self.calls[attempt].message_over |= digit in "19"
        self.carry_out(self.runner.digit(attempt, digit))

    def message_ends(self, attempt: UUID, data: st.DataObject) -> None:
        self.calls[attempt].playing = False
        self.calls[attempt].message_over = True
        self.carry_out(self.runner.played(attempt, self.moment()))

    def fail(self, attempt: UUID, data: st.DataObject) -> None:
        self.calls[attempt].message_over = True
        self.carry_out(self.runner.stream_failed(attempt, "no port"))
        assert self.calls[attempt].hung_up, "somebody is left in silence"

    def end(self, attempt: UUID, data: st.DataObject) -> None:
        by = data.draw(st.sampled_from(["callee", "us", "ring_timeout", "network"]))
        status = data.draw(st.sampled_from([None, 200, 486, 487, 503, 603]))
        raced = data.draw(st.booleans())

        def told() -> list[Command]:
            return self.runner.ended(
                attempt,
                self.moment(),
                by=by,
                sip_status=status,
                q850_cause=None,
                reason="",
                answered_while_cancelled=raced,
            )

        self.carry_out(told())
        assert attempt not in self.calls
        assert told() == [], "an end was counted twice"

    @rule(data=st.data())
    def something_rare_happens(self, data: st.DataObject) -> None:
        rare = [self.line_is_lost, self.media_is_lost, self.is_shared, self.settings_change]
        data.draw(st.sampled_from([*rare, self.late_news]))(data)

    def line_is_lost(self, data: st.DataObject) -> None:
        self.carry_out(self.runner.line_lost(self.moment()))
        assert not self.calls

    def media_is_lost(self, data: st.DataObject) -> None:
        for call in self.calls.values():
            call.message_over |= call.answered
        self.carry_out(self.runner.media_lost())
        assert all(c.hung_up for c in self.calls.values() if c.answered)

    def late_news(self, data: st.DataObject) -> None:
        """Of a call that is over."""
        gone = UUID(int=999_999)
        now = self.moment()
        assert self.runner.ringing(gone, now) == []
        assert self.runner.answered(gone, now) == []
        assert self.runner.not_launched(gone) == []
        assert self.runner.digit(gone, "9") == []
        assert self.runner.played(gone, now) == []

    # ------------------------------------------------------------- invariants

    @invariant()
    def every_lead_is_in_exactly_one_place(self) -> None:
        assert len(self.settled) == len(set(self.settled)), "a lead was given up twice"
        assert set(self.settled).isdisjoint(self.where)
        assert set(self.settled) | set(self.where) == set(range(1, self.next_lead))
        held = [lead for lead, place in self.where.items() if place is not Place.LINE]
        assert sorted(self.runner.leads_held) == sorted(held)

    @invariant()
    def the_runner_sees_the_calls_that_are(self) -> None:
        assert set(self.runner.attempts) == set(self.calls)
        talking = sum(1 for c in self.calls.values() if c.answered)
        assert self.runner.in_flight.talking == talking
        assert self.runner.in_flight.ringing == len(self.calls) - talking
        assert self.runner.preparing == self.being_prepared()
        idle = not (self.where or self.claim_asked)
        assert self.runner.idle is idle

    def teardown(self) -> None:
        """When the cell stops, nothing is forgotten."""
        self.drain = Drain.LET_RING
        self.carry_out(self.runner.gate_shut(Drain.LET_RING, self.moment()))
        for leads in self.preparing:
            self.carry_out(self.runner.not_journalled(leads))
        self.carry_out(self.runner.line_lost(self.moment()))
        assert self.where == {}


def trunk_of(attempt: UUID) -> str:
    return "one" if attempt.int % 2 else "two"


RunnerAmongOthers.TestCase.settings = hypothesis_settings(
    max_examples=200, stateful_step_count=40, deadline=None
)
test_the_runner_keeps_its_word = RunnerAmongOthers.TestCase
