"""How trunks or providers are doing, written down for people: the newest state of each stays."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import structlog

from caesura.messages.port import ProviderState
from caesura.store.database import DATABASE_AWAY
from caesura.voice.port import TrunkState

State = TypeVar("State", TrunkState, ProviderState)

log = structlog.get_logger(__name__)


class Health(Generic[State]):
    """`write` puts one state into the database."""

    def __init__(self, what: str, write: Callable[[State], Awaitable[None]]) -> None:
        self._what = what
        self._write: Callable[[State], Awaitable[None]] = write
        self._news: dict[str, State] = {}  # by name, to be written down
        self._writing = False

    async def heard(self, state: State) -> None:
        """Write it down; if the database is away, `tell` does in a later turn."""
        log.info(self._what, name=state.name, reachable=state.reachable, detail=state.detail)
        self._news[state.name] = state
        try:
            await self.tell()
        except DATABASE_AWAY as error:
            log.warning(
                f"cannot tell of a {self._what} yet", name=state.name, why=str(error).strip()
            )

    async def tell(self) -> None:
        """Write down what is new, one state after the other.

        Two at a time could overtake each other, and the older state would stay. So whoever writes
        already takes along what has come meanwhile.
        """
        if self._writing:
            return
        self._writing = True
        try:
            while self._news:
                name, state = next(iter(self._news.items()))
                await self._write(state)
                if self._news.get(name) is state:  # else there is news of it meanwhile
                    del self._news[name]
        finally:
            self._writing = False
