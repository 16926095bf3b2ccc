"""`caesura carrier`: run the practice carrier until Ctrl-C or SIGTERM.

Imports at the top only what `--help` needs; sippy comes with the first call of `carrier`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from caesura.practice import options
from caesura.practice.options import Log, Magic, PasswordFile, Seed, Share

_SHARES = "Shares of all calls (0 to 1); what is left over rings until it is cancelled"
_TIMES = "Times: 23 is a mean (lognormal), 4-12 a range (even), 5-5 always 5 s"


def _share(name: str, text: str) -> typer.models.OptionInfo:
    return options.share(name, text, _SHARES)


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
    seed: Seed = 1,
    log: Log = None,
    report: Annotated[
        Path | None, typer.Option("--report", help="Write the counts here at the end, as JSON.")
    ] = None,
    username: Annotated[
        str | None, typer.Option("--username", help="Ask for digest login.")
    ] = None,
    password_file: PasswordFile = None,
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
    magic: Magic = False,
) -> None:
    """Run the practice carrier: a real SIP and RTP peer with callees that behave as told."""
    from caesura.practice.behaviour import Kind, Population, Spread, magic_table, shares_of
    from caesura.practice.carrier import CarrierSettings
    from caesura.practice.run import run_carrier

    if magic:
        for number, kind, what in magic_table():
            typer.echo(f"{number}  {kind:<20}  {what}")
        return
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
    explicit |= dict(options.parse_share(text, Kind) for text in share or [])
    host, port = options.parse_address("sip", sip, "127.0.0.1:5070")
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
        password=options.password(username, password_file),
        channels_max=max_channels,
        rtp=rtp,
        hum_hz=hum_hz,
        recordings=recordings,
    )
    run_carrier(settings, report)
