"""How a cell's journal and spool are doing, for people and for Prometheus."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import httpx

from caesura.store import lease
from caesura.store.database import Database
from caesura.store.lease import JournalState


async def test_a_full_spool_is_shown_with_its_cell_and_in_the_metrics(
    http: httpx.AsyncClient, database: Database
) -> None:
    cell = uuid4()
    async with database.transaction() as conn:
        await lease.register(conn, cell, "north")
    (shown,) = (await http.get("/cells")).json()["items"]
    assert (shown["journal_waiting"], shown["spool_bytes"], shown["spool_full"]) == (0, 0, False)
    assert shown["spool_filled_at"] is None
    filled_at = datetime(2026, 11, 23, 14, 2, tzinfo=UTC)
    async with database.transaction() as conn:
        await lease.tell_of_journal(conn, cell, JournalState(7, 900, True, filled_at))
    (shown,) = (await http.get("/cells")).json()["items"]
    assert (shown["journal_waiting"], shown["spool_bytes"], shown["spool_full"]) == (7, 900, True)
    assert shown["spool_filled_at"] == "2026-11-23T14:02:00Z"
    metrics = (await http.get("/metrics")).text
    assert 'caesura_cell_spool_full{node="north"} 1.0' in metrics
    assert 'caesura_cell_spool_bytes{node="north"} 900.0' in metrics
    assert 'caesura_cell_journal_waiting{node="north"} 7.0' in metrics
