"""Changing settings documents: merging and dotted keys. Pure but for what reads a file."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from caesura.cli.problems import Misused

Json = dict[str, Any]


def merge(base: Json, over: Json) -> Json:
    """RFC 7396 in spirit: objects merge, everything else in `over` replaces; neither is changed.

    Unlike a merge patch, null is kept: null is a value that settings know. Activity hours are one
    decision, so `hours` is replaced whole: merged windows would be nobody's wish.
    """
    merged = dict(base)
    for key, value in over.items():
        known = merged.get(key)
        if isinstance(value, dict) and isinstance(known, dict) and key != "hours":
            merged[key] = merge(known, value)
        else:
            merged[key] = value
    return merged


def apply_assignment(settings: Json, assignment: str) -> Json:
    """Return `settings` with one `dotted.key=value` done. The value is JSON, or a bare string.

    Raises Misused if there is no `=`, or if the key goes through something that holds no keys.
    """
    key, equals, text = assignment.partition("=")
    if not equals or not key:
        raise Misused(f"{assignment!r} is no assignment. Say KEY=VALUE, as pacing.cps=5.")
    value = _value(text)
    path = key.split(".")
    changed = dict(settings)
    place = changed
    for depth, step in enumerate(path[:-1], start=1):
        inner = place.get(step)
        if inner is None:
            inner = {}
        if not isinstance(inner, dict):
            raise Misused(f"{'.'.join(path[:depth])} is {json.dumps(inner)}: it has no parts.")
        place[step] = dict(inner)
        place = place[step]
    place[path[-1]] = value
    return changed


def _value(text: str) -> Any:
    """JSON if it is; `+14155550100`, `rotate` and `09:00` are strings."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def pick(settings: Json, key: str) -> Any:
    """The value at a dotted key. Raises Misused, naming what there is, if there is none."""
    place: Any = settings
    seen: list[str] = []
    for step in key.split("."):
        if not isinstance(place, dict) or step not in place:
            known = ", ".join(place) if isinstance(place, dict) else "nothing"
            raise Misused(f"There is no setting {key!r}. {'.'.join(seen) or 'Here'} has: {known}.")
        place = place[step]
        seen.append(step)
    return place


def read_object(file: Path, example: str = '{"pacing": {"cps": 5}}') -> Json:
    """An object from a JSON file, or a TOML file named so. Raises Misused, saying what is wrong."""
    toml = file.suffix == ".toml"
    try:
        text = file.read_text(encoding="utf-8")
        document = tomllib.loads(text) if toml else json.loads(text)
    except OSError as error:
        raise Misused(f"Cannot read {file}: {error.strerror}.") from None
    except ValueError as error:
        raise Misused(f"{file} is not {'TOML' if toml else 'JSON'}: {error}.") from None
    if not isinstance(document, dict):
        raise Misused(f"{file} must hold a JSON object, as {example}.")
    return document


def read_secret(file: Path, what: str) -> str:
    """A file's one line. Raises Misused if it cannot be read or holds none; `what` it would be."""
    try:
        secret = file.read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise Misused(f"Cannot read {file}: {error.strerror}.") from None
    if not secret:
        raise Misused(f"{file} holds no {what}.")
    return secret
