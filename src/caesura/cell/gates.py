"""A campaign's gates on this cell: one in each process that puts something of it on a wire.

Voice campaigns use the line, message campaigns the messenger, and a voice campaign with follow-ups
both. Whoever shuts them gets one answer, which is there when every one of them is shut.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable

from caesura.cell.voice_link import VoiceLink
from caesura.channel.port import GateShut, OpenGate, ShutGate

Answer = GateShut | None  # None: one of the processes cannot answer; the ttl confirms


class Gates:
    """See the module. Processes are known by the name of their link."""

    def __init__(self) -> None:
        self._links: dict[str, VoiceLink] = {}
        self._opened: defaultdict[int, set[str]] = defaultdict(set)  # by campaign, since ever
        self._awaited: dict[int, asyncio.Future[Answer]] = {}
        # How many answers each process still owes for each campaign. Only the last one speaks for
        # the last ShutGate: between two of them the gate may have been open.
        self._owed: Counter[tuple[str, int]] = Counter()
        self._said: dict[int, list[GateShut]] = {}  # last answers, until all are there

    def use(self, name: str, link: VoiceLink) -> None:
        """A process that has gates."""
        self._links[name] = link

    def open(self, campaign: int, epoch: int, until: float, processes: Iterable[str]) -> None:
        """Open or prolong the gates that the campaign needs; `until` is monotonic seconds."""
        for name in processes:
            self._opened[campaign].add(name)
            self._links[name].send(OpenGate(campaign=campaign, epoch=epoch, until_monotonic=until))

    def shut(self, campaign: int, processes: Iterable[str]) -> asyncio.Future[Answer]:
        """Shut every gate that was ever opened for the campaign, and those of `processes`.

        In this very turn of the loop. The future is their answer, all together.
        """
        awaited = self._awaited.get(campaign)
        if awaited is None:
            awaited = self._awaited[campaign] = asyncio.get_running_loop().create_future()
        names = sorted(self._opened[campaign].union(processes))
        for name in names:
            if self._links[name].up:
                self._owed[name, campaign] += 1
                self._links[name].send(ShutGate(campaign=campaign))
        if not names or not all(self._links[name].up for name in names):
            self._give_up(campaign)
        return awaited

    def answered(self, name: str, message: GateShut) -> None:
        """The process `name` says that its gate is shut."""
        campaign = message.campaign
        self._owed[name, campaign] -= 1
        if self._owed[name, campaign] > 0:
            return
        del self._owed[name, campaign]
        said = self._said.setdefault(campaign, [])
        said.append(message)
        if any(owing == campaign for _, owing in self._owed):
            return
        del self._said[campaign]
        awaited = self._awaited.pop(campaign, None)
        if awaited is not None and not awaited.done():
            awaited.set_result(_together(campaign, said))

    def is_gone(self, name: str) -> None:
        """The process is gone: it will answer nothing that it was asked."""
        for owing, campaign in list(self._owed):
            if owing == name:
                del self._owed[owing, campaign]
                self._give_up(campaign)

    def _give_up(self, campaign: int) -> None:
        self._said.pop(campaign, None)
        awaited = self._awaited.pop(campaign, None)
        if awaited is not None and not awaited.done():
            awaited.set_result(None)


def _together(campaign: int, said: list[GateShut]) -> GateShut:
    last = [each.last_left_at for each in said if each.last_left_at is not None]
    return GateShut(
        campaign=campaign,
        last_left_at=max(last, default=None),
        unlaunched=[attempt for each in said for attempt in each.unlaunched],
    )
