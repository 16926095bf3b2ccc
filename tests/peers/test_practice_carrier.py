"""The practice carrier is a SIP and RTP peer that SIPp and a bare socket can rely on."""

from __future__ import annotations

import hashlib
import re
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.peers.practice import (
    SCENARIOS,
    BareCaller,
    RunningCarrier,
    header_of,
    practice_carrier,
    sipp,
)

from caesura.voice.media import tones

pytestmark = [
    pytest.mark.skipif(shutil.which("sipp") is None, reason="SIPp is not installed"),
    pytest.mark.timeout(40),
]

QUICK = ("--ring-s", "0.1-0.1", "--talk-s", "0.4-0.4")


@pytest.fixture
def carrier(tmp_path: Path) -> Iterator[RunningCarrier]:
    with practice_carrier(tmp_path, *QUICK) as running:
        yield running


def magic(last_two: str) -> str:
    return f"+141555501{last_two}"


def scenario(name: str) -> tuple[str, str]:
    return "-sf", str(SCENARIOS / f"{name}.xml")


# ------------------------------------------------------------------- whole calls


def test_an_answered_call_goes_as_sipps_own_caller_expects(tmp_path: Path) -> None:
    with practice_carrier(tmp_path, "--ring-s", "0.1-0.1", "--talk-s", "60-60") as carrier:
        assert sipp(carrier, magic("01"), "-sn", "uac", "-d", "200") == 0
        (ended,) = carrier.wait_for("call_ended")
    assert ended["answered"] and ended["acknowledged"]
    assert ended["by"] == "caller"
    assert 0.2 <= ended["talk_s"] < 1
    assert carrier.events() == [
        "invite", "sent_100", "sent_180", "sent_200", "ack", "bye", "call_ended",
    ]  # fmt: skip


def test_the_callee_hangs_up_after_its_talk_time(carrier: RunningCarrier) -> None:
    assert sipp(carrier, magic("01"), *scenario("callee_hangs_up")) == 0
    (ended,) = carrier.wait_for("call_ended")
    assert ended["by"] == "callee"
    assert 0.4 <= ended["talk_s"] < 0.8
    (response,) = carrier.wait_for("response")
    assert response["status"] == 200


def test_a_cancelled_call_is_logged_and_never_answered(carrier: RunningCarrier) -> None:
    assert sipp(carrier, magic("03"), *scenario("caller_cancels")) == 0
    carrier.wait_for("ack")
    assert carrier.events() == ["invite", "sent_100", "sent_180", "cancel", "call_ended", "ack"]
    carrier.stop()
    assert carrier.report()["cancelled"] == 1
    assert carrier.report()["answered"] == 0


def test_an_answer_can_cross_the_cancel(carrier: RunningCarrier) -> None:
    assert sipp(carrier, magic("17"), *scenario("answer_crosses_cancel")) == 0
    (ended,) = carrier.wait_for("call_ended")
    assert ended["answered"] and ended["acknowledged"]
    events = carrier.events()
    assert events.index("cancel") < events.index("sent_200") < events.index("bye")


def test_it_hears_the_message_that_is_played_to_it(tmp_path: Path) -> None:
    recording = tmp_path / "message.ul"
    recording.write_bytes(tones.speech(5000))
    xml = tmp_path / "hears.xml"
    xml.write_text(
        (SCENARIOS / "caller_hears.xml").read_text().replace("RECORDING", str(recording))
    )
    with practice_carrier(tmp_path, "--ring-s", "0.1-0.1", "--talk-s", "60-60") as carrier:
        assert sipp(carrier, magic("01"), "-sf", str(xml)) == 0
        (ended,) = carrier.wait_for("call_ended")
    assert 50 <= ended["packets_heard"] <= 65  # 1.2 s of 20 ms packets
    assert ended["packets_with_sound"] >= 45
    assert 50 <= ended["packets_sent"] <= 65


