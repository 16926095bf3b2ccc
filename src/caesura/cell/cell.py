"""The running dialer on one machine: it gives each runner its leases, leads and time, and carries
out what the runner decides.

Six loops: `leases` (renewal, gates, acknowledgements), `ticks` (pacing), the journal's, the desks',
`housekeeping` (recovery of others, timed resumes, completion) and the pause rules'. Everything
else happens in the turn of the event loop in which a message of line, media or PostgreSQL arrives.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import structlog

from caesura.cell.background import Background
from caesura.cell.desks import Desks
from caesura.cell.gates import Answer, Gates
from caesura.cell.hands import Hands
from caesura.cell.held import Held, Runners
from caesura.cell.housekeeping import Housekeeping
from caesura.cell.journal import Journal
from caesura.cell.media import DeskMessage, Media
from caesura.cell.messenger import Messenger
from caesura.cell.pause_rules import PauseRules
from caesura.cell.phones import Phones
from caesura.cell.prompts import Prompts
from caesura.cell.silence import Silencer
from caesura.cell.spool import Spool
from caesura.cell.trunks import Trunks
from caesura.cell.until_answered import until_answered
from caesura.cell.voice_link import VoiceLink
from caesura.channel.port import GateShut
from caesura.messages import port as messages
from caesura.rules import part
from caesura.rules.campaign import CampaignSettings, CampaignState, Drain
from caesura.rules.floor.exchange import Exchange
from caesura.rules.floor.floor import Floor
from caesura.rules.moment import Moment
from caesura.rules.pacing.snapshot import Pacer
from caesura.rules.pause_rule import Evidence, Rule
from caesura.rules.runner import Runner
from caesura.store import configuration, hold, lease, lifecycle
from caesura.store.database import DATABASE_AWAY, Connection, Database, connect
from caesura.store.lease import JournalState
from caesura.store.lifecycle import LEASE_MARGIN_S, LEASE_RENEWAL_S, LEASE_TTL_S
from caesura.voice import port

TICK_S = 0.04
# Calls start on every second tick: those of one tick are journalled in one transaction, and many
# small ones would keep PostgreSQL from a pause. Messages fill their window on each.
_CALLS_EVERY = 2
_RECONNECT_S = 0.25
_STOP_S = 2.0  # how long a stop waits for the calls' BYEs and the last journal entries

# States that come with somebody's decision on the drain; also for calls that an earlier one left.
_DECISIONS = (CampaignState.PAUSING, CampaignState.TERMINATING, CampaignState.TERMINATED)
_SILENT = (CampaignState.PAUSED, CampaignState.TERMINATED)


log = structlog.get_logger(__name__)


def moment() -> Moment:
    """Now, on both clocks."""
    return Moment(datetime.now(UTC), time.monotonic())


def _is_voice(held: Held) -> bool:
    return held.runner.settings.channel == "voice"


class Cell:
    """See the module. One process runs one cell; a node may run several."""

    def __init__(
        self,
        database: Database,
        *,
        node: str,
        line: Path,
        media: Path,
        messenger: Path,
        directory: Path,
        spool_bytes_max: int = 256 << 20,
        acknowledging: Database | None = None,
        predictive: Pacer | None = None,
    ) -> None:
        """`predictive` stands in for our own predictive pacing."""
        self.id: UUID = uuid4()
        self._node = node
        self._database = database
        self._predictive = predictive
        self._held: dict[int, Held] = {}
        self._trunks = Trunks()
        self._spool = Spool(directory / "spool", spool_bytes_max)
        self._journal = Journal(database, self._spool)
        self._media = Media()
        self._prompts = Prompts(database, directory / "recordings")
        self._line = VoiceLink(
            "line",
            line,
            port.FromLine,
            on_message=self._from_line,
            on_up=self._line_up,
            on_down=self._line_down,
        )
        self._media.link = VoiceLink(
            "media",
            media,
            port.FromMedia,
            on_message=self._from_media,
            on_up=lambda: None,
            on_down=self._media_down,
        )
        self._messenger = Messenger(self._journal)
        self._messenger.link = VoiceLink(
            "messenger",
            messenger,
            messages.FromMessenger,
            on_message=self._from_messenger,
            on_up=self._messenger_up,
            on_down=self._messenger_down,
        )
        self._messenger.on_refusals = self._refused_in_a_row
        self._gates = Gates()
        self._gates.use("line", self._line)
        self._gates.use("messenger", self._messenger.link)
        self._exchange = Exchange(Floor(), Runners(self._held))
        self._phones = Phones(self._line, self._media, self._trunks)
        self._desks = Desks(
            self.id,
            database,
            self._held,
            self._exchange,
            self._media,
            self._phones,
            self._journal,
        )
        self._hands = Hands(
            self.id,
            database,
            self._line,
            self._media,
            self._trunks,
            self._journal,
            self._prompts,
            self._messenger,
            self._held,
            self._exchange,
            self._desks,
        )
        self._desks.perform = self._hands.perform
        self._silencer = Silencer(
            self.id,
            database,
            acknowledging or database,
            self._gates,
            self._hands,
            self._journal,
            self._desks,
        )
        self._housekeeping = Housekeeping(
            self.id,
            database,
            self._held,
            self._trunks,
            self._line,
            self._hands,
            self._messenger,
            self._desks,
            self._report,
        )
        self._pause_rules = PauseRules(database)
        # Per campaign, when its gate was last shut or that was acknowledged, monotonic. The answer
        # to a renewal or an acquisition that was under way then must not open the gate again.
        self._shut_at: dict[int, float] = {}
        self._does_not_fit: set[int] = set()  # campaigns whose recording the disk did not take
        # Per campaign, the newest epoch that was heard of while it runs: no older lease is good.
        self._epochs: dict[int, int] = {}
        self._renew_now = asyncio.Event()
        self._background = Background()
        self._stopping = False

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then stop in good order."""
        # Before we look after the others: what is known of an attempt goes before what is not.
        await self._journal.replay()
        async with self._database.transaction() as conn:
            await lease.register(conn, self.id, self._node)
        log.info("cell runs", cell=str(self.id), node=self._node)
        assert self._media.link is not None
        assert self._messenger.link is not None
        loops = [
            self._line.run(),
            self._media.link.run(),
            self._messenger.link.run(),
            self._with_connection("leases", self._lease_loop),
            self._with_connection("listen", self._listen),
            self._ticks(),
            self._journal.run(),
            self._desks.run(),
            self._housekeeping.run(),
            self._pause_rules.run(),
            self._silencer.keep_ready(),
        ]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(loop) for loop in loops]
            await stop.wait()
            await self._stop()
            for task in tasks:
                task.cancel()

    async def _stop(self) -> None:
        """Silence everything, hang up politely, write down the rest."""
        self._stopping = True
        await asyncio.gather(
            *(self._silencer.let_go(held) for held in self._held.values()), return_exceptions=True
        )
        until = time.monotonic() + _STOP_S
        for held in self._held.values():
            for attempt in held.runner.attempts:
                self._line.send(port.HangUp(attempt=attempt))
        self._phones.put_down_all()
        while time.monotonic() < until and (self.calls_left or self._phones.open):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        try:
            await self._journal.flush()
            await self._desks.stop()
            async with self._database.transaction() as conn:
                await lease.unregister(conn, self.id)
        except DATABASE_AWAY as error:
            log.warning("could not sign off; another cell will take over", why=str(error))
            await self._journal.keep()

    def _report(self) -> JournalState:
        """How the journal is doing, for people."""
        spool = self._spool
        return JournalState(self._journal.waiting, spool.bytes, spool.full, spool.filled_at)

    @property
    def calls_left(self) -> bool:
        """A call is under way."""
        return any(held.runner.attempts for held in self._held.values())

    async def _with_connection(
        self, name: str, work: Callable[[Connection], Coroutine[Any, Any, None]]
    ) -> None:
        """Run `work` on a connection of its own, again and again while the database is away."""
        while True:
            try:
                async with await connect(self._database.url) as conn:
                    await work(conn)
            except DATABASE_AWAY as error:
                log.warning("database away", loop=name, why=str(error).strip())
                await asyncio.sleep(_RECONNECT_S)

    # ------------------------------------------------------- leases and gates

    async def _lease_loop(self, conn: Connection) -> None:
        while True:
            self._renew_now.clear()
            if not self._stopping:
                await self._renew(conn)
                await lease.heartbeat(conn, self.id)
                await self._acquire(conn)
                await self._acknowledge_revoked(conn)
            try:
                await asyncio.wait_for(self._renew_now.wait(), LEASE_RENEWAL_S)
            except TimeoutError:
                continue

    async def _renew(self, conn: Connection) -> None:
        t0 = time.monotonic()
        renewed = await lease.renew(conn, self.id)
        for one in renewed:
            held = self._held.get(one.campaign)
            if held is None or held.runner.epoch != one.epoch:
                # Given in a connection that broke before it could tell: nothing is known of what
                # was decided before it, such as which parts are paused.
                held = await self._hold_if_it_fits(one.campaign)
            if held is not None:
                held.runner.shared(one.cells, one.rank)
                self._open_gate(held, one, t0)
        kept = {one.campaign for one in renewed}
        for held in list(self._held.values()):
            epoch = held.runner.epoch
            if epoch is not None and held.campaign not in kept:
                # Revoked before the notice came, or taken from us while we were silent.
                self._silence(held, epoch)

    async def _acquire(self, conn: Connection) -> None:
        t0 = time.monotonic()
        acquired = await lease.acquire(conn, self.id)
        holds = await asyncio.gather(*(self._hold_if_it_fits(one.campaign) for one in acquired))
        for held, one in zip(holds, acquired, strict=True):
            if held is not None:
                held.runner.shared(one.cells, one.rank)
                self._open_gate(held, one, t0)

    async def _acknowledge_revoked(self, conn: Connection) -> None:
        """Acknowledge what was revoked and is not being silenced, whatever notice was missed."""
        for one in await lease.revoked(conn, self.id):
            held = self._held.get(one.campaign) or await self._hold_if_it_fits(one.campaign)
            if held is not None:
                self._silence(held, one.epoch, Drain(one.drain))

    def _open_gate(self, held: Held, given: lease.Acquired, t0: float) -> None:
        """Open or prolong for a lease that was asked for at `t0`, monotonic."""
        # While it is being silenced, not yet: what that does is meant for the lease before.
        if held.silencing or self._stopping or t0 <= self._shut_at.get(held.campaign, 0.0):
            return
        if held.runner.epoch is not None and held.lease_since != given.acquired_at:
            # We were given up for dead and have a lease anew, perhaps of the same epoch. What was
            # being launched under the old one is in doubt, and must not be dialled under this one.
            self._silence(held, held.runner.epoch)
            return
        if given.epoch < self._epochs.get(held.campaign, 0):
            return  # revoked since: the pause of a part was heard of before this answer
        begins = held.runner.epoch is None
        held.lease_since = given.acquired_at
        self._held[held.campaign] = held  # it may have been let go as idle meanwhile
        until = t0 + LEASE_TTL_S - LEASE_MARGIN_S
        self._gates.open(held.campaign, given.epoch, until, held.processes)
        opened = held.runner.gate_opened(given.epoch, moment(), given.resumed_s)
        self._hands.carry_out(held, opened)
        if begins:
            self._desks.runs(held)
        if begins and held.readmit:
            held.readmit = False
            self._background.spawn(self._hands.readmit(held, given.epoch))

    def _silence(self, held: Held, epoch: int, drain: Drain | None = None) -> None:
        """Shut the gate of `epoch` and before in this very turn, then acknowledge and drain.

        `drain` is the decision's, where it is known already.
        """
        if held.runner.epoch is not None and held.runner.epoch > epoch:
            return  # late news: it was resumed meanwhile
        self._shut_at[held.campaign] = time.monotonic()
        if held.silencing:  # this decision may ask for another drain than the one under way
            held.silence_again = max(epoch, held.silence_again or 0)
            return
        held.silencing = True
        self._background.spawn(self._acknowledge(held, self._silencer.shut_gate(held), drain))

    async def _acknowledge(
        self, held: Held, shut: asyncio.Future[Answer], drain: Drain | None
    ) -> None:
        await self._silencer.acknowledge(held, shut, drain)
        # Whatever lease it has dropped: no answer of before speaks of the one to come.
        self._shut_at[held.campaign] = time.monotonic()
        again, held.silence_again = held.silence_again, None
        if again is not None:
            self._silence(held, again)
        else:
            self._renew_now.set()  # a resume may have come meanwhile

    async def _hold(self, campaign: int) -> Held | None:
        """Make the campaign known here, with its settings and its recording."""
        async with self._database.transaction() as conn:
            row = await configuration.campaign(conn, campaign)
            if row is None:
                return None
            stand = await hold.standing(conn, campaign)
        settings, version = (
            CampaignSettings.model_validate(row["settings"]),
            row["settings_version"],
        )
        # Before the settings name it: whoever answers meanwhile hears the recording of before.
        for recording in settings.recordings.values():
            await self._prompts.fetch(recording)
        held = self._held.get(campaign)
        if held is None:
            held = self._held[campaign] = Held(
                campaign,
                Runner(campaign, settings, predictive=self._predictive),
                version,
            )
        if version > held.settings_version:  # else another reading overtook this one
            held.runner.settings, held.settings_version = settings, version
            if held.open:
                self._desks.runs(held)
        self._hands.carry_out(held, held.runner.hold(stand.holds, stand.version, moment()))
        await self._housekeeping.look([held])
        return held

    async def _hold_if_it_fits(self, campaign: int) -> Held | None:
        """As `_hold`; None also while a full disk does not take the recording: no call without."""
        try:
            held = await self._hold(campaign)
        except OSError as error:
            if campaign not in self._does_not_fit:
                why = error.strerror
                log.error("cannot keep its recording; not called here", campaign=campaign, why=why)
            self._does_not_fit.add(campaign)
            return None
        self._does_not_fit.discard(campaign)
        return held

    # ----------------------------------------------------------- what is said

    async def _listen(self, conn: Connection) -> None:
        await conn.execute("LISTEN campaign")
        await conn.execute("LISTEN trunk")
        await conn.execute("LISTEN provider")
        await conn.execute("LISTEN desk_order")
        await conn.execute("LISTEN agent")
        # What was said while nobody listened.
        self._desks.orders_came()
        self._desks.profiles_may_have_changed()
        self._renew_now.set()
        for campaign in list(self._held):
            self._reload(campaign)
        async for notice in conn.notifies():
            if notice.channel in ("trunk", "provider"):
                self._housekeeping.trunks_changed()
            elif notice.channel == "desk_order":
                if notice.payload == str(self.id):
                    self._desks.orders_came()
            elif notice.channel == "agent":
                self._desks.agent_changed(int(notice.payload))
            else:
                self._campaign_changed(json.loads(notice.payload))

    def _campaign_changed(self, change: dict[str, Any]) -> None:
        held = self._held.get(change["id"])
        state = change.get("state")
        if state == CampaignState.RUNNING:
            self._epochs[change["id"]] = max(change["epoch"], self._epochs.get(change["id"], 0))
            if held is not None and held.open and change["epoch"] > (held.runner.epoch or 0):
                self._silence(held, change["epoch"] - 1)  # a part of it is paused
            self._renew_now.set()
        elif state is not None:
            if held is None or not held.open:  # an acquisition may be under way
                self._shut_at[change["id"]] = time.monotonic()
            if held is not None and (held.open or state in _DECISIONS):
                said = change.get("drain")
                self._silence(held, change["epoch"] - 1, Drain(said) if said else None)
            if held is not None and state in _SILENT:
                held.silent.set()
        elif held is not None:
            self._reload(held.campaign)

    def _reload(self, campaign: int) -> None:
        """Read the settings anew; as long as that fails, again."""
        self._background.spawn(
            until_answered(
                partial(self._hold, campaign),
                "cannot read settings",
                pause_s=_RECONNECT_S,
                away=(*DATABASE_AWAY, OSError),
                campaign=campaign,
            )
        )

    # ------------------------------------------------------------------ ticks

    async def _ticks(self) -> None:
        following, turn = time.monotonic(), 0
        while True:
            turn += 1
            following = max(following + TICK_S, time.monotonic())
            await asyncio.sleep(following - time.monotonic())
            now = moment()
            self._desks.tick(now)
            by_priority = sorted(
                self._held.values(), key=lambda held: -held.runner.settings.priority
            )
            for held in by_priority:
                try:
                    starts = turn % _CALLS_EVERY == 0 or not _is_voice(held)
                    self._tick(held, now, starts=starts)
                except Exception as error:
                    if str(error) != held.failing:  # not the same words 25 times a second
                        log.error("campaign cannot go on", campaign=held.campaign, exc_info=error)
                    held.failing = str(error)

    def _tick(self, held: Held, now: Moment, *, starts: bool) -> None:
        up = self._line.up if _is_voice(held) else self._messenger.up
        may = held.open and up and not self._journal.full
        room = self._room(held, now.mono) if may and starts else 0
        self._hands.perform(self._exchange.tick(held.campaign, room, held.tally, now))

    def _room(self, held: Held, now: float) -> int:
        """How many attempts its trunks or providers take now, less those being journalled."""
        ways, voice = part.ways_out(held.runner.usable), _is_voice(held)
        promised = sum(
            other.runner.preparing
            for other in self._held.values()
            if _is_voice(other) == voice
            and not set(ways).isdisjoint(part.ways_out(other.runner.settings))
        )
        if voice:
            room = min(self._trunks.room(ways, now), self._media.room)
        else:
            room = self._messenger.providers.room(ways, now)
        return max(0, room - promised)

    # -------------------------------------------------------------- the line

    def _line_up(self) -> None:
        self._line.send(self._trunks.message())
        self._renew_now.set()  # a new line has no open gates

    def _line_down(self) -> None:
        self._trunks.line_is_gone()
        self._gates.is_gone("line")
        self._phones.line_lost()
        for held in self._held.values():
            self._hands.carry_out(held, held.runner.line_lost(moment()))

    def _from_line(self, message: port.FromLine) -> None:
        if isinstance(message, port.GateShut):
            self._gate_shut("line", message)
        elif isinstance(message, port.TrunkState):
            self._trunks.health(message)
            self._background.spawn(self._housekeeping.trunk_health.heard(message))
        elif not self._phones.heard_of(message):
            held = self._held.get(self._hands.campaign_of(message.attempt))
            if held is not None:
                self._hands.heard_of(held, message)

    def _gate_shut(self, process: str, message: GateShut) -> None:
        held = self._held.get(message.campaign)
        if held is not None:
            for attempt in message.unlaunched:
                self._hands.carry_out(held, held.runner.not_launched(attempt))
        self._gates.answered(process, message)

    # ------------------------------------------------------------- messenger

    def _messenger_up(self) -> None:
        self._messenger.came()
        self._renew_now.set()  # a new messenger has no open gates

    def _messenger_down(self) -> None:
        self._messenger.gone()
        self._gates.is_gone("messenger")
        for held in self._held.values():
            self._hands.carry_out(held, held.runner.messenger_lost(moment()))

    def _from_messenger(self, message: messages.FromMessenger) -> None:
        match message:
            case messages.GateShut():
                self._gate_shut("messenger", message)
            case messages.ProviderState():
                self._messenger.providers.health(message)
                self._background.spawn(self._housekeeping.provider_health.heard(message))
            case messages.Delivery():
                self._messenger.delivery(message)
            case messages.Reply():
                self._messenger.reply(message)
            case _:
                held = self._held.get(self._hands.campaign_of(message.attempt))
                if held is not None:
                    self._hands.heard_of_message(held, message)

    def _refused_in_a_row(self, held: Held, why: str) -> None:
        if held.runner.epoch is not None:
            self._background.spawn(self._pause_by_rule(held.campaign, held.runner.epoch, why))

    async def _pause_by_rule(self, campaign: int, epoch: int, why: str) -> None:
        evidence = Evidence(rule=Rule.MESSAGES_REFUSED, sentence=why, at=datetime.now(UTC))
        try:
            silence = await lifecycle.pause_by_rule(
                self._database, campaign, epoch=epoch, evidence=evidence
            )
        except DATABASE_AWAY as error:  # the next refusals ask again
            log.warning("cannot pause by rule", campaign=campaign, why=str(error).strip())
            return
        if silence is not None:
            log.warning("campaign paused by rule", campaign=campaign, why=why)

    # ----------------------------------------------------------------- media

    def _media_down(self) -> None:
        self._media.lost()
        for held in self._held.values():
            self._hands.carry_out(held, held.runner.media_lost())
        self._desks.media_lost()

    def _from_media(self, message: port.FromMedia) -> None:
        if isinstance(message, port.MediaReady):
            self._media.became_ready(message)
            return
        if isinstance(message, port.StreamClosed):
            self._media.release(message.attempt)
            return
        if isinstance(message, DeskMessage):
            self._media.told(message)
            return
        if self._phones.heard(message):
            return
        held = self._held.get(self._hands.campaign_of(message.attempt))
        if held is not None:
            self._hands.heard(held, message)
