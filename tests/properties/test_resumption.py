"""Whatever was asked for, a campaign resumes by itself only where and when it may."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from caesura.rules.activity_hours import ActivityHours, Weekday, is_open
from caesura.rules.campaign import CampaignSettings
from caesura.rules.resumption import (
    Condition,
    HoursOpen,
    ResumeFacts,
    Terms,
    TrunkReachable,
    TrunkSeen,
    judge,
    longer,
)

ZONES = ["America/Chicago", "America/Los_Angeles", "Asia/Kolkata", "Europe/London|Europe/Berlin"]
START = datetime(2026, 10, 30, tzinfo=UTC)  # over the ends of two summer times

moments = st.integers(0, 4 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
conditions: st.SearchStrategy[Condition] = st.one_of(
    st.just(HoursOpen(kind="hours_open")),
    st.builds(
        TrunkReachable,
        kind=st.just("trunk_reachable"),
        trunk=st.sampled_from([None, "a", "b"]),
        for_s=st.integers(0, 7200),
    ),
)
all_terms = st.builds(
    Terms, until=st.none() | moments, when=st.lists(conditions, max_size=3).map(tuple)
)
campaigns = st.builds(
    lambda windows, starts, length: CampaignSettings(
        hours=ActivityHours(weekly=windows),
        trunks=["a", "b"],
        starts_at=starts,
        ends_at=starts + length if starts and length else None,
    ),
    st.dictionaries(
        st.sampled_from(list(Weekday)),
        st.sampled_from([(("08:00", "21:00"),), (("22:00", "02:00"),), (("09:00", "12:00"),)]),
    ),
    st.none() | moments,
    st.none() | st.integers(1, 5000).map(lambda minutes: timedelta(minutes=minutes)),
)


@st.composite
def facts(draw: st.DrawFn) -> ResumeFacts:
    now = draw(moments)
    ago = st.integers(0, 10_000).map(lambda s: now - timedelta(seconds=s))
    return ResumeFacts(
        now=now,
        paused_at=draw(ago),
        settings=draw(campaigns),
        zones=draw(st.lists(st.sampled_from(ZONES), max_size=3)),
        trunks=[TrunkSeen(name, draw(st.none() | ago)) for name in ("a", "b")],
    )


@settings(deadline=None, max_examples=400)
@given(all_terms.filter(lambda terms: terms.by_itself), facts())
def test_it_resumes_only_in_time_and_where_dates_hours_and_trunks_allow(
    asked: Terms, known: ResumeFacts
) -> None:
    verdict = judge(asked, known)
    assert verdict.sentence
    if verdict.at is not None and not verdict.resumes:
        assert verdict.at > known.now  # else the screen would count below nought
    if not verdict.resumes:
        return
    assert asked.until is None or asked.until <= known.now
    starts, ends = known.settings.starts_at, known.settings.ends_at
    assert starts is None or starts <= known.now
    assert ends is None or known.now < ends
    if known.zones:
        assert any(is_open(known.settings.hours, zone, known.now) for zone in known.zones)
    for each in asked.when:
        if isinstance(each, TrunkReachable):
            since = [t.reachable_since for t in known.trunks if each.trunk in (None, t.name)]
            waited = [known.now - at for at in since if at is not None]
            assert max(waited) >= timedelta(seconds=each.for_s)


@settings(deadline=None, max_examples=200)
@given(all_terms.filter(lambda terms: terms.by_itself), facts())
def test_the_moment_that_it_tells_is_the_moment_at_which_it_resumes(
    asked: Terms, known: ResumeFacts
) -> None:
    at = judge(asked, known).at
    if at is None:
        return
    then = ResumeFacts(at, known.paused_at, known.settings, known.zones, known.trunks)
    assert judge(asked, then).resumes


@settings(deadline=None, max_examples=300)
@given(all_terms, all_terms, facts())
def test_two_pauses_never_end_before_either_would(
    first: Terms, second: Terms, known: ResumeFacts
) -> None:
    both = longer(first, second)
    assert both.by_itself == (first.by_itself and second.by_itself)
    if both.by_itself and judge(both, known).resumes:
        assert judge(first, known).resumes
        assert judge(second, known).resumes
