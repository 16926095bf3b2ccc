"""A cell's part in a pause: shut the gate, give back what was not launched, acknowledge.

The order is the protocol's. The acknowledgement is written only after the line has said that its
gate is shut; a line that does not answer is left to the ttl, which shuts its gate without it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import structlog

from caesura.cell.desks import Desks
from caesura.cell.gates import Answer, Gates
from caesura.cell.hands import Hands
from caesura.cell.held import Held
from caesura.cell.journal import Journal
from caesura.cell.together import Together
from caesura.cell.until_answered import until_answered
from caesura.channel.port import GateShut
from caesura.rules import command as commands
from caesura.rules.campaign import Drain
from caesura.rules.moment import Moment
from caesura.store import hold, silence
from caesura.store.database import DATABASE_AWAY, Database
from caesura.store.hold import Standing
from caesura.store.lifecycle import LEASE_TTL_S, CellPart
from caesura.store.silence import Part

_LINE_ANSWERS_S = LEASE_TTL_S  # then the ttl has confirmed
_READY_EVERY_S = 0.5
_DRAIN_WAITS_S = 0.1  # for the confirmation, at most; nobody who rings can tell

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Decided:
    """What stands of a campaign: the drain of its pause; if it runs, its paused parts."""

    drain: Drain | None
    standing: Standing | None


class Silencer:
    """One of these on a cell; one `silence` at a time for each campaign.

    `acknowledging` is where acknowledgements are written: a connection that nothing else keeps busy
    and that stands ready (`store.silence.stand_ready`).
    """

    def __init__(
        self,
        cell: UUID,
        database: Database,
        acknowledging: Database,
        gates: Gates,
        hands: Hands,
        journal: Journal,
        desks: Desks,
    ) -> None:
        self._cell = cell
        self._database = database
        self._acknowledging = acknowledging
        self._gates = gates
        self._hands = hands
        self._journal = journal
        self._desks = desks
        # A pause of everything asks for all campaigns at once: then in few transactions.
        self._decisions = Together[int, _Decided](self._read_decisions)
        self._parts = Together[Part, None](self._store_parts)

    async def acknowledge(
        self, held: Held, shut: asyncio.Future[Answer], drain: Drain | None = None
    ) -> None:
        """Say that we are silent, once we are. Never raises: what fails is left to the ttl.

        `drain` is the decision's; None where it is not known and has to be read.
        """
        try:
            await self._acknowledge(held, shut, drain)
        except DATABASE_AWAY as error:
            log.warning("cannot acknowledge", campaign=held.campaign, why=str(error).strip())
        finally:
            # Until then the gate stays shut: a launch that is under way must not be dialled under
            # the next lease, if this one was lost.
            async with held.launching:
                held.silencing = False

    async def _acknowledge(
        self, held: Held, shut: asyncio.Future[Answer], drain: Drain | None
    ) -> None:
        decided = await self._decided(held) if drain is None else _Decided(drain, None)
        now = Moment(datetime.now(UTC), time.monotonic())
        stand = decided.standing
        told = [] if stand is None else held.runner.hold(stand.holds, stand.version, now)
        told += held.runner.gate_shut(decided.drain, now)
        if decided.drain is not None:
            self._desks.paused(held)
        # No decision on the whole: parts are paused, or it was given up for dead. The rest goes on.
        held.readmit = decided.drain is None
        releases = [c for c in told if isinstance(c, commands.Release)]
        draining = [c for c in told if not isinstance(c, commands.Release)]
        confirming = asyncio.create_task(
            self._confirm(held, [lead for c in releases for lead in c.leads], shut)
        )
        try:
            if draining:
                # What rings is cancelled after all cells have acknowledged, so as not to hold it
                # up: hundreds of cancellations keep line, carrier and cell busy for longer.
                with suppress(TimeoutError):
                    await asyncio.wait_for(held.silent.wait(), _DRAIN_WAITS_S)
                self._hands.carry_out(held, draining)
            await confirming
        except BaseException:
            confirming.cancel()
            self._hands.carry_out(held, releases)  # until they are stored
            raise

    async def _decided(self, held: Held) -> _Decided:
        """What stands of it, from a database that answers, however long that takes.

        With the gate shut nothing is urgent any more; but without the decision, what is claimed
        could not be given back, nor what rings be drained as was decided.
        """
        ask = partial(self._decisions.ask, held.campaign)
        return await until_answered(ask, "cannot read the decision", campaign=held.campaign)

    async def _confirm(self, held: Held, stock: list[int], shut: asyncio.Future[Answer]) -> None:
        """Give back what was not launched, and if the line has answered, acknowledge."""
        answer = await self._answer(shut)
        # A launch between journal and line ends first; its dial finds the gate shut.
        async with held.launching:
            part = Part(held.campaign, stock)
            if answer is None:
                log.warning("line or messenger does not answer", campaign=held.campaign)
            else:
                said = _said(held, answer)
                part = Part(held.campaign, stock, answer.unlaunched, said)
            await self._parts.ask(part)

    async def _read_decisions(self, campaigns: Sequence[int]) -> list[_Decided]:
        async with self._database.statements() as conn:
            drains = await silence.drains(conn, campaigns)
            running = [campaign for campaign in campaigns if campaign not in drains]
            stand = await hold.all_standing(conn, running) if running else {}
        return [_Decided(drains.get(each), stand.get(each)) for each in campaigns]

    async def _store_parts(self, parts: Sequence[Part]) -> list[None]:
        async with self._acknowledging.statements() as conn:
            await silence.acknowledge_all(conn, self._cell, parts)
        return [None] * len(parts)

    async def keep_ready(self) -> None:
        """For ever: have the acknowledgement planned, as PostgreSQL drops its plan now and then.

        After each VACUUM or ANALYZE of one of its tables. Planned in a pause, under the campaign's
        lock, it would hold up each cell in its turn: 20 ms and more on a busy machine.
        """
        while True:
            await asyncio.sleep(_READY_EVERY_S)
            with suppress(*DATABASE_AWAY):
                async with self._acknowledging.statements() as conn:
                    await silence.stand_ready(conn)

    def shut_gate(self, held: Held) -> asyncio.Future[Answer]:
        """Tell line and messenger in this very turn of the loop; the future is their answer."""
        epoch = held.runner.epoch
        held.runner.epoch = None
        held.silent.clear()
        shut = self._gates.shut(held.campaign, held.processes)
        log.info("gate shut", campaign=held.campaign, epoch=epoch)
        return shut

    async def _answer(self, shut: asyncio.Future[Answer]) -> Answer:
        try:
            return await asyncio.wait_for(asyncio.shield(shut), _LINE_ANSWERS_S)
        except TimeoutError:
            return None

    async def let_go(self, held: Held) -> None:
        """The cell stops: shut the gate and give back what was not launched, without a pause."""
        self.shut_gate(held)
        now = Moment(datetime.now(UTC), time.monotonic())
        self._hands.carry_out(held, held.runner.gate_shut(Drain.LET_RING, now))


def _said(held: Held, answer: GateShut) -> CellPart:
    """What goes into the receipt, but for the leads that are returned with it."""
    runner, last = held.runner, answer.last_left_at
    in_flight = runner.in_flight_of_parts if held.readmit else runner.in_flight
    return CellPart(
        last_launch_at=None if last is None else datetime.fromtimestamp(last, UTC),
        ringing=in_flight.ringing,
        conversations_left=in_flight.talking,
        leads_returned=0,
    )
