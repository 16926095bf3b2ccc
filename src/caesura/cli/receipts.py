"""`caesura receipts`: the chain of sealed receipts, for auditors. `caesura promise`: the figure.

docs/receipts.md describes the chain and the export.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from caesura.cli import words
from caesura.cli.problems import CommandError, Misused
from caesura.cli.terminal import Terminal, talks_to_server

Json = dict[str, Any]
_SEAL = ("sequence", "receipt_id", "part", "content", "previous", "digest")
_DIGEST_LETTERS = 64

app = typer.Typer(no_args_is_help=True, help="The sealed receipts of all pauses, for auditors.")


@app.command("verify")
@talks_to_server
def verify(
    terminal: Terminal,
    file: Annotated[
        Path | None, typer.Argument(help="An export, checked here; default: ask the server.")
    ] = None,
    noted: Annotated[
        str | None,
        typer.Option("--noted", metavar="DIGEST", help="A digest that the chain once had."),
    ] = None,
) -> None:
    """Check that no receipt was changed, removed or moved since it was sealed."""
    if noted is not None and not _is_digest(noted):
        raise Misused(f"--noted: {noted!r} is no digest: 64 hexadecimal digits.")
    if file is None:
        answer = terminal.api.get("/receipts/verify", noted=noted)
    else:
        answer = _check(file, noted)
    if terminal.json:
        terminal.document(answer)
    elif answer["intact"]:
        terminal.say(
            f"{words.counted(answer['receipts'], 'receipt')} intact "
            f"({words.counted(answer['seals'], 'seal')}). The last digest, to be noted elsewhere: "
            f"{answer['digest']}"
        )
    if not answer["intact"]:
        raise CommandError(
            f"{words.counted(len(answer['findings']), 'finding')}:",
            [_sentence(each) for each in answer["findings"]],
        )


@app.command("export")
@talks_to_server
def export(
    terminal: Terminal, file: Annotated[Path, typer.Argument(help="Where to: FILE.jsonl.")]
) -> None:
    """Write every seal to a file, one JSON document on each line, for an auditor."""
    part = file.with_name(file.name + ".part")
    seals, digest = 0, None
    try:
        with part.open("w", encoding="utf-8") as out, terminal.busy("Exporting"):
            for seal in terminal.api.items("/receipts"):
                kept = {name: seal[name] for name in _SEAL}
                out.write(json.dumps(kept, ensure_ascii=False) + "\n")
                seals, digest = seals + 1, seal["digest"]
        part.replace(file)
    except OSError as error:
        raise CommandError(f"{file} cannot be written: {error.strerror}.") from None
    finally:
        part.unlink(missing_ok=True)
    end = f" The last digest is {digest}." if digest else ""
    terminal.answer(
        {"file": str(file), "seals": seals, "digest": digest},
        f"{words.counted(seals, 'seal')} written to {file}.{end}",
    )


@talks_to_server
def promise(terminal: Terminal) -> None:
    """Show how fast pauses are here: click to last call, and to confirmed silence."""
    answer = terminal.api.get("/promise")
    terminal.answer(answer, "\n".join(_figure(answer)))


def _figure(answer: Json) -> Iterator[str]:
    if not answer["pauses"]:
        yield "No campaign was paused yet."
        return
    over = words.counted(answer["pauses"], "pause")
    yield f"Over the last {over}, since {words.moment(answer['since'])}:"
    for what, name in (
        ("click to last call        ", "last_launch_ms"),
        ("click to confirmed silence", "confirmation_ms"),
    ):
        spread = answer[name]
        yield (
            f"  {what}  p50 {spread['p50']:.0f} ms  p99 {spread['p99']:.0f} ms  "
            f"longest {spread['max']:.0f} ms"
        )
    if answer["by_expiry"]:
        expired = words.counted(answer["by_expiry"], "pause")
        yield f"  {expired} confirmed by expiry: a cell did not answer"
    for alarm in answer["alarms"]:
        yield f"  ALARM: {alarm}"


def _check(file: Path, noted: str | None) -> Json:
    """Verify an export; the answer is the API's."""
    from caesura.rules.receipt import ChainCheck

    check = ChainCheck(noted)
    findings = [finding for seal in _seals(file) for finding in check.check(seal)]
    findings += check.ended()
    return {
        "intact": not findings,
        "receipts": check.receipts,
        "seals": check.seals,
        "digest": check.digest,
        "findings": [
            {"sequence": each.sequence, "receipt_id": each.receipt_id, "what": each.what}
            for each in findings
        ],
    }


def _seals(file: Path) -> Iterator[Any]:
    from caesura.rules.receipt import Seal

    try:
        with file.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                yield Seal(**_read(line, f"{file}, line {number}"))
    except (OSError, UnicodeDecodeError) as error:
        raise Misused(f"{file} cannot be read: {error}.") from None


def _read(line: str, where: str) -> Json:
    try:
        seal = json.loads(line)
        kept = {name: seal[name] for name in _SEAL}
    except (ValueError, KeyError, TypeError):
        raise CommandError(f"{where} is no seal.") from None
    texts = ("part", "content", "previous", "digest")
    if not all(isinstance(kept[name], str) for name in texts) or not all(
        type(kept[name]) is int for name in ("sequence", "receipt_id")
    ):
        raise CommandError(f"{where} is no seal.")
    return kept


def _sentence(finding: Json) -> str:
    where = [
        f"{name} {finding[key]}"
        for name, key in (("seal", "sequence"), ("receipt", "receipt_id"))
        if finding[key] is not None
    ]
    return f"  {', '.join(where)}: {finding['what']}" if where else f"  {finding['what']}"


def _is_digest(text: str) -> bool:
    return len(text) == _DIGEST_LETTERS and all(c in "0123456789abcdef" for c in text.lower())
