"""What a campaign is told to do (its settings) and what it may become (its lifecycle).

Settings and lifecycle are apart on purpose: nothing that writes settings can touch the state, so
no stale form or importer can overwrite a pause (the invariant "No lost pause").
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    field_validator,
    model_validator,
)

from caesura.rules.activity_hours import ActivityHours
from caesura.rules.agent_settings import AgentSettings
from caesura.rules.message_settings import Channel, FollowUp, MessageText
from caesura.rules.outcome import Outcome
from caesura.rules.pause_rule_settings import PauseRules
from caesura.rules.price import Price


class CampaignState(StrEnum):
    """Where a campaign stands. Conditions such as "waiting for activity hours" are not states."""

    DRAFT = "draft"  # never started
    RUNNING = "running"  # cells may hold leases
    PAUSING = "pausing"  # paused by decision, silence not confirmed yet
    PAUSED = "paused"  # silence confirmed
    TERMINATING = "terminating"  # ended by decision, silence not confirmed yet
    TERMINATED = "terminated"  # ended by decision; never leaves this state
    COMPLETED = "completed"  # nothing left to do


class Transition(StrEnum):
    """What somebody, or a rule, asks of a campaign's lifecycle."""

    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    TERMINATE = "terminate"
    COMPLETE = "complete"
    CONFIRM = "confirm"  # silence is confirmed: a passing state becomes its lasting one


# The whole lifecycle, in one table: (state, transition) -> next state. What is not here is illegal.
LIFECYCLE: dict[tuple[CampaignState, Transition], CampaignState] = {
    (CampaignState.DRAFT, Transition.START): CampaignState.RUNNING,
    (CampaignState.DRAFT, Transition.TERMINATE): CampaignState.TERMINATED,
    (CampaignState.RUNNING, Transition.PAUSE): CampaignState.PAUSING,
    (CampaignState.RUNNING, Transition.TERMINATE): CampaignState.TERMINATING,
    (CampaignState.RUNNING, Transition.COMPLETE): CampaignState.COMPLETED,
    (CampaignState.PAUSING, Transition.CONFIRM): CampaignState.PAUSED,
    (CampaignState.PAUSING, Transition.TERMINATE): CampaignState.TERMINATING,
    (CampaignState.PAUSED, Transition.RESUME): CampaignState.RUNNING,
    (CampaignState.PAUSED, Transition.TERMINATE): CampaignState.TERMINATED,
    (CampaignState.TERMINATING, Transition.CONFIRM): CampaignState.TERMINATED,
}


def allowed(state: CampaignState) -> list[Transition]:
    """What somebody may ask of a campaign in `state`, in the order of the table.

    Not CONFIRM and COMPLETE, which nobody asks for: they follow from what the cells report.
    """
    return [
        transition
        for (from_state, transition) in LIFECYCLE
        if from_state is state and transition not in (Transition.CONFIRM, Transition.COMPLETE)
    ]


class Drain(StrEnum):
    """What becomes of the calls that ring at the moment of a pause (docs/architecture.md)."""

    FINISH_LAWFULLY = "finish_lawfully"  # cancel each once it has rung its minimum
    CANCEL_NOW = "cancel_now"  # cancel at once, also below the minimum ring time
    LET_RING = "let_ring"  # let each ring to its timeout
    HANG_UP_ALL = "hang_up_all"  # cancel what rings and hang up conversations too


class Clocks(StrEnum):
    """What a pause does to retry delays."""

    FREEZE = "freeze"  # delays shift by the paused time
    RUN = "run"  # delays run on


class KeyMeaning(StrEnum):
    """What a digit pressed by the callee means (RFC 4733 telephone events)."""

    REPEAT = "repeat"
    OPT_OUT = "opt_out"
    CONFIRM = "confirm"


class NumberChoice(StrEnum):
    """How a call's calling number is chosen from the campaign's."""

    ROTATE = "rotate"
    LOCAL_PRESENCE = "local_presence"  # the longest common prefix with the called number


class RetryNumber(StrEnum):
    """Which of the contact's numbers the next attempt uses."""

    SAME = "same"
    NEXT = "next"  # the next one, round and round


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Retry(_Settings):
    """What to do after one outcome."""

    max: int = Field(3, ge=0, le=100)  # how many retries after this outcome, per lead
    after_s: int = Field(3600, ge=0, le=90 * 86400)  # delay before the retry, seconds
    number: RetryNumber = RetryNumber.NEXT


