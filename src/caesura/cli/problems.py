"""What can go wrong at the command line, and the exit status that says so.

    0  done
    1  the server refused, or the work failed there
    2  the command line itself is wrong
    3  no server answers

Errors go to standard error; standard output stays empty or holds one whole JSON document.
"""

from __future__ import annotations

from typing import Any

REFUSED = 1
USAGE = 2
UNREACHABLE = 3


class CommandError(Exception):
    """Ends the command: `message` for the person, `exit_status` for the script."""

    exit_status = REFUSED

    def __init__(self, message: str, hints: list[str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hints = hints or []  # further lines, each saying what to do


class Misused(CommandError):
    """What was typed cannot be used; nothing was sent."""

    exit_status = USAGE


class Unreachable(CommandError):
    """No server answers, or it stopped answering before the reply was whole."""

    exit_status = UNREACHABLE


class Refused(CommandError):
    """The server answered with a problem (RFC 9457), kept whole in `problem`."""

    def __init__(self, message: str, status: int, problem: dict[str, Any]) -> None:
        super().__init__(message, _hints(problem, message))
        self.status = status
        self.problem = problem


def _hints(problem: dict[str, Any], said: str) -> list[str]:
    """Lines for the field errors that a problem carries and that `said` does not tell yet."""
    found = problem.get("errors") or []
    if not isinstance(found, list):
        return []
    lines = []
    for error in found:
        if not isinstance(error, dict):
            lines.append(str(error))
            continue
        where = error.get("field") or error.get("pointer") or error.get("loc") or ""
        if isinstance(where, list):
            where = ".".join(str(part) for part in where)
        what = str(error.get("message") or error.get("detail") or error.get("msg") or "")
        if what and what in said:
            continue  # a single error is the message already
        lines.append(f"{where}: {what}" if where else what)
    return lines
