"""/desk: an agent's own desk. For a person's session whose user is an agent."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from caesura.rules.disposition import NOTES_MAX
from caesura.web.desk_views import Colleagues, DeskView, Today

router = APIRouter(prefix="/desk", tags=["desk"])


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Offer(_Asked):
    """The page's WebRTC offer, all candidates in it (RFC 8829, RFC 8840 is not used)."""

    offer: str = Field(max_length=100_000, description="SDP.")
    number: int = Field(0, ge=0, le=2**31, description="Counts the offers of one page.")


class ConnectionAnswer(BaseModel):
    """The answer to an offer."""

    answer: str = Field(description="SDP.")
    number: int = Field(description="Of the offer.")


class PresenceAsked(_Asked):
    """What the agent wants to be; in a call: after it."""

    presence: Literal["available", "break"]
    reason: str | None = Field(None, min_length=1, max_length=200, description="Of a break.")


class CallAsked(_Asked):
    """A lead to call by hand."""

    campaign: int = Field(ge=1, le=2**63 - 1)
    lead: int = Field(ge=1, le=2**63 - 1)


class Switch(_Asked):
    """On or off."""

    on: bool


class Digits(_Asked):
    """Keys to press towards the callee."""

    digits: str = Field(min_length=1, max_length=50, pattern=r"^[0-9*#]+$")


class Transfer(_Asked):
    """To whom the conversation goes."""

    to: str | None = Field(
        None, max_length=100, description="An agent's name; null: who is free the longest."
    )


class DispositionAsked(_Asked):
    """What came of the conversation."""

    attempt: UUID
    name: str = Field(max_length=60)
    notes: str = Field("", max_length=NOTES_MAX)
    callback_at: AwareDatetime | None = Field(None, description="Of a callback, with its zone.")
    for_me: bool = Field(False, description="The agent calls back themselves.")


@router.get("")
async def get_desk() -> DeskView:
    """All that the desk shows."""
    raise NotImplementedError


@router.post("")
async def begin_shift() -> DeskView:
    """Begin the shift; harmless if it stands."""
    raise NotImplementedError


@router.delete("", status_code=204)
async def end_shift() -> None:
    """Go home; in a call: after it."""
    raise NotImplementedError


@router.post("/connection")
async def connect_device(asked: Offer) -> ConnectionAnswer:
    """Connect the page's microphone and loudspeaker, for the whole shift."""
    raise NotImplementedError


@router.put("/presence")
async def put_presence(asked: PresenceAsked) -> DeskView:
    """Be available, or on a break."""
    raise NotImplementedError


@router.post("/accept")
async def accept_lead() -> DeskView:
    """Call the lead that is shown."""
    raise NotImplementedError


@router.post("/skip")
async def skip_lead() -> DeskView:
    """Do not call the lead that is shown, now."""
    raise NotImplementedError


@router.post("/dial")
async def dial_lead(asked: CallAsked) -> DeskView:
    """Call this lead by hand."""
    raise NotImplementedError


@router.post("/hang-up")
async def hang_up() -> DeskView:
    """End the conversation."""
    raise NotImplementedError


@router.put("/hold")
async def put_on_hold(asked: Switch) -> DeskView:
    """Let the callee wait, or go on."""
    raise NotImplementedError


@router.put("/mute")
async def put_mute(asked: Switch) -> DeskView:
    """Say that the page sends silence, or does not any more."""
    raise NotImplementedError


@router.post("/digits")
async def send_digits(asked: Digits) -> DeskView:
    """Press keys towards the callee."""
    raise NotImplementedError


@router.post("/hand-over")
async def hand_over(asked: Transfer) -> DeskView:
    """Give the conversation to another agent."""
    raise NotImplementedError


@router.post("/disposition")
async def dispose(asked: DispositionAsked) -> DeskView:
    """Say what came of the conversation; the last word counts."""
    raise NotImplementedError


@router.post("/wrap-up/end")
async def end_wrap_up() -> DeskView:
    """Be ready before the clock has run out."""
    raise NotImplementedError


@router.post("/wrap-up/extend")
async def extend_wrap_up() -> DeskView:
    """Ask for more time, where the campaign grants it."""
    raise NotImplementedError


@router.get("/colleagues")
async def list_colleagues() -> Colleagues:
    """To whom the conversation could be handed over."""
    raise NotImplementedError


@router.get("/today")
async def get_today(
    zone: Annotated[str, Query(max_length=100, description="IANA zone, whose midnight it is.")],
) -> Today:
    """What the agent did today."""
    raise NotImplementedError


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "The stream."}},
)
async def get_desk_events(request: Request) -> StreamingResponse:
    """The desk live: an event `desk` with the whole of it, at once and on every change."""
    raise NotImplementedError
