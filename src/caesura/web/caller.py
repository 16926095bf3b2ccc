"""Who calls: an API key, or a person's session in a cookie.

    Authorization: Bearer KEY      integrations and the command line
    Cookie: caesura_session=…      the dashboard; a request that may change something also sends
                                   X-CSRF-Token with the session's token, which another site's
                                   page cannot know

The key counts where both are sent. Asked for every request, so that a revoked key, an ended session
and a disabled user end at once.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, Response
from fastapi.security import APIKeyCookie, APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from caesura.errors import CaesuraError
from caesura.store import api_key, session
from caesura.store.database import Database
from caesura.store.session import Session
from caesura.web.problems import Unauthorized

COOKIE = "caesura_session"
CSRF_HEADER = "X-CSRF-Token"

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_bearer = HTTPBearer(auto_error=False, description="An API key: `Authorization: Bearer KEY`.")
_cookie = APIKeyCookie(
    name=COOKIE, auto_error=False, description="A session: `POST /api/v1/session` begins one."
)
_csrf = APIKeyHeader(
    name=CSRF_HEADER,
    auto_error=False,
    description="The session's CSRF token: with the cookie, for all but GET.",
)


class CsrfMissing(CaesuraError):
    """The cookie came without the token that shows whose page sent it."""

    status = 403
    slug = "csrf"


class MustChangePassword(CaesuraError):
    status = 403
    slug = "must-change-password"


class AgentsOnlyDesk(CaesuraError):
    """A user of role `agent` asked for what is the managers'."""

    status = 403
    slug = "agents-only-desk"


class NotAnAgent(CaesuraError):
    """There is no desk for whoever calls."""

    status = 403
    slug = "not-an-agent"


@dataclass(frozen=True)
class Caller:
    """Somebody who may call."""

    actor: str  # the name of the key, or of the user
    session: Session | None  # None: a key
    secret: str  # the key, or the session's token

    @property
    def user_id(self) -> int:
        """Of a person."""
        assert self.session is not None, "an API key is no person"
        return self.session.user_id

    async def still_may(self, database: Database) -> bool:
        """Whether the key or the session is still good; for answers that go on for long."""
        async with database.transaction() as conn:
            if self.session is None:
                return await api_key.actor_of(conn, self.secret) is not None
            return await session.find(conn, self.secret) is not None


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


Db = Annotated[Database, Depends(_database)]


async def _anybody(
    request: Request,
    database: Db,
    key: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    token: Annotated[str | None, Depends(_cookie)],
    csrf: Annotated[str | None, Depends(_csrf)],
) -> Caller:
    """Who calls, even where the password is still to be changed."""
    if key is not None:
        async with database.statements() as conn:
            actor = await api_key.actor_of(conn, key.credentials)
        if actor is None:
            raise Unauthorized("The API key is not valid.")
        return Caller(actor, None, key.credentials)
    if token is None:
        raise Unauthorized("Sign in, or send an API key: Authorization: Bearer KEY.")
    async with database.statements() as conn:
        found = await session.find(conn, token)
    if found is None:
        raise Unauthorized("The session has ended. Sign in again.")
    if request.method not in _SAFE and not _same(csrf, found.csrf_token):
        raise CsrfMissing(f"Send the session's CSRF token in the header {CSRF_HEADER}.")
    return Caller(found.name, found, token)


async def _with_own_password(caller: Annotated[Caller, Depends(_anybody)]) -> Caller:
    if caller.session is not None and caller.session.must_change_password:
        raise MustChangePassword("Choose a password of your own first.")
    return caller


async def _caller(caller: Annotated[Caller, Depends(_with_own_password)]) -> Caller:
    if caller.session is not None and caller.session.role == "agent":
        raise AgentsOnlyDesk("As an agent you may use your desk, /desk. Ask a manager for more.")
    return caller


async def _agent(caller: Annotated[Caller, Depends(_with_own_password)]) -> Caller:
    if caller.session is None:
        raise NotAnAgent("A desk is a person's: sign in as an agent; an API key has none.")
    if not caller.session.agent:
        raise NotAnAgent(f"{caller.actor!r} takes no conversations. A manager can add an agent.")
    return caller


async def _signed_in(caller: Annotated[Caller, Depends(_anybody)]) -> Caller:
    if caller.session is None:
        raise Unauthorized("This is about a person's session; an API key has none.")
    return caller


async def _actor(caller: Annotated[Caller, Depends(_caller)]) -> str:
    return caller.actor


Calling = Annotated[Caller, Depends(_caller)]
Actor = Annotated[str, Depends(_actor)]
# A person who takes conversations; `session` is theirs.
Agent = Annotated[Caller, Depends(_agent)]
# A person, maybe one whose password is still to be changed.
SignedIn = Annotated[Caller, Depends(_signed_in)]


def set_cookie(request: Request, response: Response, token: str) -> None:
    """Give the session to the browser, out of reach of scripts and other sites' forms."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(session.LIFETIME.total_seconds()),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def _same(sent: str | None, kept: str) -> bool:
    return sent is not None and hmac.compare_digest(sent.encode(), kept.encode())
