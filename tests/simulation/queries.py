"""What the simulated PostgreSQL can be asked: the queries of caesura.store, by file and name.

The code of caesura.store runs unchanged; only its SQL is replaced. `lifecycle.sql`'s query `pause`
would be the method `lifecycle__pause` here: it does the same to the tables of postgres.py. What the
real SQL does is tested in tests/postgres; here the order of things is. A query that a cell or a
manager comes to ask and that is missing here ends the test with `NotSimulated`, which says so.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tests.simulation.queries_cells as cells
import tests.simulation.queries_holds as holds
import tests.simulation.queries_leads as leads
import tests.simulation.queries_lifecycle as lifecycle
from tests.simulation.postgres import Row, Rows, Transaction

from caesura.store import database


class NotSimulated(Exception):
    def __init__(self, name: str) -> None:
        file, query = name.split(".")
        super().__init__(
            f"caesura.store asks the query {query!r} of sql/{file}.sql, which the simulated "
            f"PostgreSQL does not know: give it a method {file}__{query} in "
            "tests/simulation/queries_*.py that does the same to its tables"
        )


class Queries(lifecycle.Lifecycle, leads.Leads, holds.Holds, cells.Cells):
    """See the module."""

    async def ask(self, tx: Transaction, name: str, params: Any) -> Rows:
        found = await getattr(self, method(name))(tx, params or {})
        if found is None:
            return Rows([], 0)
        return found if isinstance(found, Rows) else Rows([dict(row) for row in found], len(found))

    async def silence__acknowledge(self, tx: Transaction, p: Row) -> None:
        for campaign in sorted(p["campaigns"]):
            await self._lock(tx, campaign)
        await self.call__not_launched(tx, p)
        await self.claim__release(tx, p)
        await self._acknowledge(tx, p)


def method(name: str) -> str:
    return name.replace(".", "__")


def is_simulated(name: str) -> bool:
    return hasattr(Queries, method(name))


def _names() -> dict[str, str]:
    """Of each SQL text of the store, its file and name."""
    files = sorted((Path(database.__file__).parent / "sql").glob("*.sql"))
    return {
        text: f"{file.stem}.{name}"
        for file in files
        for name, text in database.queries(file.stem).items()
    }


NAMES = _names()
