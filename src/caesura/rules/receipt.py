"""Are the receipts what they were when they were sealed?

Each seal holds what a receipt said, the digest of the seal before, and a digest over both: a chain,
described for auditors in docs/receipts.md. What is changed, left out or moved breaks it and is
named. What a chain alone cannot show is that its end was cut off or that all of it was made anew;
that shows against a digest which somebody noted earlier.

Pure: the same check serves the API, the command and an export that is far from any server.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

BEGINNING = "0" * 64  # stands for the digest before the first seal


@dataclass(frozen=True)
class Seal:
    """One link of the chain."""

    sequence: int  # 1, 2, 3 …
    receipt_id: int
    part: str  # "silence" when it was confirmed, "completion" when the last call had ended
    content: str  # canonical JSON, as it was sealed
    previous: str  # digest of the seal before
    digest: str


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was sealed."""

    sequence: int | None  # of the seal; None where there is none
    receipt_id: int | None
    what: str  # a sentence


def digest_of(sequence: int, previous: str, content: str) -> str:
    """SHA-256 over the three, a line each, the last one without a line's end; hexadecimal."""
    return hashlib.sha256(f"{sequence}\n{previous}\n{content}".encode()).hexdigest()


@dataclass
class ChainCheck:
    """Goes along the chain, seal after seal in the order that they come in.

    Give each to `check`; ask `ended` when there are no more. `noted` is a digest that the chain
    once had, which somebody wrote down elsewhere.
    """

    noted: str | None = None
    seals: int = 0  # how many were seen
    sequence: int = 0  # of the last one seen
    digest: str = BEGINNING  # of the last one seen
    _sealed: set[tuple[int, str]] = field(default_factory=set)
    _noted_was_seen: bool = False

    def check(self, seal: Seal) -> Iterator[Finding]:
        """What is wrong with the next seal."""

        def found(what: str) -> Finding:
            return Finding(seal.sequence, seal.receipt_id, what)

        if seal.sequence != self.sequence + 1:
            yield found(_order(self.sequence, seal.sequence))
        elif seal.previous != self.digest:
            before = f"seal {self.sequence}" if self.sequence else "the beginning of the chain"
            yield found(f"it does not follow {before}: it names another digest")
        if digest_of(seal.sequence, seal.previous, seal.content) != seal.digest:
            yield found("its content is not what its digest was made of: it was changed")
        for what in _misfits(seal):
            yield found(what)
        if (seal.receipt_id, seal.part) in self._sealed:
            yield found(f"the {seal.part} of receipt {seal.receipt_id} is sealed a second time")
        self._sealed.add((seal.receipt_id, seal.part))
        self._noted_was_seen |= seal.digest == (self.noted or "").lower()
        self.seals += 1
        self.sequence, self.digest = seal.sequence, seal.digest

    def ended(self) -> Iterator[Finding]:
        """What is wrong with the whole."""
        if self.noted is not None and not self._noted_was_seen:
            yield Finding(
                None,
                None,
                f"no seal has the digest {self.noted} that was noted: the chain was cut or made "
                "anew",
            )

    @property
    def receipts(self) -> int:
        """How many receipts have a seal."""
        return sum(part == "silence" for _, part in self._sealed)


def differences(seal: Seal, now: dict[str, Any] | None) -> Iterator[Finding]:
    """Where a receipt, as the database has it `now`, differs from what was sealed.

    `now` has the keys "receipt" and, of a silence, "cells"; None if the receipt is gone.
    """
    if now is None:
        what = f"receipt {seal.receipt_id} was sealed and is gone"
        yield Finding(seal.sequence, seal.receipt_id, what)
        return
    try:
        sealed = json.loads(seal.content)
    except ValueError:
        return  # the chain's check says so
    for what in _changed(sealed, now):
        yield Finding(seal.sequence, seal.receipt_id, what)


def _order(before: int, sequence: int) -> str:
    if sequence <= before:
        return f"it comes after seal {before}: they are not in the order of the sealing"
    first, last = before + 1, sequence - 1
    gone = f"seal {first} is" if first == last else f"seals {first} to {last} are"
    return f"{gone} missing before it"


def _misfits(seal: Seal) -> Iterator[str]:
    """Where a seal's columns and its content speak of different things."""
    try:
        content = json.loads(seal.content)
        named, part = content["receipt"]["id"], content["part"]
    except (ValueError, KeyError, TypeError):
        yield "its content is not that of a receipt"
        return
    if (named, part) != (seal.receipt_id, seal.part):
        yield (
            f"it is filed as the {seal.part} of receipt {seal.receipt_id}, but its content is "
            f"the {part} of receipt {named}"
        )


def _changed(sealed: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    for name, value in _named(sealed.get("receipt")).items():
        is_now = now["receipt"].get(name)
        if is_now != value:
            yield f"{name} is {_shown(is_now)}, but {_shown(value)} was sealed"
    if "cells" not in sealed:
        return
    cells = {cell["cell_id"]: cell for cell in now.get("cells", [])}
    for cell in sealed["cells"]:
        is_now = cells.pop(cell["cell_id"], None)
        if is_now is None:
            yield f"the part of cell {cell['cell_id']} is gone"
            continue
        for name, value in cell.items():
            if is_now.get(name) != value:
                yield (
                    f"cell {cell['cell_id']}: {name} is {_shown(is_now.get(name))}, but "
                    f"{_shown(value)} was sealed"
                )
    for extra in cells:
        yield f"a part of cell {extra} was added after the sealing"


def _named(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
