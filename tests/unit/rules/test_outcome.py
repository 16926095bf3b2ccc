"""What the network's words mean: the table of causes."""

from __future__ import annotations

import pytest

from caesura.rules.outcome import CAUSES, Outcome, cause_of, from_sip

O = Outcome  # noqa: E741


@pytest.mark.parametrize(
    ("status", "outcome", "received"),
    [
        (486, O.BUSY, True),
        (600, O.BUSY, True),
        (603, O.DECLINED, True),
        (607, O.DECLINED, True),
        (608, O.DECLINED, False),
        (404, O.INVALID_NUMBER, False),
        (604, O.INVALID_NUMBER, False),
        (410, O.INVALID_NUMBER, False),
        (484, O.INVALID_NUMBER, False),
        (485, O.INVALID_NUMBER, False),
        (480, O.NO_ANSWER, False),
        (408, O.FAILED, False),
        (487, O.FAILED, False),
        (503, O.CONGESTION, False),
        (500, O.FAILED, False),
        (502, O.FAILED, False),
        (504, O.FAILED, False),
        (403, O.FAILED, False),
        (401, O.FAILED, False),
        (407, O.FAILED, False),
        (488, O.FAILED, False),
        (606, O.FAILED, False),
        (302, O.FAILED, False),
        (None, O.FAILED, False),
    ],
)
def test_a_status_without_ringing(status: int | None, outcome: Outcome, received: bool) -> None:
    assert from_sip(sip_status=status, by="network", rang=False) == (outcome, received)


@pytest.mark.parametrize(
    ("status", "outcome", "received"),
    [
        (480, O.NO_ANSWER, True),
        (408, O.NO_ANSWER, True),
        (487, O.NO_ANSWER, True),
        (486, O.BUSY, True),
        (500, O.FAILED, True),
        (404, O.INVALID_NUMBER, False),  # what "rang" was an announcement
        (503, O.CONGESTION, False),
    ],
)
def test_a_status_after_ringing(status: int, outcome: Outcome, received: bool) -> None:
    assert from_sip(sip_status=status, by="network", rang=True) == (outcome, received)


@pytest.mark.parametrize(
    ("cause", "status", "outcome", "received"),
    [
        (17, 503, O.BUSY, True),
        (21, 603, O.DECLINED, True),
        (21, 480, O.DECLINED, True),
        (21, 403, O.FAILED, False),
        (1, 503, O.INVALID_NUMBER, False),
        (22, 480, O.INVALID_NUMBER, False),
        (28, 503, O.INVALID_NUMBER, False),
        (34, 480, O.CONGESTION, False),
        (42, 500, O.CONGESTION, False),
        (44, 480, O.CONGESTION, False),
        (47, 480, O.CONGESTION, False),
        (3, 404, O.FAILED, False),
        (38, 503, O.FAILED, False),
        (41, 503, O.FAILED, False),
        (19, 480, O.NO_ANSWER, True),
        (18, 408, O.NO_ANSWER, False),
        (20, 480, O.NO_ANSWER, False),
        (16, 486, O.BUSY, True),  # 16 says nothing
        (31, 503, O.CONGESTION, False),  # nor does 31
    ],
)
def test_an_isdn_cause_says_more_than_the_status_made_of_it(
    cause: int, status: int, outcome: Outcome, received: bool
) -> None:
    result = from_sip(sip_status=status, q850_cause=cause, by="network", rang=False)
    assert result == (outcome, received)


@pytest.mark.parametrize("rang", [True, False])
@pytest.mark.parametrize("status", [487, 408, 480, 500, None])
def test_our_cancel_makes_it_cancelled(status: int | None, rang: bool) -> None:
    assert from_sip(sip_status=status, by="us", rang=rang) == (Outcome.CANCELLED, rang)


@pytest.mark.parametrize("rang", [True, False])
@pytest.mark.parametrize("status", [487, 408, 480, None])
def test_our_ring_timeout_makes_it_no_answer(status: int | None, rang: bool) -> None:
    assert from_sip(sip_status=status, by="ring_timeout", rang=rang) == (O.NO_ANSWER, rang)


@pytest.mark.parametrize("by", ["us", "ring_timeout"])
@pytest.mark.parametrize(
    ("status", "outcome"), [(486, O.BUSY), (603, O.DECLINED), (404, O.INVALID_NUMBER)]
)
def test_a_callees_word_that_crossed_our_cancel_stands(
    by: str, status: int, outcome: Outcome
) -> None:
    assert from_sip(sip_status=status, by=by, rang=True)[0] is outcome


@pytest.mark.parametrize("by", ["callee", "us", "network"])
def test_an_answer_is_an_answer_whoever_ends_it(by: str) -> None:
    assert from_sip(sip_status=200, by=by, rang=False, answered=True) == (O.ANSWERED, True)


def test_an_answer_that_crossed_our_cancel_is_abandoned_and_received() -> None:
    result = from_sip(sip_status=200, by="us", rang=True, answered_while_cancelled=True)
    assert result == (Outcome.ABANDONED, True)


def test_every_row_cites_its_source_and_can_be_reached() -> None:
    reached = {
        cause_of(sip_status=status, q850_cause=cause, by=by, rang=rang).source
        for status in (None, 302, *range(400, 610))
        for cause in (None, *range(1, 128))
        for by in ("network", "us", "ring_timeout")
        for rang in (True, False)
    }
    assert {row.source for row in CAUSES} == reached
    assert all("RFC" in source or "Q.850" in source or "CANCEL" in source for source in reached)
