"""`caesura demo`: a node, a practice carrier, and a campaign that calls its people.

Everything is made through the HTTP API, and only what is not there yet: a second start goes on
where the first one stopped, and a campaign that was paused stays paused.
"""

from __future__ import annotations

import asyncio
import shlex
import shutil
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import structlog

from caesura.errors import Unavailable
from caesura.practice.customers import customers
from caesura.practice.message import message_wav
from caesura.serve import chosen_settings, run_node, sign_in_lines
from caesura.serve.child import Program
from caesura.serve.instance import Instance
from caesura.serve.node import Access
from caesura.settings import Address, client_settings

CAMPAIGN = "spring-renewal"
_LIST = "practice-customers"
_TRUNK = "practice"
_RECORDING = "practice-message"
_NUMBERS = ("+12125550198", "+13125550198", "+14045550198", "+12135550198")
_CONTACTS = 3000
_CARRIER = Address("127.0.0.1", 5070)

# The reference use: one in three answers, and they talk for 23 s on average.
_ANSWER = 0.34
_TALK_S = 24.5  # some are cut short by the end of the message
_SETTINGS: dict[str, Any] = {
    "message": {
        "recording": _RECORDING,
        "keys": {"1": "confirm", "2": "repeat", "9": "opt_out"},
        "after_message_wait_ms": 5000,
    },
    "calling_numbers": list(_NUMBERS),
    "number_choice": "local_presence",
    "trunks": [_TRUNK],
    "pacing": {"kind": "fixed", "concurrency": 100, "cps": 20},
    "hours": {"always": True},  # the people of practice never sleep
}

_log = structlog.get_logger()


def demo(data: Path | None = None, http: str | None = None) -> None:
    """Run the demo; what is None comes from the environment.

    Raises CaesuraError with a message for people if it cannot start.
    """
    settings = chosen_settings(data, http)
    carrier = _free(_CARRIER)

    async def after_ready(access: Access, instance: Instance) -> None:
        async with _Api(access) as api:
            state = await api.prepare(carrier)
        _announce(access, instance, carrier, state)

    run_node(settings, after_ready=after_ready, extra=lambda instance: _carrier(instance, carrier))


def _carrier(instance: Instance, address: Address) -> Sequence[Program]:
    return [
        Program(
            name="carrier",
            module="caesura.practice",
            arguments=[f"--sip={address}", f"--answer={_ANSWER}", f"--talk-s={_TALK_S}"],
            log_file=instance.log_file("carrier"),
            stop_timeout_s=1.5,
        )
    ]


def _free(preferred: Address) -> Address:
    """The preferred address, or the same host with any free port."""
    for port in (preferred.port, 0):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind((preferred.host, port))
            except OSError:
                continue
            return Address(preferred.host, int(probe.getsockname()[1]))
    raise Unavailable(f"The practice carrier cannot listen on {preferred.host}.")


class _Api:
    """What the demo asks of the API, each step harmless if it was done before."""

    def __init__(self, access: Access) -> None:
        self._http = httpx.AsyncClient(
            base_url=f"{access.url}/api/v1",
            headers={"Authorization": f"Bearer {access.api_key}"},
            timeout=30.0,
            trust_env=False,
        )

    async def __aenter__(self) -> _Api:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def prepare(self, carrier: Address) -> str:
        """Make what is missing; returns the campaign's state."""
        await self._trunk(carrier)
        for number in _NUMBERS:
            if await self._find("numbers", number) is None:
                await self._ask("POST", "/numbers", json={"number": number})
        if await self._find("recordings", _RECORDING) is None:
            wav = await asyncio.to_thread(message_wav)
            await self._upload("/recordings", "message.wav", wav, {"name": _RECORDING})
        if await self._find("campaigns", CAMPAIGN) is None:
            await self._contact_list()
            new = {"name": CAMPAIGN, "lists": [_LIST], "settings": _SETTINGS}
            await self._ask("POST", "/campaigns", json=new)
        campaign = await self._find("campaigns", CAMPAIGN)
        if campaign is not None and campaign["status"] == "draft":
            await self._ask("POST", f"/campaigns/{CAMPAIGN}/start", json={})
            return "running"
        return "missing" if campaign is None else str(campaign["status"])

    async def _trunk(self, carrier: Address) -> None:
        where = {"host": carrier.host, "port": carrier.port}
        known = await self._find("trunks", _TRUNK)
        if known is None:
            await self._ask("POST", "/trunks", json={"name": _TRUNK, **where})
        elif (known["host"], known["port"]) != (carrier.host, carrier.port):
            await self._ask("PATCH", f"/trunks/{_TRUNK}", json=where)

    async def _contact_list(self) -> None:
        found = await self._find("lists", _LIST)
        if found is not None and found.get("state") == "ready":
            return
        file = customers(_CONTACTS).encode()
        started = await self._upload(
            "/lists/imports", "customers.csv", file, {"name": _LIST, "region": "US"}
        )
        while started["state"] == "running":
            await asyncio.sleep(0.1)
            started = await self._ask("GET", f"/imports/{started['id']}")
        if started["state"] != "done":
            raise Unavailable(f"The practice list was not imported: {started.get('error')}")

    async def _find(self, kind: str, name: str) -> dict[str, Any] | None:
        reply = await self._http.get(f"/{kind}/{quote(name, safe='')}")
        return None if reply.status_code == httpx.codes.NOT_FOUND else _json(reply)

    async def _upload(
        self, path: str, name: str, content: bytes, fields: dict[str, str]
    ) -> dict[str, Any]:
        return await self._ask("POST", path, files={"file": (name, content)}, data=fields)

    async def _ask(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        return _json(await self._http.request(method, path, **body))


def _json(reply: httpx.Response) -> dict[str, Any]:
    if reply.is_error:
        raise Unavailable(f"{reply.request.method} {reply.request.url}: {reply.text[:500]}")
    answer: dict[str, Any] = reply.json()
    return answer


def _announce(access: Access, instance: Instance, carrier: Address, state: str) -> None:
    command = "caesura"
    if shutil.which(command) is None:
        command = str(Path(sys.executable).with_name("caesura"))
        if Path(command).is_relative_to(Path.cwd()):
            command = str(Path(command).relative_to(Path.cwd()))
    name = shlex.quote(CAMPAIGN)
    lines = [
        "",
        f"  Caesura runs at   {access.url}   (its API: {access.url}/docs)",
        f"  API key           {access.api_key}",
        *(f"  {line}" for line in sign_in_lines(access)),
        f"  Data and logs     {instance.data_dir}",
        "",
        f"  The campaign {CAMPAIGN} is {state}: {_CONTACTS:,} people who do not exist, called over",
        f"  real SIP and RTP through a practice carrier at {carrier}. No phone rings.",
        "",
        "  Try, in another terminal:",
    ]
    if client_settings().data_dir != instance.data_dir:
        lines.append(f"    export CAESURA_DATA={shlex.quote(str(instance.data_dir))}")
    stop, go = f"pause {name} --reason lunch", f"resume {name}"
    tries = [f"watch {name}", *((go, stop) if state == "paused" else (stop, go))]
    lines += [f"    {command} campaigns {what}" for what in (*tries, f"receipt {name}")]
    lines += [
        f"    {command} calls list --campaign {name}",
        "",
        "  Ctrl-C stops everything; the next start goes on where this one stopped.",
        "",
    ]
    print("\n".join(lines), flush=True)
