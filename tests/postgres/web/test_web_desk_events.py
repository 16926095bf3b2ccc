"""The desk's live stream, over a socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import psycopg
import pytest
from tests.postgres.desks import Cell, assign, at_work, make_agent, open_shift, shows
from tests.postgres.material import dialable, make_campaign, make_cell
from tests.postgres.web.people import begin_shift, sign_in
from tests.postgres.web.process import Stream, WebProcess, served

from caesura.rules.floor import order
from caesura.rules.floor.desk import Presence
from caesura.store import agent, desk, lifecycle
from caesura.store.database import Database, connect


@pytest.fixture
async def page(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """Ann's browser."""
    await make_agent(database, "Ann")
    async with (
        served(database) as url,
        httpx.AsyncClient(base_url=f"{url}/api/v1", timeout=20) as client,
    ):
        await sign_in(database, "Ann", client)
        yield client


@asynccontextmanager
async def follow(page: httpx.AsyncClient) -> AsyncIterator[Stream]:
    async with page.stream("GET", "/desk/events") as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        yield Stream(response)


async def next_desk(stream: Stream, within_s: float = 5) -> Any:
    kind, data, _ = await stream.next(within_s)
    assert kind == "desk"
    return data


async def ann(database: Database) -> int:
    async with database.transaction() as conn:
        return await agent.id_of(conn, "Ann")


async def test_the_stream_begins_with_the_desk_and_goes_on_with_what_the_cell_says(
    page: httpx.AsyncClient, database: Database
) -> None:
    cell = await make_cell(database, leases=False)
    me = await ann(database)
    async with follow(page) as stream:
        first = await next_desk(stream)
        assert (first["presence"], first["agent"]["name"]) == ("offline", "Ann")
        other = await make_agent(database, "Ben")
        await open_shift(database, other)
        await shows(database, cell, other, Presence.BREAK, reason="not Ann's")
        await open_shift(database, me)
        assert (await next_desk(stream))["presence"] == "available"
        await shows(database, cell, me, Presence.BREAK, reason="lunch")
        view = await next_desk(stream)
        assert (view["presence"], view["reason"]) == ("break", "lunch")
        assert view == (await page.get("/desk")).json()
        async with database.transaction() as conn:
            await desk.cell_is_gone(conn, cell)
        assert (await next_desk(stream))["on_shift"] is False


async def test_a_pause_and_an_assignment_are_on_the_page_at_once(
    page: httpx.AsyncClient, database: Database
) -> None:
    campaign = await make_campaign(
        database, contacts=[("+13125550100", "America/Chicago")], settings=await dialable(database)
    )
    async with follow(page) as stream:
        assert (await next_desk(stream))["campaigns"] == []
        await assign(database, campaign, "Ann")
        view = await next_desk(stream)
        assert [each["status"] for each in view["campaigns"]] == ["draft"]
        await lifecycle.start(database, campaign, actor="test")
        assert (await next_desk(stream))["campaigns"][0]["status"] == "running"
        await lifecycle.pause(database, campaign, actor="Dana", reason="script wrong")
        told = (await next_desk(stream))["campaigns"][0]
        assert told["status"] in ("pausing", "paused")
        assert (told["pause"]["by"], told["pause"]["reason"]) == ("Dana", "script wrong")


async def test_the_stream_outlives_the_loss_of_its_database_connection(
    page: httpx.AsyncClient, database: Database, database_url: str
) -> None:
    cell = Cell(await make_cell(database, leases=False))
    me = await ann(database)
    async with at_work(database, cell), follow(page) as stream:
        await next_desk(stream)
        await begin_shift(database, page)
        assert (await next_desk(stream))["presence"] == "available"
        with psycopg.connect(database_url, autocommit=True) as conn:
            ended = conn.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND query LIKE 'LISTEN%'"
            ).fetchone()
            assert ended == (2,)  # who listen for campaigns, and for desks
            # Changed while nobody listens: found out when the connection is back.
            conn.execute("UPDATE desk SET presence = 'break', reason = 'lunch'")
        assert (await next_desk(stream, within_s=8))["reason"] == "lunch"
        await shows(database, cell.id, me, Presence.AVAILABLE)
        assert (await next_desk(stream))["presence"] == "available"
        assert (await page.post("/desk/skip")).status_code == 200


async def test_a_retired_agents_stream_ends(page: httpx.AsyncClient, database: Database) -> None:
    async with follow(page) as stream:
        await next_desk(stream)
        async with database.transaction() as conn:
            await agent.change(conn, "Ann", skills=None, retired=True)
        assert await stream.ends()
    assert (await page.get("/desk/events")).status_code == 403


async def test_the_server_stops_within_two_seconds_while_an_agent_waits(
    web: WebProcess, database: Database
) -> None:
    await make_agent(database, "Ann")
    silent = Cell(await make_cell(database, leases=False))
    async with httpx.AsyncClient(base_url=f"{web.url}/api/v1", timeout=20) as page:
        await sign_in(database, "Ann", page)
        await begin_shift(database, page)
        async with await connect(database.url) as listening, follow(page) as stream:
            await listening.execute("LISTEN desk_order")
            await next_desk(stream)
            waiting = asyncio.create_task(page.post("/desk/skip"))
            heard = [n.payload async for n in listening.notifies(stop_after=1, timeout=10)]
            assert heard == [str(silent.id)]
            stopping = asyncio.create_task(web.stop())
            assert (await waiting).status_code == 503
            assert await stream.ends()
            assert await stopping < 2
    async with database.transaction() as conn:
        assert [each.what for each in await desk.take(conn, silent.id)] == [order.Open()]
