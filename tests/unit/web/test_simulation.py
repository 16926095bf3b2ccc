"""What `POST /simulations` takes, and that its process ends with it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from caesura.errors import Invalid, NotFound
from caesura.simulate.shift import Shift, shift_of
from caesura.web import simulation
from caesura.web.problems import field_errors
from caesura.web.simulation import SimulationRequest
from caesura.web.simulations import Simulation, SimulationRuns, Simulations

LONG = shift_of({"groups": [{"agents": 300}], "hours": 8}, "here")


def _said_of(body: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(ValidationError) as refused:
        SimulationRequest.model_validate(body)
    return {each["field"]: each["message"] for each in field_errors(refused.value.errors())}


@pytest.mark.parametrize(
    ("body", "field", "says"),
    [
        ({"shift": {"groups": [{"agents": 0}]}}, "shift.groups.0.agents", "greater than"),
        ({"shift": {"groups": [{"agents": 5, "logout": "08:00"}]}}, "shift.groups", "later"),
        ({"shift": {"answer_rate": [{"at": 0, "rate": 2}]}}, "shift.answer_rate.0.rate", "equal"),
        ({"shift": {"starts_at": "9 am"}}, "shift.starts_at", "time of day"),
        ({"shift": {"talks": 3}}, "shift.talks", "not permitted"),
        ({"pacings": []}, "pacings", "at least 1"),
        ({"pacings": ["predictive", "fast"]}, "pacings.1", "no pacing 'fast'"),
        ({"pacings": ["ratio:many"]}, "pacings.0", "no number"),
        ({"pacing": ["predictive"]}, "pacing", "not permitted"),
    ],
)
def test_what_is_wrong_is_named(body: dict[str, Any], field: str, says: str) -> None:
    assert says in _said_of(body)[field]


def test_nothing_is_imported_by_a_name_that_comes_by_http() -> None:
    said = _said_of({"pacings": ["caesura.rules.pacing.predictive:Predictive"]})
    assert "There is no pacing" in said["pacings.0"]


def test_more_than_some_minutes_can_compute_is_refused() -> None:
    asked = SimulationRequest(shift=LONG, pacings=["predictive", "best-ratio"])
    with pytest.raises(Invalid, match="agent hours"):
        simulation._check_size(asked)
    simulation._check_size(SimulationRequest(shift=LONG))


def test_none_is_under_way_once_all_figures_came_while_the_process_still_ends() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    ending = Simulation(UUID(int=1), Shift(), ("progressive",), "dana", now, figures=[{}])
    assert (ending.state, ending.pacing, ending.done) == ("running", None, 1.0)


async def _told(found: Simulation) -> None:
    while found.done == 0:
        assert found.state == "running", found.error
        await asyncio.sleep(0.02)


def _workers() -> list[int]:
    """The processes that compute for this one."""
    found = []
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            words = (directory / "cmdline").read_bytes().split(b"\0")
            parent = (directory / "stat").read_text().rpartition(")")[2].split()[1]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if b"caesura.simulate.worker" in words and int(parent) == _ME:
            found.append(int(directory.name))
    return found


_ME = int(Path("/proc/self").resolve().name)


async def test_a_cancelled_simulation_ends_its_process_and_is_forgotten() -> None:
    simulations = Simulations()
    started = simulations.start(LONG, ["predictive"], "dana")
    await _told(started)
    assert len(_workers()) == 1
    with pytest.raises(SimulationRuns, match="that dana started"):
        simulations.start(Shift(), ["progressive"], "eli")
    await simulations.cancel(started.id)
    assert _workers() == []
    with pytest.raises(NotFound):
        simulations.find(started.id)


async def test_a_server_that_stops_leaves_no_process_behind() -> None:
    simulations = Simulations()
    started = simulations.start(LONG, ["predictive"], "dana")
    await _told(started)
    await simulations.stop()
    assert _workers() == []


async def test_a_process_that_dies_fails_its_simulation_and_the_next_may_start() -> None:
    simulations = Simulations()
    started = simulations.start(LONG, ["predictive"], "dana")
    await _told(started)
    (worker,) = _workers()
    await asyncio.to_thread(_kill, worker)
    assert started.task is not None
    await started.task
    assert (started.state, started.pacing) == ("failed", None)
    assert "Killed" in (started.error or "")
    small = shift_of({"groups": [{"agents": 3}], "hours": 0.1}, "here")
    second = simulations.start(small, ["progressive", "ratio:2"], "eli")
    assert second.task is not None
    await second.task
    assert (second.state, second.done) == ("done", 1.0)
    assert [each["pacing"] for each in second.figures] == ["progressive", "ratio:2"]


def _kill(worker: int) -> None:
    import os
    import signal

    os.kill(worker, signal.SIGKILL)
