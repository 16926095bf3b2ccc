"""Cursor paging: `?limit=&cursor=` in, `{items, next_cursor}` out.

A cursor is where the last page ended, opaque to callers. Pages are found by key, not by counting,
so a page deep in a million calls costs what the first one costs and nothing is shown twice.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel

from caesura.errors import Invalid

LIMIT_DEFAULT = 50
LIMIT_MAX = 1000

Item = TypeVar("Item", bound=BaseModel)
_INT_MAX = 2**63 - 1


class Page(BaseModel, Generic[Item]):
    """One page; `next_cursor` is null on the last one."""

    items: list[Item]
    next_cursor: str | None


@dataclass(frozen=True)
class Paging:
    """What the caller asked for."""

    limit: int
    cursor: str | None

    @property
    def fetch(self) -> int:
        """How many rows to read: one more than shown tells whether there is another page."""
        return self.limit + 1

    def after_int(self) -> int | None:
        """The cursor as a number, or None at the beginning."""
        value = self._decoded()
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _INT_MAX:
            return value
        raise _unusable()

    def after_text(self) -> str | None:
        """The cursor as a text, or None at the beginning."""
        value = self._decoded()
        if value is None or isinstance(value, str):
            return value
        raise _unusable()

    def after_pair(self) -> tuple[str, str] | None:
        """The cursor as two texts, or None at the beginning."""
        value = self._decoded()
        if value is None:
            return None
        match value:
            case [str(first), str(second)]:
                return first, second
        raise _unusable()

    def _decoded(self) -> Any:
        if self.cursor is None:
            return None
        try:
            return json.loads(base64.urlsafe_b64decode(self.cursor.encode()))
        except (ValueError, binascii.Error, RecursionError):
            raise _unusable() from None

    def page(
        self,
        rows: list[dict[str, Any]],
        key: Callable[[dict[str, Any]], Any],
        build: Callable[[dict[str, Any]], Item],
    ) -> Page[Item]:
        """The page from `fetch` rows; `key` is what the cursor holds of the last row shown."""
        shown = rows[: self.limit]
        more = len(rows) > self.limit
        cursor = _encoded(key(shown[-1])) if more and shown else None
        return Page(items=[build(row) for row in shown], next_cursor=cursor)


def _encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value, default=str).encode()).decode()


def _unusable() -> Invalid:
    return Invalid("The cursor is not one that this server gave.", "cursor")


def _paging(
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX, description="Items per page.")] = LIMIT_DEFAULT,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
) -> Paging:
    return Paging(limit, cursor or None)


PagingQuery = Annotated[Paging, Depends(_paging)]
