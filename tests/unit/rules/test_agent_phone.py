"""What may be an agent's own telephone, and how a leg to it that has ended stands."""

from __future__ import annotations

import pytest

from caesura.rules.agent_phone import AgentPhone, PhoneState, address_of, ended_as
from caesura.rules.outcome import Outcome
from caesura.rules.phone_number import BadValue


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("+49 30 123456", "+4930123456"),
        (" sip:ines@10.0.0.5 ", "sip:ines@10.0.0.5"),
        ("SIP:ines.k@pbx.example.com:5080", "sip:ines.k@pbx.example.com:5080"),
        ("sip:+14155550111@pbx", "sip:+14155550111@pbx"),
    ],
)
def test_a_number_and_a_sip_address_are_kept_in_one_form(said: str, meant: str) -> None:
    assert address_of(said) == meant
    assert address_of(meant) == meant


@pytest.mark.parametrize(
    "said",
    [
        "",
        "ines",
        "110",
        "ines@10.0.0.5",
        "sips:ines@10.0.0.5",
        "sip:10.0.0.5",
        "sip:@10.0.0.5",
        "sip:ines@",
        "sip:ines@10.0.0.999",
        "sip:ines@[::1]",
        "sip:ines@pbx:0",
        "sip:ines@pbx:99999",
        "sip:ines@pbx;transport=tcp",
        "sip:ines k@pbx",
        "sip:ines@pbx\r\nVia: x",
        "sip:i\r\nX: y@pbx",
        "sip:ines@pbx>",
    ],
)
def test_what_could_not_be_called_is_refused_with_the_reason(said: str) -> None:
    with pytest.raises(BadValue) as refused:
        address_of(said)
    assert refused.value.reason


def test_of_a_sip_address_user_host_and_port_are_known_of_a_number_only_itself() -> None:
    sip = AgentPhone("sip:ines@pbx:5080", "office")
    assert (sip.user, sip.host, sip.port) == ("ines", "pbx", 5080)
    assert AgentPhone("sip:ines@pbx", "office").port is None
    number = AgentPhone("+4930123456", "office", "+4930123450")
    assert (number.user, number.host, number.port) == ("+4930123456", None, None)


def test_how_a_leg_ended_is_told_apart_as_far_as_the_agent_can_do_something_about_it() -> None:
    assert ended_as(Outcome.ANSWERED) is PhoneState.HUNG_UP
    assert ended_as(Outcome.DECLINED) is ended_as(Outcome.BUSY) is PhoneState.BUSY
    assert ended_as(Outcome.NO_ANSWER) is PhoneState.NOT_ANSWERED
    for other in (Outcome.INVALID_NUMBER, Outcome.CONGESTION, Outcome.FAILED, Outcome.CANCELLED):
        assert ended_as(other) is PhoneState.UNREACHABLE
