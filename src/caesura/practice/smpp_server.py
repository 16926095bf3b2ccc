"""The practice message centre's SMPP 3.4 side: a real server. Sections are the specification's."""

from __future__ import annotations

import asyncio
import struct
import time
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, cast

from caesura.messages.drivers.smpp.pdu import (
    RESPONSE,
    UDHI,
    Command,
    Malformed,
    Pdu,
    ShortMessage,
    Splitter,
    Tag,
    read_short_message,
    read_texts,
)
from caesura.practice.recipients import REPLIES, Fate
from caesura.rules.segments import Alphabet, encode_gsm, segments

if TYPE_CHECKING:
    from caesura.practice.message_centre import MessageCentre

ROK, RINVBNDSTS, RALYBND, RSYSERR = 0x00, 0x04, 0x05, 0x08
RINVSRCADR, RINVDSTADR, RINVPASWD, RINVSYSID = 0x0A, 0x0B, 0x0E, 0x0F
RMSGQFUL, RTHROTTLED, RINVCMDID = 0x14, 0x58, 0x03

_REFUSALS = {
    Fate.NO_SUCH_NUMBER: RINVDSTADR,
    Fate.SENDER_REFUSED: RINVSRCADR,
    Fate.SYSTEM_ERROR: RSYSERR,
    Fate.THROTTLED: RTHROTTLED,
    Fate.THROTTLED_ONCE: RTHROTTLED,
}
_STATES = {Fate.UNDELIVERED: (5, "UNDELIV", "001"), Fate.EXPIRED: (3, "EXPIRED", "000")}
_DELIVERED = (2, "DELIVRD", "000")
_OUTSTANDING_MAX = 200
_AGAIN_S = 1.0  # an unanswered or refused deliver_sm is said again
_NOTED_WITHIN_S = 12.0


@dataclass
class Outgoing:
    """A deliver_sm that the other side has yet to note."""

    event: str  # "receipt" or "reply"
    message_id: str
    body: bytes
    tries: int = 0


class SmppOutbox:
    """Receipts and replies, until a connection has taken them: they outlive connections."""

    def __init__(self, centre: MessageCentre) -> None:
        self._centre = centre
        self._waiting: deque[Outgoing] = deque()
        self.connections: list[SmppConnection] = []  # bound ones

    def put(self, outgoing: Outgoing) -> None:
        self._waiting.append(outgoing)
        self.flush()

    def put_later(self, outgoing: Outgoing) -> None:
        self._centre.later(_AGAIN_S, self.put, outgoing)

    def flush(self) -> None:
        for connection in self.connections:
            while self._waiting and connection.outstanding < _OUTSTANDING_MAX:
                connection.deliver(self._waiting.popleft())


