"""The runners' hands: they carry out their commands and bring them what line and media say.

What runners and agents' floor have to say to each other goes by the exchange
(caesura.rules.floor.exchange); what is left of it is done here, or at the desks (cell.desks).
First the journal, then the wire: `_prepare` is the one place where an attempt comes into being.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import structlog

from caesura.cell.background import Background
from caesura.cell.desks import Desks
from caesura.cell.held import Held
from caesura.cell.journal import Journal
from caesura.cell.media import Media
from caesura.cell.messenger import Messenger
from caesura.cell.prompts import Prompts
from caesura.cell.trunks import Trunks
from caesura.cell.until_answered import AWAY_PAUSE_S, until_stored
from caesura.cell.voice_link import VoiceLink
from caesura.rules import command as commands
from caesura.rules import follow_up as rules
from caesura.rules.call import Launch
from caesura.rules.claim import NOTHING_KNOWN, ClaimedLead, PutOff
from caesura.rules.command import Command
from caesura.rules.floor.exchange import Exchange, Outcome
from caesura.rules.moment import Moment
from caesura.store import call, claim, follow_up, hold, pause_rule
from caesura.store.claim import Claimed
from caesura.store.database import DATABASE_AWAY, Connection, Database
from caesura.voice import port

_HELD_AGAIN = timedelta(seconds=5)  # then a message of a paused part is looked at again
_DEFAULT_SILENCE_MS = 700

log = structlog.get_logger(__name__)


def _utc(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


class Hands:
    """Carry out commands; every one of them is in `carry_out`."""

    def __init__(
        self,
        cell: UUID,
        database: Database,
        line: VoiceLink,
        media: Media,
        trunks: Trunks,
        journal: Journal,
        prompts: Prompts,
        messenger: Messenger,
        held: Mapping[int, Held],
        exchange: Exchange,
        desks: Desks,
    ) -> None:
        self._cell = cell
        self._database = database
        self._line = line
        self._media = media
        self._trunks = trunks
        self._journal = journal
        self._prompts = prompts
        self._messenger = messenger
        self._held = held
        self._exchange = exchange
        self._desks = desks
        self._campaigns: dict[UUID, int] = {}  # of each attempt under way
        self._trunk_of: dict[UUID, str] = {}
        self._answers: dict[UUID, port.Answered] = {}
        self._background = Background()

    def campaign_of(self, attempt: UUID) -> int:
        """The campaign of an attempt under way; 0, which is none, if it is not known."""
        return self._campaigns.get(attempt, 0)

    # ------------------------------------------------------------- commands

    def carry_out(self, held: Held, told: Sequence[Command]) -> None:
        """Do what the campaign's runner says, and what follows from it."""
        if told:
            self.perform(self._exchange.passed_on(held.campaign, told, _now()), held)

    def perform(self, outcome: Outcome, speaker: Held | None = None) -> None:
        """Do it in order; what takes time goes on in a task.

        `speaker` may have been let go as idle while the answer to what it asked for was under way.
        """
        # Who is to talk finds it on their page before they are heard.
        if outcome.told:
            self._desks.told(outcome.told)
        for campaign, command in outcome.commands:
            spoke = speaker is not None and speaker.campaign == campaign
            held = speaker if spoke else self._held.get(campaign)
            if held is not None:
                self._do(held, command)

    def _do(self, held: Held, command: Command) -> None:  # noqa: PLR0912 - one for each command
        match command:
            case commands.Claim():
                self._background.spawn(self._claim(held, command))
            case commands.Prepare(leads):
                self._background.spawn(self._prepare(held, leads))
            case commands.Release(leads):
                self._background.spawn(self._release(leads))
            case commands.StorePutOff(refused):
                self._background.spawn(self._put_off(refused))
            case commands.Dial(launch):
                self._dial(held, launch)
            case commands.Submit(launch):
                self._submit(held, launch)
            case commands.Cancel(attempt):
                self._line.send(port.Cancel(attempt=attempt))
            case commands.HangUp(attempt):
                self._line.send(port.HangUp(attempt=attempt))
            case commands.Listen(attempt):
                self._listen(held, attempt)
            case commands.PlayMessage(attempt, recording):
                self._play(held, attempt, recording)
            case commands.StopPlaying(attempt):
                self._media.stop_playing(attempt)
            case commands.CloseStream(attempt):
                self._media.close(attempt)
            case commands.OptOut(phone):
                log.info("opt-out by key press", phone=phone)
                self._journal.opt_out(held.campaign, phone)
            case commands.StoreProgress(progress):
                self._journal.progress(held.campaign, progress)
            case commands.StoreEnd(end):
                self._journal.end(held.campaign, end)
                self._forget(end.attempt, stream_closes=end.outcome.value == "answered")
            case commands.StoreNotLaunched(attempt):
                self._journal.undo(held.campaign, attempt)
                self._forget(attempt, stream_closes=False)
            case (
                commands.SeekAgent()
                | commands.SeekNoAgent()
                | commands.CallOver()
                | commands.CallFor()
                | commands.LetGo()
            ):
                raise TypeError(f"the exchange lets {command!r} by")
            case _:
                self._desks.carry_out(held, command)

    def _forget(self, attempt: UUID, *, stream_closes: bool) -> None:
        self._campaigns.pop(attempt, None)
        self._answers.pop(attempt, None)
        trunk = self._trunk_of.pop(attempt, None)
        if trunk is not None:
            self._trunks.give_back(trunk)
        self._messenger.forget(attempt)
        if not (stream_closes and self._media.ready):
            self._media.release(attempt)  # else when the media process says that it is closed

    # ---------------------------------------------------------------- leads

    async def _claim(self, held: Held, wanted: commands.Claim) -> None:
        now = _now()
        claimed: Claimed | None = None
        try:
            async with self._database.transaction() as conn:
                claimed = await claim.claim(
                    conn,
                    held.campaign,
                    self._cell,
                    zones=wanted.zones,
                    limit=wanted.limit,
                    now=now.wall,
                    channel=held.runner.settings.channel,
                    with_attributes=held.runner.settings.shows_contacts,
                    around=wanted.around,
                )
        except DATABASE_AWAY as error:
            log.warning("cannot claim", campaign=held.campaign, why=str(error).strip())
            await asyncio.sleep(AWAY_PAUSE_S)
            await until_stored(self._database, partial(self._unclaim, held, claimed))
            self.carry_out(held, held.runner.claimed((), {}, _now()))
            return
        self.carry_out(held, held.runner.claimed(claimed.leads, claimed.facts, now))

    async def _unclaim(self, held: Held, claimed: Claimed | None, conn: Connection) -> None:
        """Undo a claim that may be committed, or may yet be, without our hearing of it."""
        if claimed is not None:
            await claim.wait_for(conn, [lead.id for lead in claimed.leads])
        await claim.release_others(conn, held.campaign, self._cell, held.runner.leads_held)

    async def _release(self, leads: tuple[int, ...]) -> None:
        await until_stored(self._database, lambda conn: claim.release(conn, self._cell, leads))

    async def _put_off(self, refused: tuple[PutOff, ...]) -> None:
        await until_stored(self._database, lambda conn: claim.put_off(conn, self._cell, refused))

    async def _prepare(self, held: Held, leads: tuple[ClaimedLead, ...]) -> None:
        """Journal an attempt for each lead that may still be reached, then dial."""
        async with held.launching:
            epoch = held.runner.epoch
            attempts = [uuid4() for _ in leads]
            launches = None
            try:
                if epoch is not None:
                    launches = await self._journal_all(held, epoch, leads, attempts)
            except DATABASE_AWAY as error:
                log.warning("cannot journal", campaign=held.campaign, why=str(error).strip())
                self._background.spawn(self._undo(held.campaign, leads, attempts))
            if epoch is None or launches is None:
                self.carry_out(held, held.runner.not_journalled(leads))
            else:
                self.carry_out(held, held.runner.journalled(launches, leads, epoch))

    async def send_follow_ups(self, held: Held, limit: int) -> None:
        """Journal messages beside the leads' turns that may be sent now, then hand them over."""
        async with held.launching:
            epoch = held.runner.epoch
            if epoch is None:
                return
            attempts, ids = [uuid4() for _ in range(limit)], list[int]()
            try:
                launches = await self._journal_follow_ups(held, epoch, attempts, ids)
            except DATABASE_AWAY as error:
                log.warning("cannot journal", campaign=held.campaign, why=str(error).strip())
                self._background.spawn(self._undo_follow_ups(held.campaign, ids, attempts))
                return
            self.carry_out(held, held.runner.follow_ups(launches, epoch))

    async def _journal_follow_ups(
        self, held: Held, epoch: int, attempts: list[UUID], ids: list[int]
    ) -> list[Launch]:
        """`ids` takes those that are journalled, for whom the commit is not heard of."""
        now, settings = datetime.now(UTC), held.runner.settings
        async with self._database.transaction() as conn:
            if not await call.hold_lease(conn, held.campaign, self._cell, epoch):
                return []
            waiting = await follow_up.take(conn, held.campaign, len(attempts), attempts)
            ids += [one.id for one in waiting]
            facts = await follow_up.facts(conn, held.campaign, waiting, now)
            stand = (await hold.standing(conn, held.campaign)).holds
            allowed, refused = [], list[tuple[int, str, datetime | None]]()
            for one in waiting:
                launch = rules.beside(stand, one.place, one.launch)
                if launch is None:
                    refused.append((one.id, "part_paused", now + _HELD_AGAIN))
                    continue
                known = facts.get((one.launch.phone, one.launch.channel), NOTHING_KNOWN)
                no = rules.refusal(
                    one.zone,
                    settings,
                    now,
                    do_not_call=known.do_not_call,
                    answers=one.answers,
                )
                if no is None:
                    allowed.append(replace(one, launch=launch))
                else:
                    refused.append((one.id, no.reason.value, no.again_at))
            await follow_up.put_off(conn, refused)
            # What the budget has no room for stays due; the rule pauses within a second.
            left = await pause_rule.may_launch(conn, held.campaign, settings, now) if allowed else 0
            allowed = allowed if left is None else allowed[:left]
            await follow_up.journal(conn, self._cell, epoch, allowed)
        return [one.launch for one in allowed]

    async def _undo_follow_ups(self, campaign: int, ids: list[int], attempts: list[UUID]) -> None:
        self._note_undone(campaign, attempts)

        async def undo(conn: Connection) -> None:
            await follow_up.wait_for(conn, ids)
            await call.not_launched(conn, attempts)

        await until_stored(self._database, undo)

    async def _undo(
        self, campaign: int, leads: tuple[ClaimedLead, ...], attempts: list[UUID]
    ) -> None:
        """Undo launches that may be committed, or may yet be, without our hearing of it."""
        self._note_undone(campaign, attempts)

        async def undo(conn: Connection) -> None:
            # The release first: the commit in doubt has these leads locked, so this waits for it.
            await claim.release(conn, self._cell, [lead.id for lead in leads])
            await call.not_launched(conn, attempts)

        await until_stored(self._database, undo)

    def _note_undone(self, campaign: int, attempts: list[UUID]) -> None:
        """On the disk, too: if this cell dies before the database is back, the next one knows."""
        for attempt in attempts:
            self._journal.undo(campaign, attempt)

    async def _journal_all(
        self, held: Held, epoch: int, leads: tuple[ClaimedLead, ...], attempts: list[UUID]
    ) -> list[Launch] | None:
        """None if the lease is not ours any more. `attempts`: ids, enough for all leads."""
        now = datetime.now(UTC)
        async with self._database.transaction() as conn:
            phones, channel = [lead.phone for lead in leads], held.runner.settings.channel
            # The lease is held in the last statement alone, or pauses would wait for all of this: a
            # part that is paused after its holds were read has revoked it.
            facts = await claim.facts(conn, held.campaign, phones, now, channel)
            stand = await hold.standing(conn, held.campaign)
            self.carry_out(held, held.runner.hold(stand.holds, stand.version, _now()))
            if not held.runner.may_call:
                return None
            allowed, refused = held.runner.recheck(leads, facts, now)
            left = await pause_rule.may_launch(conn, held.campaign, held.runner.settings, now)
            if left is not None and left < len(allowed):
                await claim.release(conn, self._cell, [lead.id for lead in allowed[left:]])
                allowed = allowed[:left]
            launches = [
                held.runner.launch(attempt, lead)
                for attempt, lead in zip(attempts, allowed, strict=False)
            ]
            await claim.put_off(conn, self._cell, refused)
            journalled = await call.journal_and_commit(
                conn, held.campaign, self._cell, epoch, launches
            )
        if journalled is None:
            return None
        return [launch for launch in launches if launch.attempt in journalled]

    # ---------------------------------------------------------------- calls

    async def readmit(self, held: Held, epoch: int) -> None:
        """Calls that no paused part has go on under the epoch that a pause of parts began.

        As a launch: in the journal first, while the lease is held. A call that another cell has
        given up meanwhile is not among them, and nothing more of it leaves.
        """
        async with held.launching:
            going_on = held.runner.not_held
            if held.runner.epoch != epoch or not going_on:
                return
            try:
                async with self._database.transaction() as conn:
                    if not await call.hold_lease(conn, held.campaign, self._cell, epoch):
                        return
                    open_ones = await call.readmit(conn, self._cell, epoch, going_on)
            except DATABASE_AWAY as error:
                log.warning("cannot readmit", campaign=held.campaign, why=str(error).strip())
                return
            runner = held.runner
            still = open_ones & set(runner.not_held) & set(runner.unanswered)
            if runner.epoch == epoch and still:
                self._line.send(
                    port.Readmit(
                        campaign=held.campaign,
                        epoch=epoch,
                        attempts=sorted(still),
                        trunks=runner.usable.trunks,
                    )
                )

    def _dial(self, held: Held, launch: Launch) -> None:
        settings = held.runner.settings
        trunks = held.runner.usable.trunks
        trunk = self._trunks.take(trunks, time.monotonic())
        address = self._media.reserve(launch.attempt) if trunk is not None else None
        if trunk is None or address is None or held.runner.epoch is None or not self._line.up:
            if trunk is not None:
                self._trunks.give_back(trunk)
            self._media.release(launch.attempt)
            self.carry_out(held, held.runner.not_launched(launch.attempt))
            return
        others = [name for name in self._trunks.usable(trunks) if name != trunk]
        self._campaigns[launch.attempt] = held.campaign
        self._trunk_of[launch.attempt] = trunk
        host, rtp_port = address
        self._line.send(
            port.Dial(
                attempt=launch.attempt,
                campaign=held.campaign,
                epoch=held.runner.epoch,
                number=launch.phone,
                calling_number=launch.calling_number,
                trunks=[trunk, *others],
                ring_timeout_s=settings.ring_timeout_s,
                rtp_host=host,
                rtp_port=rtp_port,
            )
        )

    def _submit(self, held: Held, launch: Launch) -> None:
        self._campaigns[launch.attempt] = held.campaign
        if not self._messenger.submit(held, launch):
            self.carry_out(held, held.runner.not_launched(launch.attempt))

    def _listen(self, held: Held, attempt: UUID) -> None:
        message = held.runner.settings.message
        silence_ms = message.silence_ms if message else _DEFAULT_SILENCE_MS
        if self._media.ready:
            self._media.open(self._answers[attempt], silence_ms)
        else:
            self.carry_out(held, held.runner.stream_failed(attempt, "no media process"))

    def _play(self, held: Held, attempt: UUID, recording: str) -> None:
        codec = self._media.codec(attempt)
        path = self._prompts.path(recording, codec) if codec else None
        if path is None:
            self.carry_out(
                held, held.runner.stream_failed(attempt, f"no recording {recording!r} here")
            )
            return
        self._media.play(attempt, str(path))

    # ---------------------------------------------------------------- heard

    def heard_of(self, held: Held, message: Any) -> None:
        """What the line says of an attempt."""
        runner, attempt = held.runner, message.attempt
        match message:
            case port.Launched():
                self._trunks.moved(self._trunk_of.get(attempt, message.trunk), message.trunk)
                self._trunk_of[attempt] = message.trunk
                told = runner.dialled(attempt, message.trunk, message.sip_call_id, _at(message.at))
            case port.NotLaunched():
                told = runner.not_launched(attempt)
            case port.Ringing():
                told = runner.ringing(attempt, _at(message.at))
            case port.Answered():
                self._answers[attempt] = message
                told = runner.answered(attempt, _at(message.at))
            case port.Ended():
                told = runner.ended(
                    attempt,
                    _at(message.at),
                    by=message.by,
                    sip_status=message.sip_status,
                    q850_cause=message.q850_cause,
                    reason=message.reason,
                    answered_while_cancelled=message.answered_while_cancelled,
                )
            case _:
                raise TypeError(f"not a message of the line: {message!r}")
        self.carry_out(held, told)

    def heard_of_message(self, held: Held, message: Any) -> None:
        """What the messenger says of an attempt."""
        self.carry_out(held, self._messenger.heard_of(held, message))

    def heard(self, held: Held, message: Any) -> None:
        """What the media process says of an attempt."""
        runner, attempt = held.runner, message.attempt
        match message:
            case port.Played():
                told = runner.played(attempt, _now())
            case port.Speech():
                told = runner.speech(attempt, message.speaking, _now())
            case port.Digit():
                told = runner.digit(attempt, message.digit)
            case port.StreamFailed():
                told = runner.stream_failed(attempt, message.reason)
            case _:
                raise TypeError(f"not a message of the media process: {message!r}")
        self.carry_out(held, told)


def _now() -> Moment:
    return Moment(datetime.now(UTC), time.monotonic())


def _at(at: float) -> Moment:
    """A moment that another process of this machine told in UTC, now on the monotonic clock."""
    return Moment(_utc(at), time.monotonic())
