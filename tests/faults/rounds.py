"""One round: calls flow, faults come, somebody stops campaigns, all heals, all is quiet, judged.

A round's script is drawn from its chance (`Script`), so a seed tells what is tried in which order;
when exactly a process is where is the machine's own chance, and never the same twice.
"""

from __future__ import annotations

import itertools
import json
import random
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
from tests.faults.judge import Confirmed, Forbidden, PartSilence, ResumeAsked
from tests.faults.kinds import KINDS, Fault
from tests.faults.world import Node, World

DRAINS = ("finish_lawfully", "cancel_now", "let_ring", "hang_up_all")
_ANSWER_WITHIN_S = 40.0  # of a pause that is asked for again and again, in all


@dataclass(frozen=True)
class PartScript:
    """A part of a campaign is paused for a while."""

    scope: str  # list, calling_number
    at_s: float  # from the decision to stop
    held_s: float


@dataclass(frozen=True)
class Script:
    """What happens in one round."""

    faults: list[Fault]
    stop: str  # pause, pause all, pause directly, terminate
    node: int  # whose web process is asked
    drain: str
    others_after_s: float  # the other campaigns are paused so much later
    again_after_s: float | None  # resumed and paused once more, while the faults last
    silent_s: float  # how long all is left alone after the last confirmation
    forbid: bool  # numbers are put on do-not-call meanwhile
    part: PartScript | None = None


def write_part(rng: random.Random) -> PartScript | None:
    """In two rounds of three. Of a chance of its own: a seed's faults stay the same without it."""
    scope, at_s = rng.choice(("list", "calling_number", None)), rng.uniform(-1.4, 0.3)
    return None if scope is None else PartScript(scope, at_s, rng.uniform(0.5, 3.0))


def write(rng: random.Random, faults: list[Fault], nodes: int) -> Script:
    stops = ("pause", "pause", "pause", "pause all", "pause directly", "terminate")
    return Script(
        faults=faults,
        stop=rng.choice(stops),
        node=rng.randrange(nodes),
        drain=rng.choice(DRAINS),
        others_after_s=rng.choice((0.0, rng.uniform(0.0, 1.5))),
        again_after_s=rng.uniform(0.05, 1.0) if rng.random() < 0.35 else None,
        silent_s=rng.uniform(0.5, 2.0),
        forbid=rng.random() < 0.5,
    )


@dataclass(frozen=True)
class Pausing:
    """One pause or termination as whoever asked for it saw it."""

    campaign: int
    asked_at: float
    answered_at: float | None  # None: no confirming answer was ever read
    by: str | None
    faults: int  # in the round


@dataclass
class Seen:
    """What those who asked saw; all moments monotonic, after the answer was read."""

    confirmed: list[Confirmed] = field(default_factory=list)
    resumes: list[ResumeAsked] = field(default_factory=list)
    forbidden: list[Forbidden] = field(default_factory=list)
    pausings: list[Pausing] = field(default_factory=list)
    parts: list[PartSilence] = field(default_factory=list)
    injected: list[tuple[float, float, Fault]] = field(default_factory=list)  # from, to
    failures: list[str] = field(default_factory=list)  # of the harness's own hands


