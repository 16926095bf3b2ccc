"""`caesura users`: for people who sign in, what cannot be done by signing in."""

from __future__ import annotations

from typing import Annotated

import typer

from caesura.cli.node import DataDir

app = typer.Typer(help="Users of the dashboard: forgotten passwords.", no_args_is_help=True)


@app.callback()
def users() -> None:
    """Keep `users` a group though it has but one command."""


@app.command("reset-password")
def reset_password(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who forgot it.")],
    data: DataDir = None,
) -> None:
    """Print a new one-time password. Run on the server's machine: goes straight to the database."""
    from caesura.serve.users import reset_password as reset

    given = reset(name, data)
    print(f"One-time password of {name}: {given}")
    print("It must be changed at the next sign-in. It is not shown again.")