def test_a_caller_must_log_in_where_a_password_is_set(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("sesame\n")
    text = (SCENARIOS / "caller_logs_in.xml").read_text()
    xml = tmp_path / "logs_in.xml"
    xml.write_text(text.replace("USERNAME", "trunk").replace("PASSWORD", "sesame"))
    login = ("--username", "trunk", "--password-file", str(secret))
    with practice_carrier(tmp_path, *login, "--ring-s", "0-0", "--talk-s", "60-60") as carrier:
        assert sipp(carrier, magic("01"), "-sf", str(xml)) == 0
        invites = carrier.wait_for("invite", 2)
        carrier.stop()
    assert [line.get("status") for line in invites] == [407, None]
    assert carrier.report()["challenged"] == 1
    assert carrier.report()["calls"] == 1


def test_a_wrong_password_is_asked_for_again(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("sesame\n")
    login = ("--username", "trunk", "--password-file", str(secret))
    with practice_carrier(tmp_path, *login) as carrier, BareCaller(carrier) as caller:
        caller.send(caller.request("REGISTER", "me"))
        challenge = caller.receive_final()
        assert challenge.startswith("SIP/2.0 401 ")
        found = re.search(r'nonce="([^"]+)"', header_of(challenge, "WWW-Authenticate"))
        assert found is not None
        statuses = []
        for cseq, (username, password) in enumerate(
            [("trunk", "guess"), ("thief", "sesame"), ("trunk", "sesame")], start=2
        ):
            credentials = digest(username, password, "REGISTER", "sip:me", found[1])
            register = caller.request(
                "REGISTER", "me", cseq=cseq, branch=str(cseq), headers=(credentials,)
            )
            caller.send(register)
            statuses.append(caller.receive_final().split(" ")[1])
    assert statuses == ["401", "401", "200"]


def digest(username: str, password: str, method: str, uri: str, nonce: str) -> str:
    """An Authorization header by RFC 2617 section 3.2.2 (qop auth), written apart from sippy."""

    def md5(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()

    realm = "caesura.practice"
    ha1, ha2 = md5(f"{username}:{realm}:{password}"), md5(f"{method}:{uri}")
    response = md5(f"{ha1}:{nonce}:00000001:abc:auth:{ha2}")
    return (
        f'Authorization: Digest username="{username}", realm="{realm}", nonce="{nonce}", '
        f'uri="{uri}", qop=auth, nc=00000001, cnonce="abc", algorithm=MD5, response="{response}"'
    )


def test_a_load_of_calls_is_counted_exactly(tmp_path: Path) -> None:
    options = ("--answer", "1", "--voicemail", "0", "--share", "hang-up-at-once=0", "--no-rtp")
    with practice_carrier(tmp_path, *options, "--ring-s", "0-0", "--talk-s", "60-60",
                          "--slow-answer", "0") as carrier:  # fmt: skip
        done = sipp(carrier, "+12125550150", "-sn", "uac", "-r", "100", "-d", "100", calls=200)
        assert done == 0
        carrier.wait_for("call_ended", 200)
        summary = carrier.stop()
    report = carrier.report()
    assert report["invites"] == report["calls"] == report["answered"] == 200
    assert report["numbers_called"] == 1 and report["calls_per_number_max"] == 200
    assert "INVITEs  200" in summary
    assert len({line["call_id"] for line in carrier.log()}) == 200


# -------------------------------------------------------------- single responses


@pytest.mark.parametrize(
    ("last_two", "status", "cause"),
    [("02", "486", 17), ("04", "603", 21), ("05", "404", 1), ("06", "503", 34), ("07", "500", 41)],
)
def test_a_refusal_names_its_status_and_its_cause(
    carrier: RunningCarrier, last_two: str, status: str, cause: int
) -> None:
    with BareCaller(carrier) as caller:
        caller.send(caller.request("INVITE", magic(last_two), sdp=caller.offer()))
        final = caller.receive_final()
    assert final.startswith(f"SIP/2.0 {status} ")
    assert re.fullmatch(rf"Q\.850; ?cause={cause}\b.*", header_of(final, "Reason"))


def test_a_silent_number_gives_no_response_at_all(carrier: RunningCarrier) -> None:
    with BareCaller(carrier) as caller:
        caller.send(caller.request("INVITE", magic("13"), sdp=caller.offer()))
        with pytest.raises(TimeoutError):
            caller.receive(timeout_s=1)
    assert carrier.events() == ["invite"]


def test_early_media_comes_with_an_sdp_and_a_sound(carrier: RunningCarrier) -> None:
    with BareCaller(carrier) as caller, BareCaller(carrier) as ear:
        caller.send(caller.request("INVITE", magic("12"), sdp=caller.offer(port=ear.port)))
        assert caller.receive().startswith("SIP/2.0 100 ")
        progress = caller.receive()
        assert progress.startswith("SIP/2.0 183 ")
        assert "m=audio" in progress
        packet = ear.receive_bytes()
        assert len(packet) == 12 + 160
        final = caller.receive_final()
    assert final.startswith("SIP/2.0 200 ")
    assert final.partition("\r\n\r\n")[2] == progress.partition("\r\n\r\n")[2]


def test_a_digit_presser_presses_its_digit(tmp_path: Path) -> None:
    options = ("--ring-s", "0-0", "--speed", "10")
    with (
        practice_carrier(tmp_path, *options) as carrier,
        BareCaller(carrier) as caller,
        BareCaller(carrier) as ear,
    ):
        caller.send(caller.request("INVITE", magic("14"), sdp=caller.offer(port=ear.port)))
        final = caller.receive_final()
        assert "telephone-event/8000" in final
        deadline = time.monotonic() + 5
        packet = ear.receive_bytes()
        while packet[1] & 0x7F != 101:  # the payload type of our offer
            assert time.monotonic() < deadline
            packet = ear.receive_bytes()
    assert packet[12] == 9  # RFC 4733 section 3.2: event code 9 is the digit 9


def test_an_offer_without_g711_is_not_acceptable(carrier: RunningCarrier) -> None:
    with BareCaller(carrier) as caller:
        caller.send(caller.request("INVITE", magic("01"), sdp=caller.offer("9 101")))
        assert caller.receive_final().startswith("SIP/2.0 488 ")


def test_more_calls_than_channels_meet_congestion(tmp_path: Path) -> None:
    with (
        practice_carrier(tmp_path, "--max-channels", "1") as carrier,
        BareCaller(carrier) as caller,
    ):
        caller.send(caller.request("INVITE", magic("03"), call_id="first", sdp=caller.offer()))
        assert caller.receive().startswith("SIP/2.0 100 ")
        caller.send(caller.request("INVITE", magic("01"), call_id="second", sdp=caller.offer()))
        final = caller.receive_final()
        assert final.startswith("SIP/2.0 503 ")
        assert header_of(final, "Call-ID") == "second"


def test_options_and_register_are_granted(carrier: RunningCarrier) -> None:
    with BareCaller(carrier) as caller:
        caller.send(caller.request("OPTIONS", "ping", call_id="a"))
        options = caller.receive()
        caller.send(caller.request("REGISTER", "me", call_id="b", headers=("Expires: 600",)))
        registered = caller.receive()
    assert options.startswith("SIP/2.0 200 ")
    assert "INVITE" in header_of(options, "Allow")
    assert registered.startswith("SIP/2.0 200 ")
    assert f"sip:caller@127.0.0.1:{caller.port}" in header_of(registered, "Contact")
    assert header_of(registered, "Contact").endswith(";expires=600")
    assert carrier.events() == ["options", "register"]


def test_a_bye_of_no_call_is_answered_481(carrier: RunningCarrier) -> None:
    with BareCaller(carrier) as caller:
        caller.send(caller.request("BYE", magic("01"), to_tag="gone"))
        assert caller.receive().startswith("SIP/2.0 481 ")


def test_a_call_that_is_never_acknowledged_gets_its_200_again(carrier: RunningCarrier) -> None:
    with BareCaller(carrier) as caller, BareCaller(carrier) as ear:
        caller.send(caller.request("INVITE", magic("11"), sdp=caller.offer(port=ear.port)))
        first = caller.receive_final()
        again = caller.receive_final(timeout_s=2)
    assert first == again
    assert carrier.events().count("sent_200") == 1


def test_a_reinvite_is_answered_with_what_was_agreed(tmp_path: Path) -> None:
    with (
        practice_carrier(tmp_path, "--ring-s", "0-0", "--no-rtp") as carrier,
        BareCaller(carrier) as caller,
    ):
        caller.send(caller.request("INVITE", magic("11"), sdp=caller.offer()))
        first = caller.receive_final()
        tag = header_of(first, "To").partition("tag=")[2]
        caller.send(caller.request("ACK", magic("11"), to_tag=tag, branch="ack"))
        carrier.wait_for("ack")
        held = caller.request(
            "INVITE", magic("11"), to_tag=tag, cseq=2, branch="two", sdp=caller.offer()
        )
        caller.send(held)
        second = caller.receive_final()
        assert header_of(second, "CSeq") == "2 INVITE"
        assert second.partition("\r\n\r\n")[2] == first.partition("\r\n\r\n")[2] != ""
        carrier.stop()
    assert carrier.report()["calls"] == 1


def test_an_invite_without_an_offer_is_answered_with_one(carrier: RunningCarrier) -> None:
    with BareCaller(carrier) as caller:
        caller.send(caller.request("INVITE", magic("11")))
        final = caller.receive_final()
    assert final.startswith("SIP/2.0 200 ")
    assert "RTP/AVP 0 8 101\r\n" in final


def test_a_second_invite_of_the_same_call_is_a_loop(carrier: RunningCarrier) -> None:
    with BareCaller(carrier) as caller:
        caller.send(caller.request("INVITE", magic("03"), sdp=caller.offer()))
        assert caller.receive().startswith("SIP/2.0 100 ")
        merged = caller.request("INVITE", magic("03"), branch="other", sdp=caller.offer())
        caller.send(merged)
        assert caller.receive_final().startswith("SIP/2.0 482 ")


def test_an_invite_cancelled_at_once_is_never_answered(carrier: RunningCarrier) -> None:
    with BareCaller(carrier) as caller:
        caller.send(caller.request("INVITE", magic("01"), sdp=caller.offer()))
        caller.send(caller.request("CANCEL", magic("01")))
        finals = {caller.receive_final().split("\r\n")[0] for _ in range(2)}
        time.sleep(0.5)  # longer than it would have rung
    assert finals == {"SIP/2.0 200 OK", "SIP/2.0 487 Request Terminated"}
    assert "sent_200" not in carrier.events()


# ------------------------------------------------------------------------ the log


def test_every_copy_of_an_invite_has_its_line(carrier: RunningCarrier) -> None:
    with BareCaller(carrier) as caller:
        invite = caller.request("INVITE", magic("03"), sdp=caller.offer())
        before = time.time()
        for _ in range(3):
            caller.send(invite)
        lines = carrier.wait_for("invite", 3)
        carrier.stop()
    assert [line.get("retransmission", False) for line in lines] == [False, True, True]
    assert all(before <= line["at"] <= time.time() for line in lines)
    assert {line["call_id"] for line in lines} == {"call-1"}
    assert {(line["to"], line["from"]) for line in lines} == {(magic("03"), "+14155550100")}
    assert carrier.report()["invites"] == 1
    assert carrier.report()["retransmitted_invites"] == 2
    assert carrier.report()["calls"] == 1


def test_an_invite_line_tells_the_behaviour_and_how_often_the_number_was_called(
    carrier: RunningCarrier,
) -> None:
    with BareCaller(carrier) as caller:
        for call_id in ("one", "two"):
            number = "14155550102"  # a trunk that leaves out the +
            caller.send(caller.request("INVITE", number, call_id=call_id, sdp=caller.offer()))
            caller.receive_final()
    lines = carrier.wait_for("invite", 2)
    assert [line["nth"] for line in lines] == [0, 1]
    assert {(line["behaviour"], line["to"], line["number"]) for line in lines} == {
        ("busy", "14155550102", magic("02"))
    }


def test_what_is_no_sip_is_logged_and_survived(carrier: RunningCarrier) -> None:
    with BareCaller(carrier) as caller:
        caller.send(b"\x00\xff" * 40)
        caller.send(b"INVITE sip:x SIP/2.0\r\nVia: nonsense\r\n\r\n" + b" " * 40)
        caller.send(caller.request("OPTIONS", "ping"))
        assert caller.receive().startswith("SIP/2.0 200 ")
        carrier.wait_for("options")
    assert carrier.events() == ["malformed", "malformed", "options"]


def test_the_same_seed_gives_the_same_people_in_another_process(tmp_path: Path) -> None:
    numbers = [f"+1212555{n:04}" for n in range(100, 130)]

    def behaviours(name: str, order: list[str], seed: str) -> dict[str, str]:
        directory = tmp_path / name
        directory.mkdir()
        with (
            practice_carrier(directory, "--seed", seed, "--no-rtp") as carrier,
            BareCaller(carrier) as caller,
        ):
            for number in order:
                invite = caller.request("INVITE", number, call_id=number, sdp=caller.offer())
                caller.send(invite)
            lines = carrier.wait_for("invite", len(order))
        return {line["number"]: line["behaviour"] for line in lines}

    first = behaviours("first", numbers, "7")
    assert behaviours("second", numbers[::-1], "7") == first
    assert behaviours("third", numbers, "8") != first


# -------------------------------------------------------------------- the process


def test_a_taken_port_is_said_in_one_line(carrier: RunningCarrier, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with (
        pytest.raises(AssertionError, match=r"^Cannot listen on 127\.0\.0\.1:\d+: .*\.\n"),
        practice_carrier(other, "--sip", f"127.0.0.1:{carrier.address[1]}"),
    ):
        pass


def test_a_datagram_is_logged_with_its_arrival_even_if_it_is_read_late(tmp_path: Path) -> None:
    with practice_carrier(tmp_path) as carrier, BareCaller(carrier) as caller:
        caller.send(caller.request("OPTIONS", "15550100", call_id="early"))
        carrier.wait_for("options")
        carrier.process.send_signal(signal.SIGSTOP)
        try:
            sent_at = time.time()
            caller.send(caller.request("OPTIONS", "15550100", call_id="late"))
            time.sleep(0.5)
        finally:
            carrier.process.send_signal(signal.SIGCONT)
        late = carrier.wait_for("options", 2)[1]
        assert sent_at <= late["at"] < sent_at + 0.25
