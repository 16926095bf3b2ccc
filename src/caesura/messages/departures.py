"""Messages that wait to leave, in the order in which they came.

Grouped by the providers that they may go to: what the first of a group cannot do now, the others
of that group cannot either.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from uuid import UUID

from caesura.messages.drivers.driver import Refused
from caesura.messages.port import Submit


class Reservation:
    """Of room at a provider."""

    def __init__(self) -> None:
        self.reserved = 0  # segments that its driver has, and that have not left


class Departing:
    """One message, until it has its answer."""

    __slots__ = (
        "deadline", "left", "making_ready", "refused", "reservation", "segments", "submit", "task",
        "untried",
    )  # fmt: skip

    def __init__(self, submit: Submit, deadline: float) -> None:
        self.submit = submit
        self.deadline = deadline  # monotonic; until when it may wait
        self.untried = list(submit.providers)
        self.segments = 1
        self.left = False  # it was handed to a provider at least once
        self.making_ready = False  # a driver has it, and it has not left
        self.reservation = Reservation()  # of whom makes it ready
        self.task: asyncio.Task[None] | None = None
        self.refused: tuple[str, Refused] | None = None  # by whom last, and how


_Group = OrderedDict[UUID, Departing]


class Waiting:
    """See the module."""

    def __init__(self) -> None:
        self._groups: dict[tuple[str, ...], _Group] = {}

    def __bool__(self) -> bool:
        return bool(self._groups)

    def add(self, departing: Departing, *, first: bool = False) -> None:
        group = self._groups.setdefault(tuple(departing.untried), OrderedDict())
        attempt = departing.submit.attempt
        group[attempt] = departing
        if first:
            group.move_to_end(attempt, last=False)

    def discard(self, departing: Departing) -> None:
        key = tuple(departing.untried)
        group = self._groups.get(key)
        if group is not None:
            group.pop(departing.submit.attempt, None)
            if not group:
                del self._groups[key]

    def heads(self) -> list[Departing]:
        """The first of each group."""
        return [next(iter(group.values())) for group in self._groups.values()]

    def next_after(self, departing: Departing) -> Departing | None:
        """The one behind the head `departing`."""
        behind = iter(self._groups[tuple(departing.untried)].values())
        next(behind)
        return next(behind, None)

    def take_group(self, departing: Departing) -> list[Departing]:
        """Take out all of its group."""
        return list(self._groups.pop(tuple(departing.untried), {}).values())

    def take(self, which: Callable[[Submit], bool]) -> list[Departing]:
        """Take out those of which `which` is true."""
        return self._take(lambda departing: which(departing.submit))

    def late(self, now: float) -> list[Departing]:
        """Take out those that have waited as long as they may."""
        return self._take(lambda departing: departing.deadline <= now)

    def _take(self, which: Callable[[Departing], bool]) -> list[Departing]:
        found = [
            departing
            for group in self._groups.values()
            for departing in group.values()
            if which(departing)
        ]
        for departing in found:
            self.discard(departing)
        return found
