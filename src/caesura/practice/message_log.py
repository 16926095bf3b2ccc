"""The message centre's log: one JSON object per line for what arrived and what was sent.

Tests hold Caesura to its word with this file. `at` is UTC seconds, taken as the bytes were read.

- "submit": a submission as it arrived (each part of a long message): kind, sender, recipient, text,
  part and parts, connection, message_id (if one was given), fate, and what it was answered.
- "bind", "unbind", "lost", "closed": of a connection. "throttled" is part of "submit".
- "receipt", "reply": sent; "noted": answered by the other side, with its status.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import IO, Any

import msgspec


class MessageLog:
    """Writes the log, and counts. Without a path it only counts."""

    def __init__(self, path: Path | None) -> None:
        self._file: IO[bytes] | None = None if path is None else path.open("ab", buffering=0)
        self._encode = msgspec.json.Encoder().encode
        self.counts: Counter[str] = Counter()

    def write(self, event: str, at: float, **fields: Any) -> None:
        self.counts[event] += 1
        if event == "submit":
            self.counts[f"submit {fields.get('status', '')}".rstrip()] += 1
        if self._file is not None:
            self._file.write(self._encode({"at": at, "event": event, **fields}) + b"\n")

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
