"""The lifecycle table, every pair of it, and what settings refuse."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest
from pydantic import ValidationError

import caesura.store
from caesura.rules.campaign import (
    LIFECYCLE,
    CampaignSettings,
    CampaignState,
    Transition,
    allowed,
)

S, T = CampaignState, Transition

# The lifecycle, written out once more by hand; every pair that is not here is illegal.
EXPECTED = {
    S.DRAFT: {T.START: S.RUNNING, T.TERMINATE: S.TERMINATED},
    S.RUNNING: {T.PAUSE: S.PAUSING, T.TERMINATE: S.TERMINATING, T.COMPLETE: S.COMPLETED},
    S.PAUSING: {T.CONFIRM: S.PAUSED, T.TERMINATE: S.TERMINATING},
    S.PAUSED: {T.RESUME: S.RUNNING, T.TERMINATE: S.TERMINATED},
    S.TERMINATING: {T.CONFIRM: S.TERMINATED},
    S.TERMINATED: {},
    S.COMPLETED: {},
}


@pytest.mark.parametrize(("state", "transition"), list(product(CampaignState, Transition)), ids=str)
def test_each_state_takes_the_transitions_of_the_design_and_no_other(
    state: CampaignState, transition: Transition
) -> None:
    assert LIFECYCLE.get((state, transition)) == EXPECTED[state].get(transition)


@pytest.mark.parametrize("state", list(CampaignState))
def test_what_may_be_asked_is_all_but_confirmation_and_completion(state: CampaignState) -> None:
    assert set(allowed(state)) == set(EXPECTED[state]) - {T.CONFIRM, T.COMPLETE}


def test_the_ends_are_never_left() -> None:
    assert not allowed(S.TERMINATED)
    assert not allowed(S.COMPLETED)


def test_only_start_and_resume_lead_to_running() -> None:
    leading = {transition for (_, transition), after in LIFECYCLE.items() if after is S.RUNNING}
    assert leading == {T.START, T.RESUME}


def test_every_passing_state_has_a_confirmation() -> None:
    passing = {state for (state, transition) in LIFECYCLE if transition is T.CONFIRM}
    assert passing == {S.PAUSING, S.TERMINATING}


def test_the_database_holds_the_same_table() -> None:
    migrations = Path(caesura.store.__path__[0]) / "migrations" / "versions"
    schema = (migrations / "0001_initial.sql").read_text()
    inserted = re.search(r"INSERT INTO lifecycle VALUES(.*?);", schema, re.DOTALL)
    assert inserted is not None
    pairs = re.findall(r"\('(\w+)', '(\w+)'\)", inserted[1])
    assert sorted(pairs) == sorted((before, after) for (before, _), after in LIFECYCLE.items())


# ---------------------------------------------------------------------------------- settings


@pytest.mark.parametrize(
    "settings",
    [
        {"concurency": 5},
        {"pacing": {"kind": "fixed", "concurrency": 0}},
        {"pacing": {"kind": "fixed", "cps": 0}},
        {"ring_timeout_s": 10, "ring_minimum_s": 15},
        {"starts_at": "2026-12-01T09:00:00"},
        {"starts_at": "2026-12-02T09:00:00Z", "ends_at": "2026-12-02T09:00:00Z"},
        {"retries": {"buzy": {}}},
        {"retries": {"busy": {"max": -1}}},
        {"message": {"recording": "hello", "keys": {"12": "repeat"}}},
        {"hours": {"zone": "Chicago"}},
    ],
)
def test_settings_that_cannot_be_meant_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        CampaignSettings.model_validate(settings)


def test_settings_survive_being_stored_with_the_same_digest() -> None:
    settings = CampaignSettings(starts_at=datetime(2026, 12, 1, 9, tzinfo=UTC), trunks=["a"])
    stored = CampaignSettings.model_validate_json(settings.model_dump_json())
    assert stored == settings
    assert stored.digest({"lists": [1]}) == settings.digest({"lists": [1]})


def test_the_digest_shows_any_change_of_settings_or_assignments() -> None:
    settings = CampaignSettings()
    digests = {
        settings.digest(),
        settings.digest({"lists": [1]}),
        settings.digest({"lists": [2]}),
        settings.model_copy(update={"priority": 6}).digest(),
    }
    assert len(digests) == 4


def test_the_defaults_are_those_of_the_regulations() -> None:
    settings = CampaignSettings()
    assert settings.ring_minimum_s == 15  # 16 CFR 310.4(b)(4)(ii)
    assert settings.caps.per_number_7_days == 7  # 12 CFR 1006.14(b)(2)
    assert settings.retries["abandoned"].after_s == 72 * 3600  # type: ignore[index]
