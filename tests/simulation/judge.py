"""Who holds a history to the nine invariants of the promise; by their numbers, what is checked.

1. Silence: at each datagram of an INVITE (the first, a retransmission, a second trunk's), its
   campaign is neither confirmed as paused nor at its end, and no part that it belongs to is.
2. Once: at each INVITE, the attempt is in the journal, committed and not begun; it leaves once by
   each trunk; and after an end in doubt its lead has waited its gap.
3. Nothing lost: at the end no lead is missing, held or in flight; every lead is in one state, and
   none has an open attempt; what was due after the last resume was worked; a campaign completed
   only with all its leads at their end.
4. Nothing changed: receipts carry the digest of the settings that were in force at the request and
   at the seal; settings are what people made them, and the leads' numbers what they were.
5. Rules: at each INVITE, its number was not forbidden when the facts were read, no cap on it was
   reached, and the hours had not closed.
6. Conversations: when a cell ends a call, it is a conversation whose message is over or that the
   manager chose to end; or it rings, and the drain says so, after its minimum where that counts. A
   cancelled attempt counts nowhere, and its lead waits its gap.
7. Agents are free at once: not here, where every call is answered by a recorded message, but in
   tests/properties/test_floor.py, with the real runners and the real floor.
8. No lost pause: every change of state follows from a decision that named this epoch or none; a
   timer ends only a pause that nobody asked for without an end, or for longer; settings and
   completions change no state that they must not.
9. Silent when in doubt: at each datagram the cell had a lease, given or renewed within the ttl, in
   true time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tests.simulation.clockwork import Loop
from tests.simulation.postgres import Row, Server

from caesura.rules.activity_hours import is_open
from caesura.rules.campaign import LIFECYCLE, CampaignSettings, CampaignState
from caesura.rules.outcome import Outcome
from caesura.store.lifecycle import LEASE_TTL_S
from caesura.voice import port

_ENDED = ("terminated", "completed")
_OPEN = ("claimed", "in_progress")
_SLOWEST_CLOCK = 0.97


@dataclass(frozen=True)
class Decision:
    """What a manager asked for. Its name is the actor in the campaign's history."""

    kind: str
    epoch: int | None  # that was named
    until: datetime | None = None


