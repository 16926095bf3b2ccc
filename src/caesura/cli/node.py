"""`caesura serve` and `caesura demo`: the server itself, here, until it is stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

DataDir = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="Where everything lasts; default CAESURA_DATA."),
]
Http = Annotated[
    str | None,
    typer.Option("--http", metavar="HOST:PORT", help="Where to listen; default 127.0.0.1:8080."),
]


def serve(data: DataDir = None, http: Http = None) -> None:
    """Run the API, a dialer and, unless CAESURA_DATABASE_URL is set, PostgreSQL; until Ctrl-C."""
    from caesura.serve import serve as run

    run(data=data, http=http)


def demo(data: DataDir = None, http: Http = None) -> None:
    """Run all of it with a practice carrier and a campaign at work; until Ctrl-C."""
    from caesura.demo import demo as run

    run(data=data, http=http)
