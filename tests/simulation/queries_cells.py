"""lease.sql, configuration.sql, and desk.sql where nobody sits. See queries.py."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tests.simulation.postgres import Row, Server, Transaction
from tests.simulation.queries_lifecycle import Lifecycle

_TRUNK = {
    "host": "127.0.0.1",
    "port": 5060,
    "username": None,
    "password": None,
    "register": False,
    "max_channels": None,
    "max_cps": None,
    "options_interval_s": 0.0,
    "enabled": True,
}


class Cells:
    """See the module."""

    server: Server

    # ----------------------------------------------------------------- desk.sql

    async def desk__take(self, tx: Transaction, p: Row) -> list[Row]:
        return []

    async def desk__cell_is_gone(self, tx: Transaction, p: Row) -> None:
        pass

    # ---------------------------------------------------------------- lease.sql

    async def lease__register(self, tx: Transaction, p: Row) -> None:
        now = self.server.now()
        tx.add("cell", p["cell"], id=p["cell"], node=p["node"], seen_at=now, gone_at=None)

    async def lease__heartbeat(self, tx: Transaction, p: Row) -> None:
        await tx.lock(("cell", p["cell"]))
        tx.put("cell", p["cell"], seen_at=self.server.now(), gone_at=None)

    async def lease__unregister(self, tx: Transaction, p: Row) -> None:
        await tx.lock(("cell", p["cell"]))
        tx.put("cell", p["cell"], gone_at=self.server.now())

    async def lease__tell_of_journal(self, tx: Transaction, p: Row) -> None:
        await tx.lock(("cell", p["cell"]))
        tx.put("cell", p["cell"], journal_waiting=p["waiting"])

    def _gives_right(self, tx: Transaction, cell: UUID) -> None:
        """For the judge: the cell has, from this statement on, a right that it did not have."""
        at = tx.statement_at
        tx.after_commit.append(lambda: self.server.rights.update({cell: at}))

    async def lease__acquire(self, tx: Transaction, p: Row) -> list[Row]:
        cell, given = p["cell"], []
        free = await tx.choose(
            "campaign",
            lambda c, r: r["state"] == "running" and tx.get("lease", (c, cell)) is None,
            alone=False,
        )
        for campaign, row in free:
            await tx.lock(("lease", (campaign, cell)))
            if tx.get("lease", (campaign, cell)) is not None:
                continue  # ON CONFLICT DO NOTHING
            now = self.server.now()
            values = {"epoch": row["epoch"], "acquired_at": now}
            tx.put("lease", (campaign, cell), **values, revoked=False, renewed_at=now)
            self._gives_right(tx, cell)
            alive = sorted(k for k, r in tx.rows("cell") if not self._is_silent(r, p["silent_for"]))
            among = sorted({*alive, cell})
            share = {"cells": len(among), "rank": among.index(cell)}
            given.append({"campaign": campaign, **values, **share, **self._since(row)})
        return given

    def _since(self, campaign: Row | None) -> Row:
        resumed_at = campaign["resumed_at"] if campaign else None
        ago = None if resumed_at is None else (self.server.now() - resumed_at).total_seconds()
        return {"resumed_s": ago}

    async def lease__renew(self, tx: Transaction, p: Row) -> list[Row]:
        cell, given = p["cell"], []
        for key, row in await tx.choose("lease", lambda k, r: k[1] == cell and not r["revoked"]):
            tx.put("lease", key, renewed_at=self.server.now())
            self._gives_right(tx, cell)
            cells = sorted(k[1] for k, r in tx.rows("lease") if k[0] == key[0] and not r["revoked"])
            given.append(
                {
                    "campaign": key[0],
                    "epoch": row["epoch"],
                    "acquired_at": row["acquired_at"],
                    "cells": len(cells),
                    "rank": cells.index(cell),
                    **self._since(tx.get("campaign", key[0])),
                }
            )
        return given

    async def lease__revoked(self, tx: Transaction, p: Row) -> list[Row]:
        found = []
        for key, row in tx.rows("lease"):
            if key[1] == p["cell"] and row["revoked"]:
                receipt = Lifecycle.newest(tx, key[0])
                assert receipt is not None
                found.append(
                    {"campaign_id": key[0], "epoch": row["epoch"], "drain": receipt["drain"]}
                )
        return found

    def _is_silent(self, row: Row, silent_for: Any) -> bool:
        return row["gone_at"] is not None or abs(self.server.now() - row["seen_at"]) > silent_for

    async def lease__silent_cells(self, tx: Transaction, p: Row) -> list[Row]:
        holds = {key[1] for key, _ in tx.rows("lease")}
        holds |= {row["cell_id"] for _, row in tx.rows("lead")}
        holds |= {row["cell_id"] for _, row in tx.rows("attempt") if row["state"] != "ended"}
        return [
            row
            for key, row in tx.rows("cell")
            if key != p["cell"] and key in holds and self._is_silent(row, p["silent_for"])
        ]

    async def lease__last_signs(self, tx: Transaction, p: Row) -> list[Row]:
        found = []
        for cell in p["cells"]:
            row = tx.get("cell", cell)
            if row is not None:
                renewed = [r["renewed_at"] for k, r in tx.rows("lease") if k[1] == cell]
                found.append({**row, "renewed_at": max(renewed, default=None)})
        return found

    async def lease__lock_silent_cell(self, tx: Transaction, p: Row) -> list[Row]:
        row = tx.get("cell", p["gone"])
        if row is None or not self._is_silent(row, p["silent_for"]):
            return []
        return [row] if tx.locks_at_once(("cell", p["gone"])) else []

    async def lease__drop_leases_of(self, tx: Transaction, p: Row) -> None:
        def lapsed(key: Any, row: Row) -> bool:
            old = abs(self.server.now() - row["renewed_at"]) > p["ttl"]
            return bool(key[1] == p["gone"] and not row["revoked"] and old)

        for key, _ in await tx.choose("lease", lapsed):
            tx.drop("lease", key)

    async def lease__leases_of(self, tx: Transaction, p: Row) -> list[Row]:
        held = [r for k, r in tx.rows("lease") if k[1] == p["gone"] and not r["revoked"]]
        return [{"n": len(held)}]

    async def lease__mark_gone(self, tx: Transaction, p: Row) -> None:
        row = tx.get("cell", p["gone"])
        assert row is not None
        tx.put("cell", p["gone"], gone_at=row["gone_at"] or self.server.now())
        self.server.counts["a cell was taken over"] += 1

    async def lease__return_claimed(self, tx: Transaction, p: Row) -> None:
        for key, _ in await tx.choose(
            "lead", lambda _, r: r["cell_id"] == p["gone"] and r["state"] == "claimed"
        ):
            tx.put("lead", key, state="due", cell_id=None)

    async def lease__open_attempts_of(self, tx: Transaction, p: Row) -> list[Row]:
        found = []
        for key, row in await tx.choose(
            "attempt", lambda _, r: r["cell_id"] == p["gone"] and r["state"] != "ended"
        ):
            await tx.lock(("lead", row["lead_id"]))
            lead = tx.get("lead", row["lead_id"])
            assert lead is not None
            found.append({**lead, **row, "id": key})
        return found

    # -------------------------------------------------------- configuration.sql

    async def configuration__campaign(self, tx: Transaction, p: Row) -> list[Row]:
        row = tx.get("campaign", p["campaign"])
        return [] if row is None else [{**Lifecycle.current(tx, p["campaign"]), **row}]

    async def configuration__trunks(self, _tx: Transaction, _p: Row) -> list[Row]:
        return [{"name": "first", **_TRUNK}, {"name": "second", **_TRUNK}]

    async def provider__all(self, _tx: Transaction, _p: Row) -> list[Row]:
        return []

    async def configuration__cells(self, tx: Transaction, p: Row) -> list[Row]:
        alive = [r for _, r in tx.rows("cell") if not self._is_silent(r, p["silent_for"])]
        return sorted(alive, key=lambda row: row["id"])

    async def configuration__sound(self, _tx: Transaction, p: Row) -> list[Row]:
        return [{"sha256": p["name"], "pcmu": b"", "pcma": b""}]

    async def configuration__trunk_health(self, _tx: Transaction, _p: Row) -> None:
        """Only people look at it."""
