"""Segments and the GSM alphabet, held to the tables of 3GPP TS 23.038 and 23.040."""

from __future__ import annotations

import pytest

from caesura.rules.segments import Alphabet, decode_gsm, encode_gsm, segments


@pytest.mark.parametrize(
    ("letter", "one", "each"),
    [("a", 160, 153), ("€", 80, 76), ("ж", 70, 67), ("😀", 35, 33)],
)
def test_a_text_is_cut_where_the_standard_says(letter: str, one: int, each: int) -> None:
    assert segments(letter * one).count == 1
    assert segments(letter * (one + 1)).count == 2
    assert segments(letter * (2 * each)).count == 2
    assert segments(letter * (2 * each + 1)).count == 3


def test_a_longer_reference_leaves_room_for_less() -> None:
    assert segments("a" * 306, reference_bits=16).count == 3
    assert segments("a" * 304, reference_bits=16).count == 2


def test_one_character_makes_it_dearer_and_is_named() -> None:
    cut = segments("Ça va? Ça va ✓✓ très bien")
    assert cut.alphabet is Alphabet.UCS2
    assert cut.not_gsm == "✓"
    assert segments("très bien @ $5 [£]").alphabet is Alphabet.GSM


def test_what_is_left_counts_as_the_user_types() -> None:
    assert segments("").units_left == 160
    assert segments("a{").units_left == 157
    assert segments("a" * 161).units_left == 2 * 153 - 161


def test_the_tables_have_the_codes_of_the_standard() -> None:
    assert encode_gsm("@$ _Æ¡Ä§¿à") == bytes(
        [0x00, 0x02, 0x20, 0x11, 0x1C, 0x40, 0x5B, 0x5F, 0x60, 0x7F]
    )
    assert encode_gsm("€[]{}\\~^|\f") == bytes.fromhex("1b651b3c1b3e1b281b291b2f1b3d1b141b401b0a")


def test_what_the_alphabet_lacks_is_an_error_that_names_it() -> None:
    with pytest.raises(UnicodeEncodeError) as raised:
        encode_gsm("aß✓")
    assert raised.value.object[raised.value.start] == "✓"


def test_unknown_escapes_are_read_as_the_standard_says() -> None:
    assert decode_gsm(b"\x1b\x41") == "A"
    assert decode_gsm(b"a\x1b") == "a "
