"""What the API shows of campaigns, receipts, calls and leads: the response models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from caesura.rules import report
from caesura.rules.campaign import CampaignSettings, CampaignState, allowed
from caesura.rules.message import MessageStatus
from caesura.rules.message import status as message_status
from caesura.rules.opt_out import ReplyMeaning
from caesura.rules.outcome import Outcome
from caesura.rules.part import Scope
from caesura.rules.pause_rule import Evidence
from caesura.rules.resumption import Condition

Moment = Annotated[datetime, AfterValidator(lambda moment: moment.astimezone(UTC))]


class LeadCounts(BaseModel):
    """How many leads are in each state; the states add up to `total`."""

    total: int
    due: int = Field(description="May be called now, hours permitting.")
    waiting: int = Field(description="Wait for a retry.")
    in_progress: int = Field(description="Have a call on the wire.")
    held: int = Field(description="Kept by the pause of their list or state.")
    done: int
    excluded: int = Field(description="Never to be called: do-not-call, duplicates.")


class InFlight(BaseModel):
    """Calls on the wire right now."""

    ringing: int
    talking: int


class ReceiptCell(BaseModel):
    """What one cell put into a receipt."""

    cell_id: UUID
    node: str
    confirmed_by: str | None
    acknowledged_at: Moment | None
    last_launch_at: Moment | None
    ringing: int
    conversations_left: int
    leads_returned: int


class PartName(BaseModel):
    """One part of a campaign."""

    scope: Scope
    value: str


class HoldView(PartName):
    """The pause of one part of a campaign."""

    id: int
    drain: str
    receipt_id: int
    actor: str
    reason: str | None
    since: Moment
    until: Moment | None = Field(description="Ends by itself then.")
    confirmed_at: Moment | None = Field(description="When its silence was certain.")
    released_at: Moment | None
    released_by: str | None


class Receipt(BaseModel):
    """The record of one pause, of all or of parts, or termination."""

    id: int
    campaign: str
    kind: str = Field(description="`pause`, `terminate`, or `part`.")
    parts: list[PartName] | None = Field(description="Of `part`: which were paused; else null.")
    epoch: int
    actor: str
    reason: str | None
    drain: str
    emergency: bool = Field(description="It was a pause of everything.")
    resume_at: Moment | None = Field(description="Asked to end by itself, not before then.")
    resume_when: list[Condition] = Field(description="Asked to end by itself when these hold.")
    requested_at: Moment
    confirmed_at: Moment | None = Field(description="When silence was certain.")
    confirmed_by: str | None = Field(description="`acknowledgement` or `expiry`.")
    completed_at: Moment | None = Field(description="When the campaign's last call had ended.")
    last_launch_at: Moment | None = Field(description="The last INVITE before silence.")
    ringing_at_request: int
    talking_at_request: int
    cancelled: int
    conversations_left: int
    leads_returned: int
    cells: list[ReceiptCell]
    settings_digest_before: str
    settings_digest_after: str | None
    evidence: Evidence | None = Field(None, description="Why a rule paused; null: by decision.")


class Resumption(BaseModel):
    """How the standing pause ends by itself."""

    until: Moment | None = Field(description="Not before this time.")
    when: list[Condition] = Field(description="And when all of these hold.")
    sentence: str = Field(description="What it waits for, for people.")
    at: Moment | None = Field(
        description="When that will be, activity hours heeded; null: unknown."
    )
    set_by: str | None = Field(description="Who changed it since the pause began.")
    set_at: Moment | None


class EmergencyStop(BaseModel):
    """The standing pause was one of everything."""

    by: str
    at: Moment
    two_to_release: bool = Field(description="A second person must approve the resume.")


class ReleaseRequest(BaseModel):
    """Somebody asks to release an emergency stop; another person must approve."""

    asked_by: str
    asked_at: Moment
    reason: str | None
    expires_at: Moment


class RampUp(BaseModel):
    """After a resume the campaign grows evenly to its full speed."""

    since: Moment
    until: Moment
    allowed: int = Field(description="Calls at once, now.")
    of: int = Field(description="Calls at once, in the end.")


class CampaignName(BaseModel):
    """Which campaign."""

    id: int
    name: str


class CampaignView(BaseModel):
    """A campaign as the list and its page show it."""

    id: int
    name: str
    status: CampaignState
    epoch: int = Field(description="Raised by every lifecycle change.")
    state_since: Moment
    allowed: list[str] = Field(description="The transitions that are possible now.")
    resume_at: Moment | None = Field(description="A timed pause resumes not before then.")
    resumption: Resumption | None = Field(description="null: until somebody resumes.")
    emergency: EmergencyStop | None = Field(description="null: no emergency stop.")
    release_request: ReleaseRequest | None = Field(description="Awaits a second person.")
    destination: CampaignName | None = Field(
        description="Whose calls its agents take while it is paused; null: their other campaigns'."
    )
    ramp_up: RampUp | None = Field(description="null: at full speed, or not running.")
    channel: str
    needs_agents: bool = Field(description="Its calls are for people at desks.")
    lists: list[str]
    received: int = Field(description="Calls that rang, were answered, busy or declined.")
    answered: int
    average_duration_s: float | None = Field(
        description="Mean of answer to end over answered calls that have ended; null before one."
    )
    answer_rate: float | None = Field(description="Answered over received; null before one.")
    launched: int = Field(description="Calls whose INVITE left; messages handed over.")
    sent: int = Field(0, description="Messages that a provider took.")
    delivered: int = Field(0, description="Of the sent: known to have arrived.")
    undelivered: int = Field(0, description="Of the sent: known not to have arrived.")
    delivery_rate: float | None = Field(
        None, description="Delivered over those whose fate is known; null before one."
    )
    replies: int = 0
    opt_outs: int = Field(0, description="Replies that ask for no more.")
    progress: float | None = Field(description="Share of leads done or excluded; null without.")
    leads: LeadCounts
    in_flight: InFlight
    settings_version: int
    settings_digest: str
    last_receipt: Receipt | None = Field(description="Of the whole campaign, not of a part.")
    holds: list[HoldView] = Field(description="The parts that are paused.")
    why: str | None = Field(None, description="Why a running campaign dials nothing, or null.")
    created_by: str
    created_at: Moment


@dataclass(frozen=True)
class Standing:
    """What is known of how a campaign stands, beside its row."""

    why: str | None = None
    resumption: Resumption | None = None
    release_request: ReleaseRequest | None = None
    ramp_up: RampUp | None = None
    holds: list[HoldView] = field(default_factory=list)


def campaign_view(
    row: Mapping[str, Any], receipt: Receipt | None, standing: Standing
) -> CampaignView:
    """The view from a row of `store.campaign.views`."""
    counts = report.Counts(**{each.name: row[each.name] for each in fields(report.Counts)})
    leads = LeadCounts(**{name: row[name] for name in LeadCounts.model_fields})
    duration, rate = report.average_duration_s(counts), report.answer_rate(counts)
    delivery = report.delivery_rate(counts)
    return CampaignView(
        **{name: row[name] for name in _COPIED},
        allowed=[str(transition) for transition in allowed(CampaignState(row["status"]))],
        average_duration_s=None if duration is None else round(duration, 3),
        answer_rate=None if rate is None else round(rate, 4),
        delivery_rate=None if delivery is None else round(delivery, 4),
        progress=report.progress(leads.model_dump(exclude={"total"})),
        leads=leads,
        in_flight=InFlight(ringing=row["ringing"], talking=row["talking"]),
        last_receipt=receipt,
        emergency=_emergency(row),
        destination=_destination(row),
        **{each.name: getattr(standing, each.name) for each in fields(standing)},
    )


def _emergency(row: Mapping[str, Any]) -> EmergencyStop | None:
    if row["stopped_by"] is None:
        return None
    return EmergencyStop(
        by=row["stopped_by"], at=row["stopped_at"], two_to_release=row["two_to_release"]
    )


def _destination(row: Mapping[str, Any]) -> CampaignName | None:
    if row["agents_go_to"] is None:
        return None
    return CampaignName(id=row["agents_go_to"], name=row["agents_go_to_name"])


_COPIED = frozenset(CampaignView.model_fields) - {
    "allowed",
    "average_duration_s",
    "answer_rate",
    "delivery_rate",
    "progress",
    "leads",
    "in_flight",
    "last_receipt",
    "emergency",
    "destination",
    *(each.name for each in fields(Standing)),
}


class SettingsView(BaseModel):
    """One version of a campaign's settings."""

    version: int
    settings: CampaignSettings
    digest: str
    changed_by: str
    changed_at: Moment


