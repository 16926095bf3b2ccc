"""What is around floor and runners in the property test: store, line, media and the agents' pages.

It carries out what they say, and objects to what must never be. What it knows, it has from their
commands and from what it told them, not from looking into them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from caesura.rules import command as commands
from caesura.rules.agent_settings import AgentSettings, Callbacks, WrapUp
from caesura.rules.call import Launch
from caesura.rules.campaign import CampaignSettings, Drain, Pacing, PreviewPacing, ProgressivePacing
from caesura.rules.claim import ClaimedLead, Tally
from caesura.rules.command import Command
from caesura.rules.floor.decision import (
    Allotted,
    Became,
    CampaignPaused,
    CampaignRuns,
    Decision,
    Denied,
    ForDesk,
)
from caesura.rules.floor.desk import Presence
from caesura.rules.floor.exchange import Exchange, terms_of
from caesura.rules.floor.exchange import Outcome as Passed
from caesura.rules.floor.floor import Floor
from caesura.rules.moment import Moment
from caesura.rules.outcome import Outcome
from caesura.rules.runner import Runner

ZONE = "America/Chicago"
T0 = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
STEP_S = 0.1  # between two ticks; the cell's are shorter
ANSWER_S, LOST_S = 2.0, 5.0  # so long nobody may hear silence


@dataclass
class Callee:
    """One call as the line and the callee have it."""

    campaign: int
    launch: Launch
    answered_at: float | None = None
    silent_since: float | None = None  # since when they hear nothing; None: they hear something
    silent_max: float = ANSWER_S
    agent: int | None = None  # whom they are joined with
    had_agent: bool = False
    message: bool = False  # they hear a recording
    cancelled: bool = False
    hung_up: bool = False  # the line was told so
    may_hang_up: bool = False  # there is a reason for it that is no decision of ours


@dataclass
class Person:
    """One agent as they see themselves."""

    presence: Presence
    device: bool = False
    lost_at: float | None = None  # monotonic, in conversation
    campaign: int | None = None  # that they were told that they work for
    wants_break: bool = False  # asked for in a call, and not given yet
    shown: int | None = None  # the lead on their screen


@dataclass
class Side:
    """One campaign's runner, and what it was told."""

    runner: Runner
    epoch: int = 1
    drain: Drain | None = None  # of the standing pause
    claim: commands.Claim | None = None
    preparing: list[tuple[ClaimedLead, ...]] = field(default_factory=list)
    held: dict[int, str] = field(default_factory=dict)  # leads in the runner's hands, and where
    ledger: dict[str, int] = field(
        default_factory=lambda: {"connected": 0, "abandoned": 0, "gave_up": 0}
    )


def settings(pacing: Pacing, *, required: bool, recording: str | None) -> CampaignSettings:
    return CampaignSettings(
        calling_numbers=["+13125550000"],
        trunks=["one"],
        pacing=pacing,
        agents=AgentSettings(
            wrap_up=WrapUp(seconds=10, extension_s=5),
            disposition_required=required,
            abandoned_recording=recording,
            lost_recording=recording,
            callbacks=Callbacks(countdown_s=5),
        ),
    )


