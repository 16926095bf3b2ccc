"""A pacer of somebody's own, by its import path."""

from __future__ import annotations

import importlib

from caesura.errors import Invalid
from caesura.rules.pacing.snapshot import Pacer


def imported(path: str) -> Pacer:
    """The pacer at `module:Class` (made without arguments) or `module:object`.

    Raises Invalid where there is none. Importing runs the module's code: the path must come from
    whoever runs the machine, and never over HTTP.
    """
    module, _, name = path.partition(":")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise Invalid(f"{path} cannot be imported: {error}.") from None
    try:
        pacer = found() if isinstance(found, type) else found
    except TypeError as error:
        raise Invalid(f"{path} cannot be made without arguments: {error}.") from None
    if not (callable(getattr(pacer, "decide", None)) and hasattr(pacer, "looks_ahead")):
        raise Invalid(f"{path} has no decide(now, snapshot) and looks_ahead, see docs/pacing.md.")
    return pacer  # type: ignore[no-any-return]
