"""What processes need of Linux and Python: ending in order, short socket paths, no stalls."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import hashlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from caesura.errors import Unavailable

_PR_SET_PDEATHSIG = 1  # prctl(2)
_SOCKET_PATH_MAX = 107  # bytes, unix(7): sun_path without its closing zero
_COLLECT_EVERY_S, _COLLECT_AT_LATEST_S = 10.0, 600.0

_Server = TypeVar("_Server")

_libc = ctypes.CDLL(None, use_errno=True)


def end_with_parent(number: signal.Signals = signal.SIGKILL) -> Callable[[], None]:
    """A `preexec_fn`: the kernel sends the new process `number` when its parent dies.

    "Parent" is the thread that starts it (prctl(2), PR_SET_PDEATHSIG): start from the main thread.
    """
    parent = os.getpid()

    def tell_the_kernel() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return tell_the_kernel


def socket_dir(preferred: Path, longest_name: str) -> Path:
    """`preferred`, or a short private directory if a socket's path there would be too long.

    The same answer for the same `preferred`, in every process of this account. Not created here.
    """
    if len(os.fsencode(preferred / longest_name)) <= _SOCKET_PATH_MAX:
        return preferred
    name = f"caesura-{hashlib.sha256(os.fsencode(preferred)).hexdigest()[:12]}"
    uid = os.geteuid()
    for parent in (Path("/run") if uid == 0 else Path(f"/run/user/{uid}"), Path("/tmp")):
        if os.access(parent, os.W_OK | os.X_OK):
            return parent / name
    return Path(tempfile.gettempdir()) / name


def make_private(directory: Path, owner: int | None = None, group: int = -1) -> None:
    """Make a directory that only `owner` (default: this account) may enter.

    Raises Unavailable if somebody else's is there: in /tmp, anyone may have been first.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = directory.lstat().st_uid
    if found not in (os.geteuid(), owner):
        raise Unavailable(f"{directory} belongs to another account (uid {found}); remove it.")
    if directory.is_symlink():
        raise Unavailable(f"{directory} is a symbolic link; remove it.")
    directory.chmod(0o700)
    if owner is not None and owner != found:
        os.chown(directory, owner, group)


async def serve_until_told(
    start: Callable[[], Awaitable[_Server]], idle: Callable[[_Server], bool]
) -> _Server:
    """Start, and return what was started at SIGTERM or SIGINT, to be stopped.

    They are heeded before the start: one that comes meanwhile ends the process in order, too.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server = await start()
    collecting = asyncio.create_task(collect_garbage_when(lambda: idle(server)))
    await stop.wait()
    collecting.cancel()
    return server


def freeze_heap() -> None:
    """Let Python's cycle collector look no more at what is there by now: modules, classes, routes.

    A full collection of a web process takes 170 ms without this, in which nobody is answered.
    """
    gc.collect()
    gc.freeze()


async def collect_garbage_when(idle: Callable[[], bool]) -> None:
    """Run Python's cycle collector only when `idle` says so, or after ten minutes; for ever.

    By itself it would stop the process for 100 ms and more, again and again, while thousands of
    calls are alive. What ends is freed without it: our objects leave no cycles behind them, but
    for rare ones (an exception's frames).
    """
    freeze_heap()
    gc.disable()
    last = time.monotonic()
    while True:
        await asyncio.sleep(_COLLECT_EVERY_S)
        if idle() or time.monotonic() - last >= _COLLECT_AT_LATEST_S:
            gc.collect()
            last = time.monotonic()


@asynccontextmanager
async def piped_worker(module: str, limit: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """A Python module as a process with pipes; it is gone when the block ends, however it ends.

    `limit`: how many bytes a line of its output may have.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",  # whatever lies in the working directory is not imported
        "-m",
        module,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=limit,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        assert process.stdin is not None
        process.stdin.close()
        await process.communicate()  # reads what is left in the pipe, so that it is closed
