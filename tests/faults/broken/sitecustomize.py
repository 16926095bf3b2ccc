"""Breaks a step of the protocol in every Python process that finds this on its path.

For the test that the whole harness, and not only its judge, notices. Nothing else imports it.
The step: a gate is open until a moment. Here it stays open until the cell says otherwise, so a
line that is stopped while a pause is confirmed by expiry calls on when it wakes.
"""

import os
import sys
import traceback


def _break() -> None:
    from caesura.channel.gate import Gates

    def is_open(self: Gates, campaign: int, epoch: int, now: float) -> bool:
        gate = self._gates.get(campaign)
        return gate is not None and gate.epoch == epoch

    Gates.is_open = is_open  # type: ignore[method-assign]


if "caesura.voice.line" in sys.orig_argv:
    try:
        _break()
    except (ImportError, AttributeError):
        traceback.print_exc()
        os._exit(1)  # Python would go on, unbroken
