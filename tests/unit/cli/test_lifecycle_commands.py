"""Starting, pausing, resuming, terminating, against a real HTTP server."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from .conftest import ApiServer, Caesura

View = dict[str, Any]
PAUSE = "POST /campaigns/Spring/pause"
TERMINATE = "POST /campaigns/Spring/terminate"


@pytest.fixture
def somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody sits at the terminal and can be asked."""
    monkeypatch.setattr("caesura.cli.terminal.Terminal.can_ask", True)


def test_pause_sends_what_was_said_and_prints_the_receipt_in_one_line(
    api: ApiServer, caesura: Caesura, view: View, receipt: View
) -> None:
    api.answers(PAUSE, {"campaign": view, "receipt": receipt})
    done = caesura(
        *("campaigns", "pause", "Spring", "--reason", "wrong prompt", "--drain", "let_ring")
    )
    assert done.exit_code == 0, done.stderr
    assert api.asked[0].json == {"reason": "wrong prompt", "drain": "let_ring"}
    assert done.stdout.count("\n") == 1
    assert "by Dana — last call left 9 ms after the click, silence confirmed after 21 ms; 14" in (
        done.stdout
    )


def test_until_is_sent_as_a_moment_with_its_zone(
    api: ApiServer, caesura: Caesura, view: View, receipt: View
) -> None:
    view["resume_at"] = "2026-11-23T19:47:07Z"
    api.answers(PAUSE, {"campaign": view, "receipt": receipt})
    before = datetime.now(UTC)
    done = caesura("campaigns", "pause", "Spring", "--until", "45m")
    sent = datetime.fromisoformat(api.asked[0].json["until"])
    assert timedelta(0) <= sent - before - timedelta(minutes=45) < timedelta(seconds=10)
    assert "Resumes by itself 2026-11-23" in done.stdout


def test_a_time_that_is_none_is_misuse_and_nothing_is_sent(
    api: ApiServer, caesura: Caesura
) -> None:
    done = caesura("campaigns", "pause", "Spring", "--until", "soon")
    assert (done.exit_code, api.asked) == (2, [])
    assert "45m" in done.stderr


def test_pause_waits_where_the_server_answers_before_silence_is_confirmed(
    api: ApiServer, caesura: Caesura, view: View, receipt: View
) -> None:
    passing = view | {"status": "pausing"}
    early = receipt | {"confirmed_at": None}
    api.answers(PAUSE, {"campaign": passing, "receipt": early}, 202)
    api.answers("GET /campaigns/7", passing | {"last_receipt": early})
    api.answers("GET /campaigns/7", view | {"last_receipt": receipt})
    done = caesura("campaigns", "pause", "Spring", "--json")
    answer = json.loads(done.stdout)
    assert answer["campaign"]["status"] == "paused"
    assert answer["receipt"] == receipt


