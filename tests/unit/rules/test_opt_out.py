"""What replies mean."""

from __future__ import annotations

import pytest

from caesura.rules.opt_out import ReplyMeaning, meaning

STOPS = ["stop", "Stop.", " STOP ", "STOP!!", "quit", "End", "revoke", "opt out", "Opt-Out"]
STOPS += ["OPTOUT", "cancel", "unsubscribe", "Stop please", "please stop", "STOP ALL", "stop stop"]
STOPS += ["stop texting me", "Stop now thanks", "remove me"]
TO_READ = ["", "   ", "!", "don't stop", "I want to cancel my appointment", "when does it end?"]
TO_READ += ["bus stop", "yes", "stop by at five", "👍", "0", "ok cancel the other one, not this"]


@pytest.mark.parametrize("text", STOPS)
def test_a_customary_word_stops(text: str) -> None:
    assert meaning(text) is ReplyMeaning.STOP


@pytest.mark.parametrize("text", TO_READ)
def test_a_sentence_that_only_contains_one_is_for_a_person(text: str) -> None:
    assert meaning(text) is ReplyMeaning.OTHER


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Arrêt", "fr"),
        ("ABMELDEN bitte", "de"),
        ("baja", "es"),
        ("Cancella", "it"),
        ("sair", "pt"),
        ("afmelden", "nl"),
        ("बंद", "hi"),
    ],
)
def test_words_of_a_language_count_where_it_is_set(text: str, language: str) -> None:
    assert meaning(text, [language]) is ReplyMeaning.STOP
    assert meaning(text) is ReplyMeaning.OTHER


def test_english_counts_whatever_the_language() -> None:
    assert meaning("stop", ["hi"]) is ReplyMeaning.STOP


def test_further_words_may_be_set() -> None:
    assert meaning("Raus!", ["de"], ["raus"]) is ReplyMeaning.STOP


def test_start_and_help_are_told_from_stop() -> None:
    assert meaning("START") is ReplyMeaning.START
    assert meaning("unstop") is ReplyMeaning.START
    assert meaning("Help!") is ReplyMeaning.HELP
