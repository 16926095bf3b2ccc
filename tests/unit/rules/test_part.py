"""What the pause of a part covers, and what is left without it."""

from __future__ import annotations

import pytest

from caesura.errors import Invalid
from caesura.rules.campaign import CampaignSettings, Drain
from caesura.rules.part import (
    CallMeans,
    Hold,
    LeadPlace,
    Part,
    Scope,
    covers_call,
    covers_lead,
    first_covering,
    named,
    strongest,
    without_means,
)

DALLAS = LeadPlace(4, None, "America/Chicago|America/Denver", "+12145550100")
MEANS = CallMeans("+13125550000", "one", "voice")
SETTINGS = CampaignSettings(calling_numbers=["+13125550000", "+13125550001"], trunks=["one", "two"])


def hold(scope: Scope, value: str, list_id: int | None = None) -> Hold:
    return Hold(1, Part(scope, value), Drain.LET_RING, list_id)


@pytest.mark.parametrize(
    ("covering", "other"),
    [
        (hold(Scope.LIST, "a", 4), hold(Scope.LIST, "b", 5)),
        (hold(Scope.REGION, "US-TX"), hold(Scope.REGION, "US-CA")),
        (hold(Scope.ZONE, "America/Denver"), hold(Scope.ZONE, "America/New_York")),
    ],
)
def test_a_lead_is_covered_by_the_list_state_or_zone_that_it_is_or_may_be_in(
    covering: Hold, other: Hold
) -> None:
    assert covers_lead(covering, DALLAS) and covers_call(covering, DALLAS, MEANS)
    assert not covers_lead(other, DALLAS) and not covers_call(other, DALLAS, MEANS)
    assert first_covering([other, covering], DALLAS) is covering


@pytest.mark.parametrize(
    ("scope", "used", "other"),
    [
        (Scope.CALLING_NUMBER, "+13125550000", "+13125550001"),
        (Scope.TRUNK, "one", "two"),
        (Scope.CHANNEL, "voice", "sms"),
    ],
)
def test_a_call_is_covered_by_what_it_is_made_with_and_no_lead_is(
    scope: Scope, used: str, other: str
) -> None:
    assert covers_call(hold(scope, used), DALLAS, MEANS)
    assert not covers_call(hold(scope, other), DALLAS, MEANS)
    assert not covers_lead(hold(scope, used), DALLAS)


def test_it_goes_on_as_long_as_one_number_and_one_trunk_are_left() -> None:
    one, two = hold(Scope.TRUNK, "one"), hold(Scope.TRUNK, "two")
    assert without_means([one], SETTINGS) is None
    assert without_means([one, two], SETTINGS) is Scope.TRUNK
    assert without_means([hold(Scope.CHANNEL, "voice")], SETTINGS) is Scope.CHANNEL
    numbers = [hold(Scope.CALLING_NUMBER, number) for number in SETTINGS.calling_numbers]
    assert without_means(numbers[:1], SETTINGS) is None
    assert without_means(numbers, SETTINGS) is Scope.CALLING_NUMBER


def test_parts_are_stored_as_they_are_named_once_each() -> None:
    asked = [
        Part(Scope.REGION, "Texas"),
        Part(Scope.REGION, "us-tx"),
        Part(Scope.CALLING_NUMBER, "+1 312 555 0000"),
        Part(Scope.LIST, "customers "),
    ]
    assert named(asked, SETTINGS, ["customers"]) == [
        Part(Scope.REGION, "US-TX"),
        Part(Scope.CALLING_NUMBER, "+13125550000"),
        Part(Scope.LIST, "customers"),
    ]


def test_what_the_campaign_has_not_is_refused_by_its_place() -> None:
    with pytest.raises(Invalid, match="has no trunk 'three'") as refused:
        named([Part(Scope.TRUNK, "one"), Part(Scope.TRUNK, "three")], SETTINGS, [])
    assert refused.value.data["field"] == "part[1].value"
    with pytest.raises(Invalid, match="Say which list"):
        named([Part(Scope.LIST, " ")], SETTINGS, [])


def test_of_two_decisions_on_one_call_the_stronger_counts() -> None:
    assert strongest([Drain.LET_RING, Drain.HANG_UP_ALL, Drain.CANCEL_NOW]) is Drain.HANG_UP_ALL
    assert strongest([]) is None
