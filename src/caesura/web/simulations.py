"""The simulations of this process: one computes at a time, and what came of each is kept an hour.

They stand in memory: none of it belongs to a campaign, and a restart may forget it. So a simulation
is known to the web process that was asked for it, and to no other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID, uuid4

import structlog

from caesura.errors import Conflict, NotFound
from caesura.simulate.apart import Failed, compare_apart
from caesura.simulate.shift import Shift

log = structlog.get_logger()

KEPT = timedelta(hours=1)
_KEPT_MAX = 100


class SimulationRuns(Conflict):
    """Another one computes; `simulation` says which."""

    slug = "simulation-runs"


@dataclass(eq=False)
class Simulation:
    """One comparison, computing or ended."""

    id: UUID
    shift: Shift
    pacings: tuple[str, ...]
    started_by: str
    started_at: datetime
    state: Literal["running", "done", "failed"] = "running"
    figures: list[dict[str, Any]] = field(default_factory=list)  # of the pacings done, in order
    under_way: float = 0.0  # share of the next pacing that is done
    error: str | None = None
    ended_at: datetime | None = None
    task: asyncio.Task[None] | None = None

    @property
    def done(self) -> float:
        """Share of all of it, 0 to 1; each pacing counts alike, however long it takes."""
        if self.state == "done":
            return 1.0
        return min(1.0, (len(self.figures) + self.under_way) / len(self.pacings))

    @property
    def pacing(self) -> str | None:
        """Which is computed now; None once all are, even while their process still ends."""
        left = self.pacings[len(self.figures) :]
        return left[0] if left and self.state == "running" else None


class Simulations:
    """All that this process knows of."""

    def __init__(self) -> None:
        self._known: dict[UUID, Simulation] = {}  # oldest first

    def start(self, shift: Shift, pacings: Sequence[str], actor: str) -> Simulation:
        """Begin to compute. Raises SimulationRuns while another is computed."""
        self._forget_old()
        for each in self._known.values():
            if each.state == "running":
                raise SimulationRuns(
                    f"A simulation that {each.started_by} started is computed, {each.done:.0%} of "
                    "it done. Wait for it, or cancel it.",
                    simulation=str(each.id),
                )
        made = Simulation(uuid4(), shift, tuple(pacings), actor, datetime.now(UTC))
        self._known[made.id] = made
        made.task = asyncio.create_task(self._compute(made), name=f"simulation {made.id}")
        return made

    def find(self, simulation: UUID) -> Simulation:
        """Raises NotFound: also of one that another process computes, or that is forgotten."""
        self._forget_old()
        found = self._known.get(simulation)
        if found is None:
            raise NotFound("simulation", str(simulation))
        return found

    async def cancel(self, simulation: UUID) -> None:
        """Forget it; if it still computes, its process is gone when this returns."""
        found = self.find(simulation)
        await self._end(found)
        self._known.pop(found.id, None)

    async def stop(self) -> None:
        """End what computes."""
        for each in list(self._known.values()):
            await self._end(each)

    async def _end(self, simulation: Simulation) -> None:
        if simulation.task is not None:
            simulation.task.cancel()
            with suppress(asyncio.CancelledError):
                await simulation.task

    async def _compute(self, simulation: Simulation) -> None:
        try:
            async with aclosing(compare_apart(simulation.shift, simulation.pacings)) as told:
                async for said in told:
                    if isinstance(said, float | int):
                        simulation.under_way = said
                    else:
                        simulation.figures.append(said)
                        simulation.under_way = 0.0
            simulation.state = "done"
        except Failed as why:
            simulation.state, simulation.error = "failed", why.message
        except asyncio.CancelledError:
            simulation.state, simulation.error = "failed", "It was cancelled."
            raise
        except Exception:  # the task's outermost level
            log.exception("simulation failed", simulation=str(simulation.id))
            simulation.state, simulation.error = "failed", "The server failed; its log says how."
        finally:
            simulation.ended_at = datetime.now(UTC)

    def _forget_old(self) -> None:
        since = datetime.now(UTC) - KEPT
        ended = [each for each in self._known.values() if each.ended_at is not None]
        kept = [each for each in ended if each.ended_at and each.ended_at >= since][-_KEPT_MAX:]
        for each in ended:
            if each not in kept:
                del self._known[each.id]
