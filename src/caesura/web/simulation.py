"""/simulations: what a shift would come to under several pacings, before anybody is called.

The shift is computed by a process of its own, one at a time. `GET` tells how far it is, and then
the figures; they stand in the memory of the web process that was asked, for an hour.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from caesura.errors import Invalid
from caesura.rules.system_settings import Zone
from caesura.simulate import compare, dialers
from caesura.simulate.like import CALLS, WRAP_UPS, like
from caesura.simulate.shift import AGENTS_MAX, Shift
from caesura.store import agent, campaign, campaign_settings, listing
from caesura.store.database import Connection
from caesura.web.caller import Actor, Db
from caesura.web.figures import zone_of
from caesura.web.request import CampaignRef, Creating, path_to
from caesura.web.simulations import Simulation, Simulations
from caesura.web.views import Moment

router = APIRouter(tags=["simulations"])

_PACINGS_MAX = 8
_AGENT_HOURS_MAX = 10_000


def _known(name: str) -> str:
    """A pacing that may be compared here. Nothing is imported by a name that comes by HTTP."""
    try:
        if name == compare.BEST_RATIO or dialers.built_in(name, 2.0) is not None:
            return name
    except Invalid as wrong:
        raise ValueError(wrong.message) from None
    known = ", ".join((*dialers.BUILT_IN, compare.BEST_RATIO))
    raise ValueError(f"There is no pacing {name!r}. There is {known}.")


class SimulationRequest(BaseModel):
    """A shift, and what to pace it by."""

    model_config = ConfigDict(extra="forbid")

    shift: Shift = Field(Shift(), description="As `caesura simulate` takes it in a file.")
    pacings: list[Annotated[str, Field(max_length=100), AfterValidator(_known)]] = Field(
        ["predictive", "progressive"],
        min_length=1,
        max_length=_PACINGS_MAX,
        description="`predictive`, `progressive`, `fixed:N` (calls at once), `ratio:R` (ringing "
        "per free agent), `lines:R` (calls per agent), `best-ratio` (of those two, with "
        "hindsight), `clairvoyant` (a bound).",
    )


class SimulatedShift(BaseModel):
    """What the figures are of."""

    name: str
    starts_at_s: int = Field(description="Seconds of the day.")
    hours: float
    agents: int
    leads: int | None = Field(description="null: they do not run out.")
    abandonment_max: float


class SimulatedAnswers(BaseModel):
    """What became of the calls that a person answered."""

    answered: int
    connected: int = Field(description="Of those, to an agent in time.")
    abandoned: int = Field(description="Of those, to nobody in time.")
    unsure: int


class SimulatedSlice(BaseModel):
    """A 48th of the shift, for charts."""

    at_s: float = Field(description="Into the shift, when it began.")
    signed_in_s: float = Field(description="Agents times seconds, without breaks.")
    talking_s: float
    busy_s: float = Field(description="Talking and wrapping up.")
    calls: int
    answered: int
    abandoned: int


class SimulatedPacing(BaseModel):
    """The shift under one pacing. Shares are 0 to 1, null where there is nothing to divide."""

    pacing: str
    talk_occupancy: float = Field(description="Talking, of the time signed in without breaks.")
    occupancy: float = Field(description="Talking and wrapping up, of the same.")
    idle_s: float = Field(description="How long an agent waits for a call, on average.")
    us_abandonment: float | None = Field(description="Abandoned per call that a person answered.")
    uk_abandonment: float | None = Field(description="Abandoned per those and the connected.")
    worst_us_rate: float = Field(description="Where it stood highest, from 100 answers on.")
    answers: SimulatedAnswers
    hung_up: int = Field(description="Callers who did not wait out their time.")
    wait_s: float = Field(description="From the answer to the agent, on average.")
    waited_s_max: float
    calls: int
    failed: int = Field(description="Of them, by the carrier.")
    calls_per_agent_hour: float
    talks_per_agent_hour: float
    leads_left: int | None
    finished_at_s: float | None = Field(description="Into the shift, when the list was done.")
    computing_s: float
    slices: list[SimulatedSlice]


class SimulationView(BaseModel):
    """A simulation, computing or ended."""

    id: UUID
    state: Literal["running", "done", "failed"]
    shift: SimulatedShift
    pacings: list[str]
    done: float = Field(description="Share of all pacings, 0 to 1.")
    pacing: str | None = Field(description="Which is computed now.")
    results: list[SimulatedPacing] = Field(description="Of the pacings that are done, in order.")
    error: str | None
    started_by: str
    started_at: Moment
    ended_at: Moment | None


def _simulations(request: Request) -> Simulations:
    simulations: Simulations = request.app.state.simulations
    return simulations


SimulationsOf = Annotated[Simulations, Depends(_simulations)]


@router.post("/simulations", status_code=202, response_model=SimulationView)
async def start_simulation(
    creating: Creating, simulations: SimulationsOf, asked: SimulationRequest
) -> Response:
    """Compute a shift under several pacings, in the background; one at a time."""
    _check_size(asked)

    async def work(_: Connection) -> SimulationView:
        return _view(simulations.start(asked.shift, asked.pacings, creating.actor))

    return await creating.run(
        work, status=202, location=lambda body: path_to("simulations", body["id"])
    )


@router.get("/simulations/{simulation_id}")
async def get_simulation(
    simulation_id: UUID, simulations: SimulationsOf, actor: Actor
) -> SimulationView:
    """How far it is, and its figures. Kept for an hour by the web process that was asked for it."""
    return _view(simulations.find(simulation_id))


@router.delete("/simulations/{simulation_id}", status_code=204)
async def cancel_simulation(simulation_id: UUID, simulations: SimulationsOf, actor: Actor) -> None:
    """End it, if it still computes, and forget it."""
    await simulations.cancel(simulation_id)


class LearntShift(BaseModel):
    """What a campaign's history says of a shift."""

    shift: Shift = Field(description="Only what was learnt; for `POST /simulations`.")
    calls: int = Field(description="The newest that have ended; at most so many are read.")
    zone: str = Field(description="Whose clock the hours are of.")


