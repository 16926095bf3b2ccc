"""How fast a provider is sent to: its limit, and less while it asks for less.

Pure: `now` is monotonic seconds. What there is no token for waits before the gate.
"""

from __future__ import annotations

_BURST_S = 0.05  # a limit per second is kept within any 50 ms as well
_SLOWEST_PER_S = 1.0
_RECOVERS_PER_S = 0.10  # part of the limit that comes back each second
_MEASURED_S = 1.0


class Throughput:
    """Tokens for submissions, one for each segment. A long message may take more than there are:
    then the next one waits the longer.
    """

    def __init__(self, max_per_s: float | None) -> None:
        self.max_per_s = max_per_s
        self._slowed_to: float | None = None  # per second, at `_slowed_at`
        self._slowed_at = 0.0
        self._held_until = 0.0
        self._tokens = 1.0
        self._filled_at = 0.0
        self._taken, self._taken_since = 0.0, 0.0

    def take(self, now: float, segments: int) -> None:
        self._fill(now)
        self._tokens -= segments
        if now - self._taken_since > _MEASURED_S:
            self._taken, self._taken_since = 0.0, now
        self._taken += segments

    def ready_at(self, now: float) -> float:
        """When the next submission may leave; `now` or before if at once."""
        rate = self._rate(now)
        if rate is None:
            return self._held_until
        self._fill(now)
        return max(self._held_until, now + (1.0 - min(self._tokens, 1.0)) / rate)

    def throttled(self, now: float) -> None:
        """It was asked for less: nothing for a moment, then half as fast as until now."""
        if now < self._held_until:
            return  # answers to what left together say it once
        elapsed = max(now - self._taken_since, 0.05)
        rate = self._rate(now) or max(self._taken / elapsed, 2 * _SLOWEST_PER_S)
        self._slowed_to = max(rate / 2, _SLOWEST_PER_S)
        self._slowed_at = now
        self._held_until = now + 0.25

    def slowed(self, now: float) -> bool:
        self._rate(now)
        return self._slowed_to is not None

    def _rate(self, now: float) -> float | None:
        """Per second, or None for no limit."""
        if self._slowed_to is None:
            return self.max_per_s
        goal = self.max_per_s or 10 * self._slowed_to
        rate = self._slowed_to + goal * _RECOVERS_PER_S * (now - self._slowed_at)
        if rate < goal:
            return rate
        self._slowed_to = None
        return self.max_per_s

    def _fill(self, now: float) -> None:
        rate = self._rate(now)
        if rate is None:
            self._tokens = 1.0
        else:
            most = max(1.0, rate * _BURST_S)
            self._tokens = min(most, self._tokens + rate * (now - self._filled_at))
        self._filled_at = now
