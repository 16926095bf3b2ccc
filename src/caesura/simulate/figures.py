"""What a simulated shift comes to. Each figure's meaning stands beside it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from caesura.rules.pacing.abandonment import Answers


@dataclass
class Slice:
    """A few minutes of the shift, for charts."""

    at_s: float  # into the shift, when it began
    signed_in_s: float = 0.0  # agents times seconds, without breaks
    talking_s: float = 0.0
    busy_s: float = 0.0  # talking and wrapping up
    calls: int = 0
    answered: int = 0
    abandoned: int = 0


@dataclass
class Figures:
    """One pacer's shift."""

    pacing: str
    signed_in_s: float = 0.0  # agents times seconds, without breaks
    talking_s: float = 0.0
    wrapping_s: float = 0.0
    calls: int = 0
    failed: int = 0  # of them, by the carrier
    answers: Answers = field(default_factory=Answers)
    hung_up: int = 0  # callers who did not wait out their time
    waited_s: float = 0.0  # callers connected, between answer and agent
    waited: int = 0  # of them, who waited at all
    waited_s_max: float = 0.0
    leads_left: int | None = None
    finished_at_s: float | None = None  # the last lead was done; None: leads are left, or no end
    worst_us_rate: float = 0.0  # the highest that the rate of the shift stood at, from 100 answers
    computing_s: float = 0.0
    slices: list[Slice] = field(default_factory=list)

    @property
    def occupancy(self) -> float:
        """Talking and wrapping up, per time signed in without breaks."""
        return (self.talking_s + self.wrapping_s) / self.signed_in_s if self.signed_in_s else 0.0

    @property
    def talk_occupancy(self) -> float:
        """Talking alone, per time signed in without breaks."""
        return self.talking_s / self.signed_in_s if self.signed_in_s else 0.0

    @property
    def idle_s(self) -> float:
        """How long an agent waits for a call, on average."""
        idle = self.signed_in_s - self.talking_s - self.wrapping_s
        return idle / self.answers.connected if self.answers.connected else idle

    @property
    def wait_s(self) -> float:
        """How long a connected caller waited for an agent, on average."""
        return self.waited_s / self.answers.connected if self.answers.connected else 0.0

    @property
    def talks_per_hour(self) -> float:
        """Conversations per agent and hour signed in."""
        return 3600 * self.answers.connected / self.signed_in_s if self.signed_in_s else 0.0

    def document(self) -> dict[str, Any]:
        """All of it for JSON; rates 0 to 1, null where there is nothing to compute them from."""
        found = asdict(self)
        found.update(
            us_abandonment=self.answers.us_rate,
            uk_abandonment=self.answers.uk_rate,
            occupancy=self.occupancy,
            talk_occupancy=self.talk_occupancy,
            idle_s=self.idle_s,
            wait_s=self.wait_s,
            talks_per_agent_hour=self.talks_per_hour,
            calls_per_agent_hour=3600 * self.calls / self.signed_in_s if self.signed_in_s else 0.0,
        )
        return found
