"""The embedded PostgreSQL keeps what it was given, however it and its parent die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from caesura.errors import Unavailable
from caesura.store.embedded import EmbeddedPostgres

# Starts a server, says its URL and process id, and waits to be killed.
_PARENT = """
import sys, time
from pathlib import Path
from caesura import logs
from caesura.store.embedded import EmbeddedPostgres
logs.configure("test")
server = EmbeddedPostgres(Path(sys.argv[1]))
print(server.start(), server.pid, flush=True)
time.sleep(600)
"""


@contextmanager
def _parent_of_a_server(data_dir: Path) -> Iterator[tuple[subprocess.Popen[str], str, int]]:
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT, str(data_dir)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert parent.stdout is not None
        url, pid = parent.stdout.readline().split()
        yield parent, url, int(pid)
    finally:
        parent.kill()
        parent.communicate()


def _await_end(pid: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        # A zombie whose parent is gone and not reaped yet has ended too.
        try:
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return
        except (FileNotFoundError, ProcessLookupError):
            return
        time.sleep(0.02)
    pytest.fail(f"process {pid} did not end")


def _write(url: str, value: int) -> None:
    with psycopg.connect(url) as conn:
        conn.execute("CREATE TABLE IF NOT EXISTS kept (value int)")
        conn.execute("INSERT INTO kept VALUES (%s)", [value])


def _read(url: str) -> list[int]:
    with psycopg.connect(url) as conn:
        return [row[0] for row in conn.execute("SELECT value FROM kept ORDER BY value")]


def test_what_was_committed_is_there_after_a_stop_and_a_start(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as url:
        _write(url, 1)
    with EmbeddedPostgres(data_dir) as url:
        assert _read(url) == [1]


def test_it_keeps_its_promises_on_disk(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as url, psycopg.connect(url) as conn:
        for name in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
            assert conn.execute(f"SHOW {name}").fetchone() == ("on",)


def test_no_network_port_is_opened_and_the_socket_is_private(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as url, psycopg.connect(url) as conn:
        assert conn.execute("SHOW listen_addresses").fetchone() == ("",)
        row = conn.execute("SHOW unix_socket_directories").fetchone()
        assert row is not None
        assert Path(row[0]).stat().st_mode & 0o077 == 0


def test_it_ends_when_its_parent_is_killed_and_starts_again(data_dir: Path) -> None:
    with _parent_of_a_server(data_dir) as (parent, url, pid):
        _write(url, 1)
        parent.kill()
        # At once: the earlier server may still be shutting down.
        with EmbeddedPostgres(data_dir) as again:
            assert _read(again) == [1]
        _await_end(pid)


def test_it_starts_after_everything_was_killed(data_dir: Path) -> None:
    with _parent_of_a_server(data_dir) as (parent, url, pid):
        _write(url, 1)
        os.kill(pid, signal.SIGKILL)
        parent.kill()
        assert (data_dir / "postgres" / "postmaster.pid").exists()
        with EmbeddedPostgres(data_dir) as again:
            assert _read(again) == [1]


def test_a_stale_pid_that_is_now_another_program_does_not_stop_it(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir):
        pid_file = data_dir / "postgres" / "postmaster.pid"
        stale = pid_file.read_text().split("\n")
    owner = (data_dir / "postgres").stat().st_uid
    other = subprocess.Popen(["sleep", "60"], user=owner if os.geteuid() == 0 else None)
    try:
        pid_file.write_text("\n".join([str(other.pid), *stale[1:]]))
        with EmbeddedPostgres(data_dir) as url:
            _write(url, 1)
        assert other.poll() is None, "the other program was left alone"
    finally:
        other.kill()
        other.wait()


def test_a_data_directory_with_a_long_name_is_no_hindrance(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir / ("long" * 40)) as url:
        _write(url, 1)
        assert _read(url) == [1]


def test_a_server_that_cannot_start_names_its_log_file(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir, options={"shared_buffers": "nonsense"})
    with pytest.raises(Unavailable, match=r"postgres\.log") as raised:
        server.start()
    assert "shared_buffers" in raised.value.message


def test_data_of_another_version_is_refused_and_left_alone(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir):
        pass
    version = data_dir / "postgres" / "PG_VERSION"
    version.write_text("12\n")
    with pytest.raises(Unavailable, match="PostgreSQL 12"):
        EmbeddedPostgres(data_dir).start()
    assert version.read_text() == "12\n"
