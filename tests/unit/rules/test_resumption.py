"""When a paused campaign resumes by itself, and what it says it waits for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from caesura.rules.activity_hours import ActivityHours
from caesura.rules.campaign import CampaignSettings
from caesura.rules.resumption import (
    HoursOpen,
    ResumeFacts,
    Terms,
    TrunkReachable,
    TrunkSeen,
    Verdict,
    judge,
    longer,
)

CHICAGO, LOS_ANGELES = "America/Chicago", "America/Los_Angeles"
NOON = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)  # in Chicago; hours are 08:00-21:00 there
NIGHT = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)  # 22:00 in Chicago, 20:00 in Los Angeles
OPENING = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)  # 08:00 in Chicago
NEXT_OPENING = Terms(when=(HoursOpen(kind="hours_open"),))
MINUTE = timedelta(minutes=1)


def trunk(name: str | None = None, for_s: int = 60) -> TrunkReachable:
    return TrunkReachable(kind="trunk_reachable", trunk=name, for_s=for_s)


def ask(asked: Terms, now: datetime = NOON, **more: object) -> Verdict:
    facts: dict[str, object] = {
        "now": now,
        "paused_at": NOON - timedelta(hours=1),
        "settings": CampaignSettings(trunks=["carrier"]),
        "zones": [CHICAGO],
        "trunks": [TrunkSeen("carrier", NOON - timedelta(hours=5))],
    }
    return judge(asked, ResumeFacts(**(facts | more)))  # type: ignore[arg-type]


# -------------------------------------------------------------------------------------- a time


def test_a_timed_pause_resumes_when_its_time_has_come_and_not_before() -> None:
    until = Terms(until=NOON)
    before = ask(until, NOON - MINUTE)
    assert (before.resumes, before.at) == (False, NOON)
    assert before.sentence == "Resumes at 18:00 (UTC)."
    assert ask(until, NOON).resumes


def test_a_time_in_closed_hours_waits_for_the_opening_and_says_so_from_the_beginning() -> None:
    until = Terms(until=NIGHT)
    early = ask(until, NOON)
    assert (early.resumes, early.at) == (False, OPENING)
    assert early.sentence == (
        "Resumes at Tuesday 08:00 in Chicago (America/Chicago): "
        "its activity hours are closed before that."
    )
    late = ask(until, NIGHT + MINUTE)
    assert (late.resumes, late.at) == (False, OPENING)
    assert "its activity hours are closed" in late.sentence
    assert ask(until, OPENING).resumes


def test_one_open_zone_is_enough() -> None:
    assert ask(Terms(until=NIGHT), NIGHT, zones=[CHICAGO, LOS_ANGELES]).resumes


def test_nobody_left_to_call_keeps_nothing_waiting() -> None:
    assert ask(Terms(until=NIGHT), NIGHT, zones=[]).resumes


def test_before_its_first_day_a_campaign_does_not_resume() -> None:
    settings = CampaignSettings(starts_at=NOON + timedelta(days=1))
    verdict = ask(Terms(until=NOON), NOON, settings=settings)
    assert (verdict.resumes, verdict.at) == (False, NOON + timedelta(days=1))


def test_after_its_last_day_a_campaign_never_resumes_by_itself() -> None:
    ended = ask(Terms(until=NOON), NOON, settings=CampaignSettings(ends_at=NOON - MINUTE))
    assert (ended.resumes, ended.at) == (False, None)
    assert ended.sentence == (
        "Does not resume by itself: it ended on 23 November 2026 at 17:59 (UTC)."
    )
    too_late = ask(Terms(until=NIGHT), NOON, settings=CampaignSettings(ends_at=NIGHT + MINUTE))
    assert (too_late.resumes, too_late.at) == (False, None)
    assert "before it could" in too_late.sentence


def test_hours_that_never_open_keep_it_paused() -> None:
    verdict = ask(Terms(until=NOON), NOON, settings=CampaignSettings(hours={"weekly": {}}))
    assert verdict.sentence == "Does not resume by itself: its activity hours never open."


# --------------------------------------------------------------------------------- next opening


def test_the_next_opening_is_one_after_the_pause_began_however_open_it_is_now() -> None:
    now = ask(NEXT_OPENING, NOON)
    assert (now.resumes, now.at) == (False, OPENING)
    assert now.sentence == (
        "Resumes when its activity hours open: Tuesday 08:00 in Chicago (America/Chicago)."
    )
    assert not ask(NEXT_OPENING, NIGHT).resumes
    opened = ask(NEXT_OPENING, OPENING)
    assert opened.resumes
    assert opened.sentence.startswith("its activity hours opened")


def test_an_opening_that_nobody_acted_on_counts_while_it_is_open_only() -> None:
    assert ask(NEXT_OPENING, OPENING + timedelta(hours=12, minutes=59)).resumes
    missed = ask(NEXT_OPENING, OPENING + timedelta(hours=13))
    assert (missed.resumes, missed.at) == (False, OPENING + timedelta(days=1))


def test_the_first_zone_to_open_is_enough() -> None:
    verdict = ask(NEXT_OPENING, NIGHT, zones=[LOS_ANGELES, CHICAGO])
    assert verdict.at == OPENING


def test_hours_that_are_always_open_have_no_opening() -> None:
    settings = CampaignSettings(hours=ActivityHours(always=True))
    verdict = ask(NEXT_OPENING, NOON, settings=settings)
    assert verdict.sentence == (
        "Does not resume by itself: its activity hours have no opening ahead."
    )


# ---------------------------------------------------------------------------------------- trunks


@pytest.mark.parametrize("name", ["carrier", None])
def test_a_trunk_must_have_been_reachable_for_so_long(name: str | None) -> None:
    asked = Terms(when=(trunk(name),))
    seen = [TrunkSeen("carrier", NOON - timedelta(seconds=12))]
    verdict = ask(asked, NOON, trunks=seen)
    assert (verdict.resumes, verdict.at) == (False, NOON + timedelta(seconds=48))
    assert verdict.sentence == ("Resumes when trunk carrier is reachable for 60 s (for 12 s now).")
    ready = ask(asked, NOON + timedelta(seconds=48), trunks=seen)
    assert ready.resumes
    assert ready.sentence == "trunk carrier has been reachable for 60 s"


def test_a_trunk_that_nobody_reaches_is_waited_for_without_a_time() -> None:
    verdict = ask(Terms(when=(trunk(),)), NOON, trunks=[TrunkSeen("carrier", None)])
    assert (verdict.resumes, verdict.at) == (False, None)
    assert verdict.sentence == "Resumes when trunk carrier is reachable for 60 s (it is not now)."


def test_any_of_the_campaigns_trunks_is_enough_but_no_other() -> None:
    settings = CampaignSettings(trunks=["a", "b"])
    seen = [TrunkSeen("a", None), TrunkSeen("b", NOON - MINUTE), TrunkSeen("c", NOON - MINUTE)]
    assert ask(Terms(when=(trunk(),)), NOON, settings=settings, trunks=seen).resumes
    assert not ask(Terms(when=(trunk(),)), NOON, settings=settings, trunks=seen[::2]).resumes


def test_a_trunk_that_is_gone_never_comes_back() -> None:
    verdict = ask(Terms(when=(trunk("old"),)), NOON)
    assert verdict.sentence == "Does not resume by itself: there is no trunk old in use."


def test_a_reachable_trunk_does_not_open_closed_hours() -> None:
    verdict = ask(Terms(when=(trunk(),)), NIGHT)
    assert (verdict.resumes, verdict.at) == (False, OPENING)
    assert "its activity hours are closed" in verdict.sentence


def test_a_time_and_a_trunk_are_both_waited_for() -> None:
    asked = Terms(until=NOON, when=(trunk(),))
    assert not ask(asked, NOON - MINUTE).resumes
    assert not ask(asked, NOON, trunks=[TrunkSeen("carrier", None)]).resumes
    assert ask(asked, NOON).resumes
    both = ask(asked, NOON - MINUTE, trunks=[TrunkSeen("carrier", None)])
    assert both.sentence == (
        "Resumes when trunk carrier is reachable for 60 s (it is not now), not before 18:00 (UTC)."
    )


def test_a_pause_without_an_end_is_not_judged() -> None:
    with pytest.raises(ValueError, match="somebody resumes"):
        ask(Terms())


# ------------------------------------------------------------------------------------ two pauses


def test_the_pause_without_an_end_is_the_longest() -> None:
    assert longer(Terms(until=NOON), Terms()) == Terms()
    assert longer(Terms(), NEXT_OPENING) == Terms()


def test_the_later_time_stands_and_conditions_add_up() -> None:
    asked = longer(Terms(until=NOON), Terms(until=NIGHT, when=(trunk(),)))
    assert asked == Terms(until=NIGHT, when=(trunk(),))
    more = longer(asked, Terms(until=NOON, when=(trunk("b"), *NEXT_OPENING.when)))
    assert more == Terms(until=NIGHT, when=(trunk(), trunk("b"), *NEXT_OPENING.when))


def test_of_one_trunk_the_longer_wait_stands() -> None:
    for first, second in ((30, 90), (90, 30)):
        both = longer(Terms(when=(trunk("a", first),)), Terms(when=(trunk("a", second),)))
        assert both == Terms(when=(trunk("a", 90),))