class TransitionView(BaseModel):
    """One row of the lifecycle history."""

    from_state: str
    to_state: str
    epoch: int
    actor: str
    reason: str | None
    at: Moment
    receipt_id: int | None


class CallView(BaseModel):
    """One attempt: one call, whether it was answered or not, or one message."""

    id: UUID
    campaign: str
    lead_id: int
    channel: str
    state: str
    number: str
    calling_number: str
    trunk: str | None
    sip_call_id: str | None
    journalled_at: Moment
    launched_at: Moment | None
    ringing_at: Moment | None
    answered_at: Moment | None
    ended_at: Moment | None
    duration_s: float | None = Field(description="Answer to end, seconds; null if not answered.")
    outcome: str | None
    received: bool
    counted: bool = Field(description="Counts against the attempt caps.")
    ended_by: str | None
    sip_status: int | None
    q850_cause: int | None
    detail: str | None
    key_pressed: str | None
    # Of messages; null for calls.
    message: MessageStatus | None = Field(
        description="Where a message stands. `held`: here, it can be stopped. From `handed_over` "
        "on nobody can."
    )
    provider: str | None
    text: str | None = Field(description="As it was sent.")
    subject: str | None
    address: str | None = Field(description="Where to, if that is not the number.")
    segments: int | None
    code: str | None = Field(description="The provider's own word for a failure.")
    delivery_at: Moment | None = Field(description="Delivered, or known not to be.")
    follow_up: bool = Field(description="It followed on a call.")


