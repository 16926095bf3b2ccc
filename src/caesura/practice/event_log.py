"""The carrier's log: one JSON object per line for every SIP datagram it saw, and what it sent.

Tests hold Caesura to its word with this file, so it is written from the raw datagram, before any
SIP stack has had a say, and each retransmission has its line. `at` is the datagram's arrival,
UTC seconds since the epoch; `monotonic`, on datagrams that came in, is the same moment on this
machine's CLOCK_MONOTONIC, which no step of the wall clock moves.

What came in is named by its method in lower case ("invite", "cancel", "ack", "bye", "options",
"register", …), by "response" or by "malformed". What the carrier sent is named "sent_180",
"sent_bye", …; "call_ended" closes each call with what came of it.
"""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

import msgspec

# RFC 3261 section 7.3.3: the compact forms of the headers that the log tells of.
_NAMES = {
    b"call-id": "call_id", b"i": "call_id",
    b"to": "to", b"t": "to",
    b"from": "from", b"f": "from",
    b"cseq": "cseq",
    b"via": "via", b"v": "via",
}  # fmt: skip

_GENERATION_S = 64.0  # twice the 32 s (64*T1) in which RFC 3261 section 17 sends anything again


def peek(data: bytes) -> dict[str, Any]:
    """What the log says of a datagram: its event, who calls whom, and what tells it from others.

    Reads only the headers that it names; "to" and "from" are the user parts as on the wire.
    """
    head, _, _ = data.partition(b"\r\n\r\n")
    start_line, *lines = head.split(b"\r\n")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(b":")
        key = _NAMES.get(name.strip().lower())
        if colon and key is not None and key not in headers:  # the topmost Via is the first one
            headers[key] = value.strip().decode("utf-8", "replace")
    words = start_line.split(b" ", 2)
    if len(words) < 3 or not headers.keys() >= {"call_id", "to", "from", "cseq", "via"}:
        return {"event": "malformed", "bytes": len(data)}
    seen: dict[str, Any] = {
        "event": words[0].decode("ascii", "replace").lower(),
        "call_id": headers["call_id"],
        "to": _user(headers["to"]),
        "from": _user(headers["from"]),
        "cseq": headers["cseq"],
        "branch": _parameter(headers["via"], "branch"),
    }
    if words[0] == b"SIP/2.0":
        seen["event"] = "response"
        seen["status"] = int(words[1]) if words[1].isdigit() else None
    return seen


def _user(address: str) -> str:
    """The user part of the URI in a To or From header (RFC 3261 section 19.1.1)."""
    _, bracket, rest = address.partition("<")
    uri = rest.partition(">")[0] if bracket else address.partition(";")[0]
    _, _, behind_scheme = uri.partition(":")
    user, at, _ = behind_scheme.partition("@")
    return (user if at else behind_scheme).partition(";")[0]


def _parameter(value: str, name: str) -> str | None:
    for part in value.split(";")[1:]:
        key, _, content = part.partition("=")
        if key.strip().lower() == name:
            return content.strip()
    return None


class EventLog:
    """Writes the log, line by line. Without a path it writes nothing but still tells repeats."""

    def __init__(self, path: Path | None) -> None:
        self._file: IO[str] | None = None if path is None else path.open("a", buffering=1)
        self._encode = msgspec.json.Encoder().encode
        self._open_line: dict[str, Any] | None = None  # of the datagram that is being handled
        self._young: set[tuple[Any, ...]] = set()  # identities of datagrams seen, two generations
        self._old: set[tuple[Any, ...]] = set()
        self._rotated_at = 0.0

    def received(self, data: bytes, at: float, source: str) -> dict[str, Any]:
        """Open the line of a datagram; it is written by `flush`, or before the next line."""
        self.flush()
        line = {"at": at, **peek(data), "source": source}
        if self._is_repeat(line, at):
            line["retransmission"] = True
        self._open_line = line
        return line

    def annotate(self, **extra: Any) -> None:
        """Add to the line of the datagram that is being handled."""
        if self._open_line is not None:
            self._open_line.update(extra)

    def write(self, event: str, at: float, **fields: Any) -> None:
        """Write a line that is not of a datagram received."""
        self.flush()
        self._write({"at": at, "event": event, **fields})

    def flush(self) -> None:
        if self._open_line is not None:
            line, self._open_line = self._open_line, None
            self._write(line)

    def close(self) -> None:
        self.flush()
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write(self, line: dict[str, Any]) -> None:
        if self._file is not None:
            self._file.write(self._encode(line).decode() + "\n")

    def _is_repeat(self, line: dict[str, Any], at: float) -> bool:
        if at - self._rotated_at > _GENERATION_S:
            self._old, self._young, self._rotated_at = self._young, set(), at
        # RFC 3261 section 17.2.3: branch and method name the transaction.
        identity = tuple(line.get(key) for key in ("event", "call_id", "cseq", "branch", "status"))
        if line["event"] == "malformed":
            return False
        repeat = identity in self._young or identity in self._old
        self._young.add(identity)
        return repeat
