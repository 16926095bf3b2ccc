"""Does in one go what was asked for while the last go was under way.

A pause of one campaign is one transaction at once; a pause of hundreds is two or three of them
instead of hundreds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Together(Generic[Item, Result]):
    """`work` takes items and gives a result for each; what it raises, everybody in that go gets."""

    def __init__(self, work: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]]) -> None:
        self._work = work
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._going: asyncio.Task[None] | None = None

    async def ask(self, item: Item) -> Result:
        """The result for `item`, in the next go."""
        result: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, result))
        if self._going is None:
            self._going = asyncio.create_task(self._go())
        return await result

    async def _go(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                await self._one_go(batch)
        finally:
            self._going = None

    async def _one_go(self, batch: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        try:
            results = await self._work([item for item, _ in batch])
        except asyncio.CancelledError:
            for _, result in batch:
                result.cancel()
            raise
        except Exception as error:  # noqa: BLE001 - each that asked gets it
            for _, result in batch:
                if not result.done():
                    result.set_exception(error)
            return
        for (_, result), given in zip(batch, results, strict=True):
            if not result.done():
                result.set_result(given)
