"""The gates: may an INVITE or a message of this campaign and epoch leave at this very moment?

docs/promise.md, steps 1 and 2. Pure: `now` is CLOCK_MONOTONIC seconds and comes as argument.
A gate is open until a moment and not after, so that a line or a messenger that nobody talks to
falls silent by itself.
"""

from __future__ import annotations

import msgspec


class _Gate(msgspec.Struct):
    epoch: int
    until: float  # CLOCK_MONOTONIC seconds; open before, shut from then on


class Gates:
    """One gate per campaign. What is not known is shut."""

    def __init__(self) -> None:
        self._gates: dict[int, _Gate] = {}
        # When each campaign's last INVITE or message left, UTC seconds; while the process lives.
        self._last_left_at: dict[int, float] = {}

    def open(self, campaign: int, epoch: int, until: float) -> None:
        """Open, prolong or (with an earlier `until`) shorten; the epoch given is the only one."""
        self._gates[campaign] = _Gate(epoch, until)

    def shut(self, campaign: int) -> float | None:
        """Shut at once; when the campaign last had something leave here, or None if never."""
        self._gates.pop(campaign, None)
        return self._last_left_at.get(campaign)

    def shut_all(self) -> None:
        self._gates.clear()

    def is_open(self, campaign: int, epoch: int, now: float) -> bool:
        gate = self._gates.get(campaign)
        return gate is not None and gate.epoch == epoch and now < gate.until

    def note_left(self, campaign: int, at: float) -> None:
        """An INVITE or a message of the campaign has left; `at` is UTC seconds."""
        self._last_left_at[campaign] = at
