"""Fixtures for every test: a real PostgreSQL, and a fresh migrated database for each test."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from hypothesis import settings

from caesura.store.database import Database, migrate
from caesura.store.embedded import EmbeddedPostgres

_numbers = itertools.count(1)

# pytest --hypothesis-profile=ci: the same examples in every run, on machines of any speed.
settings.register_profile("ci", deadline=None, derandomize=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    """For tests/simulation and tests/faults."""
    parser.addoption("--histories", type=int, default=300, help="how many histories to simulate")
    parser.addoption("--seed", type=int, default=None, help="simulate this history only")
    parser.addoption("--fault-minutes", type=float, default=5, help="how long real faults last")


def _with_database(url: str, name: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{name}"))


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL server for the session; the database named in it is a migrated template."""
    # Durability is not what these tests test; tests/faults run with the defaults.
    options = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    with (
        tempfile.TemporaryDirectory(prefix="caesura-pg-") as directory,
        EmbeddedPostgres(Path(directory), options=options) as admin,
    ):
        with psycopg.connect(admin, autocommit=True) as conn:
            conn.execute("CREATE DATABASE caesura_template")
        migrate(_with_database(admin, "caesura_template"))
        yield admin


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A directory below one that every account may pass.

    Not tmp_path: as root, PostgreSQL runs under another account, and each start of pytest shuts
    the directory above all tmp_paths again.
    """
    with tempfile.TemporaryDirectory(prefix="caesura-data-") as directory:
        yield Path(directory)


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
