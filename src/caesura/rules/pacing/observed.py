"""The calls and agents of one campaign as they happen, kept for its pacing.

Events in, `snapshot` out. Pure: no clock; times are seconds on one monotonic clock.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from datetime import date

from caesura.rules.campaign import CampaignSettings, PredictivePacing
from caesura.rules.pacing import forecast
from caesura.rules.pacing.abandonment import Answers, Ledger
from caesura.rules.pacing.learnt import Learnt
from caesura.rules.pacing.snapshot import AgentsNow, Snapshot

CAUTION = 0.5  # standard errors
_FRESH_S = 30.0  # how long what was learnt is used before it is laid out anew


class Observed:
    """One campaign's calls on one cell. A call or an agent that is not known is ignored."""

    def __init__(self, target: float = 0.03, wait_s: float = 2.0) -> None:
        self.learnt = Learnt()
        self.ledger = Ledger()
        self.target, self.wait_s = target, wait_s
        self._coming: set[Hashable] = set()  # journalled
        self._ringing: dict[Hashable, float] = {}
        self._waiting: dict[Hashable, float] = {}
        self._again: dict[Hashable, float] = {}  # had an agent, who was lost, and seek another
        self._talking: dict[Hashable, float] = {}  # by agent
        self._wrapping: dict[Hashable, float] = {}
        self._known: forecast.Tables | None = None
        self._known_at = 0.0

    def aims_at(self, settings: CampaignSettings) -> None:
        """The campaign's settings, which can change at any time."""
        if isinstance(settings.pacing, PredictivePacing):
            self.target = settings.pacing.abandonment_max
            self.wait_s = settings.pacing.connect_within_s

    # ----------------------------------------------------------------- calls

    def call_coming(self, call: Hashable) -> None:
        """It is in the journal, and its INVITE leaves any moment."""
        self._coming.add(call)

    def call_started(self, call: Hashable, now: float) -> None:
        """An INVITE of the call left."""
        self._coming.discard(call)
        self._ringing[call] = now

    def call_never_left(self, call: Hashable) -> None:
        """No INVITE of it left, and none will: it teaches nothing."""
        self._coming.discard(call)
        self._ringing.pop(call, None)

    def call_ended(self, call: Hashable, now: float) -> None:
        """It ended, and nobody had answered."""
        self._coming.discard(call)
        started = self._ringing.pop(call, None)
        if started is not None:
            self.learnt.call_unanswered(now - started, now)

    def call_answered(self, call: Hashable, now: float) -> None:
        """A person answered, or what cannot be told from one; no agent has it yet."""
        started = self._ringing.pop(call, None)
        if started is not None:
            self.learnt.call_answered(now - started, now)
            self._waiting[call] = now

    def call_for_one_answered(self, call: Hashable, now: float) -> None:
        """Of a call that was started for one agent, which pacing knows nothing of till then."""
        self._waiting[call] = now

    def call_connected(self, call: Hashable, agent: Hashable, now: float, day: date) -> None:
        """An agent took it."""
        if self._waiting.pop(call, None) is not None:
            self._talking[agent] = now
            self.ledger.add(day, Answers(answered=1, connected=1))

    def call_abandoned(self, call: Hashable, day: date) -> None:
        """No agent in time: it heard the message instead."""
        if self._waiting.pop(call, None) is not None:
            self.ledger.add(day, Answers(answered=1, abandoned=1))

    def call_gave_up(self, call: Hashable, day: date) -> None:
        """The caller hung up before the time was over."""
        if self._waiting.pop(call, None) is not None:
            self.ledger.add(day, Answers(answered=1))

    # ---------------------------------------------------------------- agents

    def talk_began(self, call: Hashable, agent: Hashable, now: float) -> None:
        """An agent took over a conversation that another had."""
        self._again.pop(call, None)
        self._talking[agent] = now

    def agent_lost(self, call: Hashable, now: float) -> None:
        """The call's agent was lost in conversation: it needs another one."""
        self._again[call] = now

    def seeks_no_more(self, call: Hashable) -> None:
        """It has ended, or was told that there is none."""
        self._again.pop(call, None)

    def talk_ended(self, agent: Hashable, now: float) -> None:
        """The conversation is over; the wrap-up begins."""
        began = self._talking.pop(agent, None)
        if began is not None:
            self.learnt.talked(now - began, now)
            self._wrapping[agent] = now

    def wrap_ended(self, agent: Hashable, now: float, *, came_back: bool) -> None:
        """The wrap-up is over; `came_back`: the agent is free and not away."""
        began = self._wrapping.pop(agent, None)
        if began is not None:
            self.learnt.wrapped_up(now - began, now, came_back=came_back)

    # --------------------------------------------------------------- looking

    @property
    def in_need(self) -> int:
        """Calls that have no agent yet and may need one."""
        return len(self._ringing) + len(self._waiting)

    def snapshot(
        self,
        now: float,
        day: date,
        agents: AgentsNow,
        in_flight: int,
        *,
        starting: int = 0,
        resumed_at: float | None = None,
        ramp_up_s: float = 0.0,
        look_ahead: bool = True,
    ) -> Snapshot:
        """What pacing sees.

        `agents` are those whom the campaign counts on (caesura.rules.floor); their calls stand
        here. `starting`: so many calls are decided and no INVITE has left. `look_ahead` False:
        without what is learnt, for a pacer that has no use for it.
        """
        agents = replace(
            agents,
            ringing=(*self._ringing.values(), *(now,) * (starting + len(self._coming))),
            waiting=(*self._waiting.values(), *self._again.values()),
        )
        return Snapshot(
            in_flight,
            resumed_at=resumed_at,
            ramp_up_s=ramp_up_s,
            agents=agents,
            known=self._tables(agents, now) if look_ahead else None,
            budget=self.ledger.budget(day, self.target),
        )

    def _tables(self, agents: AgentsNow, now: float) -> forecast.Tables | None:
        if not self.learnt.enough:
            return None
        known = self._known
        stale = known is None or now - self._known_at >= _FRESH_S
        if stale or (known and known.states < forecast.width(agents.working)):
            self._known = forecast.tables(self.learnt, agents, now, self.wait_s, CAUTION)
            self._known_at = now
        return self._known