class SmppConnection(asyncio.Protocol):
    """One connection; `centre` decides, this speaks."""

    def __init__(self, centre: MessageCentre) -> None:
        self._centre = centre
        self._outbox = centre.smpp_outbox
        self._splitter = Splitter()
        self._transport: asyncio.Transport | None = None
        self._bound = False
        self._name = ""
        self._sequences = count(1)
        self._noted: dict[int, tuple[Outgoing, asyncio.TimerHandle]] = {}
        self._fates: dict[tuple[str, str, int], Fate] = {}  # of long messages under way

    @property
    def outstanding(self) -> int:
        return len(self._noted)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._name = self._centre.connection_name("smpp")
        self._centre.smpp_connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._centre.smpp_connections.discard(self)
        if self._bound:
            self._outbox.connections.remove(self)
        self._centre.log.write("closed", time.time(), kind="smpp", connection=self._name)
        for outgoing, timer in self._noted.values():
            timer.cancel()
            self._outbox.put_later(outgoing)
        self._noted.clear()

    def data_received(self, data: bytes) -> None:
        at = time.time()
        try:
            for pdu in self._splitter.feed(data):
                self._handle(pdu, at)
        except Malformed:
            self.drop(at)

    def drop(self, at: float) -> None:
        """Break the connection, as a cable would."""
        if self._transport is not None:
            self._centre.log.write("lost", at, kind="smpp", connection=self._name)
            self._transport.abort()

    def _send(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def _handle(self, pdu: Pdu, at: float) -> None:
        match pdu.command:
            case Command.BIND_TRANSCEIVER | Command.BIND_TRANSMITTER | Command.BIND_RECEIVER:
                self._bind(pdu, at)
            case Command.SUBMIT_SM:
                self._submit(pdu, at)
            case Command.ENQUIRE_LINK:
                self._send(pdu.answer())
            case Command.UNBIND:
                self._centre.log.write("unbind", at, kind="smpp", connection=self._name)
                self._send(pdu.answer())
                if self._transport is not None:
                    self._transport.close()
            case command if command & RESPONSE:
                self._answered(pdu, at)
            case _:
                self._send(Pdu(Command.GENERIC_NACK, RINVCMDID, pdu.sequence).encode())

    def _bind(self, pdu: Pdu, at: float) -> None:
        system_id, password, system_type = read_texts(pdu, 3)
        status = ROK
        settings = self._centre.settings
        if self._bound:
            status = RALYBND
        elif settings.username is not None and system_id != settings.username:
            status = RINVSYSID
        elif settings.password is not None and password != settings.password:
            status = RINVPASWD
        self._centre.log.write(
            "bind", at, kind="smpp", connection=self._name, system_id=system_id, status=status,
            system_type=system_type,
        )  # fmt: skip
        self._send(pdu.answer(status, b"practice\0" if status == ROK else b""))
        if status == ROK:
            self._bound = True
            self._outbox.connections.append(self)
            self._outbox.flush()

    # ---------------------------------------------------------------- submissions

    def _submit(self, pdu: Pdu, at: float) -> None:
        message = read_short_message(pdu)
        part, _ = message.split()
        fate = self._fate(message)
        status = ROK
        if not self._bound:
            status = RINVBNDSTS
        elif self._centre.over_rate(at):
            status = RTHROTTLED
        elif fate in _REFUSALS:
            status = _REFUSALS[fate]
        elif fate is Fate.PART_REFUSED and part is not None and part.number == 2:
            status = RMSGQFUL
            self._forget(message)
        message_id = self._centre.message_id() if status == ROK else ""
        self._centre.log.write(
            "submit",
            at,
            kind="smpp",
            connection=self._name,
            sender=message.source,
            recipient=f"+{message.dest}" if message.dest_ton == 1 else message.dest,
            text=message.text(),
            part=1 if part is None else part.number,
            parts=1 if part is None else part.total,
            message_id=message_id,
            fate=fate,
            status=status,
        )
        self._centre.later(
            self._centre.answer_after(fate), self._answer, pdu, status, message_id, fate, at
        )
        if status == ROK:
            self._goes_on(message, message_id, fate)

    def _answer(self, pdu: Pdu, status: int, message_id: str, fate: Fate, at: float) -> None:
        if status == ROK and fate is Fate.NEVER_ANSWERED:
            return
        if status == ROK and fate is Fate.LOST_BEFORE:
            self.drop(at)
            return
        # Section 4.4.2: no body where there is an error.
        self._send(pdu.answer(status, b"" if status else message_id.encode() + b"\0"))
        if status == ROK and fate is Fate.LOST_AFTER:
            self._centre.later(0.02, self.drop, at)

    def _fate(self, message: ShortMessage) -> Fate:
        """One for all parts of a message."""
        part, _ = message.split()
        if part is None:
            return self._centre.fate(message.dest)
        key = (message.source, message.dest, part.reference)
        if key not in self._fates:
            self._fates[key] = self._centre.fate(message.dest)
        fate = self._fates[key]
        if part.number == part.total:
            self._fates.pop(key, None)
        return fate

    def _forget(self, message: ShortMessage) -> None:
        part, _ = message.split()
        if part is not None:
            self._fates[(message.source, message.dest, part.reference)] = Fate.DELIVERED

    def _goes_on(self, message: ShortMessage, message_id: str, fate: Fate) -> None:
        """Receipt and reply of what was taken, when their time has come."""
        part, _ = message.split()
        last = part is None or part.number == part.total
        after = self._centre.receipt_after(message.dest)
        if message.registered_delivery & 0x01 and fate is not Fate.NO_RECEIPT:
            receipt = Outgoing("receipt", message_id, _receipt(message, message_id, fate))
            self._centre.later(after, self._outbox.put, receipt)
        if fate in REPLIES and last:
            for body in _reply(message, REPLIES[fate]):
                reply = Outgoing("reply", message_id, body)
                self._centre.later(after + self._centre.reply_after(), self._outbox.put, reply)

    # ------------------------------------------------------------ receipts, replies

    def deliver(self, outgoing: Outgoing) -> None:
        sequence = next(self._sequences)
        outgoing.tries += 1
        timer = self._centre.later(_NOTED_WITHIN_S, self._late, sequence)
        self._noted[sequence] = (outgoing, timer)
        self._centre.log.write(
            outgoing.event, time.time(), kind="smpp", connection=self._name,
            message_id=outgoing.message_id, tries=outgoing.tries,
        )  # fmt: skip
        self._send(Pdu(Command.DELIVER_SM, 0, sequence, outgoing.body).encode())

    def _answered(self, pdu: Pdu, at: float) -> None:
        outgoing, timer = self._noted.pop(pdu.sequence, (None, None))
        if outgoing is None or timer is None:
            return
        timer.cancel()
        self._centre.log.write(
            "noted", at, kind="smpp", connection=self._name, what=outgoing.event,
            message_id=outgoing.message_id, status=pdu.status,
        )  # fmt: skip
        if pdu.status != ROK:
            self._outbox.put_later(outgoing)
        self._outbox.flush()

    def _late(self, sequence: int) -> None:
        outgoing, _ = self._noted.pop(sequence, (None, None))
        if outgoing is not None:
            self._outbox.put_later(outgoing)


def _receipt(message: ShortMessage, message_id: str, fate: Fate) -> bytes:
    """Appendix B and section 5.3.2: by text and TLVs, unless the fate says one of them."""
    state, word, error = _STATES.get(fate, _DELIVERED)
    now = datetime.now(UTC).strftime("%y%m%d%H%M")
    good = int(word == "DELIVRD")
    text = (
        f"id:{message_id} sub:001 dlvrd:{good:03d} submit date:{now} done date:{now} "
        f"stat:{word} err:{error} text:{message.text()[:20]}"
    )
    if fate is Fate.TLV_RECEIPT:
        text = ""
    tlvs = b""
    if fate is not Fate.TEXT_RECEIPT:
        tlvs = _tlv(Tag.RECEIPTED_MESSAGE_ID, message_id.encode() + b"\0")
        tlvs += _tlv(Tag.MESSAGE_STATE, bytes([state]))
        if error != "000":
            tlvs += _tlv(Tag.NETWORK_ERROR_CODE, b"\x03" + int(error).to_bytes(2, "big"))
    return _deliver_sm(message, 0x04, 3, text.encode("latin-1", "replace"), tlvs)


def _reply(message: ShortMessage, text: str) -> list[bytes]:
    cut = segments(text)
    coding = 0 if cut.alphabet is Alphabet.GSM else 8
    bodies = []
    for number, part in enumerate(cut.texts, start=1):
        data = encode_gsm(part) if coding == 0 else part.encode("utf-16-be")
        if cut.count == 1:
            bodies.append(_deliver_sm(message, 0, coding, data, b""))
        else:
            header = bytes([5, 0, 3, 77, cut.count, number])
            bodies.append(_deliver_sm(message, UDHI, coding, header + data, b""))
    return bodies


def _deliver_sm(
    message: ShortMessage, esm_class: int, coding: int, data: bytes, tlvs: bytes
) -> bytes:
    """Section 4.6.1, from the recipient of `message` to its sender."""
    return (
        b"\0"
        + bytes([message.dest_ton, 1]) + message.dest.encode() + b"\0"
        + bytes([message.source_ton, 1]) + message.source.encode("latin-1") + b"\0"
        + bytes([esm_class, 0, 0]) + b"\0\0"
        + bytes([0, 0, coding, 0, len(data)])
        + data + tlvs
    )  # fmt: skip


def _tlv(tag: Tag, value: bytes) -> bytes:
    return struct.pack("!HH", tag, len(value)) + value
