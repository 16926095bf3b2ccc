"""What the simulated PostgreSQL can be asked.

Each public method does what the function of the same name in caesura.store does, as one statement.
The real SQL is tested in tests/postgres; here the order of things is.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from tests.simulation.postgres import Row, Server, Transaction

from caesura.rules.campaign import LIFECYCLE, CampaignState, Transition
from caesura.rules.claim import ClaimedLead, NumberFacts, PutOff, Tally
from caesura.store.claim import Claimed
from caesura.store.lease import LEASE_TTL, SILENT_FOR, Acquired, Lease, Revoked


def _moves(row: Row, transition: Transition) -> CampaignState:
    return LIFECYCLE[CampaignState(row["state"]), transition]


class Statements:
    """See the module. `tx` is the transaction, the rest as in caesura.store."""

    def __init__(self, server: Server) -> None:
        self._server = server

    # ------------------------------------------------------------ lifecycle

    def _move(self, tx: Transaction, cid: int, transition: Transition) -> Row:
        row = tx.get("campaign", cid)
        assert row is not None
        state = _moves(row, transition).value
        tx.put("campaign", cid, state=state, epoch=row["epoch"] + 1)
        tx.notices.append({"id": cid, "state": state, "epoch": row["epoch"] + 1})
        after = tx.get("campaign", cid)
        assert after is not None
        return after

    def _standing(self, tx: Transaction, cid: int) -> tuple[int, Row] | None:
        found = [(k, r) for k, r in tx.rows("receipt") if r["campaign"] == cid]
        return max(found, key=lambda one: one[1]["epoch"], default=None)

    async def pause(self, tx: Transaction, cid: int) -> int | None:
        await tx.lock(("campaign", cid))
        row = tx.get("campaign", cid)
        assert row is not None
        standing = self._standing(tx, cid)
        if row["state"] in ("pausing", "paused") and standing:
            return standing[0]
        if (CampaignState(row["state"]), Transition.PAUSE) not in LIFECYCLE:
            return None
        for key, _ in await tx.choose("lease", lambda k, _: k[0] == cid):
            tx.put("lease", key, revoked=True)
        receipt = len(self._server.tables["receipt"]) + 1
        await tx.lock(("receipt", receipt))
        tx.put(
            "receipt",
            receipt,
            campaign=cid,
            epoch=row["epoch"] + 1,
            confirmed=False,
            drain=row["drain"],
            before=row["digest"],
            after=None,
        )
        self._move(tx, cid, Transition.PAUSE)
        await self._seal_if_silent(tx, cid)
        return receipt

    async def resume(self, tx: Transaction, cid: int) -> bool:
        await tx.lock(("campaign", cid))
        row = tx.get("campaign", cid)
        if row is None or row["state"] != "paused":
            return False
        self._move(tx, cid, Transition.RESUME)
        return True

    async def confirmed(self, tx: Transaction, receipt: int) -> bool:
        row = tx.get("receipt", receipt)
        assert row is not None
        return bool(row["confirmed"])

    async def _seal_if_silent(self, tx: Transaction, cid: int) -> None:
        row = tx.get("campaign", cid)
        assert row is not None
        if any(key[0] == cid for key, _ in tx.rows("lease")) or row["state"] != "pausing":
            return
        for key, receipt in tx.rows("receipt"):
            if receipt["campaign"] == cid and not receipt["confirmed"]:
                await tx.lock(("receipt", key))
                tx.put("receipt", key, confirmed=True, after=row["digest"])
        self._move(tx, cid, Transition.CONFIRM)

    async def seal_by_expiry(self, tx: Transaction, cid: int, receipt: int) -> None:
        await tx.lock(("campaign", cid))
        row, standing = tx.get("campaign", cid), self._standing(tx, cid)
        if row is None or row["state"] != "pausing" or not standing or standing[0] != receipt:
            return
        for key, _ in await tx.choose("lease", lambda k, r: k[0] == cid and r["revoked"]):
            tx.drop("lease", key)
        await self._seal_if_silent(tx, cid)

    async def acknowledge_all(self, tx: Transaction, cell: UUID, parts: Iterable[Any]) -> None:
        parts = list(parts)
        await self.release(tx, cell, [lead for each in parts for lead in each.stock])
        await self.not_launched(tx, [one for each in parts for one in each.unlaunched])
        for cid in sorted(each.campaign for each in parts if each.part is not None):
            await tx.lock(("campaign", cid))
            mine = (cid, cell)
            for key, _ in await tx.choose("lease", lambda k, r, m=mine: k == m and r["revoked"]):
                tx.drop("lease", key)
            await self._seal_if_silent(tx, cid)

    async def passing(self, tx: Transaction) -> list[Row]:
        found = []
        for cid, row in tx.rows("campaign"):
            standing = self._standing(tx, cid)
            if row["state"] == "pausing" and standing:
                found.append({"id": cid, "epoch": row["epoch"], "receipt_id": standing[0]})
        return found

    async def drains(self, tx: Transaction, campaigns: Iterable[int]) -> dict[int, Any]:
        found = {}
        for cid in campaigns:
            row, standing = tx.get("campaign", cid), self._standing(tx, cid)
            if row is not None and standing and row["state"] in ("pausing", "paused"):
                found[cid] = standing[1]["drain"]
        return found

    async def complete(self, tx: Transaction, cid: int, epoch: int) -> bool:
        await tx.lock(("campaign", cid))
        row = tx.get("campaign", cid)
        if row is None or row["state"] != "running" or row["epoch"] != epoch:
            return False
        if any(r["state"] not in ("done", "excluded") for _, r in tx.rows("lead")):
            return False
        for key, _ in await tx.choose("lease", lambda k, _: k[0] == cid):
            tx.drop("lease", key)
        self._move(tx, cid, Transition.COMPLETE)
        return True

    # ---------------------------------------------------------------- lease

    async def register(self, tx: Transaction, cell: UUID, _node: str) -> None:
        await tx.lock(("cell", cell))
        tx.put("cell", cell, seen_at=self._server.now(), gone_at=None)

    async def heartbeat(self, tx: Transaction, cell: UUID) -> None:
        await tx.lock(("cell", cell))
        tx.put("cell", cell, seen_at=self._server.now(), gone_at=None)

    def _gives_right(self, tx: Transaction, cell: UUID) -> None:
        at = self._server.loop.time()
        tx.after_commit.append(lambda: self._server.rights.update({cell: at}))

    async def acquire(self, tx: Transaction, cell: UUID) -> list[Acquired]:
        given = []
        free = await tx.choose(
            "campaign",
            lambda cid, r: r["state"] == "running" and tx.get("lease", (cid, cell)) is None,
            alone=False,
        )
        for cid, row in free:
            await tx.lock(("lease", (cid, cell)))
            now = self._server.now()
            tx.put(
                "lease",
                (cid, cell),
                epoch=row["epoch"],
                revoked=False,
                acquired_at=now,
                renewed_at=now,
            )
            self._gives_right(tx, cell)
            given.append(Acquired(cid, row["epoch"], now))
        return given

    async def renew(self, tx: Transaction, cell: UUID) -> list[Lease]:
        given = []
        mine = await tx.choose("lease", lambda k, r: k[1] == cell and not r["revoked"])
        for key, row in mine:
            tx.put("lease", key, renewed_at=self._server.now())
            self._gives_right(tx, cell)
            cells = sorted(k[1] for k, r in tx.rows("lease") if k[0] == key[0] and not r["revoked"])
            given.append(
                Lease(key[0], row["epoch"], row["acquired_at"], len(cells), cells.index(cell))
            )
        return given

    async def revoked(self, tx: Transaction, cell: UUID) -> list[Revoked]:
        return [
            Revoked(k[0], r["epoch"], "finish_lawfully")
            for k, r in tx.rows("lease")
            if k[1] == cell and r["revoked"]
        ]

    def _seems_silent(self, row: Row) -> bool:
        return row["gone_at"] is not None or abs(self._server.now() - row["seen_at"]) > SILENT_FOR

    async def silent_cells(self, tx: Transaction, cell: UUID) -> list[UUID]:
        holds = {k[1] for k, _ in tx.rows("lease")}
        holds |= {r["cell"] for _, r in tx.rows("lead")}
        holds |= {r["cell"] for _, r in tx.rows("attempt") if r["state"] != "ended"}
        return [
            key
            for key, row in tx.rows("cell")
            if key != cell and key in holds and self._seems_silent(row)
        ]

    async def last_signs(self, tx: Transaction, cells: Iterable[UUID]) -> dict[UUID, object]:
        wanted = set(cells)
        return {
            key: (
                row["seen_at"],
                max((r["renewed_at"] for k, r in tx.rows("lease") if k[1] == key), default=None),
            )
            for key, row in tx.rows("cell")
            if key in wanted
        }

    async def take_over(self, tx: Transaction, gone: UUID) -> list[Row] | None:
        row = tx.get("cell", gone)
        if row is None or not self._seems_silent(row) or not tx.locks_at_once(("cell", gone)):
            return None

        def lapsed(key: Any, lease: Row) -> bool:
            old = abs(self._server.now() - lease["renewed_at"]) > LEASE_TTL
            return bool(key[1] == gone and not lease["revoked"] and old)

        for key, _ in await tx.choose("lease", lapsed):
            tx.drop("lease", key)
        if any(k[1] == gone and not r["revoked"] for k, r in tx.rows("lease")):
            return None
        tx.put("cell", gone, gone_at=row["gone_at"] or self._server.now())
        for key, _ in await tx.choose(
            "lead", lambda _, r: r["cell"] == gone and r["state"] == "claimed"
        ):
            tx.put("lead", key, state="due", cell=None)
        left = await tx.choose("attempt", lambda _, r: r["cell"] == gone and r["state"] != "ended")
        found = []
        for key, attempt in left:
            await tx.lock(("lead", attempt["lead"]))
            lead = tx.get("lead", attempt["lead"])
            assert lead is not None
            found.append(
                {
                    "id": key,
                    "campaign_id": attempt["campaign"],
                    "lead_id": attempt["lead"],
                    "answered_at": attempt["answered"],
                    "attempts": lead["attempts"],
                    "tries": lead["tries"],
                    "phone_index": 1,
                    "zones": ["UTC"],
                }
            )
        return found

    # ---------------------------------------------------------------- claim

    async def claim(
        self,
        tx: Transaction,
        cid: int,
        cell: UUID,
        *,
        zones: Any,
        limit: int,
        now: datetime,
        channel: str,
    ) -> Claimed:
        leads = []
        for key, row in sorted(tx.rows("lead")):
            if len(leads) == limit:
                break
            if row["campaign"] != cid or row["state"] != "due" or "UTC" not in zones:
                continue
            if tx.locks_at_once(("lead", key)):
                tx.put("lead", key, state="claimed", cell=cell)
                leads.append(
                    ClaimedLead(key, (row["phone"],), ("UTC",), 1, row["attempts"], row["tries"])
                )
        return Claimed(leads, await self.facts(tx, cid, [lead.phone for lead in leads], now))

    async def facts(
        self, tx: Transaction, _cid: int, phones: Iterable[str], _now: datetime, _channel: str
    ) -> dict[str, NumberFacts]:
        forbidden = self._server.forbidden
        return {phone: NumberFacts(phone in forbidden, 0, 0, None, None) for phone in phones}

    async def release(self, tx: Transaction, cell: UUID, leads: Iterable[int]) -> int:
        wanted = set(leads)
        found = await tx.choose(
            "lead", lambda k, r: k in wanted and r["state"] == "claimed" and r["cell"] == cell
        )
        for key, _ in found:
            tx.put("lead", key, state="due", cell=None)
        return len(found)

    async def wait_for(self, tx: Transaction, leads: Iterable[int]) -> None:
        for key in sorted(leads):
            await tx.lock(("lead", key))

    async def release_others(
        self, tx: Transaction, cid: int, cell: UUID, known: Iterable[int]
    ) -> int:
        kept = set(known)
        others = [
            k
            for k, r in tx.rows("lead")
            if r["campaign"] == cid and r["cell"] == cell and k not in kept
        ]
        return await self.release(tx, cell, others)

    async def put_off(self, tx: Transaction, cell: UUID, refused: Iterable[PutOff]) -> None:
        for one in refused:
            for key, _ in await tx.choose(
                "lead",
                lambda k, r, lead=one.lead: (
                    k == lead and r["state"] == "claimed" and r["cell"] == cell
                ),
            ):
                state = "waiting" if one.again_at else "excluded"
                tx.put("lead", key, state=state, cell=None, due_at=one.again_at)

    async def promote(self, tx: Transaction, campaigns: Iterable[int]) -> int:
        wanted, now, promoted = set(campaigns), self._server.now(), 0
        for key, row in tx.rows("lead"):
            campaign = tx.get("campaign", row["campaign"])
            due = row["state"] == "waiting" and row["due_at"] <= now
            if not due or row["campaign"] not in wanted or campaign is None:
                continue
            if campaign["state"] == "running" and tx.locks_at_once(("lead", key)):
                tx.put("lead", key, state="due")
                promoted += 1
        return promoted

    async def tallies(self, tx: Transaction, campaigns: Iterable[int]) -> dict[int, Tally]:
        found = {}
        for cid in campaigns:
            states: dict[str, dict[str, int]] = {}
            for _, row in tx.rows("lead"):
                if row["campaign"] == cid:
                    zones = states.setdefault(row["state"], {})
                    zones["UTC"] = zones.get("UTC", 0) + 1
            found[cid] = Tally(states)
        return found

    # ----------------------------------------------------------------- call

    async def hold_lease(self, tx: Transaction, cid: int, cell: UUID, epoch: int) -> bool:
        held = await tx.choose(
            "lease",
            lambda k, r: k == (cid, cell) and r["epoch"] == epoch and not r["revoked"],
            alone=False,
        )
        return bool(held)

    async def journal(
        self, tx: Transaction, cid: int, cell: UUID, epoch: int, launches: Iterable[Any]
    ) -> set[UUID]:
        written = set()
        for launch in launches:
            for key, _ in await tx.choose(
                "lead",
                lambda k, r, lead=launch.lead: (
                    k == lead and r["state"] == "claimed" and r["cell"] == cell
                ),
            ):
                open_ones = [
                    r for _, r in tx.rows("attempt") if r["lead"] == key and r["state"] != "ended"
                ]
                assert not open_ones, "attempt_one_open_per_lead"
                tx.put("lead", key, state="in_progress")
                await tx.lock(("attempt", launch.attempt))
                tx.put(
                    "attempt",
                    launch.attempt,
                    campaign=cid,
                    lead=key,
                    cell=cell,
                    epoch=epoch,
                    state="launching",
                    phone=launch.phone,
                    answered=None,
                    outcome=None,
                    asked_at=tx.began,
                )
                written.add(launch.attempt)
        return written

    async def not_launched(self, tx: Transaction, attempts: Iterable[UUID]) -> int:
        wanted = set(attempts)
        undone = await tx.choose("attempt", lambda k, r: k in wanted and r["state"] == "launching")
        for key, row in undone:
            tx.drop("attempt", key)
            for lead, _ in await tx.choose(
                "lead", lambda k, r, n=row["lead"]: k == n and r["state"] == "in_progress"
            ):
                tx.put("lead", lead, state="due", cell=None)
        return len(undone)

    async def progress(self, tx: Transaction, happened: Iterable[Any]) -> None:
        for event in happened:
            for key, row in await tx.choose("attempt", lambda k, _, e=event: k == e.attempt):
                state = "in_progress" if row["state"] == "launching" else row["state"]
                answered = row["answered"] or (event.at if event.phase == "talking" else None)
                tx.put("attempt", key, state=state, answered=answered)

    async def end(self, tx: Transaction, ends: Iterable[Any]) -> None:
        for end in ends:
            doubted = {"unknown", None} if end.outcome.value != "unknown" else {None}
            for key, row in await tx.choose(
                "attempt", lambda k, r, e=end, d=doubted: k == e.attempt and r["outcome"] in d
            ):
                tx.put("attempt", key, state="ended", outcome=end.outcome.value)
                await tx.lock(("lead", row["lead"]))
                lead = tx.get("lead", row["lead"])
                assert lead is not None
                first = row["outcome"] is None and lead["state"] == "in_progress"
                first = first and lead["cell"] == row["cell"]
                corrects = row["outcome"] == "unknown" and lead["state"] == "waiting"
                if first or (corrects and lead["result"] == "unknown"):
                    tx.put(
                        "lead",
                        row["lead"],
                        state=end.after.state.value,
                        cell=None,
                        result=end.after.result.value,
                        attempts=end.after.attempts,
                        tries=end.after.tries,
                        due_at=end.after.due_at or lead["due_at"],
                    )

    # -------------------------------------------------------- configuration

    async def configured(self, _tx: Transaction) -> list[Row]:
        return []

    async def campaign(self, tx: Transaction, cid: int) -> Row | None:
        row = tx.get("campaign", cid)
        return None if row is None else {"id": cid, "name": "simulated", **row}

    async def trunks(self, _tx: Transaction) -> list[Row]:
        trunk = {
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
        return [{"name": "first", **trunk}, {"name": "second", **trunk}]

    async def cells(self, tx: Transaction) -> list[UUID]:
        return sorted(key for key, row in tx.rows("cell") if not self._seems_silent(row))

    async def listen(self, _tx: Transaction) -> None:
        return None

    async def nothing(self, _tx: Transaction) -> None:
        """What only people look at."""
        return None

    async def forbid(self, tx: Transaction, phone: str) -> None:
        at = self._server.loop.time()
        tx.after_commit.append(lambda: self._server.forbidden.setdefault(phone, at))
