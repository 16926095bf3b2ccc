"""Waiting until the silence of a pause or termination is confirmed, and what is said if it is not.

The server answers within its stated wait; silence comes at the latest when the leases run out.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from caesura.cli.problems import CommandError

CONFIRMED_WITHIN_S = 30.0
_LOOK_AGAIN_S = 0.2

_Seen = TypeVar("_Seen")


def await_confirmation(
    seen: _Seen, is_confirmed: Callable[[_Seen], bool], look: Callable[[_Seen], _Seen]
) -> _Seen:
    """What is seen once it is confirmed, or when time is up; `look` asks the server again."""
    deadline = time.monotonic() + CONFIRMED_WITHIN_S
    while not is_confirmed(seen) and time.monotonic() < deadline:
        time.sleep(_LOOK_AGAIN_S)
        seen = look(seen)
    return seen


def unconfirmed(command: str) -> CommandError:
    """That time was up, and the command that looks again."""
    return CommandError(
        f"Silence was not confirmed within {CONFIRMED_WITHIN_S:.0f} s. The server goes on with it; "
        f"look again with: {command}"
    )
