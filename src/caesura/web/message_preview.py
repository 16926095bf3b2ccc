"""POST /campaigns/preview/messages: what contacts would be sent, before anything is."""

from __future__ import annotations

from collections import Counter
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from caesura.errors import Invalid
from caesura.rules import message_text
from caesura.rules.claim import ClaimedLead
from caesura.rules.complete import missing_settings
from caesura.rules.message_settings import MessageChannel, MessageText
from caesura.rules.message_text import CannotSend
from caesura.rules.segments import segments
from caesura.rules.template import compiled
from caesura.store import outlook
from caesura.web.caller import Actor, Db
from caesura.web.preview import Plan
from caesura.web.problems import FieldError

router = APIRouter(prefix="/campaigns/preview", tags=["outlook"])

_LOOKED_AT = 1000  # contacts of which problems are counted


class MessagePlan(Plan):
    """Messages that might be sent."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(10, ge=1, le=100, description="How many contacts are shown.")


class MessageView(BaseModel):
    """What one contact would be sent, or why nothing."""

    list: str
    list_line: int
    to: str = Field(description="Number or address.")
    sender: str | None
    subject: str | None
    text: str | None
    segments: int | None = Field(description="Parts that an SMS is sent in, and paid for.")
    characters: int | None
    alphabet: str | None = Field(
        description="Of an SMS: `gsm`, or `ucs2`, in which it needs more than twice the segments."
    )
    not_gsm: str | None = Field(description="The characters because of which it is `ucs2`.")
    problem: str | None


class MessagesView(BaseModel):
    """The first contacts' messages, and what is in the way of others."""

    messages: list[MessageView]
    looked_at: int = Field(description="Contacts of which the problems were counted.")
    problems: dict[str, int] = Field(description="Why contacts would be sent nothing.")
    attributes: list[str] = Field(description="Attributes that the template names.")
    missing: list[FieldError] = Field(description="Without which the campaign cannot start.")


@router.post("/messages")
async def preview_messages(plan: MessagePlan, database: Db, actor: Actor) -> MessagesView:
    """What the first contacts would be sent: text, segments, problems. Sends nothing."""
    channel, text = plan.settings.channel, plan.settings.text
    if channel == "voice":
        raise Invalid("Calls have no text; choose channel sms or email.", "settings.channel")
    if text is None:
        raise Invalid("Say what is sent.", "settings.text")
    async with database.transaction() as conn:
        rows = await outlook.some_contacts(conn, plan.lists, _LOOKED_AT)
    views = [_message(row, channel, text) for row in rows]
    problems = Counter(view.problem for view in views if view.problem)
    return MessagesView(
        messages=views[: plan.limit],
        looked_at=len(views),
        problems=dict(problems.most_common()),
        attributes=compiled(text.template).names,
        missing=[
            FieldError(field=field, message=message)
            for field, message in missing_settings(plan.settings)
        ],
    )


def _message(row: dict[str, Any], channel: MessageChannel, text: MessageText) -> MessageView:
    lead = ClaimedLead(
        row["id"], tuple(row["phones"]), tuple(row["zones"]), 1, 0, {}, row["attributes"]
    )
    view = MessageView(
        list=row["list"],
        list_line=row["list_line"],
        to=lead.phone,
        sender=None,
        subject=None,
        text=None,
        segments=None,
        characters=None,
        alphabet=None,
        not_gsm=None,
        problem=None,
    )
    try:
        lead = message_text.number_for(lead, channel, text)
        made = message_text.compose(lead.attributes, lead.phone, channel, text)
    except CannotSend as why:
        return view.model_copy(update={"problem": str(why)})
    counted = segments(made.text) if channel == "sms" else None
    return view.model_copy(
        update={
            "to": made.address or lead.phone,
            "sender": message_text.sender_for(lead.phone, text) if text.senders else None,
            "subject": made.subject,
            "text": made.text,
            "segments": counted and counted.count,
            "characters": len(made.text),
            "alphabet": counted and counted.alphabet.value,
            "not_gsm": counted and counted.not_gsm,
        }
    )
