"""The cell's agents: what they ask for at their desks, and what floor and runners say to them.

Which agent gets which call, caesura.rules.floor decides; pages are told by way of the store
(caesura.store.desk), and hear and speak through the media process. Everything happens in the turn
of the event loop in which it is heard of, but for reading and writing the store.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import structlog

from caesura.cell.background import Background
from caesura.cell.desk_book import DeskBook
from caesura.cell.held import Held
from caesura.cell.journal import Journal
from caesura.cell.media import DeskMessage, Media
from caesura.cell.phones import Phones
from caesura.cell.until_answered import AWAY_PAUSE_S, until_answered, until_stored
from caesura.errors import Invalid
from caesura.rules import command as commands
from caesura.rules.claim import ClaimedLead, NumberFacts
from caesura.rules.command import ForAgents
from caesura.rules.disposition import Chosen
from caesura.rules.floor import decision, order
from caesura.rules.floor.allotment import Pause
from caesura.rules.floor.decision import Decision, Denial, ForDesk
from caesura.rules.floor.desk import Desk, Presence, Task
from caesura.rules.floor.exchange import Exchange, Outcome, terms_of
from caesura.rules.floor.order import Answer, Order
from caesura.rules.moment import Moment
from caesura.store import claim
from caesura.store import desk as store
from caesura.store.database import DATABASE_AWAY, Database
from caesura.store.desk import DeskState, Ordered, Spell
from caesura.voice import port

_LEDGERS_EVERY_S = 10.0
# A desk whose device is away for so long is closed: nobody sits there.
DESERTED_S = 600.0

log = structlog.get_logger(__name__)


def _now() -> Moment:
    return Moment(datetime.now(UTC), time.monotonic())


@dataclass
class _Shift:
    """One agent's desk here, beside what the floor knows of it."""

    id: UUID
    spell: Presence | None = None  # the presence that is stored
    lead: int | None = None  # that they look at, or asked for
    until: float | None = None  # monotonic: when that one is called by itself
    offers: dict[int, int] | None = None  # orders that wait for the media process, by their number
    device_since: float = 0.0  # monotonic: since when the device is there, or away
    allotted: decision.Allotted | None = None
    notice: dict[str, Any] | None = None  # the last one


