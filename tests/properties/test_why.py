"""The sentence is there exactly when nothing can be dialled, and always reads as one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from caesura.rules.activity_hours import ActivityHours, is_open
from caesura.rules.campaign import CampaignSettings, FixedPacing
from caesura.rules.why import Facts, TrunkFacts, why_idle

START = datetime(2026, 11, 23, tzinfo=UTC)
moments = st.integers(0, 7 * 86400).map(lambda s: START + timedelta(seconds=s))
zones = st.sampled_from(
    ["America/Chicago", "America/New_York|America/Los_Angeles", "Asia/Kolkata", "UTC"]
)
tallies = st.dictionaries(zones, st.integers(0, 2000))
trunks = st.builds(
    TrunkFacts,
    name=st.sampled_from(["carrier-a", "carrier-b"]),
    reachable=st.booleans(),
    in_use=st.integers(0, 3),
    channels=st.none() | st.integers(1, 3),
)


@st.composite
def all_facts(draw: st.DrawFn) -> Facts:
    campaign = CampaignSettings(
        pacing=FixedPacing(concurrency=draw(st.integers(1, 3))),
        hours=draw(st.sampled_from([ActivityHours(), ActivityHours(always=True)])),
        starts_at=draw(st.none() | moments),
    )
    waiting = draw(tallies)
    return Facts(
        now=draw(moments),
        settings=campaign,
        due=draw(tallies),
        waiting=waiting,
        in_flight=draw(st.integers(0, 3)),
        next_due_at=draw(moments) if sum(waiting.values()) else None,
        cells=draw(st.integers(0, 2)),
        trunks=tuple(draw(st.lists(trunks, max_size=2))),
    )


def could_dial(facts: Facts) -> bool:
    """Whether a lead, a cell, a trunk and a channel are there at once."""
    started = facts.settings.starts_at is None or facts.now >= facts.settings.starts_at
    channel = any(
        t.reachable and (t.channels is None or t.in_use < t.channels) for t in facts.trunks
    )
    lead = any(n and is_open(facts.settings.hours, z, facts.now) for z, n in facts.due.items())
    return started and channel and lead and facts.cells > 0


@settings(deadline=None, max_examples=400)
@given(all_facts())
def test_a_campaign_that_could_dial_gets_no_sentence_and_one_that_cannot_gets_one(
    facts: Facts,
) -> None:
    why = why_idle(facts)
    started = facts.settings.starts_at is None or facts.now >= facts.settings.starts_at
    full = facts.in_flight >= facts.settings.pacing.concurrency
    retry_now = facts.next_due_at is not None and facts.next_due_at <= facts.now
    if could_dial(facts) or (started and full):
        assert why is None
    elif not retry_now:
        assert why is not None


@settings(deadline=None, max_examples=300)
@given(all_facts())
def test_it_is_one_sentence(facts: Facts) -> None:
    why = why_idle(facts)
    if why is None:
        return
    assert why.sentence[0].isupper() or why.sentence[0].isdigit()
    assert why.sentence.endswith(".")
    assert ". " not in why.sentence
    assert (why.at is None) == (why.zone is None)
    for number in why.numbers.values():
        assert number >= 0
