"""Changing settings documents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from caesura.cli.change import apply_assignment, merge, pick, read_object
from caesura.cli.problems import Misused


def test_objects_merge_and_everything_else_replaces() -> None:
    base = {"pacing": {"concurrency": 5, "cps": 2}, "trunks": ["a"]}
    over = {"pacing": {"cps": None}, "trunks": ["b"]}
    assert merge(base, over) == {"pacing": {"concurrency": 5, "cps": None}, "trunks": ["b"]}
    assert base == {"pacing": {"concurrency": 5, "cps": 2}, "trunks": ["a"]}


def test_activity_hours_are_replaced_whole() -> None:
    base = {"hours": {"weekly": {"mon": [["08:00", "21:00"]], "sun": [["08:00", "21:00"]]}}}
    over = {"hours": {"weekly": {"mon": [["09:00", "17:00"]]}}}
    assert merge(base, over) == over


@pytest.mark.parametrize(
    ("assignment", "settings"),
    [
        ("priority=9", {"priority": 9}),
        ("pacing.cps=2.5", {"pacing": {"cps": 2.5, "concurrency": 5}}),
        ("pacing.cps=null", {"pacing": {"cps": None, "concurrency": 5}}),
        ("hours.always=true", {"hours": {"always": True}}),
        ("drain=let_ring", {"drain": "let_ring"}),
        ("calling_numbers=+14155550100", {"calling_numbers": "+14155550100"}),
        ('calling_numbers=["+14155550100"]', {"calling_numbers": ["+14155550100"]}),
        ("message.recording=a=b", {"message": {"recording": "a=b"}}),
    ],
)
def test_an_assignment_sets_one_value(assignment: str, settings: dict[str, Any]) -> None:
    before = {"pacing": {"concurrency": 5}}
    assert apply_assignment(before, assignment) == {"pacing": {"concurrency": 5}} | settings
    assert before == {"pacing": {"concurrency": 5}}


@pytest.mark.parametrize("assignment", ["priority", "=5", "drain.now=1"])
def test_what_is_no_assignment_is_refused(assignment: str) -> None:
    with pytest.raises(Misused):
        apply_assignment({"drain": "let_ring"}, assignment)


def test_a_setting_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(Misused, match="pacing has: cps"):
        pick({"pacing": {"cps": 1}}, "pacing.speed")


@pytest.mark.parametrize("content", ["{", "[1]", None])
def test_a_file_that_holds_no_object_is_refused(content: str | None, tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(Misused, match=r"settings\.json"):
        read_object(file)


def test_a_file_named_so_is_read_as_toml(tmp_path: Path) -> None:
    file = tmp_path / "shift.toml"
    file.write_text("hours = 4\n[[groups]]\nagents = 7\n")
    assert read_object(file) == {"hours": 4, "groups": [{"agents": 7}]}
    file.write_text("= 3")
    with pytest.raises(Misused, match="is not TOML"):
        read_object(file)
