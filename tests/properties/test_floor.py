"""A day on the floor: whatever agents, callees and managers do, everybody is looked after.

Two campaigns share a few agents. floor_world.py carries out what floor and runners say, and objects
to what must never be; here is what happens to them, and what must hold at every moment.
"""

from __future__ import annotations

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
from tests.properties.floor_world import LOST_S, Callee, Person, World, settings

from caesura.errors import Invalid
from caesura.rules.call import Launch
from caesura.rules.campaign import (
    CampaignSettings,
    Drain,
    PredictivePacing,
    PreviewPacing,
    ProgressivePacing,
)
from caesura.rules.disposition import Chosen
from caesura.rules.floor.allotment import Pause
from caesura.rules.floor.desk import BUSY, Presence, Profile
from caesura.rules.floor.exchange import terms_of
from caesura.rules.routing import Assignment, Why

ONE, TWO = 1, 2
AGENTS = (1, 2, 3, 4)
# Agent 1 and 2 work for both, 3 for the first alone, 4 for both and rather for the second.
ASSIGNED = {
    1: (Assignment(ONE), Assignment(TWO)),
    2: (Assignment(ONE, 6), Assignment(TWO)),
    3: (Assignment(ONE),),
    4: (Assignment(ONE), Assignment(TWO, 7)),
}
PACINGS = (ProgressivePacing(), PredictivePacing(), PreviewPacing(), PreviewPacing(countdown_s=3))
campaigns = st.sampled_from([ONE, TWO])
agents = st.sampled_from(AGENTS)


