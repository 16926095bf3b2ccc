"""Asks the pause rules once a second, and pauses the campaigns of which one holds.

Whichever cell takes the turn does it for all running campaigns. A loop of its own, so that nothing
that holds up housekeeping holds up a rule. The pause is the ordinary one (docs/architecture.md),
asked for under the epoch that was seen, so that no decision of a person is overtaken.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import structlog

from caesura.rules.campaign import CampaignSettings
from caesura.rules.pause_rule import Standing, verdict
from caesura.store import lifecycle, pause_rule
from caesura.store.database import DATABASE_AWAY, Database
from caesura.store.pause_rule import Look, Running

EVERY = timedelta(seconds=1)
_ANSWERS_EVERY = 5  # turns between two looks at an hour of answers
_ABANDONMENT_EVERY = 60  # and at a month of abandoned calls
_LOOK_S = 0.25  # how often a cell asks whether it is its turn

log = structlog.get_logger(__name__)


class PauseRules:
    """See the module."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._settings: dict[tuple[int, int], CampaignSettings] = {}  # by campaign and version

    async def run(self) -> None:
        """For ever."""
        while True:
            try:
                await self._take_turn()
            except DATABASE_AWAY as error:
                log.warning("pause rules wait for the database", why=str(error).strip())
            except Exception as error:  # a rule must not end the cell
                log.error("the pause rules failed", exc_info=error)
            await asyncio.sleep(_LOOK_S)

    async def _take_turn(self) -> None:
        # In a transaction of its own: a cell that is stopped now costs the others one turn only.
        async with self._database.transaction() as conn:
            turn = await pause_rule.take_turn(conn, EVERY)
        if turn is not None:
            look = Look(
                answers=turn % _ANSWERS_EVERY == 0, abandonment=turn % _ABANDONMENT_EVERY == 0
            )
            await self.ask(datetime.now(UTC), look)

    async def ask(self, now: datetime, look: Look) -> list[int]:
        """Ask the rules of all running campaigns; returns the campaigns that were paused."""
        async with self._database.transaction() as conn:
            campaigns = await pause_rule.running(conn, self._settings)
            self._settings = {(each.campaign, each.version): each.settings for each in campaigns}
            figures = await pause_rule.figures(conn, campaigns, now, look)
        paused = []
        for each in campaigns:
            found = verdict(
                each.settings.pause_rules, each.settings.price, figures[each.campaign], now
            )
            if found is not None and await self._pause(each, found):
                paused.append(each.campaign)
        return paused

    async def _pause(self, each: Running, found: Standing) -> bool:
        evidence = found.evidence
        silence = await lifecycle.pause_by_rule(
            self._database, each.campaign, epoch=each.epoch, evidence=evidence, until=found.until
        )
        if silence is None:
            return False  # somebody else decided meanwhile; theirs stands
        # Nobody waits for the confirmation here: the last cell seals it, or the housekeeping.
        log.warning(
            "campaign paused by rule",
            campaign=each.campaign,
            rule=evidence.rule.value,
            why=evidence.sentence,
        )
        return True
