"""When a message campaign's providers count as down, and when that matters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from caesura.rules.campaign import CampaignSettings
from caesura.rules.providers_down import Down, ProviderFacts, down, would_send

NOW = datetime(2026, 11, 25, 14, 7, 30, tzinfo=UTC)
EARLIER = NOW - timedelta(minutes=9)
WRONG = "It refused the password (ESME_RINVPASWD)."


def test_a_campaign_is_down_since_its_last_provider_went() -> None:
    acme, backup = ProviderFacts("acme", EARLIER, WRONG), ProviderFacts("backup", NOW, "No answer.")
    assert down([acme, backup]) == Down(
        NOW, "acme: It refused the password (ESME_RINVPASWD); backup: No answer"
    )


def test_one_provider_that_can_be_used_is_enough() -> None:
    assert down([ProviderFacts("acme", EARLIER, WRONG), ProviderFacts("backup", None)]) == Down()
    assert down([]) == Down()


@pytest.mark.parametrize(
    ("due", "settings", "would"),
    [
        ({"America/Chicago": 1}, {}, True),  # 08:07 there, open from 8
        ({"America/Los_Angeles": 400}, {}, False),  # 06:07
        ({"America/Los_Angeles": 400, "America/Chicago": 1}, {}, True),
        ({"America/Chicago": 0}, {}, False),
        ({}, {}, False),
        ({"America/Chicago": 1}, {"starts_at": NOW + timedelta(seconds=1)}, False),
        ({"America/Chicago": 1}, {"ends_at": NOW}, False),
    ],
)
def test_nothing_is_missed_where_nothing_would_be_sent(
    due: dict[str, int], settings: dict[str, object], would: bool
) -> None:
    hours = {"weekly": {"wed": [["08:00", "21:00"]]}}
    chosen = CampaignSettings.model_validate({"hours": hours, **settings})
    assert would_send(chosen, due, NOW) is would
