"""What a run tells: lines of progress, a table, a JSON file."""

from __future__ import annotations

import dataclasses
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.faults.judge import Violation
from tests.faults.rounds import Pausing


@dataclass
class Figures:
    """Everything that is counted."""

    seed: int
    nodes: int
    cps: float
    seconds: float = 0.0
    rounds: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    invites: int = 0  # with retransmissions
    calls: int = 0  # without
    attempts: int = 0  # in the journal
    unknown: int = 0  # of them, in doubt
    flowing_s: float = 0.0  # how long all campaigns called, up to the decisions to stop them
    flowing: int = 0  # calls in that time
    receipts: Counter[str] = field(default_factory=Counter)  # "pause by acknowledgement" …
    pausings: list[Pausing] = field(default_factory=list)
    to_flow_s: list[float] = field(default_factory=list)  # from a resume to the first INVITE
    # INVITEs whose gate shut between the question and the look right after the send
    at_the_last_moment: int = 0
    beside_parts: int = 0  # INVITEs of the rest of a campaign while a part was silent
    violations: list[Violation] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)  # of the harness itself
    unfinished: str | None = None  # why it ended before its time

    def line(self, elapsed_s: float, doing: str) -> str:
        """One line of progress."""
        return (
            f"[{elapsed_s:6.0f} s] seed {self.seed} round {self.rounds} {doing:<28} "
            f"faults {self.faults.total():4} confirmed {self.receipts.total():4} "
            f"invites {self.invites:6} violations {len(self.violations)}"
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "seed": self.seed,
            "nodes": self.nodes,
            "calls_per_s_asked_for": self.cps,
            "calls_per_s_reached": round(self.flowing / self.flowing_s, 1) if self.flowing_s else 0,
            "minutes": round(self.seconds / 60, 2),
            "unfinished": self.unfinished,
            "rounds": self.rounds,
            "faults": dict(sorted(self.faults.items())),
            "faults_total": self.faults.total(),
            "receipts_confirmed": dict(sorted(self.receipts.items())),
            "calls_on_the_wire": self.calls,
            "invites_on_the_wire": self.invites,
            "attempts_journalled": self.attempts,
            "attempts_in_doubt": self.unknown,
            "confirmation_ms": {
                "without a fault": _spread([p for p in self.pausings if not p.faults]),
                "with faults": _spread([p for p in self.pausings if p.faults]),
            },
            "invites_as_their_gate_shut": self.at_the_last_moment,
            "invites_beside_a_paused_part": self.beside_parts,
            "pauses_never_answered": sum(p.answered_at is None for p in self.pausings),
            "resume_to_first_invite_s": {
                "median": round(statistics.median(self.to_flow_s), 2) if self.to_flow_s else None,
                "max": round(max(self.to_flow_s), 2) if self.to_flow_s else None,
            },
            "violations": [dataclasses.asdict(one) for one in self.violations],
            "failures_of_the_harness": self.failures,
        }

    def table(self) -> str:
        told = self.as_json()
        rows: list[tuple[str, Any]] = [
            ("seed", self.seed),
            ("minutes", told["minutes"]),
            ("nodes", self.nodes),
            ("rounds", self.rounds),
            ("calls/s while running", told["calls_per_s_reached"]),
            ("calls on the wire", self.calls),
            ("INVITE datagrams", self.invites),
            ("attempts journalled", self.attempts),
            ("  of them in doubt", self.unknown),
            ("faults injected", self.faults.total()),
            *((f"  {kind}", n) for kind, n in sorted(self.faults.items())),
            ("receipts confirmed", self.receipts.total()),
            *((f"  {kind}", n) for kind, n in sorted(self.receipts.items())),
            *(
                (f"confirmation, {which}", _told(spread))
                for which, spread in told["confirmation_ms"].items()
            ),
            ("INVITEs as their gate shut", self.at_the_last_moment),
            ("INVITEs beside a paused part", self.beside_parts),
            ("pauses never answered (40 s)", told["pauses_never_answered"]),
            ("resume to first INVITE, median", f"{told['resume_to_first_invite_s']['median']} s"),
            ("violations", len(self.violations)),
        ]
        width = max(len(name) for name, _ in rows)
        lines = [f"{name:<{width}}  {value}" for name, value in rows]
        lines += [f"VIOLATION ({one.rule}): {one.text}" for one in self.violations]
        lines += [f"the harness: {one}" for one in self.failures]
        if self.unfinished:
            lines.append(f"UNFINISHED: {self.unfinished}")
        return "\n".join(lines)


def _spread(pausings: Sequence[Pausing]) -> dict[str, Any]:
    ms = sorted(1000 * (p.answered_at - p.asked_at) for p in pausings if p.answered_at is not None)
    if not ms:
        return {"n": 0}
    return {
        "n": len(ms),
        "median": round(statistics.median(ms), 1),
        "p99": round(ms[min(len(ms) - 1, int(0.99 * len(ms)))], 1),
        "max": round(ms[-1], 1),
    }


def _told(spread: dict[str, Any]) -> str:
    if not spread["n"]:
        return "none"
    return f"{spread['median']} ms median, {spread['p99']} ms p99 of {spread['n']}"
