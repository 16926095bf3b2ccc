"""What cells say of desks, for whoever waits here: one LISTEN connection for this process.

    desk_answer   an order is answered: the request that waits for it reads the answer
    desk          something about an agent is new: their pages get the desk anew
    agent         skills, assignments, or whether they take conversations at all; the same
    campaign      its state or settings; the same, for the pages that show it

A page that is slow to take its events finds only the newest. While the connection to the database
is lost, nothing is heard: answers are also looked for every now and then, and pages get everything
anew when it is back.
"""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress

import structlog

from caesura.errors import Unavailable
from caesura.rules.floor.decision import Denial
from caesura.rules.floor.order import Answer, Order
from caesura.store import desk
from caesura.store.database import DATABASE_AWAY, Connection, Database
from caesura.web.denied import Denied
from caesura.web.desk_shown import desk_views
from caesura.web.listening import listen

log = structlog.get_logger()

ANSWER_WITHIN_S = 5.0
_LOOK_EVERY_S = 0.5  # for an answer of which nothing was heard
_AWAY_PAUSE_S = 0.1  # before asking a database again that was away a moment ago


class CellSilent(Unavailable):
    """The cell has not answered an order in time."""

    slug = "cell-silent"

    def __init__(self) -> None:
        super().__init__(
            "The machine that serves your desk has not answered. Look at the desk, and try again."
        )


class Page:
    """One page's stream: the newest view that it has not taken."""

    def __init__(self, agent: int) -> None:
        self.agent = agent
        self.campaigns: frozenset[int] = frozenset()  # that it shows
        self.closed = False
        self._sent: str | None = None
        self._waiting: str | None = None
        self._something = asyncio.Event()

    def offer(self, view: str) -> None:
        """A view, as JSON; the same as before is no news."""
        self._waiting = None if view == self._sent else view
        if self._waiting is not None:
            self._something.set()

    def close(self) -> None:
        self.closed = True
        self._something.set()

    async def take(self, wait_s: float) -> str | None:
        """What is new; None after `wait_s` without anything, or when closed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._something.wait()
        if not self.closed:
            self._something.clear()
        taken, self._waiting = self._waiting, None
        self._sent = taken or self._sent
        return taken


class DeskLive:
    """See the module. `run` until cancelled."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pages: set[Page] = set()
        self._changed: set[int] = set()  # agents whose pages are to get the desk anew
        self._answered: dict[int, asyncio.Event] = {}  # by order, while a request waits for it
        self._wake = asyncio.Event()
        self._closing = False

    def join(self, agent: int) -> Page:
        """A page's stream, which gets the desk at once. Leave when done."""
        page = Page(agent)
        self._pages.add(page)
        if self._closing:
            page.close()
        self._is_new(agent)
        return page

    def leave(self, page: Page) -> None:
        self._pages.discard(page)

    def close(self) -> None:
        """End every stream and all waiting: the server stops."""
        self._closing = True
        for page in self._pages:
            page.close()
        for answered in self._answered.values():
            answered.set()

    async def ask(self, agent: int, what: Order) -> Answer:
        """Have the cell of the agent's desk carry out an order.

        Raises Denied without a shift; CellSilent after `ANSWER_WITHIN_S`: then it is withdrawn,
        unless the cell has it already.
        """
        answered = asyncio.Event()
        until = time.monotonic() + ANSWER_WITHIN_S
        asked = None
        try:
            async with self._database.transaction() as conn:
                asked = await desk.ask(conn, agent, what)
                if asked is None:
                    raise Denied(Denial.NOT_SIGNED_IN)
                self._answered[asked] = answered  # before the cell can hear of it
            return await self._answer(asked, answered, until)
        finally:
            if asked is not None:
                self._answered.pop(asked, None)

    async def _answer(self, asked: int, answered: asyncio.Event, until: float) -> Answer:
        while True:
            left_s = until - time.monotonic()
            if left_s > 0 and not self._closing:
                with suppress(TimeoutError):
                    async with asyncio.timeout(min(left_s, _LOOK_EVERY_S)):
                        await answered.wait()
                answered.clear()
            async with self._database.statements() as conn:
                if left_s <= 0 or self._closing:
                    await desk.withdraw(conn, asked)
                answer = await desk.answer_of(conn, asked)
            if answer is not None:
                return answer
            if left_s <= 0 or self._closing:
                raise CellSilent

    # ----------------------------------------------------------------- loops

    async def run(self) -> None:
        """Listen and tell, for ever; a lost database connection is taken up again."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            group.create_task(self._send())

    async def _listen(self) -> None:
        await listen(
            self._database,
            ("desk_answer", "desk", "agent", "campaign"),
            self._noticed,
            self._everything_may_be_new,
            "desks",
        )

    async def _everything_may_be_new(self, _: Connection) -> None:
        for answered in self._answered.values():
            answered.set()
        for page in self._pages:
            self._is_new(page.agent)

    def _noticed(self, channel: str, payload: str) -> None:
        try:
            about = int(json.loads(payload)["id"] if channel == "campaign" else payload)
        except (ValueError, KeyError, TypeError):
            log.warning("notification not understood", channel=channel, payload=payload)
            return
        if channel == "desk_answer":
            if about in self._answered:
                self._answered[about].set()
        elif channel == "campaign":
            for page in self._pages:
                if about in page.campaigns:
                    self._is_new(page.agent)
        else:
            self._is_new(about)

    def _is_new(self, agent: int) -> None:
        self._changed.add(agent)
        self._wake.set()

    async def _send(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            changed, self._changed = self._changed, set()
            try:
                await self._read_and_offer(changed & {page.agent for page in self._pages})
            except DATABASE_AWAY as error:
                log.warning("desks could not be read", error=str(error))
                self._changed |= changed
                await asyncio.sleep(_AWAY_PAUSE_S)
                self._wake.set()

    async def _read_and_offer(self, agents: set[int]) -> None:
        if not agents:
            return
        async with self._database.transaction() as conn:
            views = await desk_views(conn, sorted(agents))
        shown = {agent: view.model_dump_json() for agent, view in views.items()}
        for page in self._pages:
            if page.agent in shown:
                each = views[page.agent]
                page.campaigns = frozenset(campaign.id for campaign in each.campaigns)
                page.offer(shown[page.agent])
            elif page.agent in agents:  # takes no conversations any more
                page.close()
