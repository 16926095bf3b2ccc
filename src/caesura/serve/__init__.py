"""`caesura serve`: one node on one data directory, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path

import structlog

from caesura import logs
from caesura.serve.child import Program
from caesura.serve.instance import Instance
from caesura.serve.node import Access, Node
from caesura.settings import Address, ServerSettings, server_settings
from caesura.store import user

_log = structlog.get_logger()

AfterReady = Callable[[Access, Instance, Node], Awaitable[None]]


def serve(data: Path | None = None, http: str | None = None) -> None:
    """Run a node; what is None comes from the environment.

    Raises CaesuraError with a message for people if it cannot start.
    """
    run_node(chosen_settings(data, http), after_ready=_announce)


def chosen_settings(data: Path | None, http: str | None) -> ServerSettings:
    """The environment's settings, with what the command line named in their place."""
    settings = server_settings()
    if data is not None:
        settings = replace(settings, data_dir=data.expanduser().absolute())
    if http is not None:
        settings = replace(settings, http=Address.parse(http, "--http"))
    return settings


def run_node(
    settings: ServerSettings,
    *,
    after_ready: AfterReady,
    extra: Callable[[Instance], Sequence[Program]] | None = None,
) -> None:
    """Run a node, with `extra` programs beside it, until a signal says to stop."""
    with Instance(settings.data_dir) as instance:
        logs.configure_terminal("serve", instance.log_file("serve"))
        node = Node(settings, instance, extra(instance) if extra else ())
        asyncio.run(_run(node, instance, after_ready))


async def _run(node: Node, instance: Instance, after_ready: AfterReady) -> None:
    stop = asyncio.Event()

    def asked() -> None:
        if stop.is_set():  # asked twice: somebody is in a hurry
            node.kill()
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, asked)
    working = asyncio.create_task(_work(node, instance, after_ready))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            working.result()  # raises what kept it from starting
            await stopping
    finally:
        working.cancel()
        _log.info("stopping")
        await asyncio.gather(working, return_exceptions=True)
        await node.stop()
        _log.info("stopped")


async def _work(node: Node, instance: Instance, after_ready: AfterReady) -> None:
    access = await node.start()
    await after_ready(access, instance, node)


def sign_in_lines(access: Access) -> list[str]:
    """How the administrator signs in for the first time; nothing once that was told."""
    if access.admin_password is None:
        return []
    return [
        f"Dashboard: sign in at {access.url} as {user.FIRST} with the one-time password "
        f"{access.admin_password}",
        "It is not shown again; the first sign-in asks for a new one.",
    ]


async def _announce(access: Access, instance: Instance, _node: Node) -> None:
    print(f"Caesura runs at {access.url} (data and logs: {instance.data_dir}).")
    if access.new_key:
        print(f"API key: {access.api_key}")
        print("Keep it: it is not shown again. Commands on this machine find it by themselves.")
    for line in sign_in_lines(access):
        print(line)
    print("Try: caesura campaigns list. Ctrl-C stops.", flush=True)
