"""GET /events: what happens to campaigns, as server-sent events (WHATWG HTML, section 9.2).

    event: campaign   the whole campaign, at the beginning and on every change
    event: figures    what calls change, at most four times a second for each campaign
    event: ready      the beginning is complete: from here on it is live

A client that comes back (Last-Event-ID) gets the campaigns as they are now, which is all that it
can have missed: an event says how things are, not how they changed. The stream ends when the
session or the key that it was asked for with has ended; asking again then answers 401.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Annotated

import psycopg
from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse
from psycopg_pool import PoolTimeout

from caesura.store import campaign
from caesura.store.database import Database
from caesura.web.caller import Caller, Calling, Db
from caesura.web.live import Event, Live, snapshot

router = APIRouter(tags=["live"])

KEEP_ALIVE_S = 15.0
RETRY_MS = 1000


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "The stream."}},
)
async def get_events(
    request: Request,
    database: Db,
    caller: Calling,
    campaigns: Annotated[
        list[str] | None, Query(alias="campaign", description="Only these; repeatable.")
    ] = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> StreamingResponse:
    """Follow campaigns live. Every (re)connection begins with how they are now."""
    ids = None
    if campaigns:
        async with database.transaction() as conn:
            ids = [await campaign.resolve(conn, ref) for ref in campaigns]
    return StreamingResponse(
        _stream(request.app.state.live, database, caller, ids),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _stream(
    live: Live, database: Database, caller: Caller, ids: list[int] | None
) -> AsyncIterator[str]:
    client = live.join(frozenset(ids) if ids is not None else None)
    try:
        yield f"retry: {RETRY_MS}\n\n"
        # Joined before the reading, so what changes meanwhile comes after it.
        async for event in snapshot(live, database, ids):
            yield _text(event)
        yield "event: ready\ndata: {}\n\n"
        check_at = time.monotonic() + KEEP_ALIVE_S
        while not client.closed:
            events = await client.take(KEEP_ALIVE_S)
            if time.monotonic() >= check_at:
                if not await still_may(caller, database):
                    return
                check_at = time.monotonic() + KEEP_ALIVE_S
            if not events and not client.closed:
                yield ": still here\n\n"
            for event in events:
                yield _text(event)
    finally:
        live.leave(client)


async def still_may(caller: Caller, database: Database) -> bool:
    """Ask again; also the use that keeps a session alive while its page is open."""
    try:
        return await caller.still_may(database)
    except (psycopg.OperationalError, PoolTimeout):
        return True  # the database is away: nothing can be learnt, of the campaigns neither


def _text(event: Event) -> str:
    return f"id: {event.id}\nevent: {event.kind}\ndata: {event.data}\n\n"
