"""What a client of the live stream finds waiting, however slow it is."""

from __future__ import annotations

import asyncio
import time

from caesura.web.live import Client, Event


def event(number: int, kind: str = "figures", campaign: int = 1) -> Event:
    return Event(id=f"b-{number}", kind=kind, campaign=campaign, data=str(number))


async def test_a_slow_client_finds_only_the_newest_of_each_campaign() -> None:
    client = Client(None)
    for number in range(10_000):
        client.offer(event(number, campaign=number % 3))
    assert [each.data for each in await client.take(1)] == ["9997", "9998", "9999"]
    assert await client.take(0.01) == []


async def test_a_whole_campaign_replaces_the_figures_that_were_to_come_before_it() -> None:
    client = Client(None)
    client.offer(event(1))
    client.offer(event(2, "campaign"))
    client.offer(event(3))
    assert [(each.kind, each.data) for each in await client.take(1)] == [
        ("campaign", "2"),
        ("figures", "3"),
    ]


async def test_a_client_gets_only_the_campaigns_that_it_asked_for() -> None:
    client = Client(frozenset({2}))
    client.offer(event(1, campaign=1))
    client.offer(event(2, campaign=2))
    assert [each.campaign for each in await client.take(1)] == [2]


async def test_nothing_within_the_wait_is_an_empty_answer_and_closing_ends_the_wait() -> None:
    client = Client(None)
    began = time.monotonic()
    assert await client.take(0.05) == []
    assert time.monotonic() - began >= 0.04
    waiting = asyncio.create_task(client.take(30))
    await asyncio.sleep(0)
    client.close()
    assert await asyncio.wait_for(waiting, 1) == []
    assert client.closed
