"""What can go wrong: each kind of fault is one function that does it, waits, and undoes it.

A fault is chosen by chance (`choose`), so its numbers are all in it, and told in one line. Faults
of the database exclude one another within a round: a fail-over needs a standby to fail over to.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psycopg
from tests.faults.sandbox import CARRIER, kill
from tests.faults.world import Clock, Node, World

PROGRAMS = {"cell": "cell", "line": "voice.line", "media": "voice.media", "web": "web"}
# Wall clocks are set wrong by anything from a leap second to a dead battery.
_STEPS_S = (-86_400, -3600, -30, -1.5, -0.3, 0.3, 1.5, 30, 3600, 86_400)


@dataclass(frozen=True)
class Fault:
    """One fault: what, to whom, when (seconds from the decision to stop), for how long."""

    kind: str
    node: int
    at: float
    seconds: float
    step_s: float = 0.0  # of a clock
    way: str = ""  # of a cut

    def __str__(self) -> str:
        more = f" {self.step_s:+g} s" if self.step_s else ""
        way = f" {self.way}" if self.way else ""
        return f"{self.kind}{way}{more} node{self.node} at {self.at:+.2f} for {self.seconds:.1f} s"


Doing = Callable[[World, Node, Fault], None]


def _while(do: Callable[[], object], seconds: float, undo: Callable[[], object]) -> None:
    """Do it, wait so long, and undo it."""
    do()
    try:
        time.sleep(seconds)
    finally:
        undo()


def _kill(program: str) -> Doing:
    def do(_world: World, node: Node, _fault: Fault) -> None:
        kill(node.pids(program), signal.SIGKILL)

    return do


def _stop(program: str | None) -> Doing:
    def do(_world: World, node: Node, fault: Fault) -> None:
        _freeze(node.pids(program), fault.seconds)

    return do


def _freeze(pids: list[int], seconds: float) -> None:
    _while(lambda: kill(pids, signal.SIGSTOP), seconds, lambda: kill(pids, signal.SIGCONT))


def _kill_node(_world: World, node: Node, fault: Fault) -> None:
    node.kill_all()
    time.sleep(fault.seconds)
    node.start()


def _cut(network: Callable[[World], str]) -> Doing:
    def do(world: World, node: Node, fault: Fault) -> None:
        ways = {"going": fault.way != "coming", "coming": fault.way != "going"}
        cut = partial(node.machine.cut, [network(world)], **ways)
        _while(cut, fault.seconds, node.machine.heal)

    return do


def _fill_disk(_world: World, node: Node, fault: Fault) -> None:
    filler = node.data / "filler"
    _while(lambda: fill_up(filler), fault.seconds, filler.unlink)


def fill_up(path: Path) -> None:
    """Write until the disk takes not one byte more."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
    try:
        for size in (1 << 20, 1 << 12, 1):
            with suppress(OSError):
                while True:
                    os.write(descriptor, b"\0" * size)
    finally:
        os.close(descriptor)


def _fill_disk_without_database(world: World, node: Node, fault: Fault) -> None:
    """The spool is wanted and cannot be written."""

    def do() -> None:
        fill_up(node.data / "filler")
        node.machine.cut([world.pair.network])

    def undo() -> None:
        node.machine.heal()
        (node.data / "filler").unlink()

    _while(do, fault.seconds, undo)


def _node_clock(_world: World, node: Node, fault: Fault) -> None:
    _step(node.clock, fault)


def _database_clock(world: World, _node: Node, fault: Fault) -> None:
    _step(world.database_clock, fault)


def _step(clock: Clock, fault: Fault) -> None:
    _while(lambda: clock.set(fault.step_s), fault.seconds, lambda: clock.set(0))


def _kill_postmaster(world: World, _node: Node, _fault: Fault) -> None:
    world.pair.restart(kill_it=True)


def _kill_backend(world: World, _node: Node, _fault: Fault) -> None:
    """kill -9 of one session's process: the server throws all sessions out and recovers."""
    with suppress(psycopg.Error), psycopg.connect(world.pair.primary.url) as conn:
        row = conn.execute(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
            " AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1"
        ).fetchone()
        if row is not None:
            kill([row[0]], signal.SIGKILL)


