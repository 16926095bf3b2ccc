"""The event that calls cause four times a second says what a whole view says, and reads nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, cast

from caesura.rules.part import Scope
from caesura.web import shown
from caesura.web.live import Live
from caesura.web.views import HoldView, Standing, campaign_view

NOW = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
ROW: dict[str, Any] = {
    "id": 7,
    "name": "Spring",
    "status": "running",
    "epoch": 3,
    "state_since": NOW,
    "resume_at": None,
    "channel": "voice",
    "needs_agents": False,
    "agents_go_to": None,
    "lists": ["customers"],
    "launched": 40,
    "received": 30,
    "answered": 12,
    "talks_ended": 10,
    "talk_ms": 230_000,
    "sent": 3,
    "delivered": 2,
    "undelivered": 1,
    "replies": 1,
    "opt_outs": 1,
    "total": 100,
    "due": 50,
    "waiting": 10,
    "in_progress": 3,
    "held": 0,
    "done": 35,
    "excluded": 2,
    "ringing": 1,
    "talking": 2,
    "settings_version": 4,
    "settings_digest": "ab" * 32,
    "stopped_by": None,
    "created_by": "Dana",
    "created_at": NOW,
}


def test_figures_are_what_the_whole_view_has_and_come_from_the_row_alone() -> None:
    hold = HoldView(
        id=1, scope=Scope.LIST, value="customers", drain="cancel_now", receipt_id=1, actor="Dana",
        reason=None, since=NOW, until=None, confirmed_at=NOW, released_at=None, released_by=None,
    )  # fmt: skip
    standing = Standing(why="Waiting for 09:00 in Chicago.", holds=[hold])
    whole = campaign_view(ROW, None, standing)
    (figures,) = shown.figures_views([ROW])
    live = Live(cast(Any, None))
    event = live.event("figures", figures)
    assert (event.kind, event.campaign) == ("figures", 7)
    assert event.data == live.event("figures", whole).data
    said = json.loads(event.data)
    assert (said["received"], said["average_duration_s"], said["answer_rate"]) == (30, 23.0, 0.4)
    assert (said["leads"]["done"], said["in_flight"]) == (35, {"ringing": 1, "talking": 2})
