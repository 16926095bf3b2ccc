"""/receipts: the chain of sealed receipts, for auditors. /promise: the published figure."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from caesura.rules import promise
from caesura.store import seal, system_settings
from caesura.web.caller import Actor, Db
from caesura.web.paging import Page, PagingQuery
from caesura.web.views import Moment

router = APIRouter(tags=["receipts"])


class SealView(BaseModel):
    """One link of the chain: what a receipt said when it was sealed."""

    sequence: int
    receipt_id: int
    part: str = Field(
        description="`silence`, sealed at the confirmation; `completion`, when the last call ended."
    )
    content: str = Field(description="Canonical JSON.")
    previous: str = Field(description="Digest of the seal before; 64 zeros for the first.")
    digest: str = Field(description="SHA-256 over sequence, previous and content, a line each.")


class FindingView(BaseModel):
    """Something that is not as it was sealed."""

    sequence: int | None
    receipt_id: int | None
    what: str


class VerificationView(BaseModel):
    """What came of checking all of them."""

    intact: bool
    receipts: int
    seals: int
    digest: str = Field(description="Of the last seal. Note it elsewhere: `noted` checks it.")
    findings: list[FindingView]


@router.get("/receipts")
async def list_seals(database: Db, actor: Actor, paging: PagingQuery) -> Page[SealView]:
    """Every seal of every receipt, in the order of the sealing: the export for an auditor."""
    async with database.transaction() as conn:
        rows = await seal.page(conn, after=paging.after_int(), limit=paging.fetch)
    return paging.page(rows, lambda row: row["sequence"], SealView.model_validate)


@router.get("/receipts/verify")
async def verify_receipts(
    database: Db,
    actor: Actor,
    noted: Annotated[
        str | None,
        Query(
            pattern="^[0-9a-fA-F]{64}$",
            description="A digest that the chain once had; finds that its end was cut off.",
        ),
    ] = None,
) -> VerificationView:
    """Check the chain, and every receipt against what was sealed."""
    found = await seal.verify(database, noted)
    return VerificationView(
        intact=not found.findings,
        receipts=found.receipts,
        seals=found.seals,
        digest=found.digest,
        findings=[FindingView(**asdict(each)) for each in found.findings],
    )


class SpreadView(BaseModel):
    """Milliseconds."""

    p50: float
    p99: float
    max: float


class PromiseView(BaseModel):
    """How fast pauses are here."""

    pauses: int = Field(description="How many pauses the figure is over: the last, at most 100.")
    since: Moment | None = Field(description="When the oldest of them was asked for.")
    by_expiry: int = Field(description="Of them, those in which a cell did not answer in time.")
    last_launch_ms: SpreadView | None = Field(description="Click to last call; null before one.")
    confirmation_ms: SpreadView | None = Field(
        description="Click to confirmed silence; null before one."
    )
    alarms: list[str] = Field(description="What is above the thresholds of the system settings.")


@router.get("/promise")
async def get_promise(database: Db, actor: Actor) -> PromiseView:
    """From the click to the last call and to confirmed silence, over the last hundred pauses."""
    async with database.transaction() as conn:
        figure = await seal.figure(conn)
        settings = (await system_settings.read(conn))["settings"]
    said = promise.alarms(figure, settings.alarm_last_launch_ms, settings.alarm_confirmation_ms)
    return PromiseView(
        pauses=figure.pauses,
        since=figure.since,
        by_expiry=figure.by_expiry,
        last_launch_ms=_spread(figure.last_launch_ms),
        confirmation_ms=_spread(figure.confirmation_ms),
        alarms=said,
    )


def _spread(spread: promise.Spread | None) -> SpreadView | None:
    if spread is None:
        return None
    return SpreadView(p50=round(spread.p50, 3), p99=round(spread.p99, 3), max=round(spread.max, 3))
