"""/system-settings: what is set for everybody; versions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Response
from pydantic import BaseModel

from caesura.rules.system_settings import SystemSettings
from caesura.store import system_settings
from caesura.web.caller import Actor, Db
from caesura.web.campaign_settings import IfMatch, seen_version
from caesura.web.paging import Page, PagingQuery
from caesura.web.problems import PreconditionRequired
from caesura.web.views import Moment

router = APIRouter(prefix="/system-settings", tags=["system settings"])


class SystemSettingsView(BaseModel):
    """One version of the system-wide settings."""

    version: int
    settings: SystemSettings
    changed_by: str
    changed_at: Moment


@router.get("", responses={304: {"description": "Not changed since If-None-Match."}})
async def get_system_settings(
    database: Db,
    actor: Actor,
    response: Response,
    if_none_match: Annotated[str | None, Header()] = None,
) -> SystemSettingsView:
    """The current settings; the ETag is their version."""
    async with database.transaction() as conn:
        row = await system_settings.read(conn)
    etag = f'"{row["version"]}"'
    if if_none_match is not None and etag in [tag.strip() for tag in if_none_match.split(",")]:
        return Response(status_code=304, headers={"ETag": etag})  # type: ignore[return-value]
    response.headers["ETag"] = etag
    return SystemSettingsView.model_validate(row)


@router.put(
    "",
    responses={
        412: {"description": "Somebody changed the settings meanwhile."},
        428: {"description": "If-Match is missing."},
    },
)
async def put_system_settings(
    settings: SystemSettings,
    database: Db,
    actor: Actor,
    response: Response,
    if_match: IfMatch = None,
) -> SystemSettingsView:
    """Replace the settings: a new version. If-Match names the version that was seen."""
    if if_match is None:
        raise PreconditionRequired("Send If-Match with the ETag of the settings that you changed.")
    async with database.transaction() as conn:
        row = await system_settings.put(conn, settings, seen_version(if_match), actor)
    response.headers["ETag"] = f'"{row["version"]}"'
    return SystemSettingsView.model_validate(row)


@router.get("/versions")
async def list_system_settings_versions(
    database: Db, actor: Actor, paging: PagingQuery
) -> Page[SystemSettingsView]:
    """Every version with who made it, newest first."""
    async with database.transaction() as conn:
        rows = await system_settings.versions(conn, before=paging.after_int(), limit=paging.fetch)
    return paging.page(rows, lambda row: row["version"], SystemSettingsView.model_validate)
