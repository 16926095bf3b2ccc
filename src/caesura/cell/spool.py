"""What a cell could not store, on its disk, until the database is back.

One file for each process, JSON lines, on the disk (fsync) before anybody relies on it. What a
process left behind is stored by the next one on the same directory. Bounded: a full spool, or a
full disk, is an alarm, and the cell starts no new calls until it is emptied.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec
import structlog

from caesura.rules.call import AttemptEnd, Progress
from caesura.rules.command import StoreDisposition, StoreTalkBegan, StoreTalkEnded
from caesura.rules.message import Delivery, Reply

REJECTED = "rejected.jsonl"  # what the database would not take: for people

log = structlog.get_logger(__name__)


class Record(msgspec.Struct, omit_defaults=True, frozen=True):
    """One thing to be stored: one of the named ones. Storing it twice is harmless."""

    campaign: int  # 0: not known, as of deliveries and replies
    progress: Progress | None = None
    end: AttemptEnd | None = None
    undone: UUID | None = None  # an attempt that never reached the wire
    opt_out: str | None = None  # a number that wants no more calls
    talk_began: StoreTalkBegan | None = None  # of an agent with a callee
    talk_ended: StoreTalkEnded | None = None
    disposed: StoreDisposition | None = None
    delivery: Delivery | None = None
    reply: Reply | None = None
    token: tuple[int, int] | None = None  # of the last two: who waits to hear that it is safe


_decoder = msgspec.json.Decoder(Record)


def encoded(record: Record) -> bytes:
    """A line of the spool."""
    return msgspec.json.encode(record) + b"\n"


class Spool:
    """See the module. `append` and `clear` take time: call them in a thread."""

    def __init__(self, directory: Path, bytes_max: int) -> None:
        self._directory = directory
        self._bytes_max = bytes_max
        self._path = directory / f"{time.time_ns():020}-{os.getpid()}.jsonl"
        self.bytes = 0
        self.full = False
        self.filled_at: datetime | None = None  # when it last filled up

    def append(self, lines: Sequence[bytes]) -> int:
        """Write lines, as many as fit, and wait until they are on the disk; returns how many."""
        room, fit = self._bytes_max - self.bytes, 0
        for line in lines:
            if len(line) > room:
                break
            room, fit = room - len(line), fit + 1
        try:
            self._write(b"".join(lines[:fit]))
        except OSError as error:
            self._alarm(f"cannot be written: {error.strerror}")
            return 0
        if fit < len(lines):
            self._alarm(f"has reached its bound of {self._bytes_max:,} bytes")
        return fit

    def _write(self, content: bytes) -> None:
        if not content:
            return
        self._directory.mkdir(parents=True, exist_ok=True)
        new = not self._path.exists()
        with self._path.open("ab", buffering=0) as file:
            try:
                if file.write(content) != len(content):
                    raise OSError(28, "No space left on device")
                os.fsync(file.fileno())
            except OSError:
                os.ftruncate(file.fileno(), self.bytes)  # no half line before the next ones
                raise
        if new:
            self._sync_directory()
        self.bytes += len(content)

    def _sync_directory(self) -> None:
        directory = os.open(self._directory, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    def _alarm(self, what: str) -> None:
        if not self.full:
            log.error(f"the spool {what}; no new calls until the database is back")
        self.full, self.filled_at = True, datetime.now(UTC)

    def clear(self) -> None:
        """All of it is stored."""
        self._path.unlink(missing_ok=True)
        self.bytes, self.full = 0, False

    def left_behind(self) -> list[Path]:
        """The files of processes before this one, the oldest first."""
        found = sorted(self._directory.glob("*.jsonl"))
        return [path for path in found if path != self._path and path.name != REJECTED]

    def set_aside(self, record: Record, why: str) -> None:
        """Keep for people what the database will never take."""
        log.error("the database refuses a result", record=encoded(record).decode(), why=why)
        self._directory.mkdir(parents=True, exist_ok=True)
        with (self._directory / REJECTED).open("ab") as file:
            file.write(encoded(record))


def read(path: Path) -> Iterator[Record]:
    """The records of a file. A line that a crash cut short is left out."""
    with path.open("rb") as lines:
        for line in lines:
            try:
                yield _decoder.decode(line)
            except msgspec.DecodeError as error:
                log.warning("a line of the spool cannot be read", file=path.name, why=str(error))
