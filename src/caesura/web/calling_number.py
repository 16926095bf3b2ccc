"""/numbers: the caller IDs that calls show."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from caesura.store import calling_number
from caesura.store.database import Connection
from caesura.web.caller import Actor, Db
from caesura.web.paging import Page, PagingQuery
from caesura.web.phone import e164
from caesura.web.request import Creating, Name, path_to
from caesura.web.views import Moment

router = APIRouter(prefix="/numbers", tags=["numbers"])

Label = Annotated[str, Field(max_length=200)]


class NumberChange(BaseModel):
    """What to change; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    trunk: str | None = Field(None, description="Only this trunk may show it; null: any.")
    label: Label | None = None


class NewNumber(NumberChange):
    """A calling number to add."""

    number: str = Field(description="E.164, as +14155550100.")


class NumberView(BaseModel):
    """A calling number."""

    number: str
    trunk: str | None
    label: str | None
    created_at: Moment


@router.get("")
async def list_numbers(database: Db, actor: Actor, paging: PagingQuery) -> Page[NumberView]:
    """Calling numbers in order."""
    async with database.transaction() as conn:
        rows = await calling_number.page(conn, after=paging.after_text(), limit=paging.fetch)
    return paging.page(rows, lambda row: row["number"], NumberView.model_validate)


@router.post("", status_code=201, response_model=NumberView)
async def create_number(new: NewNumber, creating: Creating) -> Response:
    """Add a calling number."""
    number = e164(new.number, None, "number")

    async def work(conn: Connection) -> NumberView:
        row = await calling_number.create(conn, number, new.trunk, new.label)
        return NumberView.model_validate(row)

    return await creating.run(work, location=lambda body: path_to("numbers", body["number"]))


@router.get("/{name}")
async def get_number(name: Name, database: Db, actor: Actor) -> NumberView:
    """One calling number."""
    async with database.transaction() as conn:
        return NumberView.model_validate(await calling_number.read(conn, name))


@router.patch("/{name}")
async def change_number(name: Name, change: NumberChange, database: Db, actor: Actor) -> NumberView:
    """Change trunk or label."""
    changes = change.model_dump(include=change.model_fields_set)
    async with database.transaction() as conn:
        return NumberView.model_validate(await calling_number.update(conn, name, changes))


@router.delete("/{name}", status_code=204)
async def delete_number(name: Name, database: Db, actor: Actor) -> None:
    """Remove a number that no campaign which may still dial shows."""
    async with database.transaction() as conn:
        await calling_number.delete(conn, name)
