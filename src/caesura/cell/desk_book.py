"""What is to be stored of the cell's desks, gathered for as long as the store takes for the last.

What an agent does, the answers to what they asked for, and the shifts that are over go out in one
transaction, in the order in which they came about: whoever hears an answer finds the desk as it is
after it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from uuid import UUID

import structlog

from caesura.rules.floor.order import Answer
from caesura.store import desk
from caesura.store.database import DATABASE_AWAY, Database
from caesura.store.desk import DeskState, Spell

_RETRY_S = 0.5

log = structlog.get_logger(__name__)


class DeskBook:
    """See the module. `state_of` says what an agent does at the moment; None: not here."""

    def __init__(
        self, cell: UUID, database: Database, state_of: Callable[[int], DeskState | None]
    ) -> None:
        self._cell = cell
        self._database = database
        self._state_of = state_of
        self._changed: set[int] = set()  # agents
        self._spells: list[Spell] = []
        self._closed: list[UUID] = []
        self._answers: list[tuple[int, Answer]] = []
        self._wake = asyncio.Event()

    def changed(self, agent: int) -> None:
        """Something about the agent is new."""
        self._changed.add(agent)
        self._wake.set()

    def became(self, spell: Spell) -> None:
        """A presence began, and the one before it ended."""
        self._spells.append(spell)
        self.changed(spell.agent)

    def closed(self, shift: UUID) -> None:
        """The shift is over."""
        self._closed.append(shift)
        self._wake.set()

    def answer(self, order: int, answer: Answer) -> None:
        """What became of an order."""
        self._answers.append((order, answer))
        self._wake.set()

    async def run(self) -> None:
        """Store for ever; while the database is away, keep it."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self.store()
            except DATABASE_AWAY as error:
                log.warning("desks wait for the database", why=str(error).strip())
                await asyncio.sleep(_RETRY_S)
                self._wake.set()

    async def store(self) -> None:
        """Store what there is. On an error all of it is kept."""
        changed, spells, closed = set(self._changed), list(self._spells), list(self._closed)
        answers = list(self._answers)
        states = [state for agent in changed if (state := self._state_of(agent)) is not None]
        self._changed -= changed
        try:
            async with self._database.transaction() as conn:
                await desk.store(conn, self._cell, states, spells, closed)
                await desk.answer(conn, answers)
        except BaseException:
            self._changed |= changed
            raise
        del self._spells[: len(spells)]
        del self._closed[: len(closed)]
        del self._answers[: len(answers)]
