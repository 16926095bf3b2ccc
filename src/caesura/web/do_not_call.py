"""/do-not-call: numbers that must not be called. Counts for every call not on the wire yet."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from caesura.rules.message_settings import Channel
from caesura.store import campaign, do_not_call
from caesura.store.database import Connection
from caesura.web.caller import Actor, Db
from caesura.web.paging import Page, PagingQuery
from caesura.web.phone import e164
from caesura.web.request import Creating, Name
from caesura.web.views import Moment

router = APIRouter(prefix="/do-not-call", tags=["do not call"])

_MANY_MAX = 100_000
Region = Annotated[str, Field(pattern=r"^[A-Za-z]{2}$")]


class NewEntries(BaseModel):
    """One number or many."""

    model_config = ConfigDict(extra="forbid")

    phone: str | None = Field(None, description="One number.")
    phones: list[str] | None = Field(None, min_length=1, max_length=_MANY_MAX)
    region: Region | None = Field(None, description="For numbers without a country code, as US.")
    campaign: str | None = Field(None, description="Only this campaign; default: all.")
    channel: Channel | None = Field(None, description="Only this channel; default: all.")
    source: str = Field("api", min_length=1, max_length=200, description="Where this comes from.")

    @model_validator(mode="after")
    def _one_of_them(self) -> NewEntries:
        if (self.phone is None) == (self.phones is None):
            raise ValueError("give either phone or phones")
        return self


class EntriesAdded(BaseModel):
    """What was added; a number that was there already is not counted."""

    added: int
    phones: list[str] = Field(description="The numbers in E.164; the first hundred.")


class EntryView(BaseModel):
    """One number that must not be called."""

    phone: str
    campaign: str | None = Field(description="null: in no campaign at all.")
    channel: str | None = Field(description="null: over no channel at all.")
    source: str
    added_by: str
    added_at: Moment


@router.get("")
async def list_entries(
    database: Db,
    actor: Actor,
    paging: PagingQuery,
    phone: Annotated[str | None, Query(description="How the number begins, as +1415.")] = None,
    campaign_ref: Annotated[
        str | None, Query(alias="campaign", description="Only this campaign's.")
    ] = None,
) -> Page[EntryView]:
    """Entries, newest first."""
    async with database.transaction() as conn:
        rows = await do_not_call.page(
            conn,
            phone=phone,
            campaign_id=await campaign.resolve(conn, campaign_ref) if campaign_ref else None,
            before=paging.after_int(),
            limit=paging.fetch,
        )
    return paging.page(rows, lambda row: row["id"], EntryView.model_validate)


@router.post("", status_code=201, response_model=EntriesAdded)
async def add_entries(new: NewEntries, creating: Creating) -> Response:
    """Call these numbers no more."""
    if new.phone is not None:
        phones = [e164(new.phone, new.region, "phone")]
    else:
        phones = [
            e164(text, new.region, f"phones[{index}]")
            for index, text in enumerate(new.phones or [])
        ]

    async def work(conn: Connection) -> EntriesAdded:
        campaign_id = await campaign.resolve(conn, new.campaign) if new.campaign else None
        added = await do_not_call.add(
            conn, phones, campaign_id, new.source, creating.actor, channel=new.channel
        )
        return EntriesAdded(added=added, phones=phones[:100])

    return await creating.run(work)


@router.get("/{name}")
async def get_entries(name: Name, database: Db, actor: Actor) -> list[EntryView]:
    """Every entry of one number; an empty list when it may be called."""
    phone = e164(name, None, "phone")
    async with database.transaction() as conn:
        return [EntryView.model_validate(row) for row in await do_not_call.entries(conn, phone)]


@router.delete("/{name}", status_code=204)
async def remove_entry(
    name: Name,
    database: Db,
    actor: Actor,
    campaign_ref: Annotated[
        str | None, Query(alias="campaign", description="This campaign's entry; default: global.")
    ] = None,
    channel: Annotated[
        Channel | Literal["all"] | None,
        Query(
            description="This channel's entry only; `all`: only the one that is for all channels. "
            "Default: every one of them."
        ),
    ] = None,
) -> None:
    """Allow calls to the number again."""
    phone = e164(name, None, "phone")
    async with database.transaction() as conn:
        campaign_id = await campaign.resolve(conn, campaign_ref) if campaign_ref else None
        await do_not_call.remove(conn, phone, campaign_id, channel)
