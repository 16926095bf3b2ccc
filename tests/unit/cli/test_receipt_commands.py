"""Verifying and exporting receipts, and the published figure, against a real HTTP server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from caesura.rules.receipt import BEGINNING, digest_of

from .conftest import ApiServer, Caesura

Seal = dict[str, Any]


@pytest.fixture
def seals() -> list[Seal]:
    made: list[Seal] = []
    previous = BEGINNING
    for sequence in (1, 2, 3):
        says = {"part": "silence", "receipt": {"actor": "Zoë", "id": sequence}}
        content = json.dumps(says, ensure_ascii=False)
        digest = digest_of(sequence, previous, content)
        made.append(
            {
                "sequence": sequence,
                "receipt_id": sequence,
                "part": "silence",
                "content": content,
                "previous": previous,
                "digest": digest,
            }
        )
        previous = digest
    return made


def test_verify_asks_the_server_and_says_the_digest_to_be_noted(
    api: ApiServer, caesura: Caesura
) -> None:
    told = {"intact": True, "receipts": 412, "seals": 823, "digest": "ab" * 32, "findings": []}
    api.answers("GET /receipts/verify", told)
    done = caesura("receipts", "verify", "--noted", "cd" * 32)
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("412 receipts intact (823 seals).")
    assert "ab" * 32 in done.stdout
    assert api.asked[0].query == {"noted": ["cd" * 32]}
    assert json.loads(caesura("receipts", "verify", "--json").stdout) == told


def test_each_finding_is_named_and_the_exit_status_is_1(api: ApiServer, caesura: Caesura) -> None:
    findings = [
        {"sequence": 17, "receipt_id": 9, "what": 'actor is "Mallory"'},
        {"sequence": None, "receipt_id": None, "what": "the chain was cut"},
    ]
    told = {"intact": False, "receipts": 1, "seals": 1, "digest": "x", "findings": findings}
    api.answers("GET /receipts/verify", told)
    done = caesura("receipts", "verify")
    assert done.exit_code == 1
    assert done.stderr.splitlines() == [
        "2 findings:",
        '  seal 17, receipt 9: actor is "Mallory"',
        "  the chain was cut",
    ]
    as_json = caesura("receipts", "verify", "--json")
    assert (as_json.exit_code, json.loads(as_json.stdout)) == (1, told)


def test_an_export_is_every_seal_and_is_verified_without_a_server(
    api: ApiServer, caesura: Caesura, seals: list[Seal], tmp_path: Path
) -> None:
    api.answers("GET /receipts", {"items": seals[:2], "next_cursor": "more"})
    api.answers("GET /receipts", {"items": seals[2:], "next_cursor": None})
    file = tmp_path / "receipts.jsonl"
    done = caesura("receipts", "export", str(file))
    assert done.exit_code == 0, done.stderr
    assert f"3 seals written to {file}. The last digest is {seals[2]['digest']}." in done.stdout
    assert [json.loads(line) for line in file.read_text().splitlines()] == seals
    api.asked.clear()
    checked = caesura("receipts", "verify", str(file), "--noted", seals[1]["digest"])
    assert checked.exit_code == 0, checked.stderr
    assert checked.stdout.startswith("3 receipts intact (3 seals).")
    assert api.asked == []


def test_a_changed_export_is_found(caesura: Caesura, seals: list[Seal], tmp_path: Path) -> None:
    file = tmp_path / "receipts.jsonl"
    seals[1]["content"] = seals[1]["content"].replace("Zoë", "Mallory")
    file.write_text("".join(json.dumps(seal) + "\n" for seal in seals))
    done = caesura("receipts", "verify", str(file))
    assert done.exit_code == 1
    assert "seal 2, receipt 2: its content is not what its digest was made of" in done.stderr


@pytest.mark.parametrize("line", ["no JSON", "{}", "7", '{"sequence": "1"}'])
def test_a_line_that_is_no_seal_is_named(caesura: Caesura, tmp_path: Path, line: str) -> None:
    file = tmp_path / "receipts.jsonl"
    file.write_text(line + "\n")
    done = caesura("receipts", "verify", str(file))
    assert done.exit_code == 1
    assert "line 1 is no seal" in done.stderr


def test_what_cannot_be_verified_or_written_is_said(
    api: ApiServer, caesura: Caesura, tmp_path: Path, seals: list[Seal]
) -> None:
    assert caesura("receipts", "verify", str(tmp_path / "none")).exit_code == 2
    assert caesura("receipts", "verify", "--noted", "abc").exit_code == 2
    api.answers("GET /receipts", {"items": seals, "next_cursor": None})
    assert caesura("receipts", "export", str(tmp_path / "no" / "file")).exit_code == 1


def test_an_export_that_breaks_off_leaves_no_file(
    api: ApiServer, caesura: Caesura, seals: list[Seal], tmp_path: Path
) -> None:
    api.answers("GET /receipts", {"items": seals, "next_cursor": "more"})
    api.refuses("GET /receipts", 503, "The database cannot be reached.")
    assert caesura("receipts", "export", str(tmp_path / "receipts.jsonl")).exit_code == 1
    assert list(tmp_path.glob("receipts*")) == []


def test_promise_shows_the_figure_and_its_alarms(api: ApiServer, caesura: Caesura) -> None:
    told = {
        "pauses": 100,
        "since": "2026-11-23T19:02:07Z",
        "by_expiry": 1,
        "last_launch_ms": {"p50": 4.2, "p99": 11.0, "max": 12.0},
        "confirmation_ms": {"p50": 21.0, "p99": 1001.0, "max": 1002.0},
        "alarms": ["Click to confirmed silence: p99 is 1001 ms, above the 500 ms that are set."],
    }
    api.answers("GET /promise", told)
    text = caesura("promise").stdout
    assert "Over the last 100 pauses, since 2026-11-23" in text
    assert "click to last call          p50 4 ms  p99 11 ms  longest 12 ms" in text
    assert "1 pause confirmed by expiry" in text
    assert "ALARM: Click to confirmed silence" in text
    assert json.loads(caesura("promise", "--json").stdout) == told


def test_promise_before_the_first_pause_says_so(api: ApiServer, caesura: Caesura) -> None:
    api.answers("GET /promise", {"pauses": 0, "alarms": []})
    assert caesura("promise").stdout == "No campaign was paused yet.\n"
