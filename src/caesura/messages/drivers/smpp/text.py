"""A message as submit_sm PDUs. SMPP 3.4 section 4.4.1, written by aiosmpplib."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from itertools import count

from aiosmpplib import NPI, TON, PhoneNumber, SubmitSm

from caesura.messages.drivers.driver import Refused
from caesura.messages.drivers.smpp.pdu import UDHI
from caesura.messages.port import SmppOptions, Submit
from caesura.rules.segments import SEGMENTS_MAX, Alphabet, encode_gsm, segments

_NAME_MAX = 11  # TS 23.040 section 9.1.2.5: ten octets hold eleven septets
_VALIDITY_MAX = timedelta(weeks=63)  # TS 23.040 section 9.2.3.12.1

_references = count(1)


@dataclass(frozen=True)
class Written:
    """The parts of one message; a sequence number makes a PDU of each."""

    parts: list[SubmitSm]

    def pdu(self, index: int, sequence: int) -> bytes:
        part = self.parts[index]
        part.sequence_num = sequence
        return bytes(part.pdu())


def write(submit: Submit, options: SmppOptions) -> Written | Refused:
    """The PDUs of `submit`, or why there can be none."""
    source = _source(submit.sender, options)
    if source is None:
        return _unusable(f"{submit.sender!r} can be no sender of SMS: give a number, a short code, "
                         f"or a name of up to {_NAME_MAX} letters, digits and spaces.")  # fmt: skip
    digits = submit.recipient.lstrip("+")
    if not digits.isdigit() or len(digits) > 20:
        return Refused(True, "recipient", "number", f"{submit.recipient!r} is no telephone number.")
    cut = segments(submit.text, reference_bits=options.reference_bits)
    if cut.count > SEGMENTS_MAX:
        return _unusable(f"The text is too long: {cut.count} segments, of {SEGMENTS_MAX} at most.")
    data_coding, octets = _encode(cut.texts, cut.alphabet, options)
    headers = _headers(cut.count, options.reference_bits)
    dest = PhoneNumber(digits, TON(options.dest_ton), NPI(options.dest_npi))
    valid_for = submit.valid_for_s
    parts = []
    for header, data in zip(headers, octets, strict=True):
        part = SubmitSm(
            short_message=submit.text or " ",  # what is sent is set below
            source=source,
            destination=dest,
            service_type=options.service_type,
            esm_class=UDHI if header else 0,
            registered_delivery=1 if submit.receipt else 0,
            encoding="ucs2" if data_coding == 8 else None,
            validity_period=None
            if valid_for is None
            else min(timedelta(seconds=round(valid_for)), _VALIDITY_MAX),
        )
        part.set_encoded_message(header + data or b" ")
        parts.append(part)
    return Written(parts)


def _encode(
    texts: tuple[str, ...], alphabet: Alphabet, options: SmppOptions
) -> tuple[int, list[bytes]]:
    if alphabet is Alphabet.GSM:
        if options.default_alphabet == "gsm":
            return 0, [encode_gsm(text) for text in texts]
        try:
            return 0, [text.encode("latin-1") for text in texts]
        except UnicodeEncodeError:  # such as the euro sign: only UCS2 has it then
            pass
    return 8, [text.encode("utf-16-be") for text in texts]


def _headers(total: int, reference_bits: int) -> list[bytes]:
    """TS 23.040 sections 9.2.3.24.1 and .8; none for a message of one segment."""
    if total == 1:
        return [b""]
    reference = next(_references)
    if reference_bits == 8:
        head = bytes([5, 0x00, 3, reference & 0xFF, total])
    else:
        head = bytes([6, 0x08, 4]) + (reference & 0xFFFF).to_bytes(2, "big") + bytes([total])
    return [head + bytes([number]) for number in range(1, total + 1)]


def _source(sender: str, options: SmppOptions) -> PhoneNumber | None:
    digits = sender.removeprefix("+")
    if digits.isascii() and digits.isdigit() and len(digits) <= 20:
        ton, npi = (1, 1) if sender.startswith("+") else (3, 0) if len(digits) <= 8 else (1, 1)
    elif re.fullmatch(rf"[\x20-\x7e]{{1,{_NAME_MAX}}}", sender):
        digits, ton, npi = sender, 5, 0
    else:
        return None
    ton = ton if options.source_ton is None else options.source_ton
    npi = npi if options.source_npi is None else options.source_npi
    return PhoneNumber(digits, TON(ton), NPI(npi))


def _unusable(reason: str) -> Refused:
    return Refused(permanent=True, fault="message", code="unusable", reason=reason)
