"""/api-keys: who may call. A key is shown once, in the answer that makes it."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from caesura.store import api_key
from caesura.web.caller import Actor, Db
from caesura.web.request import Name
from caesura.web.views import Moment

router = APIRouter(prefix="/api-keys", tags=["API keys"])


class NewKey(BaseModel):
    """A key to make."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(description="Who acts with it: the actor in histories and receipts.")


class KeyMade(BaseModel):
    """The key, this once: only its digest is kept."""

    name: str
    key: str


class KeyView(BaseModel):
    """What is known of a key."""

    name: str
    created_at: Moment
    revoked_at: Moment | None


class Keys(BaseModel):
    """All keys, in the order of their making."""

    items: list[KeyView]


@router.get("")
async def list_keys(database: Db, actor: Actor) -> Keys:
    """All keys, the revoked too."""
    async with database.transaction() as conn:
        keys = await api_key.list_keys(conn)
    return Keys(items=[KeyView.model_validate(key, from_attributes=True) for key in keys])


# No Idempotency-Key here: to repeat the answer, the server would have to keep the key.
@router.post("", status_code=201)
async def create_key(new: NewKey, database: Db, actor: Actor) -> KeyMade:
    """Make a key. A name that has one already is refused, so a repetition makes no second."""
    async with database.transaction() as conn:
        return KeyMade(name=new.name, key=await api_key.create(conn, new.name))


@router.delete("/{name}", status_code=204)
async def revoke_key(name: Name, database: Db, actor: Actor) -> None:
    """End a key: the next request with it is refused."""
    async with database.transaction() as conn:
        await api_key.revoke(conn, name)
