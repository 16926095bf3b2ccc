"""What a message campaign is told: its text, who sends it, and what replies mean.

Part of CampaignSettings. Nothing here applies to calls, but for what a voice campaign sends after
an outcome (`FollowUp`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from caesura.rules import template
from caesura.rules.outcome import Outcome
from caesura.rules.template import BadTemplate

Channel = Literal["voice", "sms", "email"]
MessageChannel = Literal["sms", "email"]


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _checked(source: str) -> str:
    try:
        template.compiled(source)
    except BadTemplate as bad:
        raise ValueError(str(bad)) from None
    return source


class MissingAttribute(StrEnum):
    """What becomes of a contact that lacks an attribute of the template."""

    REFUSE = "refuse"  # the lead is excluded: "missing attribute: first_name"
    DEFAULT = "default"  # `missing_text` stands in for it


class OptOutText(StrEnum):
    """How every message says the way out."""

    APPEND = "append"  # the text below is added to each message
    REQUIRE = "require"  # the template must have it in itself
    NONE = "none"  # not at all: the law of the place does not ask for it


class OptOutScope(StrEnum):
    """For which channels a reply of STOP puts the number on do-not-call."""

    CHANNEL = "channel"  # the channel that was answered
    ALL = "all"  # messages and calls


class OptOut(_Settings):
    """Opting out by reply (caesura.rules.opt_out has the words)."""

    policy: OptOutText = OptOutText.APPEND
    text: str = Field("Reply STOP to opt out.", max_length=200)
    scope: OptOutScope = OptOutScope.ALL
    languages: list[Literal["en", "de", "fr", "es", "it", "pt", "nl", "hi"]] = ["en"]
    words: list[Annotated[str, Field(min_length=1, max_length=40)]] = []  # further ones
    resubscribe: bool = False  # START takes the number off the list again
    # Sent back, through the same gate: a paused campaign sends none. None: nothing is sent.
    confirmation: str | None = Field(None, min_length=1, max_length=300)
    help: str | None = Field(None, min_length=1, max_length=300)  # the answer to HELP


class MessageText(_Settings):
    """The message, and how it is sent."""

    template: str  # caesura.rules.template
    subject: str | None = Field(None, max_length=300)  # e-mail only; a template, too
    missing: MissingAttribute = MissingAttribute.REFUSE
    missing_text: str = Field("", max_length=100)  # with `default`
    senders: list[Annotated[str, Field(min_length=1, max_length=254)]] = []
    sender_name: str | None = Field(None, max_length=100)  # e-mail only
    reply_to: str | None = Field(None, max_length=254)  # e-mail only
    providers: list[str] = []  # names, in order of preference
    per_second: float = Field(10, gt=0, le=10_000)  # messages started per second, all cells
    in_flight: int = Field(200, ge=1, le=100_000)  # handed over and unanswered at once, all cells
    segments_max: int = Field(6, ge=1, le=20)  # SMS only; a longer text is not sent
    # A number that is known as a fixed line: most cannot take SMS, and many are charged for it.
    fixed_lines: Literal["refuse", "send"] = "refuse"
    address: str = Field("email", min_length=1, max_length=100)  # e-mail only: which attribute
    valid_for_s: int | None = Field(None, ge=60, le=7 * 86400)  # how long the centre may try
    receipts: bool = True  # ask for delivery receipts
    # Where `retries` send again what was not delivered, the campaign is completed only so long
    # after its last message: receipts that come later bring nobody back.
    receipts_wait_s: int = Field(3600, ge=0, le=7 * 86400)
    # So many refusals in a row that are not the recipients' fault pause the campaign.
    refusals_max: int = Field(10, ge=1, le=10_000)
    opt_out: OptOut = OptOut()

    _template = field_validator("template")(_checked)

    @field_validator("subject")
    @classmethod
    def _subject(cls, value: str | None) -> str | None:
        return None if value is None else _checked(value)


class FollowUp(_Settings):
    """A message that a voice campaign sends after an outcome: "we missed you", a confirmation.

    It is an attempt of the same campaign on another channel: a pause stops it, and hours and
    do-not-call are asked anew when it is due. It does not count against the caps of calls.
    """

    after: list[Outcome] = Field(min_length=1)
    channel: MessageChannel = "sms"
    delay_s: int = Field(60, ge=0, le=7 * 86400)
    text: MessageText
