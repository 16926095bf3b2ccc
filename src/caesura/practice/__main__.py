"""`python -m caesura.practice`: the same as `caesura carrier`."""

from __future__ import annotations

import sys

import typer

from caesura.errors import CaesuraError
from caesura.practice.command import carrier

try:
    typer.run(carrier)
except CaesuraError as error:
    print(error.message, file=sys.stderr)
    sys.exit(1)
