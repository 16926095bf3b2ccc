"""Every error that Caesura raises on purpose.

    CaesuraError
    ├── NotFound            the named thing does not exist            (404)
    ├── Conflict            it exists, but not so                     (409)
    │   ├── IllegalTransition   the lifecycle forbids it in this state
    │   ├── EpochChanged        somebody changed the lifecycle meanwhile
    │   └── SettingsChanged     somebody changed the settings meanwhile (412)
    ├── Invalid             what was given cannot be used             (422)
    └── Unavailable         our side; trying again helps              (503)

Each says its message once and carries its data; `retryable` says whether trying again helps.
"""

from __future__ import annotations

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