def _restart_postgres(world: World, _node: Node, _fault: Fault) -> None:
    world.pair.restart(kill_it=False)


def _freeze_postgres(world: World, _node: Node, fault: Fault) -> None:
    _freeze(world.pair.primary.pids(), fault.seconds)


def _unplug_standby(world: World, _node: Node, fault: Fault) -> None:
    """Commits wait for a standby that cannot be reached."""
    place = world.pair.standby.place
    _while(place.unplug, fault.seconds, place.plug_in)


def _fail_over(world: World, _node: Node, _fault: Fault) -> None:
    world.pair.fail_over(vanish=False)


def _vanish(world: World, _node: Node, _fault: Fault) -> None:
    world.pair.fail_over(vanish=True)


KINDS: dict[str, Doing] = {
    "kill cell": _kill(PROGRAMS["cell"]),
    "kill line": _kill(PROGRAMS["line"]),
    "kill media": _kill(PROGRAMS["media"]),
    "kill web": _kill(PROGRAMS["web"]),
    "kill node": _kill_node,
    "stop cell": _stop(PROGRAMS["cell"]),
    "stop line": _stop(PROGRAMS["line"]),
    "stop web": _stop(PROGRAMS["web"]),
    "stop node": _stop(None),
    "cut cell from database": _cut(lambda world: world.pair.network),
    "cut line from carrier": _cut(lambda _: f"{CARRIER}/32"),
    "full disk": _fill_disk,
    "full disk, no database": _fill_disk_without_database,
    "clock of node": _node_clock,
    "clock of database": _database_clock,
    "kill postmaster": _kill_postmaster,
    "kill session": _kill_backend,
    "restart PostgreSQL": _restart_postgres,
    "stop PostgreSQL": _freeze_postgres,
    "unplug standby": _unplug_standby,
    "fail over": _fail_over,
    "fail over, machine gone": _vanish,
}
# At most one of these in a round.
OF_DATABASE = frozenset(
    {
        "kill postmaster", "kill session", "restart PostgreSQL", "stop PostgreSQL",
        "unplug standby", "fail over", "fail over, machine gone",
    }
)  # fmt: skip
# How long each lasts, by its name or the first word of it; the others are over at once.
_LASTING_S = {
    "stop": (0.1, 10.0),
    "cut": (0.2, 8.0),
    "full": (1.0, 5.0),
    "clock": (1.5, 4.0),
    "kill node": (0.0, 1.0),
    "stop PostgreSQL": (0.1, 4.0),
    "unplug standby": (0.2, 4.0),
}


def choose(rng: random.Random, kinds: list[str], nodes: int) -> list[Fault]:
    """These kinds, with everything else left to chance."""
    return [_fault(rng, kind, nodes) for kind in kinds]


def _fault(rng: random.Random, kind: str, nodes: int) -> Fault:
    lasting = _LASTING_S.get(kind) or _LASTING_S.get(kind.split(maxsplit=1)[0], (0.0, 0.0))
    low, high = lasting
    # As many short ones as long ones, by order of magnitude: what is shorter than the ttl matters.
    seconds = low * (high / low) ** rng.random() if low else rng.uniform(low, high)
    return Fault(
        kind,
        rng.randrange(nodes),
        rng.uniform(-1.3, 0.4),
        round(seconds, 3),
        step_s=rng.choice(_STEPS_S) if kind.startswith("clock") else 0.0,
        way=rng.choice(("both", "both", "going", "coming")) if kind.startswith("cut") else "",
    )


def pick_kinds(rng: random.Random, among: Sequence[str], used: Mapping[str, int]) -> list[str]:
    """One to three kinds for a round, those that came least so far."""
    order = sorted(among, key=lambda kind: (used.get(kind, 0), rng.random()))
    wanted = rng.choice((1, 1, 2, 2, 3))
    picked = [order[0]]
    for kind in order[1:]:
        if len(picked) == wanted:
            break
        if kind not in picked and not (kind in OF_DATABASE and OF_DATABASE & set(picked)):
            picked.append(kind)
    return picked
