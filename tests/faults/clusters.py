"""Two PostgreSQL servers, one streaming to the other synchronously, that can fail over for ever.

Real servers of the wheel's version, durable (fsync, synchronous_commit), each on a machine of its
own. A commit is answered only when the standby has it on its disk. A fail-over kills the primary
for good (it is fenced: its processes are dead, its data is deleted), promotes the standby, and then
makes a new standby where the old primary was. Until that one streams, there is nothing to fail over
to, and `ready` says so.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psycopg
from tests.faults.sandbox import Machine, command, kill, machine

from caesura.store import embedded

_SETTINGS = {
    "listen_addresses": "*",
    "port": "5432",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_level": "replica",
    "max_wal_senders": "8",
    "wal_keep_size": "512MB",
    "max_wal_size": "1GB",
    "hot_standby": "on",
    "wal_sender_timeout": "5s",
    "wal_receiver_timeout": "5s",
    "wal_retrieve_retry_interval": "300ms",
    "autovacuum_naptime": "15s",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
}
_START_S = 180.0
_REACHED_S = 20.0
_NETWORK = 78


class Cluster:
    """One server's data, and the process that works on it, if any."""

    def __init__(self, place: Machine, directory: Path, environment: Mapping[str, str]) -> None:
        self.place = place
        self.data = directory / place.name
        self.log = directory / f"{place.name}.log"
        self._socket_dir = directory / f"{place.name}.run"
        self._programs = embedded._programs()
        self._account: pwd.struct_passwd = embedded._account(self.data)  # type: ignore[assignment]
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._socket_dir.mkdir()
        os.chown(self._socket_dir, self._account.pw_uid, self._account.pw_gid)

    @property
    def url(self) -> str:
        return f"postgresql://caesura@{self.place.address}/caesura?connect_timeout=2"

    def _run(self, program: str, *words: str, timeout: float = 240) -> None:
        command(*self._words(program, *words), timeout=timeout)

    def _words(self, program: str, *words: str) -> list[str]:
        account = (f"--reuid={self._account.pw_uid}", f"--regid={self._account.pw_gid}")
        # Not in our own environment: the library must come with the last program, as its account.
        clock = [f"{name}={value}" for name, value in self._environment.items()]
        return self.place.words(
            *("setpriv", *account, "--clear-groups", "env", *clock),
            *(str(self._programs / program), *words),
        )

    def make(self) -> None:
        """A new, empty server's data."""
        self._empty()
        self._run(
            "initdb",
            *(f"--pgdata={self.data}", "--username=caesura", "--auth=trust", "--encoding=UTF8"),
            *("--lc-collate=C", "--lc-ctype=C.UTF-8", "--lc-messages=C", "--data-checksums"),
        )
        hba = self.data / "pg_hba.conf"
        lines = ("host all all 10.0.0.0/8 trust", "host replication all 10.0.0.0/8 trust")
        hba.write_text(hba.read_text() + "\n".join(lines) + "\n")

    def copy(self, primary: Cluster) -> None:
        """A standby's data: the primary's, as it is now."""
        source = f"host={primary.place.address} user=caesura application_name=standby"
        options = ("--wal-method=stream", "--checkpoint=fast", "--no-sync")
        deadline = time.monotonic() + _REACHED_S
        while True:
            self._empty()
            try:
                self._run("pg_basebackup", f"--dbname={source}", f"--pgdata={self.data}", *options)
                break
            except RuntimeError as error:
                # A machine that was just plugged in again is not always reached at once.
                if "No route to host" not in str(error) or time.monotonic() > deadline:
                    raise
            time.sleep(0.2)
        (self.data / "standby.signal").touch()
        os.chown(self.data / "standby.signal", self._account.pw_uid, self._account.pw_gid)
        self._primary = source

    _primary = ""

    def _empty(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(mode=0o700)
        os.chown(self.data, self._account.pw_uid, self._account.pw_gid)

    def configure(self, synchronous: bool) -> None:
        """Write the settings; takes effect at the start, or with `reload`."""
        settings = _SETTINGS | {
            "unix_socket_directories": str(self._socket_dir),
            "synchronous_standby_names": "standby" if synchronous else "",
            "primary_conninfo": self._primary,
        }
        ours = self.data / "faults.conf"
        ours.write_text("".join(f"{name} = '{value}'\n" for name, value in settings.items()))
        os.chown(ours, self._account.pw_uid, self._account.pw_gid)
        main = self.data / "postgresql.conf"
        if "faults.conf" not in main.read_text():
            main.write_text(main.read_text() + "\ninclude 'faults.conf'\n")

    def reload(self) -> None:
        kill([self.pid], signal.SIGHUP)

    def start(self) -> None:
        """Start, and wait until it takes connections."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._words("postgres", "-D", str(self.data)),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={"PATH": os.defpath, "LANG": "C.UTF-8"},
            )
        deadline = time.monotonic() + _START_S
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start: {self.log.read_text()[-2000:]}")
            time.sleep(0.05)

    def _is_ready(self) -> bool:
        try:
            lines = (self.data / "postmaster.pid").read_text().split("\n")
        except OSError:
            return False
        return len(lines) > 7 and lines[0] == str(self.pid) and lines[7].strip() == "ready"

    @property
    def pid(self) -> int:
        """The postmaster's."""
        assert self._process is not None
        return self._process.pid

    @property
    def started(self) -> bool:
        return self._process is not None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def pids(self) -> list[int]:
        """All its processes that live: those that work in its directory."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if (process / "cwd").readlink() == self.data:
                    found.append(int(process.name))
        return found

    def kill_postmaster(self) -> None:
        """kill -9 of the first process; the others notice."""
        kill([self.pid], signal.SIGKILL)
        self._await_end()

    def kill_all(self) -> None:
        """kill -9 of every process of it."""
        while pids := self.pids():
            kill(pids, signal.SIGKILL)
            time.sleep(0.01)
        self._await_end()

    def stop(self) -> None:
        """Shut down in good order, sessions are ended."""
        kill([self.pid], signal.SIGINT)
        self._await_end()

    def _await_end(self) -> None:
        if self._process is not None:
            self._process.wait(30)
        deadline = time.monotonic() + 30
        while self.pids():  # sessions outlive a killed postmaster by a moment
            if time.monotonic() > deadline:
                kill(self.pids(), signal.SIGKILL)
            time.sleep(0.02)

    def promote(self) -> None:
        """Standby to primary."""
        self._primary = ""
        self.configure(synchronous=False)
        self._run("pg_ctl", "promote", f"--pgdata={self.data}", "--wait", "--timeout=60")
        self.reload()


class Pair:
    """A primary and its synchronous standby."""

    def __init__(self, directory: Path, environment: Mapping[str, str]) -> None:
        directory.mkdir()
        both = [Cluster(machine(f"db{n}", _NETWORK, n), directory, environment) for n in (0, 1)]
        self.primary, self.standby = both
        hosts = ",".join(f"{one.place.address}:5432" for one in both)
        # What docs/operating.md tells an operator to write.
        self.url = f"postgresql://caesura@{hosts}/caesura?target_session_attrs=read-write"
        self.network = f"10.{_NETWORK}.0.0/16"

    def start(self) -> None:
        self.primary.make()
        self.primary.configure(synchronous=False)
        self.primary.start()
        admin = self.primary.url.replace("/caesura?", "/postgres?")
        with psycopg.connect(admin, autocommit=True) as conn:
            conn.execute("CREATE DATABASE caesura")
        self.make_standby()

    @property
    def ready(self) -> bool:
        """Is there a standby that has all that was committed?"""
        try:
            with psycopg.connect(self.primary.url, autocommit=True) as conn:
                row = conn.execute(
                    "SELECT 1 FROM pg_stat_replication"
                    " WHERE state = 'streaming' AND sync_state = 'sync'"
                ).fetchone()
        except psycopg.Error:
            return False
        return row is not None

    def make_standby(self) -> None:
        """Where none runs: copy the primary, start it, and make commits wait for it."""
        self.standby.place.plug_in()
        self.standby.copy(self.primary)
        self.standby.configure(synchronous=False)
        self.standby.start()
        self.primary.configure(synchronous=True)
        self.primary.reload()
        self.await_ready()

    def await_ready(self, within_s: float = 180) -> None:
        deadline = time.monotonic() + within_s
        while not self.ready:
            if time.monotonic() > deadline:
                raise RuntimeError(f"the standby does not stream; see {self.standby.log}")
            time.sleep(0.05)

    def restart(self, *, kill_it: bool) -> None:
        """The primary goes, in good order or by kill -9 of its postmaster, and comes again."""
        if kill_it:
            self.primary.kill_postmaster()
        else:
            self.primary.stop()
        self.primary.start()

    def fail_over(self, *, vanish: bool) -> None:
        """The primary dies (`vanish`: with its machine, so that no client is told); the standby
        takes over. `make_standby` afterwards."""
        old, new = self.primary, self.standby
        if vanish:
            old.place.unplug()
        old.kill_all()  # fenced: it never comes back with this data
        new.promote()
        self.primary, self.standby = new, old

    def stop(self) -> None:
        for one in (self.primary, self.standby):
            with suppress(Exception):
                one.kill_all()
