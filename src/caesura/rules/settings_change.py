"""What differs between two versions of settings, named as the API names it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Change:
    """One setting that is not what it was; None stands for one that was not there."""

    field: str  # dotted, as "pacing.concurrency"
    before: Any
    after: Any


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """The settings that differ, by name; groups are looked into, lists are taken whole."""
    return list(_differences("", before, after))


def _differences(
    prefix: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Change]:
    for name in sorted({*before, *after}):
        was, became = before.get(name), after.get(name)
        if was == became:
            continue
        if isinstance(was, Mapping) and isinstance(became, Mapping):
            yield from _differences(f"{prefix}{name}.", was, became)
        else:
            yield Change(prefix + name, was, became)
