"""/campaigns/{campaign}/settings: read, replace, merge; versions. Never touches the lifecycle."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Response
from pydantic import ValidationError

from caesura.errors import Invalid
from caesura.rules.campaign import CampaignSettings
from caesura.store import campaign, campaign_settings
from caesura.web import problems
from caesura.web.caller import Actor, Db
from caesura.web.paging import Page, PagingQuery
from caesura.web.problems import PreconditionRequired
from caesura.web.request import CampaignRef
from caesura.web.views import SettingsView

router = APIRouter(prefix="/campaigns/{campaign}/settings", tags=["settings"])

_ETAG = re.compile(r'\s*(?:W/)?"(\d{1,9})"\s*')
IfMatch = Annotated[
    str | None, Header(description='The ETag of the version that was changed, or "*" for any.')
]


@router.get("", responses={304: {"description": "Not changed since If-None-Match."}})
async def get_settings(
    ref: CampaignRef,
    database: Db,
    actor: Actor,
    response: Response,
    if_none_match: Annotated[str | None, Header()] = None,
) -> SettingsView:
    """The current settings; the ETag is their version."""
    async with database.transaction() as conn:
        row = await campaign_settings.read(conn, await campaign.resolve(conn, ref))
    etag = f'"{row["version"]}"'
    if if_none_match is not None and etag in [tag.strip() for tag in if_none_match.split(",")]:
        return Response(status_code=304, headers={"ETag": etag})  # type: ignore[return-value]
    response.headers["ETag"] = etag
    return SettingsView.model_validate(row)


@router.put(
    "",
    responses={
        412: {"description": "Somebody changed the settings meanwhile."},
        428: {"description": "If-Match is missing."},
    },
)
async def put_settings(
    *,
    ref: CampaignRef,
    settings: CampaignSettings,
    database: Db,
    actor: Actor,
    response: Response,
    if_match: IfMatch = None,
) -> SettingsView:
    """Replace the settings: a new version. If-Match names the version that was seen."""
    if if_match is None:
        raise PreconditionRequired(
            "Send If-Match with the ETag of the settings that you changed, "
            "so that nobody's change is overwritten unseen."
        )
    async with database.transaction() as conn:
        row = await campaign_settings.put(
            conn, await campaign.resolve(conn, ref), settings, seen_version(if_match), actor
        )
    response.headers["ETag"] = f'"{row["version"]}"'
    return SettingsView.model_validate(row)


@router.patch("", responses={412: {"description": "Somebody changed the settings meanwhile."}})
async def merge_settings(
    *,
    ref: CampaignRef,
    change: Annotated[dict[str, Any], Body(description="A JSON merge patch, RFC 7396.")],
    database: Db,
    actor: Actor,
    response: Response,
    if_match: IfMatch = None,
) -> SettingsView:
    """Change what is named and leave the rest; null resets to the default (RFC 7396)."""
    async with database.transaction() as conn:
        campaign_id = await campaign.resolve(conn, ref)
        seen = seen_version(if_match) if if_match is not None else None
        # Held from before the read, so that the merge is made on what it replaces.
        await campaign_settings.hold(conn, campaign_id)
        current = (await campaign_settings.read(conn, campaign_id))["settings"]
        try:
            merged = CampaignSettings.model_validate(merge_patch(current, change))
        except ValidationError as wrong:
            raise problems.invalid(wrong.errors()) from None
        row = await campaign_settings.put(conn, campaign_id, merged, seen, actor)
    response.headers["ETag"] = f'"{row["version"]}"'
    return SettingsView.model_validate(row)


@router.get("/versions")
async def list_versions(
    ref: CampaignRef, database: Db, actor: Actor, paging: PagingQuery
) -> Page[SettingsView]:
    """Every version of the settings with who made it, newest first."""
    async with database.transaction() as conn:
        rows = await campaign_settings.versions(
            conn,
            await campaign.resolve(conn, ref),
            before=paging.after_int(),
            limit=paging.fetch,
        )
    return paging.page(rows, lambda row: row["version"], SettingsView.model_validate)


def merge_patch(target: Any, patch: Any) -> Any:
    """RFC 7396, section 2."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


def seen_version(if_match: str) -> int | None:
    """The version that an If-Match names; None for `*`, which takes any."""
    if if_match.strip() == "*":
        return None
    found = _ETAG.fullmatch(if_match)
    if found is None:
        raise Invalid('If-Match is not an ETag of settings, as in "3".', "If-Match")
    return int(found[1])
