"""What a cell does now and then: look at its campaigns' leads and trunks, and after the others.

Every cell does all of it; each step is one statement or transaction that a second cell doing the
same at the same time leaves right.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog

from caesura.cell.desks import Desks
from caesura.cell.hands import Hands
from caesura.cell.health import Health
from caesura.cell.held import Held
from caesura.cell.messenger import Messenger
from caesura.cell.trunks import Trunks
from caesura.cell.voice_link import VoiceLink
from caesura.messages.port import ProviderState
from caesura.rules.call import AttemptEnd
from caesura.rules.campaign import CampaignSettings
from caesura.rules.next_try import LeadFacts, awaits_receipts, next_try
from caesura.rules.outcome import Outcome
from caesura.store import (
    call,
    claim,
    configuration,
    desk,
    follow_up,
    hold,
    lease,
    lifecycle,
    message,
    provider,
)
from caesura.store.database import DATABASE_AWAY, Connection, Database
from caesura.store.lease import JournalState
from caesura.store.lifecycle import LEASE_TTL_S, Silence
from caesura.voice import port

EVERY_S = 0.25
_OTHERS_EVERY = 4  # turns between two looks after the others
_RETURN_S = 0.5  # of one turn, for the leads of paused parts that were resumed

log = structlog.get_logger(__name__)


class Housekeeping:
    """See the module."""

    def __init__(
        self,
        cell: UUID,
        database: Database,
        held: dict[int, Held],
        trunks: Trunks,
        line: VoiceLink,
        hands: Hands,
        messenger: Messenger,
        desks: Desks,
        journal: Callable[[], JournalState] = JournalState,  # by default nothing waits
    ) -> None:
        self._cell = cell
        self._database = database
        self._held = held
        self._trunks = trunks
        self._line = line
        self._hands = hands
        self._messenger = messenger
        self._desks = desks
        self._journal = journal
        self._journal_told = JournalState()
        self._passing_since: dict[int, float] = {}  # receipt -> when we first saw it, monotonic
        # Cells that seem gone -> their last sign, and when we first saw it so, monotonic.
        self._suspects: dict[UUID, tuple[object, float]] = {}
        self.trunk_health = Health("trunk", self._write_trunk)
        self.provider_health = Health("provider", self._write_provider)
        self._now = asyncio.Event()

    def trunks_changed(self) -> None:
        """Somebody changed a trunk: look now."""
        self._now.set()

    async def run(self) -> None:
        """Every quarter of a second, for ever."""
        turn = 0
        while True:
            try:
                await self._turn(turn)
            except DATABASE_AWAY as error:
                log.warning("housekeeping waits for the database", why=str(error).strip())
                self._suspects.clear()  # while it was away, nobody could give a sign
            turn += 1
            try:
                await asyncio.wait_for(self._now.wait(), EVERY_S)
            except TimeoutError:
                continue
            self._now.clear()

    async def _turn(self, turn: int) -> None:
        await self.look(list(self._held.values()))
        for held in list(self._held.values()):
            if not held.open and not held.silencing and held.runner.idle:
                del self._held[held.campaign]
                self._desks.gone(held.campaign)
        await self._tell_of_journal()
        await self.trunk_health.tell()
        await self.provider_health.tell()
        await self._seal_what_nobody_awaits()
        await self._return_leads()
        if turn % _OTHERS_EVERY == 0 or self._now.is_set():
            await hold.release_what_is_due(self._database)
            await lifecycle.resume_what_is_due(self._database)
            await lifecycle.complete_what_is_over(self._database)
            async with self._database.statements() as conn:
                rows = await configuration.trunks(conn)
                providers = await provider.configured(conn)
                cells = await configuration.cells(conn)
                suspects = await lease.silent_cells(conn, self._cell)
                signs = await lease.last_signs(conn, suspects)
            if self._cell in cells and self._trunks.configure(
                rows, len(cells), cells.index(self._cell)
            ):
                self._line.send(self._trunks.message())
            if self._cell in cells:
                self._messenger.configure(providers, len(cells), cells.index(self._cell))
            for other in self._gone(signs):
                await self._take_over(other)

    async def _return_leads(self) -> None:
        """Return leads of paused parts that were resumed, so many at a time that calls go on."""
        until = time.monotonic() + _RETURN_S
        returned = hold.RETURN_AT_MOST
        while returned == hold.RETURN_AT_MOST and time.monotonic() < until:
            async with self._database.transaction() as conn:
                returned = await hold.return_leads(conn, limit=hold.RETURN_AT_MOST)

    def _gone(self, signs: dict[UUID, object]) -> list[UUID]:
        """Suspects that have given no sign for the ttl on our own clock.

        PostgreSQL's clock alone may not decide: if it steps, every cell seems gone, and without
        its lease a pause would not wait for a cell whose gate is open.
        """
        now, known = time.monotonic(), self._suspects
        self._suspects = {
            cell: known[cell] if cell in known and known[cell][0] == sign else (sign, now)
            for cell, sign in signs.items()
        }
        return [cell for cell, (_, at) in self._suspects.items() if now - at >= LEASE_TTL_S]

    async def _tell_of_journal(self) -> None:
        """Say how the journal is doing, if that is news."""
        state = self._journal()
        if state == self._journal_told:
            return
        async with self._database.transaction() as conn:
            await lease.tell_of_journal(conn, self._cell, state)
        self._journal_told = state

    async def look(self, helds: list[Held]) -> None:
        """Promote what has become due, count the leads, notice where none is left."""
        campaigns = [held.campaign for held in helds]
        if not campaigns:
            return
        async with self._database.statements() as conn:
            await claim.promote(conn, [held.campaign for held in helds if held.open])
            tallies = await claim.tallies(conn, campaigns)
            due = await follow_up.due(conn, campaigns)
        for held in helds:
            held.tally = tallies[held.campaign]
            held.follow_ups = due.get(held.campaign, follow_up.Due())
            left = held.tally.count("due", "waiting", "claimed", "in_progress", "held")
            if held.open and held.follow_ups.now and self._messenger.up:
                await self._hands.send_follow_ups(held, held.follow_ups.now)
            epoch, over = held.runner.epoch, left == 0 and not held.follow_ups.any
            done = epoch is not None and over and held.runner.idle
            if not (done and epoch) or await self._awaits_receipts(held):
                continue
            if await lifecycle.complete(self._database, held.campaign, epoch):
                log.info("campaign completed", campaign=held.campaign)

    async def _awaits_receipts(self, held: Held) -> bool:
        """A receipt that is still to come could bring a lead back."""
        settings = held.runner.settings
        if settings.text is None or not awaits_receipts(settings):
            return False
        async with self._database.transaction() as conn:
            wait_s = settings.text.receipts_wait_s
            return await message.awaited(conn, held.campaign, wait_s) is not None

    async def _seal_what_nobody_awaits(self) -> None:
        """Whoever asked for a pause may have died waiting: we wait the ttl in its place."""
        passing = await lifecycle.passing(self._database)
        now = time.monotonic()
        known = {row["receipt_id"]: row for row in passing}
        self._passing_since = {receipt: self._passing_since.get(receipt, now) for receipt in known}
        for receipt, since in self._passing_since.items():
            if now - since >= LEASE_TTL_S:
                silence = Silence(known[receipt]["id"], receipt, since)
                await lifecycle.seal_by_expiry(self._database, silence)

    async def _write_trunk(self, state: port.TrunkState) -> None:
        async with self._database.transaction() as conn:
            await configuration.trunk_health(
                conn,
                self._cell,
                state.name,
                reachable=state.reachable,
                registered=state.registered,
                detail=state.detail,
            )

    async def _write_provider(self, state: ProviderState) -> None:
        async with self._database.transaction() as conn:
            await provider.health(
                conn,
                self._cell,
                state.name,
                reachable=state.reachable,
                bound=state.bound,
                throttled=state.throttled,
                detail=state.detail,
            )

    async def _take_over(self, gone: UUID) -> None:
        """Return a dead cell's leads, and end its attempts as what is known of them: unknown."""
        async with self._database.transaction() as conn:
            left = await lease.take_over(conn, gone)
            if left is None:
                return
            ends = [await self._in_doubt(conn, row) for row in left]
            await call.end(conn, ends)
            await lifecycle.complete_receipts(conn, sorted({row["campaign_id"] for row in left}))
            await desk.cell_is_gone(conn, gone)
        log.warning("took over from a cell that is gone", cell=str(gone), attempts=len(left))

    async def _in_doubt(self, conn: Connection, row: dict[str, Any]) -> AttemptEnd:
        found = await configuration.campaign(conn, row["campaign_id"])
        assert found is not None  # attempts refer to their campaign
        settings = CampaignSettings.model_validate(found["settings"])
        answered = row["answered_at"] is not None
        outcome = Outcome.ANSWERED if answered else Outcome.UNKNOWN
        now = datetime.now(UTC)
        facts = LeadFacts(row["phone_index"], tuple(row["zones"]), row["attempts"], row["tries"])
        return AttemptEnd(
            attempt=row["id"],
            lead=row["lead_id"],
            at=now,
            outcome=outcome,
            received=answered,
            ended_by="cell",
            sip_status=None,
            q850_cause=None,
            detail="the cell that ran it is gone",
            key_pressed=None,
            after=next_try(facts, outcome, settings, now),
        )
