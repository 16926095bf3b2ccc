"""Breaks a step of the protocol in every Python process that finds this on its path.

For the test that the whole harness, and not only its judge, notices. Nothing else imports it.
The step: a gate is open until a moment. Here it stays open until the cell says otherwise, so a
line that is stopped while a pause is confirmed by expiry calls on when it wakes.
"""

import sys

if "caesura.voice.line" in sys.orig_argv:
    from caesura.voice.line.gate import Gates

    def _is_open(self: Gates, campaign: int, epoch: int, now: float) -> bool:
        gate = self._gates.get(campaign)
        return gate is not None and gate.epoch == epoch

    Gates.is_open = _is_open  # type: ignore[method-assign]