@router.get("/campaigns/{campaign}/shift", response_model_exclude_unset=True)
async def get_shift(
    ref: CampaignRef,
    database: Db,
    actor: Actor,
    zone: Annotated[
        Zone | None,
        Query(description="Default: the campaign's, else the system's, else UTC."),
    ] = None,
) -> LearntShift:
    """A shift like those of the campaign: who answers when, how long what agents do takes."""
    async with database.transaction() as conn:
        campaign_id = await campaign.resolve(conn, ref)
        row = await campaign.view(conn, campaign_id)
        settings = (await campaign_settings.read(conn, campaign_id))["settings"]
        calls = await listing.ended_calls(conn, campaign_id, CALLS)
        wrap_ups = await listing.wrap_ups(conn, campaign_id, WRAP_UPS)
        agents = len(await agent.of_campaign(conn, campaign_id))
        zone = zone or await zone_of(conn, campaign_id)
    described: dict[str, Any] = {"name": row["name"], "leads": row}
    learnt = await asyncio.to_thread(like, described, settings, calls, wrap_ups, ZoneInfo(zone))
    if agents:
        learnt["groups"] = [{"agents": min(agents, AGENTS_MAX)}]
    return LearntShift(shift=Shift.model_validate(learnt), calls=len(calls), zone=zone)


def _check_size(asked: SimulationRequest) -> None:
    """Raises Invalid for more than can be computed in some minutes."""
    shift = asked.shift
    shifts = sum(compare.shifts_in(name) for name in asked.pacings)
    agent_hours = shift.agents * shift.hours * shifts
    if agent_hours > _AGENT_HOURS_MAX:
        raise Invalid(
            f"{shift.agents} agents for {shift.hours:g} hours, computed {shifts} times, are "
            f"{agent_hours:,.0f} agent hours; at most {_AGENT_HOURS_MAX:,} are computed. Describe "
            f"a shorter shift or fewer agents, or leave out {compare.BEST_RATIO}.",
            "shift.hours",
        )


def _view(simulation: Simulation) -> SimulationView:
    shift = simulation.shift
    return SimulationView(
        id=simulation.id,
        state=simulation.state,
        shift=SimulatedShift(
            name=shift.name,
            starts_at_s=shift.starts_at,
            hours=shift.hours,
            agents=shift.agents,
            leads=shift.leads,
            abandonment_max=shift.abandonment_max,
        ),
        pacings=list(simulation.pacings),
        done=round(simulation.done, 4),
        pacing=simulation.pacing,
        results=[SimulatedPacing.model_validate(each) for each in simulation.figures],
        error=simulation.error,
        started_by=simulation.started_by,
        started_at=simulation.started_at,
        ended_at=simulation.ended_at,
    )
