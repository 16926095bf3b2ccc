"""What the practice programs' command lines have in common.

Imports at the top only what `--help` needs.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer

Share = float | None
Seed = Annotated[int, typer.Option("--seed", help="Same seed, same people.")]
PasswordFile = Annotated[
    Path | None, typer.Option("--password-file", help="File with the password.")
]
Log = Annotated[Path | None, typer.Option("--log", help="Append every event, as JSON lines.")]
Magic = Annotated[bool, typer.Option("--magic", help="Print the magic numbers and stop.")]

_Kind = TypeVar("_Kind", bound=StrEnum)


def share(name: str, text: str, panel: str) -> typer.models.OptionInfo:
    """The option that says how many of all do something."""
    return typer.Option(name, min=0, max=1, help=text, rich_help_panel=panel)  # type: ignore[no-any-return]


def parse_share(text: str, kinds: type[_Kind]) -> tuple[_Kind, float]:
    """What was given with --share. Raises Invalid."""
    from caesura.errors import Invalid

    name, _, value = text.partition("=")
    try:
        given = float(value)
        if not 0 <= given <= 1:
            raise ValueError
        return kinds(name), given
    except ValueError:
        what, known = kinds.__name__, ", ".join(kinds)
        wanted = f"--share wants {what.upper()}=SHARE (0 to 1), not {text!r}. {what}s: {known}."
        raise Invalid(wanted, "share") from None


def parse_address(option: str, text: str, example: str) -> tuple[str, int]:
    """What was given with --`option`. Raises Invalid if it is no HOST:PORT."""
    from caesura.errors import Invalid

    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdigit() or int(port) > 65535:
        raise Invalid(f"--{option} wants HOST:PORT, as in {example}, not {text!r}.", option)
    return host, int(port)


def password(username: str | None, file: Path | None) -> str | None:
    """The password of `username`. Raises Invalid if one is without the other, or not readable."""
    from caesura.errors import Invalid

    if (username is None) != (file is None):
        raise Invalid("--username and --password-file go together.", "username")
    if file is None:
        return None
    try:
        return file.read_text().strip()
    except OSError as error:
        raise Invalid(f"Cannot read the password file {file}: {error.strerror}.") from None
