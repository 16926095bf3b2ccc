"""The figures, and that nothing is not zero."""

from __future__ import annotations

import pytest

from caesura.rules.report import (
    Counts,
    answer_rate,
    answered,
    average_duration_s,
    in_progress,
    progress,
    received,
)

REFERENCE = Counts(
    launched=3000, received=2993, answered=1018, talks_ended=1018, talk_ms=1018 * 23_000
)


def test_the_reference_campaign_reads_as_its_manager_reads_it() -> None:
    assert received(REFERENCE) == 2993
    assert answered(REFERENCE) == 1018
    assert average_duration_s(REFERENCE) == 23.0
    assert answer_rate(REFERENCE) == pytest.approx(0.340, abs=0.0005)


def test_calls_that_go_on_are_not_in_the_average() -> None:
    counts = Counts(launched=2, received=2, answered=2, talks_ended=1, talk_ms=1500)
    assert average_duration_s(counts) == 1.5


def test_a_figure_of_nothing_is_none() -> None:
    assert average_duration_s(Counts(received=5)) is None
    assert answer_rate(Counts(launched=5)) is None
    assert progress({}) is None
    assert progress({"due": 0}) is None


def test_nobody_answering_is_a_rate_of_zero() -> None:
    assert answer_rate(Counts(received=5)) == 0


def test_progress_counts_leads_that_are_finished_and_no_others() -> None:
    leads = {"due": 10, "waiting": 20, "claimed": 5, "in_progress": 5, "done": 50, "excluded": 10}
    assert progress(leads) == 0.6
    assert progress({"waiting": 3}) == 0
    assert progress({"done": 2, "excluded": 1}) == 1


def test_in_progress_counts_open_attempts() -> None:
    assert in_progress({"in_progress": 7, "claimed": 4}) == 7
    assert in_progress({}) == 0
