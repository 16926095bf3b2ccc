"""The command `caesura`: every subcommand, and how errors end.

Nothing here imports what a command needs to do its work: that happens when it runs, so that
`caesura --help` answers at once.
"""

from __future__ import annotations

import sys
from typing import Any

import typer
from typer.core import TyperGroup

from caesura.cli import (
    agents,
    calls,
    campaigns,
    cells,
    do_not_call,
    lifecycle,
    lists,
    node,
    notifications,
    numbers,
    pause_rules,
    providers,
    receipts,
    recordings,
    resuming,
    simulate,
    trunks,
    users,
    watch,
)
from caesura.cli.problems import REFUSED, USAGE, CommandError
from caesura.cli.terminal import AsJson, Data, Url, Wishes
from caesura.errors import CaesuraError, Invalid
from caesura.practice.command import carrier
from caesura.practice.smsc_command import smsc

_HELP = """Caesura: outbound campaigns in which pause is a promise.

Try it: `caesura demo`. Commands talk to the server named by CAESURA_URL with CAESURA_API_KEY, or
to the one running on this machine. Exit status: 0 done, 1 refused, 2 misused, 3 no server answers.
"""


class _ErrorsAreSaid(TyperGroup):
    """Says our own errors in a line each, on standard error, with their exit status."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except CommandError as error:
            for line in (error.message, *error.hints):
                print(line, file=sys.stderr)
            raise typer.Exit(error.exit_status) from None
        except CaesuraError as error:  # from serve, demo, carrier or smsc, which run here
            print(error.message, file=sys.stderr)
            raise typer.Exit(USAGE if isinstance(error, Invalid) else REFUSED) from None
        except BrokenPipeError:  # `caesura calls list | head`
            sys.stderr.close()
            raise typer.Exit(1) from None


app = typer.Typer(
    cls=_ErrorsAreSaid,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)


@app.callback(help=_HELP)
def root(ctx: typer.Context, as_json: AsJson = False, url: Url = None, data: Data = None) -> None:
    """Keep what was said before the command's name."""
    ctx.obj = Wishes(as_json=as_json, url=url, data=data)


for run in (node.serve, node.demo, carrier, smsc):
    app.command()(run)
app.add_typer(campaigns.app, name="campaigns")
app.add_typer(lists.app, name="lists")
app.add_typer(calls.app, name="calls")
app.add_typer(trunks.app, name="trunks")
app.add_typer(providers.app, name="providers")
app.add_typer(numbers.app, name="numbers")
app.add_typer(agents.app, name="agents")
app.add_typer(recordings.app, name="recordings")
app.add_typer(do_not_call.app, name="dnc")
app.add_typer(users.app, name="users")
app.add_typer(notifications.app, name="notifications")
app.add_typer(receipts.app, name="receipts")
app.command("pause")(lifecycle.pause_everything)
app.command("cells")(cells.list_cells)
app.command("resume")(resuming.resume_several)
app.command("approve")(resuming.approve_several)
app.command("promise")(receipts.promise)
app.command("simulate")(simulate.simulate)

__all__ = ["app", "pause_rules", "watch"]
