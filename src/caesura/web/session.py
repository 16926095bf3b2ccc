"""/session: sign in, who am I, sign out, change the password, what I prefer."""

from __future__ import annotations

import math
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from caesura.errors import CaesuraError, Invalid
from caesura.rules.system_settings import Preferences
from caesura.store import password, session, user
from caesura.store.database import Database
from caesura.store.user import Role
from caesura.web.caller import COOKIE, Db, SignedIn, set_cookie
from caesura.web.problems import Unauthorized
from caesura.web.views import Moment

router = APIRouter(prefix="/session", tags=["session"])

_LENGTH_MAX = 1000


class TooManyAttempts(CaesuraError):
    """Signing in was tried too often; `retry_after_s` says when it may be tried again."""

    status = 429
    slug = "too-many-attempts"
    retryable = True


class CrossSite(CaesuraError):
    status = 403
    slug = "cross-site"


class SignIn(BaseModel):
    """A name and its password."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=_LENGTH_MAX)
    password: str = Field(max_length=_LENGTH_MAX)


class NewPassword(BaseModel):
    """The password as it is, and as it shall be."""

    model_config = ConfigDict(extra="forbid")

    old: str = Field(max_length=_LENGTH_MAX)
    new: str = Field(description=f"At least {password.LENGTH_MIN} characters.")


class SessionView(BaseModel):
    """Who is signed in."""

    user: str
    role: Role = Field(description="An `agent` may use the desk, and nothing else.")
    agent: bool = Field(description="Takes conversations: has a desk.")
    csrf_token: str = Field(description="To send as X-CSRF-Token with all but GET.")
    must_change_password: bool = Field(description="Nothing else is allowed until it is changed.")
    expires_at: Moment
    preferences: Preferences


_ANSWERS: dict[int | str, dict[str, object]] = {
    403: {"description": "Sent by another site's page."},
    429: {"description": "Tried too often; `Retry-After` says when it may be tried again."},
}


@router.post("", responses=_ANSWERS)
async def sign_in(
    request: Request,
    response: Response,
    database: Db,
    asked: SignIn,
    sec_fetch_site: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> SessionView:
    """Begin a session: sets the cookie. A wrong name and a wrong password answer alike."""
    if sec_fetch_site in ("cross-site", "same-site"):  # W3C Fetch Metadata, section 2.3
        raise CrossSite("Sign in from this server's own page.")
    found = await _checked(request, database, asked.name, asked.password)
    async with database.transaction() as conn:
        old = request.cookies.get(COOKIE)
        if old:
            await session.end(conn, old)
        token = await session.begin(conn, found)
    set_cookie(request, response, token)
    return await _shown(database, token)


@router.get("")
async def get_session(database: Db, caller: SignedIn, response: Response) -> SessionView:
    """Who is signed in; 401 if nobody is."""
    response.headers["Cache-Control"] = "no-store"
    return await _shown(database, caller.secret)


@router.delete("", status_code=204)
async def sign_out(database: Db, caller: SignedIn, response: Response) -> None:
    """End the session."""
    async with database.transaction() as conn:
        await session.end(conn, caller.secret)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")


@router.post("/password", responses=_ANSWERS)
async def change_password(
    request: Request, response: Response, database: Db, caller: SignedIn, change: NewPassword
) -> SessionView:
    """Choose another password. Ends the user's other sessions; this one goes on anew."""
    password.check(change.new, "new")
    if change.new == change.old:
        raise Invalid("The new password is the old one.", "new")
    if change.new.casefold() == caller.actor.casefold():
        raise Invalid("The new password is the user's name.", "new")
    try:
        user_id = await _checked(request, database, caller.actor, change.old)
    except Unauthorized:
        raise Invalid("The old password is not right.", "old") from None
    hashed = await password.hashed(change.new)
    async with database.transaction() as conn:
        await user.set_password(conn, user_id, hashed, must_change=False)
        token = await session.begin(conn, user_id)
    set_cookie(request, response, token)
    return await _shown(database, token)


@router.get("/preferences")
async def get_preferences(database: Db, caller: SignedIn) -> Preferences:
    """What the user chose."""
    async with database.transaction() as conn:
        return await user.preferences(conn, caller.user_id)


@router.put("/preferences")
async def put_preferences(database: Db, caller: SignedIn, chosen: Preferences) -> Preferences:
    """Choose, all of it; what is left out gets its default."""
    async with database.transaction() as conn:
        await user.set_preferences(conn, caller.user_id, chosen)
        return await user.preferences(conn, caller.user_id)


async def _checked(request: Request, database: Database, name: str, given: str) -> int:
    """The id of the user whose name and password these are.

    Raises TooManyAttempts before anything is looked at; Unauthorized, the same and after the same
    time whether it is the name or the password that is wrong or the user is disabled.
    """
    address = request.client.host if request.client else ""
    async with database.transaction() as conn:
        wait_s = await session.count_attempt(conn, address, name)
        found = await user.find(conn, name) if wait_s is None else None
    if wait_s is not None:
        retry_after_s = max(1, math.ceil(wait_s))
        raise TooManyAttempts(
            f"Tried too often. Try again in {retry_after_s} s.", retry_after_s=retry_after_s
        )
    right = await password.verify(given, found["password_hash"] if found else None)
    if not right or found is None or found["disabled_at"] is not None:
        raise Unauthorized("The name or the password is not right.")
    renewed = None
    if password.is_outdated(found["password_hash"]):
        renewed = await password.hashed(given)
    async with database.transaction() as conn:
        await session.pardon_attempts(conn, address, name)
        if renewed is not None:
            await user.renew_hash(conn, found["id"], found["password_hash"], renewed)
    return int(found["id"])


async def _shown(database: Database, token: str) -> SessionView:
    async with database.transaction() as conn:
        found = await session.find(conn, token)
        if found is None:
            raise Unauthorized("The session has ended. Sign in again.")
        chosen = await user.preferences(conn, found.user_id)
    return SessionView(
        user=found.name,
        role=found.role,
        agent=found.agent,
        csrf_token=found.csrf_token,
        must_change_password=found.must_change_password,
        expires_at=found.expires_at,
        preferences=chosen,
    )
