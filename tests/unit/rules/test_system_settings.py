"""When the screen asks before a pause."""

from __future__ import annotations

import pytest

from caesura.rules.system_settings import (
    Confirmation,
    Preferences,
    SystemSettings,
    asks_before_pause,
)


@pytest.mark.parametrize(
    ("policy", "in_flight", "asks"),
    [
        ("always", 0, True),
        ("always", 3, True),
        ("in_flight", 0, False),
        ("in_flight", 1, True),
        ("never", 3, False),
    ],
)
def test_the_policy_decides(policy: str, in_flight: int, asks: bool) -> None:
    settings = SystemSettings(confirm_pause=Confirmation(policy))
    assert asks_before_pause(settings, Preferences(), in_flight) is asks
    assert asks_before_pause(settings, None, in_flight) is asks


@pytest.mark.parametrize("allowed", [True, False])
def test_a_user_is_not_asked_where_that_is_allowed(allowed: bool) -> None:
    settings = SystemSettings(allow_dont_ask_again=allowed)
    chosen = Preferences(dont_ask_before_pause=True)
    assert asks_before_pause(settings, chosen, 3) is not allowed
