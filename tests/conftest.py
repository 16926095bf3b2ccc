"""Fixtures for every test: a real PostgreSQL, and a fresh migrated database for each test."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from caesura.store.database import Database
from caesura.store.embedded import EmbeddedPostgres
from caesura.store.migrations import migrate

TEMPLATE = f"caesura_template_{os.getpid()}"
_numbers = itertools.count(1)

# pytest --hypothesis-profile=ci: the same examples in every run, on machines of any speed.
settings.register_profile("ci", deadline=None, derandomize=True)
settings.register_profile("busy", deadline=None)  # the machine has other things to do
settings.load_profile("busy")


def pytest_addoption(parser: pytest.Parser) -> None:
    """For tests/simulation, tests/mutations and tests/faults."""
    parser.addoption("--histories", type=int, default=2000, help="how many histories to simulate")
    parser.addoption("--seed", type=int, default=None, help="simulate this history only")
    parser.addoption("--until-broken", action="store_true", help="no further than a broken history")
    parser.addoption("--postgres", help="URL of a server that a session of ours has started")
    parser.addoption("--fault-minutes", type=float, default=5, help="how long real faults last")


def _with_database(url: str, name: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{name}"))


# With `pytest -n 2 --dist loadscope`, as `make test` does: what is in one group runs in one worker,
# one after another, and the groups begin in this order. Those that reckon on all cores, and give
# way to others (`nice`), stand beside the one that lasts; those that look at the clock (browser,
# SIP, RTP) come then, so that two of a kind never run side by side.
GROUPS = {
    "tests/faults": "faults",
    "tests/simulation": "simulation",
    "tests/mutations": "mutations",
    "tests/model": "model",
    "tests/browser": "browser",
    "tests/whole": "whole",
    "tests/peers/test_serve.py": "programs",
    "tests/peers/test_cli.py": "programs",
    "tests/peers": "peers",
}


def group_of(path: str) -> str | None:
    """The group of a test by its path from the root, None where it may run anywhere."""
    return next((name for start, name in GROUPS.items() if path.startswith(start)), None)


class ByGroup(LoadScopeScheduling):
    """Hands out whole groups, and every other test by itself."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid) or nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByGroup:
    """Not by marks: from pytest 9.2 on, xdist 3.8 forgets the group of a mark on the way."""
    return ByGroup(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The groups first, the long ones before the others."""
    order = list(dict.fromkeys(GROUPS.values()))
    places = []
    for item in items:
        group = group_of(item.nodeid)
        places.append((order.index(group) if group else len(order), len(places)))
    items[:] = [items[place] for _, place in sorted(places)]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What tests have to tell also when they pass: `record_property("told", text)`."""
    for report in terminalreporter.getreports("passed"):
        for name, text in report.user_properties:
            if name == "told":
                terminalreporter.section(report.nodeid.split("::")[-1])
                terminalreporter.write_line(text)


@pytest.fixture(scope="session")
def postgres_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A real PostgreSQL server for the session, with a database that is migrated: `TEMPLATE`."""
    if (theirs := request.config.getoption("--postgres")) is not None:
        # A template of our own all the same: our migrations may be others (tests/mutations).
        _make_template(theirs)
        yield theirs
        return
    # Durability is not what these tests test; tests/faults run with the defaults.
    options = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    with (
        tempfile.TemporaryDirectory(prefix="caesura-pg-") as directory,
        EmbeddedPostgres(Path(directory), options=options) as admin,
    ):
        _make_template(admin)
        yield admin


def _make_template(admin: str) -> None:
    with psycopg.connect(admin, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {TEMPLATE}")
    migrate(_with_database(admin, TEMPLATE))


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
    name = f"caesura_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(postgres_url, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    yield _with_database(postgres_url, name)
    with psycopg.connect(postgres_url, autocommit=True) as conn:
        conn.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open pool on a fresh database."""
    async with Database(database_url) as database:
        yield database
