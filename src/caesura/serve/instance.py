"""The instance on a data directory: its folders, its lock, and what it tells the commands.

DATA/
  serve.lock      held while `caesura serve` runs; names its process
  instance.json   URLs and API key for commands on this machine (mode 0600)
  postgres/       the embedded PostgreSQL's data
  cells/          each cell's spool
  log/            one file per process
  run/            sockets (elsewhere if this path is too long for a socket)
"""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path

from caesura.channel.door import STARTING
from caesura.errors import Conflict, Unavailable
from caesura.processes import make_private, socket_dir

_LONGEST_SOCKET_NAME = f"messenger-99.sock{STARTING}"


class Instance:
    """One data directory, held by one running `caesura serve`. A context manager: the lock."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir.absolute()
        self.log_dir = self.data_dir / "log"
        self.run_dir = socket_dir(self.data_dir / "run" / "voice", _LONGEST_SOCKET_NAME)
        self._lock: int | None = None

    def __enter__(self) -> Instance:
        """Make the folders and take the lock. Raises Conflict if another process holds it."""
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            self.log_dir.mkdir(exist_ok=True)
            self._lock = os.open(self.data_dir / "serve.lock", os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise Unavailable(
                f"The data directory {self.data_dir} cannot be used: {error.strerror}. "
                "Name another with --data or CAESURA_DATA."
            ) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = os.pread(self._lock, 20, 0).decode().strip() or "unknown"
            os.close(self._lock)
            self._lock = None
            raise Conflict(
                f"Caesura runs on {self.data_dir} already, as process {pid}. Stop that one "
                f"(kill {pid}), or name another directory with --data.",
                pid=pid,
            ) from None
        os.ftruncate(self._lock, 0)
        os.pwrite(self._lock, f"{os.getpid()}\n".encode(), 0)
        make_private(self.run_dir)
        return self

    def __exit__(self, *_: object) -> None:
        """Give the lock back; the file stays, for removing it would race with its next taker."""
        if self._lock is not None:
            os.ftruncate(self._lock, 0)
            os.close(self._lock)
            self._lock = None

    def log_file(self, name: str) -> Path:
        """Where the process `name` logs."""
        return self.log_dir / f"{name}.log"

    def socket(self, name: str) -> Path:
        """The unix socket `name`, whose path is short enough for one."""
        return self.run_dir / f"{name}.sock"

    def known_key(self) -> str | None:
        """The API key that an earlier start wrote down."""
        try:
            told = json.loads((self.data_dir / "instance.json").read_text())
            return str(told["api_key"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def tell(self, *, url: str, api_key: str, database_url: str) -> None:
        """Write instance.json, whole or not at all, for this account's eyes only."""
        told = {
            "url": url,
            "api_key": api_key,
            # For an emergency stop while no web process answers. Its password is as secret as the
            # key, and in the same place.
            "database_url": database_url,
            "pid": os.getpid(),
        }
        path = self.data_dir / "instance.json"
        new = path.with_suffix(".new")
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(told, file, indent=2)
            file.write("\n")
        new.replace(path)
