"""What the practice carrier counted, for its summary and its report file."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Counts:
    """Counted since the start. Calls are INVITEs that start one, not their retransmissions."""

    invites: int = 0  # INVITE datagrams that are no retransmission, challenged ones included
    retransmitted_invites: int = 0
    challenged: int = 0  # answered by 401 or 407
    calls: int = 0  # INVITEs that reached a callee
    refused_no_channel: int = 0  # 503 for lack of a channel
    answered: int = 0
    cancelled: int = 0
    talk_s: float = 0.0  # summed over the answered calls that have ended
    talks: int = 0  # answered calls that have ended
    calls_at_once_max: int = 0
    packets_heard: int = 0
    packets_with_sound: int = 0
    behaviours: Counter[str] = field(default_factory=Counter)
    numbers: Counter[str] = field(default_factory=Counter)  # calls per number
    first_invite_at: float | None = None  # UTC seconds
    last_invite_at: float | None = None

    @property
    def mean_talk_s(self) -> float | None:
        return self.talk_s / self.talks if self.talks else None

    def as_json(self) -> dict[str, Any]:
        mean = self.mean_talk_s
        return {
            "invites": self.invites,
            "retransmitted_invites": self.retransmitted_invites,
            "challenged": self.challenged,
            "calls": self.calls,
            "refused_no_channel": self.refused_no_channel,
            "answered": self.answered,
            "cancelled": self.cancelled,
            "mean_talk_s": None if mean is None else round(mean, 3),
            "calls_at_once_max": self.calls_at_once_max,
            "packets_heard": self.packets_heard,
            "packets_with_sound": self.packets_with_sound,
            "behaviours": dict(sorted(self.behaviours.items())),
            "numbers_called": len(self.numbers),
            "calls_per_number_max": max(self.numbers.values(), default=0),
            "first_invite_at": self.first_invite_at,
            "last_invite_at": self.last_invite_at,
        }

    def summary(self) -> str:
        """A few lines for people."""
        mean = "-" if self.mean_talk_s is None else f"{self.mean_talk_s:.1f} s"
        share = f" ({self.answered / self.calls:.0%})" if self.calls else ""
        lines = [
            f"INVITEs  {self.invites} (and {self.retransmitted_invites} sent again)",
            f"Calls    {self.calls} to {len(self.numbers)} numbers, "
            f"at most {self.calls_at_once_max} at once",
            f"Answered {self.answered}{share}, mean talk {mean}",
            f"Cancelled by the caller {self.cancelled}",
        ]
        lines += [f"  {kind:<20}{count:>8}" for kind, count in self.behaviours.most_common()]
        return "\n".join(lines)
