"""How a pause ends at the command line: conditions, the forecast, two persons, what was changed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import ApiServer, Caesura

View = dict[str, Any]
PAUSE = "POST /campaigns/Spring/pause"
RESUME = "POST /campaigns/Spring/resume"
CHANGES = "GET /campaigns/Spring/pause-changes"
FORECAST = "GET /campaigns/Spring/forecast"
NO_CHANGES: View = {"settings": [], "do_not_call": []}
REQUEST = {
    "asked_by": "Dana",
    "asked_at": "2026-11-23T19:10:00Z",
    "reason": "the fire is out",
    "expires_at": "2026-11-23T20:10:00Z",
}


@pytest.fixture
def somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody sits at the terminal and can be asked."""
    monkeypatch.setattr("caesura.cli.terminal.Terminal.can_ask", True)


@pytest.fixture
def forecast() -> View:
    drain = {
        "cancelled_now": 0,
        "cancelled_below_minimum": 0,
        "go_on_ringing": 3,
        "rings_until_s": 12.5,
        "conversations_cut": 0,
        "conversations_go_on": 9,
    }
    return {
        "dialling": 1,
        "ringing": 2,
        "talking": 9,
        "drain": "finish_lawfully",
        "drains": [
            drain | {"drain": "finish_lawfully"},
            drain | {"drain": "hang_up_all", "conversations_cut": 9, "conversations_go_on": 0},
        ],
    }


# ----------------------------------------------------------------------------------- conditions


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("open", {"kind": "hours_open"}),
        ("trunk", {"kind": "trunk_reachable"}),
        ("trunk:main", {"kind": "trunk_reachable", "trunk": "main"}),
        ("trunk:main:90", {"kind": "trunk_reachable", "trunk": "main", "for_s": 90}),
        ("trunk:a:b", {"kind": "trunk_reachable", "trunk": "a:b"}),
        ("trunk:90", {"kind": "trunk_reachable", "for_s": 90}),
    ],
)
def test_a_condition_is_sent_as_the_api_takes_it(
    api: ApiServer, caesura: Caesura, view: View, receipt: View, typed: str, sent: View
) -> None:
    view["resumption"] = {"sentence": "Resumes when it may.", "at": "2026-11-23T19:47:07Z"}
    api.answers(PAUSE, {"campaign": view, "receipt": receipt})
    done = caesura("campaigns", "pause", "Spring", "--when", typed)
    assert api.asked[0].json == {"when": [sent]}
    assert "Resumes when it may. That is 2026-11-23" in done.stdout


@pytest.mark.parametrize("typed", ["full moon", "open:1", "trunks", ""])
def test_a_condition_that_is_none_is_misuse(api: ApiServer, caesura: Caesura, typed: str) -> None:
    done = caesura("campaigns", "pause", "Spring", "--when", typed)
    assert (done.exit_code, api.asked) == (2, [])
    assert "trunk:NAME:SECONDS" in done.stderr


def test_when_a_pause_ends_is_shown_changed_and_taken_away(
    api: ApiServer, caesura: Caesura, view: View
) -> None:
    api.answers("GET /campaigns/Spring", view)
    assert caesura("campaigns", "resumption", "Spring").stdout.endswith("Not by itself.\n")
    view["resumption"] = {"sentence": "Resumes at 17:30 (UTC).", "at": None}
    api.answers("PUT /campaigns/Spring/resumption", {"campaign": view, "receipt": None})
    done = caesura("campaigns", "resumption", "Spring", "--when", "open")
    assert done.stdout == "Resumes at 17:30 (UTC).\n"
    caesura("campaigns", "resumption", "Spring", "--never")
    assert [each.json for each in api.asked[1:]] == [{"when": [{"kind": "hours_open"}]}, {}]
    both = caesura("campaigns", "resumption", "Spring", "--never", "--until", "2h")
    assert both.exit_code == 2


# ------------------------------------------------------------------------------------- forecast


