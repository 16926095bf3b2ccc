"""Calls through a real line process to SIPp: every way in which an attempt can go and end."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable
from typing import Any

import pytest

from caesura.voice.port import Answered, Cancel, Ended, HangUp, Launched, NotLaunched, Ringing

from .conftest import Cell, Sipp, Wire, header, trunk

StartSipp = Callable[..., Sipp]


async def test_a_call_is_launched_rings_is_answered_and_hung_up_by_us(
    cell: Cell, sipp: StartSipp
) -> None:
    callee = sipp("uas")
    cell.configure(trunk(callee.port))
    cell.open_gate()
    attempt = cell.dial()
    launched = await cell.next(Launched, attempt)
    assert launched.trunk == "carrier"
    ringing = await cell.next(Ringing, attempt)
    assert not ringing.early_media
    answered = await cell.next(Answered, attempt)
    assert (answered.rtp_host, answered.codec) == ("127.0.0.1", "PCMU")
    cell.send(HangUp(attempt=attempt))
    ended = await cell.next(Ended, attempt)
    assert (ended.by, ended.sip_status, ended.answered_while_cancelled) == ("us", 200, False)
    assert launched.at <= ringing.at <= answered.at <= ended.at
    await callee.passed()
    assert cell.about(attempt) == ["Launched", "Ringing", "Answered", "Ended"]


async def test_the_invite_says_who_calls_whom_and_offers_g711_and_key_presses(
    cell: Cell, wire: Wire
) -> None:
    cell.configure(trunk(wire.port))
    cell.open_gate()
    cell.dial()
    invite = await wire.get("INVITE")
    assert invite.startswith(f"INVITE sip:+15552000001@127.0.0.1:{wire.port}")
    assert "sip:+15551000001@" in header(invite, "From")
    assert "sip:+15552000001@" in header(invite, "To")
    assert header(invite, "P-Asserted-Identity") == "<sip:+15551000001@127.0.0.1>"
    assert f"@127.0.0.1:{cell.sip_port}" in header(invite, "Contact")
    assert f"127.0.0.1:{cell.sip_port};" in header(invite, "Via")
    assert "c=IN IP4 127.0.0.1\r\n" in invite
    assert "m=audio 40000 RTP/AVP 0 8 101\r\n" in invite
    assert "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\n" in invite


async def test_the_callee_hangs_up_and_its_q850_cause_is_told(cell: Cell, sipp: StartSipp) -> None:
    callee = sipp("callee_hangs_up")
    cell.configure(trunk(callee.port))
    cell.open_gate()
    attempt = cell.dial()
    answered = await cell.next(Answered, attempt)
    assert (answered.codec, answered.rtp_port, answered.dtmf_payload_type) == ("PCMA", 41002, 96)
    ended = await cell.next(Ended, attempt)
    assert (ended.by, ended.sip_status, ended.q850_cause) == ("callee", 200, 16)
    await callee.passed()


@pytest.mark.parametrize(
    ("code", "phrase", "cause"),
    [
        ("486", "Busy Here", 17),
        ("404", "Not Found", 1),
        ("603", "Decline", 21),
        ("480", "Temporarily Unavailable", 18),
        ("302", "Moved Temporarily", 23),
    ],
)
async def test_a_refusal_ends_the_attempt_with_its_status_and_is_acknowledged(
    cell: Cell, sipp: StartSipp, code: str, phrase: str, cause: int
) -> None:
    callee = sipp("refuse", code=code, phrase=phrase, cause=f'Q.850;cause={cause};text="why"')
    cell.configure(trunk(callee.port))
    cell.open_gate()
    attempt = cell.dial()
    ended = await cell.next(Ended, attempt)
    assert (ended.by, ended.sip_status, ended.reason) == ("network", int(code), phrase)
    assert ended.q850_cause == cause
    await callee.passed()
    assert cell.about(attempt) == ["Launched", "Ended"]


async def test_the_ack_of_a_redirection_goes_where_the_invite_went(
    cell: Cell, wire: Wire, open_wire: Callable[..., Any]
) -> None:
    """RFC 3261 section 17.1.1.3, and not to the Contact, which is somebody else."""
    elsewhere: Wire = await open_wire()
    cell.configure(trunk(wire.port))
    cell.open_gate()
    attempt = cell.dial()
    invite = await wire.get("INVITE")
    wire.respond(invite, "302 Moved Temporarily", contact_port=elsewhere.port)
    assert (await cell.next(Ended, attempt)).sip_status == 302
    ack = await wire.get("ACK")
    assert ack.split(" ", 2)[1] == invite.split(" ", 2)[1]
    assert elsewhere.received == []


async def test_early_media_is_told_as_ringing_with_media(cell: Cell, sipp: StartSipp) -> None:
    callee = sipp("early_media")
    cell.configure(trunk(callee.port))
    cell.open_gate()
    attempt = cell.dial()
    assert (await cell.next(Ringing, attempt)).early_media
    await cell.next(Answered, attempt)
    cell.send(HangUp(attempt=attempt))
    await cell.next(Ended, attempt)
    await callee.passed()


async def test_a_ringing_call_is_cancelled(cell: Cell, sipp: StartSipp) -> None:
    callee = sipp("rings")
    cell.configure(trunk(callee.port))
    cell.open_gate()
    attempt = cell.dial()
    await cell.next(Ringing, attempt)
    cell.send(Cancel(attempt=attempt))
    ended = await cell.next(Ended, attempt)
    assert (ended.by, ended.sip_status, ended.answered_while_cancelled) == ("us", 487, False)
    await callee.passed()


async def test_a_call_that_rings_too_long_is_cancelled_by_the_line(
    cell: Cell, sipp: StartSipp
) -> None:
    callee = sipp("rings")
    cell.configure(trunk(callee.port))
    cell.open_gate()
    attempt = cell.dial(ring_timeout_s=0.3)
    ringing = await cell.next(Ringing, attempt)
    ended = await cell.next(Ended, attempt)
    assert (ended.by, ended.sip_status) == ("ring_timeout", 487)
    assert 0.29 <= ended.at - ringing.at < 1.0
    await callee.passed()


async def test_an_answer_that_races_our_cancel_is_acknowledged_hung_up_and_told(
    cell: Cell, sipp: StartSipp
) -> None:
    callee = sipp("race")
    cell.configure(trunk(callee.port))
    cell.open_gate()
    attempt = cell.dial()
    await cell.next(Ringing, attempt)
    cell.send(Cancel(attempt=attempt))
    ended = await cell.next(Ended, attempt)
    assert (ended.by, ended.sip_status, ended.answered_while_cancelled) == ("us", 200, True)
    await callee.passed()  # it has seen our ACK and our BYE
    assert cell.about(attempt) == ["Launched", "Ringing", "Ended"]


async def test_a_cancel_before_any_response_sends_nothing_more_and_ends_in_time(
    start_line: Callable[..., object], wire: Wire
) -> None:
    cell = await start_line("--cancel-wait-s", "1.2")  # type: ignore[misc]
    cell.configure(trunk(wire.port))
    cell.open_gate()
    attempt = cell.dial()
    await wire.get("INVITE")
    cell.send(Cancel(attempt=attempt))
    ended = await cell.next(Ended, attempt)
    assert (ended.by, ended.sip_status) == ("us", None)
    # RFC 3261 section 9.1: no CANCEL without a response; and no INVITE after our cancellation.
    assert (wire.count("INVITE"), wire.count("CANCEL")) == (1, 0)


async def test_a_late_first_response_to_a_cancelled_invite_is_met_with_cancel(
    cell: Cell, wire: Wire
) -> None:
    cell.configure(trunk(wire.port))
    cell.open_gate()
    attempt = cell.dial()
    invite = await wire.get("INVITE")
    cell.send(Cancel(attempt=attempt))
    await asyncio.sleep(0.1)
    wire.respond(invite, "180 Ringing")
    cancel = await wire.get("CANCEL")
    wire.respond(cancel, "200 OK")
    wire.respond(invite, "487 Request Terminated")
    ended = await cell.next(Ended, attempt)
    assert (ended.by, ended.sip_status) == ("us", 487)
    await wire.get("ACK")


async def test_a_challenge_that_crosses_our_cancel_does_not_call_again(
    cell: Cell, wire: Wire
) -> None:
    cell.configure(trunk(wire.port, username="acme", password="secret"))
    cell.open_gate()
    attempt = cell.dial()
    invite = await wire.get("INVITE")
    cell.send(Cancel(attempt=attempt))
    await asyncio.sleep(0.1)
    challenge = 'Proxy-Authenticate: Digest realm="carrier",nonce="abc"'
    wire.respond(invite, "407 Proxy Authentication Required", challenge)
    ended = await cell.next(Ended, attempt)
    assert (ended.by, ended.sip_status) == ("us", 407)
    await wire.get("ACK")
    assert wire.count("INVITE") == 1


async def test_credentials_are_given_when_asked_for(cell: Cell, sipp: StartSipp) -> None:
    callee = sipp("digest", user="acme", secret="s3cret")
    cell.configure(trunk(callee.port, username="acme", password="s3cret"))
    cell.open_gate()
    attempt = cell.dial()
    await cell.next(Answered, attempt)
    cell.send(HangUp(attempt=attempt))
    await cell.next(Ended, attempt)
    await callee.passed()
    assert cell.about(attempt) == ["Launched", "Answered", "Ended"]


async def test_a_proxys_challenge_is_answered_by_the_formula_of_rfc_2617(
    cell: Cell, wire: Wire
) -> None:
    """By hand, for SIPp checks no Proxy-Authorization."""
    cell.configure(trunk(wire.port, username="acme", password="s3cret"))
    cell.open_gate()
    attempt = cell.dial()
    challenge = 'Proxy-Authenticate: Digest realm="carrier", nonce="abc", qop="auth,auth-int"'
    invite = await wire.get("INVITE")
    wire.respond(invite, "407 Proxy Authentication Required", challenge)
    with_credentials = await wire.get("INVITE", 2)
    given = dict(re.findall(r'(\w+)="?([^",]*)', header(with_credentials, "Proxy-Authorization")))
    uri = with_credentials.split(" ", 2)[1]
    assert (given["username"], given["realm"], given["uri"]) == ("acme", "carrier", uri)
    ha1, ha2 = md5("acme:carrier:s3cret"), md5(f"INVITE:{uri}")
    expected = md5(f"{ha1}:abc:{given['nc']}:{given['cnonce']}:auth:{ha2}")
    assert given["response"] == expected
    kinds = [text.split(" ", 1)[0] for _, text in wire.received]
    assert kinds == ["INVITE", "ACK", "INVITE"]
    wire.respond(with_credentials, "486 Busy Here")
    assert (await cell.next(Ended, attempt)).sip_status == 486


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


async def test_wrong_credentials_end_the_attempt_with_the_refusal(
    cell: Cell, sipp: StartSipp
) -> None:
    callee = sipp("digest", user="acme", secret="s3cret")
    cell.configure(trunk(callee.port, username="acme", password="wrong"))
    cell.open_gate()
    attempt = cell.dial()
    ended = await cell.next(Ended, attempt)
    assert (ended.by, ended.sip_status) == ("network", 403)


async def test_a_callee_that_puts_us_on_hold_gets_our_side_of_the_session_again(
    cell: Cell, sipp: StartSipp
) -> None:
    callee = sipp("hold")
    cell.configure(trunk(callee.port))
    cell.open_gate()
    attempt = cell.dial()
    await cell.next(Answered, attempt)
    await asyncio.sleep(0.3)
    cell.send(HangUp(attempt=attempt))
    assert (await cell.next(Ended, attempt)).by == "us"
    await callee.passed()
    assert cell.about(attempt) == ["Launched", "Answered", "Ended"]


@pytest.mark.parametrize(
    ("sdp", "reason"),
    [
        ("", "the answer has no SDP"),
        ("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
         "m=audio 4000 RTP/AVP 9\r\n", "no common codec"),
        ("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
         "m=audio 0 RTP/AVP 0\r\n", "the callee refused the audio"),
        ("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n", "the answer has no audio"),
        ("nonsense", "the answer's SDP cannot be read"),
    ],
)  # fmt: skip
async def test_an_answer_without_audio_that_we_can_send_is_hung_up(
    cell: Cell, wire: Wire, sdp: str, reason: str
) -> None:
    cell.configure(trunk(wire.port))
    cell.open_gate()
    attempt = cell.dial()
    wire.answer(await wire.get("INVITE"), sdp)
    ended = await cell.next(Ended, attempt)
    assert (ended.by, ended.sip_status, ended.reason) == ("us", 200, reason)
    await wire.get("ACK")
    await wire.get("BYE")


async def test_hang_up_of_a_ringing_call_cancels_it_and_cancel_leaves_an_answered_one(
    cell: Cell, sipp: StartSipp
) -> None:
    ringing, answering = sipp("rings"), sipp("answers")
    cell.configure(trunk(ringing.port, "a"), trunk(answering.port, "b"))
    cell.open_gate()
    first, second = cell.dial("a"), cell.dial("b")
    await cell.next(Ringing, first)
    await cell.next(Answered, second)
    cell.send(HangUp(attempt=first))
    cell.send(Cancel(attempt=second))
    assert (await cell.next(Ended, first)).sip_status == 487
    await asyncio.sleep(0.2)
    assert cell.about(second)[-1] == "Answered"
    cell.send(HangUp(attempt=second))
    assert (await cell.next(Ended, second)).by == "us"


async def test_a_method_that_the_line_does_not_know_in_a_call_is_refused_and_the_call_goes_on(
    cell: Cell, wire: Wire
) -> None:
    cell.configure(trunk(wire.port))
    cell.open_gate()
    attempt = cell.dial()
    invite = await wire.get("INVITE")
    wire.answer(invite)
    await cell.next(Answered, attempt)
    wire.send(
        f"REFER sip:+15551000001@127.0.0.1 SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP 127.0.0.1:{wire.port};branch=z9hG4bKrefer\r\n"
        f"From: {header(invite, 'To')};tag=wire\r\nTo: {header(invite, 'From')}\r\n"
        f"Call-ID: {header(invite, 'Call-ID')}\r\nCSeq: 9 REFER\r\n"
        f"Refer-To: <sip:thief@127.0.0.1>\r\nContent-Length: 0\r\n\r\n"
    )
    assert "405" in (await wire.get("SIP/2.0")).split("\r\n", 1)[0]
    assert cell.about(attempt) == ["Launched", "Answered"]


async def test_what_is_no_sip_at_all_disturbs_nothing(cell: Cell, wire: Wire) -> None:
    cell.configure(trunk(wire.port))
    cell.open_gate()
    attempt = cell.dial()
    invite = await wire.get("INVITE")
    for junk in ("\x00" * 40, "INVITE sip:x SIP/2.0\r\n\r\n" + "x" * 40, "SIP/2.0 abc def\r\n" * 9):
        wire.send(junk)
    wire.respond(invite, "180 Ringing")
    await cell.next(Ringing, attempt)


async def test_no_trunk_at_all_is_not_launched(cell: Cell) -> None:
    cell.configure()
    cell.open_gate()
    assert (await cell.next(NotLaunched, cell.dial())).reason == "trunk_down"
