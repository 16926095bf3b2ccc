"""The judge is judged: evidence of a kept promise passes, and each way of breaking it is found."""

from __future__ import annotations

import time
from dataclasses import replace
from types import SimpleNamespace

import pytest
from tests.faults import rest
from tests.faults.figures import Figures
from tests.faults.judge import (
    Attempt,
    CampaignAtRest,
    Confirmed,
    Forbidden,
    Invite,
    PartSilence,
    ReceiptDigests,
    ResumeAsked,
    SeenRunning,
    judge_digests,
    judge_forbidden,
    judge_once,
    judge_parts,
    judge_rest,
    judge_silence,
    judge_tries,
    judge_worked,
    silences,
)
from tests.faults.rounds import Seen
from tests.faults.run import Run, Running

# Paused at 10, resumed at 20, terminated at 30; called until just before, and in between.
CONFIRMED = [
    Confirmed(10.0, 1, receipt=1, epoch=3),
    Confirmed(30.0, 1, receipt=2, epoch=6, final=True),
]
RESUMES = [ResumeAsked(20.0, 1, answered=20.1)]
RUNNING = [SeenRunning(20.02, 1, epoch=5)]
INVITES = [
    Invite(9.99, 1, "+12125550100", "a"),
    Invite(20.2, 1, "+12125550101", "b"),
    Invite(20.7, 1, "+12125550101", "b", again=True),
    Invite(29.9, 1, "+12125550100", "c"),
]
ATTEMPTS = [
    Attempt("1", 1, 7, "+12125550100", "ended", "cancelled", False, "a"),
    Attempt("2", 1, 8, "+12125550101", "ended", "unknown", True, None),
    Attempt("3", 1, 7, "+12125550100", "ended", "answered", True, "c"),
]
AT_REST = CampaignAtRest(
    1, "paused", 10, {"due": 3, "waiting": 1, "done": 6}, {"due": 3, "waiting": 1, "done": 6}, 0, 0
)


def _late(*more: Invite) -> list[str]:
    when = silences(CONFIRMED, RESUMES, RUNNING)
    return [one.text for one in judge_silence([*INVITES, *more], when)]


def test_a_kept_promise_is_found_kept() -> None:
    assert _late() == []
    assert judge_once(INVITES, ATTEMPTS) == []
    assert judge_tries(ATTEMPTS) == []
    assert judge_rest([AT_REST], ATTEMPTS) == []
    assert judge_forbidden(INVITES, [Forbidden(29.0, "+12125550100")]) == []


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("at", [10.001, 15.0, 19.999, 30.001, 4000.0])
def test_an_invite_in_a_silence_is_found_also_a_retransmission(at: float, again: bool) -> None:
    (found,) = _late(Invite(at, 1, "+12125550199", "x", again=again))
    assert "after receipt" in found


def test_another_campaigns_silence_is_its_own() -> None:
    assert _late(Invite(15.0, 2, "+12125550199", "x")) == []


def test_a_silence_counts_from_when_it_was_first_seen_by_anybody() -> None:
    sooner = Confirmed(9.0, 1, receipt=1, epoch=3)
    when = silences([*CONFIRMED, sooner], RESUMES, RUNNING)
    assert len(judge_silence(INVITES, when)) == 1


def test_a_resume_whose_answer_never_came_ends_the_silence_that_follows_when_it_is_seen() -> None:
    """It may be carried out at any time: the witness at the database says when it was not yet."""
    lost = ResumeAsked(9.5, 1, answered=None)
    seen = SeenRunning(14.0, 1, epoch=4)
    (silence, _) = silences(CONFIRMED, [lost, *RESUMES], [seen, *RUNNING])
    assert (silence.begin, silence.end) == (10.0, 14.0)
    assert len(judge_silence([Invite(13.9, 1, "+1", "x")], [silence])) == 1
    assert judge_silence([Invite(14.1, 1, "+1", "x")], [silence]) == []


def test_a_lost_resume_that_was_never_carried_out_ends_nothing() -> None:
    lost = ResumeAsked(9.5, 1, answered=None)
    (silence, _) = silences(CONFIRMED, [lost, *RESUMES], RUNNING)
    assert silence.end == 20.0


@pytest.mark.parametrize(
    "part",
    [
        PartSilence(1, "list", 20.5, 25.0, phones=frozenset(["+12125550101"])),
        PartSilence(1, "calling number", 20.5, 25.0, calling_number="+14155551001"),
    ],
)
def test_an_invite_of_a_silent_part_is_found_and_none_of_the_rest(part: PartSilence) -> None:
    of_it = Invite(20.7, 1, "+12125550101", "b", again=True, calling_number="+14155551001")
    assert len(judge_parts([of_it], [part])) == 1
    assert judge_parts([replace(of_it, at=20.4), replace(of_it, at=25.1)], [part]) == []
    rest = Invite(21.0, 1, "+12125550199", "c", calling_number="+14155561001")
    assert judge_parts([rest, replace(of_it, campaign=2)], [part]) == []


def test_a_call_that_the_journal_does_not_know_is_found() -> None:
    stranger = Invite(21.0, 1, "+12125550142", "x")
    assert {one.rule for one in judge_once([*INVITES, stranger], ATTEMPTS)} == {"journal", "once"}


def test_an_attempt_with_two_calls_is_found() -> None:
    twice = Invite(25.0, 1, "+12125550101", "b2")
    assert {one.rule for one in judge_once([*INVITES, twice], ATTEMPTS)} == {"journal", "once"}


