"""What a manager must see on whatever page: a cell whose results wait, or no longer fit."""

from __future__ import annotations

from uuid import uuid4

import psycopg
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.world import World

# A cell of another machine: the one that runs here would write what is true of itself.
CELL = uuid4()


def _says(caesura: World, *, waiting: int, kept: int, full: bool) -> None:
    """As a cell itself writes it down (tests/postgres/test_spool.py)."""
    with psycopg.connect(str(caesura.node.database_url), autocommit=True) as conn:
        conn.execute(
            "INSERT INTO cell (id, node, journal_waiting, spool_bytes, spool_full)"
            " VALUES (%s, 'elsewhere', %s, %s, %s) ON CONFLICT (id) DO UPDATE SET"
            " journal_waiting = excluded.journal_waiting, spool_bytes = excluded.spool_bytes,"
            " spool_full = excluded.spool_full, seen_at = clock_timestamp()",
            [CELL, waiting, kept, full],
        )


def test_results_that_are_not_stored_are_told_on_every_page(
    caesura: World, open_page: Open
) -> None:
    page = open_page("/lists")
    alarm = page.get_by_role("alert").filter(has_text="disk of")
    waits = page.get_by_role("alert").filter(has_text="wait on its disk")
    _says(caesura, waiting=1234, kept=5000, full=True)
    expect(alarm).to_contain_text("1,234 wait")
    _says(caesura, waiting=12, kept=500, full=False)
    expect(waits).to_contain_text("12 results")
    _says(caesura, waiting=0, kept=0, full=False)
    expect(waits).to_have_count(0)
    expect(alarm).to_have_count(0)