def test_the_forecast_says_what_each_drain_would_do_and_pauses_nothing(
    api: ApiServer, caesura: Caesura, forecast: View
) -> None:
    api.answers(FORECAST, forecast)
    done = caesura("campaigns", "pause", "Spring", "--forecast")
    assert [each.method for each in api.asked] == ["GET"]
    assert "1 dialling, 2 ringing, 9 talking" in done.stdout
    assert "hang_up_all" in done.stdout and "12.5 s" in done.stdout
    as_json = caesura("campaigns", "pause", "Spring", "--forecast", "--json")
    assert json.loads(as_json.stdout) == forecast


@pytest.mark.usefixtures("somebody")
@pytest.mark.parametrize("typed", ["n\n", "y\n\n", "y\nn\n"])
def test_hanging_up_is_asked_twice_and_says_what_is_cut(
    api: ApiServer, caesura: Caesura, forecast: View, typed: str
) -> None:
    api.answers(FORECAST, forecast)
    done = caesura("campaigns", "pause", "Spring", "--drain", "hang_up_all", typed=typed)
    assert (done.exit_code, api.to(PAUSE)) == (1, [])
    assert "cuts 9 conversations" in done.stderr
    assert "Nothing was paused." in done.stderr


@pytest.mark.usefixtures("somebody")
def test_a_termination_that_is_not_confirmed_says_that_nothing_was_terminated(
    api: ApiServer, caesura: Caesura, forecast: View
) -> None:
    api.answers(FORECAST, forecast)
    done = caesura("campaigns", "terminate", "Spring", "--drain", "hang_up_all", typed="n\n")
    assert (done.exit_code, [each.method for each in api.asked]) == (1, ["GET"])
    assert "Nothing was terminated." in done.stderr


@pytest.mark.usefixtures("somebody")
def test_hanging_up_goes_on_after_two_yeses(
    api: ApiServer, caesura: Caesura, forecast: View, view: View, receipt: View
) -> None:
    api.answers(FORECAST, forecast)
    api.answers(PAUSE, {"campaign": view, "receipt": receipt})
    done = caesura("campaigns", "pause", "Spring", "--drain", "hang_up_all", typed="y\ny\n")
    assert done.exit_code == 0, done.stderr
    assert api.to(PAUSE)[0].json == {"drain": "hang_up_all"}


@pytest.mark.parametrize("command", [("campaigns", "pause", "Spring"), ("pause", "--all")])
def test_where_nobody_can_be_asked_hanging_up_wants_yes(
    api: ApiServer, caesura: Caesura, forecast: View, command: tuple[str, ...]
) -> None:
    api.answers(FORECAST, forecast)
    done = caesura(*command, "--drain", "hang_up_all")
    assert done.exit_code == 2
    assert "--yes" in done.stderr
    assert [each for each in api.asked if each.method == "POST"] == []


# --------------------------------------------------------------------------------------- resume


def test_a_resume_says_what_was_changed_meanwhile_and_by_whom(
    api: ApiServer, caesura: Caesura, view: View
) -> None:
    at = "2026-11-23T19:10:00Z"
    change = {"field": "pacing.concurrency", "before": 10, "after": 40}
    version = {"changed_by": "Lee", "changed_at": at, "lists_changed": False, "changes": [change]}
    blocked = {"added_by": "Kim", "source": "api", "numbers": 2, "leads": 1, "last_at": at}
    api.answers(CHANGES, {"settings": [version], "do_not_call": [blocked]})
    running = view | {"status": "running"}
    api.answers(RESUME, {"campaign": running, "receipt": None})
    done = caesura("campaigns", "resume", "Spring")
    first, second, last = done.stdout.splitlines()
    assert "pacing.concurrency from 10 to 40, by Lee, 2026-11-23" in first
    assert "2 numbers added to do-not-call, 1 lead of the campaign among them, by Kim" in second
    assert last == "Campaign 'Spring' is running."


def test_a_resume_in_json_asks_for_nothing_that_it_does_not_print(
    api: ApiServer, caesura: Caesura, view: View
) -> None:
    answer = {"campaign": view | {"status": "running"}, "receipt": None}
    api.answers(RESUME, answer)
    done = caesura("campaigns", "resume", "Spring", "--json")
    assert (done.exit_code, json.loads(done.stdout)) == (0, answer)
    assert [each.method for each in api.asked] == ["POST"]


