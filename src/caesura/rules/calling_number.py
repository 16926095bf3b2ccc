"""Which of a campaign's calling numbers one call shows.

Only numbers that the campaign owns are ever shown: 47 CFR 64.1604 forbids a caller ID meant to
deceive, and attestation A needs a number of one's own (docs/regulations.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from caesura.errors import Invalid
from caesura.rules.campaign import NumberChoice


def choose(numbers: Sequence[str], called: str, choice: NumberChoice, counter: int) -> str:
    """The calling number for a call to `called`; all are E.164 with +.

    ROTATE takes them in turn. LOCAL_PRESENCE takes the one that shares the longest prefix with
    `called`, and those that share equally much in turn. `counter` is how many calls were given a
    number before, in whatever scope is to rotate. Raises Invalid if there is no number.
    """
    if not numbers:
        raise Invalid("The campaign has no calling number.", field="calling_numbers")
    candidates = numbers
    if choice is NumberChoice.LOCAL_PRESENCE:
        shared = [_common_prefix(number, called) for number in numbers]
        most = max(shared)
        candidates = [n for n, length in zip(numbers, shared, strict=True) if length == most]
    return candidates[counter % len(candidates)]


def _common_prefix(one: str, other: str) -> int:
    pairs = zip(one, other, strict=False)  # of unequal length
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
