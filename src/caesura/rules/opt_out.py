"""What a reply means: stop, start again, help, or something for a person to read.

47 CFR 64.1200(a)(10) names "stop", "quit", "end", "revoke", "opt out", "cancel" and "unsubscribe"
as reasonable means to revoke consent by text; STOPALL, HELP and INFO are the carriers' custom. The
same words of other languages count where the campaign's settings name the language, and English
always does.

A word counts when it is the whole reply, or its first word with nothing but courtesy around it
("Stop please"): a sentence that only contains one ("don't stop") is for a person.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from enum import StrEnum


class ReplyMeaning(StrEnum):
    """What the sender of a reply wants."""

    STOP = "stop"
    START = "start"
    HELP = "help"
    OTHER = "other"


STOP_WORDS: dict[str, frozenset[str]] = {
    "en": frozenset(
        {"stop", "stopall", "stop all", "quit", "end", "revoke", "opt out", "optout", "cancel"}
        | {"unsubscribe", "remove me", "no more"}
    ),
    "de": frozenset({"stopp", "stop", "abmelden", "abbestellen", "austragen", "widerruf", "ende"}),
    "fr": frozenset({"stop", "arret", "arreter", "desabonner", "desinscription", "fin"}),
    "es": frozenset({"alto", "parar", "cancelar", "baja", "fin", "detener"}),
    "it": frozenset({"stop", "basta", "annulla", "disiscrivi", "cancella", "fine"}),
    "pt": frozenset({"parar", "pare", "sair", "cancelar", "remover", "fim"}),
    "nl": frozenset({"stop", "stoppen", "afmelden", "uitschrijven", "einde"}),
    "hi": frozenset({"रोकें", "रोको", "बंद", "band", "roko"}),
}
START_WORDS = frozenset({"start", "unstop", "subscribe", "yes start"})
HELP_WORDS = frozenset({"help", "info", "hilfe", "aide", "ayuda", "aiuto", "ajuda"})
# What people write around the word, and does not change it.
COURTESY = frozenset(
    {"please", "pls", "plz", "thanks", "thank", "you", "now", "all", "texting", "me", "messages"}
    | {"bitte", "danke", "svp", "merci", "por", "favor", "gracias", "grazie", "alstublieft"}
)
_WORDS_MAX = 6  # a longer reply is for a person


def meaning(
    text: str, languages: Iterable[str] = ("en",), more: Iterable[str] = ()
) -> ReplyMeaning:
    """What the reply means; `more` are further words for stop."""
    said = normalised(text)
    words = said.split()
    if not words or len(words) > _WORDS_MAX:
        return ReplyMeaning.OTHER
    for known, means in (
        (stop_words(languages, more), ReplyMeaning.STOP),
        (START_WORDS, ReplyMeaning.START),
        (HELP_WORDS, ReplyMeaning.HELP),
    ):
        if _is(words, known):
            return means
    return ReplyMeaning.OTHER


def stop_words(languages: Iterable[str], more: Iterable[str] = ()) -> frozenset[str]:
    """The words for stop, normalised: English, the named languages', and `more`."""
    words = STOP_WORDS["en"].union(*(STOP_WORDS.get(language, ()) for language in languages))
    return words | {normalised(word) for word in more}


def _is(words: list[str], known: Iterable[str]) -> bool:
    """One of `known` stands in `words`, and nothing but courtesy around it."""
    for phrase in known:
        parts = phrase.split()
        for at in range(len(words) - len(parts) + 1):
            if words[at : at + len(parts)] == parts:
                rest = words[:at] + words[at + len(parts) :]
                if all(word in COURTESY or word in parts for word in rest):
                    return True
    return False


def normalised(text: str) -> str:
    """Small letters without accents or signs, blanks single: "Arrêt!" -> "arret"."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    # Only Latin accents go: a vowel sign of Devanagari is part of its word.
    bare = "".join(
        char for char in decomposed if not (unicodedata.combining(char) and char < "\u0370")
    )
    joined = unicodedata.normalize("NFC", bare)
    return " ".join(joined.replace("'", "").replace("’", "").translate(_SIGNS).split())


class _Signs(dict[int, str]):
    """Signs become blanks; letters, digits and the marks that belong to them stay."""

    def __missing__(self, code: int) -> str:
        kind = unicodedata.category(chr(code))
        self[code] = chr(code) if kind[0] in "LNM" else " "
        return self[code]


_SIGNS = _Signs()
