"""A request to an HTTP API, as values; how text is put into its places, and answers are read."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote


@dataclass(frozen=True)
class HttpRequest:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


def read_json(body: bytes) -> Any:
    """What an answer says; None if it is no JSON."""
    try:
        return json.loads(body)
    except ValueError:
        return None


def basic(username: str | None, password: str | None) -> str:
    """RFC 7617."""
    return "Basic " + base64.b64encode(f"{username or ''}:{password or ''}".encode()).decode()


def fill(template: str, values: Mapping[str, str], quoted: Callable[[str], str]) -> str:
    """`template` with {name} replaced by its value, quoted; other braces stay as they are."""
    return re.sub(
        r"\{(\w+)\}",
        lambda found: quoted(values[found[1]]) if found[1] in values else found[0],
        template,
    )


def in_url(value: str) -> str:
    return quote(value, safe="")


def in_json(value: str) -> str:
    """As the inside of a JSON string."""
    return json.dumps(value)[1:-1]


def in_header(value: str) -> str:
    """Without what would begin another header (RFC 9110 section 5.5)."""
    return re.sub(r"[\x00-\x1f\x7f]", " ", value)
