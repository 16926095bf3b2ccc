"""claim.sql, call.sql and do_not_call.sql. See queries.py."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from tests.simulation.postgres import Row, Rows, Server, Transaction

_DAY, _WEEK = timedelta(days=1), timedelta(days=7)


def _table(p: Row, **columns: str) -> Iterable[Row]:
    """The rows of an `unnest(...)`: parameter name of each column -> the row's name of it."""
    names = list(columns.values())
    for values in zip(*(p[parameter] for parameter in columns), strict=True):
        yield dict(zip(names, values, strict=True))


class Leads:
    """See the module."""

    server: Server

    # ---------------------------------------------------------------- claim.sql

    async def claim__claim(self, tx: Transaction, p: Row) -> list[Row]:
        due = [
            (-row["priority"], row["due_at"], key)
            for key, row in tx.rows("lead")
            if row["campaign_id"] == p["campaign"]
            and row["state"] == "due"
            and row["zone"] in p["zones"]
        ]
        taken = []
        for _, _, key in sorted(due):
            if len(taken) < p["limit"] and tx.locks_at_once(("lead", key)):
                tx.put("lead", key, state="claimed", cell_id=p["cell"])
                lead = tx.get("lead", key)
                assert lead is not None
                taken.append(
                    {**lead, "attributes": {}, "callback_at": None, "callback_agent": None}
                )
        return taken

    async def claim__facts(self, tx: Transaction, p: Row) -> list[Row]:
        tx.facts_at = tx.statement_at  # for the judge: what was known then was to be heeded
        found = []
        for phone in p["phones"]:
            times = [
                row["journalled_at"]
                for _, row in tx.rows("attempt")
                if row["phone"] == phone and row["counted"]
            ]
            week = [at for at in times if at > p["now"] - _WEEK]
            day = [at for at in times if at > p["now"] - _DAY]
            found.append(
                {
                    "phone": phone,
                    "do_not_call": bool(tx.get("do_not_call", phone)),
                    "day": len(day),
                    "week": len(week),
                    "oldest_day": min(day, default=None),
                    "oldest_week": min(week, default=None),
                }
            )
        return found

    async def _give_back(self, tx: Transaction, wanted: Any) -> Rows:
        found = await tx.choose("lead", wanted)
        for key, _ in found:
            tx.put("lead", key, state="due", cell_id=None)
        return Rows([], len(found))

    async def claim__release(self, tx: Transaction, p: Row) -> Rows:
        leads, cell = set(p["leads"]), p["cell"]
        return await self._give_back(
            tx, lambda k, r: k in leads and r["state"] == "claimed" and r["cell_id"] == cell
        )

    async def claim__release_others(self, tx: Transaction, p: Row) -> Rows:
        known, cell, campaign = set(p["known"]), p["cell"], p["campaign"]
        return await self._give_back(
            tx,
            lambda k, r: (
                r["campaign_id"] == campaign
                and r["cell_id"] == cell
                and r["state"] == "claimed"
                and k not in known
            ),
        )

    async def claim__wait_for(self, tx: Transaction, p: Row) -> None:
        for key in sorted(p["leads"]):
            await tx.lock(("lead", key))

    async def claim__put_off(self, tx: Transaction, p: Row) -> None:
        holds = dict(zip(p["leads"], p.get("holds", ()), strict=False))
        columns = {"leads": "id", "states": "state", "results": "result", "due": "due_at"}
        for v in _table(p, **columns, phone_index="phone_index", zones="zone"):
            for key, lead in await tx.choose(
                "lead",
                lambda k, r, v=v: (
                    k == v["id"] and r["state"] == "claimed" and r["cell_id"] == p["cell"]
                ),
            ):
                due = v["due_at"] or lead["due_at"]
                number = {k: v[k] or lead[k] for k in ("phone_index", "zone")}
                state = {"state": v["state"], "result": v["result"] or lead["result"]}
                state |= {"held_by": holds.get(key), "put_off": v["due_at"] is not None}
                tx.put("lead", key, cell_id=None, due_at=due, **state, **number)

    @staticmethod
    def _due(tx: Transaction, lead: Row, due: Any) -> Any:
        campaign = tx.get("campaign", lead["campaign_id"])
        assert campaign is not None
        return lead["due_at"] if due is None else due - campaign["clock_offset"]

    async def claim__promote(self, tx: Transaction, p: Row) -> Rows:
        wanted, now, promoted = set(p["campaigns"]), self.server.now(), 0
        for key, row in tx.rows("lead"):
            if row["state"] != "waiting" or row["campaign_id"] not in wanted:
                continue
            campaign = tx.get("campaign", row["campaign_id"])
            assert campaign is not None
            offset = campaign["clock_offset"]
            due = row["due_at"] <= (now if row["put_off"] else now - offset)
            if due and campaign["state"] == "running" and tx.locks_at_once(("lead", key)):
                due_at = row["due_at"] - offset if row["put_off"] else row["due_at"]
                tx.put("lead", key, state="due", put_off=False, due_at=due_at)
                promoted += 1
        return Rows([], promoted)

    async def claim__tally(self, tx: Transaction, p: Row) -> list[Row]:
        counts: dict[tuple[int, str, str], int] = {}
        for _, row in tx.rows("lead"):
            key = row["campaign_id"], row["state"], row["zone"]
            counts[key] = counts.get(key, 0) + 1
        return [
            {"campaign_id": campaign, "state": state, "zone": zone, "n": n}
            for (campaign, state, zone), n in counts.items()
            if campaign in p["campaigns"]
        ]

    # ----------------------------------------------------------------- call.sql

    async def call__hold_lease(self, tx: Transaction, p: Row) -> list[Row]:
        mine = p["campaign"], p["cell"]
        held = await tx.choose(
            "lease",
            lambda k, r: k == mine and r["epoch"] == p["epoch"] and not r["revoked"],
            alone=False,
        )
        return [{"held": 1} for _ in held]

    async def call__journal(self, tx: Transaction, p: Row) -> list[Row]:
        if not await self.call__hold_lease(tx, p):
            return [{"held": False, "attempts": []}]
        written = []
        columns = {"attempts": "attempt", "leads": "lead", "phones": "phone"}
        for v in _table(p, **columns, calling_numbers="calling_number"):
            for key, _ in await tx.choose(
                "lead",
                lambda k, r, v=v: (
                    k == v["lead"] and r["state"] == "claimed" and r["cell_id"] == p["cell"]
                ),
            ):
                assert not any(
                    row["lead_id"] == key and row["state"] != "ended"
                    for _, row in tx.rows("attempt")
                ), "attempt_one_open_per_lead"
                tx.put("lead", key, state="in_progress")
                tx.add(
                    "attempt",
                    v["attempt"],
                    campaign_id=p["campaign"],
                    lead_id=key,
                    cell_id=p["cell"],
                    epoch=p["epoch"],
                    state="launching",
                    phone=v["phone"],
                    calling_number=v["calling_number"],
                    journalled_at=self.server.now(),
                    answered_at=None,
                    ended_at=None,
                    outcome=None,
                    counted=True,
                    asked_at=tx.facts_at,
                )
                written.append(v["attempt"])
        self._note_commit(tx, written)
        return [{"held": True, "attempts": written}]

    def _note_commit(self, tx: Transaction, attempts: Iterable[Any]) -> None:
        """For the judge: from when on others could know of these attempts."""

        def note() -> None:
            for attempt in attempts:
                self.server.tables["attempt"][attempt]["committed"] = self.server.loop.time()

        tx.after_commit.append(note)

    async def call__readmit(self, tx: Transaction, p: Row) -> list[Row]:
        wanted = set(p["attempts"])
        found = await tx.choose(
            "attempt",
            lambda k, r: k in wanted and r["cell_id"] == p["cell"] and r["state"] != "ended",
        )
        for key, _ in found:
            tx.put("attempt", key, epoch=p["epoch"])
        self.server.counts["calls were readmitted"] += len(found)
        return [{"id": key} for key, _ in found]

    async def call__not_launched(self, tx: Transaction, p: Row) -> Rows:
        wanted, due = set(p["attempts"]), 0
        for key, row in await tx.choose(
            "attempt", lambda k, r: k in wanted and r["state"] == "launching"
        ):
            tx.drop("attempt", key)
            for lead, _ in await tx.choose(
                "lead", lambda k, r, n=row["lead_id"]: k == n and r["state"] == "in_progress"
            ):
                tx.put("lead", lead, state="due", cell_id=None)
                due += 1
        return Rows([], due)

    async def call__progress(self, tx: Transaction, p: Row) -> None:
        for v in _table(p, attempts="id", answered="answered"):
            for key, row in await tx.choose("attempt", lambda k, _, v=v: k == v["id"]):
                state = "in_progress" if row["state"] == "launching" else row["state"]
                answered = row["answered_at"] or v["answered"]
                tx.put("attempt", key, state=state, answered_at=answered)

    async def call__end(self, tx: Transaction, p: Row) -> None:
        ends = _table(
            p,
            attempts="id",
            ended="ended",
            outcomes="outcome",
            counted="counted",
            lead_state="lead_state",
            due="due",
            phone_index="phone_index",
            zones="zone",
            lead_attempts="attempts",
            tries="tries",
            results="result",
        )
        for v in ends:
            known = {None} if v["outcome"] == "unknown" else {None, "unknown"}
            for key, row in await tx.choose(
                "attempt", lambda k, r, v=v, known=known: k == v["id"] and r["outcome"] in known
            ):
                values = {"outcome": v["outcome"], "counted": v["counted"], "ended_at": v["ended"]}
                tx.put("attempt", key, state="ended", **values, ended_true=tx.statement_at)
                if not await self._worked(tx, row, v) and row["outcome"] == "unknown":
                    tx.put("attempt", key, try_kept=row["counted"])

    async def _worked(self, tx: Transaction, attempt: Row, v: Row) -> bool:
        """What becomes of the lead; a doubt is corrected unless it is on its way again."""
        await tx.lock(("lead", attempt["lead_id"]))
        lead = tx.get("lead", attempt["lead_id"])
        assert lead is not None
        first = attempt["outcome"] is None and lead["state"] == "in_progress"
        first = first and lead["cell_id"] == attempt["cell_id"]
        corrects = attempt["outcome"] == "unknown" and lead["state"] == "waiting"
        worked: bool = first or (corrects and lead["result"] == "unknown")
        if worked:
            after = {k: v[k] for k in ("result", "attempts", "phone_index", "zone")}
            due = self._due(tx, lead, v["due"])
            tx.put(
                "lead",
                attempt["lead_id"],
                **after,
                state=v["lead_state"],
                cell_id=None,
                tries=v["tries"].obj,
                due_at=due,
            )
        return worked

    async def call__tell(self, _tx: Transaction, _p: Row) -> None:
        """Only dashboards listen."""

    # ------------------------------------------------------------ follow_up.sql

    async def follow_up__due(self, _tx: Transaction, _p: Row) -> list[Row]:
        """Campaigns here send no messages after a call."""
        return []

    # ---------------------------------------------------------- do_not_call.sql

    async def do_not_call__insert(self, tx: Transaction, p: Row) -> Rows:
        new = 0
        for phone in sorted(set(p["phones"])):
            await tx.lock(("do_not_call", phone))
            if tx.get("do_not_call", phone) is None:
                tx.put("do_not_call", phone, since=math.inf)
                self._note_forbidden(tx, phone)
                new += 1
        return Rows([], new)

    def _note_forbidden(self, tx: Transaction, phone: str) -> None:
        """For the judge: from when on others could know of it."""

        def note() -> None:
            self.server.tables["do_not_call"][phone]["since"] = self.server.loop.time()

        tx.after_commit.append(note)

    async def do_not_call__notify(self, _tx: Transaction, _p: Row) -> None:
        """Only dashboards listen."""
