"""Whom may we know? A row of an imported file becomes a contact, or is refused with its reason.

Pure: no I/O, no clock. The policy, in one place:

- A row goes in whole or not at all: one bad value in a mapped column refuses the row, naming the
  column. What is missing is not bad: an empty zone comes from the number, an empty priority is 5.
- A contact is known by its first number. What happens when that number is there already is
  `ImportOptions.duplicates` (in the same list, this file included) and `.across_lists`.
- Columns without a meaning of their own are kept as attributes, as text; empty ones are left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import phonenumbers
from pydantic import BaseModel, ConfigDict, Field, field_validator

from caesura.rules.phone_number import BadValue, normalise_cell, zones_of
from caesura.rules.region import region_stated

PHONES_MAX = 10  # per contact; the table's CHECK says the same
_REGIONS_KEPT = 10_000  # different cells; there are fewer states than that
PRIORITY_DEFAULT = 5  # of 1 to 9, 9 first
# What a priority cell may say; a spreadsheet may have made "3.0" of 3.
_PRIORITIES = {f"{p}{end}": p for p in range(1, 10) for end in ("", ".0")} | {"": PRIORITY_DEFAULT}


class ImportOptions(BaseModel):
    """What the person who imports a file has to say about it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    list_name: str = Field(min_length=1, max_length=200)  # made if it does not exist, else added to
    region: str | None = None  # ISO 3166-1 alpha-2, for numbers without a country code
    map: dict[str, str] = {}  # column name or position from 1 -> field; the rest is guessed
    header: Literal["auto", "yes", "no"] = "auto"  # is the first row the columns' names?
    # The list has the first number already. skip: the first contact stays as it is.
    # update: the later row's attributes replace the contact's; numbers, zones and priority stay,
    # because leads that are being worked refer to them.
    duplicates: Literal["skip", "update"] = "skip"
    # Another list has the first number already. allow: it may be in both. skip: a duplicate.
    across_lists: Literal["allow", "skip"] = "allow"
    strict: bool = False  # numbers must be in an assigned range, not only be possible
    encoding: str | None = None  # found out if None
    delimiter: str | None = None  # found out if None
    sheet: str | None = None  # of a workbook; the first if None

    @field_validator("list_name")
    @classmethod
    def _printable(cls, value: str) -> str:
        if not value.strip() or not value.isprintable():
            raise ValueError("must be readable text")
        return value.strip()

    @field_validator("region")
    @classmethod
    def _known_region(cls, value: str | None) -> str | None:
        if value is None or value == "":
            return None
        if value.upper() not in phonenumbers.SUPPORTED_REGIONS:
            raise ValueError("must be a country's two letters, as in US, DE, IN")
        return value.upper()

    @field_validator("delimiter")
    @classmethod
    def _one_character(cls, value: str | None) -> str | None:
        named = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}
        value = named.get(value, value) if value is not None else None
        if value is not None and (len(value) != 1 or value in '\r\n"'):
            raise ValueError("must be one character, or tab")
        return value


class BadRow(Exception):
    """Why a row is refused: the column's name (None: the whole row), its value, one sentence."""

    def __init__(self, column: str | None, value: str | None, reason: str) -> None:
        super().__init__(reason)
        self.column = column
        self.value = value
        self.reason = reason


class Contact(NamedTuple):
    """A row that may go in, as table `contact` keeps it."""

    phones: list[str]  # E.164, the first one identifies the contact
    zones: list[str]  # one for each phone
    priority: int
    attributes: dict[str, str]
    region: str | None = None  # state or province, ISO 3166-2; None: as the numbers say


@dataclass(frozen=True)
class Column:
    """One column of the file and what it is taken for."""

    name: str
    # phone, phone_2, ..., zone, region, priority, name, ignore, attribute or attribute:KEY
    field: str


