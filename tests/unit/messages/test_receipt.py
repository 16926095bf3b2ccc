"""Delivery receipts in the forms in which message centres write them."""

from __future__ import annotations

import pytest

from caesura.messages.drivers.smpp.pdu import (
    Command,
    Pdu,
    ShortMessage,
    Splitter,
    Tag,
    decode,
    read_short_message,
)
from caesura.messages.drivers.smpp.receipt import fields_of, read_receipt


def message(text: bytes = b"", *, esm_class: int = 4, **tlvs: bytes) -> ShortMessage:
    return ShortMessage(
        source="1555", source_ton=1, dest="1556", dest_ton=1,
        esm_class=esm_class, data_coding=0, registered_delivery=0, user_data=text,
        tlvs={int(Tag[name]): value for name, value in tlvs.items()},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message_id", "state", "code"),
    [
        (
            b"id:0123456789 sub:001 dlvrd:001 submit date:1507101530 done date:1507101531 "
            b"stat:DELIVRD err:000 text:id:9 stat:UNDELIV",
            "0123456789", "delivered", "",
        ),
        (b"id:abc-1 stat:UNDELIV err:0A1", "abc-1", "undelivered", "err:0A1"),
        (b"id: 77 sub: 001 Stat: Expired Err: 012 Text:", "77", "expired", "err:012"),
        (b"id:5 done date:150710153100 stat:REJECTD", "5", "rejected", ""),
        (b"id:5 stat:SOMETHING", "5", "unknown", ""),
        (b"id:5 stat:ENROUTE", "5", "sent", ""),
    ],
)  # fmt: skip
def test_a_text_is_read(text: bytes, message_id: str, state: str, code: str) -> None:
    receipt = read_receipt(message(text))
    assert receipt is not None
    assert (receipt.message_id, receipt.state, receipt.code) == (message_id, state, code)


def test_tlvs_go_before_the_text() -> None:
    receipt = read_receipt(
        message(
            b"id:1 stat:UNDELIV err:000",
            RECEIPTED_MESSAGE_ID=b"2a\0",
            MESSAGE_STATE=b"\x02",
            NETWORK_ERROR_CODE=b"\x03\x00\x21",
        )
    )
    assert receipt is not None
    assert (receipt.message_id, receipt.state, receipt.code) == ("2a", "delivered", "network 3:33")


def test_a_receipt_of_nothing_is_none() -> None:
    assert read_receipt(message(b"Hello")) is None
    assert fields_of("Hello") == {}


def test_only_a_receipt_is_taken_for_one() -> None:
    assert message(b"id:1 stat:DELIVRD").is_receipt
    assert not message(b"id:1 stat:DELIVRD", esm_class=0).is_receipt
    both = {"RECEIPTED_MESSAGE_ID": b"1\0", "MESSAGE_STATE": b"\x02"}
    assert message(esm_class=0, **both).is_receipt


def test_a_deliver_sm_of_a_vendors_own_making_is_read() -> None:
    """An unknown data coding, an empty text, a binary TLV, and no zero after an address."""
    body = b"\0\x01\x01" + b"1555\0" + b"\x01\x01" + b"1556\0" + b"\x00\0\0\0\0\0\0\xf1\0\0"
    body += b"\x14\x01\x00\x03\xff\x00\x80"
    (pdu,) = Splitter().feed(Pdu(Command.DELIVER_SM, 0, 9, body).encode())
    read = read_short_message(pdu)
    assert (read.source, read.dest, read.text()) == ("1555", "1556", "")
    assert read.tlvs == {0x1401: b"\xff\x00\x80"}


def test_gsm_that_is_called_ia5_is_read_as_what_it_is() -> None:
    """As node-smpp writes it."""
    assert decode(b"STOP \x1be", 1) == "STOP €"
    assert decode(b"a\r\n$b", 1) == "a\r\n$b"


def test_pdus_are_split_wherever_the_bytes_break() -> None:
    whole = b"".join(Pdu(4, 0, number, b"x" * number).encode() for number in range(1, 6))
    for size in (1, 3, 16, 17, 50):
        splitter = Splitter()
        found = [
            pdu
            for start in range(0, len(whole), size)
            for pdu in splitter.feed(whole[start : start + size])
        ]
        assert [pdu.sequence for pdu in found] == [1, 2, 3, 4, 5]
        assert [len(pdu.body) for pdu in found] == [1, 2, 3, 4, 5]
