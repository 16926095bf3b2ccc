"""lifecycle.sql, silence.sql, and what of campaign.sql changes settings. See queries.py."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from psycopg.types.json import Jsonb
from tests.simulation.postgres import Row, Server, Transaction

OPEN_STATES = ("due", "waiting", "claimed", "in_progress", "held")
_NO_EPOCH = 1 << 62  # later than all
_SILENCED = ("pausing", "paused", "terminating", "terminated")

_NO_TERMS: Row = {"resume_at": None, "resume_when": Jsonb([])}


class Lifecycle:
    """See the module. `tx` is the transaction; `p` what the SQL takes; rows as the SQL gives."""

    server: Server

    def __init__(self, server: Server) -> None:
        self.server = server

    # ---------------------------------------------------------- what is common

    @staticmethod
    def current(tx: Transaction, campaign: int) -> Row:
        """The campaign's settings as they are now."""
        row = tx.get("campaign", campaign)
        assert row is not None
        settings = tx.get("campaign_settings", (campaign, row["settings_version"]))
        assert settings is not None
        return settings

    @staticmethod
    def newest(tx: Transaction, campaign: int) -> Row | None:
        """The newest receipt, also of a part."""
        found = [r for _, r in tx.rows("receipt") if r["campaign_id"] == campaign]
        return max(found, key=lambda row: row["epoch"], default=None)

    @staticmethod
    def standing(tx: Transaction, campaign: int) -> Row | None:
        """The receipt under which it is silent, or about to be."""
        found = [
            r for _, r in tx.rows("receipt") if r["campaign_id"] == campaign and r["kind"] != "part"
        ]
        return max(found, key=lambda row: row["epoch"], default=None)

    async def _lock(self, tx: Transaction, campaign: int) -> Row | None:
        if tx.get("campaign", campaign) is None:
            return None
        await tx.lock(("campaign", campaign))
        return tx.get("campaign", campaign)

    def _change(self, tx: Transaction, campaign: int, state: str, p: Row) -> Row:
        """How a pause ends is said with the pause, outlives its confirmation, and goes with it."""
        row = tx.get("campaign", campaign)
        assert row is not None
        values: Row = {"state": state, "epoch": row["epoch"] + 1}
        if state != "paused":
            values |= {"resume_at": p["resume_at"], "resume_when": p["resume_when"].obj}
            values |= {"resume_set_by": None, "stopped_by": None, "two_to_release": False}
        if row["state"] == "paused" and state == "running":
            values["resumed_at"] = self.server.now()
        tx.put("campaign", campaign, **values)
        after = tx.get("campaign", campaign)
        assert after is not None
        tx.after_commit.append(lambda: self.server.changed(campaign, state))
        return after

    def add_receipt(self, tx: Transaction, campaign: int, epoch: int, p: Row, **more: Any) -> Row:
        receipt = self.server.next_number()
        values = {
            "id": receipt,
            "campaign_id": campaign,
            "epoch": epoch,
            "requested_at": p["requested_at"],
            "confirmed_at": None,
            "confirmed_by": None,
            "completed_at": None,
            "settings_digest_after": None,
            "requested_true": tx.statement_at,
            **more,
        }
        tx.add("receipt", receipt, **values)
        return values

    def _add_receipt_cells(self, tx: Transaction, receipt: int, campaign: int) -> None:
        for (its_campaign, cell), _ in tx.rows("lease"):
            if its_campaign == campaign:
                tx.add("receipt_cell", (receipt, cell), confirmed_by=None)

    def _add_transition(
        self, tx: Transaction, campaign: int, epoch: int, p: Row, **more: Any
    ) -> None:
        key = (campaign, epoch)
        values = {"actor": p["actor"], "reason": p["reason"], "at_true": tx.statement_at}
        tx.add("transition", key, epoch=epoch, **values, **more)

    async def _revoke(self, tx: Transaction, campaigns: Iterable[int]) -> None:
        wanted = set(campaigns)
        for key, _ in await tx.choose("lease", lambda k, _: k[0] in wanted):
            tx.put("lease", key, revoked=True)

    async def _confirm_cells(
        self, tx: Transaction, campaign: int, cells: set[Any], by: str, before: int = 0
    ) -> None:
        """Of these cells; and of all where the receipt's epoch is at most `before`."""
        for key, row in tx.rows("receipt_cell"):
            receipt = tx.get("receipt", key[0])
            waits = receipt and receipt["campaign_id"] == campaign and not receipt["confirmed_at"]
            is_meant = key[1] in cells or (receipt and receipt["epoch"] <= before)
            if waits and row["confirmed_by"] is None and is_meant:
                await tx.lock(("receipt_cell", key))
                tx.put("receipt_cell", key, confirmed_by=by)

    async def _seal(self, tx: Transaction, campaign: int, digest: str) -> int:
        oldest = min((r["epoch"] for k, r in tx.rows("lease") if k[0] == campaign), default=None)
        waiting = await tx.choose(
            "receipt",
            lambda _, r: (
                r["campaign_id"] == campaign
                and r["confirmed_at"] is None
                and (oldest is None or oldest >= r["epoch"])
            ),
        )
        for key, _ in waiting:
            parts = [r["confirmed_by"] for k, r in tx.rows("receipt_cell") if k[0] == key]
            tx.put(
                "receipt",
                key,
                confirmed_at=self.server.now(),
                confirmed_by="expiry" if "expiry" in parts else "acknowledgement",
                settings_digest_after=digest,
                sealed_true=tx.statement_at,
            )
            self._count_seal(tx, "expiry" if "expiry" in parts else "acknowledgement")
        return len(waiting)

    def _count_seal(self, tx: Transaction, by: str) -> None:
        def count() -> None:
            self.server.counts[f"a silence was confirmed by {by}"] += 1

        tx.after_commit.append(count)

    def _notify(self, tx: Transaction, campaign: int, **more: Any) -> None:
        tx.notices.append(("campaign", {"id": campaign, **more}))

    # ------------------------------------------------------------ lifecycle.sql

    async def lifecycle__lock_campaign(self, tx: Transaction, p: Row) -> list[Row]:
        row = await self._lock(tx, p["campaign"])
        return [row] if row else []

    async def lifecycle__settings_of_locked(self, tx: Transaction, p: Row) -> list[Row]:
        return [self.current(tx, p["campaign"])]

    async def lifecycle__change_state(self, tx: Transaction, p: Row) -> list[Row]:
        row = self._change(tx, p["campaign"], p["to_state"], p)
        offset = row["clock_offset"] + p["stood_still"]
        tx.put("campaign", p["campaign"], clock_offset=offset)
        return [{**row, "clock_offset": offset}]

    async def lifecycle__add_transition(self, tx: Transaction, p: Row) -> None:
        moved = {"from_state": p["from_state"], "to_state": p["to_state"]}
        self._add_transition(tx, p["campaign"], p["epoch"], p, **moved)

    async def lifecycle__notify(self, tx: Transaction, p: Row) -> None:
        self._notify(tx, p["campaign"], state=p["state"], epoch=p["epoch"], drain=p["drain"])

    async def lifecycle__notify_holds(self, tx: Transaction, p: Row) -> None:
        self._notify(tx, p["campaign"])

    async def lifecycle__revoke_leases(self, tx: Transaction, p: Row) -> None:
        await self._revoke(tx, [p["campaign"]])

    async def lifecycle__add_receipt(self, tx: Transaction, p: Row) -> list[Row]:
        more = {"kind": p["kind"], "drain": p["drain"], "settings_digest_before": p["digest"]}
        made = self.add_receipt(tx, p["campaign"], p["epoch"], p, **more)
        self._add_receipt_cells(tx, made["id"], p["campaign"])
        return [made]

    async def lifecycle__add_receipt_cells(self, tx: Transaction, p: Row) -> None:
        self._add_receipt_cells(tx, p["receipt"], p["campaign"])

    async def lifecycle__standing_receipt(self, tx: Transaction, p: Row) -> list[Row]:
        row = self.standing(tx, p["campaign"])
        return [row] if row else []

    async def lifecycle__expire_leases(self, tx: Transaction, p: Row) -> None:
        campaign, epoch = p["campaign"], p.get("epoch", _NO_EPOCH)
        gone = await tx.choose(
            "lease", lambda k, r: k[0] == campaign and r["revoked"] and r["epoch"] < epoch
        )
        for key, _ in gone:
            tx.drop("lease", key)
        await self._confirm_cells(tx, campaign, {key[1] for key, _ in gone}, "expiry", epoch)

    async def lifecycle__seal_if_silent(self, tx: Transaction, p: Row) -> None:
        if await self._lock_chain_to_seal(tx, p["campaigns"]):
            tx.statement_at = self.server.loop.time()  # each step of the function is a statement
            await self._seal_receipts(tx, p)
            await self._confirm(tx, p)
            await self.lifecycle__complete_receipts(tx, p)
        else:
            await self._confirm(tx, p)

    async def _lock_chain_to_seal(self, tx: Transaction, campaigns: list[int]) -> bool:
        waiting = [
            r
            for _, r in tx.rows("receipt")
            if r["campaign_id"] in campaigns and r["confirmed_at"] is None
        ]
        leases = [(key[0], row["epoch"]) for key, row in tx.rows("lease")]
        for row in waiting:
            if all(c != row["campaign_id"] or epoch >= row["epoch"] for c, epoch in leases):
                await tx.lock(("receipt_chain", 1))
                return True
        return False

    async def _seal_receipts(self, tx: Transaction, p: Row) -> None:
        for campaign in p["campaigns"]:
            sealed = await self._seal(tx, campaign, self.current(tx, campaign)["digest"])
            row = tx.get("campaign", campaign)
            assert row is not None
            if sealed and row["state"] not in p["from_states"]:
                self._notify(tx, campaign)

    async def _confirm(self, tx: Transaction, p: Row) -> None:
        said = {"actor": "system", "reason": "silence confirmed"}
        after = dict(zip(p["from_states"], p["to_states"], strict=True))
        held = {key[0] for key, _ in tx.rows("lease")}
        for campaign in p["campaigns"]:
            before = tx.get("campaign", campaign)
            if before is None or before["state"] not in after or campaign in held:
                continue
            state = after[before["state"]]
            row = self._change(tx, campaign, state, _NO_TERMS)
            moved = {"from_state": before["state"], "to_state": state}
            self._add_transition(tx, campaign, row["epoch"], said, **moved)
            self._notify(tx, campaign, state=state, epoch=row["epoch"])

    @staticmethod
    def _is_over(tx: Transaction, p: Row, receipt: Row) -> bool:
        return (
            receipt["campaign_id"] in p["campaigns"]
            and receipt["completed_at"] is None
            and receipt["confirmed_at"] is not None
            and not any(
                a["campaign_id"] == receipt["campaign_id"]
                and a["state"] != "ended"
                and a["epoch"] < receipt["epoch"]
                for _, a in tx.rows("attempt")
            )
        )

    async def lifecycle__complete_receipts_of(self, tx: Transaction, p: Row) -> None:
        attempts = [a for a in map(partial(tx.get, "attempt"), p["attempts"]) if a]
        found = {
            r["campaign_id"]
            for _, r in tx.rows("receipt")
            if r["completed_at"] is None
            and any(
                a["campaign_id"] == r["campaign_id"] and a["epoch"] < r["epoch"] for a in attempts
            )
        }
        await self.lifecycle__complete_receipts(tx, {"campaigns": found})

    async def lifecycle__complete_receipts(self, tx: Transaction, p: Row) -> None:
        if not any(self._is_over(tx, p, row) for _, row in tx.rows("receipt")):
            return
        await tx.lock(("receipt_chain", 1))
        for key, _ in await tx.choose("receipt", lambda _k, row: self._is_over(tx, p, row)):
            tx.put("receipt", key, completed_at=self.server.now())

    async def lifecycle__incomplete(self, tx: Transaction, _p: Row) -> list[Row]:
        found = {
            r["campaign_id"]
            for _, r in tx.rows("receipt")
            if r["confirmed_at"] is not None and r["completed_at"] is None
        }
        return [{"campaign_id": campaign} for campaign in sorted(found)]

    async def lifecycle__passing(self, tx: Transaction, _p: Row) -> list[Row]:
        found = []
        for key, receipt in tx.rows("receipt"):
            campaign = receipt["campaign_id"]
            row, standing = tx.get("campaign", campaign), self.standing(tx, campaign)
            newest = receipt["kind"] == "part" or (standing and standing["id"] == key)
            if row and receipt["confirmed_at"] is None and newest:
                found.append({"id": campaign, "epoch": row["epoch"], "receipt_id": key})
        return found

    async def lifecycle__work_left(self, tx: Transaction, p: Row) -> list[Row]:
        campaign = p["campaign"]
        leads = (r["state"] for _, r in tx.rows("lead") if r["campaign_id"] == campaign)
        awaited = (
            r["confirmed_at"] is None for _, r in tx.rows("receipt") if r["campaign_id"] == campaign
        )
        return [{"n": sum(state in OPEN_STATES for state in leads) + sum(awaited)}]

    async def lifecycle__drop_leases(self, tx: Transaction, p: Row) -> None:
        for key, _ in await tx.choose("lease", lambda k, _: k[0] == p["campaign"]):
            tx.drop("lease", key)

    async def lifecycle__paused_since(self, tx: Transaction, p: Row) -> list[Row]:
        found = [
            r
            for _, r in tx.rows("receipt")
            if r["campaign_id"] == p["campaign"] and r["kind"] == "pause"
        ]
        return sorted(found, key=lambda row: -row["epoch"])[:1]

    async def lifecycle__receipt(self, tx: Transaction, p: Row) -> list[Row]:
        row = tx.get("receipt", p["receipt"])
        return [row] if row else []

    # --------------------------------------------- resumption.sql and release.sql

    async def resumption__put(self, tx: Transaction, p: Row) -> None:
        values = {"resume_at": p["resume_at"], "resume_when": p["resume_when"].obj}
        tx.put("campaign", p["campaign"], **values, resume_set_by=p["actor"])

    async def resumption__due(self, tx: Transaction, _p: Row) -> list[Row]:
        now, found = self.server.now(), []
        for campaign, row in tx.rows("campaign"):
            by_itself = row["resume_at"] or row["resume_when"]
            due = row["resume_at"] is None or row["resume_at"] <= now
            receipt = self.standing(tx, campaign)
            if row["state"] != "paused" or not by_itself or not due or receipt is None:
                continue
            zones = {
                lead["zone"]
                for _, lead in tx.rows("lead")
                if lead["campaign_id"] == campaign and lead["state"] in OPEN_STATES
            }
            known = {"settings": self.current(tx, campaign)["settings"], "zone": None}
            more = {"paused_at": receipt["requested_at"], "zones": sorted(zones)}
            found.append({**row, **known, **more})
        return found

    async def release__mark(self, tx: Transaction, p: Row) -> None:
        row = tx.get("campaign", p["campaign"])
        assert row is not None
        two = row["two_to_release"] or p["two"]
        ends = {"resume_at": None, "resume_when": []} if two else {}
        stop = {"stopped_by": row["stopped_by"] or p["actor"], "two_to_release": two}
        tx.put("campaign", p["campaign"], **stop, **ends)

    async def system_settings__read(self, _tx: Transaction, _p: Row) -> list[Row]:
        given = {"changed_by": "given", "changed_at": self.server.now()}
        return [{"version": 1, "settings": {}, **given}]

    # -------------------------------------------------------------- silence.sql

    async def silence__lock_free(self, tx: Transaction, p: Row) -> list[Row]:
        there = [c for c in sorted(p["campaigns"]) if tx.get("campaign", c)]
        free = [c for c in there if tx.locks_at_once(("campaign", c))]
        return [row for c in free if (row := tx.get("campaign", c))]

    async def silence__settings_of_locked(self, tx: Transaction, p: Row) -> list[Row]:
        there = [c for c in p["campaigns"] if tx.get("campaign", c)]
        return [{"id": campaign, **self.current(tx, campaign)} for campaign in there]

    async def silence__standing_receipts(self, tx: Transaction, p: Row) -> list[Row]:
        return [row for c in p["campaigns"] if (row := self.standing(tx, c))]

    async def silence__lease_in_use(self, tx: Transaction, p: Row) -> list[Row]:
        wanted = set(p["campaigns"])
        mine = [key for key, _ in tx.rows("lease") if key[0] in wanted]
        held = {key[0] for key in mine if not tx.locks_at_once(("lease", key))}
        return [{"campaign_id": campaign} for campaign in sorted(held)]

    async def silence__add_receipts(self, tx: Transaction, p: Row) -> list[Row]:
        columns = zip(p["campaigns"], p["epochs"], p["drains"], p["digests"], strict=True)
        return [
            self.add_receipt(
                tx, campaign, epoch, p, kind="pause", drain=drain, settings_digest_before=digest
            )
            for campaign, epoch, drain, digest in columns
        ]

    async def silence__add_receipt_cells(self, tx: Transaction, p: Row) -> None:
        for receipt in p["receipts"]:
            row = tx.get("receipt", receipt)
            assert row is not None
            self._add_receipt_cells(tx, receipt, row["campaign_id"])

    async def silence__revoke_leases(self, tx: Transaction, p: Row) -> None:
        await self._revoke(tx, p["campaigns"])

    async def silence__change_states(self, tx: Transaction, p: Row) -> None:
        for campaign, state in zip(p["campaigns"], p["to_states"], strict=True):
            row = tx.get("campaign", campaign)
            assert row is not None
            self._change(tx, campaign, state, p)
            if state == "pausing" and p["emergency"]:
                stop = {"stopped_by": p["actor"], "two_to_release": p["two"]}
                tx.put("campaign", campaign, **stop)

    async def silence__add_transitions(self, tx: Transaction, p: Row) -> None:
        columns = zip(p["campaigns"], p["from_states"], p["to_states"], p["epochs"], strict=True)
        for campaign, before, after, epoch in columns:
            self._add_transition(tx, campaign, epoch, p, from_state=before, to_state=after)

    async def silence__notify(self, tx: Transaction, p: Row) -> None:
        columns = zip(p["campaigns"], p["to_states"], p["epochs"], p["drains"], strict=True)
        for campaign, state, epoch, drain in columns:
            self._notify(tx, campaign, state=state, epoch=epoch, drain=drain)

    async def silence__unconfirmed(self, tx: Transaction, p: Row) -> list[Row]:
        found = (tx.get("receipt", receipt) for receipt in p["receipts"])
        return [row for row in found if row and row["confirmed_at"] is None]

    async def silence__drains(self, tx: Transaction, p: Row) -> list[Row]:
        found = []
        for campaign in p["campaigns"]:
            row, receipt = tx.get("campaign", campaign), self.standing(tx, campaign)
            if row and receipt and row["state"] in _SILENCED:
                found.append({"id": campaign, "drain": receipt["drain"]})
        return found

    async def _acknowledge(self, tx: Transaction, p: Row) -> None:
        for campaign in p["campaigns"]:
            await self._confirm_cells(tx, campaign, {p["cell"]}, "acknowledgement")
        wanted = {(campaign, p["cell"]) for campaign in p["campaigns"]}
        for key, _ in await tx.choose("lease", lambda k, r: k in wanted and r["revoked"]):
            tx.drop("lease", key)
        await self.lifecycle__seal_if_silent(tx, p)

    # ------------------------------------------------------------- campaign.sql

    async def campaign__lock(self, tx: Transaction, p: Row) -> list[Row]:
        row = await self._lock(tx, p["id"])
        return [row] if row else []

    async def campaign__settings(self, tx: Transaction, p: Row) -> list[Row]:
        return [self.current(tx, p["campaign_id"])]

    async def campaign__lists(self, _tx: Transaction, _p: Row) -> list[Row]:
        return [{"id": 1, "name": "list"}]

    async def campaign__assigned_agents(self, _tx: Transaction, _p: Row) -> list[Row]:
        return []

    async def campaign__unknown_references(self, _tx: Transaction, _p: Row) -> list[Row]:
        return []

    async def campaign__insert_settings(self, tx: Transaction, p: Row) -> None:
        values = {"settings": p["settings"].obj, "digest": p["digest"], "changed_by": p["actor"]}
        key = (p["campaign_id"], p["version"])
        since = self.server.loop.time()
        tx.add("campaign_settings", key, version=p["version"], since_true=since, **values)

    async def campaign__raise_settings_version(self, tx: Transaction, p: Row) -> None:
        tx.put("campaign", p["campaign_id"], settings_version=p["version"])

    async def campaign__notify(self, tx: Transaction, p: Row) -> None:
        self._notify(tx, p["campaign_id"])

    # ---------------------------------------------------------- a manager's own

    async def manager__standing(self, tx: Transaction, p: Row) -> list[Row]:
        """What a manager sees of a campaign, who decides on it a little later."""
        row = tx.get("campaign", p["campaign"])
        return [row] if row else []
