"""Which encoding and delimiter does a text file have?

The whole file is looked at once, a megabyte at a time: an accent in the last row decides as well
as one in the first. UTF-8 is proved, not guessed; only what is no UTF-8 is given to
charset-normalizer, with the lines that are not plain ASCII as its sample.
"""

from __future__ import annotations

import codecs
import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import charset_normalizer

from caesura.errors import Invalid

_CHUNK = 1 << 20
_LINE_MAX = 4 << 20  # bytes without a line's end: then it is no list
_SAMPLE_MAX = 64 << 10
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is its beginning
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Those that lists come in; ISO 8859-1 and -15 are in practice Windows' superset of them.
_CANDIDATES = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258",
    "iso8859_2", "koi8_r", "shift_jis", "cp932", "euc_jp", "euc_kr", "gb18030", "big5",
    "cp437", "cp850", "mac_roman",
]  # fmt: skip
# Where Windows' encoding is not the western one.
_REGIONAL = {
    region: encoding
    for encoding, regions in {
        "cp1250": "PL CZ SK HU SI HR BA RO AL",
        "cp1251": "RU BY BG UA RS MK KZ KG MN TJ",
        "cp1253": "GR CY",
        "cp1254": "TR AZ",
        "cp1255": "IL",
        "cp1256": "EG SA AE IQ JO KW LB LY MA OM PS QA SD SY TN YE DZ BH IR PK",
        "cp1257": "EE LV LT",
        "cp1258": "VN",
    }.items()
    for region in regions.split()
}
_WESTERN = ("cp1252", "cp850", "cp437", "mac_roman")
_DELIMITERS = ",;\t|"


@dataclass(frozen=True)
class TextForm:
    """How a file's bytes become text."""

    encoding: str  # a Python codec
    lines: int  # physical lines, the last one also without a line's end
    proved: bool  # every byte is known to be text in it


def find_encoding(path: Path, said: str | None, region: str | None = None) -> TextForm:
    """The encoding that `said` names or the file shows, and its lines. Raises Invalid.

    `region` is where the list is from: it decides between encodings that fit equally.
    """
    with path.open("rb") as file:
        start = file.read(4096)
    encoding = _codec(said) if said is not None else _by_beginning(start) or ""
    if encoding.startswith(("utf-16", "utf-32", "utf_16", "utf_32")):
        return TextForm(encoding, _count_lines_decoded(path, encoding), proved=True)
    scan = _scan(path)
    encoding = encoding or _by_content(scan, region)
    return TextForm(encoding, scan.lines, scan.utf8 and encoding.startswith("utf-8"))


def find_delimiter(lines: list[str]) -> str:
    """The delimiter that cuts these first lines most evenly into most columns."""
    best, best_score = ",", (0.0, 0)
    for delimiter in _DELIMITERS:
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        except csv.Error:
            continue
        if not widths:
            continue
        width, count = Counter(w for w in widths).most_common(1)[0]
        score = (count / len(widths), width)
        if width > 1 and score > best_score:
            best, best_score = delimiter, score
    return best


@dataclass
class _Scan:
    lines: int
    utf8: bool
    sample: list[bytes]  # lines that are not ASCII


def _scan(path: Path) -> _Scan:
    """One pass over the bytes: lines, is it UTF-8, and lines that tell the encoding."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    newlines = returns = size = unbroken = sampled = 0
    utf8, sample, last = True, [], b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            size += len(chunk)
            found = chunk.count(b"\n")
            newlines += found
            returns += chunk.count(b"\r")
            unbroken = 0 if found or b"\r" in chunk else unbroken + len(chunk)
            if unbroken > _LINE_MAX:
                raise Invalid("This is no list: it has no line ends.", field="file")
            if utf8 and not (chunk.isascii() and decoder.getstate()[0] == b""):
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    utf8 = False
            if sampled < _SAMPLE_MAX and not chunk.isascii():
                whole = chunk.split(b"\n")
                whole = whole[1:-1] if size > _CHUNK and len(whole) > 2 else whole
                odd = [line for line in whole if not line.isascii()][:1000]
                sample += odd
                sampled += sum(map(len, odd))
            last = chunk[-1:]
    if utf8:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            utf8 = False
    ends = newlines or returns
    return _Scan(ends + (last not in (b"\n", b"\r", b"")), utf8, sample)


def _by_beginning(start: bytes) -> str | None:
    """By the byte order mark; or UTF-16 without one, by its NUL bytes."""
    for mark, encoding in _BOMS:
        if start.startswith(mark):
            return encoding
    if len(start) >= 8:
        half = len(start) // 2
        if start[1::2].count(0) > 0.4 * half and start[0::2].count(0) < 0.1 * half:
            return "utf-16-le"
        if start[0::2].count(0) > 0.4 * half and start[1::2].count(0) < 0.1 * half:
            return "utf-16-be"
    return None


def _by_content(scan: _Scan, region: str | None) -> str:
    if scan.utf8:
        return "utf-8"
    # UTF-8 with a few broken rows is still UTF-8: the broken rows are refused one by one.
    sound = sum(_is_utf8(line) for line in scan.sample)
    if sound * 2 >= len(scan.sample):
        return "utf-8"
    text = b"\n".join(scan.sample)[:_SAMPLE_MAX]
    matches = charset_normalizer.from_bytes(text, cp_isolation=_CANDIDATES)
    best = matches.best()
    if best is None:
        return "cp1252"
    # A list of names is short of language: often several encodings make words of it.
    fitting = {
        encoding
        for match in matches
        if match.chaos <= best.chaos + 0.02 and match.coherence >= best.coherence - 0.02
        for encoding in match.could_be_from_charset
    }
    for encoding in (_REGIONAL.get(region or "", "cp1252"), *_WESTERN):
        if encoding in fitting:
            return encoding
    return best.encoding


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _count_lines_decoded(path: Path, encoding: str) -> int:
    lines = 0
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        while chunk := file.read(_CHUNK):
            lines += chunk.count("\n")
    return lines + 1


def _codec(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise Invalid(f"There is no encoding {name!r}.", field="encoding") from None
