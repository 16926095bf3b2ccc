"""Every reason that a cell can give has a sentence for people."""

from __future__ import annotations

import pytest

from caesura.rules.floor.decision import Denial
from caesura.rules.refusal import Refusal
from caesura.web.denied import Denied, sentence

REASONS = [*Denial, *Refusal]


@pytest.mark.parametrize("reason", REASONS)
def test_each_reason_is_said_in_a_sentence_of_its_own(reason: Denial | Refusal) -> None:
    assert sentence(str(reason)).endswith(".")
    assert sentence(reason) != sentence("something else")
    assert Denied(reason).data == {"denial": reason.value}


def test_no_two_reasons_are_said_alike() -> None:
    assert len({sentence(reason) for reason in REASONS}) == len(REASONS)
