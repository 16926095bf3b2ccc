"""/cells: who dials."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from caesura.store import report
from caesura.web.caller import Actor, Db
from caesura.web.paging import LIMIT_MAX
from caesura.web.views import Moment

router = APIRouter(tags=["cells"])


class LeaseView(BaseModel):
    """A cell's right to start calls of one campaign."""

    campaign: str
    epoch: int
    revoked: bool
    acquired_at: Moment
    renewed_at: Moment


class CellView(BaseModel):
    """One start of one dialer process."""

    id: UUID
    node: str
    started_at: Moment
    seen_at: Moment
    gone_at: Moment | None
    journal_waiting: int = Field(description="Results that it has not stored yet.")
    spool_bytes: int = Field(description="Of them, on its disk while the database is away.")
    spool_full: bool = Field(description="ALARM: it starts no calls until the spool is emptied.")
    spool_filled_at: Moment | None = Field(description="When the spool last filled up.")
    leases: list[LeaseView]


class Cells(BaseModel):
    """The cells, newest first."""

    items: list[CellView]


@router.get("/cells")
async def list_cells(
    database: Db,
    actor: Actor,
    gone: Annotated[bool, Query(description="Also those that have stopped.")] = False,
) -> Cells:
    """Who runs, and what each may dial."""
    async with database.transaction() as conn:
        rows = await report.cells(conn, gone=gone, limit=LIMIT_MAX)
    return Cells(items=[CellView.model_validate(row) for row in rows])
