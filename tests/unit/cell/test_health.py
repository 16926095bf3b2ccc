"""Of two states of a provider that come one shortly after the other, the newer one stays."""

from __future__ import annotations

import asyncio

import psycopg
import pytest

from caesura.cell.health import Health
from caesura.messages.port import ProviderState


def _state(detail: str) -> ProviderState:
    return ProviderState(name="centre", reachable=True, bound=detail == "bound", detail=detail)


class Slow:
    """A database in which the first to write waits longest."""

    def __init__(self) -> None:
        self.stands = ""
        self._waits = [0.03, 0.0]

    async def write(self, state: ProviderState) -> None:
        await asyncio.sleep(self._waits.pop(0) if self._waits else 0.0)
        self.stands = state.detail


async def test_an_older_state_is_not_written_over_a_newer_one() -> None:
    database = Slow()
    health = Health("provider", database.write)
    first = asyncio.create_task(health.heard(_state("connecting")))
    await asyncio.sleep(0)
    await health.heard(_state("bound"))
    await first
    assert database.stands == "bound"


async def test_what_could_not_be_written_is_told_of_later() -> None:
    written: list[str] = []
    away = True

    async def write(state: ProviderState) -> None:
        if away:
            raise psycopg.OperationalError("away")
        written.append(state.detail)

    health = Health("provider", write)
    await health.heard(_state("connecting"))
    await health.heard(_state("bound"))
    with pytest.raises(psycopg.OperationalError):
        await health.tell()
    away = False
    await health.tell()
    await health.tell()
    assert written == ["bound"]
