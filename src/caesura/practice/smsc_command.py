"""`caesura smsc`: run the practice message centre until Ctrl-C or SIGTERM.

Imports at the top only what `--help` needs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from caesura.practice import options
from caesura.practice.options import Log, Magic, PasswordFile, Seed

_WHERE = "Where to listen; port 0: any; 'off': not"
_SHARES = "Shares of all messages (0 to 1); what is left over is delivered"
_TIMES = "Times"


def _share(name: str, text: str) -> typer.models.OptionInfo:
    return options.share(name, text, _SHARES)


def smsc(
    *,
    smpp: Annotated[
        str, typer.Option("--smpp", metavar="HOST:PORT", help="SMPP 3.4.", rich_help_panel=_WHERE)
    ] = "127.0.0.1:2775",
    http: Annotated[
        str,
        typer.Option("--http", metavar="HOST:PORT", help="Twilio-like.", rich_help_panel=_WHERE),
    ] = "127.0.0.1:8026",
    smtp: Annotated[
        str, typer.Option("--smtp", metavar="HOST:PORT", help="E-mail.", rich_help_panel=_WHERE)
    ] = "127.0.0.1:2525",
    undelivered: Annotated[float, _share("--undelivered", "Taken, and not delivered.")] = 0.03,
    expired: Annotated[float, _share("--expired", "Taken, and expired.")] = 0.01,
    no_such_number: Annotated[float, _share("--no-such-number", "Refused.")] = 0.01,
    says_yes: Annotated[float, _share("--says-yes", "Replies YES.")] = 0.02,
    says_stop: Annotated[float, _share("--says-stop", "Replies STOP.")] = 0.005,
    share: Annotated[
        list[str] | None,
        typer.Option("--share", metavar="FATE=SHARE", help="Any fate.", rich_help_panel=_SHARES),
    ] = None,
    answer_ms: Annotated[
        str, typer.Option("--answer-ms", help="Until it answers.", rich_help_panel=_TIMES)
    ] = "2-20",
    receipt_s: Annotated[
        str, typer.Option("--receipt-s", help="Until its receipt.", rich_help_panel=_TIMES)
    ] = "0.5-5",
    reply_s: Annotated[
        float,
        typer.Option("--reply-s", min=0, help="Then to a reply.", rich_help_panel=_TIMES),
    ] = 4.0,
    speed: Annotated[
        float, typer.Option("--speed", min=0.01, help="Divides them.", rich_help_panel=_TIMES)
    ] = 1.0,
    max_per_s: Annotated[
        float | None, typer.Option("--max-per-s", min=1, help="Messages a second; more: throttled.")
    ] = None,
    seed: Seed = 1,
    username: Annotated[
        str | None, typer.Option("--username", help="Ask for a login: system id, account, user.")
    ] = None,
    password_file: PasswordFile = None,
    certificate: Annotated[
        Path | None, typer.Option("--certificate", help="PEM with its key: TLS for all three.")
    ] = None,
    log: Log = None,
    magic: Magic = False,
) -> None:
    """Run the practice message centre: SMPP, a Twilio-like API and a mail server."""
    from caesura.errors import Invalid
    from caesura.practice.message_centre import CentreSettings
    from caesura.practice.recipients import Fate, Recipients, magic_table
    from caesura.practice.run_centre import run_centre

    if magic:
        for number, fate, what in magic_table():
            typer.echo(f"{number}  {fate:<15}  {what}")
        return
    shares = {
        Fate.UNDELIVERED: undelivered,
        Fate.EXPIRED: expired,
        Fate.NO_SUCH_NUMBER: no_such_number,
        Fate.SAYS_YES: says_yes,
        Fate.SAYS_STOP: says_stop,
        **dict(options.parse_share(text, Fate) for text in share or []),
    }
    if sum(shares.values()) > 1:
        raise Invalid("The shares add up to more than 1.", "share")
    run_centre(
        CentreSettings(
            smpp=_address("smpp", smpp),
            http=_address("http", http),
            smtp=_address("smtp", smtp),
            recipients=Recipients(shares, seed),
            answer_ms=_range("answer-ms", answer_ms),
            receipt_s=_range("receipt-s", receipt_s),
            reply_s=reply_s,
            speed=speed,
            max_per_s=max_per_s,
            username=username,
            password=options.password(username, password_file),
            tls_certificate=certificate,
            log=log,
        )
    )


def _address(name: str, text: str) -> tuple[str, int] | None:
    return None if text == "off" else options.parse_address(name, text, "127.0.0.1:2775")


def _range(name: str, text: str) -> tuple[float, float]:
    from caesura.errors import Invalid

    low, _, high = text.partition("-")
    try:
        found = float(low), float(high or low)
    except ValueError:
        found = (1.0, 0.0)
    if not 0 <= found[0] <= found[1]:
        raise Invalid(f"--{name} wants a number or a range, as in 2-20, not {text!r}.", name)
    return found
