"""Phone numbers in requests."""

from __future__ import annotations

from caesura.errors import Invalid
from caesura.rules.phone_number import BadValue, normalise


def e164(text: str, region: str | None, field: str) -> str:
    """The number in E.164; raises Invalid naming the field."""
    try:
        return normalise(text, region.upper() if region else None)
    except BadValue as bad:
        raise Invalid(f"{text!r}: {bad.reason}", field) from None
