"""The application on a real, fresh database, asked in-process by an httpx client with a key."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.postgres.web.process import WebProcess, web_process

from caesura.store import api_key
from caesura.store.database import Database
from caesura.web.app import create_app

KEY_NAME = "test key"


@pytest.fixture
async def key(database: Database) -> str:
    async with database.transaction() as conn:
        return await api_key.create(conn, KEY_NAME)


@pytest.fixture
async def anonymous(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a key."""
    app = create_app(database)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test/api/v1") as client:
        yield client


@pytest.fixture
async def web(database_url: str, tmp_path: Path) -> AsyncIterator[WebProcess]:
    """The process itself, on a port of its own."""
    async with web_process(database_url, tmp_path) as process:
        yield process


@pytest.fixture
async def http(anonymous: httpx.AsyncClient, key: str) -> httpx.AsyncClient:
    """A client with a key."""
    anonymous.headers["Authorization"] = f"Bearer {key}"
    return anonymous


@pytest.fixture
async def make_list(database: Database) -> Callable[..., Awaitable[None]]:
    """Writes a ready list of contacts, each given by its numbers."""

    async def make(name: str, contacts: list[list[str]]) -> None:
        async with database.transaction() as conn:
            cursor = await conn.execute(
                "INSERT INTO contact_list (name, state, contacts, created_by) "
                "VALUES (%s, 'ready', %s, 'test') RETURNING id",
                (name, len(contacts)),
            )
            row = await cursor.fetchone()
            assert row is not None
            for line, phones in enumerate(contacts, start=2):
                await conn.execute(
                    "INSERT INTO contact (list_id, line, phones, zones) VALUES (%s, %s, %s, %s)",
                    (row["id"], line, phones, ["America/Chicago"] * len(phones)),
                )

    return make


@pytest.fixture
async def make_campaign(
    http: httpx.AsyncClient, database: Database, make_list: Callable[..., Awaitable[None]]
) -> Callable[..., Awaitable[dict[str, Any]]]:
    """Creates a campaign through the API that could be started: list, trunk, number, message."""

    async def make(name: str = "Spring", leads: int = 3) -> dict[str, Any]:
        async with database.transaction() as conn:
            await conn.execute(
                "INSERT INTO recording (name, sha256, duration_ms, pcmu, pcma, created_by) "
                "VALUES ('hello', 'x', 1000, '\\xff', '\\xd5', 'test') ON CONFLICT DO NOTHING"
            )
        await http.post("/trunks", json={"name": "carrier", "host": "127.0.0.1", "port": 5070})
        await http.post("/numbers", json={"number": "+14155550100"})
        contacts = [[f"+1312555{number:04d}"] for number in range(leads)]
        await make_list(f"list of {name}", contacts)
        answer = await http.post(
            "/campaigns",
            json={
                "name": name,
                "lists": [f"list of {name}"],
                "settings": {
                    "message": {"recording": "hello"},
                    "trunks": ["carrier"],
                    "calling_numbers": ["+14155550100"],
                },
            },
        )
        assert answer.status_code == 201, answer.text
        view: dict[str, Any] = answer.json()
        return view

    return make
