"""What runners and floor say to each other arrives, and what is for the world goes out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from caesura.rules.agent_settings import AgentSettings, WrapUp
from caesura.rules.call import Launch
from caesura.rules.campaign import CampaignSettings, Drain, PreviewPacing, ProgressivePacing
from caesura.rules.claim import ClaimedLead, Tally
from caesura.rules.command import Claim, Connect, Deny, Dial, Offer, Prepare
from caesura.rules.floor.allotment import Pause
from caesura.rules.floor.decision import Allotted, Became, Denial
from caesura.rules.floor.desk import Presence, Profile
from caesura.rules.floor.exchange import Exchange, Outcome, terms_of
from caesura.rules.floor.floor import Floor
from caesura.rules.moment import Moment
from caesura.rules.routing import Assignment, Why
from caesura.rules.runner import Runner

ONE, TWO = 1, 2
ANNA, BEN = 11, 12
CHICAGO = "America/Chicago"
T0 = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
SETTINGS = CampaignSettings(
    calling_numbers=["+13125550000"],
    pacing=ProgressivePacing(),
    agents=AgentSettings(wrap_up=WrapUp(seconds=10), disposition_required=False),
)


def at(seconds: float = 0) -> Moment:
    return Moment(T0 + timedelta(seconds=seconds), seconds)


def due(number: int) -> Tally:
    return Tally({"due": {CHICAGO: number}})


class Cell:
    """Two running campaigns, and two agents who work for the first and else for the second."""

    def __init__(self, settings: CampaignSettings = SETTINGS) -> None:
        self.runners = {campaign: Runner(campaign, settings) for campaign in (ONE, TWO)}
        self.floor = Floor()
        self.exchange = Exchange(self.floor, self.runners)
        for campaign, runner in self.runners.items():
            self.floor.campaign_runs(campaign, terms_of(settings), 0.0)
            runner.gate_opened(1, at())
        for agent in (ANNA, BEN):
            self.floor.signed_in(Profile(agent, (Assignment(ONE, 9), Assignment(TWO))), 0.0)
            self.floor.device_connected(agent, 0.0)

    def dials(self, number: int) -> Outcome:
        """So many leads of the first campaign are claimed and launched as pacing wants."""
        told = self.exchange.tick(ONE, 99, due(99), at())
        assert [type(each) for _, each in told.commands] == [Claim]
        leads = [
            ClaimedLead(each, (f"+1312{each:07d}",), (CHICAGO,), 1, 0, {})
            for each in range(1, number + 1)
        ]
        self.runners[ONE].claimed(leads, {}, at())
        told = self.exchange.tick(ONE, 99, due(99), at())
        for _, command in told.commands:
            if isinstance(command, Prepare):
                launches = [
                    Launch(UUID(int=each.id), each.id, each.phone, "") for each in command.leads
                ]
                said = self.runners[ONE].journalled(launches, command.leads, 1)
                return self.exchange.passed_on(ONE, said, at())
        return told


def test_an_answered_call_comes_to_its_agent_and_goes_again() -> None:
    cell = Cell()
    assert [type(each) for _, each in cell.dials(5).commands] == [Dial, Dial]
    attempt, runner = UUID(int=1), cell.runners[ONE]
    cell.exchange.passed_on(ONE, runner.dialled(attempt, "one", "id", at(1)), at(1))
    told = cell.exchange.passed_on(ONE, runner.answered(attempt, at(9)), at(9))
    assert (ONE, Connect(attempt, ANNA)) in told.commands
    assert Became(ANNA, Presence.ON_CALL, None, ONE, attempt) in told.told
    ended = runner.ended(
        attempt,
        at(60),
        by="callee",
        sip_status=None,
        q850_cause=None,
        reason="",
        answered_while_cancelled=False,
    )
    told = cell.exchange.passed_on(ONE, ended, at(60))
    assert Became(ANNA, Presence.WRAP_UP, None, ONE, attempt, 70.0) in told.told
    told = cell.exchange.decided(cell.floor.tick(70.0), at(70))
    assert Became(ANNA, Presence.AVAILABLE) in told.told
    assert runner.observed.learnt.wraps.samples == 1


def test_agents_for_whom_there_are_no_leads_work_in_the_next_campaign() -> None:
    cell = Cell()
    told = cell.exchange.tick(ONE, 99, due(1), at())
    assert told.told == [Allotted(BEN, TWO, Why.ASSIGNED)]
    told = cell.exchange.tick(ONE, 99, due(2), at(1))
    assert told.told == [Allotted(BEN, ONE, Why.ASSIGNED)]


def test_of_a_paused_campaign_agents_are_let_go_as_its_calls_end() -> None:
    cell = Cell()
    cell.dials(5)
    runner = cell.runners[ONE]
    for number in (1, 2):
        cell.exchange.passed_on(ONE, runner.dialled(UUID(int=number), "one", "id", at(1)), at(1))
    said = runner.gate_shut(Drain.LET_RING, at(5))
    cell.exchange.passed_on(ONE, said, at(5))
    decided = cell.floor.campaign_paused(ONE, Pause("Dana"), runner.in_need, 5.0)
    cell.exchange.decided(decided, at(5))
    assert (cell.floor.agents(ONE).free, cell.floor.agents(TWO).free) == (2, 0)
    ended = runner.ended(
        UUID(int=1),
        at(20),
        by="network",
        sip_status=486,
        q850_cause=None,
        reason="",
        answered_while_cancelled=False,
    )
    told = cell.exchange.passed_on(ONE, ended, at(20))
    assert [each.campaign for each in told.told if isinstance(each, Allotted)] == [TWO]
    assert (cell.floor.agents(ONE).free, cell.floor.agents(TWO).free) == (1, 1)


def test_a_lead_is_shown_to_an_agent_only_if_they_are_free_for_it() -> None:
    cell = Cell(SETTINGS.model_copy(update={"pacing": PreviewPacing()}))
    told = cell.dials(5)
    assert [each.agent for _, each in told.commands if isinstance(each, Offer)] == [ANNA, BEN]
    assert cell.floor.agents(ONE).free == 0
    told = cell.exchange.decided(cell.floor.device_lost(ANNA, 5.0), at(5))
    assert [type(each).__name__ for _, each in told.commands] == ["Release"]


def test_a_dial_by_hand_is_refused_while_the_campaign_is_paused() -> None:
    cell = Cell()
    cell.runners[ONE].gate_shut(Drain.LET_RING, at())
    told = cell.exchange.decided(cell.floor.call_asked(ONE, ANNA, 7, 1.0), at(1))
    assert told.commands == [(ONE, Deny(ANNA, Denial.CAMPAIGN_PAUSED))]
    assert cell.floor.agents(ONE).free == 2
