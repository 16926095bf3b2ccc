"""Recordings on this machine's disk, in the codec a call speaks, ready to be played.

PostgreSQL keeps them; the cell fetches each once, before the first call needs it.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from caesura.store import configuration
from caesura.store.database import Database

_SUFFIX = {"PCMU": "ul", "PCMA": "al"}


class Prompts:
    """Files under `directory`, named by content, so that a changed recording is a new file."""

    def __init__(self, database: Database, directory: Path) -> None:
        self._database = database
        self._directory = directory
        self._sha256: dict[str, str] = {}

    async def fetch(self, name: str) -> bool:
        """Have the recording `name` at hand; False if there is none of that name."""
        async with self._database.transaction() as conn:
            found = await configuration.sound(conn, name)
        if found is None:
            return False
        await asyncio.to_thread(self._write, found["sha256"], found["pcmu"], found["pcma"])
        self._sha256[name] = found["sha256"]
        return True

    def path(self, name: str, codec: str) -> Path | None:
        """Where the recording lies, or None if it was not fetched."""
        sha256 = self._sha256.get(name)
        return None if sha256 is None else self._file(sha256, codec)

    def _file(self, sha256: str, codec: str) -> Path:
        return self._directory / f"{sha256}.{_SUFFIX[codec]}"

    def _write(self, sha256: str, pcmu: bytes, pcma: bytes) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        for codec, sound in (("PCMU", pcmu), ("PCMA", pcma)):
            path = self._file(sha256, codec)
            if not path.exists():
                part = path.with_suffix(".part")
                part.write_bytes(sound)
                part.replace(path)
