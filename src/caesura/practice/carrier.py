"""The practice carrier: a SIP and RTP peer of its own on the wire, with people behind it.

It answers INVITE, CANCEL, BYE, OPTIONS and REGISTER over UDP (RFC 3261) and logs every datagram
it sees. Who answers and how is behaviour.py's; one call is call.py's. Shared with the line is
only the transaction layer below both.

Not here: routing to anywhere else, transfers, session timers.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import time
import wave
from array import array
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from caesura.practice.authentication import Gatekeeper
from caesura.practice.behaviour import Population
from caesura.practice.call import PracticeCall, State
from caesura.practice.callee import Callee
from caesura.practice.dialog import ALLOW, Dialog, header, respond
from caesura.practice.event_log import EventLog
from caesura.practice.report import Counts
from caesura.practice.session_description import Offer
from caesura.voice.media import rtp
from caesura.voice.media.streams import StreamSet
from caesura.voice.sip import Responses, SipStack, sdp_body

_REGISTRATION_S_MAX = 3600
_DATAGRAM_MAX = 65535
_SO_TIMESTAMPNS = 35  # socket(7), asm-generic/socket.h; Python has no name for it
_TIMESPEC = struct.Struct("@qq")  # of a 64-bit Linux
_STAMP_SPACE = socket.CMSG_SPACE(_TIMESPEC.size)

# Datagrams that never reach `_on_request`, so that their lines are complete at once.
_NOTHING_TO_ADD = frozenset({"ack", "cancel", "response", "malformed"})


@dataclass(frozen=True)
class CarrierSettings:
    """How the carrier is to be."""

    host: str = "127.0.0.1"
    port: int = 5070  # 0 takes any free one
    population: Population = field(default_factory=Population)
    log: Path | None = None  # JSON lines, appended to
    username: str | None = None  # with `password`: ask for digest authentication
    password: str | None = None
    channels_max: int | None = None  # calls at once; more are refused with 503
    rtp: bool = True  # False: callees neither speak nor listen, for load tests
    hum_hz: float | None = None  # what callees hum while they listen; None: nothing
    recordings: Path | None = None  # where what each callee heard is written, as WAV


class _LoggedStack(SipStack):
    """Shows the carrier each datagram before sippy sees it, with the kernel's time of arrival.

    Not the time of reading: on a busy machine that is tens of milliseconds later, and an INVITE
    that left before a pause was confirmed would be logged as if it had left after it.
    """

    carrier: Carrier

    def start(self) -> None:
        self._arrived_at = self._arrived_monotonic = 0.0
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        super().start()

    def _read(self, sock: socket.socket) -> tuple[bytes, Any]:
        data, told, _, source = sock.recvmsg(_DATAGRAM_MAX, _STAMP_SPACE)
        wall, monotonic = time.time(), time.monotonic()
        self._arrived_at = wall
        for level, kind, stamp in told:
            if (level, kind) == (socket.SOL_SOCKET, _SO_TIMESTAMPNS):
                seconds, nanoseconds = _TIMESPEC.unpack(stamp[: _TIMESPEC.size])
                self._arrived_at = seconds + nanoseconds / 1e9
        # The kernel stamps with the wall clock. How long ago that was is told by the same clock.
        self._arrived_monotonic = monotonic - (wall - self._arrived_at)
        return data, source

    def _receive(self, data: bytes, source: tuple[str, int]) -> None:
        self.carrier.on_datagram(data, source, self._arrived_at, self._arrived_monotonic)
        super()._receive(data, source)
        self.carrier.log.flush()


class Carrier:
    """Made, started and stopped inside one running loop."""

    def __init__(self, settings: CarrierSettings) -> None:
        """Bind at once: OSError if the address is taken."""
        self.counts = Counts()
        self.rtp_host = settings.host
        self._settings = settings
        self._gatekeeper: Gatekeeper | None = None
        if settings.username is not None and settings.password is not None:
            self._gatekeeper = Gatekeeper(settings.username, settings.password)
        self._stack = _LoggedStack(settings.host, settings.port, on_request=self._on_request)
        self._stack.carrier = self
        self.log = EventLog(settings.log)
        self._calls: dict[str, PracticeCall] = {}  # by Call-ID
        self._called: Counter[str] = Counter()  # how often each number was called so far
        self._streams = StreamSet()
        self._sink: socket.socket | None = None

    @property
    def address(self) -> tuple[str, int]:
        """What is bound."""
        return self._stack.address

    @property
    def calls_now(self) -> int:
        return len(self._calls)

    def start(self) -> None:
        self._stack.start()

    def stop(self) -> None:
        """Stop at once; calls that go on are dropped without a BYE, as by a power cut."""
        for call in list(self._calls.values()):
            call.drop()
        self._stack.close()
        self._streams.close()
        if self._sink is not None:
            self._sink.close()
            self._sink = None
        self.log.close()

    # -------------------------------------------------------------- for the log

    def on_datagram(
        self, data: bytes, source: tuple[str, int], at: float, monotonic: float
    ) -> None:
        """Log a datagram and count it if it is an INVITE.

        It arrived `at` (UTC seconds), which was `monotonic` on this machine's CLOCK_MONOTONIC.
        """
        line = self.log.received(data, at, f"{source[0]}:{source[1]}")
        line["monotonic"] = round(monotonic, 6)
        if line.get("retransmission") or line["event"] in _NOTHING_TO_ADD:
            self.log.flush()
        if line["event"] != "invite":
            return
        counts = self.counts
        if line.get("retransmission"):
            counts.retransmitted_invites += 1
        else:
            counts.invites += 1
        counts.first_invite_at = counts.first_invite_at or at
        counts.last_invite_at = at

    # --------------------------------------------------------------- for a call

    def listen(self, offer: Offer) -> Callee | None:
        if not self._settings.rtp:
            return None
        try:
            return Callee(
                self._streams,
                self.rtp_host,
                offer,
                hum_hz=self._settings.hum_hz,
                keeps=self._settings.recordings is not None,
            )
        except (OSError, ValueError):  # no free descriptor, or an address that is none
            return None

    def rtp_sink_port(self) -> int:
        """A bound port that nobody reads: the kernel drops what its buffer cannot take."""
        if self._sink is None:
            self._sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._sink.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            self._sink.bind((self.rtp_host, 0))
        port: int = self._sink.getsockname()[1]
        return port

    def ended(self, call: PracticeCall, by: str) -> None:
        self._calls.pop(call.dialog.call_id, None)
        counts = self.counts
        if by == "caller" and call.answered_at is None:
            counts.cancelled += 1
        if call.answered_at is not None:
            counts.answered += 1
            counts.talks += 1
            counts.talk_s += call.talk_s
        heard: dict[str, int] = {}
        if call.callee is not None:
            heard = {
                "packets_heard": call.callee.packets_heard,
                "packets_with_sound": call.callee.packets_with_sound,
                "packets_sent": call.callee.packets_sent,
            }
            counts.packets_heard += call.callee.packets_heard
            counts.packets_with_sound += call.callee.packets_with_sound
            self._keep(call.callee, call.dialog.called)
        self.log.write(
            "call_ended",
            time.time(),
            call_id=call.dialog.call_id,
            to=call.dialog.called,
            **{"from": call.dialog.caller},
            behaviour=call.behaviour.kind,
            by=by,
            answered=call.answered_at is not None,
            acknowledged=call.acknowledged,
            talk_s=round(call.talk_s, 4),
            **heard,
        )

    def _keep(self, callee: Callee, called: str) -> None:
        samples = callee.recording
        if samples is None or self._settings.recordings is None:
            return
        self._settings.recordings.mkdir(parents=True, exist_ok=True)
        path = self._settings.recordings / f"{time.time_ns()}-{called.lstrip('+')}.wav"
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, rtp.RATE, len(samples), "NONE", ""))
            file.writeframes(array("h", samples).tobytes())

    # ------------------------------------------------------------- for requests

    def _on_request(self, request: Any, transaction: Any) -> Responses | None:
        try:
            return self._responses(request, transaction)
        finally:
            self.log.flush()  # before the response leaves: who sees it finds the line

    def _responses(self, request: Any, transaction: Any) -> Responses | None:
        method = request.getMethod()
        if request.getHFBody("to").getTag() is not None:
            return self._in_dialog(request, method)
        if method == "OPTIONS":
            self.log.annotate(status=200)
            return respond(request, 200, "OK", header("Allow", ALLOW)), None, None
        if method not in ("INVITE", "REGISTER"):
            self.log.annotate(status=501)
            return respond(request, 501, "Not Implemented", header("Allow", ALLOW)), None, None
        if self._gatekeeper is not None:
            challenge = self._gatekeeper.challenge(request)
            if challenge is not None:
                self.counts.challenged += 1
                self.log.annotate(status=challenge.scode)
                return challenge, None, None
        if method == "REGISTER":
            return self._register(request), None, None
        return self._invite(request, transaction)

    def _in_dialog(self, request: Any, method: str) -> Responses | None:
        call = self._calls.get(str(request.getHFBody("call-id")))
        if call is None or call.state is State.ENDED:
            self.log.annotate(status=481)
            return respond(request, 481, "Call/Transaction Does Not Exist"), None, None
        self.log.annotate(status=200, behaviour=call.behaviour.kind)
        response = respond(request, 200, "OK")
        if method == "BYE":
            call.on_bye()
        elif method == "INVITE":
            response.appendHeader(call.dialog.contact())
            if call.agreed_sdp is not None:
                response.setBody(sdp_body(call.agreed_sdp))
        return response, None, None

    def _register(self, request: Any) -> Any:
        """Section 10.3, for a registrar that keeps nothing: what was asked is granted."""
        expires = request.getHFBodys("expires")
        granted = min(expires[0].getNum() if expires else _REGISTRATION_S_MAX, _REGISTRATION_S_MAX)
        self.log.annotate(status=200, expires=granted)
        response = respond(request, 200, "OK", header("Expires", str(granted)))
        if granted:
            response.appendHeaders(
                [header("Contact", f"{body};expires={granted}") for body in _contacts(request)]
            )
        return response

    def _invite(self, request: Any, transaction: Any) -> Responses | None:
        channels_max = self._settings.channels_max
        if channels_max is not None and len(self._calls) >= channels_max:
            self.counts.refused_no_channel += 1
            self.log.annotate(status=503, behaviour="no-channel")
            cause = header("Reason", "Q.850;cause=34")
            return respond(request, 503, "Service Unavailable", cause), None, None
        if str(request.getHFBody("call-id")) in self._calls:  # section 8.2.2.2: merged requests
            self.log.annotate(status=482)
            return respond(request, 482, "Loop Detected"), None, None
        dialog = Dialog(self._stack, self.log, request, transaction)
        number = e164(dialog.called)
        nth = self._called[number]
        self._called[number] += 1
        behaviour = self._settings.population.behaviour(number, nth)
        self.log.annotate(behaviour=behaviour.kind, number=number, nth=nth)
        body = request.getBody()
        call = PracticeCall(self, dialog, behaviour, None if body is None else str(body))
        self._calls[dialog.call_id] = call
        counts = self.counts
        counts.calls += 1
        counts.numbers[number] += 1
        counts.behaviours[behaviour.kind] += 1
        counts.calls_at_once_max = max(counts.calls_at_once_max, len(self._calls))
        # After sippy has taken note of on_cancel and on_no_ack, which it does when we return.
        asyncio.get_running_loop().call_soon(call.start)
        return None, call.on_cancel, call.on_no_ack


def _contacts(request: Any) -> list[str]:
    return [str(body).partition(";expires")[0] for body in request.getHFBodys("contact")]


def e164(called: str) -> str:
    """The called number with +, however the trunk writes it; what is no number stays as it is.

    Ten digits are taken for a number of the North American plan.
    """
    digits = called.removeprefix("+")
    if called.startswith("+") or not (digits.isascii() and digits.isdigit()):
        return called
    return f"+1{digits}" if len(digits) == 10 else f"+{digits}"
