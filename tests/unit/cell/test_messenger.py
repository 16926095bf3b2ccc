"""What a provider's refusal comes to, on its way from the messenger to the journal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import pytest

from caesura.cell.held import Held
from caesura.cell.journal import Journal
from caesura.cell.messenger import Messenger
from caesura.messages.port import Fault, Rejected
from caesura.rules.campaign import CampaignSettings
from caesura.rules.claim import ClaimedLead, Tally
from caesura.rules.command import StoreEnd
from caesura.rules.moment import Moment
from caesura.rules.next_try import LeadState, NextTry
from caesura.rules.runner import Runner

SETTINGS = CampaignSettings.model_validate(
    {
        "channel": "sms",
        "hours": {"always": True},
        "retries": {"failed": {"max": 1, "after_s": 900}},
        "text": {"template": "Hi", "senders": ["+13125550000"], "providers": ["p"]},
    }
)
NOW = Moment(datetime(2026, 11, 25, 18, tzinfo=UTC), 100.0)
ATTEMPT = UUID(int=7)


def sending(tries: dict[str, int]) -> Held:
    """A campaign with one message handed over."""
    runner = Runner(1, SETTINGS)
    runner.gate_opened(2, NOW)
    lead = ClaimedLead(5, ("+14155550101",), ("America/Los_Angeles",), 1, 0, tries)
    runner.claimed([lead], {}, NOW)
    runner.tick(NOW, 10, Tally())
    runner.journalled([runner.launch(ATTEMPT, lead)], [lead], 2)
    return Held(1, runner, 1)


def refused(held: Held, fault: Fault, *, permanent: bool = True) -> NextTry:
    messenger = Messenger(Journal(cast(Any, None)))
    word = Rejected(
        attempt=ATTEMPT,
        provider="p",
        at=NOW.wall.timestamp(),
        permanent=permanent,
        fault=fault,
        code="HTTP 401/20003",
        reason="The password is wrong.",
    )
    (told,) = messenger.heard_of(held, word)
    assert isinstance(told, StoreEnd)
    return told.end.after


@pytest.mark.parametrize("permanent", [True, False])
def test_wrong_credentials_and_overloads_use_up_no_lead_however_often(permanent: bool) -> None:
    after = refused(sending({"failed": 9, "congestion": 9}), "provider", permanent=permanent)
    assert (after.state, after.counted, after.attempts) == (LeadState.WAITING, False, 0)
    assert after.tries == {"failed": 9, "congestion": 9}


def test_a_text_that_is_refused_is_tried_again_as_often_as_set() -> None:
    again = refused(sending({}), "message")
    assert (again.state, again.tries["failed"]) == (LeadState.WAITING, 1)
    assert refused(sending({"failed": 1}), "message").state is LeadState.DONE


def test_a_recipient_that_cannot_be_reached_ends_its_lead() -> None:
    assert refused(sending({}), "recipient").state is LeadState.DONE


def test_so_many_refusals_in_a_row_pause_unless_they_are_about_recipients() -> None:
    messenger, paused = Messenger(Journal(cast(Any, None))), list[str]()
    messenger.on_refusals = lambda held, why: paused.append(why)
    faults = cast(list[Fault], ["recipient"] * 20 + ["provider"] * 10)
    for fault in faults:
        held = sending({})
        word = Rejected(
            attempt=ATTEMPT,
            provider="p",
            at=0.0,
            permanent=True,
            fault=fault,
            code="E1",
            reason="No.",
        )
        messenger.heard_of(held, word)
    (why,) = paused
    assert why.startswith("10 messages in a row were refused by p: No. (E1)")
