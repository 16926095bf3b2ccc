"""What a campaign's runner holds, and what can be seen of it (caesura.rules.runner)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

from caesura.rules import part, stock
from caesura.rules.activity_hours import is_open
from caesura.rules.agent_calls import AgentCalls
from caesura.rules.calls import Call, InFlight, in_flight
from caesura.rules.campaign import CampaignSettings, PreviewPacing
from caesura.rules.claim import ClaimedLead, NumberFacts, PutOff, Tally
from caesura.rules.draining import Draining
from caesura.rules.offers import Offers
from caesura.rules.pacing.abandonment import Answers, Ledger
from caesura.rules.pacing.observed import Observed
from caesura.rules.pacing.snapshot import Pacer, PacingState
from caesura.rules.part import Hold
from caesura.rules.stock import Stock


class RunnerState:
    """See the module. `settings` may be replaced at any time."""

    def __init__(
        self,
        campaign: int,
        settings: CampaignSettings,
        pacer: Pacer | None = None,
        *,
        predictive: Pacer | None = None,
    ) -> None:
        """`pacer` stands in for the one that the settings name, where they need agents.

        `predictive` does so only where that is predictive pacing.
        """
        self.campaign = campaign
        self.settings = settings
        self._pacer, self._predictive = pacer, predictive
        self.epoch: int | None = None  # of the open lease; None while the gate is shut
        self._cells, self._rank = 1, 0
        self._resumed_at: float | None = None  # monotonic; None: started, and never paused
        self._pacing = PacingState()
        self._looks_ahead_at = 0.0  # monotonic: not before, `runner_launches` says why
        self._stock = Stock()
        self._offers = Offers(self._stock)
        self._agent_calls = AgentCalls()
        self._calls: dict[UUID, Call] = {}
        self._draining = Draining()
        self._goes_on = False  # the gate was shut for parts alone: the rest has not stood still
        self._numbers_given = 0

    def recheck(
        self, leads: Iterable[ClaimedLead], facts: Mapping[str, NumberFacts], now: datetime
    ) -> tuple[list[ClaimedLead], list[PutOff]]:
        """The rules at the last moment: asked in the transaction that journals the attempts."""
        allowed, refused = stock.allowed(leads, facts, self.settings, self._holds, now)
        self._offers.refused(refused)
        return allowed, refused

    # --------------------------------------------------------------- looking

    @property
    def in_need(self) -> int:
        """Calls that have no agent and may need one: they ring, or wait for one."""
        if not self.settings.needs_agents:
            return 0
        return sum(call.needs_agent for call in self._calls.values())

    def useful(self, tally: Tally, now: datetime) -> int | None:
        """How many agents have something to do here: leads that may be called now, and calls.

        None: that is not known, or does not matter.
        """
        if self.epoch is None or not self.settings.needs_agents:
            return None
        due = sum(
            number
            for zone, number in tally.by_state.get("due", {}).items()
            if is_open(self.settings.hours, zone, now)
        )
        return due + self._stock.ready + self.preparing + self._offers.number + len(self._calls)

    @property
    def wants_idle(self) -> bool:
        """It matters to `tick` which agents are free, and not only how many."""
        return self._offers.wants_idle or isinstance(self.settings.pacing, PreviewPacing)

    @property
    def undisposed(self) -> int:
        """Conversations that are over, and of which the agent has not said what came of them."""
        return self._agent_calls.undisposed

    def answers_known(self, days: Iterable[tuple[date, Answers]]) -> None:
        """What the store has counted of the campaign, on all cells, the oldest day first.

        It takes the place of what was counted here: whoever reads it, reads it again and again.
        """
        self.observed.ledger = Ledger(days)

    @property
    def observed(self) -> Observed:
        """What pacing has learnt, and its ledgers."""
        return self._agent_calls.observed

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
        return [*self._stock.held, *self._offers.held]

    @property
    def preparing(self) -> int:
        """How many launches are being journalled."""
        return len(self._stock.preparing)

    @property
    def idle(self) -> bool:
        """Nothing is held or under way: the cell may forget this runner."""
        return not (self._calls or self._offers.held or self.undisposed) and self._stock.empty

    @property
    def attempts(self) -> list[UUID]:
        """The attempts under way."""
        return list(self._calls)

    @property
    def _holds(self) -> tuple[Hold, ...]:
        return self._draining.holds

    @property
    def _without_means(self) -> bool:
        """Every trunk, every calling number or the channel is paused."""
        return part.without_means(self._holds, self.settings) is not None

    @property
    def _dials(self) -> bool:
        """Calls may start: nothing that an agent asks for goes past this."""
        return self.epoch is not None and not self._without_means
