"""What differs between two versions of settings."""

from __future__ import annotations

from caesura.rules.campaign import CampaignSettings
from caesura.rules.settings_change import Change, changes


def _dumped(**settings: object) -> dict[str, object]:
    return CampaignSettings.model_validate(settings).model_dump(mode="json")


def test_groups_are_looked_into_and_lists_taken_whole() -> None:
    before = _dumped(pacing={"concurrency": 10}, trunks=["a"])
    after = _dumped(pacing={"concurrency": 20}, trunks=["a", "b"])
    assert changes(before, after) == [
        Change("pacing.concurrency", 10, 20),
        Change("trunks", ["a"], ["a", "b"]),
    ]


def test_a_group_that_was_not_there_is_told_whole() -> None:
    found = changes(_dumped(), _dumped(message={"recording": "hello"}))
    assert [(each.field, each.before) for each in found] == [("message", None)]


def test_equal_settings_have_no_changes() -> None:
    assert changes(_dumped(), _dumped()) == []
