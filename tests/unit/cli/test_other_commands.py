"""Trunks, numbers, recordings, calls and do not call, against a real HTTP server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import ApiServer, Caesura


def test_a_trunk_is_added_with_its_password_from_a_file(
    api: ApiServer, caesura: Caesura, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("pass word\n")
    api.answers("POST /trunks", {"name": "main"}, 201)
    done = caesura(
        *("trunks", "add", "main", "--host", "sip.example", "--port", "5062", "--username", "me"),
        *("--password-file", str(secret), "--max-channels", "30", "--max-cps", "5"),
    )
    assert done.exit_code == 0, done.stderr
    assert api.asked[0].json == {
        "name": "main",
        "host": "sip.example",
        "port": 5062,
        "username": "me",
        "password": "pass word",
        "max_channels": 30,
        "max_cps": 5.0,
    }
    assert "pass word" not in done.output


@pytest.mark.parametrize("content", [None, "\n"])
def test_a_password_file_without_a_password_is_misuse(
    api: ApiServer, caesura: Caesura, tmp_path: Path, content: str | None
) -> None:
    secret = tmp_path / "secret"
    if content is not None:
        secret.write_text(content)
    done = caesura("trunks", "add", "main", "--host", "h", "--password-file", str(secret))
    assert (done.exit_code, api.asked) == (2, [])


def test_trunks_are_listed_with_their_health(api: ApiServer, caesura: Caesura) -> None:
    down = {"node": "north", "reachable": False, "detail": "no answer to OPTIONS"}
    trunk = {"name": "main", "host": "sip.example", "port": 5060, "health": [down]}
    api.answers("GET /trunks", {"items": [trunk], "next_cursor": None})
    text = caesura("trunks", "list").stdout
    assert "sip.example:5060" in text
    assert "unreachable: no answer to OPTIONS" in text


def test_a_number_starts_with_plus_and_is_quoted_in_a_path(
    api: ApiServer, caesura: Caesura
) -> None:
    api.answers("POST /numbers", {"number": "+14155550100"}, 201)
    api.answers("DELETE /numbers/%2B14155550100", b"", 204)
    assert caesura("numbers", "add", "+14155550100", "--trunk", "main").exit_code == 0
    assert api.asked[0].json == {"number": "+14155550100", "trunk": "main"}
    assert caesura("numbers", "remove", "+14155550100").exit_code == 0


def test_a_recording_takes_the_name_of_its_file(
    api: ApiServer, caesura: Caesura, tmp_path: Path
) -> None:
    file = tmp_path / "hello.wav"
    file.write_bytes(b"RIFF")
    api.answers("POST /recordings", {"name": "hello", "duration_ms": 4200}, 201)
    assert "'hello' added (4.2 s)" in caesura("recordings", "add", str(file)).stdout
    assert b'name="name"\r\n\r\nhello' in api.asked[0].body


def test_do_not_call_is_everywhere_or_in_a_campaign(api: ApiServer, caesura: Caesura) -> None:
    api.answers("POST /do-not-call", {"added": 2, "phones": []}, 201)
    api.answers("DELETE /do-not-call/%2B14155550101", b"", 204)
    done = caesura("dnc", "add", "+14155550101", "+14155550102", "--campaign", "Spring")
    assert "2 numbers added" in done.stdout
    assert api.asked[0].json == {
        "phones": ["+14155550101", "+14155550102"],
        "source": "command line",
        "campaign": "Spring",
    }
    assert caesura("dnc", "remove", "+14155550101", "--campaign", "Spring").exit_code == 0
    assert api.asked[1].query == {"campaign": ["Spring"]}


def test_do_not_call_may_be_for_one_channel(api: ApiServer, caesura: Caesura) -> None:
    api.answers("POST /do-not-call", {"added": 1, "phones": []}, 201)
    api.answers("DELETE /do-not-call/%2B14155550101", {}, 204)
    done = caesura("dnc", "add", "+14155550101", "--channel", "sms")
    assert "not to be sent an SMS at all any more" in done.stdout
    assert api.asked[0].json["channel"] == "sms"
    done = caesura("dnc", "remove", "+14155550101", "--channel", "sms")
    assert "may be sent an SMS again" in done.stdout
    assert api.asked[1].query == {"channel": ["sms"]}
    entry = {"phone": "+14155550101", "channel": "email", "source": "reply", "added_by": "Dana"}
    api.answers("GET /do-not-call", {"items": [entry], "next_cursor": None})
    assert "email" in caesura("dnc", "list").stdout


def test_a_provider_is_changed_by_what_is_named(
    api: ApiServer, caesura: Caesura, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("pass word\n")
    api.answers("PATCH /providers/acme", {"name": "acme"})
    done = caesura("providers", "set", "acme", "--password-file", str(secret), "--off")
    assert done.exit_code == 0, done.stderr
    assert api.asked[0].json == {"password": "pass word", "enabled": False}
    assert caesura("providers", "set", "acme").exit_code == 2


@pytest.mark.parametrize(("given", "asked"), [((), {}), (("--tls", "none"), {"tls": "none"})])
def test_tls_of_a_provider_is_the_servers_choice_where_it_is_not_named(
    api: ApiServer, caesura: Caesura, given: tuple[str, ...], asked: dict[str, str]
) -> None:
    api.answers("POST /providers", {"name": "t", "port": 443, "tls": "tls"}, 201)
    done = caesura("providers", "add", "t", "--kind", "http", "--host", "api.example", *given)
    assert done.stdout == "Provider 't' (http, TLS) at api.example:443 added.\n"
    body = {"name": "t", "host": "api.example", "options": {"kind": "http"}}
    assert api.asked[0].json == body | asked


CALL = {
    "id": "0199aaaa-0000-7000-8000-000000000001",
    "number": "+14155550101",
    "calling_number": "+14155550100",
    "outcome": "answered",
    "sip_status": 200,
    "duration_s": 23.4,
    "launched_at": "2026-11-23T19:02:07Z",
    "trunk": "main",
    "state": "ended",
    "channel": "voice",
}


def test_calls_in_json_are_all_of_them(api: ApiServer, caesura: Caesura) -> None:
    page = [CALL] * 1000
    api.answers("GET /campaigns/Spring/calls", {"items": page, "next_cursor": "a"})
    api.answers("GET /campaigns/Spring/calls", {"items": page[:500], "next_cursor": None})
    found = json.loads(caesura("calls", "list", "--campaign", "Spring", "--json").stdout)
    assert len(found) == 1500
    assert found[0] == CALL


def test_calls_on_the_screen_are_the_last_fifty_unless_said_otherwise(
    api: ApiServer, caesura: Caesura
) -> None:
    api.answers("GET /campaigns/Spring/calls", {"items": [CALL] * 50, "next_cursor": "a"})
    text = caesura("calls", "list", "--campaign", "Spring", "--outcome", "answered").stdout
    assert text.count("+14155550101") == 50
    assert "--limit N" in text
    assert api.asked[0].query == {"limit": ["50"], "outcome": ["answered"]}
    caesura("calls", "list", "--campaign", "Spring", "--limit", "3")
    assert api.asked[1].query["limit"] == ["3"]


@pytest.mark.parametrize("first", ["voice", "sms"])
def test_calls_and_the_messages_that_followed_have_a_table_each(
    api: ApiServer, caesura: Caesura, first: str
) -> None:
    message = CALL | {
        "channel": "sms",
        "number": "+14155550102",
        "trunk": None,
        "provider": "centre",
        "text": "Thank you for your time.",
        "message": "handed_over",
    }
    found = [CALL, message] * 25 if first == "voice" else [message, CALL] * 25
    api.answers("GET /campaigns/Spring/calls", {"items": found, "next_cursor": "a"})
    text = caesura("calls", "list", "--campaign", "Spring").stdout
    calls, messages = text.split("handed over", maxsplit=1)
    assert ("SIP" in calls, "+14155550102" in calls) == (True, False)
    assert (calls.count("+14155550101"), calls.count("main"), calls.count("23.4")) == (25, 25, 25)
    assert ("+14155550101" in messages, messages.count("+14155550102")) == (False, 25)
    assert messages.count("Thank you for your time.") == messages.count("centre") == 25
    assert messages.count("The last 50; --limit N shows more.") == 1


def test_cells_are_listed_with_what_they_have_not_stored(api: ApiServer, caesura: Caesura) -> None:
    started = {"started_at": "2026-03-02T16:00:00Z", "leases": [{}, {}]}
    fine = {"journal_waiting": 0, "spool_bytes": 0, "spool_full": False}
    full = {"journal_waiting": 1200, "spool_bytes": 9000, "spool_full": True}
    api.answers(
        "GET /cells",
        {"items": [{"node": "north", **started, **fine}, {"node": "south", **started, **full}]},
    )
    north, south = (
        next(line for line in caesura("cells").stdout.splitlines() if node in line)
        for node in ("north", "south")
    )
    assert "stored" in north
    assert "ALARM: spool full, 1,200 wait" in south