class RowReader:
    """Makes contacts of one file's rows. Built once per file: it is the inner loop of an import.

    `zones` is every zone name that may be written, in lower case, with its present name.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        zones: Mapping[str, str],
        region: str | None = None,
        *,
        strict: bool = False,
    ) -> None:
        self._names = [column.name for column in columns]
        self._width = len(columns)
        self._known_zones = zones
        self._region = region
        self._strict = strict
        self._regions: dict[str, str | None] = {}  # cells that were read before
        by_field = {column.field: index for index, column in enumerate(columns)}
        phones = sorted(
            (_phone_rank(field), by_field[field]) for field in by_field if _phone_rank(field)
        )
        self._phones = [index for _, index in phones]
        self._zone = by_field.get("zone")
        self._priority = by_field.get("priority")
        self._state = by_field.get("region")
        self._attributes = [
            (index, _attribute_key(column))
            for index, column in enumerate(columns)
            # A region is an attribute, too: what it was before somebody said that it is one.
            if column.field in ("name", "region") or column.field.startswith("attribute")
        ]

    def contact(self, cells: list[str]) -> Contact:
        """The contact of a row. Raises BadRow."""
        if len(cells) != self._width:
            cells = self._fitted(cells)
        phones = self._read_phones(cells)
        attributes = {}
        for index, key in self._attributes:
            value = cells[index]
            if value:
                if "\0" in value:
                    raise BadRow(self._names[index], value, "The text contains a NUL character.")
                attributes[key] = value
        region = None if self._state is None else self._region_of(cells[self._state])
        return Contact(
            phones, self._read_zones(cells, phones), self._read_priority(cells), attributes, region
        )

    def _region_of(self, cell: str) -> str | None:
        """What cannot be read says nothing, and refuses no row: it only sharpens a pause."""
        if cell in self._regions:
            return self._regions[cell]
        known = region_stated(cell, self._region) if cell else None
        if len(self._regions) < _REGIONS_KEPT:
            self._regions[cell] = known
        return known

    def _fitted(self, cells: list[str]) -> list[str]:
        """A short row filled up with empty cells; a long one only if what is too much is empty."""
        if any(cells[self._width :]):
            reason = f"The row has {len(cells)} cells, but there are {self._width} columns."
            raise BadRow(None, ",".join(cells)[:1000], reason)
        return cells[: self._width] + [""] * (self._width - len(cells))

    def _read_phones(self, cells: list[str]) -> list[str]:
        phones: list[str] = []
        for index in self._phones:
            cell = cells[index].strip()
            if not cell:
                continue
            try:
                for phone in normalise_cell(cell, self._region, strict=self._strict):
                    if phone not in phones:
                        phones.append(phone)
            except BadValue as bad:
                raise BadRow(self._names[index], cells[index], bad.reason) from None
        if not phones:
            blank = not any(cell.strip() for cell in cells)
            reason = "The row is empty." if blank else "There is no phone number."
            raise BadRow(self._names[self._phones[0]], "", reason)
        if len(phones) > PHONES_MAX:
            reason = f"There are {len(phones)} phone numbers; {PHONES_MAX} are possible."
            raise BadRow(self._names[self._phones[0]], cells[self._phones[0]], reason)
        return phones

    def _read_zones(self, cells: list[str], phones: list[str]) -> list[str]:
        if self._zone is not None and cells[self._zone].strip():
            try:
                return [zone_named(cells[self._zone], self._known_zones)] * len(phones)
            except BadValue as bad:
                raise BadRow(self._names[self._zone], cells[self._zone], bad.reason) from None
        try:
            return [zones_of(phone) for phone in phones]
        except BadValue as bad:
            index = self._phones[0]
            raise BadRow(self._names[index], cells[index], bad.reason) from None

    def _read_priority(self, cells: list[str]) -> int:
        if self._priority is None:
            return PRIORITY_DEFAULT
        text = cells[self._priority]
        priority = _PRIORITIES.get(text.strip())
        if priority is None:
            name = self._names[self._priority]
            raise BadRow(name, text, "The priority must be a whole number from 1 to 9.")
        return priority


def zone_named(text: str, zones: Mapping[str, str]) -> str:
    """The present name of the zone (or several, joined by "|") that `text` names, sorted.

    Abbreviations are refused: "EST" may mean three zones, and never tells of summer time.
    """
    found = set()
    for part in text.split("|"):
        zone = zones.get(part.strip().replace(" ", "_").lower())
        if zone is None:
            raise BadValue("This is not a time zone. Write it like America/New_York.")
        found.add(zone)
    return "|".join(sorted(found))


def _phone_rank(field: str) -> int:
    """1 for phone, 2 for phone_2, ...; 0 for what is no phone."""
    if field == "phone":
        return 1
    match = re.fullmatch(r"phone_([1-9]|10)", field)
    return int(match[1]) if match else 0


def _attribute_key(column: Column) -> str:
    if column.field == "name":
        return "name"
    return column.field.partition(":")[2] or column.name


def is_field(field: str) -> bool:
    """May a column be mapped to this?"""
    return (
        field in {"zone", "region", "priority", "name", "ignore", "attribute"}
        or _phone_rank(field) > 0
        or (field.startswith("attribute:") and len(field) > len("attribute:"))
    )
