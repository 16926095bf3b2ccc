"""Fixed pacing: so many calls at once, started no faster than so many per second.

The rate is a token bucket that is nearly flat: it holds a tenth of a second's worth, or one call.
So nothing bursts and nothing is caught up after a stall; carriers police both. To keep up a rate,
ask at least every 100 ms.

It is a pacing of its own where calls hear a message, and the ceiling of every other kind.
"""

from __future__ import annotations

import math

from caesura.rules.campaign import Ceiling
from caesura.rules.pacing import ramp_up
from caesura.rules.pacing.snapshot import PacingState, Snapshot, share

BURST_S = 0.1  # how much of a second's calls may start in one moment


def decide(
    pacing: Ceiling,
    snapshot: Snapshot,
    state: PacingState,
    now: float,
    ramp_up_s: float = 0.0,
) -> tuple[int, PacingState]:
    """How many calls this cell starts now, and the state for the next decision.

    `now` is on the clock of `snapshot.resumed_at`. During the first `ramp_up_s` seconds after that,
    concurrency and rate of the whole campaign grow evenly to full, beginning with one call. Whoever
    starts fewer than decided (no lead is due) says so to `not_started`.
    """
    grown = ramp_up.grown(snapshot.resumed_at, now, ramp_up_s)
    limit = share(ramp_up.allowed(pacing.concurrency, grown), snapshot.cells, snapshot.rank)
    room = max(0, limit - snapshot.in_flight)
    if pacing.cps is None:
        return room, state
    rate = pacing.cps * grown / snapshot.cells
    burst = max(1.0, rate * BURST_S)
    waited = 0.0 if state.at is None else max(0.0, now - state.at)
    # What came since the last decision may top the bucket by less than one call: the fraction that
    # a whole number of calls leaves over is not lost, or a rate of 9/s asked every 100 ms were 5/s.
    brim = burst + min(1.0, rate * min(waited, BURST_S))
    tokens = min(state.tokens + rate * waited, brim)
    start = min(room, math.floor(tokens), math.ceil(burst))
    return start, PacingState(tokens=tokens - start, at=now)


def not_started(state: PacingState, calls: int) -> PacingState:
    """Give back the tokens of calls that were decided and not started."""
    return PacingState(tokens=state.tokens + calls, at=state.at)
