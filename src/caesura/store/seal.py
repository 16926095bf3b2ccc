"""The chain of sealed receipts: read, checked against what the tables say now, and its figure.

The sealing itself is the database's (migration 0004). docs/receipts.md describes the chain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from caesura.rules.promise import PAUSES, PauseTimes, Promise, promise
from caesura.rules.receipt import ChainCheck, Finding, Seal, differences
from caesura.store.database import Connection, Database, one, queries, rows

_SQL = queries("receipt")
_AT_ONCE = 500  # seals read and checked in one go


@dataclass(frozen=True)
class Verification:
    """What came of checking the whole chain."""

    receipts: int
    seals: int
    digest: str  # of the last seal: to be noted elsewhere
    findings: list[Finding]


async def page(conn: Connection, *, after: int | None, limit: int) -> list[dict[str, Any]]:
    """Seals behind the sequence number `after`, in the order of the sealing."""
    return await rows(conn, _SQL["seals"], {"after": after or 0, "limit": limit})


async def verify(database: Database, noted: str | None = None) -> Verification:
    """Check every seal, and every receipt against its seals, as of one moment.

    `noted` is a digest that the chain once had.
    """
    check = ChainCheck(noted)
    findings: list[Finding] = []
    async with database.transaction() as conn:
        await conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        while found := await page(conn, after=check.sequence, limit=_AT_ONCE):
            says = await _say_now(conn, [row["sequence"] for row in found])
            for row in found:
                seal = Seal(**row)
                findings += check.check(seal)
                findings += differences(seal, says[seal.sequence])
        for row in await rows(conn, _SQL["unsealed"]):
            what = f"the {row['part']} of receipt {row['id']} has no seal"
            findings.append(Finding(None, row["id"], what))
        findings += await _end(conn, check)
    findings += check.ended()
    return Verification(check.receipts, check.seals, check.digest, findings)


async def _say_now(conn: Connection, sequences: list[int]) -> dict[int, dict[str, Any] | None]:
    found = await rows(conn, _SQL["says"], {"sequences": sequences})
    return {row["sequence"]: row["now"] for row in found}


async def _end(conn: Connection, check: ChainCheck) -> list[Finding]:
    head = await one(conn, _SQL["head"])
    if head is None:
        return [Finding(None, None, "where the chain ends is not on record any more")]
    if (head["sequence"], head["digest"]) == (check.sequence, check.digest):
        return []
    what = f"the last seal is {check.sequence}, but {head['sequence']} is on record as the last"
    if head["sequence"] == check.sequence:
        what = f"the last seal, {check.sequence}, has another digest than is on record"
    return [Finding(None, None, what)]


async def figure(conn: Connection) -> Promise:
    """The published figure, over the last pauses of this installation."""
    found = await rows(conn, _SQL["last_pauses"], {"limit": PAUSES})
    return promise(
        [
            PauseTimes(
                requested_at=row["requested_at"],
                last_launch_at=row["last_launch_at"],
                confirmed_at=row["confirmed_at"],
                by_expiry=row["confirmed_by"] == "expiry",
            )
            for row in found
        ]
    )
