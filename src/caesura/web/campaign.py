"""/campaigns: create, list, look, rename, lists, history, receipts."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from caesura.errors import Invalid
from caesura.rules.campaign import CampaignSettings, CampaignState
from caesura.store import campaign, receipt
from caesura.store.database import Connection
from caesura.web import shown
from caesura.web.caller import Actor, Db
from caesura.web.paging import Page, PagingQuery
from caesura.web.request import CampaignRef, Creating, Id, path_to
from caesura.web.views import CampaignView, Receipt, TransitionView

router = APIRouter(prefix="/campaigns", tags=["campaigns"])


class NewCampaign(BaseModel):
    """A campaign to create, as a draft."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(description="Not digits only; at most 200 characters.")
    lists: list[str] = Field(default=[], description="Names of contact lists.")
    settings: CampaignSettings = CampaignSettings()


class CampaignChange(BaseModel):
    """What may be changed of the campaign itself; its settings are apart."""

    model_config = ConfigDict(extra="forbid")

    name: str


class MoreLists(BaseModel):
    """Lists to add."""

    model_config = ConfigDict(extra="forbid")

    lists: list[str] = Field(min_length=1)


class ListsAdded(BaseModel):
    """What adding lists made."""

    campaign: CampaignView
    leads_added: int


@router.get("")
async def list_campaigns(
    database: Db,
    actor: Actor,
    paging: PagingQuery,
    state: Annotated[
        list[CampaignState] | None, Query(description="Only these states; repeatable.")
    ] = None,
    name: Annotated[str | None, Query(description="Only names that contain this.")] = None,
) -> Page[CampaignView]:
    """Campaigns with their figures, newest first."""
    async with database.transaction() as conn:
        rows = await campaign.page(
            conn,
            states=[str(each) for each in state] if state else None,
            name=name,
            before=paging.after_int(),
            limit=paging.fetch,
        )
        views = {view.id: view for view in await shown.campaign_views(conn, rows)}
    return paging.page(rows, lambda row: row["id"], lambda row: views[row["id"]])


@router.post("", status_code=201, response_model=CampaignView)
async def create_campaign(new: NewCampaign, creating: Creating) -> Response:
    """Create a draft, with a lead for each contact of its lists."""

    async def work(conn: Connection) -> CampaignView:
        if len(set(new.lists)) < len(new.lists):
            raise Invalid("A list is named twice.", "lists")
        campaign_id = await campaign.create(conn, new.name, new.lists, new.settings, creating.actor)
        return await shown.one_campaign(conn, campaign_id)

    return await creating.run(work, location=_location)


def _location(body: dict[str, Any]) -> str:
    return path_to("campaigns", body["id"])


@router.get("/{campaign}")
async def get_campaign(ref: CampaignRef, database: Db, actor: Actor) -> CampaignView:
    """One campaign with its figures and, where a running one dials nothing, why."""
    async with database.transaction() as conn:
        return await shown.one_campaign(conn, await campaign.resolve(conn, ref))


@router.patch("/{campaign}")
async def rename_campaign(
    ref: CampaignRef, change: CampaignChange, database: Db, actor: Actor
) -> CampaignView:
    """Give the campaign another name."""
    async with database.transaction() as conn:
        campaign_id = await campaign.resolve(conn, ref)
        await campaign.rename(conn, campaign_id, change.name)
        return await shown.one_campaign(conn, campaign_id)


@router.post("/{campaign}/lists", status_code=201, response_model=ListsAdded)
async def add_lists(ref: CampaignRef, more: MoreLists, creating: Creating) -> Response:
    """Add lists; a list that is there already gives leads for the contacts it gained."""

    async def work(conn: Connection) -> ListsAdded:
        campaign_id = await campaign.resolve(conn, ref)
        made = await campaign.add_lists(conn, campaign_id, more.lists, creating.actor)
        view = await shown.one_campaign(conn, campaign_id)
        return ListsAdded(campaign=view, leads_added=made)

    return await creating.run(work)


@router.get("/{campaign}/history")
async def get_history(
    ref: CampaignRef, database: Db, actor: Actor, paging: PagingQuery
) -> Page[TransitionView]:
    """Every lifecycle change: who, when, why, newest first."""
    async with database.transaction() as conn:
        rows = await receipt.history(
            conn,
            await campaign.resolve(conn, ref),
            before=paging.after_int(),
            limit=paging.fetch,
        )
    return paging.page(rows, lambda row: row["epoch"], TransitionView.model_validate)


@router.get("/{campaign}/receipts")
async def list_receipts(
    ref: CampaignRef, database: Db, actor: Actor, paging: PagingQuery
) -> Page[Receipt]:
    """The receipts of pauses and of the termination, newest first."""
    async with database.transaction() as conn:
        rows = await receipt.page(
            conn,
            await campaign.resolve(conn, ref),
            before=paging.after_int(),
            limit=paging.fetch,
        )
    return paging.page(rows, lambda row: row["epoch"], Receipt.model_validate)


@router.get("/{campaign}/receipts/{receipt_id}")
async def get_receipt(ref: CampaignRef, receipt_id: Id, database: Db, actor: Actor) -> Receipt:
    """One receipt."""
    async with database.transaction() as conn:
        return await shown.receipt_of(conn, await campaign.resolve(conn, ref), receipt_id)
