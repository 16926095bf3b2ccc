"""What a campaign's calls cost. Pure.

A carrier bills the connected time by started increments, and some bill each attempt, too. The
journal adds up each call's cost when it ends, at the price of that moment (store/sql/call.sql).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

_NONE = Decimal(0)
# In JSON a text, so that nobody's floating point rounds it; a number is taken, too.
Rate = Annotated[
    Decimal,
    Field(ge=0, max_digits=12, decimal_places=6),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,6}(\.\d{1,6})?$"}),
]
Amount = Annotated[
    Decimal,
    Field(gt=0, max_digits=14, decimal_places=2),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,12}(\.\d{1,2})?$"}),
]


class Price(BaseModel):
    """A campaign's prices. Currencies are never converted: the code is a label."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    per_attempt: Rate = _NONE
    per_minute: Rate = _NONE  # connected
    increment_s: int = Field(60, ge=1, le=3600)  # a started one is paid in full
    currency: str = Field("EUR", pattern=r"^[A-Z]{3}$")  # ISO 4217

    @property
    def per_increment(self) -> Decimal:
        return self.per_minute * self.increment_s / 60

    @property
    def is_free(self) -> bool:
        return self.per_attempt == 0 and self.per_minute == 0


def call_cost(price: Price, talk_ms: int | None) -> Decimal:
    """What one attempt costs that was connected for `talk_ms`; None: nobody answered."""
    increments = -(-(talk_ms or 0) // (price.increment_s * 1000))
    return price.per_attempt + increments * price.per_increment
