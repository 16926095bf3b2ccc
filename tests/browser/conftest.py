"""Debian's Chromium on a whole Caesura: one node for all tests."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.world import Manager, World, world
from tests.conftest import TEMPLATE
from tests.peers.practice import practice_carrier
from tests.whole.node import running_node

CHROMIUM = "/usr/bin/chromium"
_FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}

# Only failures wait so long; generous, as the machine may be busy with other tests.
_PATIENCE_MS = 20_000
expect.set_options(timeout=_PATIENCE_MS)

Open = Callable[..., Page]


def picture(page: Page, name: str) -> None:
    """For a designer's eye, where somebody wants to look: CAESURA_TEST_PICTURES=directory."""
    if directory := os.environ.get("CAESURA_TEST_PICTURES"):
        page.wait_for_timeout(800)  # charts draw, dialogs fade in
        page.screenshot(path=Path(directory) / f"{name}.png", full_page=True)


def database_of(postgres_url: str) -> str:
    """The URL of the node's database."""
    server, _, name = postgres_url.rpartition("/")
    query = name.partition("?")[2]
    return f"{server}/browser" + (f"?{query}" if query else "")


@pytest.fixture(scope="package")
def caesura(postgres_url: str) -> Iterator[World]:
    """A node with its carrier and campaigns, for the whole session."""
    with psycopg.connect(postgres_url, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE browser TEMPLATE {TEMPLATE}")
    database = database_of(postgres_url)
    with tempfile.TemporaryDirectory(prefix="caesura-browser-") as directory:
        place = Path(directory)
        with (
            practice_carrier(place, "--answer=0.5", "--talk-s=20") as carrier,
            running_node(place / "node", database) as node,
        ):
            made = world(node, carrier.address, place)
            yield made
            made.dana.close()
            made.eli.close()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS.split())
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser, caesura: World) -> Iterator[Open]:
    """Opens a page as a manager; what the browser complains about fails the test."""
    contexts = []
    complaints: list[str] = []

    def open_page(
        path: str = "/campaigns",
        *,
        by: Manager | None = None,
        size: dict[str, int] = WIDE,
        theme: str = "light",
        signed_in: bool = True,
    ) -> Page:
        context = browser.new_context(
            viewport=size,  # type: ignore[arg-type]
            color_scheme=theme,  # type: ignore[arg-type]
            timezone_id="Europe/Berlin",
            locale="en-US",
            reduced_motion="reduce",
        )
        contexts.append(context)
        if signed_in:
            context.add_cookies((by or caesura.dana).cookies())  # type: ignore[arg-type]
        page = context.new_page()
        page.set_default_timeout(_PATIENCE_MS)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(caesura.url + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def spring(caesura: World) -> str:
    """The path of a campaign that runs with calls on the wire."""
    caesura.run("spring")
    return f"/campaigns/{caesura.dana.campaign('spring')['id']}"
