"""What goes wrong in a history: kinds, moments and durations by chance. Then all is healed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from tests.simulation.clockwork import Process

if TYPE_CHECKING:
    from tests.simulation.history import History

LAST_S = 5.0  # so long things go wrong

Fault = Callable[["History"], Coroutine[Any, Any, None]]
KINDS: list[tuple[Fault, int]] = []  # with their weights


def fault(weight: int) -> Callable[[Fault], Fault]:
    def keep(kind: Fault) -> Fault:
        KINDS.append((kind, weight))
        return kind

    return keep


async def inflict(history: History) -> None:
    """One to six faults, side by side as they come; returns when all is healed."""
    rng, loop = history.rng, history.loop
    kinds, weights = zip(*KINDS, strict=True)
    chosen = rng.choices(kinds, weights, k=rng.randint(1, 6))
    moments = sorted(rng.uniform(0.0, LAST_S) for _ in chosen)
    under_way = []
    for moment, kind in zip(moments, chosen, strict=True):
        await asyncio.sleep(max(0.0, moment - loop.time()))
        under_way.append(loop.create_task(kind(history), name=kind.__name__))
    await asyncio.sleep(max(0.0, LAST_S - loop.time()))
    await asyncio.gather(*under_way)


async def _some_time(history: History) -> None:
    rng = history.rng
    lasts = rng.choice((rng.uniform(0, 0.2), rng.uniform(0.2, 1.3), rng.uniform(1, 5)))
    if lasts > 1.0:
        history.counts["a fault lasted longer than the ttl"] += 1
    await asyncio.sleep(lasts)


@fault(5)
async def stopped(history: History) -> None:
    """SIGSTOP, and later SIGCONT: of a cell, its line, both, or of who waits for a pause."""
    rng = history.rng
    node = rng.choice(history.nodes)
    both = rng.random() < 0.3
    process = rng.choice((node.cell, node.line, node.cell, rng.choice(history.managers).process))
    frozen = [node.cell, node.line] if both else [process]
    for one in frozen:
        history.inflicts(f"SIGSTOP {one.name.split()[-1]}", f"SIGSTOP {one.name}")
        one.freeze()
    await _some_time(history)
    for one in frozen:
        history.say(f"SIGCONT {one.name}")
        one.thaw()


@fault(4)
async def cut_off(history: History) -> None:
    """A process and the database no longer hear each other."""
    clients = [node.client for node in history.nodes] + [one.client for one in history.managers]
    client = history.rng.choice(clients)
    history.inflicts("cut off from the database", f"cut {client.process.name}")
    client.cuts()
    await _some_time(history)
    history.say(f"mended {client.process.name}")
    client.cut = False


@fault(2)
async def slow_network(history: History) -> None:
    client = history.rng.choice([node.client for node in history.nodes])
    client.slow_s = history.rng.choice((0.02, 0.2, 0.8))
    history.inflicts("slow network", f"slow {client.process.name} {client.slow_s}")
    await _some_time(history)
    client.slow_s = 0.0


@fault(1)
async def connections_reset(history: History) -> None:
    """A firewall forgets: the connections of one process end, the process and the server do not."""
    client = history.rng.choice([node.client for node in history.nodes])
    history.inflicts("connections reset", f"reset {client.process.name}")
    for session in history.server.sessions.copy():
        if session.client is client:
            session.end()


def _hang_up(history: History, dead: Process) -> None:
    """The kernel closes a dead process's sockets."""
    for mine, far, to_cell, to_far in history.links:
        if dead is mine:
            to_far.send("end")
        elif dead is far:
            to_cell.send("end")
    history.links = [link for link in history.links if dead not in link[:2]]


@fault(2)
async def cell_killed(history: History) -> None:
    node = history.rng.choice(history.nodes)
    if node.cell.dead or node.stops:
        return
    history.inflicts("kill -9 cell", f"kill -9 {node.cell.name}")
    node.cell.kill()
    _hang_up(history, node.cell)
    for session in history.server.sessions.copy():
        if session.client is node.client:
            node.client.drops(session)
    await asyncio.sleep(history.rng.uniform(0.2, 3.0))
    history.say(f"started {node.cell.name}")
    node.start_cell()


@fault(1)
async def cell_restarted(history: History) -> None:
    """SIGTERM: it stops in good order, and is started again."""
    node = history.rng.choice(history.nodes)
    if node.cell.dead or node.stops:
        return
    history.inflicts("restart of a cell", f"SIGTERM {node.cell.name}")
    await node.restart_cell()


@fault(1)
async def line_killed(history: History) -> None:
    node = history.rng.choice(history.nodes)
    if node.line.dead:
        return
    history.inflicts("kill -9 line", f"kill -9 {node.line.name}")
    node.line.kill()
    _hang_up(history, node.line)
    await asyncio.sleep(history.rng.uniform(0.1, 1.0))
    node.start_line()


@fault(2)
async def postgres_gone(history: History) -> None:
    """A crash and restart, or a fail-over to a standby that has all that was committed."""
    over = history.rng.random() < 0.5
    history.inflicts("PostgreSQL failed over" if over else "PostgreSQL crashed", "postgres is gone")
    history.server.up = False
    history.server.ends_all_sessions()
    await _some_time(history)
    history.say("postgres is back")
    history.server.up = True
    if over:  # another machine, another clock
        _step(history, history.server.process, history.rng.uniform(-3, 3))


@fault(1)
async def postgres_stopped(history: History) -> None:
    history.inflicts("SIGSTOP PostgreSQL", "SIGSTOP postgres")
    history.server.process.freeze()
    await _some_time(history)
    history.say("SIGCONT postgres")
    history.server.process.thaw()


def _step(history: History, process: Process, seconds: float) -> None:
    history.judge.clocks_stepped = True
    history.say(f"the wall clock of {process.name} steps by {seconds}")
    process.machine.step_s += seconds


@fault(3)
async def clock_stepped(history: History) -> None:
    machines = [history.server.process] * 2 + [node.cell for node in history.nodes]
    history.counts["fault: wall clock stepped"] += 1
    step = history.rng.choice((-7200.0, -5.0, 1.5, 5.0, 600.0))
    _step(history, history.rng.choice(machines), step)
