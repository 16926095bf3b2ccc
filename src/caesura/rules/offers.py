"""Leads that are one agent's: shown to them before the call, asked for by them, promised by them.

Preview pacing shows each free agent a lead; a callback that an agent promised is shown to that very
agent when it is due; and an agent may ask for a lead by hand. All three become a launch like any
other, journalled and gated, and all three are kept back by a pause: what is shown is withdrawn, and
who asks is told why not.

Part of caesura.rules.runner. Times are seconds on the cell's monotonic clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from caesura.rules.campaign import CampaignSettings, PreviewPacing
from caesura.rules.claim import ClaimedLead, PutOff
from caesura.rules.command import (
    CallFor,
    Command,
    Deny,
    LetGo,
    Offer,
    Prepare,
    Release,
    StorePutOff,
)
from caesura.rules.floor.decision import Denial
from caesura.rules.moment import Moment
from caesura.rules.stock import Stock

SKIPPED = "skipped"  # why a lead is put off that its agent did not want to call


@dataclass(frozen=True)
class _Shown:
    lead: ClaimedLead
    calls_at: float | None  # monotonic: then it is called; None: when the agent accepts


class Offers:
    """See the module."""

    def __init__(self, stock: Stock) -> None:
        self._stock = stock
        self._shown: dict[int, _Shown] = {}  # by agent
        self._promised: list[ClaimedLead] = []  # callbacks that wait for their agent
        self._for: dict[int, int] = {}  # the agent, by lead that is being journalled for them
        self._refused: dict[int, str] = {}  # why one of those was refused in the journal

    @property
    def held(self) -> list[int]:
        """The leads in here, as in Stock.held; those being journalled are there."""
        shown = [each.lead.id for each in self._shown.values()]
        return [*shown, *(lead.id for lead in self._promised)]

    @property
    def number(self) -> int:
        """How many those are."""
        return len(self._shown) + len(self._promised)

    @property
    def wants_idle(self) -> bool:
        """It matters which agents are free."""
        return bool(self._promised)

    # ------------------------------------------------------------- by the clock

    def keep_promised(
        self, leads: Iterable[ClaimedLead], settings: CampaignSettings, now: Moment
    ) -> list[ClaimedLead]:
        """Of claimed leads, keep those that an agent promised to call; give back the others."""
        wait = timedelta(seconds=settings.agents.callbacks.wait_s)
        others = []
        for lead in leads:
            mine = lead.callback_agent is not None and lead.callback_at is not None
            if mine and settings.needs_agents and now.wall < (lead.callback_at or now.wall) + wait:
                self._promised.append(lead)
            else:
                others.append(lead)
        return others

    def tick(self, settings: CampaignSettings, idle: Sequence[int], now: Moment) -> list[Command]:
        """With the gate open: show what is to be shown, call what has been shown for long enough.

        `idle`: the campaign's free agents, the longest first.
        """
        commands: list[Command] = []
        for agent, shown in list(self._shown.items()):
            if shown.calls_at is not None and now.mono >= shown.calls_at:
                commands += self._called(agent)
        free = [agent for agent in idle if agent not in self._shown]
        commands += self._show_promised(settings, free, now)
        if isinstance(settings.pacing, PreviewPacing):
            for agent in free:
                lead = self._stock.pick()
                if lead is None:
                    break
                commands.append(self._show(agent, lead, settings.pacing.countdown_s, now))
        return commands

    def _show_promised(
        self, settings: CampaignSettings, free: list[int], now: Moment
    ) -> list[Command]:
        """Who is shown one is taken out of `free`. Nobody waits for an agent for ever."""
        commands: list[Command] = []
        for lead in self._promised.copy():
            agent = lead.callback_agent
            if agent in free:
                free.remove(agent)
                self._promised.remove(lead)
                countdown = settings.agents.callbacks.countdown_s
                commands.append(self._show(agent, lead, countdown, now))
        others = self.keep_promised(self._take_promised(), settings, now)
        self._stock.add(others)
        return commands

    def _take_promised(self) -> list[ClaimedLead]:
        promised, self._promised = self._promised, []
        return promised

    def _show(self, agent: int, lead: ClaimedLead, countdown_s: float | None, now: Moment) -> Offer:
        calls_at = None if countdown_s is None else now.mono + countdown_s
        self._shown[agent] = _Shown(lead, calls_at)
        return Offer(agent, lead, countdown_s)

    # ------------------------------------------------------------ by the agent

    def accepted(self, agent: int) -> list[Command]:
        """The agent wants to call the lead that they are shown."""
        if agent not in self._shown:
            return [Deny(agent, Denial.NO_SUCH_OFFER)]
        return self._called(agent)

    def skipped(self, agent: int, settings: CampaignSettings, now: Moment) -> list[Command]:
        """They do not: it is due again later, for anybody."""
        shown = self._shown.pop(agent, None)
        if shown is None:
            return [Deny(agent, Denial.NO_SUCH_OFFER)]
        again_at = now.wall + timedelta(seconds=settings.agents.skip_after_s)
        return [StorePutOff((PutOff(shown.lead.id, SKIPPED, again_at),)), LetGo(agent)]

    def not_looking(self, agent: int) -> list[Command]:
        """They are away: the lead goes back untouched."""
        shown = self._shown.pop(agent, None)
        return [] if shown is None else [Release((shown.lead.id,))]

    def asked(self, agent: int, lead: ClaimedLead) -> list[Command]:
        """They asked for this lead, and it has been claimed for them."""
        return self._prepare(agent, lead)

    def _called(self, agent: int) -> list[Command]:
        return self._prepare(agent, self._shown.pop(agent).lead)

    def _prepare(self, agent: int, lead: ClaimedLead) -> list[Command]:
        self._for[lead.id] = agent
        self._stock.preparing[lead.id] = lead
        return [CallFor(agent), Prepare((lead,))]

    # ------------------------------------------------------------ by the gate

    def agent_of(self, lead: int) -> int | None:
        """Whose launch this is, which is journalled now, or not at all."""
        return self._for.pop(lead, None)

    def refused(self, refused: Iterable[PutOff]) -> None:
        """The rules at the last moment: some of the leads may be such as an agent waits for."""
        for each in refused:
            if each.lead in self._for:
                self._refused[each.lead] = each.reason

    def no_call_for(self, agent: int | None, lead: int, why: str) -> list[Command]:
        """The agent, if there is one, has waited in vain."""
        why = self._refused.pop(lead, why)
        return [] if agent is None else [Deny(agent, why), LetGo(agent)]

    @property
    def journalled_for_agents(self) -> int:
        """How many of the leads that are being journalled are some agent's."""
        return len(self._for)

    def withdraw(self, why: str) -> list[Command]:
        """Nothing may be called: the leads go back, and the agents are told."""
        leads = self.held
        agents = list(self._shown)
        self._shown.clear()
        self._promised.clear()
        told: list[Command] = [Release(tuple(leads))] if leads else []
        for agent in agents:
            told += [Deny(agent, why), LetGo(agent)]
        return told

    def set_aside(self, asked: Callable[[ClaimedLead], PutOff | None]) -> list[Command]:
        """A part is paused: what is shown of it is withdrawn."""
        commands: list[Command] = []
        for agent, shown in list(self._shown.items()):
            refused = asked(shown.lead)
            if refused is not None:
                del self._shown[agent]
                commands += [StorePutOff((refused,)), Deny(agent, refused.reason), LetGo(agent)]
        for lead in self._promised.copy():
            refused = asked(lead)
            if refused is not None:
                self._promised.remove(lead)
                commands.append(StorePutOff((refused,)))
        return commands
