"""The loop that delivers. In the web processes: they speak HTTP anyway, and keep no promise that a
slow receiver could touch. Any number of them may deliver side by side.
"""

from __future__ import annotations

import asyncio

import structlog

from caesura.notifications.sending import Letter, deliver
from caesura.rules.notification import Event
from caesura.rules.promise import alarms
from caesura.store import notification, seal, system_settings
from caesura.store.database import DATABASE_AWAY, Database
from caesura.store.notification import Due

_EVERY_S = 1.0
_AT_ONCE = (
    20  # one batch; the slowest of it holds up the next, so it is no longer than a time limit
)
_WATCH_EVERY = 10  # turns between two looks at the promise's alarms

log = structlog.get_logger(__name__)


class Delivery:
    """See the module."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self) -> None:
        """For ever."""
        turn = 0
        while True:
            try:
                if turn % _WATCH_EVERY == 0:
                    await self.watch()
                while await self.deliver_some():
                    continue
            except DATABASE_AWAY as error:
                log.warning("notifications wait for the database", why=str(error).strip())
            turn += 1
            await asyncio.sleep(_EVERY_S)

    async def deliver_some(self) -> int:
        """Deliver a batch of what is due; returns how many were tried."""
        async with self._database.transaction() as conn:
            due = await notification.claim(conn, _AT_ONCE)
        await asyncio.gather(*map(self._deliver, due))
        return len(due)

    async def _deliver(self, due: Due) -> None:
        letter = Letter(due.key, due.event, due.content, due.at)
        tried = await deliver(letter, due.destination, due.secret)
        async with self._database.transaction() as conn:
            if tried.delivered:
                await notification.delivered(conn, due, tried.answer)
            else:
                await notification.failed(conn, due, tried.answer)
        said = log.info if tried.delivered else log.warning
        said(
            "notification delivered" if tried.delivered else "notification not delivered",
            recipient=due.recipient,
            about=due.event,
            tries=due.tries,
            answer=tried.answer,
        )

    async def watch(self) -> None:
        """Tell of the promise's alarm when it begins: nothing that happens marks that moment."""
        async with self._database.transaction() as conn:
            figure = await seal.figure(conn)
            settings = (await system_settings.read(conn))["settings"]
            said = alarms(figure, settings.alarm_last_launch_ms, settings.alarm_confirmation_ms)
            await notification.set_alarm(conn, "promise", Event.PROMISE_ALARM, said)
