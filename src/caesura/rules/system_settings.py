"""What is set for the whole system, what users choose for themselves, and what follows from both.

Pure.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from caesura.rules.activity_hours import is_zone_key


class Confirmation(StrEnum):
    """When the screen asks before it pauses. Resuming, and commands, never ask."""

    ALWAYS = "always"
    IN_FLIGHT = "in_flight"  # only when the pause would find calls on the wire
    NEVER = "never"


def _one_zone(name: str) -> str:
    if "|" in name or not is_zone_key(name):
        raise ValueError(f"{name!r} is no IANA time zone, as Europe/Berlin")
    return name


Zone = Annotated[str, AfterValidator(_one_zone)]


class SystemSettings(BaseModel):
    """Set by a manager, for everybody. Versioned in the store."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    confirm_pause: Confirmation = Field(
        Confirmation.ALWAYS, description="When the screen asks before it pauses."
    )
    allow_dont_ask_again: bool = Field(
        True, description="Whether a user may choose not to be asked."
    )
    time_zone: Zone | None = Field(
        None, description="Whose clock the screen shows; null: the browser's."
    )
    alarm_last_launch_ms: float | None = Field(
        250,
        gt=0,
        description="Alarm when, over the last hundred pauses, the p99 from the click to the last "
        "call is above this; null: never.",
    )
    alarm_confirmation_ms: float | None = Field(
        1500,
        gt=0,
        description="The same, from the click to confirmed silence. By itself a cell that does not "
        "answer is waited for 1 s.",
    )
    second_approver_for_emergency_stop: bool = Field(
        False,
        description="Whether a second person must approve the resume of what an emergency stop "
        "(pause everything) has paused. Counts for stops that stand when it is switched on; those "
        "made under it keep needing two when it is switched off.",
    )
    release_request_minutes: int = Field(
        60, ge=1, le=1440, description="For how long a request for that can be approved."
    )


class Preferences(BaseModel):
    """Chosen by a user, for this user."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dont_ask_before_pause: bool = Field(
        False, description="Heeded as long as the system's settings allow it."
    )
    theme: Literal["auto", "light", "dark"] = "auto"
    time_zone: Zone | None = Field(None, description="null: the system's.")


def asks_before_pause(
    settings: SystemSettings, preferences: Preferences | None, in_flight: int
) -> bool:
    """Whether the screen asks before a pause that would find `in_flight` calls on the wire.

    `preferences` is None for somebody without a user, who is asked as the system says.
    """
    if preferences and preferences.dont_ask_before_pause and settings.allow_dont_ask_again:
        return False
    if settings.confirm_pause is Confirmation.IN_FLIGHT:
        return in_flight > 0
    return settings.confirm_pause is Confirmation.ALWAYS
