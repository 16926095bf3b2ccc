"""The web process as it runs: the live stream, and stopping in good order while it is followed."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from tests.postgres.web.process import Stream, WebProcess


@pytest.fixture
async def client(web: WebProcess, key: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        base_url=f"{web.url}/api/v1", headers={"Authorization": f"Bearer {key}"}
    ) as client:
        yield client


@asynccontextmanager
async def follow(
    client: httpx.AsyncClient, headers: dict[str, str] | None = None, **params: Any
) -> AsyncIterator[Stream]:
    async with client.stream("GET", "/events", params=params, headers=headers) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        yield Stream(response)


async def create(client: httpx.AsyncClient, name: str) -> int:
    return int((await client.post("/campaigns", json={"name": name})).json()["id"])


async def test_the_stream_begins_with_how_things_are_and_goes_on_with_changes(
    client: httpx.AsyncClient,
) -> None:
    await create(client, "Spring")
    async with follow(client) as stream:
        assert [view["name"] for view in await stream.until_ready()] == ["Spring"]
        began = time.monotonic()
        await client.post("/campaigns/Spring/terminate", json={"reason": "enough"})
        kind, view, _ = await stream.next()
        assert time.monotonic() - began < 1
        assert (kind, view["status"]) == ("campaign", "terminated")
        assert view["last_receipt"]["reason"] == "enough"
        await create(client, "Summer")
        kind, view, _ = await stream.next()
        assert (kind, view["name"], view["status"]) == ("campaign", "Summer", "draft")


async def test_the_stream_tells_only_of_the_campaigns_asked_for(client: httpx.AsyncClient) -> None:
    for name in ("Spring", "Summer"):
        await create(client, name)
    async with follow(client, campaign="Summer") as stream:
        assert [view["name"] for view in await stream.until_ready()] == ["Summer"]
        await client.post("/campaigns/Spring/terminate")
        await client.post("/campaigns/Summer/terminate")
        _, view, _ = await stream.next()
        assert view["name"] == "Summer"
    nowhere = await client.get("/events?campaign=nowhere")
    assert nowhere.status_code == 404


async def test_figures_come_at_most_four_times_a_second_and_the_last_one_always(
    client: httpx.AsyncClient, database_url: str
) -> None:
    campaign = await create(client, "Spring")
    async with follow(client) as stream:
        await stream.until_ready()
        began = time.monotonic()
        await asyncio.to_thread(count_calls, database_url, campaign, 100, 0.01)
        seen: list[Any] = []
        while not seen or seen[-1]["received"] < 100:
            kind, data, _ = await stream.next()
            assert kind == "figures"
            seen.append(data)
        took = time.monotonic() - began
    assert took >= 1
    assert 2 <= len(seen) <= 4 * took + 2
    assert [data["received"] for data in seen] == sorted(data["received"] for data in seen)
    assert seen[-1]["id"] == campaign
    assert set(seen[-1]) >= {"received", "answered", "average_duration_s", "leads", "in_flight"}


def count_calls(database_url: str, campaign: int, calls: int, every_s: float) -> None:
    """What the journal does for each call: add to the minute, and notify."""
    with psycopg.connect(database_url, autocommit=True) as conn:
        for _ in range(calls):
            conn.execute(
                "INSERT INTO campaign_minute AS m (campaign_id, minute, shard, received)"
                " VALUES (%s, date_trunc('minute', now()), 0, 1)"
                " ON CONFLICT (campaign_id, minute, shard)"
                " DO UPDATE SET received = m.received + 1",
                (campaign,),
            )
            conn.execute("SELECT pg_notify('figures', %s)", (str(campaign),))
            time.sleep(every_s)


async def test_a_client_that_comes_back_gets_what_it_has_missed(client: httpx.AsyncClient) -> None:
    await create(client, "Spring")
    async with follow(client) as stream:
        _, view, last = await stream.next()
        assert (view["status"], bool(last)) == ("draft", True)
    await client.post("/campaigns/Spring/terminate")
    assert last is not None
    async with follow(client, headers={"Last-Event-ID": last}) as stream:
        _, view, newer = await stream.next()
        assert view["status"] == "terminated"
        assert newer != last


async def test_the_stream_outlives_the_loss_of_its_database_connection(
    client: httpx.AsyncClient, database_url: str
) -> None:
    await create(client, "Spring")
    async with follow(client) as stream:
        await stream.until_ready()
        with psycopg.connect(database_url, autocommit=True) as conn:
            ended = conn.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND query LIKE 'LISTEN%'"
            ).fetchone()
            assert ended == (2,)  # that listen for campaigns, and for desks
            # Changed while nobody listens: found out when the connection is back.
            conn.execute("UPDATE campaign SET name = 'Autumn'")
        _, view, _ = await stream.next(within_s=8)
        assert view["name"] == "Autumn"


async def test_the_server_stops_within_two_seconds_while_it_is_followed(
    web: WebProcess, client: httpx.AsyncClient
) -> None:
    await create(client, "Spring")
    async with follow(client) as one, follow(client) as two:
        await one.until_ready()
        await two.until_ready()
        stopping = asyncio.create_task(web.stop())
        assert await one.ends()
        assert await two.ends()
        assert await stopping < 2
    assert web.process.returncode == 0


async def test_a_stop_in_the_middle_of_an_import_keeps_nothing_of_it(
    web: WebProcess, client: httpx.AsyncClient, database_url: str, tmp_path: Path
) -> None:
    rows = "".join(f"415555{number:04d}\n" for number in range(10_000))
    text = "phone\n" + rows * 40
    answer = await client.post(
        "/lists/imports",
        files={"file": ("big.csv", text.encode())},
        data={"name": "big", "region": "US"},
        timeout=30,
    )
    assert answer.status_code == 202
    assert await web.stop() < 3
    with psycopg.connect(database_url) as conn:
        state = conn.execute("SELECT state, error FROM import").fetchone()
        contacts = conn.execute("SELECT count(*) FROM contact").fetchone()
    assert state == ("failed", "cancelled")
    assert contacts == (0,)
    assert not list_of(tmp_path)


def list_of(directory: Path) -> list[Path]:
    return list(directory.iterdir())


async def test_a_port_that_is_taken_is_said_and_ends_the_process(
    web: WebProcess, database_url: str
) -> None:
    second = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "caesura.web", "--http", web.url.removeprefix("http://")),
        env={**os.environ, "CAESURA_DATABASE_URL": database_url},
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(20):
        _, said = await second.communicate()
    assert second.returncode != 0
    assert b"address already in use" in said
