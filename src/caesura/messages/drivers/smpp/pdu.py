"""Reading SMPP 3.4 PDUs, tolerantly. Sections named are those of the specification, issue 1.2.

What we send is written by aiosmpplib. What comes is read here: that library refuses PDUs which real
message centres send (an empty short_message with the receipt in TLVs, statuses and data codings of
the vendor's own, binary TLVs, 16-bit references), and a reply that cannot be read is a STOP lost.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from enum import IntEnum

from caesura.rules.segments import decode_gsm

HEADER_OCTETS = 16
PDU_OCTETS_MAX = 65536  # larger is no PDU: the other end does not speak SMPP

_HEADER = struct.Struct("!IIII")
_TLV = struct.Struct("!HH")


class Command(IntEnum):
    """Section 5.1.2.1."""

    GENERIC_NACK = 0x80000000
    BIND_RECEIVER = 0x00000001
    BIND_TRANSMITTER = 0x00000002
    SUBMIT_SM = 0x00000004
    DELIVER_SM = 0x00000005
    UNBIND = 0x00000006
    BIND_TRANSCEIVER = 0x00000009
    OUTBIND = 0x0000000B
    ENQUIRE_LINK = 0x00000015
    ALERT_NOTIFICATION = 0x00000102
    DATA_SM = 0x00000103


RESPONSE = 0x80000000  # this bit makes a command its response


class Tag(IntEnum):
    """Section 5.3.2, those that are read here."""

    RECEIPTED_MESSAGE_ID = 0x001E
    SAR_MSG_REF_NUM = 0x020C
    SAR_TOTAL_SEGMENTS = 0x020E
    SAR_SEGMENT_SEQNUM = 0x020F
    NETWORK_ERROR_CODE = 0x0423
    MESSAGE_PAYLOAD = 0x0424
    MESSAGE_STATE = 0x0427


# Section 5.2.19; 0x18 and 0x19 are TS 23.038's general data coding with UCS2. Others: GSM.
_CODECS = {
    1: "ascii",
    2: "utf-8",
    3: "latin-1",
    4: "utf-8",
    6: "iso8859-5",
    7: "iso8859-8",
    8: "utf-16-be",
    0x18: "utf-16-be",
    0x19: "utf-16-be",
}

UDHI = 0x40  # section 5.2.12: the user data begins with a header
_RECEIPT_BITS = 0x3C  # section 5.2.12: message type
_RECEIPT, _INTERMEDIATE = 0x04, 0x20


class Malformed(ValueError):
    """The other end does not speak SMPP, or not now."""


@dataclass(frozen=True)
class Pdu:
    command: int
    status: int
    sequence: int
    body: bytes = b""

    @property
    def is_response(self) -> bool:
        return bool(self.command & RESPONSE)

    def encode(self) -> bytes:
        size = HEADER_OCTETS + len(self.body)
        return _HEADER.pack(size, self.command, self.status, self.sequence) + self.body

    def answer(self, status: int = 0, body: bytes = b"") -> bytes:
        """Its response, written."""
        return Pdu(self.command | RESPONSE, status, self.sequence, body).encode()


class Splitter:
    """Bytes as they come in, whole PDUs out."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Pdu]:
        """Raises Malformed where a length cannot be one."""
        buffer, found, start = self._buffer, [], 0
        buffer += data
        while len(buffer) - start >= HEADER_OCTETS:
            size, command, status, sequence = _HEADER.unpack_from(buffer, start)
            if not HEADER_OCTETS <= size <= PDU_OCTETS_MAX:
                raise Malformed(f"a PDU of {size} octets")
            if len(buffer) - start < size:
                break
            body = bytes(buffer[start + HEADER_OCTETS : start + size])
            found.append(Pdu(command, status, sequence, body))
            start += size
        del buffer[:start]
        return found


class _Reader:
    def __init__(self, body: bytes) -> None:
        self._body = body
        self.at = 0

    def text(self) -> str:
        """A C-octet string. One that lacks its closing zero ends with the body."""
        end = self._body.find(0, self.at)
        end = len(self._body) if end < 0 else end
        found = self._body[self.at : end].decode("latin-1")
        self.at = end + 1
        return found

    def octet(self) -> int:
        if self.at >= len(self._body):
            raise Malformed("a PDU that ends too early")
        self.at += 1
        return self._body[self.at - 1]

    def octets(self, count: int) -> bytes:
        self.at += count
        return self._body[self.at - count : self.at]

    def tlvs(self) -> dict[int, bytes]:
        found: dict[int, bytes] = {}
        while self.at + _TLV.size <= len(self._body):
            tag, size = _TLV.unpack_from(self._body, self.at)
            self.at += _TLV.size
            found[tag] = self.octets(size)
        return found