class Manager:
    """Somebody who pauses, resumes and terminates, and does not give up."""

    def __init__(self, world: World, seen: Seen) -> None:
        self._world = world
        self._seen = seen
        self.faults = 0  # of this round, for the figures

    def pause(self, campaigns: list[int], script: Script, *, all_of_them: bool = False) -> None:
        """Ask until silence is confirmed."""
        body: dict[str, Any] = {"drain": script.drain, "reason": "tests/faults"}
        if all_of_them:
            body |= {"all": True}
        else:
            body |= {"campaigns": [str(each) for each in campaigns]}
        self._until_confirmed(campaigns, "campaigns/pause?wait_s=4", body, script.node)

    def terminate(self, campaign: int, script: Script) -> None:
        body = {"drain": script.drain, "reason": "tests/faults"}
        path = f"campaigns/{campaign}/terminate?wait_s=4"
        self._until_confirmed([campaign], path, body, script.node)

    def pause_directly(self, campaigns: list[int], script: Script) -> None:
        """Past the web process, at the machine; if that fails, through another node's."""
        asked_at = time.monotonic()
        node = self._world.nodes[script.node]
        try:
            done = node.pause_everything_directly("tests/faults, directly")
        except subprocess.TimeoutExpired:
            done = None
        if done is None or done.returncode != 0:
            self.pause(campaigns, script, all_of_them=True)
            return
        self._answered(campaigns, json.loads(done.stdout), asked_at, time.monotonic())

    def _until_confirmed(
        self, campaigns: list[int], path: str, body: dict[str, Any], first: int
    ) -> None:
        asked_at = time.monotonic()
        for read_at, answer in self._answers(path, body, first):
            if answer.status_code == 409 and answer.json().get("state") == "completed":
                return  # it was worked through a moment before: nothing is left to stop
            if answer.status_code == 200:
                said = answer.json()
                done = self._answered(campaigns, said, asked_at, read_at)
                # Asked for everything, it tells of what still ran.
                if said["confirmed"] if body.get("all") else done:
                    return
        for campaign in campaigns:
            self._seen.pausings.append(Pausing(campaign, asked_at, None, None, self.faults))

    def _answers(
        self, path: str, body: dict[str, Any], first: int
    ) -> Iterator[tuple[float, httpx.Response]]:
        """Ask one node after another, for so long as a pause is asked for; when each answer was
        read, and what it was."""
        nodes = self._world.nodes
        give_up = time.monotonic() + _ANSWER_WITHIN_S
        for node in itertools.cycle([*nodes[first:], *nodes[:first]]):
            if time.monotonic() >= give_up:
                return
            with suppress(httpx.HTTPError):
                answer = node.api.post(path, json=body)
                yield time.monotonic(), answer
            time.sleep(0.05)

    def _answered(
        self, campaigns: list[int], answer: dict[str, Any], asked_at: float, read_at: float
    ) -> bool:
        """Note what was confirmed; is it all that was asked for?"""
        left = set(campaigns)
        for result in answer.get("results", [answer]):
            campaign, receipt = result["campaign"], result["receipt"]
            if campaign["status"] in ("completed", "terminated", "paused"):
                left.discard(campaign["id"])
            if receipt is None or receipt["confirmed_at"] is None:
                continue
            if campaign["status"] in ("paused", "terminated"):
                self._seen.confirmed.append(
                    Confirmed(
                        read_at,
                        campaign["id"],
                        receipt["id"],
                        receipt["epoch"],
                        campaign["status"] == "terminated",
                    )
                )
                self._seen.pausings.append(
                    Pausing(campaign["id"], asked_at, read_at, receipt["confirmed_by"], self.faults)
                )
        return not left

    def pause_part(self, campaign: int, scope: str, value: str, script: Script) -> float | None:
        """Ask until its silence is confirmed: when that was read. None if it never was."""
        body = {
            "part": [{"scope": scope, "value": value}],
            "drain": script.drain,
            "reason": "tests/faults",
        }
        asked_at = time.monotonic()
        path = f"campaigns/{campaign}/holds?wait_s=4"
        for read_at, answer in self._answers(path, body, script.node):
            if answer.status_code == 409:
                return None  # it has ended: nothing is left to pause
            if answer.status_code == 200:
                by = answer.json()["receipt"]["confirmed_by"]
                self._seen.pausings.append(Pausing(campaign, asked_at, read_at, by, self.faults))
                return read_at
        self._seen.pausings.append(Pausing(campaign, asked_at, None, None, self.faults))
        return None

    def resume_part(self, campaign: int, scope: str, value: str, first: int) -> None:
        """Ask each node once, until one of them says that it goes on; else the round's end does."""
        body = {"part": [{"scope": scope, "value": value}], "reason": "tests/faults"}
        for turn in range(len(self._world.nodes)):
            node = self._world.nodes[(first + turn) % len(self._world.nodes)]
            with suppress(httpx.HTTPError):
                answer = node.api.post(f"campaigns/{campaign}/holds/release", json=body)
                if answer.status_code in (200, 404):  # 404: the first did it, and could not say so
                    return

    def resume_all_parts(self, campaigns: list[int]) -> None:
        """Nothing is broken any more, and nobody else decides."""
        for campaign in campaigns:
            if self._world.ask("GET", f"campaigns/{campaign}")["status"] == "paused":
                self._world.ask("POST", f"campaigns/{campaign}/holds/release", {"all": True})

    def resume(self, campaigns: list[int], first: int = 0) -> None:
        """Ask each node once, until one of them says that they run."""
        for turn in range(2 * len(self._world.nodes)):
            node = self._world.nodes[(first + turn) % len(self._world.nodes)]
            asked_at = time.monotonic()
            answered: float | None = None
            try:
                body = {"campaigns": [str(each) for each in campaigns]}
                answer = node.api.post("campaigns/resume", json=body)
                answered = time.monotonic() if answer.status_code == 200 else None
            except httpx.HTTPError:
                pass
            for campaign in campaigns:
                self._seen.resumes.append(ResumeAsked(asked_at, campaign, answered))
            if answered is not None:
                return
            time.sleep(0.1)

    def start(self, campaign: int) -> None:
        self._world.ask("POST", f"campaigns/{campaign}/start")

    def forbid(self, phones: list[str], node: int) -> None:
        """Put numbers on do-not-call."""
        try:
            answer = self._world.nodes[node].api.post("do-not-call", json={"phones": phones})
        except httpx.HTTPError:
            return
        if answer.is_success:
            now = time.monotonic()
            self._seen.forbidden += [Forbidden(now, phone) for phone in phones]


class Faults:
    """The faults of a round, each in a thread of its own, around the moment of the decision."""

    def __init__(self, world: World, faults: list[Fault], seen: Seen, decision: float) -> None:
        self._threads = [
            threading.Thread(target=self._do, args=(world, fault, seen, decision), daemon=True)
            for fault in faults
        ]
        for thread in self._threads:
            thread.start()

    @staticmethod
    def _do(world: World, fault: Fault, seen: Seen, decision: float) -> None:
        time.sleep(max(0.0, decision + fault.at - time.monotonic()))
        node: Node = world.nodes[fault.node]
        begun = time.monotonic()
        try:
            KINDS[fault.kind](world, node, fault)
        except Exception as error:  # noqa: BLE001 - the harness failed, which the run must tell
            seen.failures.append(f"{fault}: {type(error).__name__}: {error}")
        seen.injected.append((begun, time.monotonic(), fault))

    def join(self) -> None:
        for thread in self._threads:
            thread.join()
