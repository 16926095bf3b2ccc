"""The recordings that are played, kept in memory: the most recently used, up to a bound."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from pathlib import Path

# A path and what its file looked like: a file that was replaced is read anew.
_Key = tuple[str, int, int]


class Recordings:
    """Reads raw G.711 files off the event loop; each one once while it stays in the bound."""

    def __init__(self, bytes_max: int = 128 * 1024 * 1024) -> None:
        self._bytes_max = bytes_max
        self._kept: OrderedDict[_Key, bytes] = OrderedDict()  # least recently used first
        self._bytes = 0
        self._reading: dict[_Key, asyncio.Task[bytes]] = {}

    def kept(self, path: str) -> bytes | None:
        """The file's bytes if they are at hand. Raises OSError if the file is gone."""
        key = _key(path)
        data = self._kept.get(key)
        if data is not None:
            self._kept.move_to_end(key)
        return data

    async def read(self, path: str) -> bytes:
        """The file's bytes. Many readers at once read it once. Raises OSError."""
        key = _key(path)
        data = self._kept.get(key)
        if data is not None:
            return data
        task = self._reading.get(key)
        if task is None:
            task = asyncio.create_task(self._read(key))
            self._reading[key] = task
            task.add_done_callback(lambda _: self._reading.pop(key))
        return await asyncio.shield(task)

    async def _read(self, key: _Key) -> bytes:
        data = await asyncio.to_thread(Path(key[0]).read_bytes)
        self._kept[key] = data
        self._bytes += len(data)
        while self._bytes > self._bytes_max and len(self._kept) > 1:
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= len(dropped)
        return data


def _key(path: str) -> _Key:
    status = Path(path).stat()
    return (path, status.st_mtime_ns, status.st_size)
