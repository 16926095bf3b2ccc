"""People who pause, resume, change and end campaigns, two of them at the same time, by chance.

They use what the HTTP API and the command line use: caesura.store.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypedDict

import psycopg
from tests.simulation.clockwork import Machine, Process, SimulatedDatetime
from tests.simulation.judge import Decision
from tests.simulation.postgres import Client
from tests.simulation.stand_ins import Database

from caesura.errors import CaesuraError, EpochChanged, SettingsChanged
from caesura.rules.campaign import CampaignSettings, Drain
from caesura.rules.part import Part, Scope
from caesura.store import campaign_settings, do_not_call, hold, lifecycle, silence

if TYPE_CHECKING:
    from tests.simulation.history import History

_WAIT_S = 3.0  # for a confirmation

# What the campaigns of history.py have.
PARTS = [
    Part(Scope.LIST, "list"),
    Part(Scope.ZONE, "UTC"),
    Part(Scope.CALLING_NUMBER, "+13125550000"),
    Part(Scope.TRUNK, "first"),
    Part(Scope.TRUNK, "second"),
]


class Order(TypedDict):
    """How a pause is asked for."""

    actor: str
    drain: Drain | None
    until: datetime | None
    epoch: int | None


class Manager:
    """One of them, on a machine of their own."""

    def __init__(self, history: History, name: str) -> None:
        self._history, self._rng = history, random.Random(history.rng.random())
        machine = Machine(history.loop, history.rng.uniform(0.97, 1.03), 0.0)
        self.process = Process(history.loop, name, machine)
        self.client = Client(history.server, self.process, history.rng)
        self.database: Any = Database(self.client)
        self._decided = 0

    def _decides(self, kind: str, epoch: int | None, until: datetime | None = None) -> str:
        """The name under which the decision stands in the campaign's history."""
        self._decided += 1
        actor = f"{self.process.name} {self._decided}"
        self._history.judge.decisions[actor] = Decision(kind, epoch, until)
        self._history.say(f"{actor}: {kind}, epoch {epoch}, until {until}")
        return actor

    async def work(self, healed: asyncio.Event) -> None:
        """Until all is healed."""
        rng = self._rng
        ways = [self.pauses, self.resumes, self.pauses_everything, self.changes, self.forbids]
        ways += [self.pauses_parts, self.resumes_parts]
        weights = [6, 6, 1, 2, 1, 4, 4]
        if len(self._history.campaigns) > 1:
            ways, weights = [*ways, self.terminates], [*weights, 0.3]
        while not healed.is_set():
            await asyncio.sleep(rng.choice((rng.uniform(0, 0.3), rng.uniform(0.3, 1.5))))
            [way] = rng.choices(ways, weights)
            campaign = rng.choice(self._history.campaigns)
            await self.tries(way(campaign))  # type: ignore[operator]

    async def tries(self, what: Awaitable[Any]) -> bool:
        """Whether it was done, as far as one knows."""
        counts = self._history.counts
        try:
            await what
        except (EpochChanged, SettingsChanged):
            counts["a decision on what had changed was refused"] += 1
        except CaesuraError:
            counts["an illegal decision was refused"] += 1
        except psycopg.OperationalError:
            counts["a decision was left in doubt"] += 1
        else:
            return True
        return False

    async def _seen(self, campaign: int) -> int | None:
        """The epoch that was seen; at times a while ago, at times none is named."""
        if self._rng.random() < 0.5:
            return None
        async with self.database.transaction() as conn:
            cursor = await conn.query("manager.standing", {"campaign": campaign})
            row = await cursor.fetchone()
        if self._rng.random() < 0.3:
            await asyncio.sleep(self._rng.uniform(0, 0.5))
        return int(row["epoch"])

    async def _order(self, kind: str, campaign: int) -> Order:
        """What is asked for: by chance, and on what was seen."""
        rng, until = self._rng, None
        if rng.random() < 0.2:
            until = SimulatedDatetime.now(self._history.utc)
            until += timedelta(seconds=rng.uniform(0.2, 2.0))
        drain = rng.choice((None, *Drain))
        epoch = await self._seen(campaign)
        actor = self._decides(kind, epoch, until)
        return {"actor": actor, "drain": drain, "until": until, "epoch": epoch}

    async def pauses(self, campaign: int) -> None:
        order = await self._order("pause", campaign)
        asked = await lifecycle.pause(self.database, campaign, **order)
        self._asked(order["drain"], asked, order["until"])
        await self._awaits(lifecycle.await_confirmation(self.database, asked, _WAIT_S))

    def _asked(self, drain: Drain | None, asked: lifecycle.Silence, until: datetime | None) -> None:
        history, counts = self._history, self._history.counts
        history.judge.pauses.setdefault(asked.receipt, []).append((history.loop.time(), until))
        counts["a pause was asked for"] += 1
        counts[f"drain {drain or 'by default'}"] += 1
        counts["a timed pause was asked for"] += until is not None

    async def _awaits(self, confirmation: Awaitable[bool]) -> None:
        if await confirmation:
            self._history.counts["a confirmation was seen"] += 1
            self._history.say(f"{self.process.name} sees the confirmation")

    async def pauses_everything(self, _campaign: int | None = None) -> None:
        actor = self._decides("pause", None)
        asked = await silence.pause_all(self.database, self._history.campaigns, actor=actor)
        self._history.counts["everything was paused"] += 1
        awaited = [one for one in asked.values() if isinstance(one, lifecycle.Silence)]
        for one in awaited:
            self._asked(None, one, None)
        await self._awaits(silence.await_all(self.database, awaited, _WAIT_S))

    async def pauses_parts(self, campaign: int) -> None:
        order = await self._order("part", campaign)
        parts = self._rng.sample(PARTS, self._rng.choice((1, 1, 2)))
        asked = await hold.place(self.database, campaign, parts, **order)
        self._history.counts["a part was paused"] += 1
        await self._awaits(lifecycle.await_confirmation(self.database, asked, _WAIT_S))

    async def resumes_parts(self, campaign: int) -> None:
        actor = self._decides("resume parts", None)
        if await hold.release(self.database, campaign, actor=actor):
            self._history.counts["parts were resumed"] += 1

    async def resumes(self, campaign: int) -> None:
        epoch = await self._seen(campaign)
        actor = self._decides("resume", epoch)
        await lifecycle.resume(self.database, campaign, actor=actor, epoch=epoch)

    async def terminates(self, campaign: int) -> None:
        epoch = await self._seen(campaign)
        drain = self._rng.choice((None, *Drain))
        actor = self._decides("terminate", epoch)
        asked = await lifecycle.terminate(
            self.database, campaign, actor=actor, drain=drain, epoch=epoch
        )
        await self._awaits(lifecycle.await_confirmation(self.database, asked, _WAIT_S))

    async def changes(self, campaign: int) -> None:
        """Settings, on what was read a while ago."""
        rng = self._rng
        actor = self._decides("settings", None)
        async with self.database.transaction() as conn:
            read = await campaign_settings.read(conn, campaign)
        if rng.random() < 0.5:
            await asyncio.sleep(rng.uniform(0, 0.5))
        settings = CampaignSettings.model_validate(read["settings"])
        changed = settings.model_copy(
            update={"pacing": settings.pacing.model_copy(update={"concurrency": rng.randint(3, 9)})}
        )
        version = read["version"] if rng.random() < 0.5 else None
        async with self.database.transaction() as conn:
            await campaign_settings.put(conn, campaign, changed, version, actor)
        self._history.counts["settings were changed"] += 1

    async def forbids(self, _campaign: int) -> None:
        phone = self._rng.choice(self._history.phones)
        async with self.database.transaction() as conn:
            await do_not_call.add(conn, [phone], None, "api", "manager")
        self._history.counts["a number was forbidden"] += 1
