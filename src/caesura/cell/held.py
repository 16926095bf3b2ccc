"""What a cell holds of one campaign: its runner, and where it stands in the pause protocol."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from caesura.rules.claim import Tally
from caesura.rules.runner import Runner
from caesura.store.follow_up import Due


@dataclass
class Held:
    """One campaign on this cell, from its first lease until nothing of it is left here."""

    campaign: int
    runner: Runner
    settings_version: int
    tally: Tally = field(default_factory=Tally)
    follow_ups: Due = field(default_factory=Due)  # messages beside the leads' turns
    lease_since: datetime | None = None  # which lease opened the gate (lease.acquired_at)
    silencing: bool = False  # its acknowledgement is under way
    silent: asyncio.Event = field(default_factory=asyncio.Event)  # confirmed, on every cell
    silence_again: int | None = None  # up to this epoch, when that one is done
    # Its calls that no paused part has are to go on under the next epoch: that was all that the
    # last silence was about.
    readmit: bool = False
    failing: str | None = None  # what its last failed tick said
    # Whoever journals launches of the campaign holds it, so that an acknowledgement waits for a
    # launch that is already between journal and line.
    launching: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def open(self) -> bool:
        return self.runner.epoch is not None

    @property
    def processes(self) -> list[str]:
        """Which processes put something of the campaign on a wire: `line`, `messenger`."""
        settings = self.runner.settings
        if settings.channel != "voice":
            return ["messenger"]
        sends = settings.follow_ups or self.follow_ups.any
        return ["line", "messenger"] if sends else ["line"]


class Runners(Mapping[int, Runner]):
    """The runners of what is held, by campaign, as the exchange looks at them."""

    def __init__(self, held: Mapping[int, Held]) -> None:
        self._held = held

    def __getitem__(self, campaign: int) -> Runner:
        return self._held[campaign].runner

    def __iter__(self) -> Iterator[int]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)