class Judge:
    """See the module. `breaks` says what was broken, and `counts` what was looked at."""

    def __init__(
        self, loop: Loop, server: Server, counts: Counter[str], breaks: Callable[[str], None]
    ) -> None:
        self._loop, self._server, self._breaks, self.counts = loop, server, breaks, counts
        self._tables = server.tables
        self._sent: set[tuple[UUID, int]] = set()
        self.decisions: dict[str, Decision] = {}
        # Of each receipt, who asked for its pause: when that was known to be done, and until when.
        self.pauses: dict[int, list[tuple[float, datetime | None]]] = {}
        self.clocks_stepped = False  # then what a wall clock says means little
        self.heard_out: set[UUID] = set()  # attempts whose message was over
        self.stopping: set[UUID] = set()  # cells that stop in good order hang up
        self._leads: dict[int, Row] = {}
        self.invites = 0

    def begins(self) -> None:
        """Everything is as it was given."""
        self._leads = {key: dict(row) for key, row in self._tables["lead"].items()}

    def _settings(self, campaign: int) -> CampaignSettings:
        version = self._tables["campaign"][campaign]["settings_version"]
        settings = self._tables["campaign_settings"][campaign, version]["settings"]
        return CampaignSettings.model_validate(settings)

    # -------------------------------------------------------------- the wire

    def invite(self, dial: port.Dial, trunk: int, datagram: int) -> None:
        """A datagram of an INVITE leaves."""
        name = f"{dial.attempt} on trunk {trunk}, datagram {datagram}"
        self.invites += 1
        self.counts["INVITE" if datagram == 0 else "INVITE again"] += 1
        state = self._tables["campaign"][dial.campaign]["state"]
        if state in ("paused", *_ENDED):
            self._breaks(f"Silence: {name} left while {state}")
        self._parts_are_silent(name, dial, trunk)
        if datagram == 0:
            if (dial.attempt, trunk) in self._sent:
                self._breaks(f"Once: {name} twice")
            self._sent.add((dial.attempt, trunk))
        attempt = self._tables["attempt"].get(dial.attempt)
        if attempt is None:
            self._breaks(f"Once: {name} is not in the journal")
            return
        right = self._loop.time() - self._server.rights[attempt["cell_id"]]
        if right > LEASE_TTL_S:
            self._breaks(f"Silent when in doubt: {name}, {right:.3f} s after the last lease")
        if datagram == 0 and trunk == 0:
            if attempt["state"] != "launching":
                self._breaks(f"Once: {name} left when it was {attempt['state']} already")
            self._rules_hold(name, dial, attempt)
            self._gap_is_over(name, dial, attempt)

    def _parts_are_silent(self, name: str, dial: port.Dial, trunk: int) -> None:
        """What is paused by itself, while the campaign runs."""
        attempt = self._tables["attempt"].get(dial.attempt)
        lead = self._tables["lead"][attempt["lead_id"]] if attempt else None
        for hold in self._tables["campaign_hold"].values():
            receipt = self._tables["receipt"][hold["receipt_id"]]
            stands = hold["released_at"] is None and receipt["confirmed_at"] is not None
            if hold["campaign_id"] != dial.campaign or not stands:
                continue
            of_what = {
                "list": lead and lead["list_id"] == hold["list_id"],
                "zone": lead and lead["zone"] == hold["value"],
                "trunk": dial.trunks[min(trunk, len(dial.trunks) - 1)] == hold["value"],
                "calling_number": dial.calling_number == hold["value"],
            }
            self.counts["an INVITE beside a paused part"] += 1
            if of_what[hold["scope"]]:
                self._breaks(f"Silence: {name} left, of the paused {hold['scope']}")

    def _rules_hold(self, name: str, dial: port.Dial, attempt: Row) -> None:
        asked = attempt["asked_at"]
        forbidden = self._tables["do_not_call"].get(dial.number)
        if forbidden is not None and forbidden["since"] < asked:
            self._breaks(f"Rules: {name} to a number forbidden before it was asked for")
        settings = self._settings(dial.campaign)
        known = sum(
            1
            for key, row in self._tables["attempt"].items()
            if row["phone"] == dial.number
            and row["counted"]
            and key != dial.attempt
            and row["committed"] < asked
        )
        if known >= settings.caps.per_number_day:
            self._breaks(f"Rules: {name}, after {known} attempts on the number")
        if not self.clocks_stepped:
            lead = self._tables["lead"][attempt["lead_id"]]
            at = self._time() - timedelta(seconds=LEASE_TTL_S)  # when it was asked, at the earliest
            if not is_open(settings.hours, lead["zone"], at):
                self._breaks(f"Rules: {name}, outside the hours of {lead['zone']}")
            self.counts["hours looked at"] += 1

    def _gap_is_over(self, name: str, dial: port.Dial, attempt: Row) -> None:
        before = [
            row
            for row in self._tables["attempt"].values()
            if row["lead_id"] == attempt["lead_id"] and row["outcome"] is not None
        ]
        if not before or self.clocks_stepped:
            return
        last = max(before, key=lambda row: row["committed"])
        # Cleared up with the lead on its way again, a doubt stands for it: see docs/promise.md.
        outcome = Outcome.UNKNOWN if "try_kept" in last else Outcome(last["outcome"])
        retry = self._settings(dial.campaign).retries.get(outcome)
        waited = (self._time() - last["ended_at"]).total_seconds()
        self.counts[f"dialled again after {outcome}"] += 1
        if retry is None or waited < retry.after_s - 0.01:
            self._breaks(f"Once: {name}, {waited:.3f} s after {outcome}")

    def _time(self) -> datetime:
        """What a right clock shows."""
        return self._server.now() - timedelta(seconds=self._server.process.machine.step_s)

    # -------------------------------------------------------------- the calls

    def stopped(self, dial: port.Dial, how: str, rang_s: float | None, answered: bool) -> None:
        """A cell ends a call."""
        attempt = self._tables["attempt"].get(dial.attempt)
        if attempt is None or attempt["cell_id"] in self.stopping:
            return
        drains = {
            row["drain"]
            for row in self._tables["receipt"].values()
            # A call of a paused part may have begun after that, and be told so later.
            if row["campaign_id"] == dial.campaign
            and (row["epoch"] > attempt["epoch"] or row["kind"] == "part")
        }
        name = f"{dial.attempt}, which rang {rang_s}"
        if answered:
            self.counts["a conversation was ended by us"] += 1
            if "hang_up_all" not in drains and dial.attempt not in self.heard_out:
                self._breaks(f"Conversations: {how} of {dial.attempt} while it talked")
        elif drains & {"cancel_now", "hang_up_all"}:
            self.counts["a call was cancelled at once"] += 1
        elif "finish_lawfully" in drains:
            self.counts["a call was cancelled after its minimum"] += 1
            minimum = self._settings(dial.campaign).ring_minimum_s
            if rang_s is None or rang_s < minimum * _SLOWEST_CLOCK:
                self._breaks(f"Conversations: {how} of {name} before its minimum")
        else:
            self._breaks(f"Conversations: {how} of {name}, and no drain says so")

    # ---------------------------------------------------------- the lifecycle

    def changed(self, campaign: int, state: str) -> None:
        """A change of state is committed."""
        self.counts[f"a campaign became {state}"] += 1
        if state == "completed":
            left = [
                key
                for key, row in self._tables["lead"].items()
                if row["campaign_id"] == campaign and row["state"] not in ("done", "excluded")
            ]
            if left:
                self._breaks(f"Nothing lost: completed with leads {left} to work")

    def _no_pause_is_lost(self) -> None:
        for campaign, now in self._tables["campaign"].items():
            history = sorted(k[1] for k in self._tables["transition"] if k[0] == campaign)
            state, epoch = "running", 2  # as it was given
            for each in history:
                row = self._tables["transition"][campaign, each]
                if row["from_state"] != state or each != epoch + 1:
                    self._breaks(f"No lost pause: {row} after {state}, {epoch}")
                follows = CampaignState(row["to_state"])
                legal = [v for (k, _), v in LIFECYCLE.items() if k == row["from_state"]]
                if follows not in legal and row["from_state"] != row["to_state"]:
                    self._breaks(f"No lost pause: {row} is no transition")
                self._follows_from_a_decision(campaign, row, epoch)
                state, epoch = row["to_state"], each
            if (state, epoch) != (now["state"], now["epoch"]):
                self._breaks(f"No lost pause: {campaign} is {now}, its history ends with {state}")

    def _follows_from_a_decision(self, campaign: int, row: Row, epoch: int) -> None:
        made = self.decisions.get(row["actor"])
        if row["from_state"] == row["to_state"]:
            if made is None or made.kind != "part" or made.epoch not in (None, epoch):
                self._breaks(f"No lost pause: nobody paused a part by {row}, epoch {epoch}")
        elif row["to_state"] == "running" and row["actor"] == "timer":
            self._time_had_come(campaign, row)
        elif row["to_state"] in ("running", "pausing", "terminating"):
            wanted = {"running": "resume", "pausing": "pause", "terminating": "terminate"}
            if made is None or made.kind != wanted[row["to_state"]]:
                self._breaks(f"No lost pause: nobody asked for {row}")
            elif made.epoch not in (None, epoch):
                self._breaks(f"No lost pause: {row}, but {made} was of another epoch")

    def _time_had_come(self, campaign: int, row: Row) -> None:
        """Of all that had asked for the pause by then: the longest one counts."""
        self.counts["a timer ended a pause"] += 1
        ended = [
            receipt
            for receipt in self._tables["receipt"].values()
            if receipt["campaign_id"] == campaign
            and receipt["epoch"] < row["epoch"]
            and receipt["kind"] != "part"
        ]
        standing = max(ended, key=lambda receipt: receipt["epoch"])["id"]
        at = self._time() - timedelta(seconds=self._loop.time() - row["at_true"])
        for known_at, until in self.pauses.get(standing, []):
            early = until is None or (until > at and not self.clocks_stepped)
            if known_at < row["at_true"] and early:
                self._breaks(f"No lost pause: a timer ended at {at} a pause until {until}")

    # ------------------------------------------------------------------ the end

    def held_in_silence(self) -> list[int]:
        """Leads that a cell holds of campaigns that nobody may call for."""
        campaigns, leads = self._tables["campaign"], self._tables["lead"]
        silent = {key for key, row in campaigns.items() if row["state"] in ("paused", *_ENDED)}
        return [
            key for key, row in leads.items() if row["cell_id"] and row["campaign_id"] in silent
        ]

    def silence_holds_no_lead(self) -> None:
        """All was healed, and calls had their time to end."""
        for key in self.held_in_silence():
            lead = self._tables["lead"][key]
            self._breaks(f"Nothing lost: lead {key} is held while its campaign is silent: {lead}")

    def the_end(self, due_is_over: bool) -> None:
        """All was healed, ran on, and was paused."""
        self._nothing_is_lost(due_is_over)
        self._nothing_is_changed()
        self._cancelled_counts_nowhere()
        self._no_pause_is_lost()

    def _nothing_is_lost(self, due_is_over: bool) -> None:
        leads, attempts = self._tables["lead"], self._tables["attempt"]
        if leads.keys() != self._leads.keys():
            self._breaks("Nothing lost: leads are missing")
        open_ones = Counter(r["lead_id"] for r in attempts.values() if r["state"] != "ended")
        for key, row in leads.items():
            if row["state"] in _OPEN or row["cell_id"] or open_ones[key]:
                self._breaks(f"Nothing lost: lead {key} is left {row}, open: {open_ones[key]}")
        if not due_is_over:
            due = [key for key, row in leads.items() if row["state"] == "due"]
            self._breaks(f"Nothing lost: leads {due} were due, and nobody worked them")
        for attempt, _ in self._sent:
            if attempt not in attempts:
                self._breaks(f"Once: {attempt} was on the wire and is not in the journal")

    def _nothing_is_changed(self) -> None:
        settings = self._tables["campaign_settings"]
        for row in settings.values():
            given = CampaignSettings.model_validate(row["settings"])
            if row["digest"] != given.digest({"lists": ["list"]}):
                self._breaks(f"Nothing changed: version {row['version']} is not what was set")
            if row["changed_by"] != "given" and row["changed_by"] not in self.decisions:
                self._breaks(f"Nothing changed: nobody made version {row['version']}")
        for receipt in self._tables["receipt"].values():
            if receipt["confirmed_at"] is None:
                continue
            for which, when in (("before", "requested_true"), ("after", "sealed_true")):
                versions = [
                    row
                    for (campaign, _), row in settings.items()
                    if campaign == receipt["campaign_id"] and row["since_true"] <= receipt[when]
                ]
                in_force = max(versions, key=lambda row: row["version"])
                self.counts["a digest was compared"] += 1
                if receipt[f"settings_digest_{which}"] != in_force["digest"]:
                    self._breaks(f"Nothing changed: receipt {receipt['id']}, {which}")
        for key, row in self._tables["lead"].items():
            if row["phones"] != self._leads[key]["phones"]:
                self._breaks(f"Nothing changed: the numbers of lead {key}")

    def _cancelled_counts_nowhere(self) -> None:
        counted: Counter[int] = Counter()
        for row in self._tables["attempt"].values():
            if row["outcome"] == "cancelled":
                self.counts["a cancelled attempt was looked at"] += 1
                if row["counted"]:
                    self._breaks(f"Conversations: {row} was cancelled and counts")
            # A doubt keeps its try where it was cleared up with the lead on its way again.
            counted[row["lead_id"]] += row["counted"] or row.get("try_kept", False)
        for key, row in self._tables["lead"].items():
            if row["attempts"] > counted[key]:
                self._breaks(f"Conversations: lead {key} has {row['attempts']} attempts")
