"""The one sentence that says why a running campaign dials nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from caesura.rules.activity_hours import ActivityHours
from caesura.rules.campaign import CampaignSettings, Drain, FixedPacing
from caesura.rules.part import Hold, Part, Scope
from caesura.rules.why import Facts, TrunkFacts, Why, WhyCode, why_idle

NEW_YORK, CHICAGO, LOS_ANGELES = "America/New_York", "America/Chicago", "America/Los_Angeles"
EARLY = datetime(2026, 11, 23, 13, 30, tzinfo=UTC)  # 08:30 in New York, 07:30 in Chicago
NOON = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)  # in Chicago
FREE = (TrunkFacts("carrier-a", reachable=True, in_use=3, channels=30),)
SMS = CampaignSettings.model_validate({"channel": "sms", "text": {"template": "Hi"}})
BUSY = (TrunkFacts("carrier-a", reachable=True, in_use=30, channels=30),)


def ask(**facts: object) -> Why | None:
    standard: dict[str, object] = {
        "now": NOON,
        "settings": CampaignSettings(),
        "due": {},
        "waiting": {},
        "trunks": FREE,
    }
    return why_idle(Facts(**(standard | facts)))  # type: ignore[arg-type]


def sentence(**facts: object) -> str:
    why = ask(**facts)
    assert why is not None
    return why.sentence


def test_a_campaign_that_can_dial_has_no_excuse() -> None:
    assert ask(due={CHICAGO: 5}) is None
    assert ask(due={CHICAGO: 5}, waiting={CHICAGO: 7}, next_due_at=NOON + timedelta(1)) is None


def test_a_campaign_at_its_concurrency_is_not_idle() -> None:
    settings = CampaignSettings(pacing=FixedPacing(concurrency=3))
    assert ask(settings=settings, due={CHICAGO: 5}, in_flight=3, trunks=BUSY) is None
    assert ask(settings=settings, due={CHICAGO: 5}, in_flight=2, trunks=BUSY) is not None


# ------------------------------------------------------------------------------------- dates


def test_not_started_yet() -> None:
    start = datetime(2026, 12, 1, 14, 0, tzinfo=UTC)
    why = ask(settings=CampaignSettings(starts_at=start), due={CHICAGO: 5}, zone=NEW_YORK)
    assert why == Why(
        WhyCode.NOT_STARTED_YET,
        "Not started yet: it begins on 1 December 2026 at 09:00 in New York (America/New_York).",
        {"leads": 5},
        start,
        NEW_YORK,
    )


def test_ended() -> None:
    settings = CampaignSettings(ends_at=NOON)
    assert sentence(settings=settings, due={CHICAGO: 1204}, waiting={CHICAGO: 1}) == (
        "Ended on 23 November 2026 at 18:00 (UTC): 1,205 leads left."
    )


# ------------------------------------------------------------------------------------- leads


def test_no_lead_left() -> None:
    why = ask()
    assert why is not None
    assert (why.code, why.sentence) == (WhyCode.NO_LEAD_LEFT, "No lead is left.")


@pytest.mark.parametrize(
    ("in_flight", "calls"), [(1, "the last call is in progress"), (4, "4 calls are in progress")]
)
def test_the_last_calls(in_flight: int, calls: str) -> None:
    assert sentence(in_flight=in_flight) == f"No lead left to call: {calls}."


def test_every_lead_waits_for_its_retry() -> None:
    at = datetime(2026, 11, 23, 20, 5, tzinfo=UTC)
    why = ask(waiting={CHICAGO: 80, NEW_YORK: 8}, next_due_at=at)
    assert why == Why(
        WhyCode.RETRIES, "Next retry at 20:05 (UTC): 88 leads wait.", {"waiting": 88}, at, "UTC"
    )


@pytest.mark.parametrize(
    ("ahead", "when"),
    [
        (timedelta(hours=2), "14:00"),
        (timedelta(hours=20), "Tuesday 08:00"),
        (timedelta(days=6), "Sunday 12:00"),
        (timedelta(days=7), "30 November 2026 12:00"),
    ],
)
def test_a_time_on_another_day_names_the_day(ahead: timedelta, when: str) -> None:
    told = sentence(waiting={CHICAGO: 1}, next_due_at=NOON + ahead, zone=CHICAGO)
    assert told == f"Next retry at {when} in Chicago (America/Chicago): 1 lead waits."


def test_a_retry_that_is_due_by_now_is_no_excuse() -> None:
    assert ask(waiting={CHICAGO: 8}, next_due_at=NOON) is None


# ------------------------------------------------------------------------------------- means


def test_no_cell_runs() -> None:
    why = ask(cells=0, due={CHICAGO: 5}, waiting={CHICAGO: 2})
    assert why is not None
    assert why.code is WhyCode.NO_CELL
    assert why.sentence == "No cell is running: 5 leads due, 2 waiting for a retry."


def test_no_trunk_is_reachable() -> None:
    trunks = (TrunkFacts("carrier-a", reachable=False), TrunkFacts("carrier-b", reachable=False))
    assert sentence(trunks=trunks, due={CHICAGO: 5}) == (
        "No trunk is reachable (carrier-a, carrier-b): 5 leads due, 0 waiting for a retry."
    )


def test_the_campaign_names_no_trunk() -> None:
    assert sentence(trunks=(), due={CHICAGO: 5}).startswith("The campaign has no trunk: ")


def test_all_channels_are_busy() -> None:
    why = ask(trunks=BUSY, due={CHICAGO: 1088})
    assert why is not None
    assert why.code is WhyCode.NO_CHANNEL
    assert why.sentence == "1,088 leads due but all 30 channels are busy (carrier-a)."
    assert why.numbers == {"due": 1088, "channels": 30}


def test_retries_do_not_matter_while_due_leads_find_no_channel() -> None:
    facts = {"due": {CHICAGO: 9}, "waiting": {CHICAGO: 5}, "next_due_at": NOON + timedelta(1)}
    assert sentence(trunks=BUSY, **facts) == (
        "9 leads due but all 30 channels are busy (carrier-a)."
    )


def test_only_reachable_trunks_count_for_channels() -> None:
    lost = TrunkFacts("carrier-b", reachable=False, in_use=0, channels=10)
    assert sentence(trunks=(*BUSY, lost), due={CHICAGO: 1}) == (
        "1 lead due but all 30 channels are busy (carrier-a)."
    )


def test_one_trunk_with_a_free_channel_or_no_limit_is_enough() -> None:
    for other in (TrunkFacts("b", True, 9, 10), TrunkFacts("b", True, 999, None)):
        assert ask(trunks=(*BUSY, other), due={CHICAGO: 1}) is None


# ------------------------------------------------------------------------------------- hours


def test_waiting_for_the_first_opening_in_the_callees_zone() -> None:
    settings = CampaignSettings(
        hours=ActivityHours.model_validate(
            {"weekly": {day: [["09:00", "21:00"]] for day in ("mon", "tue")}}
        )
    )
    why = ask(now=EARLY, settings=settings, due={CHICAGO: 412})
    assert why == Why(
        WhyCode.OUTSIDE_HOURS,
        "Waiting for 09:00 in Chicago (America/Chicago): 412 leads.",
        {"asleep": 412, "at_opening": 412},
        datetime(2026, 11, 23, 15, 0, tzinfo=UTC),
        CHICAGO,
    )


def test_leads_whose_zones_open_later_are_told_apart() -> None:
    due = {CHICAGO: 412, "America/Winnipeg": 3, LOS_ANGELES: 1204}
    assert sentence(now=EARLY, due=due) == (
        "Waiting for 08:00 in Chicago (America/Chicago): 415 leads, and 1,204 that open later."
    )


def test_leads_that_are_awake_while_others_sleep_are_dialled() -> None:
    assert ask(now=EARLY, due={CHICAGO: 412, NEW_YORK: 1}) is None


def test_some_sleep_and_the_others_find_no_channel() -> None:
    why = ask(now=EARLY, due={CHICAGO: 412, NEW_YORK: 88}, trunks=BUSY)
    assert why is not None
    assert why.sentence == (
        "Waiting for 08:00 in Chicago (America/Chicago): 412 leads; "
        "88 leads due but all 30 channels are busy (carrier-a)."
    )
    assert why.code is WhyCode.OUTSIDE_HOURS
    assert why.numbers == {"asleep": 412, "at_opening": 412, "due": 88, "channels": 30}


def test_some_sleep_and_the_others_wait_for_retries() -> None:
    told = sentence(
        now=EARLY,
        due={CHICAGO: 412},
        waiting={NEW_YORK: 88},
        next_due_at=EARLY + timedelta(minutes=5),
    )
    assert told == (
        "Waiting for 08:00 in Chicago (America/Chicago): 412 leads; "
        "next retry at 13:35 (UTC): 88 leads wait."
    )


def test_where_the_zone_is_unknown_the_last_candidate_to_open_is_named() -> None:
    assert sentence(now=EARLY, due={f"{NEW_YORK}|{LOS_ANGELES}": 7}) == (
        "Waiting for 08:00 in Los Angeles (America/Los_Angeles): 7 leads."
    )


def test_fixed_hours_are_told_by_their_own_zone() -> None:
    settings = CampaignSettings(hours=ActivityHours(zone="Asia/Kolkata"))
    assert sentence(settings=settings, due={CHICAGO: 7}) == (
        "Waiting for Tuesday 08:00 in Kolkata (Asia/Kolkata): 7 leads."
    )


def test_hours_that_never_open() -> None:
    settings = CampaignSettings(hours=ActivityHours(weekly={}))
    why = ask(settings=settings, due={CHICAGO: 7})
    assert why is not None
    assert (why.code, why.sentence) == (
        WhyCode.NEVER_OPENS,
        "The activity hours never open: 7 leads due.",
    )


def test_an_empty_zone_in_the_tally_is_not_told() -> None:
    before = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)  # New York opens first
    told = sentence(now=before, due={CHICAGO: 5, NEW_YORK: 0, LOS_ANGELES: 0})
    assert told == "Waiting for 08:00 in Chicago (America/Chicago): 5 leads."


# -------------------------------------------------------------------------------------- ramp-up


def test_while_it_ramps_up_after_a_resume_it_says_how_far_it_is() -> None:
    settings = CampaignSettings(pacing=FixedPacing(concurrency=40), ramp_up_s=30)
    resumed_at = NOON - timedelta(seconds=9)
    why = ask(settings=settings, due={CHICAGO: 99}, in_flight=12, resumed_at=resumed_at)
    assert why is not None
    assert why.code is WhyCode.RAMPING_UP
    assert why.sentence == (
        "Ramping up after the resume: 12 of 40 calls at once now, all of them in 21 s."
    )
    assert ask(settings=settings, due={CHICAGO: 99}, in_flight=11, resumed_at=resumed_at) is None


def test_once_it_is_at_full_speed_it_has_nothing_to_say() -> None:
    settings = CampaignSettings(pacing=FixedPacing(concurrency=40), ramp_up_s=30)
    resumed_at = NOON - timedelta(seconds=30)
    assert ask(settings=settings, due={CHICAGO: 9}, in_flight=40, resumed_at=resumed_at) is None


# ------------------------------------------------------------------------------------- parts


def hold(scope: Scope, value: str) -> Hold:
    return Hold(1, Part(scope, value), Drain.LET_RING)


def test_what_is_left_is_of_paused_parts() -> None:
    holds = (hold(Scope.LIST, "spring"), hold(Scope.ZONE, CHICAGO))
    why = ask(due={CHICAGO: 400}, held=12, holds=holds)
    assert why == Why(
        WhyCode.PART_PAUSED,
        f"412 leads are of parts that are paused (spring, {CHICAGO}).",
        {"paused": 412},
    )
    assert ask(due={CHICAGO: 400, NEW_YORK: 1}, held=12, holds=holds) is None


def test_paused_leads_are_told_beside_those_that_wait() -> None:
    at = NOON + timedelta(hours=1)
    told = sentence(
        waiting={NEW_YORK: 3}, next_due_at=at, held=1, holds=(hold(Scope.LIST, "spring"),)
    )
    assert told == (
        "1 lead is of parts that are paused (spring); next retry at 19:00 (UTC): 3 leads wait."
    )


def test_every_means_is_paused() -> None:
    settings = CampaignSettings(calling_numbers=["+13125550000"], trunks=["carrier-a"])
    facts = {"settings": settings, "due": {CHICAGO: 5}}
    assert sentence(**facts, holds=(hold(Scope.CALLING_NUMBER, "+13125550000"),)) == (
        "Every calling number is paused (+13125550000): 5 leads due, 0 waiting for a retry."
    )
    assert sentence(**facts, holds=(hold(Scope.TRUNK, "carrier-a"),)).startswith(
        "Every trunk is paused (carrier-a)"
    )
    assert sentence(**facts, holds=(hold(Scope.CHANNEL, "voice"),)).startswith(
        "The channel is paused (voice)"
    )


def test_a_paused_trunk_is_none_that_could_take_the_call() -> None:
    two = (*FREE, TrunkFacts("carrier-b", reachable=False))
    settings = CampaignSettings(trunks=["carrier-a", "carrier-b"])
    told = sentence(
        settings=settings, due={CHICAGO: 5}, trunks=two, holds=(hold(Scope.TRUNK, "carrier-a"),)
    )
    assert told.startswith("No trunk is reachable (carrier-b)")


def test_a_message_campaign_without_leads_says_that_it_waits_for_receipts() -> None:
    until = NOON + timedelta(minutes=20)
    why = ask(settings=SMS, receipts_awaited=12, receipts_until=until)
    assert why is not None
    assert (why.code, why.at, why.numbers) == (WhyCode.RECEIPTS, until, {"receipts": 12})
    assert why.sentence.startswith(
        "No lead left to send to: 12 delivery receipts are awaited until "
    )


def test_a_message_campaign_is_not_told_of_calls_and_trunks() -> None:
    said = sentence(settings=SMS, in_flight=2)
    assert said == "No lead left to send to: 2 messages are in progress."
