"""The log reads what it needs from any datagram, and tells repeats from new requests."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caesura.practice.event_log import EventLog, peek

INVITE = b"\r\n".join(
    [
        b"INVITE sip:+12125550150@127.0.0.1 SIP/2.0",
        b"Via: SIP/2.0/UDP 10.0.0.1:5060;rport;branch=z9hG4bK1",
        b"Via: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK2",
        b'From: "Spring; <renewal>" <sip:+14155550100@10.0.0.1>;tag=a',
        b"To: <sip:+12125550150;npdi@127.0.0.1:5070;user=phone>",
        b"Call-ID: one@10.0.0.1",
        b"CSeq: 1 INVITE",
        b"",
        b"To: this is a body",
    ]
)


def test_it_reads_the_topmost_via_and_the_user_parts() -> None:
    seen = peek(INVITE.replace(b'"Spring; <renewal>" ', b"Spring "))
    assert seen == {
        "event": "invite",
        "call_id": "one@10.0.0.1",
        "to": "+12125550150",
        "from": "+14155550100",
        "cseq": "1 INVITE",
        "branch": "z9hG4bK1",
    }


def test_it_reads_compact_headers_and_addresses_without_brackets() -> None:
    seen = peek(
        b"BYE sip:x SIP/2.0\r\nv: SIP/2.0/UDP h;branch=b\r\nf: sip:+1@h;tag=a\r\nt: sip:+2@h\r\n"
        b"i: c\r\nCSEQ: 2 BYE\r\n\r\n"
    )
    assert (seen["event"], seen["from"], seen["to"], seen["call_id"]) == ("bye", "+1", "+2", "c")


def test_a_response_is_logged_with_its_status() -> None:
    seen = peek(INVITE.replace(INVITE.split(b"\r\n", 1)[0], b"SIP/2.0 486 Busy Here"))
    assert (seen["event"], seen["status"]) == ("response", 486)


@given(st.binary(max_size=400) | st.binary(max_size=60).map(lambda junk: junk + INVITE[20:]))
def test_no_datagram_breaks_it(data: bytes) -> None:
    json.dumps(peek(data))


def test_lines_come_in_the_order_of_what_happened(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "log.jsonl")
    log.received(INVITE, 1.5, "10.0.0.1:5060")
    log.annotate(behaviour="busy")
    log.write("sent_486", 1.6, call_id="one@10.0.0.1")
    log.received(INVITE, 2.0, "10.0.0.1:5060")
    log.close()
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [line["event"] for line in lines] == ["invite", "sent_486", "invite"]
    assert [line["at"] for line in lines] == [1.5, 1.6, 2.0]
    assert lines[0]["behaviour"] == "busy" and "retransmission" not in lines[0]
    assert lines[2]["retransmission"] is True


@pytest.mark.parametrize(
    "change", [(b"branch=z9hG4bK1", b"branch=z9hG4bK9"), (b"1 INVITE", b"2 INVITE")]
)
def test_another_branch_or_number_is_no_retransmission(change: tuple[bytes, bytes]) -> None:
    log = EventLog(None)
    assert "retransmission" not in log.received(INVITE, 1.0, "h:1")
    assert "retransmission" not in log.received(INVITE.replace(*change), 1.1, "h:1")


def test_repeats_are_known_for_as_long_as_sip_repeats(tmp_path: Path) -> None:
    log = EventLog(None)
    log.received(INVITE, 1000.0, "h:1")
    for number in range(1, 33):
        line = log.received(INVITE, 1000.0 + number, "h:1")
        assert line["retransmission"] is True
