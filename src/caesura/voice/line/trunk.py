"""A trunk: how many calls it takes, how fast, and whether it is there.

Limits are answered with no, never with waiting: nothing timed waits downstream of the gate
(docs/promise.md, step 2).
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections import Counter, deque
from collections.abc import Callable

from caesura.voice.line.keeper import Health, TrunkKeeper
from caesura.voice.port import TrunkConfig, TrunkState
from caesura.voice.sip import Address, SipStack, numeric_host

log = logging.getLogger(__name__)

# Reasons of NotLaunched (voice port).
NO_CHANNEL = "no_channel"
TRUNK_DOWN = "trunk_down"


class Trunk:
    """One trunk as the line sees it; `on_state` is told of every change."""

    def __init__(
        self, stack: SipStack, config: TrunkConfig, on_state: Callable[[TrunkState], None]
    ) -> None:
        self.config = config
        self.address: Address | None = None  # None while its host is not resolved
        self.active = 0  # legs that hold a channel
        self._stack = stack
        self._on_state = on_state
        self._health = Health(reachable=True, registered=None, detail="not checked yet")
        self._failures: Counter[str] = Counter()  # "503" or "no response" -> how often
        self._launches: deque[float] = deque()  # monotonic times of the last INVITEs
        self._keeper: TrunkKeeper | None = None
        self._resolving: asyncio.Task[None] | None = None
        self._told: TrunkState | None = None
        self.configure(config)

    def configure(self, config: TrunkConfig) -> None:
        """Take new settings; running calls keep what they started with."""
        self.close()
        self.config = config
        self._launches = deque(maxlen=self._launches_per_window())
        self.address = None
        if (numeric := numeric_host(config.host)) is not None:
            self._look_after(numeric)
        else:
            self._resolving = asyncio.ensure_future(self._resolve())

    def close(self) -> None:
        """Stop looking after it; calls on it go on."""
        if self._resolving is not None:
            self._resolving.cancel()
        if self._keeper is not None:
            self._keeper.close()
            self._keeper = None

    async def _resolve(self) -> None:
        host = self.config.host
        while (numeric := await self._stack.resolve(host)) is None:
            self._set(Health(False, self._health.registered, f"cannot resolve {host}"))
            await asyncio.sleep(min(self.config.options_interval_s or 30.0, 30.0))
        self._look_after(numeric)

    def _look_after(self, numeric: str) -> None:
        self.address = (numeric, self.config.port)
        registered = False if self.config.register else None
        self._set(Health(True, registered, "not checked yet"))
        self._keeper = TrunkKeeper(self._stack, self.config, self.address, self._set)
        self._keeper.start()

    # ---------------------------------------------------------------- limits

    def refusal(self, now: float) -> str | None:
        """Why no INVITE may go to this trunk at `now` (monotonic), or None if one may."""
        health = self._health
        if self.address is None or not health.reachable or health.registered is False:
            return TRUNK_DOWN
        limit = self.config.max_channels
        if limit is not None and self.active >= limit:
            return NO_CHANNEL
        recent = self._launches
        if recent.maxlen is not None and len(recent) == recent.maxlen:
            assert self.config.max_cps is not None
            window = recent.maxlen / self.config.max_cps
            if now - recent[0] < window:
                return NO_CHANNEL
        return None

    def take(self, now: float) -> None:
        """A leg takes a channel and one of the second's INVITEs."""
        self.active += 1
        self._launches.append(now)

    def release(self) -> None:
        self.active -= 1

    def _launches_per_window(self) -> int | None:
        """max_cps 25 is at most 25 in any one second; 0.5 at most 1 in any two."""
        cps = self.config.max_cps
        return None if cps is None else max(1, math.floor(cps))

    # ---------------------------------------------------------------- health

    def note_failure(self, what: str) -> None:
        """Count an INVITE that failed by the trunk's fault; told with the next state."""
        self._failures[what] += 1

    def state(self) -> TrunkState:
        counted = ", ".join(f"{n}x {what}" for what, n in sorted(self._failures.items()))
        detail = self._health.detail + (f"; calls: {counted}" if counted else "")
        return TrunkState(
            name=self.config.name,
            reachable=self._health.reachable,
            registered=self._health.registered,
            detail=detail,
        )

    def tell(self) -> None:
        """Tell the state, changed or not."""
        self._told = self.state()
        self._on_state(self._told)

    def _set(self, health: Health) -> None:
        was, self._health = self._health, health
        if (health.reachable, health.registered) != (was.reachable, was.registered):
            log.info("trunk %s: %s", self.config.name, self.state().detail)
        if self.state() != self._told:
            self.tell()
