"""Two witnesses: one reads the carrier's log as it grows, one asks the database all the time.

The second sees a pause confirmed within some 20 ms whoever asked for it and whatever became of the
one who did. It asks from the hub, past every fault of the nodes' network.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row
from tests.faults.judge import Confirmed, Invite, SeenRunning

_ASK_S = 0.015
_INVITE = '"event":"invite"'
_SILENT = ("paused", "terminated", "completed")


class WireWitness:
    """The INVITEs in the carrier's log, each once; `read` takes what is new."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._seen = 0
        self._rest = b""
        self.campaigns: dict[str, int] = {}  # calling number -> campaign
        self.invites: list[Invite] = []

    def read(self) -> list[Invite]:
        """What came since the last time."""
        with self._log.open("rb") as file:
            file.seek(self._seen)
            new = file.read()
        self._seen += len(new)
        *lines, self._rest = (self._rest + new).split(b"\n")
        found = [self._invite(json.loads(line)) for line in lines if _INVITE.encode() in line]
        self.invites += found
        return found

    def _invite(self, line: dict[str, Any]) -> Invite:
        return Invite(
            line["monotonic"],
            self.campaigns.get(line["from"], 0),
            line["to"],
            line["call_id"],
            line.get("retransmission", False),
            line["from"],
        )


class DatabaseWitness:
    """A thread that looks at states and receipts; what it saw, with when."""

    def __init__(self, url: Callable[[], str]) -> None:
        self._url = url  # of the primary of this moment
        self.confirmed: dict[int, Confirmed] = {}  # by receipt
        self.by: dict[int, str] = {}  # receipt -> acknowledgement or expiry
        self.parts: dict[int, str] = {}  # the same of parts
        self.running: list[SeenRunning] = []
        self.states: dict[int, tuple[str, int]] = {}
        self._silent_at: dict[int, float] = {}  # campaign -> when it was last seen silent
        self._epochs: set[tuple[int, int]] = set()
        self._newest = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="witness")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(10)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with psycopg.connect(
                    self._url(),
                    autocommit=True,
                    row_factory=dict_row,
                    tcp_user_timeout=1000,
                    keepalives_idle=1,
                    keepalives_interval=1,
                    keepalives_count=1,
                ) as conn:
                    while not self._stop.is_set():
                        self._look(conn)
                        time.sleep(_ASK_S)
            except psycopg.Error:
                self._stop.wait(0.05)

    def _look(self, conn: psycopg.Connection[dict[str, Any]]) -> None:
        before = time.monotonic()
        receipts = conn.execute(
            "SELECT id, campaign_id, epoch, kind, confirmed_by FROM receipt"
            " WHERE id > %s AND confirmed_at IS NOT NULL ORDER BY id",
            [self._newest],
        ).fetchall()
        campaigns = conn.execute(
            "SELECT id, state, epoch FROM campaign WHERE state <> 'draft' AND id > 0"
        ).fetchall()
        after = time.monotonic()
        for row in receipts:
            if row["kind"] == "part":
                self.parts[row["id"]] = row["confirmed_by"]
            elif row["id"] not in self.confirmed:
                final = row["kind"] == "terminate"
                self.confirmed[row["id"]] = Confirmed(
                    after, row["campaign_id"], row["id"], row["epoch"], final
                )
                self.by[row["id"]] = row["confirmed_by"]
        for row in campaigns:
            campaign, epoch = row["id"], row["epoch"]
            self.states[campaign] = (row["state"], epoch)
            if row["state"] in _SILENT:
                self._silent_at[campaign] = before
            elif row["state"] == "running" and (campaign, epoch) not in self._epochs:
                self._epochs.add((campaign, epoch))
                silent = self._silent_at.get(campaign, 0.0)
                self.running.append(SeenRunning(silent, campaign, epoch))

    def forget_before(self, receipt: int) -> None:
        """Receipts up to this one are all confirmed: ask for newer ones only."""
        self._newest = receipt
