"""Whatever the text: its segments are the text, each fits, and what GSM encodes comes back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from caesura.rules.segments import Alphabet, decode_gsm, encode_gsm, segments

_GSM = st.text(decode_gsm(bytes(code for code in range(128) if code != 0x1B)) + "^{}\\[~]|€\f")
_ANY = st.text(st.characters(exclude_categories=["Cs"]))


@given(_GSM)
def test_what_gsm_encodes_comes_back(text: str) -> None:
    encoded = encode_gsm(text)
    assert max(encoded, default=0) < 128
    assert decode_gsm(encoded) == text


@given(st.one_of(_GSM, _ANY), st.sampled_from([8, 16]))
def test_segments_together_are_the_text_and_each_fits(text: str, bits: int) -> None:
    cut = segments(text, reference_bits=bits)
    assert "".join(cut.texts) == text
    header = 0 if cut.count == 1 else 6 if bits == 8 else 7
    for part in cut.texts:
        if cut.alphabet is Alphabet.GSM:
            septets = len(encode_gsm(part))
            assert header * 8 + septets * 7 <= 140 * 8
        else:
            assert header + len(part.encode("utf-16-be")) <= 140
    assert (cut.alphabet is Alphabet.GSM) == (not cut.not_gsm)


@given(_ANY)
def test_no_text_needs_more_segments_than_cutting_at_the_worst_place(text: str) -> None:
    cut = segments(text)
    if cut.count > 1:
        assert cut.count <= cut.units // (cut.units_each - 1) + 1
        assert cut.count >= cut.units / cut.units_each
