"""G.711, both laws: tables between its bytes and 16-bit linear samples (ITU-T G.711). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

CODECS: Final = ("PCMU", "PCMA")


def _mu_law(byte: int) -> int:
    """One mu-law byte as a 16-bit sample: sign, 3 bits of segment, 4 bits of step, inverted."""
    byte ^= 0xFF
    magnitude = ((((byte & 0x0F) << 3) + 0x84) << (byte >> 4 & 0x07)) - 0x84
    return -magnitude if byte & 0x80 else magnitude


def _a_law(byte: int) -> int:
    """One A-law byte as a 16-bit sample; every second bit is inverted on the wire."""
    byte ^= 0x55
    segment, step = byte >> 4 & 0x07, byte & 0x0F
    magnitude = (step << 4) + 8 if segment == 0 else ((step << 4) + 0x108) << (segment - 1)
    return magnitude if byte & 0x80 else -magnitude


LINEAR: Final = {
    "PCMU": tuple(map(_mu_law, range(256))),
    "PCMA": tuple(map(_a_law, range(256))),
}


def _nearest(codec: str) -> bytes:
    """For each 14-bit sample (shifted by 8192), the byte whose linear value is nearest."""
    # The byte to prefer where two stand for one value (mu-law has two zeros): the idle one.
    by_value = {value: byte for byte, value in enumerate(LINEAR[codec])}
    values = sorted(by_value)
    table = bytearray(16384)
    at = 0
    for n in range(16384):
        sample = (n - 8192) * 4
        while at + 1 < len(values) and values[at + 1] - sample <= sample - values[at]:
            at += 1
        table[n] = by_value[values[at]]
    return bytes(table)


_ENCODE: Final = {codec: _nearest(codec) for codec in CODECS}


def encode(samples: Iterable[int], codec: str = "PCMU") -> bytes:
    """Linear samples (-32768..32767; beyond is clipped) as G.711."""
    table = _ENCODE[codec]
    return bytes(table[(min(max(s, -32768), 32767) >> 2) + 8192] for s in samples)


def decode(data: bytes, codec: str = "PCMU") -> list[int]:
    """G.711 as linear 16-bit samples."""
    table = LINEAR[codec]
    return [table[byte] for byte in data]


# From a byte of one law to the byte of the other whose value is nearest: bytes.translate takes it.
TRANSCODE: Final = {
    (source, target): encode(LINEAR[source], target)
    for source in CODECS
    for target in CODECS
    if source != target
}
