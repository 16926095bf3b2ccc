"""hold.sql, and what of claim.sql goes around paused parts of a campaign. See queries.py."""

from __future__ import annotations

from collections import Counter

from tests.simulation.postgres import Row, Server, Transaction
from tests.simulation.queries_lifecycle import Lifecycle


def _there(lead: Row) -> Row:
    """What decides whether a hold covers the lead."""
    place = {k: lead[k] for k in ("id", "priority", "due_at", "list_id", "region", "zone")}
    return {**place, "phone": lead["phones"][lead["phone_index"] - 1]}


class Holds:
    """See the module."""

    server: Server

    @staticmethod
    def standing_holds(tx: Transaction, campaign: int) -> list[Row]:
        return [
            row
            for _, row in sorted(tx.rows("campaign_hold"))
            if row["campaign_id"] == campaign and row["released_at"] is None
        ]

    # ----------------------------------------------------------------- hold.sql

    async def hold__standing(self, tx: Transaction, p: Row) -> list[Row]:
        found: list[Row] = []
        for campaign in p["campaigns"]:
            row = tx.get("campaign", campaign)
            if row is None:
                continue
            read = {"campaign_id": campaign, "version": row["holds_version"]}
            holds = self.standing_holds(tx, campaign)
            found += [{**hold, **read} for hold in holds] or [{"id": None, **read}]
        return found

    async def hold__lists(self, _tx: Transaction, p: Row) -> list[Row]:
        return [{"id": p["campaign"], "name": "list"}]

    async def hold__standing_rows(self, tx: Transaction, p: Row) -> list[Row]:
        found = []
        for hold in self.standing_holds(tx, p["campaign"]):
            receipt = tx.get("receipt", hold["receipt_id"])
            assert receipt is not None
            of_receipt = {k: receipt[k] for k in ("confirmed_at", "epoch")}
            found.append({**hold, **of_receipt})
        return found

    async def hold__open_calls(self, tx: Transaction, p: Row) -> list[Row]:
        found = []
        for _, row in tx.rows("attempt"):
            lead = tx.get("lead", row["lead_id"])
            if row["campaign_id"] == p["campaign"] and row["state"] != "ended" and lead:
                call = {"trunk": None, "channel": "voice"}
                found.append({**_there(lead), **call, **row})
        return found

    async def hold__add_receipt(self, tx: Transaction, p: Row) -> list[Row]:
        more = {"kind": "part", "drain": p["drain"], "settings_digest_before": p["digest"]}
        assert isinstance(self, Lifecycle)
        return [self.add_receipt(tx, p["campaign"], p["epoch"], p, **more)]

    async def hold__add_holds(self, tx: Transaction, p: Row) -> None:
        kept = ("drain", "actor", "reason", "until", "epoch")
        for scope, value, list_id in zip(p["scopes"], p["values"], p["list_ids"], strict=True):
            number = self.server.next_number()
            tx.add(
                "campaign_hold",
                number,
                **{k: p[k] for k in kept},
                id=number,
                campaign_id=p["campaign"],
                receipt_id=p["receipt"],
                scope=scope,
                value=value,
                list_id=list_id,
                released_at=None,
                emptied=False,
            )

    async def hold__raise_epoch(self, tx: Transaction, p: Row) -> None:
        row = tx.get("campaign", p["campaign"])
        assert row is not None
        values = {"epoch": row["epoch"] + 1, "holds_version": row["holds_version"] + 1}
        tx.put("campaign", p["campaign"], **values)

    async def hold__lengthen(self, tx: Transaction, p: Row) -> None:
        for key in p["holds"]:
            await tx.lock(("campaign_hold", key))
            row = tx.get("campaign_hold", key)
            if row and row["until"] and (p["until"] is None or row["until"] < p["until"]):
                tx.put("campaign_hold", key, until=p["until"])

    async def hold__release(self, tx: Transaction, p: Row) -> None:
        for key in p["holds"]:
            await tx.lock(("campaign_hold", key))
            said = {"released_by": p["actor"], "release_reason": p["reason"]}
            tx.put("campaign_hold", key, released_at=self.server.now(), **said)

    async def hold__changed(self, tx: Transaction, p: Row) -> None:
        row = tx.get("campaign", p["campaign"])
        assert row is not None
        tx.put("campaign", p["campaign"], holds_version=row["holds_version"] + 1)

    async def hold__due_releases(self, tx: Transaction, _p: Row) -> list[Row]:
        now, found = self.server.now(), []
        for _, hold in tx.rows("campaign_hold"):
            receipt = tx.get("receipt", hold["receipt_id"])
            campaign = tx.get("campaign", hold["campaign_id"])
            assert receipt is not None
            assert campaign is not None
            over = hold["released_at"] is None and hold["until"] and hold["until"] <= now
            goes_on = campaign["state"] in ("draft", "running", "pausing", "paused")
            if over and receipt["confirmed_at"] and goes_on:
                found.append(hold)
        return found

    async def hold__being_emptied(self, tx: Transaction, p: Row) -> list[Row]:
        for key, hold in sorted(tx.rows("campaign_hold")):
            wanted = p["hold"] in (None, key) and hold["released_at"] and not hold["emptied"]
            if wanted and tx.locks_at_once(("campaign_hold", key)):
                return [hold]
        return []

    async def hold__standing_held(self, tx: Transaction, p: Row) -> list[Row]:
        campaign = p["campaign"]
        held = await tx.choose(
            "campaign_hold",
            lambda _, r: r["campaign_id"] == campaign and r["released_at"] is None,
            alone=False,
        )
        return [row for _, row in sorted(held)]

    async def hold__leads_of(self, tx: Transaction, p: Row) -> list[Row]:
        found = await tx.choose("lead", lambda _, r: r.get("held_by") == p["hold"])
        return [_there(row) for _, row in sorted(found)][: p["limit"]]

    async def hold__return_leads(self, tx: Transaction, p: Row) -> None:
        for lead, hold in zip(p["leads"], p["holds"], strict=True):
            for key, _ in await tx.choose(
                "lead", lambda k, r, lead=lead: k == lead and r["state"] == "held"
            ):
                tx.put("lead", key, state="due" if hold is None else "held", held_by=hold)

    async def hold__emptied(self, tx: Transaction, p: Row) -> None:
        await tx.lock(("campaign_hold", p["hold"]))
        tx.put("campaign_hold", p["hold"], emptied=True)

    # ---------------------------------------------------------------- claim.sql

    async def claim__lock_holds(self, tx: Transaction, p: Row) -> list[Row]:
        wanted = set(p["holds"])
        held = await tx.choose(
            "campaign_hold", lambda k, r: k in wanted and r["released_at"] is None, alone=False
        )
        return [row for _, row in held]

    async def claim__front(self, tx: Transaction, p: Row) -> list[Row]:
        due = sorted(
            (-row["priority"], row["due_at"], key)
            for key, row in tx.rows("lead")
            if row["campaign_id"] == p["campaign"]
            and row["state"] == "due"
            and row["zone"] in p["zones"]
        )
        found: list[Row] = []
        of_zone: Counter[str] = Counter()
        for _, _, key in due:
            lead = tx.get("lead", key)
            assert lead is not None
            if of_zone[lead["zone"]] < p["look"] and tx.locks_at_once(("lead", key)):
                of_zone[lead["zone"]] += 1
                found.append(_there(lead))
        return found

    async def claim__take(self, tx: Transaction, p: Row) -> list[Row]:
        wanted, taken = set(p["leads"]), []
        for key, _ in await tx.choose("lead", lambda k, r: k in wanted and r["state"] == "due"):
            tx.put("lead", key, state="claimed", cell_id=p["cell"])
            lead = tx.get("lead", key)
            assert lead is not None
            taken.append({**lead, "attributes": {}, "callback_at": None, "callback_agent": None})
        return taken

    async def claim__set_aside(self, tx: Transaction, p: Row) -> None:
        for lead, hold in zip(p["leads"], p["holds"], strict=True):
            for key, _ in await tx.choose(
                "lead", lambda k, r, lead=lead: k == lead and r["state"] == "due"
            ):
                tx.put("lead", key, state="held", held_by=hold)
                self.server.counts["a lead was set aside"] += 1