class CallDetail(CallView):
    """One attempt with the contact that it was for."""

    epoch: int
    cell_id: UUID
    contact_id: int
    list: str
    list_line: int
    attributes: dict[str, Any]


_CallT = TypeVar("_CallT", bound=CallView)


def call_view(row: Mapping[str, Any], model: type[_CallT]) -> _CallT:
    """The view from a row of `store.listing`."""
    answered, ended = row["answered_at"], row["ended_at"]
    duration = (ended - answered).total_seconds() if answered and ended else None
    more: dict[str, Any] = {"number": row["phone"], "duration_s": duration}
    more |= {"message": None, "provider": None}
    if row["channel"] != "voice":
        outcome = None if row["outcome"] is None else Outcome(row["outcome"])
        stands = message_status(outcome=outcome, handed_over=row["launched_at"] is not None)
        more |= {"message": stands, "provider": row["trunk"], "trunk": None}
    return model(**{**row, **more})


class LeadReply(BaseModel):
    """What the contact wrote back."""

    at: Moment
    sender: str
    text: str
    meaning: ReplyMeaning


LeadReplies = list[LeadReply]  # `list` is a field there


class LeadView(BaseModel):
    """One contact's place in the campaign."""

    id: int
    state: str
    contact_id: int
    phones: list[str]
    next_phone: str | None
    zone: str
    priority: int
    due_at: Moment | None = Field(description="For due and waiting leads: when due.")
    attempts: int = Field(description="Attempts that count against the caps.")
    tries: dict[str, int] = Field(description="How many attempts had which outcome.")
    result: str | None
    list: str
    list_line: int
    attributes: dict[str, Any]
    replies: LeadReplies = []


def lead_view(row: Mapping[str, Any]) -> LeadView:
    due_at = row["due_at"] if row["state"] in ("due", "waiting") else None
    return LeadView(**{**row, "due_at": due_at})
