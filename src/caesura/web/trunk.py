"""/trunks: SIP connections to carriers. Passwords go in and never come out."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from caesura.store import trunk
from caesura.store.database import Connection
from caesura.web.caller import Actor, Db
from caesura.web.paging import Page, PagingQuery
from caesura.web.request import Creating, Name, path_to
from caesura.web.views import Moment

router = APIRouter(prefix="/trunks", tags=["trunks"])

Host = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9._:\-\[\]]+$")]
Port = Annotated[int, Field(ge=1, le=65535)]
Channels = Annotated[int, Field(ge=1, le=1_000_000)]
Cps = Annotated[float, Field(gt=0, le=100_000)]
Interval = Annotated[float, Field(ge=0, le=86_400)]
Text = Annotated[str, Field(min_length=1, max_length=200)]


class TrunkChange(BaseModel):
    """What to change; what is left out stays, and null clears what may be empty."""

    model_config = ConfigDict(extra="forbid")

    host: Host = ""
    port: Port = 5060
    username: Text | None = Field(None, description="For digest authentication.")
    password: SecretStr | None = None
    # "register" is a name of pydantic's
    register_: bool = Field(
        False, alias="register", description="REGISTER with the carrier (RFC 3261, section 10)."
    )
    max_channels: Channels | None = Field(None, description="Calls at once, all cells.")
    max_cps: Cps | None = Field(None, description="Calls started per second, all cells.")
    options_interval_s: Interval = Field(30.0, description="OPTIONS health check; 0: none.")
    enabled: bool = True

    def values(self) -> dict[str, object]:
        """Every column, the password in the clear."""
        found = self.model_dump(exclude={"name"}, by_alias=True)
        found["password"] = self.password.get_secret_value() if self.password else None
        return found

    def given(self) -> set[str]:
        """The columns that the request names."""
        fields = type(self).model_fields
        return {fields[name].alias or name for name in self.model_fields_set}


class NewTrunk(TrunkChange):
    """A trunk to add."""

    name: Text
    host: Host


class TrunkHealth(BaseModel):
    """How one cell finds the trunk."""

    cell_id: UUID
    node: str
    reachable: bool
    registered: bool | None
    detail: str
    at: Moment


class TrunkView(BaseModel):
    """A trunk."""

    id: int
    name: str
    host: str
    port: int
    username: str | None
    has_password: bool
    register_: bool = Field(alias="register")
    max_channels: int | None
    max_cps: float | None
    options_interval_s: float
    enabled: bool
    created_at: Moment
    health: list[TrunkHealth]


@router.get("")
async def list_trunks(database: Db, actor: Actor, paging: PagingQuery) -> Page[TrunkView]:
    """Trunks by name, with how each running cell finds them."""
    async with database.transaction() as conn:
        rows = await trunk.page(conn, after=paging.after_text(), limit=paging.fetch)
    return paging.page(rows, lambda row: row["name"], TrunkView.model_validate)


@router.post("", status_code=201, response_model=TrunkView)
async def create_trunk(new: NewTrunk, creating: Creating) -> Response:
    """Add a trunk."""

    async def work(conn: Connection) -> TrunkView:
        return TrunkView.model_validate(await trunk.create(conn, new.name, new.values()))

    return await creating.run(work, location=lambda body: path_to("trunks", body["name"]))


@router.get("/{name}")
async def get_trunk(name: Name, database: Db, actor: Actor) -> TrunkView:
    """One trunk."""
    async with database.transaction() as conn:
        return TrunkView.model_validate(await trunk.read(conn, name))


@router.patch("/{name}")
async def change_trunk(name: Name, change: TrunkChange, database: Db, actor: Actor) -> TrunkView:
    """Change a trunk; cells take it up at once."""
    values = change.values()
    changes = {field: values[field] for field in change.given()}
    async with database.transaction() as conn:
        return TrunkView.model_validate(await trunk.update(conn, name, changes))


@router.delete("/{name}", status_code=204)
async def delete_trunk(name: Name, database: Db, actor: Actor) -> None:
    """Remove a trunk that no campaign which may still dial uses."""
    async with database.transaction() as conn:
        await trunk.delete(conn, name)
