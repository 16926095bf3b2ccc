"""The live stream's source: one LISTEN connection, one reader, any number of clients.

Cells and this API notify `campaign` (state or settings changed) and `figures` (calls journalled).
What changed is read once and given to every client: a change of state at once, figures at most
every `FIGURES_EVERY_S` for each campaign. A client that is slow to take its events finds only the
newest one of each campaign, so it costs no memory and is never behind by more than one.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass

import structlog

from caesura.rules.campaign import CampaignState
from caesura.store import campaign
from caesura.store.database import DATABASE_AWAY, Connection, Database
from caesura.web import shown
from caesura.web.listening import listen
from caesura.web.views import CampaignView

log = structlog.get_logger()

FIGURES_EVERY_S = 0.25
_AWAY_PAUSE_S = 0.1  # before asking a database again that was away a moment ago
_FIGURES = {  # of the row alone: shown.figures_views
    "id",
    "status",
    "epoch",
    "launched",
    "received",
    "answered",
    "average_duration_s",
    "answer_rate",
    "sent",
    "delivered",
    "undelivered",
    "delivery_rate",
    "replies",
    "opt_outs",
    "progress",
    "leads",
    "in_flight",
}


@dataclass(frozen=True)
class Event:
    """One server-sent event."""

    id: str
    kind: str  # "campaign": the whole view; "figures": what calls change
    campaign: int
    data: str  # JSON


class Client:
    """What one client has not taken yet: the newest event of each campaign and kind."""

    def __init__(self, only: frozenset[int] | None) -> None:
        self._only = only  # campaigns that it asked for; None: all
        self._waiting: OrderedDict[tuple[int, str], Event] = OrderedDict()
        self._something = asyncio.Event()
        self.closed = False

    def offer(self, event: Event) -> None:
        if self._only is not None and event.campaign not in self._only:
            return
        if event.kind == "campaign":  # holds the figures too
            self._waiting.pop((event.campaign, "figures"), None)
        self._waiting.pop((event.campaign, event.kind), None)
        self._waiting[event.campaign, event.kind] = event
        self._something.set()

    def close(self) -> None:
        self.closed = True
        self._something.set()

    async def take(self, wait_s: float) -> list[Event]:
        """What waits, oldest first; empty after `wait_s` without anything, or when closed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._something.wait()
        if not self.closed:
            self._something.clear()
        taken = list(self._waiting.values())
        self._waiting.clear()
        return taken


class Live:
    """Fans out what happens to campaigns. `run` until cancelled."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._clients: set[Client] = set()
        self._changed: set[int] = set()  # campaigns whose whole view is to be sent
        self._counted: set[int] = set()  # campaigns whose figures are to be sent
        self._sent_at: dict[int, float] = {}  # campaign -> monotonic time of its last reading
        self._wake = asyncio.Event()
        self._boot = f"{time.time_ns() // 1_000_000:x}"
        self._count = 0
        self._closing = False

    def join(self, only: frozenset[int] | None = None) -> Client:
        """A new client, of all campaigns or of some. Leave when done."""
        client = Client(only)
        self._clients.add(client)
        if self._closing:
            client.close()
        return client

    def leave(self, client: Client) -> None:
        self._clients.discard(client)

    def close(self) -> None:
        """End every client's stream: the server stops."""
        self._closing = True
        for client in self._clients:
            client.close()

    def event(self, kind: str, view: CampaignView) -> Event:
        """The next event, about one campaign."""
        self._count += 1
        include = _FIGURES if kind == "figures" else None
        data = view.model_dump_json(include=include)
        return Event(f"{self._boot}-{self._count}", kind, view.id, data)

    async def run(self) -> None:
        """Listen and fan out, for ever; a lost database connection is taken up again."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            group.create_task(self._send())

    async def _listen(self) -> None:
        # What was notified before we listened is not known: everything may be new.
        await listen(
            self._database,
            ("campaign", "figures"),
            self._notified,
            self._everything_changed,
            "live stream",
        )

    async def _everything_changed(self, conn: Connection) -> None:
        if self._clients:
            self._changed.update(await campaign.ids_in(conn, list(CampaignState)))
            self._wake.set()

    def _notified(self, channel: str, payload: str) -> None:
        if not self._clients:
            return
        try:
            content = json.loads(payload)
            campaign_id = int(content["id"] if isinstance(content, dict) else content)
        except (ValueError, KeyError, TypeError):
            log.warning("notification not understood", channel=channel, payload=payload)
            return
        (self._changed if channel == "campaign" else self._counted).add(campaign_id)
        self._wake.set()

    async def _send(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            now = time.monotonic()
            due = {each for each in self._counted if self._next_at(each) <= now}
            changed, self._changed = self._changed, set()
            self._counted -= due | changed
            try:
                await self._read_and_offer(changed, due - changed)
            except DATABASE_AWAY as error:
                log.warning("live stream could not read", error=str(error))
                self._changed |= changed
                self._counted |= due
                await asyncio.sleep(_AWAY_PAUSE_S)
                self._wake.set()
            if self._counted:
                wait_s = min(map(self._next_at, self._counted)) - time.monotonic()
                asyncio.get_running_loop().call_later(max(wait_s, 0), self._wake.set)

    def _next_at(self, campaign_id: int) -> float:
        """From when the campaign's figures may be sent again, monotonic."""
        return self._sent_at.get(campaign_id, float("-inf")) + FIGURES_EVERY_S

    async def _read_and_offer(self, changed: set[int], counted: set[int]) -> None:
        if not (changed or counted) or not self._clients:
            return
        async with self._database.transaction() as conn:
            rows = await campaign.views(conn, list(changed | counted))
            whole = [row for row in rows if row["id"] in changed]
            figures = [row for row in rows if row["id"] not in changed]
            views = await shown.campaign_views(conn, whole)
        views += shown.figures_views(figures)
        now = time.monotonic()
        for view in views:
            self._sent_at[view.id] = now
            event = self.event("campaign" if view.id in changed else "figures", view)
            for client in self._clients:
                client.offer(event)


async def snapshot(live: Live, database: Database, ids: list[int] | None) -> AsyncIterator[Event]:
    """The campaigns as they are now, all or some, as events."""
    before: int | None = None
    while True:
        async with database.transaction() as conn:
            if ids is None:
                rows = await campaign.page(conn, before=before, limit=100)
            else:
                rows = await campaign.views(conn, ids)
            views = await shown.campaign_views(conn, rows)
        for view in views:
            yield live.event("campaign", view)
        if ids is not None or len(rows) < 100:
            return
        before = rows[-1]["id"]