def test_a_pause_whose_silence_is_never_confirmed_fails(
    api: ApiServer, caesura: Caesura, view: View, receipt: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("caesura.cli.silence.CONFIRMED_WITHIN_S", 0.3)
    passing = view | {"status": "pausing", "last_receipt": receipt | {"confirmed_at": None}}
    api.answers(PAUSE, {"campaign": passing, "receipt": passing["last_receipt"]}, 202)
    api.answers("GET /campaigns/7", passing)
    done = caesura("campaigns", "pause", "Spring")
    assert done.exit_code == 1
    assert "silence not confirmed yet" in done.stdout
    assert "campaigns show Spring" in done.stderr


NO_CHANGES = {"from": None, "to": None, "paused_by": None, "settings": [], "do_not_call": []}


@pytest.mark.parametrize("transition", ["start", "resume"])
def test_start_and_resume_say_what_the_campaign_is_now(
    api: ApiServer, caesura: Caesura, view: View, receipt: View, transition: str
) -> None:
    running = view | {"status": "running", "why": "Waiting for 09:00 in Chicago."}
    # A resumed campaign still has the receipt of its pause; that is not what was done now.
    api.answers("GET /campaigns/Spring/pause-changes", NO_CHANGES)
    api.answers(f"POST /campaigns/Spring/{transition}", {"campaign": running, "receipt": receipt})
    done = caesura("campaigns", transition, "Spring", "--reason", "go", "--yes")
    assert done.stdout == "Campaign 'Spring' is running. Waiting for 09:00 in Chicago.\n"
    assert api.asked[-1].json == {"reason": "go"}


def test_an_illegal_transition_is_refused_in_the_servers_words(
    api: ApiServer, caesura: Caesura
) -> None:
    detail = "Campaign 'Spring' is terminated; cannot resume it. Possible now: nothing."
    api.answers("GET /campaigns/Spring/pause-changes", NO_CHANGES)
    api.refuses("POST /campaigns/Spring/resume", 409, detail, allowed=[])
    done = caesura("campaigns", "resume", "Spring", "--json")
    assert (done.exit_code, done.stdout, done.stderr) == (1, "", detail + "\n")


@pytest.mark.usefixtures("somebody")
def test_terminate_wants_the_name_typed(
    api: ApiServer, caesura: Caesura, view: View, receipt: View
) -> None:
    api.answers("GET /campaigns/Spring", view)
    ended = view | {"status": "terminated"}
    api.answers(TERMINATE, {"campaign": ended, "receipt": receipt | {"kind": "terminate"}})
    refused = caesura("campaigns", "terminate", "Spring", typed="yes\n")
    assert refused.exit_code == 1
    assert "200 leads will not be worked" in refused.stderr
    assert api.to(TERMINATE) == []
    done = caesura("campaigns", "terminate", "Spring", typed="Spring\n")
    assert done.exit_code == 0
    assert done.stdout.startswith("Terminated ")


def test_terminate_without_anybody_to_ask_wants_yes(
    api: ApiServer, caesura: Caesura, view: View
) -> None:
    api.answers("GET /campaigns/Spring", view)
    api.answers(TERMINATE, {"campaign": view | {"status": "terminated"}, "receipt": None})
    refused = caesura("campaigns", "terminate", "Spring")
    assert refused.exit_code == 2
    assert "--yes" in refused.stderr
    assert api.to(TERMINATE) == []
    assert caesura("campaigns", "terminate", "Spring", "--yes").exit_code == 0


def test_the_receipt_of_an_earlier_pause_is_not_shown_as_the_terminations(
    api: ApiServer, caesura: Caesura, view: View, receipt: View
) -> None:
    api.answers(TERMINATE, {"campaign": view | {"status": "terminated"}, "receipt": receipt})
    done = caesura("campaigns", "terminate", "Spring", "--yes")
    assert done.stdout == "Campaign 'Spring' is terminated.\n"


def test_receipt_prints_the_last_one_whole(
    api: ApiServer, caesura: Caesura, receipt: View, view: View
) -> None:
    api.answers("GET /campaigns/Spring", view)
    api.answers("GET /campaigns/Spring/receipts", {"items": [receipt], "next_cursor": "x"})
    assert json.loads(caesura("campaigns", "receipt", "Spring", "--json").stdout) == receipt
    assert api.asked[0].query["limit"] == ["1"]
    text = caesura("campaigns", "receipt", "Spring").stdout
    assert "(unchanged)" in text
    assert "north" in text


def test_a_changed_configuration_is_shouted(
    api: ApiServer, caesura: Caesura, receipt: View, view: View
) -> None:
    api.answers("GET /campaigns/Spring", view)
    receipt["settings_digest_after"] = "cd" * 32
    api.answers("GET /campaigns/Spring/receipts/1", receipt)
    assert "(CHANGED)" in caesura("campaigns", "receipt", "Spring", "--id", "1").stdout


def test_a_message_campaign_has_a_receipt_in_words_of_messages(
    api: ApiServer, caesura: Caesura, receipt: View, view: View
) -> None:
    receipt |= {"ringing_at_request": 14, "cancelled": 0, "conversations_left": 0}
    api.answers("GET /campaigns/Spring", view | {"channel": "sms"})
    api.answers("GET /campaigns/Spring/receipts", {"items": [receipt], "next_cursor": None})
    text = caesura("campaigns", "receipt", "Spring").stdout
    assert "last message left 9 ms after the click" in text
    assert "14 messages handed over before, not answered yet, 31 leads returned" in text
    assert "handed over at request" in text
    for word in ("call", "ringing", "conversation", "drain"):
        assert word not in text


@pytest.mark.usefixtures("somebody")
def test_terminating_a_message_campaign_says_that_nothing_more_is_sent(
    api: ApiServer, caesura: Caesura, view: View
) -> None:
    api.answers("GET /campaigns/Spring", view | {"channel": "sms"})
    done = caesura("campaigns", "terminate", "Spring", typed="Summer\n")
    assert "200 leads will be sent nothing" in " ".join(done.output.split())


def test_without_a_receipt_that_is_said(api: ApiServer, caesura: Caesura) -> None:
    api.answers("GET /campaigns/Spring/receipts", {"items": [], "next_cursor": None})
    done = caesura("campaigns", "receipt", "Spring")
    assert done.exit_code == 1
    assert "not been paused" in done.stderr


def test_history_lists_transitions(api: ApiServer, caesura: Caesura) -> None:
    row = {
        "from_state": "running",
        "to_state": "pausing",
        "epoch": 3,
        "actor": "Dana",
        "reason": "wrong prompt",
        "at": "2026-11-23T19:02:07Z",
        "receipt_id": 1,
    }
    api.answers("GET /campaigns/Spring/history", {"items": [row], "next_cursor": None})
    assert json.loads(caesura("campaigns", "history", "Spring", "--json").stdout) == [row]
    text = caesura("campaigns", "history", "Spring").stdout
    assert "pausing" in text
    assert "wrong prompt" in text


def test_pause_all_is_one_request_and_a_line_for_each(
    api: ApiServer, caesura: Caesura, view: View, receipt: View
) -> None:
    results = [
        {"campaign": view, "receipt": receipt, "error": None},
        {"campaign": view | {"name": "Autumn"}, "receipt": receipt, "error": None},
    ]
    api.answers("POST /campaigns/pause", {"confirmed": True, "results": results})
    done = caesura("pause", "--all", "--reason", "fire")
    assert done.exit_code == 0, done.stderr
    assert [each.path for each in api.asked] == ["/campaigns/pause"]
    assert api.asked[0].json == {"all": True, "reason": "fire"}
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == ["Spring", "Autumn"]


def test_a_campaign_that_could_not_be_paused_makes_the_emergency_stop_fail(
    api: ApiServer, caesura: Caesura, view: View, receipt: View
) -> None:
    draft = view | {"name": "Autumn", "status": "draft"}
    results = [
        {"campaign": view, "receipt": receipt, "error": None},
        {"campaign": draft, "receipt": None, "error": {"detail": "Autumn is draft."}},
    ]
    api.answers("POST /campaigns/pause", {"confirmed": False, "results": results})
    done = caesura("pause", "--campaign", "Spring", "--campaign", "Autumn", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["confirmed"] is False
    assert "Autumn: Autumn is draft." in done.stderr
    assert "Spring" not in done.stderr


@pytest.mark.usefixtures("somebody")
def test_the_emergency_stop_asks_where_somebody_can_answer(
    api: ApiServer, caesura: Caesura
) -> None:
    api.answers("POST /campaigns/pause", {"confirmed": True, "results": []})
    assert caesura("pause", "--all", typed="n\n").exit_code == 1
    assert api.asked == []
    assert "No campaign is running" in caesura("pause", "--all", typed="y\n").stdout
    assert caesura("pause", "--all", "--yes").exit_code == 0


@pytest.mark.parametrize("arguments", [(), ("--all", "--campaign", "Spring")])
def test_pause_wants_to_know_what(
    api: ApiServer, caesura: Caesura, arguments: tuple[str, ...]
) -> None:
    assert caesura("pause", *arguments).exit_code == 2
    assert api.asked == []