def test_one_call_that_two_attempts_claim_is_found() -> None:
    doubled = replace(ATTEMPTS[1], call_id="c")
    assert "once" in {one.rule for one in judge_once(INVITES, [*ATTEMPTS, doubled])}


def test_a_lead_that_is_tried_again_though_its_try_counted_is_found() -> None:
    again = Attempt("4", 1, 8, "+12125550101", "ended", "busy", True, "d")
    assert [one.rule for one in judge_tries([*ATTEMPTS, again])] == ["caps"]


def test_a_cancelled_attempt_that_counts_is_found() -> None:
    assert judge_tries([replace(ATTEMPTS[0], counted=True)])


@pytest.mark.parametrize(
    "broken",
    [
        replace(AT_REST, leads={"due": 3, "done": 6}, tally={"due": 3, "done": 6}),  # one lost
        replace(AT_REST, leads={"due": 4, "done": 7}, tally={"due": 4, "done": 7}),  # one too many
        replace(AT_REST, leads={"due": 3, "claimed": 1, "done": 6}),
        replace(AT_REST, leads={"due": 4, "held": 6}, tally={"due": 4, "held": 6}),
        replace(AT_REST, leads={"due": 3, "in_progress": 1, "done": 6}),
        replace(AT_REST, tally={"due": 2, "waiting": 1, "done": 7}),
        replace(AT_REST, state="pausing"),
        replace(AT_REST, state="running"),
        replace(AT_REST, state="completed"),
        replace(AT_REST, open_receipts=1),
        replace(AT_REST, leases=1),
    ],
)
def test_whatever_does_not_come_to_rest_is_found(broken: CampaignAtRest) -> None:
    assert judge_rest([broken], [])


def test_an_attempt_that_never_ends_is_found() -> None:
    assert judge_rest([], [replace(ATTEMPTS[0], state="in_progress")])


def test_somebody_on_the_list_who_was_never_tried_is_found_once_the_campaign_has_completed() -> (
    None
):
    phones = ["+12125550100", "+12125550101", "+12125550102"]
    assert judge_worked(1, phones, ATTEMPTS, forbidden=["+12125550102"]) == []
    assert judge_worked(1, phones, ATTEMPTS, forbidden=[])


def test_a_call_to_a_number_that_was_forbidden_is_found_but_not_its_retransmission() -> None:
    forbidden = [Forbidden(25.0, "+12125550101")]
    call = Invite(27.0, 1, "+12125550101", "x")
    assert judge_forbidden([call], forbidden)
    assert judge_forbidden([replace(call, again=True)], forbidden) == []


@pytest.mark.parametrize("change", [{"after": "x"}, {"after": None}, {"before": "x"}])
def test_a_receipt_that_tells_of_other_settings_is_found(change: dict[str, str | None]) -> None:
    receipt = ReceiptDigests(1, 1, before="d", after="d", made_with="d")
    assert judge_digests([receipt]) == []
    assert judge_digests([replace(receipt, **change)])  # type: ignore[arg-type]


def test_at_the_end_of_a_run_every_rule_is_asked_once_more_of_all_campaigns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One campaign that ended rounds ago, and of which each rule is broken since."""
    leads = {"due": 1, "done": 2}
    at_rest = CampaignAtRest(1, "completed", 3, leads, leads, open_receipts=1, leases=0)
    tried = Attempt("4", 1, 8, "+12125550101", "ended", "busy", True, "d")
    claims = Attempt("5", 1, 7, "+12125550100", "ended", "answered", True, "c")
    attempts = [*ATTEMPTS, tried, claims]
    broken = ReceiptDigests(1, 1, before="d", after="x", made_with="d")
    monkeypatch.setattr(rest, "campaigns", lambda _url, _on_list: [at_rest])
    monkeypatch.setattr(rest, "attempts", lambda _url, _ids: attempts)
    monkeypatch.setattr(rest, "digests", lambda _url, _made_with: [broken])
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    run = Run.__new__(Run)  # what is looked at, without its world
    run.figures = Figures(seed=1, nodes=1, cps=1.0)
    phones = ("+12125550100", "+12125550101", "+12125550102")
    one = Running(1, "c1", ("+14155551001",), {"c1": phones}, "d", started=True, ended=True)
    late = Invite(15.0, 1, "+12125550101", "x")
    stranger = Invite(9.0, 0, "+12125550101", "y")
    witness = {
        "_campaigns": [one],
        "_wire": SimpleNamespace(invites=[*INVITES, late, stranger], read=list),
        "_database": SimpleNamespace(confirmed={}, running=RUNNING, by={}, parts={}),
        "_seen": Seen(CONFIRMED, RESUMES, [Forbidden(5.0, "+12125550101")]),
        "_world": SimpleNamespace(nodes=[], pair=SimpleNamespace(primary=SimpleNamespace(url=""))),
        "_told": set(),
        "_began": 0.0,
    }
    for name, value in witness.items():
        setattr(run, name, value)
    run._judge_all()
    told = {(violation.rule, violation.campaign) for violation in run.figures.violations}
    assert told == {
        *((rule, 1) for rule in ("silence", "once", "journal", "caps", "leads", "receipts")),
        *((rule, 1) for rule in ("do-not-call", "settings")),
        ("journal", 0),
    }
    assert any("never tried" in violation.text for violation in run.figures.violations)
