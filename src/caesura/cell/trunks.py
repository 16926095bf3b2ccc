"""How many calls may start now over each trunk, on this cell.

A trunk's limits are shared among the cells that run: each keeps to its share, so that together
they keep to the whole without asking one another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from caesura.rules.campaign import FixedPacing
from caesura.rules.pacing.fixed import decide, not_started
from caesura.rules.pacing.snapshot import PacingState, Snapshot, share
from caesura.voice.port import ConfigureTrunks, TrunkConfig, TrunkState

_NO_LIMIT = 100_000
# The line counts INVITEs by its own clock; staying a little below keeps dials from bouncing.
_CPS_HEADROOM = 0.95


@dataclass
class _Trunk:
    config: TrunkConfig
    calls: int = 0
    pacing: PacingState = field(default_factory=PacingState)
    state: TrunkState | None = None  # None until the line has told

    @property
    def usable(self) -> bool:
        state = self.state
        return state is None or (state.reachable and state.registered is not False)


class Trunks:
    """The cell's picture of its trunks: limits, health, and calls on each."""

    def __init__(self) -> None:
        self._trunks: dict[str, _Trunk] = {}

    def configure(self, rows: Sequence[dict[str, Any]], cells: int, rank: int) -> bool:
        """Take the trunks as stored, cut to this cell's share; whether anything changed."""
        configs = {row["name"]: _share_of(row, cells, rank) for row in rows if row["enabled"]}
        if configs == {name: trunk.config for name, trunk in self._trunks.items()}:
            return False
        known, self._trunks = self._trunks, {}
        for name, config in configs.items():
            trunk = known.get(name) or _Trunk(config)
            trunk.config = config
            self._trunks[name] = trunk
        return True

    def message(self) -> ConfigureTrunks:
        """What the line is to know."""
        return ConfigureTrunks(trunks=[trunk.config for trunk in self._trunks.values()])

    def health(self, state: TrunkState) -> None:
        """The line says how a trunk is doing."""
        if state.name in self._trunks:
            self._trunks[state.name].state = state

    def line_is_gone(self) -> None:
        """The line is gone, and every call and all it knew with it."""
        for trunk in self._trunks.values():
            trunk.calls, trunk.state = 0, None

    def usable(self, names: Sequence[str]) -> list[str]:
        """Those of `names` that exist and are not known to be down, in order."""
        return [trunk.config.name for trunk in self._usable_trunks(names)]

    def room(self, names: Sequence[str], now: float) -> int:
        """How many calls may start now over `names` together; `now` is monotonic seconds."""
        return sum(self._granted(trunk, now)[0] for trunk in self._usable_trunks(names))

    def take(self, names: Sequence[str], now: float) -> str | None:
        """Reserve a call on the first of `names` with room; its name, or None."""
        for trunk in self._usable_trunks(names):
            granted, state = self._granted(trunk, now)
            if granted > 0:
                trunk.pacing = not_started(state, granted - 1)
                trunk.calls += 1
                return trunk.config.name
        return None

    def give_back(self, name: str) -> None:
        """A call on the trunk has ended, or did not come about."""
        if name in self._trunks:
            self._trunks[name].calls = max(0, self._trunks[name].calls - 1)

    def moved(self, before: str, after: str) -> None:
        """A call failed over to another trunk."""
        if before != after:
            self.give_back(before)
            if after in self._trunks:
                self._trunks[after].calls += 1

    def _usable_trunks(self, names: Sequence[str]) -> list[_Trunk]:
        trunks = (self._trunks.get(name) for name in names)
        return [trunk for trunk in trunks if trunk is not None and trunk.usable]

    @staticmethod
    def _granted(trunk: _Trunk, now: float) -> tuple[int, PacingState]:
        limit = trunk.config.max_channels
        if limit == 0:
            return 0, trunk.pacing
        cps = trunk.config.max_cps
        pacing = FixedPacing(
            concurrency=limit or _NO_LIMIT, cps=None if cps is None else cps * _CPS_HEADROOM
        )
        return decide(pacing, Snapshot(trunk.calls), trunk.pacing, now)


def _share_of(row: dict[str, Any], cells: int, rank: int) -> TrunkConfig:
    config = TrunkConfig(
        name=row["name"],
        host=row["host"],
        port=row["port"],
        username=row["username"],
        password=row["password"],
        register=row["register"],
        max_channels=row["max_channels"],
        max_cps=row["max_cps"],
        options_interval_s=row["options_interval_s"],
    )
    channels, cps = config.max_channels, config.max_cps
    return msgspec.structs.replace(
        config,
        max_channels=None if channels is None else share(channels, cells, rank),
        max_cps=None if cps is None else cps / cells,
    )