class PeopleAtWork(RuleBasedStateMachine):
    """See the module."""

    world: World

    @initialize(
        pacings=st.tuples(st.sampled_from(PACINGS), st.sampled_from(PACINGS)),
        required=st.booleans(),
        recording=st.sampled_from([None, "sorry"]),
    )
    def the_day_begins(
        self,
        pacings: tuple[ProgressivePacing, ProgressivePacing],
        required: bool,
        recording: str | None,
    ) -> None:
        made: dict[int, CampaignSettings] = {
            campaign: settings(pacing, required=required, recording=recording)
            for campaign, pacing in zip((ONE, TWO), pacings, strict=True)
        }
        self.world = World(made)
        for agent in AGENTS:
            self.signs_in(agent)
        self.calls_get_under_way(3, [], True, 0.0, True)

    # ------------------------------------------------------------------ agents

    def signs_in(self, agent: int) -> None:
        world = self.world
        world.people.setdefault(agent, Person(Presence.OFFLINE))
        world.decided(world.floor.signed_in(Profile(agent, ASSIGNED[agent]), world.now))
        self.device_is_there(agent)

    def device_is_there(self, agent: int) -> None:
        world, person = self.world, self.world.people[agent]
        person.device = True
        for call in world.calls.values():
            if call.agent == agent and person.lost_at is not None:
                call.silent_since = None
        person.lost_at = None
        world.decided(world.floor.device_connected(agent, world.now))

    @rule(agent=agents)
    def an_agent_comes(self, agent: int) -> None:
        """Or reloads the page, or says that the break is over."""
        world = self.world
        self.signs_in(agent)
        if world.people[agent].presence is Presence.BREAK:
            world.decided(world.floor.presence_asked(agent, Presence.AVAILABLE, world.now))

    @rule(agent=agents, presence=st.sampled_from([Presence.BREAK, Presence.OFFLINE]))
    def an_agent_wants_to_go(self, agent: int, presence: Presence) -> None:
        world, person = self.world, self.world.people[agent]
        before = person.presence
        in_talk = before is Presence.ON_CALL
        person.wants_break = False
        world.decided(world.floor.presence_asked(agent, presence, world.now, "lunch"))
        if in_talk:
            assert person.presence is Presence.ON_CALL, "the conversation is over for a break"
        elif before in (Presence.AVAILABLE, Presence.BREAK, Presence.PREVIEW):
            assert person.presence is presence
        person.wants_break = presence is Presence.BREAK and person.presence in BUSY

    @rule(agent=agents, seconds=st.sampled_from([0.0, 1.0, 2.9, 3.2, 6.0]), returns=st.booleans())
    def a_device_is_lost(self, agent: int, seconds: float, returns: bool) -> None:
        world, person = self.world, self.world.people[agent]
        if not person.device:
            return
        person.device, person.lost_at = False, world.now
        for call in world.calls.values():
            if call.agent == agent and not call.hung_up:
                call.silent_since, call.silent_max = world.now, LOST_S
        had = next((a for a, c in world.calls.items() if c.agent == agent), None)
        world.decided(world.floor.device_lost(agent, world.now))
        world.passes(seconds)
        if returns:
            self.device_is_there(agent)
            call = None if had is None else world.calls.get(had)
            if call is not None and seconds < 3:
                assert call.agent == agent, "a short loss has ended the conversation"

    @rule(data=st.data(), agent=agents, campaign=campaigns)
    def an_agent_does_something(self, data: st.DataObject, agent: int, campaign: int) -> None:
        """What can be done now, by this agent or by one who can."""
        world = self.world
        possible = ["dials", "is ready"]
        possible += ["looks"] * 3 * any(p.shown for p in world.people.values())
        possible += ["ends"] * 3 * any(c.agent for c in world.calls.values())
        possible += ["says"] * 2 * bool(world.over)
        match data.draw(st.sampled_from(possible)):
            case "dials":
                self.an_agent_dials_by_hand(agent, campaign, data.draw(st.booleans()))
            case "is ready":
                self.an_agent_is_ready_or_not(agent, data.draw(st.booleans()))
            case "looks":
                self.an_agent_looks_at_a_lead(data, data.draw(st.booleans()))
            case "ends":
                to = data.draw(st.sampled_from([None, *AGENTS]))
                self.an_agent_ends_or_hands_over(data, to, data.draw(st.booleans()))
            case "says":
                name = data.draw(st.sampled_from(["Done", "Not reached", "Do not call", "Sale"]))
                self.an_agent_says_what_came_of_it(data, name)

    def an_agent_looks_at_a_lead(self, data: st.DataObject, accepts: bool) -> None:
        people = self.world.people
        agent = data.draw(st.sampled_from([a for a, p in people.items() if p.shown]))
        self.looks_at_it(agent, accepts)

    def looks_at_it(self, agent: int, accepts: bool) -> None:
        world = self.world
        lead = world.people[agent].shown
        (campaign,) = [c for c, side in world.sides.items() if lead in side.held]
        runner = world.sides[campaign].runner
        told = runner.accepted(agent) if accepts else runner.skipped(agent, world.moment())
        world.said(campaign, told)
        # Who has skipped it is free: for the next lead, or for a call that waits.
        free = (Presence.AVAILABLE, Presence.PREVIEW, Presence.ON_CALL)
        assert world.people[agent].presence in ((Presence.CALLING,) if accepts else free)
        assert world.people[agent].shown != lead

    def an_agent_dials_by_hand(self, agent: int, campaign: int, there: bool) -> None:
        world = self.world
        free, before = world.is_free(agent), len(world.denied)
        lead = 0 if there else 99
        world.decided(world.floor.call_asked(campaign, agent, lead, world.now))
        gets = free and there and world.sides[campaign].runner.epoch is not None
        gets &= any(each.campaign == campaign for each in ASSIGNED[agent])
        assert (len(world.denied) == before) is gets, "refused without a word, or wrongly"
        if free:
            assert (world.people[agent].presence is Presence.CALLING) is gets

    def an_agent_says_what_came_of_it(self, data: st.DataObject, name: str) -> None:
        world = self.world
        attempt, agent = data.draw(st.sampled_from(world.over))
        self.disposes(attempt, agent, name)

    def disposes(self, attempt: UUID, agent: int, name: str) -> None:
        world = self.world
        campaign = world.campaign_of[attempt]
        try:
            told = world.sides[campaign].runner.disposed(
                attempt, agent, Chosen(name), world.moment()
            )
        except Invalid as error:
            assert name == "Sale" or error.data["field"] == "attempt"
            return
        world.said(campaign, told)
        world.decided(world.floor.disposed(agent, attempt, world.now))

    def an_agent_is_ready_or_not(self, agent: int, extends: bool) -> None:
        floor, now = self.world.floor, self.world.now
        self.world.decided(
            floor.wrap_up_extended(agent, now) if extends else floor.wrap_up_done(agent, now)
        )

    def an_agent_ends_or_hands_over(
        self, data: st.DataObject, to: int | None, hangs_up: bool
    ) -> None:
        world = self.world
        talking = [a for a, c in world.calls.items() if c.agent]
        attempt = data.draw(st.sampled_from(talking))
        call = world.calls[attempt]
        assert call.agent is not None
        if hangs_up:
            call.may_hang_up = True
            told = world.sides[call.campaign].runner.hang_up(attempt, call.agent)
            world.said(call.campaign, told)
            assert call.hung_up
            return
        before, was_free = call.agent, to is not None and world.is_free(to)
        world.decided(world.floor.handed_over(before, attempt, world.now, to))
        if call.agent != before:
            assert to in (None, call.agent)
            assert world.people[before].presence in (Presence.WRAP_UP, *LEFT)
        elif was_free:
            assert all(each.campaign != call.campaign for each in ASSIGNED[to or 0])

    # ---------------------------------------------------------------- managers

    @rule(campaign=campaigns, drain=st.sampled_from(Drain), named=st.booleans())
    def a_campaign_is_paused(self, campaign: int, drain: Drain, named: bool) -> None:
        world = self.world
        side, other = world.sides[campaign], TWO if campaign == ONE else ONE
        if side.runner.epoch is None:
            return
        calls = {a: c for a, c in world.calls.items() if c.agent and c.campaign == campaign}
        talking = {a for a, c in calls.items() if not c.hung_up}
        own = {a for a, p in world.people.items() if p.campaign == campaign and world.is_free(a)}
        side.drain = drain
        world.said(campaign, side.runner.gate_shut(drain, world.moment()))
        world.paused_news.clear()
        pause = Pause("Dana", "lunch", other if named else None)
        world.decided(world.floor.campaign_paused(campaign, pause, side.runner.in_need, world.now))
        if drain is not Drain.HANG_UP_ALL:
            assert not any(world.calls[a].hung_up for a in talking), "a conversation is cut"
        told = {news.agent: news for news in world.paused_news}
        assert own <= set(told), "an agent of the campaign was not told"
        for agent, news in told.items():
            assert (news.campaign, news.by, news.reason) == (campaign, "Dana", "lunch")
            if world.is_free(agent):
                assert news.next == world.people[agent].campaign

    @rule(campaign=campaigns)
    def a_campaign_is_resumed(self, campaign: int) -> None:
        world = self.world
        side = world.sides[campaign]
        if side.runner.epoch is not None:
            return
        side.epoch += 1
        side.drain = None
        world.said(campaign, side.runner.gate_opened(side.epoch, world.moment(), 0.0))
        world.decided(
            world.floor.campaign_runs(campaign, terms_of(side.runner.settings), world.now)
        )

    # ------------------------------------------------------------ store and line

    @rule(seconds=st.sampled_from([0.1, 1.0, 2.5, 5.0, 12.0]))
    def time_passes(self, seconds: float) -> None:
        self.world.passes(seconds)

    @rule(data=st.data())
    def the_store_or_the_line_does_something(self, data: st.DataObject) -> None:
        match data.draw(st.sampled_from(["claims", "promised", "journals", "fails", "is lost"])):
            case "claims":
                self.leads_are_claimed(data.draw(st.integers(1, 5)), None)
            case "promised":
                self.leads_are_claimed(1, data.draw(agents))
            case "journals":
                self.launches_are_journalled(False)
            case "fails":
                self.launches_are_journalled(True)
            case "is lost":
                self.the_line_is_lost()

    def leads_are_claimed(self, number: int, promised_by: int | None) -> None:
        world = self.world
        world.passes(0.1)
        for campaign, side in world.sides.items():
            if side.claim is None:
                continue
            leads = [world.new_lead(campaign, promised_by) for _ in range(number)]
            side.claim = None
            world.said(campaign, side.runner.claimed(leads, {}, world.moment()))
        world.passes(0.1)

    def launches_are_journalled(self, fails: bool) -> None:
        world = self.world
        for campaign, side in world.sides.items():
            while side.preparing:
                leads, runner = side.preparing.pop(0), side.runner
                if fails:
                    world.said(campaign, runner.not_journalled(leads))
                    continue
                launches = [self.launch(campaign, lead.id, lead.phone) for lead in leads]
                world.said(campaign, runner.journalled(launches, leads, side.epoch))

    @rule(
        number=st.integers(1, 6),
        leaves=st.lists(agents, max_size=3, unique=True),
        answered=st.booleans(),
        seconds=st.sampled_from([0.0, 0.5, 2.5]),
        all_come=st.booleans(),
    )
    def calls_get_under_way(
        self, number: int, leaves: list[int], answered: bool, seconds: float, all_come: bool
    ) -> None:
        """All at once what other rules do step by step, so that there is something to lose.

        Agents who leave while their calls ring are what makes callers wait.
        """
        for agent in AGENTS if all_come else ():
            self.an_agent_comes(agent)
        self.leads_are_claimed(number, None)
        for agent in [a for a, person in self.world.people.items() if person.shown]:
            self.looks_at_it(agent, accepts=True)
        before = set(self.world.calls)
        self.launches_are_journalled(False)
        begun = [each for each in self.world.calls if each not in before]
        for attempt in begun:
            self.goes_on("rings", attempt, self.world.calls[attempt])
        for agent in leaves if answered else ():
            self.an_agent_wants_to_go(agent, Presence.BREAK)
        for attempt in begun if answered else ():
            self.goes_on("answers", attempt, self.world.calls[attempt])
        self.world.passes(seconds)

    def launch(self, campaign: int, lead: int, phone: str) -> Launch:
        world = self.world
        attempt = UUID(int=world.next_attempt)
        world.next_attempt += 1
        world.leads[attempt], world.campaign_of[attempt] = lead, campaign
        return Launch(attempt, lead, phone, "+13125550000")

    @precondition(lambda self: self.world.calls)
    @rule(data=st.data(), number=st.integers(1, 4))
    def calls_go_on(self, data: st.DataObject, number: int) -> None:
        world = self.world
        for _ in range(number):
            if not world.calls:
                return
            attempt = data.draw(st.sampled_from(list(world.calls)))
            call = world.calls[attempt]
            possible = ["callee hangs up", "line ends"]
            if call.answered_at is None:
                possible = ["rings", "answers", "answers", "ends", "bounces"]
            elif call.message:
                possible.append("message ends")
            self.goes_on(data.draw(st.sampled_from(possible)), attempt, call)

    def goes_on(self, what: str, attempt: UUID, call: Callee) -> None:
        world, runner = self.world, self.world.sides[call.campaign].runner
        now = world.moment()
        match what:
            case "bounces":
                told = runner.not_launched(attempt)
            case "rings":
                told = runner.dialled(attempt, "one", "id", now) + runner.ringing(attempt, now)
            case "answers":
                call.answered_at = call.silent_since = world.now
                told = runner.dialled(attempt, "one", "id", now) + runner.answered(attempt, now)
            case "message ends":
                told = runner.played(attempt, now)
            case _:
                by = "callee" if what == "callee hangs up" else "network"
                told = self.ended(attempt, by)
        world.said(call.campaign, told)
        if what == "answers" and attempt in world.calls and call.agent is None:
            self.nobody_could_take_it(call)
        if what == "message ends":
            assert call.hung_up, "after the message there is silence"

    def nobody_could_take_it(self, call: Callee) -> None:
        """It waits: then no agent who is free may take it."""
        free = [a for a in AGENTS if self.world.is_free(a)]
        able = [a for a in free if any(one.campaign == call.campaign for one in ASSIGNED[a])]
        assert not able, "a callee waits while an agent is free"

    def ended(self, attempt: UUID, by: str) -> list[object]:
        call = self.world.calls[attempt]
        return self.world.sides[call.campaign].runner.ended(  # type: ignore[return-value]
            attempt,
            self.world.moment(),
            by=by,
            sip_status=480,
            q850_cause=None,
            reason="",
            answered_while_cancelled=False,
        )

    def the_line_is_lost(self) -> None:
        for campaign, side in self.world.sides.items():
            self.world.said(campaign, side.runner.line_lost(self.world.moment()))
        assert not self.world.calls

    # -------------------------------------------------------------- invariants

    @invariant()
    def each_agent_is_where_the_calls_are(self) -> None:
        world = self.world
        talking = {c.agent for c in world.calls.values() if c.agent is not None}
        assert talking == {a for a, p in world.people.items() if p.presence is Presence.ON_CALL}
        there = {desk.id for desk in world.floor.desks}
        assert there == {a for a, p in world.people.items() if p.presence is not Presence.OFFLINE}

    @invariant()
    def free_agents_work_where_work_is(self) -> None:
        """After a pause at once, after the resume again; nobody is lost."""
        world = self.world
        running = {c for c, side in world.sides.items() if side.runner.epoch is not None}
        held: dict[int, int] = {ONE: 0, TWO: 0}
        for agent in AGENTS:
            if not world.is_free(agent):
                continue
            desk = world.floor.desk(agent)
            assert desk is not None
            own = {each.campaign for each in ASSIGNED[agent]}
            place = desk.place
            assert world.people[agent].campaign == (place.campaign if place else None)
            if place is not None and place.why is Why.HELD:
                assert place.campaign not in running
                held[place.campaign] += 1
            elif own & running:
                assert place is not None, "an agent has nothing to do beside a running campaign"
                assert place.campaign in running
            elif place is not None:
                assert place.why is Why.DESTINATION and place.campaign in running
        for campaign, number in held.items():
            need = [c for c in world.calls.values() if c.campaign == campaign and world.wants(c)]
            assert number <= len(need), "more are held than ringing calls can need"

    @invariant()
    def every_lead_is_somewhere(self) -> None:
        for side in self.world.sides.values():
            there = sorted(lead for lead, at in side.held.items() if at != "line")
            assert sorted(side.runner.leads_held) == there

    @invariant()
    def the_ledgers_count_every_answer_once(self) -> None:
        for side in self.world.sides.values():
            ledger = side.runner.observed.ledger.of_day(self.world.moment().wall.date())
            assert ledger.connected == side.ledger["connected"]
            playing = [
                c
                for c in self.world.calls.values()
                if self.world.sides[c.campaign] is side
                and not c.had_agent
                and (c.message or (c.hung_up and c.answered_at is not None))
            ]
            assert ledger.abandoned >= side.ledger["abandoned"]
            assert ledger.abandoned <= side.ledger["abandoned"] + len(playing)
            assert ledger.answered == (ledger.connected + ledger.abandoned + side.ledger["gave_up"])

    def teardown(self) -> None:
        """When all calls have ended, everybody is free again, and nobody is forgotten."""
        if not hasattr(self, "world"):
            return
        world = self.world
        for campaign, side in world.sides.items():
            if side.runner.epoch is not None:
                world.said(campaign, side.runner.gate_shut(Drain.LET_RING, world.moment()))
            for leads in side.preparing:
                world.said(campaign, side.runner.not_journalled(leads))
            side.preparing.clear()
        for attempt, call in list(world.calls.items()):
            world.said(call.campaign, self.ended(attempt, "network"))  # type: ignore[arg-type]
        for attempt, agent in world.over:
            self.disposes(attempt, agent, "Done")
        world.passes(20)
        for desk in world.floor.desks:
            assert desk.presence not in BUSY, "an agent is kept for nothing"
        for side in world.sides.values():
            assert side.claim is not None or side.runner.idle
            assert all(at != "line" for at in side.held.values())


LEFT = (Presence.AVAILABLE, Presence.BREAK, Presence.OFFLINE)

PeopleAtWork.TestCase.settings = hypothesis_settings(
    max_examples=100, stateful_step_count=50, deadline=None
)
test_everybody_is_looked_after = PeopleAtWork.TestCase
