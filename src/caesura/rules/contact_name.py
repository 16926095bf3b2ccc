"""What a contact is called where there is room for one word: name, or else the number.

Pure. An import puts a column of whole names into the attribute `name`
(caesura.rules.contact_columns); first and last names are found by what such columns are called.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_FIRST = ("firstname", "givenname", "forename", "vorname", "prénom", "prenom")
_LAST = ("lastname", "surname", "familyname", "nachname", "nomdefamille")


def contact_name(attributes: Mapping[str, Any], phone: str) -> str:
    """The contact's name; `phone` where its list has none."""
    whole = _said(attributes.get("name"))
    if whole:
        return whole
    by_word = {_word(key): _said(value) for key, value in attributes.items()}
    parts = (_first_of(by_word, words) for words in (_FIRST, _LAST))
    return " ".join(part for part in parts if part) or phone


def _first_of(by_word: Mapping[str, str], words: tuple[str, ...]) -> str:
    return next((by_word[word] for word in words if by_word.get(word)), "")


def _word(key: str) -> str:
    return "".join(sign for sign in key.casefold() if sign.isalnum())


def _said(value: Any) -> str:
    return " ".join(str(value).split()) if value is not None else ""
