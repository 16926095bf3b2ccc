"""Joining the parts of a long reply. 3GPP TS 23.040 section 9.2.3.24.1.

All parts but the one that completes the message are answered at once: a message centre may wait for
that before it sends the next. What does not come together in `LATE_S` is handed on as it is: its
first part may be a STOP.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from caesura.messages.drivers.smpp.pdu import Part, ShortMessage, decode

LATE_S = 60.0
_WAITING_MAX = 1000  # a flood of first parts must not fill the memory
_SAME_S = 600  # SMPP gives replies no id: equal ones within this are taken for one, said again

Answer = Callable[[bool], None]


@dataclass(frozen=True)
class Joined:
    first: ShortMessage
    text: str
    answer: Answer

    @property
    def message_id(self) -> str:
        """Made of what it is, so that it is the same if the message centre says it again."""
        when = int(time.time() // _SAME_S)
        named = f"{self.first.source}\n{self.first.dest}\n{self.text}\n{when}".encode()
        return hashlib.sha256(named).hexdigest()[:32]


@dataclass
class _Parts:
    first: ShortMessage
    since: float
    total: int
    texts: dict[int, str] = field(default_factory=dict)

    def text(self) -> str:
        return "".join(self.texts[number] for number in sorted(self.texts))


class Joining:
    """Parts that wait for the others of their message. `now` is monotonic seconds."""

    def __init__(self, default_alphabet: str) -> None:
        self._alphabet = default_alphabet
        self._waiting: dict[tuple[str, str, int], _Parts] = {}

    def add(self, message: ShortMessage, now: float, answer: Answer) -> Joined | None:
        """The message if this is or completes it, else None."""
        part, data = message.split()
        text = decode(data, message.data_coding, self._alphabet)
        if part is None or part.total <= 1 or not 1 <= part.number <= part.total:
            return Joined(message, text, answer)
        return self._add_part(message, part, text, now, answer)

    def late(self, now: float) -> list[Joined]:
        """Those that have waited long enough, as far as they came."""
        late = [
            key
            for index, (key, parts) in enumerate(self._waiting.items())
            if now - parts.since >= LATE_S or index < len(self._waiting) - _WAITING_MAX
        ]
        gone = [self._waiting.pop(key) for key in late]
        return [Joined(parts.first, parts.text(), lambda _stored: None) for parts in gone]

    def _add_part(
        self, message: ShortMessage, part: Part, text: str, now: float, answer: Answer
    ) -> Joined | None:
        key = (message.source, message.dest, part.reference)
        parts = self._waiting.setdefault(key, _Parts(message, now, part.total))
        parts.texts[part.number] = text
        if len(parts.texts) < parts.total:
            answer(True)
            return None
        del self._waiting[key]
        return Joined(parts.first, parts.text(), answer)