@dataclass(frozen=True)
class Part:
    """Which part of a long message this is (TS 23.040 section 9.2.3.24.1)."""

    reference: int
    total: int
    number: int  # from 1


@dataclass(frozen=True)
class ShortMessage:
    """What submit_sm, deliver_sm and data_sm carry."""

    source: str
    source_ton: int
    dest: str
    dest_ton: int
    esm_class: int
    data_coding: int
    registered_delivery: int
    user_data: bytes
    tlvs: dict[int, bytes] = field(default_factory=dict)

    @property
    def is_receipt(self) -> bool:
        """A receipt, or a notice on the way to it; also one that only its TLVs show as such."""
        if self.esm_class & _RECEIPT_BITS & (_RECEIPT | _INTERMEDIATE):
            return True
        return Tag.RECEIPTED_MESSAGE_ID in self.tlvs and Tag.MESSAGE_STATE in self.tlvs

    def split(self) -> tuple[Part | None, bytes]:
        """Which part it is, by its header or its TLVs, and the user data without header."""
        part, data = self._by_tlv(), self.user_data
        if self.esm_class & UDHI and data:
            end = data[0] + 1
            part = _part(data[1:end]) or part
            data = data[end:]
        return part, data

    def text(self, default_alphabet: str = "gsm") -> str:
        """Its text, by data_coding (section 5.2.19; TS 23.038 section 4)."""
        return decode(self.split()[1], self.data_coding, default_alphabet)

    def _by_tlv(self) -> Part | None:
        tags = (Tag.SAR_MSG_REF_NUM, Tag.SAR_TOTAL_SEGMENTS, Tag.SAR_SEGMENT_SEQNUM)
        values = [self.tlvs.get(tag) for tag in tags]
        if None in values:
            return None
        return Part(*(int.from_bytes(value or b"", "big") for value in values))


def decode(data: bytes, data_coding: int, default_alphabet: str = "gsm") -> str:
    """What cannot be read becomes a replacement character: a reply is never lost for it."""
    codec = _CODECS.get(data_coding)
    if data_coding == 1 and any(octet < 0x20 and octet not in b"\r\n" for octet in data):
        codec = None  # no text has control characters: some say IA5 and write the GSM alphabet
    if data_coding == 0 and default_alphabet == "latin1":
        codec = "latin-1"
    return decode_gsm(data) if codec is None else data.decode(codec, "replace")


def _part(header: bytes) -> Part | None:
    """TS 23.040 section 9.2.3.24: information elements; 0x00 and 0x08 are concatenation."""
    at = 0
    while at + 2 <= len(header):
        element, size = header[at], header[at + 1]
        value = header[at + 2 : at + 2 + size]
        if element == 0x00 and len(value) == 3:
            return Part(value[0], value[1], value[2])
        if element == 0x08 and len(value) == 4:
            return Part(int.from_bytes(value[:2], "big"), value[2], value[3])
        at += 2 + size
    return None


def read_short_message(pdu: Pdu) -> ShortMessage:
    """Sections 4.4.1, 4.6.1 (submit_sm and deliver_sm look alike) and 4.7.1. Raises Malformed."""
    reader = _Reader(pdu.body)
    reader.text()  # service_type
    source_ton, _ = reader.octet(), reader.octet()
    source = reader.text()
    dest_ton, _ = reader.octet(), reader.octet()
    dest = reader.text()
    esm_class = reader.octet()
    if pdu.command == Command.DATA_SM:
        registered, data_coding, data = reader.octet(), reader.octet(), b""
    else:
        reader.octets(2)  # protocol_id, priority_flag
        reader.text()  # schedule_delivery_time
        reader.text()  # validity_period
        registered, _ = reader.octet(), reader.octet()  # replace_if_present_flag
        data_coding, _ = reader.octet(), reader.octet()  # sm_default_msg_id
        data = reader.octets(reader.octet())
    tlvs = reader.tlvs()
    return ShortMessage(
        source=source,
        source_ton=source_ton,
        dest=dest,
        dest_ton=dest_ton,
        esm_class=esm_class,
        data_coding=data_coding,
        registered_delivery=registered,
        user_data=data or tlvs.get(Tag.MESSAGE_PAYLOAD, b""),
        tlvs=tlvs,
    )


def read_texts(pdu: Pdu, count: int) -> list[str]:
    """The first C-octet strings of a body; those that are missing are empty."""
    reader = _Reader(pdu.body)
    return [reader.text() for _ in range(count)]
