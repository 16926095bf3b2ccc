"""Creating, showing and changing campaigns, against a real HTTP server."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from .conftest import ApiServer, Caesura

View = dict[str, Any]


def created(api: ApiServer) -> Any:
    return api.to("POST /campaigns")[-1].json


@pytest.fixture
def draft(api: ApiServer, view: View) -> View:
    view |= {"status": "draft"}
    api.answers("POST /campaigns", view, 201)
    return view


@pytest.mark.usefixtures("draft")
def test_create_sends_what_the_flags_say_and_nothing_else(api: ApiServer, caesura: Caesura) -> None:
    done = caesura(
        *("campaigns", "create", "Spring", "--list", "a", "--list", "b", "--trunk", "main"),
        *("--number", "+14155550100", "--recording", "hello", "--concurrency", "50"),
        *("--cps", "12.5", "--hours", "always", "--priority", "7"),
    )
    assert done.exit_code == 0, done.stderr
    wanted = created(api)
    hours = wanted["settings"].pop("hours")
    assert hours["always"] is True
    assert wanted == {
        "name": "Spring",
        "lists": ["a", "b"],
        "settings": {
            "trunks": ["main"],
            "calling_numbers": ["+14155550100"],
            "message": {"recording": "hello"},
            "pacing": {"concurrency": 50, "cps": 12.5},
            "priority": 7,
        },
    }
    assert "Campaign 'Spring' created (id 7) with 3,200 leads." in done.stdout
    assert "caesura campaigns start Spring" in done.stdout


@pytest.mark.usefixtures("draft")
def test_without_flags_every_setting_is_left_to_the_server(
    api: ApiServer, caesura: Caesura
) -> None:
    assert caesura("campaigns", "create", "Spring", "--list", "a").exit_code == 0
    assert created(api)["settings"] == {}


@pytest.mark.usefixtures("draft")
def test_the_settings_file_is_merged_over_the_flags(
    api: ApiServer, caesura: Caesura, tmp_path: Path
) -> None:
    file = tmp_path / "settings.json"
    file.write_text('{"pacing": {"cps": 3}, "message": {"start": "after_silence"}}')
    caesura(
        *("campaigns", "create", "Spring", "--list", "a", "--concurrency", "9", "--cps", "1"),
        *("--recording", "hello", "--settings", str(file)),
    )
    assert created(api)["settings"] == {
        "pacing": {"concurrency": 9, "cps": 3},
        "message": {"recording": "hello", "start": "after_silence"},
    }


@pytest.mark.usefixtures("draft")
def test_activity_hours_come_from_a_file_too(
    api: ApiServer, caesura: Caesura, tmp_path: Path
) -> None:
    file = tmp_path / "hours.json"
    hours = {"weekly": {"mon": [["09:00", "12:00"]]}, "zone": "Europe/Berlin"}
    file.write_text(json.dumps(hours))
    caesura("campaigns", "create", "Spring", "--list", "a", "--hours", str(file))
    assert created(api)["settings"]["hours"] == hours


def test_hours_that_are_not_known_are_misuse_and_nothing_is_sent(
    api: ApiServer, caesura: Caesura
) -> None:
    done = caesura("campaigns", "create", "Spring", "--list", "a", "--hours", "sometimes")
    assert done.exit_code == 2
    assert "us_strict" in done.stderr
    assert api.asked == []


@pytest.mark.usefixtures("draft")
def test_a_message_is_uploaded_first_and_named_in_the_settings(
    api: ApiServer, caesura: Caesura, tmp_path: Path
) -> None:
    file = tmp_path / "hello.wav"
    file.write_bytes(b"RIFF....WAVE")
    api.answers("GET /recordings", {"items": [], "next_cursor": None})
    api.answers("POST /recordings", {"name": "hello", "duration_ms": 900}, 201)
    caesura("campaigns", "create", "Spring", "--list", "a", "--message", str(file))
    upload = api.to("POST /recordings")[0]
    assert upload.headers["content-type"].startswith("multipart/form-data")
    assert b"RIFF....WAVE" in upload.body
    assert b'name="name"\r\n\r\nhello' in upload.body
    assert created(api)["settings"] == {"message": {"recording": "hello"}}


@pytest.mark.usefixtures("draft")
def test_a_message_that_the_server_has_is_not_sent_again(
    api: ApiServer, caesura: Caesura, tmp_path: Path
) -> None:
    file = tmp_path / "hello.wav"
    file.write_bytes(b"RIFF....WAVE")
    known = {"name": "greeting", "sha256": sha256(file.read_bytes()).hexdigest()}
    api.answers("GET /recordings", {"items": [known], "next_cursor": None})
    caesura("campaigns", "create", "Spring", "--list", "a", "--message", str(file))
    assert api.to("POST /recordings") == []
    assert created(api)["settings"] == {"message": {"recording": "greeting"}}


@pytest.mark.usefixtures("draft")
def test_another_file_of_the_same_name_gets_a_name_of_its_own(
    api: ApiServer, caesura: Caesura, tmp_path: Path
) -> None:
    file = tmp_path / "hello.wav"
    file.write_bytes(b"RIFF....WAVE")
    name = f"hello-{sha256(file.read_bytes()).hexdigest()[:8]}"
    known = {"name": "hello", "sha256": "0" * 64}
    api.answers("GET /recordings", {"items": [known], "next_cursor": None})
    api.answers("POST /recordings", {"name": name}, 201)
    caesura("campaigns", "create", "Spring", "--list", "a", "--message", str(file))
    assert f'name="name"\r\n\r\n{name}'.encode() in api.to("POST /recordings")[0].body


@pytest.mark.usefixtures("draft")
def test_creating_carries_a_fresh_idempotency_key_and_the_api_key(
    api: ApiServer, caesura: Caesura
) -> None:
    caesura("campaigns", "create", "Spring", "--list", "a")
    caesura("campaigns", "create", "Spring", "--list", "a")
    first, second = api.to("POST /campaigns")
    assert first.headers["idempotency-key"] != second.headers["idempotency-key"]
    assert first.headers["authorization"] == "Bearer sesame"


def test_show_prints_the_document_as_it_is(
    api: ApiServer, caesura: Caesura, view: View, receipt: View
) -> None:
    view["last_receipt"] = receipt
    api.answers("GET /campaigns/Spring", view)
    for command in (
        ("campaigns", "show", "Spring", "--json"),
        ("--json", "campaigns", "show", "Spring"),
        ("campaigns", "show", "--json", "Spring"),
    ):
        assert json.loads(caesura(*command).stdout) == view


@pytest.mark.usefixtures("new_york")
def test_show_tells_figures_leads_and_the_receipt(
    api: ApiServer, caesura: Caesura, view: View, receipt: View
) -> None:
    view["last_receipt"] = receipt
    api.answers("GET /campaigns/Spring", view)
    text = caesura("campaigns", "show", "Spring").stdout
    for part in ("‖ paused", "2,993", "1,018", "23.0 s", "34.0 %", "0 ringing, 9 talking"):
        assert part in text
    assert "93.8 % of 3,200 leads" in text
    assert "excluded 10" in text
    assert "silence confirmed after 21 ms" in text


def test_show_says_why_nothing_is_dialled(api: ApiServer, caesura: Caesura, view: View) -> None:
    view |= {"status": "running", "why": "Waiting for 09:00 in Chicago: [412] leads."}
    api.answers("GET /campaigns/Spring", view)
    text = caesura("campaigns", "show", "Spring").stdout
    assert "Waiting for 09:00 in Chicago: [412] leads." in text


def test_a_name_may_hold_slashes_and_spaces(api: ApiServer, caesura: Caesura, view: View) -> None:
    api.answers("GET /campaigns/A%2FB%20%C3%BC%3F", view)
    assert caesura("campaigns", "show", "A/B ü?").exit_code == 0


def test_list_reads_every_page(api: ApiServer, caesura: Caesura, view: View) -> None:
    api.answers("GET /campaigns", {"items": [view], "next_cursor": "more"})
    api.answers("GET /campaigns", {"items": [view | {"id": 8}], "next_cursor": None})
    found = json.loads(caesura("campaigns", "list", "--json").stdout)
    assert [each["id"] for each in found] == [7, 8]
    assert api.asked[1].query["cursor"] == ["more"]


def test_list_shows_a_row_for_each(api: ApiServer, caesura: Caesura, view: View) -> None:
    items = [view, view | {"id": 8, "name": "[red]Autumn", "average_duration_s": None}]
    api.answers("GET /campaigns", {"items": items, "next_cursor": None})
    text = caesura("campaigns", "list").stdout
    assert "Spring" in text
    assert "[red]Autumn" in text  # a name is never read as markup
    assert "2,993" in text


def test_no_campaigns_is_said_with_what_to_do(api: ApiServer, caesura: Caesura) -> None:
    api.answers("GET /campaigns", {"items": [], "next_cursor": None})
    assert "caesura campaigns create" in caesura("campaigns", "list").stdout
    assert json.loads(caesura("campaigns", "list", "--json").stdout) == []


SETTINGS = {"version": 3, "settings": {"pacing": {"concurrency": 5, "cps": None}, "priority": 5}}


def test_one_setting_is_read_by_its_dotted_key(api: ApiServer, caesura: Caesura) -> None:
    api.answers("GET /campaigns/Spring/settings", SETTINGS)
    read = caesura("campaigns", "settings", "get", "Spring", "pacing.concurrency")
    assert json.loads(read.stdout) == 5
    assert (
        json.loads(caesura("campaigns", "settings", "get", "Spring").stdout)
        == (SETTINGS["settings"])
    )


def test_settings_are_written_back_whole_and_only_over_the_version_that_was_read(
    api: ApiServer, caesura: Caesura
) -> None:
    after = {"version": 4, "settings": {"pacing": {"concurrency": 5, "cps": 2}, "priority": 5}}
    api.answers("GET /campaigns/Spring/settings", SETTINGS, headers={"ETag": '"3"'})
    api.answers("PUT /campaigns/Spring/settings", after)
    done = caesura("campaigns", "settings", "set", "Spring", "pacing.cps=2")
    put = api.to("PUT /campaigns/Spring/settings")[0]
    assert put.json == after["settings"]
    assert put.headers["if-match"] == '"3"'
    assert done.stdout == "pacing.cps: null → 2\n"


def test_settings_that_somebody_changed_meanwhile_are_not_overwritten(
    api: ApiServer, caesura: Caesura
) -> None:
    api.answers("GET /campaigns/Spring/settings", SETTINGS, headers={"ETag": '"3"'})
    api.refuses("PUT /campaigns/Spring/settings", 412, "The settings were changed meanwhile.")
    done = caesura("campaigns", "settings", "set", "Spring", "pacing.cps=2")
    assert done.exit_code == 1
    assert "changed meanwhile" in done.stderr
    assert "run this again" in done.stderr


def test_settings_that_are_so_already_are_not_written(api: ApiServer, caesura: Caesura) -> None:
    api.answers("GET /campaigns/Spring/settings", SETTINGS, headers={"ETag": '"3"'})
    assert caesura("campaigns", "settings", "set", "Spring", "priority=5").exit_code == 0
    assert api.to("PUT /campaigns/Spring/settings") == []


def test_edit_changes_what_its_flags_name(api: ApiServer, caesura: Caesura) -> None:
    api.answers("GET /campaigns/Spring/settings", SETTINGS, headers={"ETag": '"3"'})
    api.answers("PUT /campaigns/Spring/settings", SETTINGS)
    assert caesura("campaigns", "edit", "Spring", "--concurrency", "20").exit_code == 0
    assert api.to("PUT /campaigns/Spring/settings")[0].json == {
        "pacing": {"concurrency": 20, "cps": None},
        "priority": 5,
    }
    assert caesura("campaigns", "edit", "Spring").exit_code == 2


def test_lists_are_added_and_a_campaign_renamed(
    api: ApiServer, caesura: Caesura, view: View
) -> None:
    api.answers("POST /campaigns/Spring/lists", {"campaign": view, "leads_added": 1500}, 201)
    api.answers("PATCH /campaigns/Spring", view | {"name": "Summer"})
    assert "1,500 leads added" in caesura("campaigns", "add-list", "Spring", "b", "c").stdout
    assert api.asked[0].json == {"lists": ["b", "c"]}
    assert "now 'Summer'" in caesura("campaigns", "rename", "Spring", "Summer").stdout


SMS: dict[str, Any] = {
    "channel": "sms",
    "sent": 1720,
    "delivered": 1650,
    "delivery_rate": 0.975,
    "replies": 31,
    "opt_outs": 4,
    "in_flight": {"ringing": 12, "talking": 0},
}


@pytest.mark.parametrize("command", ["show", "watch"])
def test_a_message_campaign_is_shown_in_words_of_messages(
    api: ApiServer, caesura: Caesura, view: View, receipt: View, command: str
) -> None:
    api.answers("GET /campaigns/Spring", view | SMS | {"last_receipt": receipt})
    text = caesura("campaigns", command, "Spring").stdout
    lines = [" ".join(line.split()) for line in text.splitlines()]
    for line in ("sent messages 1,720", "delivered 1,650", "delivery rate 97.5 %", "replies 31"):
        assert line in lines
    assert "in flight now 12 handed over" in lines
    assert "last message left 9 ms after the click" in text
    for word in ("call", "ringing", "conversation", "duration"):
        assert word not in text


def test_an_e_mail_campaign_has_no_figure_of_replies(
    api: ApiServer, caesura: Caesura, view: View
) -> None:
    api.answers("GET /campaigns/Spring", view | SMS | {"channel": "email"})
    text = caesura("campaigns", "show", "Spring").stdout
    assert "sent messages" in text and "replies" not in text and "opt-outs" not in text


def test_the_list_has_columns_for_what_there_is(
    api: ApiServer, caesura: Caesura, view: View
) -> None:
    def headings(*views: View) -> set[str]:
        api.replies.clear()
        api.answers("GET /campaigns", {"items": list(views), "next_cursor": None})
        return set(caesura("campaigns", "list").stdout.split("─")[0].split())

    calls, texts = view, view | SMS
    assert {"received", "answered"} <= headings(calls)
    assert not {"sent", "delivered"} & headings(calls)
    assert {"sent", "delivered"} <= headings(texts)
    assert not {"received", "answered"} & headings(texts)
    assert {"received", "sent"} <= headings(calls, texts)
