"""API keys: shown once, kept as a digest, ended at once."""

from __future__ import annotations

import pytest

from caesura.errors import Conflict, NotFound
from caesura.store import api_key
from caesura.store.database import Database, rows


async def test_a_key_acts_under_its_name(database: Database) -> None:
    async with database.transaction() as conn:
        dana = await api_key.create(conn, "dana")
        robin = await api_key.create(conn, "robin")
        assert await api_key.actor_of(conn, dana) == "dana"
        assert await api_key.actor_of(conn, robin) == "robin"


async def test_what_is_no_key_acts_as_nobody(database: Database) -> None:
    async with database.transaction() as conn:
        key = await api_key.create(conn, "dana")
        for wrong in ("", key[:-1], key + "x", key.upper()):
            assert await api_key.actor_of(conn, wrong) is None


async def test_the_table_does_not_hold_the_key(database: Database) -> None:
    async with database.transaction() as conn:
        key = await api_key.create(conn, "dana")
        (row,) = await rows(conn, "SELECT api_key::text AS everything FROM api_key")
        assert key not in row["everything"]
        assert key.encode().hex() not in row["everything"]


async def test_a_revoked_key_acts_as_nobody_and_its_name_is_not_given_again(
    database: Database,
) -> None:
    async with database.transaction() as conn:
        key = await api_key.create(conn, "dana")
        await api_key.revoke(conn, "dana")
        await api_key.revoke(conn, "dana")
        assert await api_key.actor_of(conn, key) is None
        (kept,) = await api_key.list_keys(conn)
        assert (kept.name, kept.revoked_at is not None) == ("dana", True)
        with pytest.raises(Conflict, match="dana"):
            await api_key.create(conn, "dana")


async def test_a_key_that_is_not_there_cannot_be_revoked(database: Database) -> None:
    async with database.transaction() as conn:
        with pytest.raises(NotFound):
            await api_key.revoke(conn, "nobody")
