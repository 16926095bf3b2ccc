"""Every error that Caesura raises on purpose.

    CaesuraError
    ├── NotFound            the named thing does not exist            (404)
    ├── Conflict            it exists, but not so                     (409)
    │   ├── IllegalTransition   the lifecycle forbids it in this state
    │   ├── EpochChanged        somebody changed the lifecycle meanwhile
    │   ├── AwaitingApproval    somebody else's request for it is to be approved
    │   ├── SamePerson          whoever asked cannot approve
    │   ├── NeverByItself       an emergency stop that two persons release
    │   ├── NothingToApprove    nobody has asked, or not lately
    │   └── SettingsChanged     somebody changed the settings meanwhile (412)
    ├── Invalid             what was given cannot be used             (422)
    └── Unavailable         our side; trying again helps              (503)

Each says its message once and carries its data; `retryable` says whether trying again helps.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any


class CaesuraError(Exception):
    """Base of all; `status` is what the HTTP API answers, `slug` names the problem type."""

    status = 500
    slug = "error"
    retryable = False

    def __init__(self, message: str, **data: Any) -> None:
        super().__init__(message)
        self.message = message
        self.data = data


class NotFound(CaesuraError):
    status = 404
    slug = "not-found"

    def __init__(self, kind: str, name: object) -> None:
        super().__init__(f"There is no {kind} {name!r}.", kind=kind, name=str(name))


class Conflict(CaesuraError):
    status = 409
    slug = "conflict"


class IllegalTransition(Conflict):
    slug = "illegal-transition"

    def __init__(self, campaign: str, state: str, transition: str, allowed: list[str]) -> None:
        can = ", ".join(allowed) if allowed else "nothing: this state is final"
        super().__init__(
            f"Campaign {campaign!r} is {state}; cannot {transition} it. Possible now: {can}.",
            state=state,
            transition=transition,
            allowed=allowed,
        )


class EpochChanged(Conflict):
    slug = "epoch-changed"
    retryable = True

    def __init__(self, campaign: str, seen: int, current: int, state: str) -> None:
        super().__init__(
            f"Campaign {campaign!r} was changed meanwhile: you saw epoch {seen}, it is {current} "
            f"({state}). Look again and decide anew.",
            seen=seen,
            current=current,
            state=state,
        )


class AwaitingApproval(Conflict):
    slug = "awaiting-approval"

    def __init__(self, campaign: str, asked_by: str, asked_at: datetime) -> None:
        super().__init__(
            f"{asked_by} has asked to release the emergency stop of {campaign!r}. If that is "
            "right, approve it; a second request is not needed.",
            asked_by=asked_by,
            asked_at=asked_at,
        )


class SamePerson(Conflict):
    slug = "same-person"

    def __init__(self, campaign: str, actor: str) -> None:
        super().__init__(
            f"{actor} has asked to release the emergency stop of {campaign!r}: another person must "
            "approve it.",
            asked_by=actor,
        )


class NeverByItself(Conflict):
    slug = "never-by-itself"

    def __init__(self, campaign: str) -> None:
        super().__init__(
            f"The emergency stop of {campaign!r} is released by two persons; it cannot end by "
            "itself."
        )


class NothingToApprove(Conflict):
    slug = "nothing-to-approve"

    def __init__(self, campaign: str) -> None:
        super().__init__(
            f"Nobody asks to release an emergency stop of {campaign!r} now: the request was "
            "decided or withdrawn, or it has expired. Resume the campaign to ask anew."
        )


class SettingsChanged(Conflict):
    status = 412
    slug = "settings-changed"

    def __init__(self, campaign: str, seen: int, current: int) -> None:
        super().__init__(
            f"The settings of {campaign!r} were changed meanwhile: you saw version {seen}, it is "
            f"{current}. Read them again and apply your change to the new version.",
            seen=seen,
            current=current,
        )


class Invalid(CaesuraError):
    """`field` names what is wrong, dotted, where one thing is."""

    status = 422
    slug = "invalid"

    def __init__(self, message: str, field: str | None = None, **data: Any) -> None:
        super().__init__(message, field=field, **data)


class Unavailable(CaesuraError):
    status = 503
    slug = "unavailable"
    retryable = True
