"""How many messages may be handed to each provider now, on this cell.

As with trunks, a provider's limits are shared among the cells that run, and each keeps to its part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import structlog

from caesura.messages.port import ConfigureProviders, ProviderConfig, ProviderState
from caesura.rules.campaign import FixedPacing
from caesura.rules.pacing.fixed import decide, not_started
from caesura.rules.pacing.snapshot import PacingState, Snapshot, share

# The messenger counts by its own clock; staying a little below keeps messages from bouncing.
_RATE_HEADROOM = 0.98
# So many windows' worth may be with the messenger: what waits there can still be stopped, and is
# ready at once when an answer makes room.
_AHEAD = 2

log = structlog.get_logger(__name__)


@dataclass
class _Provider:
    config: ProviderConfig
    messages: int = 0  # with the messenger, or unanswered
    pacing: PacingState = field(default_factory=PacingState)
    state: ProviderState | None = None  # None until the messenger has told

    @property
    def usable(self) -> bool:
        state = self.state
        return state is None or (state.reachable and state.bound is not False)


class Providers:
    """The cell's picture of its providers: limits, health, and messages on each."""

    def __init__(self) -> None:
        self._providers: dict[str, _Provider] = {}

    def configure(self, rows: Sequence[dict[str, Any]], cells: int, rank: int) -> bool:
        """Take the providers as stored, cut to this cell's share; whether anything changed."""
        configs = {}
        for row in rows:
            if row["enabled"] and (config := _share_of(row, cells, rank)) is not None:
                configs[config.name] = config
        if configs == {name: one.config for name, one in self._providers.items()}:
            return False
        known, self._providers = self._providers, {}
        for name, config in configs.items():
            one = known.get(name) or _Provider(config)
            one.config = config
            self._providers[name] = one
        return True

    def message(self) -> ConfigureProviders:
        """What the messenger is to know."""
        return ConfigureProviders(providers=[one.config for one in self._providers.values()])

    def health(self, state: ProviderState) -> None:
        """The messenger says how a provider is doing."""
        if state.name in self._providers:
            self._providers[state.name].state = state

    def messenger_is_gone(self) -> None:
        """The messenger is gone, and every message and all it knew with it."""
        for one in self._providers.values():
            one.messages, one.state = 0, None

    def usable(self, names: Sequence[str]) -> list[str]:
        """Those of `names` that exist and are not known to be down, in order."""
        return [one.config.name for one in self._usable(names)]

    def room(self, names: Sequence[str], now: float) -> int:
        """How many messages `names` together take now; `now` is monotonic seconds."""
        return sum(_granted(one, now)[0] for one in self._usable(names))

    def take(self, names: Sequence[str], segments: int, now: float) -> str | None:
        """Reserve a message on the first of `names` with room; its name, or None."""
        for one in self._usable(names):
            granted, state = _granted(one, now)
            if granted > 0:
                one.pacing = not_started(state, granted - segments)
                one.messages += 1
                return one.config.name
        return None

    def give_back(self, name: str) -> None:
        """A message has its answer, or was not sent."""
        if name in self._providers:
            self._providers[name].messages = max(0, self._providers[name].messages - 1)

    def moved(self, before: str, after: str) -> None:
        """A message went to another provider."""
        if before != after:
            self.give_back(before)
            if after in self._providers:
                self._providers[after].messages += 1

    def _usable(self, names: Sequence[str]) -> list[_Provider]:
        found = (self._providers.get(name) for name in names)
        return [one for one in found if one is not None and one.usable]


def _granted(one: _Provider, now: float) -> tuple[int, PacingState]:
    rate = one.config.max_per_s
    pacing = FixedPacing(
        concurrency=one.config.window * _AHEAD, cps=None if rate is None else rate * _RATE_HEADROOM
    )
    granted, state = decide(pacing, Snapshot(one.messages), one.pacing, now)
    if granted < 0:  # long messages have used up the rate ahead
        return 0, not_started(state, granted)
    return granted, state


def _share_of(row: dict[str, Any], cells: int, rank: int) -> ProviderConfig | None:
    plain = {name: value for name, value in row.items() if name not in ("enabled", "window_size")}
    rate = row["max_per_s"]
    plain["window"] = max(1, share(row["window_size"], cells, rank))
    plain["max_per_s"] = None if rate is None else rate / cells
    try:
        return ProviderConfig.of(plain)
    except msgspec.ValidationError as error:
        log.error("a provider cannot be used", name=row["name"], why=str(error))
        return None
