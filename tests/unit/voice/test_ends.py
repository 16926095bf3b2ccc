"""Who hears whom."""

from __future__ import annotations

from tests.unit.voice.test_sender import Kept, speech

from caesura.voice.media.ends import End, hold, join, part


def two() -> tuple[End, Kept, End, Kept]:
    one, other = Kept(), Kept()
    return End(one), one, End(other), other


def test_who_is_joined_hears_the_other_and_nobody_hears_himself() -> None:
    a, hears_a, b, hears_b = two()
    a.said(speech(1), "PCMU")
    assert not (hears_a.sent or hears_b.sent)
    join(a, b)
    a.said(speech(1), "PCMU")
    assert (len(hears_a.sent), len(hears_b.sent)) == (0, 1)
    b.said(speech(1), "PCMU")
    assert (len(hears_a.sent), len(hears_b.sent)) == (1, 1)


def test_on_hold_neither_hears_the_other() -> None:
    a, hears_a, b, hears_b = two()
    join(a, b)
    hold(a)
    a.said(speech(1), "PCMU")
    b.said(speech(1), "PCMU")
    assert not (hears_a.sent or hears_b.sent)
    assert not (a.talks or b.talks)


def test_a_third_one_leaves_the_second_alone() -> None:
    a, hears_a, b, hears_b = two()
    c, hears_c, *_ = two()
    join(a, b)
    join(a, c)
    assert b.other is None
    a.said(speech(1), "PCMU")
    b.said(speech(1), "PCMU")
    assert (len(hears_a.sent), len(hears_b.sent), len(hears_c.sent)) == (0, 0, 1)


def test_parting_twice_is_safe() -> None:
    a, _, b, _ = two()
    join(a, b)
    part(b)
    part(b)
    part(a)
    assert a.other is b.other is None
