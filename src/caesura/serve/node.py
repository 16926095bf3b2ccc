"""A running node: PostgreSQL; line, media, messenger and cell for each dialer; the API; in this
order.

    start:  postgres -> migrations -> first API key -> line, media, messenger (, carrier) -> cell
            -> web -> first user
    stop:   web -> cell -> line, media, messenger (, carrier) -> postgres

Each is started again when it dies. None survives us: the kernel ends them when we die.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import dataclass, replace

import httpx
import psycopg
import structlog

from caesura.errors import CaesuraError, Conflict, Unavailable
from caesura.serve import programs
from caesura.serve.child import Child, Program
from caesura.serve.instance import Instance
from caesura.settings import Address, ServerSettings
from caesura.store import api_key, database, schema, user
from caesura.store.embedded import EmbeddedPostgres

_READY_TIMEOUT_S = 60.0
_HEALTH_POLL_S = 0.05
_POSTGRES_WATCH_S = 0.2
_POSTGRES_PAUSE_MAX_S = 5.0
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # how to reach ourselves there

_log = structlog.get_logger()


@dataclass(frozen=True)
class Access:
    """How to reach the node that is now up."""

    url: str
    api_key: str
    new_key: bool  # made just now: it is shown this once
    # One-time password of the administrator, if made just now: shown this once, written nowhere.
    admin_password: str | None = None


class Node:
    """One start of `caesura serve`, on an instance whose lock is held."""

    def __init__(
        self, settings: ServerSettings, instance: Instance, extra: Sequence[Program] = ()
    ) -> None:
        self._settings = replace(
            settings,
            http=_listenable(settings.http, socket.SOCK_STREAM, "HTTP", "--http or CAESURA_HTTP"),
            sip=_listenable(settings.sip, socket.SOCK_DGRAM, "SIP", "CAESURA_SIP"),
        )
        self._instance = instance
        self._extra = extra  # further programs, started before the cells
        self._postgres: EmbeddedPostgres | None = None
        self._tiers: list[list[Child]] = []  # in the order of their start
        self._keeping: asyncio.Task[None] | None = None

    async def start(self) -> Access:
        """Start everything and wait until the API answers. Raises Unavailable if it does not."""
        url = self._settings.database_url
        if url is None:
            self._postgres = EmbeddedPostgres(
                self._instance.data_dir, log_file=self._instance.log_file("postgres")
            )
            url = self._postgres.start()
            self._keeping = asyncio.create_task(self._keep_postgres(self._postgres))
        try:
            await schema.bring_up_to_date(url)
            access = await self._access(url)
        except (psycopg.Error, OSError) as error:
            raise Unavailable(f"The database cannot be used: {str(error).strip()}") from error
        self._instance.tell(url=access.url, api_key=access.api_key, database_url=url)
        try:
            async with asyncio.timeout(_READY_TIMEOUT_S):
                await self._start_programs(url)
                await _answers(f"{access.url}/api/v1/health")
        except TimeoutError:
            raise Unavailable(
                f"Not ready after {_READY_TIMEOUT_S:.0f} s. See the files in "
                f"{self._instance.log_dir}."
            ) from None
        return replace(access, admin_password=await _first_user(url))

    async def add(self, tier: Sequence[Program]) -> None:
        """Run these, too, and wait until they are ready."""
        await self._start_tier(tier)

    async def stop(self) -> None:
        """Stop everything, the last started first."""
        for tier in reversed(self._tiers):
            await asyncio.gather(*(child.stop() for child in tier))
        if self._keeping is not None:
            self._keeping.cancel()
        if self._postgres is not None:
            self._postgres.stop()

    def kill(self) -> None:
        """Do not wait for them any longer (but for PostgreSQL, which is quick)."""
        for tier in self._tiers:
            for child in tier:
                child.kill()

    async def _start_programs(self, url: str) -> None:
        cells = range(self._settings.cells)
        voice = [
            make(self._settings, self._instance, index)
            for index in cells
            for make in (programs.line, programs.media, programs.messenger)
        ]
        await self._start_tier([*voice, *self._extra])
        await self._start_tier(
            [programs.cell(self._settings, self._instance, index, url) for index in cells]
        )
        await self._start_tier([programs.web(self._settings, self._instance, url)])

    async def _start_tier(self, tier: Sequence[Program]) -> None:
        children = [Child(program) for program in tier]
        self._tiers.append(children)
        for child in children:
            child.start()
        await asyncio.gather(*(child.ready() for child in children))

    async def _access(self, database_url: str) -> Access:
        """The URL, and a key that is good: the one of an earlier start, or a new one."""
        host = _ANY.get(self._settings.http.host, self._settings.http.host)
        url = f"http://{Address(host, self._settings.http.port)}"
        known = self._instance.known_key()
        async with await database.connect(database_url) as conn:
            if known is not None and await api_key.actor_of(conn, known) is not None:
                return Access(url, known, new_key=False)
            # Several nodes may share a database, and instance.json may get lost: find a free name.
            for number in range(1, 1000):
                name = "owner" if number == 1 else f"owner {number}"
                try:
                    return Access(url, await api_key.create(conn, name), new_key=True)
                except Conflict:
                    continue
        raise Unavailable("There are a thousand owner keys; revoke some.")

    async def _keep_postgres(self, postgres: EmbeddedPostgres) -> None:
        pause_s = _POSTGRES_WATCH_S
        while True:
            await asyncio.sleep(pause_s)
            if postgres.pid is not None:
                pause_s = _POSTGRES_WATCH_S
                continue
            _log.error("PostgreSQL ended; starting it again")
            try:
                postgres.start()  # on this thread: the server ends with the one that starts it
            except (CaesuraError, OSError, psycopg.Error) as error:
                _log.error(f"PostgreSQL: {error}")
                pause_s = min(pause_s * 2, _POSTGRES_PAUSE_MAX_S)


def _listenable(address: Address, kind: socket.SocketKind, what: str, setting: str) -> Address:
    """`address`, its port chosen if it is 0. Raises Unavailable if we cannot listen there."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family, kind) as probe:
        if kind is socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except OSError as error:
            raise Unavailable(
                f"Cannot listen for {what} on {address}: {error.strerror or error}. "
                f"Choose another address with {setting}."
            ) from error
        return replace(address, port=int(probe.getsockname()[1]))


async def _first_user(database_url: str) -> str | None:
    """Make the administrator if nobody can sign in yet; the last step, so that it is shown."""
    async with await database.connect(database_url) as conn:
        return await user.create_first(conn)


async def _answers(url: str) -> None:
    async with httpx.AsyncClient(timeout=2.0, trust_env=False) as client:
        while True:
            try:
                if (await client.get(url)).is_success:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(_HEALTH_POLL_S)
