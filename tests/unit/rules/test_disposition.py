"""What an agent says of a conversation decides what becomes of the lead."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from caesura.errors import Invalid
from caesura.rules.agent_settings import AgentSettings, Disposition, Meaning, Notes
from caesura.rules.campaign import CampaignSettings, Caps
from caesura.rules.disposition import Chosen, disposed
from caesura.rules.next_try import LeadFacts, LeadState

NOW = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
LEAD = LeadFacts(1, ("America/Chicago",), 2, {"no_answer": 2, "number:1": 2})
SETTINGS = CampaignSettings(
    agents=AgentSettings(
        dispositions=[
            Disposition(name="Sale", notes=Notes.REQUIRED),
            Disposition(name="Later", meaning=Meaning.CALLBACK),
            Disposition(name="Voicemail", meaning=Meaning.TRY_AGAIN, again_max=1),
            Disposition(name="Never", meaning=Meaning.DO_NOT_CALL),
        ]
    )
)


def said(name: str, lead: LeadFacts = LEAD, settings: CampaignSettings = SETTINGS, **more: object):  # type: ignore[no-untyped-def]
    return disposed(lead, Chosen(name, **more), 7, settings, NOW)  # type: ignore[arg-type]


def test_a_sale_is_done_and_needs_its_notes() -> None:
    assert said("Sale", notes=" two chairs ").after.state is LeadState.DONE
    assert said("Sale", notes=" two chairs ").notes == "two chairs"
    with pytest.raises(Invalid, match="needs notes"):
        said("Sale")


def test_a_callback_is_due_at_its_time_for_anybody_or_for_me() -> None:
    at = NOW + timedelta(days=2)
    for_all, mine = said("Later", callback_at=at), said("Later", callback_at=at, for_me=True)
    assert (for_all.after.state, for_all.after.due_at) == (LeadState.WAITING, at)
    assert for_all.callback is not None and for_all.callback.agent is None
    assert mine.callback is not None and mine.callback.agent == 7
    assert mine.after.attempts == 3  # the conversation counts


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({}, "when to call back"),
        ({"callback_at": NOW.replace(tzinfo=None)}, "name its zone"),
        ({"callback_at": NOW}, "in the future"),
        ({"callback_at": NOW + timedelta(days=31)}, "30 days"),
    ],
)
def test_a_callback_names_a_time_that_can_be_kept(more: dict[str, object], says: str) -> None:
    with pytest.raises(Invalid, match=says) as error:
        said("Later", **more)
    assert error.value.data["field"] == "callback_at"


def test_a_callback_that_the_caps_would_refuse_is_not_promised() -> None:
    capped = SETTINGS.model_copy(update={"caps": Caps(per_lead=3)})
    with pytest.raises(Invalid, match="nobody would call back"):
        said("Later", settings=capped, callback_at=NOW + timedelta(days=1))


def test_a_callback_after_the_campaigns_end_is_not_promised() -> None:
    ending = SETTINGS.model_copy(update={"ends_at": NOW + timedelta(hours=1)})
    with pytest.raises(Invalid, match="ends at"):
        said("Later", settings=ending, callback_at=NOW + timedelta(days=1))


def test_who_was_not_reached_is_tried_again_as_often_as_it_says() -> None:
    first = said("Voicemail").after
    assert (first.state, first.due_at) == (LeadState.WAITING, NOW + timedelta(hours=4))
    again = LeadFacts(1, LEAD.zones, first.attempts, first.tries)
    assert said("Voicemail", again).after.state is LeadState.DONE


def test_trying_again_ends_with_the_caps() -> None:
    capped = SETTINGS.model_copy(update={"caps": Caps(per_lead=3)})
    assert said("Voicemail", settings=capped).after.state is LeadState.DONE


def test_do_not_call_is_done_for_good() -> None:
    never = said("Never")
    assert (never.meaning, never.after.state) == (Meaning.DO_NOT_CALL, LeadState.DONE)


def test_only_a_callback_has_a_time_and_only_known_names_are_taken() -> None:
    with pytest.raises(Invalid, match="is no callback"):
        said("Never", callback_at=NOW + timedelta(days=1))
    with pytest.raises(Invalid, match="'Sale', 'Later'"):
        said("sale")


@pytest.mark.parametrize(
    ("wrong", "at"),
    [
        ({"dispositions": [{"name": "A"}, {"name": "A"}]}, "dispositions"),
        ({"dispositions": []}, "dispositions"),
        ({"script": "Hello {{ first_name"}, "script"),
        ({"wrap_up": {"seconds": -1}}, "seconds"),
        ({"wrap_up": {"extension_s": 9999}}, "extension_s"),
        ({"callbacks": {"days_max": 0}}, "days_max"),
        ({"callbacks": {"countdown_s": 1}}, "countdown_s"),
        ({"device_grace_s": 5}, "device_grace_s"),
        ({"abandoned_recording": ""}, "abandoned_recording"),
        ({"opt_out_key": "12"}, "opt_out_key"),
        ({"skills": [""]}, "skills"),
        ({"wrapup": {}}, "wrapup"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(wrong: dict[str, object], at: str) -> None:
    with pytest.raises(ValidationError, match=at):
        CampaignSettings.model_validate({"agents": wrong})
