"""Reads campaigns as the API shows them: the row, its last receipt, and why it dials nothing."""

from __future__ import annotations

from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from typing import Any

from caesura.errors import NotFound
from caesura.rules.campaign import CampaignSettings, CampaignState
from caesura.rules.next_try import awaits_receipts
from caesura.rules.pacing import ramp_up
from caesura.rules.resumption import judge
from caesura.rules.why import Facts, TrunkFacts, Why, why_idle
from caesura.store import (
    campaign,
    campaign_settings,
    hold,
    message,
    provider,
    receipt,
    release,
    report,
    resumption,
)
from caesura.store.database import Connection
from caesura.web.views import (
    CampaignView,
    HoldView,
    RampUp,
    Receipt,
    ReleaseRequest,
    Resumption,
    Standing,
    campaign_view,
)

_KEPT_MAX = 10_000


class _ReceiptReader:
    """Reads receipts and remembers those that are complete: they never change again."""

    def __init__(self) -> None:
        # By id and moment: an id alone would name another receipt in another database.
        self._complete: OrderedDict[tuple[int, datetime], Receipt] = OrderedDict()

    async def last(self, conn: Connection, row: dict[str, Any]) -> Receipt | None:
        """The last receipt of the campaign of a row of `store.campaign.views`."""
        if row["last_receipt_id"] is None:
            return None
        key = (row["last_receipt_id"], row["last_receipt_requested_at"])
        known = self._complete.get(key)
        if known is not None:
            return known
        found = Receipt.model_validate(await receipt.read(conn, row["last_receipt_id"]))
        if found.completed_at is not None:
            self._complete[key] = found
            if len(self._complete) > _KEPT_MAX:
                self._complete.popitem(last=False)
        return found


_receipts = _ReceiptReader()


async def campaign_views(conn: Connection, rows: list[dict[str, Any]]) -> list[CampaignView]:
    """The views of rows of `store.campaign.views`."""
    held = await _holds(conn, [row["id"] for row in rows])
    return [await _view(conn, row, held[row["id"]]) for row in rows]


def figures_views(rows: list[dict[str, Any]]) -> list[CampaignView]:
    """As `campaign_views`, with what the rows themselves say and nothing more: reads nothing."""
    return [campaign_view(row, None, Standing()) for row in rows]


async def one_campaign(conn: Connection, campaign_id: int) -> CampaignView:
    """The view of one campaign; raises NotFound."""
    row = await campaign.view(conn, campaign_id)
    held = await _holds(conn, [campaign_id])
    return await _view(conn, row, held[campaign_id])


async def _holds(conn: Connection, campaigns: list[int]) -> dict[int, list[HoldView]]:
    held: dict[int, list[HoldView]] = {campaign_id: [] for campaign_id in campaigns}
    for row in await hold.shown(conn, campaigns) if campaigns else ():
        held[row["campaign_id"]].append(HoldView.model_validate(row))
    return held


async def _view(conn: Connection, row: dict[str, Any], held: list[HoldView]) -> CampaignView:
    reason, growing = None, None
    if row["status"] == CampaignState.RUNNING:
        settings = await campaign_settings.current(conn, row["id"])
        reason = await _why(conn, row, settings)
        growing = _ramp_up(row, settings)
    standing = Standing(
        why=reason.sentence if reason else None,
        resumption=await _resumption(conn, row),
        release_request=await _release_request(conn, row),
        ramp_up=growing,
        holds=held,
    )
    return campaign_view(row, await _receipts.last(conn, row), standing)


async def _resumption(conn: Connection, row: dict[str, Any]) -> Resumption | None:
    """How the pause ends by itself, if it does. An emergency stop of two persons never does."""
    by_itself = row["resume_at"] is not None or row["resume_when"]
    if not by_itself or row["two_to_release"]:
        return None
    pending = await resumption.pending(conn, row["id"], now())
    if pending is None:  # it was resumed since the row was read
        return None
    verdict = judge(pending.terms, pending.facts)
    return Resumption(
        until=pending.terms.until,
        when=list(pending.terms.when),
        sentence=verdict.sentence if not verdict.resumes else "Resumes now.",
        at=verdict.at,
        set_by=row["resume_set_by"],
        set_at=row["resume_set_at"],
    )


async def _release_request(conn: Connection, row: dict[str, Any]) -> ReleaseRequest | None:
    if not row["two_to_release"] or row["status"] != CampaignState.PAUSED:
        return None
    found = await release.standing(conn, row["id"])
    return None if found is None else ReleaseRequest.model_validate(found)


def _ramp_up(row: dict[str, Any], settings: CampaignSettings) -> RampUp | None:
    """Of a campaign that runs."""
    since = row["resumed_at"]
    if since is None:
        return None
    until = since + timedelta(seconds=settings.ramp_up_s)
    if now() >= until:
        return None
    grown = ramp_up.grown(since.timestamp(), now().timestamp(), settings.ramp_up_s)
    full = settings.pace.concurrency
    return RampUp(since=since, until=until, allowed=ramp_up.allowed(full, grown), of=full)


async def why(conn: Connection, row: dict[str, Any]) -> Why | None:
    """Why the campaign of a row of `store.campaign.views` dials nothing right now, if it runs."""
    if row["status"] != CampaignState.RUNNING:
        return None
    return await _why(conn, row, await campaign_settings.current(conn, row["id"]))


async def _why(conn: Connection, row: dict[str, Any], settings: CampaignSettings) -> Why | None:
    """Of a campaign that runs."""
    facts = await report.facts(conn, row["id"], settings.trunks)
    means = facts.trunks
    if settings.channel != "voice":
        means = await provider.facts(conn, settings.text.providers if settings.text else [])
    awaited = None
    if settings.text is not None and awaits_receipts(settings):
        awaited = await message.awaited(conn, row["id"], settings.text.receipts_wait_s)
    return why_idle(
        Facts(
            now=now(),
            settings=settings,
            due=facts.due,
            waiting=facts.waiting,
            held=facts.held,
            holds=facts.holds,
            in_flight=facts.in_flight,
            next_due_at=facts.next_due_at,
            cells=facts.cells,
            resumed_at=row["resumed_at"],
            receipts_awaited=awaited.messages if awaited else 0,
            receipts_until=awaited.until if awaited else None,
            trunks=[
                TrunkFacts(each["name"], each["reachable"], each["in_use"], each["channels"])
                for each in means
            ],
        )
    )


async def receipt_of(conn: Connection, campaign_id: int, receipt_id: int) -> Receipt:
    """One receipt of one campaign; raises NotFound also when it is another campaign's."""
    row = await receipt.read(conn, receipt_id)
    if row["campaign_id"] != campaign_id:
        raise NotFound("receipt", receipt_id)
    return Receipt.model_validate(row)


def now() -> datetime:
    """This moment, aware."""
    return datetime.now(UTC)
