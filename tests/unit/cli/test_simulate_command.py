"""`caesura simulate`: flags over the campaign over the file, tables, JSON."""

from __future__ import annotations

import json
from pathlib import Path

from .conftest import ApiServer, Caesura

SHORT = ("--hours", "0.3", "--agents", "5")


def test_pacings_stand_side_by_side(caesura: Caesura) -> None:
    done = caesura("simulate", *SHORT, "--pacing", "progressive", "--pacing", "ratio:2")
    assert done.exit_code == 0
    lines = [line.strip() for line in done.stdout.splitlines()]
    assert lines[0].startswith("shift: 5 agents, 09:00 to 09:18, 25.0 % answered")
    assert any(line.startswith("progressive ") and "0.00 %" in line for line in lines)
    assert any(line.startswith("ratio:2 ") for line in lines)
    assert "Occupancy" in done.stdout
    assert "\x1b" not in done.stdout
    plain = caesura("simulate", *SHORT, "--pacing", "progressive", "--no-plot")
    assert "Occupancy" not in plain.stdout


def test_json_is_one_document(caesura: Caesura) -> None:
    done = caesura("--json", "simulate", *SHORT, "--pacing", "progressive", "--seed", "4")
    found = json.loads(done.stdout)
    assert found["shift"]["seed"] == 4
    figures = found["pacings"][0]
    assert figures["pacing"] == "progressive"
    assert figures["us_abandonment"] == 0
    assert 0 < figures["occupancy"] < 1
    assert len(figures["slices"]) == 48


def test_flags_count_before_the_file(caesura: Caesura, tmp_path: Path) -> None:
    file = tmp_path / "shift.json"
    file.write_text('{"name": "mine", "hours": 9, "groups": [{"agents": 50}], "talk_s": 30}')
    done = caesura("simulate", str(file), *SHORT, "--pacing", "progressive", "--no-plot")
    assert done.stdout.startswith("mine: 5 agents, 09:00 to 09:18")
    assert "talking 30 s" in done.stdout


def test_a_mistake_is_said_and_nothing_is_computed(caesura: Caesura, tmp_path: Path) -> None:
    file = tmp_path / "shift.json"
    file.write_text('{"talks": 30}')
    done = caesura("simulate", str(file))
    assert done.exit_code == 2
    assert "talks" in done.stderr
    done = caesura("simulate", *SHORT, "--pacing", "quick")
    assert done.exit_code == 2
    assert "There is no pacing 'quick'" in done.stderr


def test_it_learns_from_a_campaign(caesura: Caesura, api: ApiServer) -> None:
    learnt = {"name": "like Spring", "leads": 1000, "wrap_s": {"samples": [9.0]}, "hours": 5}
    api.answers("GET /campaigns/Spring/shift", {"shift": learnt, "calls": 200, "zone": "UTC"})
    done = caesura(*("--json", "simulate", "--like", "Spring"), *SHORT, "--pacing", "progressive")
    shift = json.loads(done.stdout)["shift"]
    assert shift["name"] == "like Spring"
    assert (shift["leads"], shift["wrap_s"]["samples"], shift["hours"]) == (1000, [9.0], 0.3)
