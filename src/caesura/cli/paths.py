"""Paths of the API, below /api/v1, and what goes with a request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import quote

_Value = TypeVar("_Value")


def path_of(*parts: object) -> str:
    """A path below /api/v1, each part quoted: a campaign's name may hold slashes and spaces."""
    return "/" + "/".join(quote(str(part), safe="") for part in parts)


def campaign_path(campaign: str, *below: object) -> str:
    """The path of a campaign by name or id, and of what is below it."""
    return path_of("campaigns", campaign, *below)


def given(body: Mapping[str, _Value | None]) -> dict[str, _Value]:
    """What a request says: without what is None."""
    return {name: value for name, value in body.items() if value is not None}
