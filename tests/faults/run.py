"""A run: rounds until the time is over, judged after each and at the end."""

from __future__ import annotations

import json
import os
import random
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.faults import kinds, rest, rounds
from tests.faults.figures import Figures
from tests.faults.judge import (
    Attempt,
    CampaignAtRest,
    PartSilence,
    Violation,
    judge_digests,
    judge_forbidden,
    judge_once,
    judge_parts,
    judge_rest,
    judge_silence,
    judge_tries,
    judge_worked,
    silences,
    while_a_part_is_silent,
)
from tests.faults.plan import Plan
from tests.faults.rounds import Faults, Manager, Script, Seen
from tests.faults.sandbox import reap
from tests.faults.witness import DatabaseWitness, WireWitness
from tests.faults.world import World

_AREAS = (212, 213, 312, 415, 503, 602, 713, 808, 907, 973)
_PROGRESS_S = 5.0
_DECISION_S = 1.4  # from the first possible fault to the decision to stop
_FLOWS_WITHIN_S = 45.0
_RESTS_WITHIN_S = 60.0
_CALM_EVERY = 6  # each so-manieth round has no fault, for comparison


@dataclass
class Running:
    """A campaign of the run."""

    id: int
    name: str
    calling_numbers: tuple[str, ...]
    lists: dict[str, tuple[str, ...]]  # name -> phones
    digest: str
    started: bool = False
    ended: bool = False  # terminated or completed
    forbidden: set[str] = field(default_factory=set)

    @property
    def phones(self) -> list[str]:
        """Everybody on its lists."""
        return [phone for phones in self.lists.values() for phone in phones]


