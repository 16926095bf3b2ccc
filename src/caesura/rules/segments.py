"""How a text becomes SMS segments: the alphabet it needs, and where it is cut.

Pure. 3GPP TS 23.038 section 6.2.1 (GSM 7 bit default alphabet and its extension table) and 6.2.3
(UCS2); 3GPP TS 23.040 section 9.2.3.24.1 and .8 (concatenation: the header takes 6 octets with an
8-bit reference, 7 with a 16-bit one, of the 140 that a segment has).

Users see the count: a character outside the GSM alphabet more than doubles the price of a text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

# TS 23.038 section 6.2.1: position is code; 0x1B escapes to the extension table.
_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)
_ESCAPE = 0x1B
# TS 23.038 section 6.2.1.1. 0x0A is the page break.
_EXTENSION = {
    "\x0c": 0x0A, "^": 0x14, "{": 0x28, "}": 0x29, "\\": 0x2F,
    "[": 0x3C, "~": 0x3D, "]": 0x3E, "|": 0x40, "€": 0x65,
}  # fmt: skip
_CODES: dict[str, bytes] = {
    **{char: bytes([code]) for code, char in enumerate(_BASIC) if code != _ESCAPE},
    **{char: bytes([_ESCAPE, code]) for char, code in _EXTENSION.items()},
}
_AS_LATIN = str.maketrans({char: codes.decode("latin-1") for char, codes in _CODES.items()})
_EXTENDED = {code: char for char, code in _EXTENSION.items()}

_SEGMENT_OCTETS = 140  # TS 23.040 section 9.2.3.24
SEGMENTS_MAX = 255  # one octet tells how many there are


class Alphabet(StrEnum):
    """What a text is written in on the air."""

    GSM = "gsm"  # 7 bits a character, 14 for those of the extension table
    UCS2 = "ucs2"  # 16 bits a character, 32 for those outside the basic multilingual plane


@dataclass(frozen=True)
class Segments:
    """How a text is cut. Units are septets (GSM) or 16-bit words (UCS2)."""

    alphabet: Alphabet
    texts: tuple[str, ...]  # one for each segment; together the text
    units: int  # of the whole text
    units_left: int  # that the last segment still takes
    units_each: int  # that a segment of this text takes
    not_gsm: str  # the characters, once each, because of which it is UCS2

    @property
    def count(self) -> int:
        return len(self.texts)


@lru_cache(maxsize=256)  # the same text is asked about again as it goes out
def segments(text: str, *, reference_bits: int = 8) -> Segments:
    """Cut `text`; no character is cut in two. An empty text is one segment.

    `reference_bits` is 8 or 16: a longer reference leaves room for one septet less.
    """
    used = set(text)
    foreign = used - _CODES.keys()
    not_gsm = "".join(dict.fromkeys(char for char in text if char in foreign)) if foreign else ""
    alphabet = Alphabet.UCS2 if foreign else Alphabet.GSM
    double = used & _EXTENSION.keys() if not foreign else [char for char in used if char > "\uffff"]
    units = len(text) + sum(text.count(char) for char in double)
    each = _units_each(alphabet, 0)
    if units <= each:
        return Segments(alphabet, (text,), units, each - units, each, not_gsm)
    each = _units_each(alphabet, 6 if reference_bits == 8 else 7)
    if units == len(text):  # nothing that could be cut in two
        texts = tuple(text[start : start + each] for start in range(0, len(text), each))
    else:
        texts = tuple(_cut(text, alphabet, each))
    last = sum(_units(char, alphabet) for char in texts[-1])
    return Segments(alphabet, texts, units, each - last, each, not_gsm)


def encode_gsm(text: str) -> bytes:
    """One octet a septet, as SMPP carries it. Raises UnicodeEncodeError, as codecs do."""
    foreign = set(text) - _CODES.keys()
    if foreign:
        at = min(text.index(char) for char in foreign)
        raise UnicodeEncodeError("gsm", text, at, at + 1, "not in the GSM alphabet")
    return text.translate(_AS_LATIN).encode("latin-1")


def decode_gsm(septets: bytes) -> str:
    """The text of one octet a septet. TS 23.038 section 6.2.1.1: what the extension table does not
    know is read as the basic table has it; an escape at the end is a space.
    """
    found: list[str] = []
    escaped = False
    for code in septets:
        if escaped:
            found.append(_EXTENDED.get(code) or (" " if code == _ESCAPE else _basic(code)))
            escaped = False
        elif code == _ESCAPE:
            escaped = True
        else:
            found.append(_basic(code))
    return "".join(found) + (" " if escaped else "")


def _basic(code: int) -> str:
    return _BASIC[code] if code < len(_BASIC) else "?"


def _units(char: str, alphabet: Alphabet) -> int:
    if alphabet is Alphabet.GSM:
        return len(_CODES[char])
    return 2 if ord(char) > 0xFFFF else 1


def _units_each(alphabet: Alphabet, header_octets: int) -> int:
    octets = _SEGMENT_OCTETS - header_octets
    return octets * 8 // 7 if alphabet is Alphabet.GSM else octets // 2


def _cut(text: str, alphabet: Alphabet, each: int) -> Iterator[str]:
    start, used = 0, 0
    for index, char in enumerate(text):
        units = _units(char, alphabet)
        if used + units > each:
            yield text[start:index]
            start, used = index, 0
        used += units
    yield text[start:]