def _default_retries() -> dict[Outcome, Retry]:
    return {
        Outcome.BUSY: Retry(max=3, after_s=900),
        Outcome.NO_ANSWER: Retry(max=3, after_s=4 * 3600),
        Outcome.DECLINED: Retry(max=1, after_s=24 * 3600),
        Outcome.CONGESTION: Retry(max=5, after_s=300, number=RetryNumber.SAME),
        Outcome.FAILED: Retry(max=3, after_s=900, number=RetryNumber.SAME),
        # 72 h: Ofcom guidance for abandoned numbers (docs/regulations.md)
        Outcome.ABANDONED: Retry(max=1, after_s=72 * 3600),
        Outcome.CANCELLED: Retry(max=100, after_s=900, number=RetryNumber.SAME),
        Outcome.UNKNOWN: Retry(max=3, after_s=3600, number=RetryNumber.SAME),
    }


class Message(_Settings):
    """The recorded message that an answered call hears."""

    recording: str  # name of an uploaded recording
    start: Literal["at_answer", "after_silence"] = "at_answer"
    silence_ms: int = Field(700, ge=100, le=5000)  # so long silent counts as "stopped speaking"
    silence_wait_ms_max: int = Field(6000, ge=500, le=30000)  # then the message starts anyway
    keys: dict[Annotated[str, Field(pattern=r"^[0-9*#A-D]$")], KeyMeaning] = {}
    after_message_wait_ms: int = Field(0, ge=0, le=30000)  # time to press a key before hang-up


class Ceiling(_Settings):
    """What every kind of pacing keeps below, whatever else it decides."""

    concurrency: int = Field(10, ge=1, le=100_000)  # calls of the campaign at once, all cells
    cps: float | None = Field(None, gt=0, le=10_000)  # calls started per second, all cells


class FixedPacing(Ceiling):
    """Fixed concurrency: so many calls at once, started no faster than `cps`."""

    kind: Literal["fixed"] = "fixed"


class _AgentPacing(Ceiling):
    """Of every kind whose calls are for agents."""

    # Conversations are among them, so the agents are the narrower limit, unless this is lowered.
    concurrency: int = Field(1000, ge=1, le=100_000)
    # 47 CFR 64.1200(a)(7)(i): within 2 s of the person's completed greeting
    connect_within_s: float = Field(2.0, ge=0, le=10)
    # From which moment they count. The answer is earlier and always known; the greeting's end needs
    # somebody who listens, and is taken to be no later than GREETING_S_MAX after the answer.
    connect_counts_from: Literal["answer", "greeting"] = "answer"


class PreviewPacing(_AgentPacing):
    """The agent sees the lead first."""

    kind: Literal["preview"] = "preview"
    countdown_s: float | None = Field(None, ge=3, le=600)  # then the call starts; None: never


class ProgressivePacing(_AgentPacing):
    """One call for each free agent."""

    kind: Literal["progressive"] = "progressive"


class PredictivePacing(_AgentPacing):
    """Calls ahead of the agents, abandonment held at or under a target."""

    kind: Literal["predictive"] = "predictive"
    # 47 CFR 64.1200(a)(7) and 16 CFR 310.4(b)(4): at most 3 % of the calls answered by a person
    abandonment_max: float = Field(0.03, ge=0, le=0.2)


PACING_KINDS = ("fixed", "preview", "progressive", "predictive")
GREETING_S_MAX = 4.0  # a longer greeting is a machine's
AGENT_PACING = (PreviewPacing, ProgressivePacing, PredictivePacing)


def _kind(pacing: Any) -> Any:
    """Fixed pacing need not be named: it was the only kind."""
    if isinstance(pacing, dict):
        return pacing.get("kind", "fixed")
    return getattr(pacing, "kind", "fixed")


Pacing = Annotated[
    Annotated[FixedPacing, Tag("fixed")]
    | Annotated[PreviewPacing, Tag("preview")]
    | Annotated[ProgressivePacing, Tag("progressive")]
    | Annotated[PredictivePacing, Tag("predictive")],
    Discriminator(_kind),
]


class Caps(_Settings):
    """How often a lead or number may be tried. Defaults: Reg F, 12 CFR 1006.14(b), 7 in 7 days."""

    per_lead: int = Field(8, ge=1, le=1000)  # attempts per lead in this campaign
    per_number_day: int = Field(3, ge=1, le=1000)  # attempts per number in 24 h, all campaigns
    per_number_7_days: int = Field(7, ge=1, le=1000)  # attempts per number in 7 x 24 h, all


