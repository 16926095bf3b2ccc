"""Delivery receipts as message centres write them. SMPP 3.4, section 5.3.2.12, .35 and appendix B.

Two forms, often both at once: TLVs (receipted_message_id, message_state, network_error_code), and a
text that appendix B proposes and everybody varies:
"id:123 sub:001 dlvrd:001 submit date:2611251200 done date:2611251201 stat:DELIVRD err:000 text:…".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from caesura.messages.drivers.smpp.pdu import ShortMessage, Tag
from caesura.messages.port import DeliveryState

# Section 5.2.28: message_state.
_BY_STATE: dict[int, DeliveryState] = {
    1: "sent",  # ENROUTE
    2: "delivered",
    3: "expired",
    4: "undelivered",  # DELETED
    5: "undelivered",
    6: "delivered",  # ACCEPTED: read on behalf of the subscriber
    7: "unknown",
    8: "rejected",
}

# Appendix B, table B-2.
_BY_WORD: dict[str, DeliveryState] = {
    "ENROUTE": "sent",
    "BUFFRED": "sent",
    "DELIVRD": "delivered",
    "EXPIRED": "expired",
    "DELETED": "undelivered",
    "UNDELIV": "undelivered",
    "ACCEPTD": "delivered",
    "UNKNOWN": "unknown",
    "REJECTD": "rejected",
}

SENTENCES: dict[DeliveryState, str] = {
    "sent": "It is on its way.",
    "delivered": "It reached the telephone.",
    "undelivered": "The network could not deliver it.",
    "expired": "It could not be delivered while it was valid: the telephone was off or away.",
    "rejected": "The recipient's network refused it.",
    "unknown": "The message centre does not know what became of it.",
}

_FIELD = re.compile(r"\b(id|sub|dlvrd|submit date|done date|stat|err|text)\s*:\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Receipt:
    message_id: str
    state: DeliveryState
    code: str


def read_receipt(message: ShortMessage, default_alphabet: str = "gsm") -> Receipt | None:
    """The receipt in `message`, or None if it names no message. TLVs go before text."""
    by_tlv = message.tlvs.get(Tag.RECEIPTED_MESSAGE_ID, b"").split(b"\0")[0].decode("latin-1")
    state_octets = message.tlvs.get(Tag.MESSAGE_STATE)
    coded = Tag.NETWORK_ERROR_CODE in message.tlvs
    if by_tlv and state_octets == b"\x02" and not coded:  # most are; the text adds nothing
        return Receipt(by_tlv, "delivered", "")
    fields = fields_of(message.text(default_alphabet))
    message_id = by_tlv or fields.get("id", "")
    if not message_id:
        return None
    if state_octets:
        state = _BY_STATE.get(state_octets[0], "unknown")
    else:
        state = _BY_WORD.get(fields.get("stat", "").upper()[:7], "unknown")
    return Receipt(message_id, state, _code(message, fields))


def fields_of(text: str) -> dict[str, str]:
    """The fields of a receipt's text, names in lower case; `text` swallows the rest."""
    found: dict[str, str] = {}
    marks = list(_FIELD.finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    for mark, end in zip(marks, ends, strict=False):
        name = mark.group(1).lower()
        if name == "text":
            found[name] = text[mark.end() :]
            break
        found.setdefault(name, text[mark.end() : end].strip())
    return found


def _code(message: ShortMessage, fields: dict[str, str]) -> str:
    network = message.tlvs.get(Tag.NETWORK_ERROR_CODE, b"")
    if len(network) == 3:  # section 5.3.2.31: network type, then the code
        return f"network {network[0]}:{int.from_bytes(network[1:], 'big')}"
    error = fields.get("err", "")
    return "" if error.strip("0") == "" else f"err:{error}"