class World:
    """See the module."""

    def __init__(self, chosen: dict[int, CampaignSettings]) -> None:
        self.now = 1000.0
        self.sides = {campaign: Side(Runner(campaign, each)) for campaign, each in chosen.items()}
        self.floor = Floor()
        runners = {campaign: side.runner for campaign, side in self.sides.items()}
        self.exchange = Exchange(self.floor, runners)
        self.people: dict[int, Person] = {}
        self.calls: dict[UUID, Callee] = {}
        self.paused_news: list[CampaignPaused] = []
        self.denied: list[str] = []
        self.over: list[tuple[UUID, int]] = []  # conversations that wait for their disposition
        self.next_lead = self.next_attempt = 1
        self.leads: dict[UUID, int] = {}  # by attempt
        self.own: set[int] = set()  # leads that are called for one agent
        self.campaign_of: dict[UUID, int] = {}
        for campaign, side in self.sides.items():
            self.decided(self.floor.campaign_runs(campaign, terms_of(chosen[campaign]), self.now))
            self.said(campaign, side.runner.gate_opened(1, self.moment()))

    # ---------------------------------------------------------------- passing

    def moment(self) -> Moment:
        return Moment(T0 + timedelta(seconds=self.now), self.now)

    def said(self, campaign: int, told: list[Command]) -> None:
        self.carry_out(self.exchange.passed_on(campaign, told, self.moment()))

    def decided(self, decisions: list[Decision]) -> None:
        self.carry_out(self.exchange.decided(decisions, self.moment()))

    def carry_out(self, passed: Passed) -> None:
        # Presences first: a page shows what it is told before the sound of a call comes.
        for told in passed.told:
            self.hear(told)
        for campaign, command in passed.commands:
            self.do(campaign, command)

    def hear(self, told: ForDesk) -> None:
        match told:
            case Became():
                person = self.people[told.agent]
                if person.wants_break and told.presence in (Presence.AVAILABLE, Presence.BREAK):
                    assert told.presence is Presence.BREAK, "a break asked for in a call is lost"
                    person.wants_break = False
                person.presence = told.presence
                if told.presence is Presence.OFFLINE:
                    person.campaign, person.wants_break = None, False
                if told.presence is not Presence.PREVIEW:
                    person.shown = None
            case Allotted():
                self.people[told.agent].campaign = told.campaign
            case CampaignPaused():
                self.paused_news.append(told)
            case Denied():
                self.denied.append(str(told.denial))
            case CampaignRuns():
                assert self.sides[told.campaign].drain is None

    # --------------------------------------------------------------- carrying

    def do(self, campaign: int, command: Command) -> None:  # noqa: PLR0912
        side = self.sides[campaign]
        match command:
            case commands.Claim():
                assert side.claim is None
                assert side.runner.epoch is not None
                side.claim = command
            case commands.Release(leads):
                for lead in leads:
                    side.held.pop(lead)
            case commands.StorePutOff(refused):
                for one in refused:
                    side.held.pop(one.lead)
            case commands.Prepare(leads):
                self.prepare(campaign, leads)
            case commands.Dial(launch):
                assert side.runner.epoch is not None, "a dial while the gate is shut"
                assert side.held.get(launch.lead) == "journal"
                side.held[launch.lead] = "line"
                self.calls[launch.attempt] = Callee(campaign, launch)
            case commands.Offer(agent, lead):
                assert side.runner.epoch is not None, "a lead is shown while the gate is shut"
                assert self.people[agent].presence is Presence.PREVIEW
                self.people[agent].shown = lead.id
                self.own.add(lead.id)
            case commands.Deny(_, why):
                self.denied.append(why)
            case commands.ClaimFor(agent, lead):
                self.claim_for(campaign, agent, lead)
            case commands.Connect(attempt, agent):
                self.connect(attempt, agent)
            case commands.Disconnect(attempt, agent):
                assert self.calls[attempt].agent in (agent, None)
                self.part(self.calls[attempt])
            case commands.PlayMessage(attempt, recording):
                assert recording == "sorry"
                call = self.calls[attempt]
                assert call.agent is None, "a message is played over a conversation"
                call.message, call.silent_since = True, None
            case commands.Cancel(attempt):
                assert side.drain is not None
                self.calls[attempt].cancelled = True
            case commands.HangUp(attempt):
                self.hang_up(side, self.calls[attempt])
            case commands.StoreEnd(end):
                self.end_is_stored(side, end.attempt, end.outcome, end.ended_by)
                side.held.pop(end.lead)
            case commands.StoreNotLaunched(attempt):
                self.calls.pop(attempt, None)
                side.held.pop(self.leads[attempt])

    def prepare(self, campaign: int, leads: tuple[ClaimedLead, ...]) -> None:
        side = self.sides[campaign]
        assert side.runner.epoch is not None, "a launch while the gate is shut"
        if leads[0].id not in self.own:
            self.check_pacing(campaign, len(leads))
        for lead in leads:
            assert side.held[lead.id] == "runner"
            side.held[lead.id] = "journal"
        side.preparing.append(leads)

    def check_pacing(self, campaign: int, started: int) -> None:
        """Never more than one call for each free agent, in progressive pacing."""
        side = self.sides[campaign]
        assert not isinstance(side.runner.settings.pacing, PreviewPacing), "nobody has looked at it"
        if not isinstance(side.runner.settings.pacing, ProgressivePacing):
            return
        others = [c for c in self.calls.values() if c.campaign == campaign and self.wants(c)]
        journalled = [lead.id for leads in side.preparing for lead in leads]
        waiting = len(others) + len([lead for lead in journalled if lead not in self.own])
        free = [a for a in self.people if self.is_free(a) and self.people[a].campaign == campaign]
        assert waiting + started <= len(free), "more calls than free agents"

    def wants(self, call: Callee) -> bool:
        """It may need an agent, and has none of its own."""
        if call.answered_at is None:
            return call.launch.lead not in self.own
        return call.agent is None and not call.message and not call.hung_up

    def is_free(self, agent: int) -> bool:
        person = self.people[agent]
        return person.presence is Presence.AVAILABLE and person.device

    def claim_for(self, campaign: int, agent: int, lead: int) -> None:
        side, claimed = self.sides[campaign], None
        if lead == 0:
            claimed = self.new_lead(campaign)
            self.own.add(claimed.id)
        self.said(campaign, side.runner.claimed_for(agent, claimed, {}, self.moment()))

    def new_lead(self, campaign: int, promised_by: int | None = None) -> ClaimedLead:
        number = self.next_lead
        self.next_lead += 1
        self.sides[campaign].held[number] = "runner"
        at = self.moment().wall if promised_by is not None else None
        return ClaimedLead(
            *(number, (f"+1312{number:07d}",), (ZONE,), 1, 0, {}),
            callback_at=at,
            callback_agent=promised_by,
        )

    def connect(self, attempt: UUID, agent: int) -> None:
        call, person = self.calls[attempt], self.people[agent]
        others = [a for a, c in self.calls.items() if c.agent == agent and a != attempt]
        assert not others, "an agent has two conversations"
        assert call.agent in (None, agent), "a call has two agents"
        assert not call.message, "an agent comes after the message that there is none"
        assert person.device, "a call for an agent who cannot hear it"
        assert person.presence is Presence.ON_CALL
        # Of their own call that rings they wanted to know how it ends.
        own = call.had_agent or call.launch.lead in self.own
        assert own or not person.wants_break, "a call for one who wants a break"
        if not call.had_agent:
            self.sides[call.campaign].ledger["connected"] += 1
        call.agent, call.had_agent, call.silent_since = agent, True, None

    def part(self, call: Callee) -> None:
        call.agent = None
        if call.silent_since is None and not call.hung_up:
            call.silent_since, call.silent_max = self.now, LOST_S

    def hang_up(self, side: Side, call: Callee) -> None:
        if call.agent is not None:
            assert call.may_hang_up or side.drain is Drain.HANG_UP_ALL, "a conversation is cut"
        call.hung_up, call.silent_since = True, None

    def end_is_stored(self, side: Side, attempt: UUID, outcome: Outcome, by: str) -> None:
        call = self.calls.pop(attempt)
        if call.answered_at is None:
            return
        if call.had_agent:
            assert outcome is Outcome.ANSWERED
            if call.agent is not None:
                self.over.append((attempt, call.agent))
        elif by == "callee" and not (call.message or call.hung_up):
            assert outcome is Outcome.ANSWERED
            side.ledger["gave_up"] += 1
        else:
            assert outcome is Outcome.ABANDONED
            side.ledger["abandoned"] += 1

    # ------------------------------------------------------------------- time

    def tick(self) -> None:
        self.decided(self.floor.tick(self.now))
        tally = Tally({"due": {ZONE: 99}})
        for campaign in self.sides:
            self.carry_out(self.exchange.tick(campaign, 99, tally, self.moment()))

    def passes(self, seconds: float) -> None:
        until = self.now + seconds
        while self.now < until:
            self.now = min(until, self.now + STEP_S)
            self.tick()
            self.nobody_hears_silence()

    def nobody_hears_silence(self) -> None:
        for call in self.calls.values():
            if call.silent_since is not None:
                silent = self.now - call.silent_since
                assert silent <= call.silent_max + 1e-6, "somebody has heard silence for too long"