class Desks:
    """See the module. `perform` carries out what is for line, media and journal."""

    def __init__(
        self,
        cell: UUID,
        database: Database,
        held: dict[int, Held],
        exchange: Exchange,
        media: Media,
        phones: Phones,
        journal: Journal,
    ) -> None:
        self._cell = cell
        self._database = database
        self._held = held
        self._exchange = exchange
        self._floor = exchange.floor
        self._media = media
        media.on_desk = self._from_media
        self._phones = phones
        phones.on_ready, phones.on_lost = self._device_there, self._device_lost
        self._journal = journal
        self._shifts: dict[int, _Shift] = {}  # by agent
        self._agents: dict[UUID, int] = {}  # by shift
        self._book = DeskBook(cell, database, self._state_of)
        self._ordered = asyncio.Event()
        self._background = Background()
        self.perform: Callable[[Outcome], None] = lambda outcome: None  # set once, by the cell

    # ----------------------------------------------------------------- loops

    async def run(self) -> None:
        """Take orders and store what agents do, for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._take_orders())
            group.create_task(self._book.run())
            group.create_task(self._read_ledgers())

    def orders_came(self) -> None:
        """There may be orders in the store."""
        self._ordered.set()

    async def _take_orders(self) -> None:
        while True:
            await self._ordered.wait()
            self._ordered.clear()
            try:
                async with self._database.statements() as conn:
                    taken = await store.take(conn, self._cell)
            except DATABASE_AWAY as error:
                log.warning("cannot take orders", why=str(error).strip())
                await asyncio.sleep(AWAY_PAUSE_S)
                self._ordered.set()
                continue
            for one in taken:
                await self._obey(one)

    async def _read_ledgers(self) -> None:
        """Tell each runner how many of its callers were abandoned, on all cells."""
        while True:
            runners = {
                held.campaign: held.runner
                for held in self._held.values()
                if held.open and held.runner.settings.needs_agents
            }
            if runners:
                try:
                    async with self._database.statements() as conn:
                        found = await store.answers(conn, list(runners))
                except DATABASE_AWAY as error:
                    log.warning("cannot read the ledgers", why=str(error).strip())
                else:
                    for campaign, days in found.items():
                        runners[campaign].answers_known(days)
            await asyncio.sleep(_LEDGERS_EVERY_S)

    async def stop(self) -> None:
        """The cell stops: the shifts here are over; their pages open them on another."""
        await self._book.store()
        async with self._database.transaction() as conn:
            await store.cell_is_gone(conn, self._cell)

    # ------------------------------------------------------------- campaigns

    def runs(self, held: Held) -> None:
        """The campaign's gate is open here, or its settings are others."""
        terms = terms_of(held.runner.settings)
        self._decided(self._floor.campaign_runs(held.campaign, terms, time.monotonic()))

    def paused(self, held: Held) -> None:
        """No call of it starts any more, by somebody's decision. To be said after its runner."""
        if self._shifts:
            self._background.spawn(self._tell_of_pause(held))
        else:
            self._paused(held, Pause(""))

    async def _tell_of_pause(self, held: Held) -> None:
        pause = Pause("")
        try:
            async with self._database.statements() as conn:
                pause = await store.pause_of(conn, held.campaign)
        except DATABASE_AWAY as error:
            log.warning("cannot read who paused", campaign=held.campaign, why=str(error).strip())
        if not held.open:  # else it was resumed meanwhile
            self._paused(held, pause)

    def _paused(self, held: Held, pause: Pause) -> None:
        in_need = held.runner.in_need
        told = self._floor.campaign_paused(held.campaign, pause, in_need, time.monotonic())
        self._decided(told)

    def gone(self, campaign: int) -> None:
        """Nothing of the campaign is left here."""
        self._decided(self._floor.campaign_gone(campaign, time.monotonic()))

    # ------------------------------------------------------------------ time

    def tick(self, now: Moment) -> None:
        """Wrap-ups end; devices do not come back; desks are deserted."""
        if not self._shifts:
            return
        self._decided(self._floor.tick(now.mono))
        for agent, shift in list(self._shifts.items()):
            desk = self._floor.desk(agent)
            if desk is None or desk.device or desk.task is not None:
                continue
            if now.mono - shift.device_since >= DESERTED_S:
                log.info("desk deserted", agent=agent)
                asked = self._floor.presence_asked(agent, Presence.OFFLINE, now.mono)
                self._decided(asked)

    # ---------------------------------------------------------------- orders

    async def _obey(self, ordered: Ordered) -> None:
        try:
            if isinstance(ordered.what, order.Open):
                answer: Answer | None = await self._open(ordered)
            elif isinstance(ordered.what, order.RingPhone):
                answer = await self._ring(ordered)
            else:
                answer = self._do(ordered)
        except Invalid as error:
            answer = Answer(invalid=str(error), field=str(error.data.get("field", "")) or None)
        except DATABASE_AWAY as error:
            log.warning("order not carried out", agent=ordered.agent, why=str(error).strip())
            answer = Answer(denied=Denial.NOT_SIGNED_IN)
        if answer is not None:
            self._book.answer(ordered.id, answer)

    async def _open(self, ordered: Ordered) -> Answer:
        async with self._database.statements() as conn:
            found = await store.profiles(conn, [ordered.agent])
            phone = await store.phone_of(conn, ordered.agent)
        profile = found.get(ordered.agent)
        if profile is None:
            self._book.closed(ordered.desk)
            return Answer(denied=Denial.NOT_SIGNED_IN)
        old = self._shifts.get(ordered.agent)
        if old is not None and old.id != ordered.desk:
            self._forget(ordered.agent)
        if ordered.agent not in self._shifts:
            shift = _Shift(ordered.desk, device_since=time.monotonic())
            self._shifts[ordered.agent] = shift
            self._agents[ordered.desk] = ordered.agent
            if phone is not None:
                self._phones.ring(ordered.agent, phone)
        self._decided(self._floor.signed_in(profile, time.monotonic()))
        return Answer()

    async def _ring(self, ordered: Ordered) -> Answer:
        """Call the agent's telephone again, as it is set now; one that is new waits for a shift."""
        agent = ordered.agent
        async with self._database.statements() as conn:
            phone = await store.phone_of(conn, agent)
        shift = self._shifts.get(agent)
        if shift is None or shift.id != ordered.desk:
            return Answer(denied=Denial.NOT_SIGNED_IN)
        if self._phones.shows(agent) is None:
            return Answer(denied=Denial.NO_PHONE)
        if phone is not None:
            self._phones.ring(agent, phone)
            self._book.changed(agent)
        else:  # taken from them meanwhile: from now on the page has the sound
            self._phones.put_down(agent)
            self._device_lost(agent)
        return Answer()

    async def profile_changed(self, agent: int) -> None:
        """Skills, assignments, or whether they take conversations at all."""
        if agent not in self._shifts:
            return
        async with self._database.statements() as conn:
            found = await store.profiles(conn, [agent])
        if agent not in self._shifts:
            return
        now = time.monotonic()
        if agent in found:
            self._decided(self._floor.signed_in(found[agent], now))
        else:
            self._decided(self._floor.presence_asked(agent, Presence.OFFLINE, now))

    def profiles_may_have_changed(self) -> None:
        """Notices may have been missed."""
        for agent in list(self._shifts):
            self.agent_changed(agent)

    def agent_changed(self, agent: int) -> None:
        """The store has something new about the agent."""
        look = partial(self.profile_changed, agent)
        self._background.spawn(until_answered(look, "cannot read an agent", agent=agent))

    def _do(self, ordered: Ordered) -> Answer | None:  # noqa: PLR0911 - one for each order
        """Carry out an order of somebody who is here. None: it is answered later."""
        agent, what, now = ordered.agent, ordered.what, _now()
        desk, shift = self._floor.desk(agent), self._shifts.get(agent)
        if desk is None or shift is None or shift.id != ordered.desk:
            return Answer(denied=Denial.NOT_SIGNED_IN)
        match what:
            case order.Connect() | order.Mute() if self._phones.shows(agent) is not None:
                return Answer(denied=Denial.ON_PHONE)
            case order.Connect():
                return self._connect(shift, ordered.id, what)
            case order.Become(presence, reason):
                return self._asked(
                    agent, self._floor.presence_asked(agent, presence, now.mono, reason)
                )
            case order.EndWrapUp():
                return self._asked(agent, self._floor.wrap_up_done(agent, now.mono))
            case order.ExtendWrapUp():
                return self._asked(agent, self._floor.wrap_up_extended(agent, now.mono))
            case order.Call(campaign, lead):
                if campaign not in self._held:
                    return Answer(denied=Denial.CAMPAIGN_PAUSED)
                shift.lead, shift.until = lead, None
                return self._asked(agent, self._floor.call_asked(campaign, agent, lead, now.mono))
        task = desk.task
        held = None if task is None else self._held.get(task.campaign)
        if task is None or held is None:
            return Answer(denied=_NOTHING.get(type(what), Denial.NOT_IN_CONVERSATION))
        return self._do_in_task(desk, task, held, what, now)

    def _do_in_task(  # noqa: PLR0911 - one for each order
        self, desk: Desk, task: Task, held: Held, what: Order, now: Moment
    ) -> Answer:
        """An order about what the agent is busy with."""
        agent, runner = desk.id, held.runner
        match what:
            case order.Accept():
                return self._said(agent, held, runner.accepted(agent), now)
            case order.Skip():
                return self._said(agent, held, runner.skipped(agent, now), now)
            case order.Dispose():
                chosen = Chosen(what.name, what.notes, what.callback_at, what.for_me)
                told = runner.disposed(what.attempt, agent, chosen, now)
                answer = self._said(agent, held, told, now)
                self._asked(agent, self._floor.disposed(agent, what.attempt, now.mono))
                return answer
        if desk.presence is not Presence.ON_CALL or task.attempt is None:
            return Answer(denied=Denial.NOT_IN_CONVERSATION)
        match what:
            case order.HangUp():
                return self._said(agent, held, runner.hang_up(task.attempt, agent), now)
            case order.HandOver(to):
                return self._asked(
                    agent, self._floor.handed_over(agent, task.attempt, now.mono, to)
                )
            case order.Hold(on):
                (self._media.hold if on else self._media.retrieve)(task.attempt)
                self._floor.on_hold(agent, on)
            case order.Mute(on):
                self._floor.muted(agent, on)
            case order.SendDigits(digits):
                self._media.send_digits(task.attempt, digits)
        self._book.changed(agent)
        return Answer()

    def _said(
        self, agent: int, held: Held, told: Iterable[commands.Command], now: Moment
    ) -> Answer:
        return self._passed(agent, self._exchange.passed_on(held.campaign, told, now))

    def _asked(self, agent: int, decisions: Iterable[Decision]) -> Answer:
        return self._passed(agent, self._exchange.decided(decisions, _now()))

    def _passed(self, agent: int, outcome: Outcome) -> Answer:
        """Carry it out; the answer is what was denied in it, which is no news beside that."""
        denied = [
            each.why
            for _, each in outcome.commands
            if isinstance(each, commands.Deny) and each.agent == agent
        ] + [
            str(each.denial)
            for each in outcome.told
            if isinstance(each, decision.Denied) and each.agent == agent
        ]
        outcome.commands = [
            (campaign, each)
            for campaign, each in outcome.commands
            if not (isinstance(each, commands.Deny) and each.agent == agent)
        ]
        self.perform(outcome)
        self._book.changed(agent)
        return Answer(denied=denied[0]) if denied else Answer()

    def _decided(self, decisions: list[Decision]) -> None:
        if decisions:
            self.perform(self._exchange.decided(decisions, _now()))

    # -------------------------------------------------- what is said to agents

    def told(self, news: Iterable[ForDesk]) -> None:
        """What the floor decided, for the pages."""
        now = _now()
        for each in news:
            shift = self._shifts.get(each.agent)
            if shift is None:
                continue
            match each:
                case decision.Became():
                    self._became(each, shift, now)
                case decision.Allotted():
                    shift.allotted = each
                case decision.CampaignPaused():
                    shift.notice = {
                        "kind": "terminated" if each.final else "paused",
                        "campaign": each.campaign,
                        "by": each.by,
                        "reason": each.reason,
                        "next": each.next,
                        "why": each.why.value if each.why else None,
                        "at": now.wall.isoformat(),
                    }
                case decision.CampaignRuns():
                    shift.notice = {
                        "kind": "runs",
                        "campaign": each.campaign,
                        "at": now.wall.isoformat(),
                    }
            self._book.changed(each.agent)

    def _became(self, told: decision.Became, shift: _Shift, now: Moment) -> None:
        if told.presence not in (Presence.PREVIEW, Presence.CALLING):
            shift.lead = shift.until = None
        if told.presence is not shift.spell:
            shift.spell = told.presence
            spell = Spell(told.agent, told.presence, now.wall, told.reason, told.campaign)
            self._book.became(spell)
        if told.presence is Presence.OFFLINE:
            self._forget(told.agent)

    def _forget(self, agent: int) -> None:
        shift = self._shifts.pop(agent)
        del self._agents[shift.id]
        self._media.close_desk(shift.id)
        self._phones.put_down(agent)
        self._book.closed(shift.id)

    def carry_out(self, held: Held, command: ForAgents) -> None:
        """What a runner says that is for an agent, or of one."""
        match command:
            case commands.Connect(attempt, agent):
                shift = self._shifts.get(agent)
                leg = self._phones.leg_of(agent)
                if shift is not None:
                    self._media.bridge(attempt, leg or shift.id, beep=leg is not None)
            case commands.Disconnect(attempt, _):
                self._media.unbridge(attempt)
            case commands.Offer(agent, lead, countdown_s):
                shift = self._shifts.get(agent)
                if shift is not None:
                    shift.lead = lead.id
                    shift.until = None if countdown_s is None else time.monotonic() + countdown_s
                    self._book.changed(agent)
            case commands.ClaimFor(agent, lead):
                self._background.spawn(self._claim_for(held, agent, lead))
            case commands.Deny(agent, why):
                shift = self._shifts.get(agent)
                # Of a pause they are told with what comes next for them.
                if shift is not None and why != Denial.CAMPAIGN_PAUSED:
                    at = datetime.now(UTC).isoformat()
                    shift.notice = {
                        "kind": "denied",
                        "campaign": held.campaign,
                        "why": str(why),
                        "at": at,
                    }
                    self._book.changed(agent)
            case commands.StoreTalkBegan():
                self._journal.talk_began(held.campaign, command)
            case commands.StoreTalkEnded():
                self._journal.talk_ended(held.campaign, command)
            case commands.StoreDisposition():
                self._journal.disposed(held.campaign, command)

    async def _claim_for(self, held: Held, agent: int, lead: int) -> None:
        claimed: ClaimedLead | None = None
        facts: Mapping[str, NumberFacts] = {}
        now = _now()
        try:
            async with self._database.transaction() as conn:
                claimed, facts = await claim.claim_for(
                    conn, held.campaign, self._cell, lead, now.wall
                )
        except DATABASE_AWAY as error:
            log.warning("cannot claim", campaign=held.campaign, why=str(error).strip())
            claimed = None  # the commit is in doubt: undone
            undo = partial(claim.release, cell=self._cell, leads=[lead])
            self._background.spawn(until_stored(self._database, undo))
        told = held.runner.claimed_for(agent, claimed, facts, _now())
        self.perform(self._exchange.passed_on(held.campaign, told, _now()))

    # ----------------------------------------------------------------- media

    def _connect(self, shift: _Shift, asked: int, offer: order.Connect) -> Answer | None:
        if not self._media.ready:
            return Answer(denied=Denial.NO_DEVICE)
        shift.offers = shift.offers or {}
        before = shift.offers.pop(offer.number, None)
        if before is not None:
            self._book.answer(before, Answer(denied=Denial.NO_DEVICE))
        shift.offers[offer.number] = asked
        self._media.open_desk(shift.id, offer.offer, offer.number)
        return None

    def _from_media(self, message: DeskMessage) -> None:
        if isinstance(message, port.Bridged):
            return
        if isinstance(message, port.NotDone):
            self._not_done(message)
            return
        agent = self._agents.get(message.desk)
        shift = None if agent is None else self._shifts.get(agent)
        if agent is None or shift is None:
            return
        match message:
            case port.DeskAnswer():
                self._answer_offer(shift, message.number, Answer(sdp=message.sdp))
            case port.DeskFailed():
                said = Answer(invalid=message.reason, field="offer")
                self._answer_offer(shift, message.number, said)
            case port.DeskConnected():
                self._device_there(agent)
            case port.DeskLost():
                log.info("desk lost", agent=agent, why=message.reason)
                self._device_lost(agent, message.silent_s)

    def _device_there(self, agent: int) -> None:
        """The page or the telephone of somebody on shift can carry a conversation."""
        now = time.monotonic()
        self._shifts[agent].device_since = now
        self._decided(self._floor.device_connected(agent, now))
        self._book.changed(agent)

    def _device_lost(self, agent: int, silent_s: float = 0.0) -> None:
        """It cannot, or not yet; `silent_s` as the floor has it."""
        now = time.monotonic()
        self._shifts[agent].device_since = now
        self._decided(self._floor.device_lost(agent, now, silent_s))
        self._book.changed(agent)

    def _answer_offer(self, shift: _Shift, number: int, answer: Answer) -> None:
        asked = (shift.offers or {}).pop(number, None)
        if asked is not None:
            self._book.answer(asked, answer)

    def _not_done(self, message: port.NotDone) -> None:
        """A conversation without sound is like one whose agent is not there."""
        log.warning("media: not done", order=message.order, why=message.reason)
        agent = self._floor.talking_in(message.attempt)
        if message.order == port.Bridge.__name__ and agent is not None:
            if self._phones.leg_of(agent) is not None:
                self._phones.fail(agent)
            else:
                self._decided(self._floor.device_lost(agent, time.monotonic()))

    def media_lost(self) -> None:
        """The media process is gone, and every page's connection and phone's sound with it."""
        self._phones.media_lost()
        now = time.monotonic()
        for agent, shift in list(self._shifts.items()):
            for number in list(shift.offers or {}):
                self._answer_offer(shift, number, Answer(denied=Denial.NO_DEVICE))
            shift.device_since = now
            self._decided(self._floor.device_lost(agent, now))

    # ------------------------------------------------------------- the store

    def _state_of(self, agent: int) -> DeskState | None:
        desk, shift = self._floor.desk(agent), self._shifts.get(agent)
        if desk is None or shift is None:
            return None
        now, task = _now(), desk.task
        until = task.wrap_until if task is not None and task.wrap_until else shift.until
        phone, phone_state = self._phones.shows(agent) or (None, None)
        return DeskState(
            agent_id=agent,
            desk_id=shift.id,
            presence=desk.presence,
            reason=desk.wish.reason if desk.wish else desk.reason,
            since=_wall(desk.since, now),
            device=desk.device,
            wish=desk.wish.presence if desk.wish else None,
            campaign_id=task.campaign if task else None,
            attempt_id=task.attempt if task else None,
            lead_id=shift.lead,
            until=None if until is None else _wall(until, now),
            overdue=task.overdue if task else False,
            extended=task.extended if task else False,
            disposed=task.disposed if task else False,
            muted=task.muted if task else False,
            on_hold=task.on_hold if task else False,
            allotted_to=desk.place.campaign if desk.place else None,
            allotted_why=desk.place.why.value if desk.place else None,
            notice=shift.notice,
            phone=phone.address if phone else None,
            phone_state=phone_state,
        )


def _wall(mono: float, now: Moment) -> datetime:
    return now.wall + timedelta(seconds=mono - now.mono)


# What an order is denied with by somebody who is busy with nothing.
_NOTHING: dict[type, Denial] = {
    order.Accept: Denial.NO_SUCH_OFFER,
    order.Skip: Denial.NO_SUCH_OFFER,
}
