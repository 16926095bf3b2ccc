"""docs/cli.md and the command agree."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from caesura.cli.main import app

DOCS = Path(__file__).parents[3] / "docs" / "cli.md"


def commands(group: Any, path: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        below = getattr(command, "commands", None)
        if below is None:
            yield f"{path} {name}", command
        else:
            yield from commands(command, f"{path} {name}")


ALL = dict(commands(typer.main.get_command(app), "caesura"))


@pytest.mark.parametrize("command", ALL)
def test_every_command_has_an_example(command: str) -> None:
    examples = [line for line in DOCS.read_text().splitlines() if f"$ {command}" in line]
    assert examples


def test_every_example_is_a_command() -> None:
    examples = [
        line.strip().removeprefix("$ ")
        for line in DOCS.read_text().splitlines()
        if line.strip().startswith("$ caesura")
    ]
    assert len(examples) > 30
    strange = [each for each in examples if not any(each.startswith(command) for command in ALL)]
    assert strange == []


@pytest.mark.parametrize("command", ALL)
def test_every_command_says_what_it_does(command: str) -> None:
    assert ALL[command].help


@pytest.mark.parametrize(
    "command",
    sorted(
        set(ALL)
        - {f"caesura {n}" for n in ("serve", "demo", "carrier", "smsc", "users reset-password")}
    ),
)
def test_every_command_that_talks_to_the_server_takes_json(command: str) -> None:
    options = {option for param in ALL[command].params for option in param.opts}
    assert {"--json", "--url", "--data"} <= options
