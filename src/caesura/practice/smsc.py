"""`python -m caesura.practice.smsc`: the same as `caesura smsc`."""

from __future__ import annotations

import sys

import typer

from caesura.errors import CaesuraError
from caesura.practice.smsc_command import smsc

if __name__ == "__main__":
    try:
        typer.run(smsc)
    except CaesuraError as error:
        print(error.message, file=sys.stderr)
        sys.exit(1)
