"""People who are signed in, as their browsers ask."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI
from tests.postgres.desks import cells_live

from caesura.store import session, user
from caesura.store.database import Database
from caesura.web.app import create_app
from caesura.web.caller import COOKIE


@asynccontextmanager
async def signed_in(
    database: Database, name: str, app: FastAPI | None = None, *, own_password: bool = True
) -> AsyncIterator[httpx.AsyncClient]:
    """A client with the session of a user, in this process."""
    transport = httpx.ASGITransport(app or create_app(database))
    async with httpx.AsyncClient(transport=transport, base_url="http://test/api/v1") as client:
        await sign_in(database, name, client, own_password=own_password)
        yield client


async def sign_in(
    database: Database, name: str, client: httpx.AsyncClient, *, own_password: bool = True
) -> None:
    """Give the client a session, without the password's being asked for."""
    async with database.transaction() as conn:
        found = await user.find(conn, name)
        assert found is not None
        if own_password:
            await user.set_password(conn, found["id"], found["password_hash"], must_change=False)
        token = await session.begin(conn, found["id"])
        begun = await session.find(conn, token)
    assert begun is not None
    client.cookies.set(COOKIE, token)
    client.headers["X-CSRF-Token"] = begun.csrf_token


async def begin_shift(database: Database, page: httpx.AsyncClient) -> None:
    """As a page does: again where it is told to, since we may be slower than cells give signs."""
    for _ in range(20):
        await cells_live(database)
        begun = await page.post("/desk")
        if begun.status_code != 409:
            break
    assert begun.status_code == 200, begun.text
