"""/health for load balancers and scripts, /metrics for Prometheus."""

from __future__ import annotations

import time
from importlib.metadata import version

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest
from pydantic import BaseModel
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from caesura.rules import promise
from caesura.rules.campaign import CampaignState
from caesura.rules.system_settings import SystemSettings
from caesura.store import notification, report, seal, system_settings
from caesura.web.caller import Actor, Db

router = APIRouter(tags=["health"])

VERSION = version("caesura")


class Health(BaseModel):
    """The server answers, and so does its database."""

    status: str
    version: str


@router.get("/health")
async def get_health(database: Db) -> Health:
    """200 when the server can work; 503 when its database cannot be reached. No key needed."""
    async with database.transaction() as conn:
        await conn.execute("SELECT 1")
    return Health(status="ok", version=VERSION)


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}, "description": "Prometheus text format."}},
)
async def get_metrics(request: Request, database: Db, actor: Actor) -> Response:
    """Figures for Prometheus. Needs an API key (Prometheus: `authorization: credentials`)."""
    async with database.transaction() as conn:
        found = await report.metrics(conn)
        cells = await report.cells(conn, gone=False, limit=1000)
        figure = await seal.figure(conn)
        settings = (await system_settings.read(conn))["settings"]
        told = await notification.counts(conn)
    registry = CollectorRegistry()
    Gauge("caesura_cells", "Cells that run.", registry=registry).set(len(cells))
    for name, help_text in _OF_CELLS.items():
        gauge = Gauge(f"caesura_cell_{name}", help_text, ["node"], registry=registry)
        for cell in cells:
            gauge.labels(cell["node"]).set(cell[name])
    states = Gauge("caesura_campaigns", "Campaigns by state.", ["state"], registry=registry)
    counted = {row["state"]: row["n"] for row in found["states"]}
    for state in CampaignState:
        states.labels(state).set(counted.get(state, 0))
    in_flight = Gauge(
        "caesura_calls_in_flight", "Calls on the wire.", ["campaign", "phase"], registry=registry
    )
    for row in found["in_flight"]:
        for phase in ("ringing", "talking"):
            in_flight.labels(row["campaign"], phase).set(row[phase])
    for name, help_text in _TOTALS.items():
        total = Counter(f"caesura_calls_{name}", help_text, ["campaign"], registry=registry)
        for row in found["totals"]:
            total.labels(row["campaign"]).inc(row[name])
    for name, help_text in _MESSAGE_TOTALS.items():
        total = Counter(f"caesura_messages_{name}", help_text, ["campaign"], registry=registry)
        for row in found["totals"]:
            total.labels(row["campaign"]).inc(row[name])
    talk = Counter(
        "caesura_talk_seconds", "Answer to end, answered calls.", ["campaign"], registry=registry
    )
    for row in found["totals"]:
        talk.labels(row["campaign"]).inc(row["talk_ms"] / 1000)
    _add_promise(registry, figure, settings)
    notifications = Gauge(
        "caesura_notifications", "Notifications that are kept.", ["state"], registry=registry
    )
    for kept in ("waiting", "delivered", "given_up"):
        notifications.labels(kept).set(told.get(kept, 0))
    ours: CollectorRegistry = request.app.state.metrics.registry
    text = generate_latest(registry) + generate_latest(ours)
    return Response(text, media_type=CONTENT_TYPE_LATEST)


def _add_promise(
    registry: CollectorRegistry, figure: promise.Promise, settings: SystemSettings
) -> None:
    """The published figure. Gauges, since it is over the last hundred pauses, not over all."""
    Gauge("caesura_promise_pauses", "Pauses that the figure is over.", registry=registry).set(
        figure.pauses
    )
    seconds = Gauge(
        "caesura_promise_seconds",
        "From the click, over the last hundred pauses.",
        ["to", "quantile"],
        registry=registry,
    )
    for to, spread in (
        ("last_launch", figure.last_launch_ms),
        ("confirmation", figure.confirmation_ms),
    ):
        if spread is not None:
            seconds.labels(to, "0.5").set(spread.p50 / 1000)
            seconds.labels(to, "0.99").set(spread.p99 / 1000)
    said = promise.alarms(figure, settings.alarm_last_launch_ms, settings.alarm_confirmation_ms)
    Gauge("caesura_promise_alarm", "Whether a p99 is above its threshold.", registry=registry).set(
        bool(said)
    )


_OF_CELLS = {
    "journal_waiting": "Results that a cell has not stored yet.",
    "spool_bytes": "Of them, on its disk while the database is away.",
    "spool_full": "1: the spool is full, and the cell starts no calls.",
}
_MESSAGE_TOTALS = {
    "sent": "Messages that a provider took.",
    "delivered": "Messages known to have arrived.",
    "undelivered": "Messages taken and known not to have arrived.",
    "replies": "What recipients wrote back.",
    "opt_outs": "Replies that ask for no more.",
}
_TOTALS = {
    "launched": "Calls whose INVITE left.",
    "received": "Calls that rang, were answered, busy or declined.",
    "answered": "Calls that the callee picked up.",
}


class RequestMetrics:
    """Counts and times this process's requests, by route and status."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._seconds = Histogram(
            "caesura_http_request_seconds",
            "From the request to the answer's beginning.",
            ["method", "route", "status"],
            registry=self.registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
        )

    def observe(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "none")
        self._seconds.labels(scope["method"], route, str(status)).observe(seconds)

    class Middleware:
        """ASGI middleware that times what it wraps."""

        def __init__(self, app: ASGIApp, metrics: RequestMetrics) -> None:
            self._app = app
            self._metrics = metrics

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await self._app(scope, receive, send)
                return
            began = time.perf_counter()

            async def watched(message: Message) -> None:
                if message["type"] == "http.response.start":
                    took = time.perf_counter() - began
                    self._metrics.observe(scope, message["status"], took)
                await send(message)

            await self._app(scope, receive, watched)