def test_a_resume_that_another_must_approve_says_so_and_is_no_success(
    api: ApiServer, caesura: Caesura, view: View
) -> None:
    api.answers(CHANGES, NO_CHANGES)
    asked = view | {"release_request": REQUEST}
    api.answers(RESUME, {"campaign": asked, "receipt": None}, 202)
    done = caesura("campaigns", "resume", "Spring")
    assert done.exit_code == 1
    assert "Dana asks to release the emergency stop of 'Spring'" in done.stdout
    assert "caesura campaigns approve Spring" in done.stdout
    assert "still paused" in done.stderr


def test_a_request_is_approved_and_withdrawn(api: ApiServer, caesura: Caesura, view: View) -> None:
    running = view | {"status": "running"}
    api.answers("POST /campaigns/Spring/approve", {"campaign": running, "receipt": None})
    done = caesura("campaigns", "approve", "Spring", "--reason", "seen it")
    assert (done.exit_code, api.asked[0].json) == (0, {"reason": "seen it"})
    api.answers("POST /campaigns/Spring/withdraw", {"campaign": view, "receipt": None})
    assert "Withdrawn." in caesura("campaigns", "withdraw", "Spring").stdout
    detail = "Dana has asked to release the emergency stop of 'Spring': another person must."
    api.refuses("POST /campaigns/Autumn/approve", 409, detail)
    refused = caesura("campaigns", "approve", "Autumn")
    assert (refused.exit_code, refused.stderr) == (1, detail + "\n")


def test_everything_is_resumed_and_approved_at_once(
    api: ApiServer, caesura: Caesura, view: View
) -> None:
    running = {"campaign": view | {"status": "running"}, "receipt": None, "error": None}
    waits = {"campaign": view | {"name": "Autumn", "release_request": REQUEST}, "error": None}
    api.answers("POST /campaigns/resume", {"confirmed": False, "results": [running, waits]}, 202)
    done = caesura("resume", "--all", "--reason", "over")
    assert api.asked[0].json == {"all": True, "reason": "over"}
    assert done.exit_code == 1
    assert "Autumn: awaits approval" in done.stderr
    api.answers("POST /campaigns/approve", {"confirmed": True, "results": [running]})
    approved = caesura("approve", "--campaign", "Spring")
    assert (approved.exit_code, approved.stdout) == (0, "Campaign 'Spring' is running.\n")
    assert caesura("resume").exit_code == 2


def test_the_page_of_a_campaign_tells_the_emergency_stop_and_who_asks(
    api: ApiServer, caesura: Caesura, view: View, receipt: View
) -> None:
    view["emergency"] = {"by": "Dana", "at": "2026-11-23T19:02:07Z", "two_to_release": True}
    view["release_request"] = REQUEST
    api.answers("GET /campaigns/Spring", view)
    shown = caesura("campaigns", "show", "Spring").stdout
    assert "Emergency stop by Dana" in shown
    assert "Two persons release it." in shown
    assert "Dana asks to release it (the fire is out)" in shown


def test_the_receipt_tells_what_was_asked_for_and_what_was_found(
    api: ApiServer, caesura: Caesura, receipt: View
) -> None:
    receipt |= {
        "emergency": True,
        "resume_at": "2026-11-23T20:00:00Z",
        "resume_when": [{"kind": "trunk_reachable", "trunk": "main", "for_s": 60}],
        "ringing_at_request": 14,
        "talking_at_request": 9,
    }
    api.answers("GET /campaigns/Spring/receipts", {"items": [receipt], "next_cursor": None})
    api.answers("GET /campaigns/Spring", {"channel": "voice"})
    shown = caesura("campaigns", "receipt", "Spring").stdout
    assert "emergency stop           yes" in shown
    assert "when trunk main is reachable for 60 s" in shown
    assert "14 ringing, 9 talking" in shown
