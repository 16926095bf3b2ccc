"""The chain of seals: whatever is changed, left out or moved is found and named."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from caesura.rules.receipt import BEGINNING, ChainCheck, Finding, Seal, differences, digest_of

DOCS = Path(__file__).parents[3] / "docs" / "receipts.md"


def chain(count: int = 4) -> list[Seal]:
    """A chain as the database makes it: each receipt's silence, then its completion."""
    seals: list[Seal] = []
    previous = BEGINNING
    for sequence in range(1, count + 1):
        receipt, part = (sequence + 1) // 2, "completion" if sequence % 2 == 0 else "silence"
        says = {"part": part, "receipt": {"actor": "Zoë", "id": receipt}}
        content = json.dumps(says, ensure_ascii=False)
        digest = digest_of(sequence, previous, content)
        seals.append(Seal(sequence, receipt, part, content, previous, digest))
        previous = digest
    return seals


def findings(seals: list[Seal], noted: str | None = None) -> list[Finding]:
    check = ChainCheck(noted)
    return [f for seal in seals for f in check.check(seal)] + list(check.ended())


def anew(seals: list[Seal]) -> list[Seal]:
    """The chain after somebody changed something and made all digests anew."""
    made: list[Seal] = []
    previous = BEGINNING
    for seal in seals:
        digest = digest_of(seal.sequence, previous, seal.content)
        made.append(replace(seal, previous=previous, digest=digest))
        previous = digest
    return made


def test_a_chain_as_it_was_sealed_is_intact() -> None:
    seals = chain(6)
    check = ChainCheck(seals[2].digest.upper())
    assert [f for seal in seals for f in check.check(seal)] + list(check.ended()) == []
    assert (check.receipts, check.seals, check.digest) == (3, 6, seals[-1].digest)


@pytest.mark.parametrize("place", range(4))
def test_a_changed_content_is_named(place: int) -> None:
    seals = chain()
    seals[place] = replace(seals[place], content=seals[place].content.replace("Zoë", "Zoe"))
    (found,) = findings(seals)
    assert found.sequence == place + 1
    assert "was changed" in found.what


@pytest.mark.parametrize("place", range(3))
def test_a_changed_content_with_a_digest_to_match_breaks_the_chain_behind_it(place: int) -> None:
    seals = chain()
    content = seals[place].content.replace("Zoë", "Zoe")
    digest = digest_of(place + 1, seals[place].previous, content)
    seals[place] = replace(seals[place], content=content, digest=digest)
    (found,) = findings(seals)
    assert found.sequence == place + 2
    assert f"does not follow seal {place + 1}" in found.what


@pytest.mark.parametrize("place", range(3))
def test_a_seal_that_was_left_out_is_named(place: int) -> None:
    seals = chain()
    del seals[place]
    assert findings(seals)[0] == Finding(
        place + 2, (place + 3) // 2, f"seal {place + 1} is missing before it"
    )


def test_seals_that_changed_places_are_named() -> None:
    seals = chain()
    seals[1], seals[2] = seals[2], seals[1]
    found = findings(seals)
    assert (found[0].sequence, found[0].what) == (3, "seal 2 is missing before it")
    assert any(f.sequence == 2 and "not in the order" in f.what for f in found)


def test_seals_renumbered_into_another_order_are_found() -> None:
    seals = chain()
    seals[1], seals[2] = replace(seals[2], sequence=2), replace(seals[1], sequence=3)
    assert {f.sequence for f in findings(seals)} == {2, 3, 4}


def test_a_seal_filed_under_another_receipt_is_found() -> None:
    seals = chain()
    seals[2] = replace(seals[2], receipt_id=7)
    (found,) = findings(seals)
    assert "receipt 7" in found.what
    assert "receipt 2" in found.what


def test_a_seal_made_twice_is_found() -> None:
    seals = chain(2)
    twice = anew([*seals, replace(seals[0], sequence=3)])
    assert ["a second time" in f.what for f in findings(twice)] == [True]


def test_what_a_chain_cannot_show_shows_against_a_digest_that_was_noted() -> None:
    seals = chain()
    noted = seals[-1].digest
    assert findings(seals, noted) == []
    assert findings(seals[:-1]) == []
    assert "cut or made anew" in findings(seals[:-1], noted)[0].what
    forged = anew([replace(s, content=s.content.replace("Zoë", "Mallory")) for s in seals])
    assert findings(forged) == []
    assert len(findings(forged, noted)) == 1


def test_content_that_is_no_receipt_is_found() -> None:
    (seal,) = chain(1)
    for content in ("", "[]", "{}", "7", '{"receipt": 3, "part": "silence"}'):
        (found,) = findings(anew([replace(seal, content=content)]))
        assert "not that of a receipt" in found.what


@pytest.fixture
def sealed() -> tuple[Seal, dict[str, Any]]:
    says = {
        "receipt": {"id": 1, "actor": "Dana", "reason": None, "leads_returned": 3},
        "cells": [{"cell_id": "a", "ringing": 2}, {"cell_id": "b", "ringing": 0}],
    }
    content = json.dumps({**says, "part": "silence", "campaign": "Spring"})
    return Seal(1, 1, "silence", content, BEGINNING, ""), says


def test_a_receipt_that_says_what_was_sealed_has_no_differences(
    sealed: tuple[Seal, dict[str, Any]],
) -> None:
    seal, says = sealed
    assert list(differences(seal, says)) == []
    says["receipt"]["added_by_a_later_version"] = 1
    assert list(differences(seal, says)) == []


def test_each_difference_names_what_is_and_what_was_sealed(
    sealed: tuple[Seal, dict[str, Any]],
) -> None:
    seal, says = sealed
    says["receipt"] |= {"actor": "Mallory", "leads_returned": 4}
    says["cells"][0]["ringing"] = 9
    says["cells"][1]["cell_id"] = "c"
    assert [f.what for f in differences(seal, says)] == [
        'actor is "Mallory", but "Dana" was sealed',
        "leads_returned is 4, but 3 was sealed",
        "cell a: ringing is 9, but 2 was sealed",
        "the part of cell b is gone",
        "a part of cell c was added after the sealing",
    ]


def test_a_receipt_that_is_gone_is_named(sealed: tuple[Seal, dict[str, Any]]) -> None:
    (found,) = differences(sealed[0], None)
    assert found == Finding(1, 1, "receipt 1 was sealed and is gone")


def test_the_documents_own_check_agrees(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program = DOCS.read_text().split("```python\n")[1].split("```")[0]
    monkeypatch.chdir(tmp_path)
    seals = chain()

    def run() -> None:
        lines = [json.dumps(vars(seal), ensure_ascii=False) + "\n" for seal in seals]
        (tmp_path / "receipts.jsonl").write_text("".join(lines), encoding="utf-8")
        exec(program, {})

    run()
    assert f"4 seals intact, the last is {seals[-1].digest}" in capsys.readouterr().out
    seals[1] = replace(seals[1], content="{}")
    with pytest.raises(AssertionError, match="seal 2 was changed"):
        run()
