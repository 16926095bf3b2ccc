"""What is asked for while one go is under way is done in the next, together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from caesura.cell.together import Together


async def test_who_asks_in_one_turn_goes_together_and_each_gets_its_own_result() -> None:
    goes: list[list[int]] = []

    async def double(items: Sequence[int]) -> list[int]:
        goes.append(list(items))
        await asyncio.sleep(0.01)
        return [2 * item for item in items]

    together = Together(double)
    first = asyncio.gather(*(together.ask(n) for n in range(3)))
    await asyncio.sleep(0.005)
    second = asyncio.gather(*(together.ask(n) for n in range(3, 100)))
    assert await first == [0, 2, 4]
    assert await second == [2 * n for n in range(3, 100)]
    assert goes == [[0, 1, 2], list(range(3, 100))]
    assert await together.ask(7) == 14


async def test_what_fails_fails_for_all_of_that_go_and_the_next_goes_on() -> None:
    failing = True

    async def work(items: Sequence[int]) -> list[int]:
        if failing:
            raise ValueError("no")
        return list(items)

    together = Together(work)
    answers = await asyncio.gather(together.ask(1), together.ask(2), return_exceptions=True)
    assert [type(each) for each in answers] == [ValueError, ValueError]
    failing = False
    assert await together.ask(3) == 3


async def test_one_that_no_longer_waits_takes_nothing_from_the_others() -> None:
    async def work(items: Sequence[int]) -> list[int]:
        await asyncio.sleep(0.02)
        return list(items)

    together = Together(work)
    left = asyncio.create_task(together.ask(1))
    stays = asyncio.create_task(together.ask(2))
    await asyncio.sleep(0.005)
    left.cancel()
    with pytest.raises(asyncio.CancelledError):
        await left
    assert await stays == 2