class Run:
    """See the module."""

    def __init__(self, plan: Plan, directory: Path) -> None:
        self.plan = plan
        self.figures = Figures(plan.seed, plan.nodes, plan.cps)
        self._rng = random.Random(plan.seed)
        self._rng_of_parts = random.Random(f"{plan.seed} parts")
        self._world = World(directory, plan)
        self._seen = Seen()
        self._manager = Manager(self._world, self._seen)
        self._database = DatabaseWitness(lambda: self._world.pair.primary.url)
        self._wire: WireWitness
        self._flowing_since = 0.0  # all campaigns of the round call
        self._campaigns: list[Running] = []
        self._numbers = 0
        self._last_receipt = 0  # that was told of
        self._doing = "starting"
        self._began = time.monotonic()
        self._told: set[tuple[str, int, str]] = set()  # violations that were reported
        self._finished = threading.Event()

    def run(self) -> Figures:
        """Everything, until the time is over or somebody interrupts."""
        progress = threading.Thread(target=self._progress, daemon=True)
        progress.start()
        try:
            self._world.start()
            self._wire = WireWitness(self._world.carrier.log)
            self._database.start()
            began = time.monotonic()
            while self._goes_on(time.monotonic() - began):
                self._round()
                self.figures.seconds = time.monotonic() - began
            self._judge_all()
        except KeyboardInterrupt:
            self.figures.unfinished = "interrupted"
        except Exception as error:  # noqa: BLE001 - told with the figures
            self.figures.unfinished = f"{type(error).__name__}: {error}"
        finally:
            self._finished.set()
            self._database.stop()
            self._world.stop()
        return self.figures

    def _goes_on(self, seconds: float) -> bool:
        """Until the time is over; longer on a slow machine, so that every kind comes once."""
        if self.plan.broken and self.figures.violations:
            return False  # that is what was to be found
        left = set(self.plan.kinds) - set(self.figures.faults)
        return seconds < 60 * self.plan.minutes * (2 if left and self.plan.every_kind else 1)

    def _progress(self) -> None:
        while not self._finished.wait(_PROGRESS_S):
            print(self.figures.line(time.monotonic() - self._began, self._doing), flush=True)

    def _say(self, text: str) -> None:
        print(f"[{time.monotonic() - self._began:6.0f} s] {text}", flush=True)

    # ---------------------------------------------------------------- a round

    def _round(self) -> None:
        figures, rng = self.figures, self._rng
        figures.rounds += 1
        calm = figures.rounds % _CALM_EVERY == 0
        picked = [] if calm else kinds.pick_kinds(rng, self.plan.kinds, figures.faults)
        script = rounds.write(rng, kinds.choose(rng, picked, self.plan.nodes), self.plan.nodes)
        script = replace(script, part=rounds.write_part(self._rng_of_parts))
        self._manager.faults = len(script.faults)
        self._say(f"round {figures.rounds}: {script.stop}; {', '.join(map(str, script.faults))}")
        ids = self._let_flow()
        since = len(self._seen.injected)
        decision = time.monotonic() + _DECISION_S
        faults = Faults(self._world, script.faults, self._seen, decision)
        forbidding = self._forbid_at(decision - rng.uniform(0.2, 1.0), script)
        holding = self._pause_part_at(decision, script)
        time.sleep(max(0.0, decision - time.monotonic()))
        flow = (self._flowing_since, decision)
        self._doing = "stopping campaigns"
        self._stop(ids, script)
        time.sleep(script.silent_s)
        self._doing = "healing"
        faults.join()
        forbidding.join()
        holding.join()
        for _, _, fault in self._seen.injected[since:]:
            figures.faults[fault.kind] += 1
        self._heal()
        self._doing = "coming to rest"
        self._manager.faults = 0
        self._manager.pause(ids, script, all_of_them=True)
        self._manager.resume_all_parts(ids)
        self._await_rest()
        self._judge_round()
        figures.flowing_s += flow[1] - flow[0]
        figures.flowing += sum(
            flow[0] < one.at < flow[1] and not one.again for one in self._wire.invites[-20_000:]
        )

    def _let_flow(self) -> list[int]:
        """Have all campaigns call; those that are at their end are replaced by new ones."""
        self._doing = "letting calls flow"
        active = [one for one in self._campaigns if not one.ended]
        while len(active) < self.plan.campaigns:
            active.append(self._new_campaign())
        began = time.monotonic()
        waiting = [one.id for one in active if one.started]
        if waiting:
            self._manager.resume(waiting, self._rng.randrange(self.plan.nodes))
        for one in active:
            if not one.started:
                self._manager.start(one.id)
                one.started = True
        for one in active:
            self._await_flow(one, began)
        self._flowing_since = time.monotonic()
        time.sleep(self._rng.uniform(0.3, 1.5))
        return [one.id for one in active]

    def _await_flow(self, one: Running, began: float) -> None:
        """Until it calls. A campaign that does not, and is not done, is stuck: a violation."""
        while not any(
            invite.campaign == one.id and invite.at > began
            for invite in reversed(self._wire.invites[-2000:])
        ):
            self._wire.read()
            state = self._database.states.get(one.id, ("", 0))[0]
            if state == "completed":
                return
            if time.monotonic() > began + _FLOWS_WITHIN_S:
                left = rest.leads(self._world.pair.primary.url, one.id)
                if left.get("due", 0):
                    text = f"{state}, {left} leads, and no call for {_FLOWS_WITHIN_S:.0f} s"
                    self._violated([Violation("liveness", one.id, text, time.monotonic())])
                return
            time.sleep(0.05)
        first = min(i.at for i in self._wire.invites if i.campaign == one.id and i.at > began)
        self.figures.to_flow_s.append(first - began)

    def _new_campaign(self) -> Running:
        number = len(self._campaigns) + 1
        first, self._numbers = self._numbers, self._numbers + self.plan.leads
        phones = [
            f"+1{_AREAS[n % 10]}{2_000_000 + n // 10:07}" for n in range(first, self._numbers)
        ]
        name, half = f"c{number}", len(phones) // 2
        calling = (f"+1415555{1000 + number:04}", f"+1415556{1000 + number:04}")
        lists = {f"{name}-a": tuple(phones[:half]), f"{name}-b": tuple(phones[half:])}
        each = self.plan.cps / self.plan.campaigns
        made = self._world.new_campaign(name, calling, lists, each)
        digest = self._world.ask("GET", f"campaigns/{made}")["settings_digest"]
        self._wire.campaigns |= dict.fromkeys(calling, made)
        one = Running(made, name, calling, lists, digest)
        self._campaigns.append(one)
        return one

    def _stop(self, ids: list[int], script: Script) -> None:
        """The decision, and perhaps a resume and another one, all while the faults last."""
        first, others = ids[:1], ids[1:]
        later = threading.Thread(target=self._pause_later, args=(others, script), daemon=True)
        if script.stop == "pause all":
            self._manager.pause(ids, script, all_of_them=True)
        elif script.stop == "pause directly":
            self._manager.pause_directly(ids, script)
        else:
            later.start()
            if script.stop == "terminate":
                self._manager.terminate(first[0], script)
            else:
                self._manager.pause(first, script)
            later.join()
        if script.again_after_s is not None and script.stop != "terminate":
            self._manager.resume(ids, script.node)
            time.sleep(script.again_after_s)
            self._manager.pause(ids, script)

    def _pause_later(self, ids: list[int], script: Script) -> None:
        time.sleep(script.others_after_s)
        if ids:
            self._manager.pause(ids, script)

    def _pause_part_at(self, decision: float, script: Script) -> threading.Thread:
        """A part of the first campaign, around the decision on the whole."""
        part = script.part
        one = next(each for each in self._campaigns if not each.ended)

        def hold() -> None:
            if part is None:
                return
            of_list = part.scope == "list"
            value = [*one.lists][-1] if of_list else one.calling_numbers[-1]
            time.sleep(max(0.0, decision + part.at_s - time.monotonic()))
            confirmed_at = self._manager.pause_part(one.id, part.scope, value, script)
            if confirmed_at is None:
                return
            time.sleep(part.held_s)
            silence = PartSilence(
                one.id,
                f"{part.scope} {value}",
                confirmed_at,
                time.monotonic(),
                None if of_list else value,
                frozenset(one.lists[value]) if of_list else frozenset(),
            )
            self._seen.parts.append(silence)
            self._manager.resume_part(one.id, part.scope, value, script.node)

        thread = threading.Thread(target=hold, daemon=True)
        thread.start()
        return thread

    def _forbid_at(self, at: float, script: Script) -> threading.Thread:
        chosen: list[str] = []
        for one in self._campaigns:
            if script.forbid and not one.ended:
                some = self._rng.sample(one.phones, 5)
                one.forbidden.update(some)
                chosen += some

        def forbid() -> None:
            time.sleep(max(0.0, at - time.monotonic()))
            if chosen:
                self._manager.forbid(chosen, script.node)

        thread = threading.Thread(target=forbid, daemon=True)
        thread.start()
        return thread

    def _heal(self) -> None:
        pair = self._world.pair
        if not pair.standby.running:
            pair.make_standby()
        pair.await_ready()
        for node in self._world.nodes:
            node.await_ready()
        ours = {os.getpid()} | {n.process.pid for n in self._world.nodes if n.process}
        reap(ours | self._world.other_pids())

    # ---------------------------------------------------------------- judging

    def _await_rest(self) -> None:
        """Until nothing moves any more; what still does after a minute is a violation."""
        ids = [one.id for one in self._campaigns if one.started and not one.ended]
        deadline = time.monotonic() + _RESTS_WITHIN_S
        url = self._world.pair.primary.url
        while not rest.quiet(url, ids) and time.monotonic() < deadline:
            time.sleep(0.2)

    def _judge(self, ones: list[Running]) -> tuple[dict[int, CampaignAtRest], list[Attempt]]:
        """Every rule, for these campaigns; what stands in the database of them."""
        ids = [one.id for one in ones]
        url = self._world.pair.primary.url
        states = rest.campaigns(url, {one.id: len(one.phones) for one in ones})
        attempts = rest.attempts(url, ids)
        of_these = [i for i in self._wire.invites if i.campaign in set(ids)]
        self._violated(self._judge_silence())
        self._violated(judge_rest(states, attempts))
        self._violated(judge_once(of_these, attempts))
        self._violated(judge_tries(attempts))
        self._violated(judge_forbidden(of_these, self._seen.forbidden))
        self._violated(judge_digests(rest.digests(url, {one.id: one.digest for one in ones})))
        at_rest = {state.id: state for state in states}
        for one in ones:
            if at_rest[one.id].state == "completed":
                self._violated(judge_worked(one.id, one.phones, attempts, one.forbidden))
        if any(invite.campaign == 0 for invite in self._wire.invites):
            self._violated([Violation("journal", 0, "an INVITE of no campaign of ours")])
        return at_rest, attempts

    def _judge_round(self) -> None:
        active = [one for one in self._campaigns if one.started and not one.ended]
        self._wire.read()
        at_rest, attempts = self._judge(active)
        url = self._world.pair.primary.url
        for line in rest.receipts_told(url, self._last_receipt):
            self._last_receipt = int(line.split()[1].rstrip(":"))
            self._say(line)
        self._database.forget_before(self._last_receipt)
        verified = self._world.ask("GET", "receipts/verify")
        if not verified["intact"]:
            self._violated([Violation("receipts", 0, f"not intact: {verified['findings']}")])
        for one in active:
            one.ended = at_rest[one.id].state in ("completed", "terminated")
            if one.ended:
                mine = [attempt for attempt in attempts if attempt.campaign == one.id]
                self.figures.attempts += len(mine)
                self.figures.unknown += sum(attempt.outcome == "unknown" for attempt in mine)
        self._count()

    def _judge_silence(self) -> list[Violation]:
        confirmed = [*self._database.confirmed.values(), *self._seen.confirmed]
        when = silences(confirmed, self._seen.resumes, self._database.running)
        found = judge_silence(self._wire.invites, when)
        return found + judge_parts(self._wire.invites, self._seen.parts)

    def _judge_all(self) -> None:
        """At the end, once more over everything, after what is late has had its time to come."""
        time.sleep(2)
        self._wire.read()
        _, attempts = self._judge([one for one in self._campaigns if one.started])
        self._count()
        slipped = "left as its gate shut"
        self.figures.at_the_last_moment = sum(n.logged(slipped) for n in self._world.nodes)
        self.figures.attempts = len(attempts)
        self.figures.unknown = sum(attempt.outcome == "unknown" for attempt in attempts)

    def _violated(self, found: list[Violation]) -> None:
        for one in found:
            key = (one.rule, one.campaign, one.text)
            if key not in self._told:
                self._told.add(key)
                self.figures.violations.append(one)
                self._say(f"VIOLATION ({one.rule}): {one.text} {dict(one.evidence)}")

    def _count(self) -> None:
        figures, witness = self.figures, self._database
        figures.invites = len(self._wire.invites)
        figures.calls = sum(not invite.again for invite in self._wire.invites)
        figures.pausings = self._seen.pausings
        figures.failures = self._seen.failures
        figures.receipts.clear()
        for receipt, one in witness.confirmed.items():
            kind = "termination" if one.final else "pause"
            figures.receipts[f"{kind} by {witness.by[receipt]}"] += 1
        figures.receipts.update(f"pause of a part by {by}" for by in witness.parts.values())
        beside = while_a_part_is_silent(self._wire.invites, self._seen.parts)
        figures.beside_parts = sum(not silence.covers(invite) for invite, silence in beside)


def write_evidence(figures: Figures, path: Path) -> None:
    path.write_text(json.dumps(figures.as_json(), indent=2, default=str) + "\n")
