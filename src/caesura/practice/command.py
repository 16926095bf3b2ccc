"""`caesura carrier`: run the practice carrier until Ctrl-C or SIGTERM.

Imports at the top only what `--help` needs; sippy comes with the first call of `carrier`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from caesura.practice.behaviour import Kind

_SHARES = "Shares of all calls (0 to 1); what is left over rings until it is cancelled"
_TIMES = "Times: 23 is a mean (lognormal), 4-12 a range (even), 5-5 always 5 s"

Share = float | None


def _share(name: str, text: str) -> typer.models.OptionInfo:
    return typer.Option(name, min=0, max=1, help=text, rich_help_panel=_SHARES)  # type: ignore[no-any-return]


def carrier(
    *,
    sip: Annotated[
        str, typer.Option("--sip", metavar="HOST:PORT", help="Where to listen; port 0: any.")
    ] = "127.0.0.1:5070",
    answer: Annotated[float, _share("--answer", "Picked up, by whomever.")] = 0.34,
    voicemail: Annotated[Share, _share("--voicemail", "Picked up by a machine.")] = None,
    slow_answer: Annotated[Share, _share("--slow-answer", "Picked up after 24 s.")] = None,
    busy: Annotated[Share, _share("--busy", "486.")] = None,
    decline: Annotated[Share, _share("--decline", "603.")] = None,
    not_in_service: Annotated[Share, _share("--not-in-service", "404.")] = None,
    congestion: Annotated[Share, _share("--congestion", "503, cause 34.")] = None,
    failure: Annotated[Share, _share("--failure", "500.")] = None,
    share: Annotated[
        list[str] | None,
        typer.Option("--share", metavar="KIND=SHARE", help="Any kind.", rich_help_panel=_SHARES),
    ] = None,
    ring_s: Annotated[
        str, typer.Option("--ring-s", help="Ringing before the answer.", rich_help_panel=_TIMES)
    ] = "3-12",
    talk_s: Annotated[
        str,
        typer.Option("--talk-s", help="Answer to the callee's hanging up.", rich_help_panel=_TIMES),
    ] = "23",
    speed: Annotated[
        float, typer.Option("--speed", min=0.01, help="Divides all times.", rich_help_panel=_TIMES)
    ] = 1.0,
    seed: Annotated[int, typer.Option("--seed", help="Same seed, same people.")] = 1,
    log: Annotated[
        Path | None, typer.Option("--log", help="Append every SIP event, as JSON lines.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", help="Write the counts here at the end, as JSON.")
    ] = None,
    username: Annotated[
        str | None, typer.Option("--username", help="Ask for digest login.")
    ] = None,
    password_file: Annotated[
        Path | None, typer.Option("--password-file", help="File with the password.")
    ] = None,
    max_channels: Annotated[
        int | None, typer.Option("--max-channels", min=1, help="Calls at once; more get 503.")
    ] = None,
    rtp: Annotated[bool, typer.Option("--rtp/--no-rtp", help="Callees speak and listen.")] = True,
    hum_hz: Annotated[
        float | None,
        typer.Option("--hum-hz", min=50, max=3400, help="A tone that callees hum as they listen."),
    ] = None,
    recordings: Annotated[
        Path | None, typer.Option("--recordings", help="Write here what callees heard, as WAV.")
    ] = None,
    magic: Annotated[
        bool, typer.Option("--magic", help="Print the magic numbers and stop.")
    ] = False,
) -> None:
    """Run the practice carrier: a real SIP and RTP peer with callees that behave as told."""
    from caesura.errors import Invalid
    from caesura.practice.behaviour import Kind, Population, Spread, magic_table, shares_of
    from caesura.practice.carrier import CarrierSettings
    from caesura.practice.run import run_carrier

    if magic:
        for number, kind, what in magic_table():
            typer.echo(f"{number}  {kind:<20}  {what}")
        return
    if (username is None) != (password_file is None):
        raise Invalid("--username and --password-file go together.", "username")
    named = {
        Kind.VOICEMAIL: voicemail,
        Kind.SLOW_ANSWER: slow_answer,
        Kind.BUSY: busy,
        Kind.DECLINE: decline,
        Kind.NOT_IN_SERVICE: not_in_service,
        Kind.CONGESTION: congestion,
        Kind.FAILURE: failure,
    }
    explicit = {kind: value for kind, value in named.items() if value is not None}
    explicit |= dict(_parse_share(text) for text in share or [])
    host, port = parse_address("sip", sip, "127.0.0.1:5070")
    settings = CarrierSettings(
        host=host,
        port=port,
        population=Population(
            shares=shares_of(answer, explicit),
            ring=Spread.parse(ring_s),
            talk=Spread.parse(talk_s),
            seed=seed,
            speed=speed,
        ),
        log=log,
        username=username,
        password=None if password_file is None else read_password(password_file),
        channels_max=max_channels,
        rtp=rtp,
        hum_hz=hum_hz,
        recordings=recordings,
    )
    run_carrier(settings, report)


def parse_address(option: str, text: str, example: str) -> tuple[str, int]:
    """What was given with --`option`. Raises Invalid if it is no HOST:PORT."""
    from caesura.errors import Invalid

    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdigit() or int(port) > 65535:
        raise Invalid(f"--{option} wants HOST:PORT, as in {example}, not {text!r}.", option)
    return host, int(port)


def _parse_share(text: str) -> tuple[Kind, float]:
    from caesura.errors import Invalid
    from caesura.practice.behaviour import Kind

    name, _, value = text.partition("=")
    try:
        return Kind(name), float(value)
    except ValueError:
        kinds = ", ".join(Kind)
        raise Invalid(f"--share wants KIND=SHARE, not {text!r}. Kinds: {kinds}.", "share") from None


def read_password(path: Path) -> str:
    from caesura.errors import Invalid

    try:
        return path.read_text().strip()
    except OSError as error:
        raise Invalid(f"Cannot read the password file {path}: {error.strerror}.") from None
