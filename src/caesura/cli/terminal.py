"""What every command that talks to the server has in common.

`talks_to_server` turns `def show(terminal, name)` into a typer command: it adds --json, --url and
--data, which may stand after any command as well as before it, and hands over a Terminal.
"""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, ParamSpec

import typer

from caesura.cli.problems import Misused

if TYPE_CHECKING:
    from rich.console import Console

    from caesura.cli.client import Api

P = ParamSpec("P")

_WIDTH_OF_FILES = 200
_PANEL = "With every command"
AsJson = Annotated[
    bool,
    typer.Option("--json", help="Print one JSON document instead.", rich_help_panel=_PANEL),
]
Url = Annotated[
    str | None,
    typer.Option(
        "--url", metavar="URL", help="The server; default CAESURA_URL.", rich_help_panel=_PANEL
    ),
]
Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        help="Talk to the server running on this data directory; default CAESURA_DATA.",
        rich_help_panel=_PANEL,
    ),
]


@dataclass
class Wishes:
    """What was asked for before the command's name: `caesura --json campaigns list`."""

    as_json: bool = False
    url: str | None = None
    data: Path | None = None


class Terminal:
    """Where a command finds the server and says what came of it."""

    def __init__(self, wishes: Wishes) -> None:
        self.json = wishes.as_json
        self._wishes = wishes

    @cached_property
    def api(self) -> Api:
        """The connection to the server, found on first use. Closed when the command ends."""
        from caesura.cli.client import Api
        from caesura.cli.server import find_server

        return Api(find_server(self._wishes.url, self._wishes.data))

    @cached_property
    def database_url(self) -> str | None:
        """The database of the server that is meant, if that runs on this machine."""
        from caesura.cli.direct import url_here

        return url_here(self._wishes.url, self._wishes.data)

    @cached_property
    def console(self) -> Console:
        """Standard output, for people."""
        from rich.console import Console

        console = Console(highlight=False)
        if not console.is_terminal:  # a file or a pipe: nothing need be cut short
            console.width = max(console.width, _WIDTH_OF_FILES)
        return console

    @cached_property
    def notes(self) -> Console:
        """Standard error: progress and questions, so that standard output stays clean."""
        from rich.console import Console

        return Console(stderr=True, highlight=False)

    @contextmanager
    def busy(self, what: str) -> Iterator[None]:
        """Show that the server works on something long, where a person looks."""
        if self.json or not self.notes.is_terminal:
            yield
            return
        with self.notes.status(f"{what} …"):
            yield

    def document(self, document: Any) -> None:
        """Print the one JSON document of --json."""
        sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")

    def say(self, text: str) -> None:
        """Print a line as it is: no markup, no colour, no wrapping."""
        self.console.print(text, markup=False, soft_wrap=True)

    def answer(self, document: Any, text: str) -> None:
        """Print the document for a script, the text for a person."""
        if self.json:
            self.document(document)
        else:
            self.say(text)

    @property
    def can_ask(self) -> bool:
        """Whether somebody is there to be asked."""
        return sys.stdin.isatty()

    def ask(self, question: str) -> bool:
        """Ask yes or no; no answer means no. Raises Misused where nobody can be asked."""
        return self.ask_text(f"{question} [y/N]").lower() in ("y", "yes")

    def ask_text(self, question: str) -> str:
        """Ask for a line, on standard error. Raises Misused where nobody can be asked."""
        if not self.can_ask:
            raise Misused(f"{question} Nobody can be asked here: add --yes to go on.")
        print(question, end=" ", file=sys.stderr, flush=True)
        return sys.stdin.readline().strip()

    def close(self) -> None:
        """Close the connection, if there was one."""
        if "api" in self.__dict__:
            self.api.close()


def talks_to_server(
    function: Callable[Concatenate[Terminal, P], None],
) -> Callable[..., None]:
    """Make a function whose first parameter is the Terminal into a typer command."""

    def command(ctx: typer.Context, **options: Any) -> None:
        before = ctx.find_root().obj or Wishes()
        terminal = Terminal(
            Wishes(
                as_json=options.pop("as_json") or before.as_json,
                url=options.pop("url") or before.url,
                data=options.pop("data") or before.data,
            )
        )
        try:
            function(terminal, **options)  # type: ignore[call-arg]  # by typer's reading of P
        finally:
            terminal.close()

    own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [
        inspect.Parameter("ctx", keyword, annotation=typer.Context),
        *(parameter.replace(kind=keyword) for parameter in own),
        inspect.Parameter("as_json", keyword, annotation=AsJson, default=False),
        inspect.Parameter("url", keyword, annotation=Url, default=None),
        inspect.Parameter("data", keyword, annotation=Data, default=None),
    ]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {each.name: each.annotation for each in parameters}
    command.__name__ = function.__name__
    command.__doc__ = function.__doc__
    return command
