"""docs/practice.md says what the practice carrier and the practice message centre do."""

from __future__ import annotations

import inspect
from pathlib import Path

import typer.testing

from caesura.practice import recipients
from caesura.practice.behaviour import magic_table
from caesura.practice.command import carrier

DOCUMENT = Path(__file__).parents[3] / "docs" / "practice.md"


def test_the_document_has_the_magic_numbers_as_they_are() -> None:
    rows = [line for line in DOCUMENT.read_text().splitlines() if line.startswith("| `+")]
    tables = [*magic_table(), *recipients.magic_table()]
    assert rows == [f"| `{number}` | `{kind}` | {what} |" for number, kind, what in tables]


def test_the_document_names_every_option() -> None:
    text = DOCUMENT.read_text()
    options = [f"--{name.replace('_', '-')}" for name in inspect.signature(carrier).parameters]
    options[options.index("--rtp")] = "--no-rtp"
    options.remove("--magic")
    assert [option for option in options if option not in text] == []


def test_the_command_prints_the_magic_numbers() -> None:
    app = typer.Typer()
    app.command()(carrier)
    done = typer.testing.CliRunner().invoke(app, ["--magic"])
    assert done.exit_code == 0
    lines = [line.split() for line in done.output.splitlines()]
    assert [(line[0], line[1]) for line in lines] == [
        (number, kind) for number, kind, _ in magic_table()
    ]
