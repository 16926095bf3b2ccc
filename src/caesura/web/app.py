"""The HTTP application: routes, errors, middleware, and what runs beside the requests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import gettempdir

import structlog
from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse, PlainTextResponse
from fastapi.routing import APIRoute

from caesura.notifications.delivery import Delivery
from caesura.store import desk as desks
from caesura.store import idempotency
from caesura.store import notification as notifications
from caesura.store import session as sessions
from caesura.store.database import Database
from caesura.voice.recording import BYTES_MAX
from caesura.web import (
    abandonment,
    agent,
    api_key,
    call,
    calling_number,
    campaign,
    campaign_settings,
    cell,
    contact_list,
    desk,
    do_not_call,
    events,
    figures,
    health,
    hold,
    hours_now,
    lifecycle,
    message_callback,
    message_preview,
    notification,
    outlook,
    pause_rule,
    preview,
    problems,
    provider,
    recording,
    release,
    report,
    seal,
    session,
    simulation,
    system_settings,
    trunk,
    user,
)
from caesura.web.dashboard import STATIC, Dashboard, SafeHeaders
from caesura.web.desk_live import DeskLive
from caesura.web.live import Live
from caesura.web.request import BodyLimit, KeepQuotedSlashes
from caesura.web.simulations import Simulations
from caesura.web.uploads import Uploads

log = structlog.get_logger()

PREFIX = "/api/v1"
_BODY_BYTES_MAX = 16 << 20  # of JSON, which is held in memory
_UPLOAD_BYTES_MAX = {  # of files, which go to disk as they arrive
    f"{PREFIX}/lists/imports": 1 << 40,
    f"{PREFIX}/lists/preview": 1 << 40,
    f"{PREFIX}/recordings": BYTES_MAX + (64 << 10),
}
_FORGET_EVERY_S = 3600.0
_RESTART_AFTER_S = 1.0

_HOME = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Caesura</title>
<style>body{font:16px/1.6 system-ui;max-width:42rem;margin:4rem auto;padding:0 1rem}
code{background:#8882;padding:.1em .3em;border-radius:.2em}</style>
<h1>Caesura &#8214;</h1>
<p>This is a Caesura server. Its API is below <code>/api/v1</code>:
<a href="/docs">try it here</a>, or take its <a href="/openapi.json">OpenAPI document</a>.</p>
<p>The dashboard is not built here: <code>make</code> builds it, with Node.js, and packages hold it
built.</p>
<p>On the command line, beside the server:</p>
<pre><code>caesura campaigns list
caesura campaigns watch
caesura campaigns pause NAME --reason "why"
caesura --help</code></pre>
<p>From another machine, set <code>CAESURA_URL</code> and <code>CAESURA_API_KEY</code> first.</p>
</html>
"""


def create_app(database: Database, spool: Path | None = None, dashboard: Path = STATIC) -> FastAPI:
    """The application on a pool that it opens and closes.

    `spool` is where uploads are kept while they are read; default: the system's place for
    temporary files. `dashboard` is where its built files are.
    """
    app = FastAPI(
        title="Caesura",
        version=health.VERSION,
        description=_DESCRIPTION,
        lifespan=_lifespan,
        generate_unique_id_function=_operation_id,
        responses=problems.RESPONSES,
    )
    app.state.database = database
    app.state.uploads = Uploads(database, spool or Path(gettempdir()))
    app.state.simulations = Simulations()
    app.state.live = Live(database)
    app.state.desks = DeskLive(database)
    app.state.metrics = health.RequestMetrics()
    problems.install(app)
    api = APIRouter(prefix=PREFIX)
    for module in _ROUTES:
        api.include_router(module.router)
    app.include_router(api)
    app.include_router(health.router, include_in_schema=False)
    _add_pages(app)
    app.add_middleware(Dashboard, directory=dashboard)
    app.add_middleware(KeepQuotedSlashes)
    app.add_middleware(BodyLimit, most=_BODY_BYTES_MAX, uploads=_UPLOAD_BYTES_MAX)
    app.add_middleware(SafeHeaders)
    app.add_middleware(health.RequestMetrics.Middleware, metrics=app.state.metrics)
    return app


# Before campaign: /campaigns/pause must not be taken for a campaign of that name.
_ROUTES = (
    lifecycle,
    release,
    preview,
    message_preview,
    campaign,
    campaign_settings,
    call,
    figures,
    abandonment,
    outlook,
    pause_rule,
    hold,
    hours_now,
    report,
    simulation,
    seal,
    contact_list,
    trunk,
    provider,
    message_callback,
    calling_number,
    recording,
    do_not_call,
    cell,
    api_key,
    session,
    user,
    agent,
    desk,
    system_settings,
    notification,
    events,
    health,
)

_DESCRIPTION = """Outbound campaigns in which pause is a promise.

Every request but `/health` needs an API key, `Authorization: Bearer KEY`, or a person's session:
`POST /session` sets its cookie, and what is not a GET then needs its `X-CSRF-Token`. Errors are
problem documents (RFC 9457). Collections come in pages: pass `next_cursor` as `cursor`. Creating
requests take an `Idempotency-Key`, so that sending one again creates nothing twice.
"""


def _operation_id(route: APIRoute) -> str:
    return route.name


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    database: Database = app.state.database
    live: Live = app.state.live
    desk_live: DeskLive = app.state.desks
    uploads: Uploads = app.state.uploads
    simulations: Simulations = app.state.simulations
    await database.open()
    await uploads.clear()
    tasks = [
        asyncio.create_task(_keep_running(live.run, "live stream"), name="live stream"),
        asyncio.create_task(_keep_running(desk_live.run, "desks"), name="desks"),
        asyncio.create_task(
            _keep_running(Delivery(database).run, "delivery of notifications"),
            name="delivery of notifications",
        ),
        asyncio.create_task(_forget_old_answers(database), name="forget old answers"),
    ]
    try:
        yield
    finally:
        live.close()
        desk_live.close()
        await uploads.stop()
        await simulations.stop()
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
        await database.close()


async def _keep_running(work: Callable[[], Awaitable[None]], what: str) -> None:
    while True:
        try:
            await work()
        except Exception:
            log.exception(f"{what} failed; starting it again")
            await asyncio.sleep(_RESTART_AFTER_S)


async def _forget_old_answers(database: Database) -> None:
    while True:
        try:
            async with database.transaction() as conn:
                await idempotency.forget_old(conn)
                await sessions.forget_old(conn)
                await notifications.forget_old(conn)
                await desks.forget_orders(conn)
        except Exception:
            log.exception("could not forget old answers")
        await asyncio.sleep(_FORGET_EVERY_S)


def _add_pages(app: FastAPI) -> None:
    @app.get("/", include_in_schema=False)
    async def home() -> HTMLResponse:
        return HTMLResponse(_HOME)

    @app.get("/problems/{slug}", include_in_schema=False)
    async def problem(slug: str) -> PlainTextResponse:
        known = problems.KINDS.get(slug)
        if known is None:
            return PlainTextResponse("There is no such kind of problem.\n", 404)
        return PlainTextResponse(f"{known}.\n\nThe `detail` of the answer says what happened.\n")
