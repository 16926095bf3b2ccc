"""/reports: what campaigns did in a time, as JSON and as CSV."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, BaseModel, Field

from caesura.errors import Invalid
from caesura.rules import report as definitions
from caesura.rules.campaign import CampaignState
from caesura.rules.outcome import Outcome
from caesura.store import figures
from caesura.store.database import Database
from caesura.web import shown
from caesura.web.caller import Actor, Db
from caesura.web.figures import rates
from caesura.web.views import Moment

router = APIRouter(prefix="/reports", tags=["reports"])

_SPAN_DEFAULT = timedelta(days=1)

From = Annotated[
    AwareDatetime | None, Query(alias="from", description="Default: a day before `to`.")
]
To = Annotated[AwareDatetime | None, Query(alias="to", description="Default: now.")]


class CampaignReport(BaseModel):
    """What one campaign did in the time; whole minutes."""

    id: int
    name: str
    status: CampaignState
    launched: int
    received: int
    answered: int
    answer_rate: float | None
    average_duration_s: float | None
    abandonment_rate: float | None
    failure_rate: float | None
    outcomes: dict[str, int]


class CampaignsReport(BaseModel):
    """What all campaigns did in a time; those that did nothing are left out."""

    start: Moment = Field(serialization_alias="from")
    end: Moment = Field(serialization_alias="to")
    items: list[CampaignReport]


@router.get("/campaigns")
async def report_campaigns(
    database: Db, actor: Actor, start: From = None, end: To = None
) -> CampaignsReport:
    """The figures of every campaign in a time, by name."""
    return await _report(database, start, end)


@router.get(
    "/campaigns.csv",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}, "description": "One row for each campaign."}},
)
async def export_campaigns(
    database: Db, actor: Actor, start: From = None, end: To = None
) -> Response:
    """The same as CSV, with a column for each outcome."""
    found = await _report(database, start, end)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*_COLUMNS, *Outcome])
    for item in found.items:
        row = item.model_dump(mode="json")
        row["name"] = _unformula(item.name)
        figures = [item.outcomes.get(outcome, 0) for outcome in Outcome]
        writer.writerow([*(row[name] for name in _COLUMNS), *figures])
    name = f"campaigns-{found.start:%Y%m%d}-{found.end:%Y%m%d}.csv"
    return Response(
        text.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


_COLUMNS = [name for name in CampaignReport.model_fields if name != "outcomes"]


async def _report(
    database: Database, start: datetime | None, end: datetime | None
) -> CampaignsReport:
    end = end or shown.now()
    try:
        start = start or end - _SPAN_DEFAULT
    except OverflowError:
        raise Invalid("The time is outside of the calendar.", "to") from None
    if start >= end:
        raise Invalid("`from` must be before `to`.", "from")
    async with database.transaction() as conn:
        rows = await figures.campaigns(conn, start, end)
    return CampaignsReport(start=start, end=end, items=[_item(row) for row in rows])


def _item(row: dict[str, Any]) -> CampaignReport:
    outcomes = row["outcomes"]
    abandonment = definitions.abandonment_rate(outcomes)
    failure = definitions.failure_rate(outcomes)
    return CampaignReport(
        **{name: row[name] for name in ("id", "name", "status")},
        **{name: row[name] for name in ("launched", "received", "answered")},
        **rates(row),
        abandonment_rate=None if abandonment is None else round(abandonment, 4),
        failure_rate=None if failure is None else round(failure, 4),
        outcomes=outcomes,
    )


def _unformula(text: str) -> str:
    """An apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if re.match(r"[=+\-@\t\r]", text) else text