class CampaignSettings(_Settings):
    """Everything a manager sets. Versioned in the store: a change is a new version, never an edit.

    Unknown names are refused, so a misspelt setting is an error and not a surprise.
    """

    channel: Channel = "voice"
    message: Message | None = None  # what an answered call hears; required to start
    text: MessageText | None = (
        None  # what is sent; required to start where the channel is not voice
    )
    follow_ups: list[FollowUp] = Field([], max_length=10)  # of a voice campaign
    calling_numbers: list[str] = []  # E.164
    number_choice: NumberChoice = NumberChoice.ROTATE
    trunks: list[str] = []  # names, in order of preference
    pacing: Pacing = FixedPacing()
    agents: AgentSettings = AgentSettings()  # who take its calls
    priority: int = Field(5, ge=1, le=9)  # 9 first: who gets a scarce trunk channel
    hours: ActivityHours = ActivityHours()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    ring_timeout_s: int = Field(30, ge=5, le=180)
    ring_minimum_s: int = Field(15, ge=0, le=60)  # 16 CFR 310.4(b)(4)(ii): 15 s or 4 rings
    retries: dict[Outcome, Retry] = Field(default_factory=_default_retries)
    caps: Caps = Caps()
    drain: Drain = Drain.FINISH_LAWFULLY
    clocks: Clocks = Clocks.FREEZE
    ramp_up_s: int = Field(30, ge=0, le=3600)  # after a resume, from one call to full speed
    price: Price = Price()
    pause_rules: PauseRules = PauseRules()

    @field_validator("starts_at", "ends_at")
    @classmethod
    def _aware(cls, value: datetime | None) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("must name its time zone, as in 2026-12-01T09:00:00-05:00")
        return value

    @model_validator(mode="after")
    def _ordered(self) -> CampaignSettings:
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValueError("ends_at must be later than starts_at")
        if self.ring_minimum_s > self.ring_timeout_s:
            raise ValueError("ring_minimum_s must not exceed ring_timeout_s")
        budget = self.pause_rules.budget
        if budget.enabled and budget.has_cost and self.price.is_free:
            raise ValueError("pause_rules.budget: a budget in money needs a price")
        return self

    @property
    def pace(self) -> Ceiling:
        """How many attempts at once, and how many a second, at most, on whichever channel."""
        if self.channel == "voice" or self.text is None:
            return self.pacing
        return FixedPacing(concurrency=self.text.in_flight, cps=self.text.per_second)

    def outside_dates(self, now: datetime) -> bool:
        """Before `starts_at`, or at or after `ends_at`."""
        starts, ends = self.starts_at, self.ends_at
        return (starts is not None and now < starts) or (ends is not None and now >= ends)

    @property
    def needs_agents(self) -> bool:
        """Its calls are for people at desks, not for a message."""
        return self.channel == "voice" and isinstance(self.pacing, AGENT_PACING)

    @property
    def sends(self) -> bool:
        """Some of its attempts are messages, so that contacts' attributes are needed."""
        return self.channel != "voice" or bool(self.follow_ups)

    @property
    def shows_contacts(self) -> bool:
        """Agents see the contact's attributes, or messages are written with them."""
        return self.sends or self.needs_agents

    @property
    def recordings(self) -> dict[str, str]:
        """What its callees may hear, by the setting that names it."""
        named: dict[str, str | None] = {}
        if self.channel == "voice" and self.message is not None:
            named["message.recording"] = self.message.recording
        if self.needs_agents:
            named["agents.abandoned_recording"] = self.agents.abandoned_recording
            named["agents.lost_recording"] = self.agents.lost_recording
        return {field: name for field, name in named.items() if name is not None}

    def digest(self, assignments: dict[str, Any] | None = None) -> str:
        """SHA-256 over the canonical JSON of these settings and what is assigned beside them.

        `assignments` is whatever else is the campaign's configuration (its lists). The receipt
        carries it before and after a pause to show that nothing changed.
        """
        canonical = json.dumps(
            {"settings": self.model_dump(mode="json"), "assignments": assignments or {}},
            sort_keys=True,
            separators=(",", ":"),
        )
        return hashlib.sha256(canonical.encode()).hexdigest()
