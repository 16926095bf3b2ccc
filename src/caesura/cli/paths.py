"""Paths of the API, below /api/v1."""

from __future__ import annotations

from urllib.parse import quote


def path_of(*parts: object) -> str:
    """A path below /api/v1, each part quoted: a campaign's name may hold slashes and spaces."""
    return "/" + "/".join(quote(str(part), safe="") for part in parts)


def campaign_path(campaign: str, *below: object) -> str:
    """The path of a campaign by name or id, and of what is below it."""
    return path_of("campaigns", campaign, *below)
