"""What a campaign is told about the agents who take its calls.

Part of CampaignSettings, and without effect where its pacing needs no agents.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from caesura.rules import template
from caesura.rules.template import BadTemplate

Skill = Annotated[str, Field(min_length=1, max_length=60)]
Recording = Annotated[str, Field(min_length=1, max_length=200)]


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Meaning(StrEnum):
    """What a disposition makes of the lead (caesura.rules.disposition)."""

    DONE = "done"  # nothing more is tried
    CALLBACK = "callback"  # again at a time that was promised
    DO_NOT_CALL = "do_not_call"  # done, and the number goes on the do-not-call list
    TRY_AGAIN = "try_again"  # the right person was not reached


class Notes(StrEnum):
    """Whether the agent writes something beside it."""

    OPTIONAL = "optional"
    REQUIRED = "required"


class Disposition(_Settings):
    """One thing that an agent can say came of a conversation."""

    name: str = Field(min_length=1, max_length=60)
    meaning: Meaning = Meaning.DONE
    notes: Notes = Notes.OPTIONAL
    # Of `try_again`: when, and how often after this disposition, per lead.
    again_after_s: int = Field(4 * 3600, ge=0, le=90 * 86400)
    again_max: int = Field(3, ge=0, le=100)


class WrapUp(_Settings):
    """The time after a conversation in which the agent gets no other."""

    seconds: int | None = Field(30, ge=0, le=3600)  # None: until they say that they are ready
    extension_s: int = Field(0, ge=0, le=3600)  # once, when the agent asks; 0: cannot be extended


class Callbacks(_Settings):
    """Calls that an agent has promised for a time."""

    for_me: bool = True  # the agent may promise to call themselves
    days_max: int = Field(30, ge=1, le=365)  # how far ahead
    # How long one who promised it themselves is waited for, from its time; then anybody takes it.
    wait_s: int = Field(900, ge=0, le=86400)
    countdown_s: float | None = Field(30, ge=3, le=600)  # then it starts; None: when they say so


def _default_dispositions() -> list[Disposition]:
    return [
        Disposition(name="Done"),
        Disposition(name="Call back", meaning=Meaning.CALLBACK),
        Disposition(name="Not reached", meaning=Meaning.TRY_AGAIN),
        Disposition(name="Do not call", meaning=Meaning.DO_NOT_CALL),
    ]


class AgentSettings(_Settings):
    """See the module."""

    skills: list[Skill] = Field([], max_length=20)  # that an agent must have, all of them
    script: str | None = Field(None, max_length=template.SOURCE_MAX)  # a template; shown, not sent
    dispositions: list[Disposition] = Field(
        default_factory=_default_dispositions, min_length=1, max_length=50
    )
    disposition_required: bool = True  # before the wrap-up ends
    wrap_up: WrapUp = WrapUp()
    callbacks: Callbacks = Callbacks()
    skip_after_s: int = Field(3600, ge=0, le=90 * 86400)  # a lead skipped in preview is due again
    # What an abandoned person hears: who called, a number, and how to opt out (47 CFR
    # 64.1200(a)(7)(i), 16 CFR 310.4(b)(4)(iii)). None: the call is hung up.
    abandoned_recording: Recording | None = None
    # The key by which that message offers the way out (47 CFR 64.1200(b)(3)). None: none.
    opt_out_key: str | None = Field(None, pattern=r"^[0-9*#A-D]$")
    # What somebody hears whose agent's device was lost, if no other agent is free. None: hung up.
    lost_recording: Recording | None = None
    # So long an agent's page may be away in a conversation: a reload, a short loss of network.
    device_grace_s: float = Field(3.0, ge=0, le=4)

    @field_validator("script")
    @classmethod
    def _script(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                template.compiled(value)
            except BadTemplate as bad:
                raise ValueError(str(bad)) from None
        return value

    @model_validator(mode="after")
    def _distinct(self) -> AgentSettings:
        names = [each.name for each in self.dispositions]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"dispositions: {twice!r} is there twice")
        return self

    def disposition(self, name: str) -> Disposition | None:
        """The disposition of that name."""
        return next((each for each in self.dispositions if each.name == name), None)
