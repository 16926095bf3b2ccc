"""A place of our own for a run: its processes, its network, its mounts, all gone with the run.

The run enters a mount, a network and a process namespace of its own (unshare(1)). What it starts
is in there with it, so no signal of ours can reach anybody else's process; and when the first
process of it ends, in whatever way, the kernel ends the others, and with them go the networks and
mounts. Nothing has a name outside, so two runs cannot meet, and nothing is left to be cleaned up.

The network: this namespace is the hub. Each machine is a namespace joined to it by a pair of
virtual Ethernet ends. Between a node and the carrier, who is in the hub, there is no queue: the
kernel stamps a datagram's arrival within the sender's own system call.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

NETNS = Path("/run/netns")
CARRIER = "10.79.0.1"  # in the hub
NEEDED = ("unshare", "nsenter", "setpriv", "ip", "nft", "mount")
_PREFIX = "caesura-faults-"
_YOUNG_S = 60.0  # a directory may not be locked yet
_PR_SET_PDEATHSIG = 1  # prctl(2)


class Unsuitable(Exception):
    """Nothing can be tried here; says why."""


def missing() -> str | None:
    """Why no run is possible here, or None."""
    if os.geteuid() != 0:
        return "needs root: it makes network namespaces and mounts"
    absent = [name for name in NEEDED if shutil.which(name) is None]
    if absent:
        return f"needs {', '.join(absent)} (scripts/bootstrap test installs them)"
    tried = subprocess.run(
        ["unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc", "true"],
        capture_output=True,
        text=True,
        check=False,
    )
    return None if tried.returncode == 0 else f"cannot make namespaces here: {tried.stderr.strip()}"


# ---------------------------------------------------------------- from outside


def run_inside(words: list[str]) -> int:
    """Run `python -m tests.faults --inside DIRECTORY words` in a sandbox; its exit status.

    SIGINT and SIGTERM are passed on, once politely; the sandbox also ends if we are killed.
    """
    why = missing()
    if why is not None:
        raise Unsuitable(why)
    _remove_what_is_left()
    directory = Path(tempfile.mkdtemp(prefix=_PREFIX))
    directory.chmod(0o755)  # PostgreSQL runs under another account
    lock = os.open(directory, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)  # this run lives
    command = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    inner = [sys.executable, "-m", "tests.faults", "--inside", str(directory), *words]
    process = subprocess.Popen(
        [*command, *inner],
        start_new_session=True,  # Ctrl-C reaches us alone, and is passed on
        preexec_fn=_end_with_parent(),  # noqa: PLW1509 - takes no lock
    )
    asked = 0

    def pass_on(number: int, _frame: object) -> None:
        nonlocal asked
        asked += 1
        for child in _children(process.pid):
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGTERM if asked == 1 else signal.SIGKILL)

    before = {n: signal.signal(n, pass_on) for n in (signal.SIGINT, signal.SIGTERM)}
    try:
        status = process.wait()
    finally:
        process.kill()
        for number, handler in before.items():
            signal.signal(number, handler)
        shutil.rmtree(directory, ignore_errors=True)
        os.close(lock)
    return status


def _remove_what_is_left() -> None:
    """Files are all that a run leaves if it is killed: those of runs that live no more go now."""
    for directory in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if time.time() - directory.stat().st_mtime < _YOUNG_S:
                continue
            lock = os.open(directory, os.O_RDONLY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(directory, ignore_errors=True)
            finally:
                os.close(lock)


def _end_with_parent() -> object:
    libc = ctypes.CDLL(None, use_errno=True)
    return lambda: libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def _children(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


# ---------------------------------------------------------------- from inside


def command(*words: str, given: str | None = None, timeout: float = 60) -> str:
    """Run a program that must succeed; its output."""
    done = subprocess.run(
        words, input=given, capture_output=True, text=True, timeout=timeout, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr or done.stdout}")
    return done.stdout


@dataclass(frozen=True)
class Machine:
    """A network namespace with one way out, to the hub."""

    name: str
    address: str
    gateway: str  # the hub's end

    def words(self, *words: str) -> list[str]:
        """The command line that runs `words` on this machine."""
        return ["nsenter", f"--net={NETNS / self.name}", "--", *words]

    def unplug(self) -> None:
        """Pull the cable: packets vanish, nobody is told."""
        command("ip", "link", "set", f"to-{self.name}", "down")

    def plug_in(self) -> None:
        command("ip", "link", "set", f"to-{self.name}", "up")

    def cut(self, networks: list[str], *, going: bool = True, coming: bool = True) -> None:
        """Drop what goes to, or comes from, these networks, without a word to anybody."""
        rules = ["flush table inet faults"]
        for network in networks:
            if going:
                rules.append(f"add rule inet faults out ip daddr {network} drop")
            if coming:
                rules.append(f"add rule inet faults in ip saddr {network} drop")
        self._nft("\n".join(rules))

    def heal(self) -> None:
        self._nft("flush table inet faults")

    def _nft(self, text: str) -> None:
        command(*self.words("nft", "-f", "-"), given=f"{text}\n")


def prepare() -> None:
    """The hub, once, at the start of the run."""
    NETNS.mkdir(exist_ok=True)
    command("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(NETNS))  # ours alone
    command("mount", "-t", "tmpfs", "-o", "size=1g,mode=1777", "tmpfs", "/dev/shm")
    command("ip", "link", "set", "lo", "up")
    command("ip", "address", "add", f"{CARRIER}/32", "dev", "lo")
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1")


def machine(name: str, network: int, host: int) -> Machine:
    """A new machine at 10.<network>.<host>.2."""
    address, gateway = f"10.{network}.{host}.2", f"10.{network}.{host}.1"
    made = Machine(name, address, gateway)
    command("ip", "netns", "add", name)
    command("ip", "link", "add", f"to-{name}", "type", "veth", "peer", "name", "up0", "netns", name)
    command("ip", "address", "add", f"{gateway}/24", "dev", f"to-{name}")
    command("ip", "link", "set", f"to-{name}", "up")
    for words in (
        ("ip", "link", "set", "lo", "up"),
        ("ip", "address", "add", f"{address}/24", "dev", "up0"),
        ("ip", "link", "set", "up0", "up"),
        ("ip", "route", "add", "default", "via", gateway),
    ):
        command(*made.words(*words))
    chains = "add table inet faults\n" + "".join(
        f"add chain inet faults {chain} {{ type filter hook {hook} priority 0; }}\n"
        for chain, hook in (("out", "output"), ("in", "input"))
    )
    made._nft(chains)
    return made


def small_disk(where: Path, mib: int) -> None:
    """A file system of its own, so small that it can be filled up."""
    where.mkdir(parents=True, exist_ok=True)
    command("mount", "-t", "tmpfs", "-o", f"size={mib}m,mode=755", "tmpfs", str(where))


# ---------------------------------------------------------------- processes


def kill(pids: list[int], number: signal.Signals) -> int:
    """Send it to each that still lives; how many those were."""
    reached = 0
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
            reached += 1
    return reached


def reap(ours: set[int]) -> None:
    """As the first process of this namespace: take note of orphans that have ended."""
    while True:
        try:
            found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if found is None or found.si_pid in ours:
            return
        with suppress(ChildProcessError):
            os.waitpid(found.si_pid, os.WNOHANG)
