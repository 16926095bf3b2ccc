"""/users: who may sign in. A one-time password is shown once, in the answer that makes it."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from caesura.errors import Conflict
from caesura.rules.floor import order
from caesura.rules.floor.desk import Presence
from caesura.store import desk, user
from caesura.store.user import Role
from caesura.web.caller import Actor, Calling, Db
from caesura.web.request import Name
from caesura.web.views import Moment

router = APIRouter(prefix="/users", tags=["users"])


class NewUser(BaseModel):
    """A user to add."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(description="The actor in histories and receipts; to sign in with.")


class UserChange(BaseModel):
    """What may be changed of a user."""

    model_config = ConfigDict(extra="forbid")

    disabled: bool


class UserView(BaseModel):
    """Somebody who may sign in, or might once."""

    name: str
    role: Role = Field(description="An `agent` may use the desk, and nothing else.")
    must_change_password: bool = Field(description="Has not chosen a password yet.")
    created_by: str
    created_at: Moment
    signed_in_at: Moment | None
    disabled_at: Moment | None


class OneTimePassword(BaseModel):
    """The password, this once: to be changed at the first sign-in."""

    name: str
    one_time_password: str


class Users(BaseModel):
    """Everybody, by name."""

    items: list[UserView]


@router.get("")
async def list_users(database: Db, actor: Actor) -> Users:
    """Everybody, the disabled too."""
    async with database.transaction() as conn:
        found = await user.list_users(conn)
    return Users(items=[UserView.model_validate(row) for row in found])


# No Idempotency-Key here: to repeat the answer, the server would have to keep the password.
@router.post("", status_code=201)
async def create_user(new: NewUser, database: Db, actor: Actor) -> OneTimePassword:
    """Add a user. A name that is taken is refused, so a repetition makes no second."""
    async with database.transaction() as conn:
        given = await user.create(conn, new.name, actor)
    return OneTimePassword(name=new.name.strip(), one_time_password=given)


@router.patch("/{name}")
async def change_user(name: Name, change: UserChange, database: Db, caller: Calling) -> UserView:
    """Let a user in no more, or again. Not yourself, and not the last one."""
    myself = caller.session is not None and name.casefold() == caller.actor.casefold()
    if change.disabled and myself:
        raise Conflict("You cannot disable yourself; another user can.", name=name)
    async with database.transaction() as conn:
        disabled = await user.set_disabled(conn, name, disabled=change.disabled)
        if change.disabled:  # their page can no more; a conversation is not cut off
            await desk.ask(conn, disabled, order.Become(Presence.OFFLINE))
        return UserView.model_validate(await user.read(conn, name))


@router.post("/{name}/one-time-password", status_code=201)
async def reset_password(name: Name, database: Db, actor: Actor) -> OneTimePassword:
    """A new one-time password for somebody who forgot theirs; ends their sessions."""
    async with database.transaction() as conn:
        given = await user.reset_password(conn, name)
        found = await user.read(conn, name)
    return OneTimePassword(name=found["name"], one_time_password=given)
