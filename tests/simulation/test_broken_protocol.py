"""The histories are tested too: with a step of the protocol broken, one breaks the promise.

Faults that need a rarer coincidence than these are found by the model (tests/model).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.simulation.history import simulate
from tests.simulation.line import SimulatedLine

from caesura.cell.hands import Hands
from caesura.cell.silence import Silencer
from caesura.channel.gate import Gates
from caesura.rules.call import Launch
from caesura.rules.runner import Runner
from caesura.store import lifecycle
from caesura.voice import port

pytestmark = pytest.mark.timeout(300)

AT_MOST = 400  # histories

Break = Callable[[pytest.MonkeyPatch], None]
BREAKS: dict[str, tuple[Break, str, int]] = {}


def breaks(promise: str, seed: int) -> Callable[[Break], Break]:
    """What it breaks, and the history that showed it when this was written: tried first."""

    def keep(way: Break) -> Break:
        BREAKS[way.__name__] = way, promise, seed
        return way

    return keep


@breaks("Silence", 9)
def confirmed_without_waiting(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(lifecycle, "LEASE_TTL_S", 0.0)


@breaks("Silence", 200)
def acknowledged_before_the_gate_is_shut(patch: pytest.MonkeyPatch) -> None:
    async def at_once(_self: Silencer, _shut: Any) -> port.GateShut:
        return port.GateShut(campaign=7, last_left_at=None, unlaunched=[])

    patch.setattr(Silencer, "_answer", at_once)


@breaks("Silen", 0)  # Silence, or silent when in doubt
def retransmitted_without_asking(patch: pytest.MonkeyPatch) -> None:
    def retransmit(self: SimulatedLine, call: Any, trunk: int, number: int) -> None:
        if not call.over and not call.cancelled and call.trunk == trunk:
            self._judge(call.dial, trunk, number)

    patch.setattr(SimulatedLine, "_retransmit", retransmit)


@breaks("Silence", 11)
def gate_without_a_deadline(patch: pytest.MonkeyPatch) -> None:
    def is_open(self: Gates, campaign: int, epoch: int, now: float) -> bool:
        gate = self._gates.get(campaign)
        return gate is not None and gate.epoch == epoch

    patch.setattr(Gates, "is_open", is_open)


@breaks("Once", 0)
def dialled_before_it_is_journalled(patch: pytest.MonkeyPatch) -> None:
    async def unwritten(_self: Hands, held: Any, _epoch: int, leads: Any, attempts: Any) -> Any:
        return [
            Launch(attempt, lead.id, lead.phone, held.runner.calling_number(lead))
            for attempt, lead in zip(attempts, leads, strict=False)
        ]

    patch.setattr(Hands, "_journal_all", unwritten)


@breaks("Nothing lost", 71)
def undone_before_the_commit_in_doubt(patch: pytest.MonkeyPatch) -> None:
    async def never(_self: Hands, *_: Any) -> None: ...

    patch.setattr(Hands, "_undo", never)


@breaks("Rules", 168)
def asked_only_at_the_claim(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Runner, "recheck", lambda _self, leads, _facts, _now: (list(leads), []))


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_step_breaks_the_promise(name: str, tmp_path: Path) -> None:
    way, promise, known = BREAKS[name]
    for seed in (known, *range(AT_MOST)):
        with pytest.MonkeyPatch.context() as patch:
            way(patch)
            history = simulate(seed, tmp_path / str(seed), patch)
        if any(violation.startswith(promise) for violation in history.violations):
            return
    pytest.fail(f"{name}: none of {AT_MOST} histories notices")
