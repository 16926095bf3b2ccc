"""`caesura demo`: a node, with campaigns that call and write to people who do not exist.

Beside it run a practice carrier, a practice message centre and practice agents. Agents' calls and
messages come last, when the first calls are under way and the demo has said where it runs.

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
from caesura.serve.node import Access, Node
from caesura.settings import Address, client_settings

CAMPAIGN = "spring-renewal"
_LIST = "practice-customers"
_TRUNK = "practice"
_RECORDING = "practice-message"
_NUMBERS = ("+12125550198", "+13125550198", "+14045550198", "+12135550198")
_CONTACTS = 3000
_CARRIER = Address("127.0.0.1", 5070)
TEXTS = "renewal-texts"
_PROVIDER = "practice-centre"
_CENTRE = Address("127.0.0.1", 2775)

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

# Agents take these calls: three who do not exist, and whoever signs in at the desk.
WELCOME = "welcome-calls"
_AGENT = "guest"
_AGENTS = 3
_WELCOME_SETTINGS: dict[str, Any] = {
    "calling_numbers": list(_NUMBERS),
    "trunks": [_TRUNK],
    "pacing": {"kind": "progressive", "concurrency": 20},
    "agents": {
        "script": "Hello {{ name }}, welcome! You chose the {{ plan }} plan. Has everything in "
        "{{ city }} been set up as you wished?",
        "dispositions": [
            {"name": "All is well"},
            {"name": "Has a question", "notes": "required"},
            {"name": "Call back", "meaning": "callback"},
            {"name": "Do not call", "meaning": "do_not_call"},
        ],
        "wrap_up": {"seconds": 30},
    },
    "hours": {"always": True},
}

_TEXT_SETTINGS: dict[str, Any] = {
    "channel": "sms",
    "text": {
        "template": "Hello {{ name }}, your {{ plan }} plan in {{ city }} renews next week. "
        "Reply YES to keep it.",
        "senders": ["+12125550198"],
        "providers": [_PROVIDER],
        "per_second": 5,
        "opt_out": {"confirmation": "You will get no more messages from us."},
    },
    # Once more to who did not get it, soon enough to be seen.
    "retries": {
        "undelivered": {"max": 1, "after_s": 120},
        "expired": {"max": 1, "after_s": 120},
        "failed": {"max": 3, "after_s": 900, "number": "same"},
        "congestion": {"max": 5, "after_s": 300, "number": "same"},
    },
    "hours": {"always": True},
}

_log = structlog.get_logger()


def demo(data: Path | None = None, http: str | None = None) -> None:
    """Run the demo; what is None comes from the environment.

    Raises CaesuraError with a message for people if it cannot start.
    """
    settings = chosen_settings(data, http)
    carrier = _free(_CARRIER, socket.SOCK_DGRAM, "carrier")
    centre = _free(_CENTRE, socket.SOCK_STREAM, "message centre")

    async def after_ready(access: Access, instance: Instance, node: Node) -> None:
        async with _Api(access) as api:
            state = await api.prepare(carrier)
            password = await api.prepare_guest()
            _announce(access, instance, (carrier, centre), state, password)
            await api.prepare_welcome()
            await node.add(_practice_agents(instance))
            await node.add(_message_centre(instance, centre))
            await api.prepare_texts(centre)

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


def _message_centre(instance: Instance, address: Address) -> Sequence[Program]:
    return [
        Program(
            name="message-centre",
            module="caesura.practice.smsc",
            arguments=[f"--smpp={address}", "--http=off", "--smtp=off"],
            log_file=instance.log_file("message-centre"),
            stop_timeout_s=1.5,
        )
    ]


def _practice_agents(instance: Instance) -> Sequence[Program]:
    work = ["agents", "practice", WELCOME, f"--count={_AGENTS}", "--talk-s=30", "--wrap-up-s=8"]
    return [
        Program(
            name="practice-agents",
            module="caesura.cli",
            arguments=[*work, f"--data={instance.data_dir}"],
            log_file=instance.log_file("practice-agents"),
            stop_timeout_s=2.5,
        )
    ]


def _free(preferred: Address, kind: socket.SocketKind, what: str) -> Address:
    """The preferred address, or the same host with any free port."""
    for port in (preferred.port, 0):
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind is socket.SOCK_STREAM:  # one that ended a moment ago is no hindrance
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((preferred.host, port))
            except OSError:
                continue
            return Address(preferred.host, int(probe.getsockname()[1]))
    raise Unavailable(f"The practice {what} cannot listen on {preferred.host}.")


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
        await self._reached("trunks", _TRUNK, carrier, {})
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
        return await self._started(CAMPAIGN)

    async def prepare_texts(self, centre: Address) -> None:
        """The same for the campaign of messages. Its list is the other's, and there by now."""
        login = {"username": "caesura", "password": "practice", "options": {"kind": "smpp"}}
        await self._reached("providers", _PROVIDER, centre, login)
        if await self._find("campaigns", TEXTS) is None:
            new = {"name": TEXTS, "lists": [_LIST], "settings": _TEXT_SETTINGS}
            await self._ask("POST", "/campaigns", json=new)
        await self._started(TEXTS)

    async def prepare_guest(self) -> str | None:
        """The agent as whom a visitor signs in at the desk: their password, the first time."""
        agents = await self._ask("GET", "/agents")
        if any(each["name"] == _AGENT for each in agents["items"]):
            return None
        made = await self._ask("POST", "/agents", json={"name": _AGENT})
        return str(made["password"])

    async def prepare_welcome(self) -> None:
        """The campaign whose calls agents take; a resume of it waits for nobody but them."""
        if await self._find("campaigns", WELCOME) is None:
            new = {"name": WELCOME, "lists": [_LIST], "settings": _WELCOME_SETTINGS}
            await self._ask("POST", "/campaigns", json=new)
            await self._ask("PUT", f"/campaigns/{WELCOME}/agents", json=[{"agent": _AGENT}])
        await self._started(WELCOME)

    async def _started(self, name: str) -> str:
        """Start a campaign that never was; its state."""
        campaign = await self._find("campaigns", name)
        if campaign is not None and campaign["status"] == "draft":
            await self._ask("POST", f"/campaigns/{name}/start", json={})
            return "running"
        return "missing" if campaign is None else str(campaign["status"])

    async def _reached(self, kind: str, name: str, at: Address, new: dict[str, Any]) -> None:
        """Have a trunk or provider lead to where its other end is now."""
        where = {"host": at.host, "port": at.port}
        known = await self._find(kind, name)
        if known is None:
            await self._ask("POST", f"/{kind}", json={"name": name, **where, **new})
        elif (known["host"], known["port"]) != (at.host, at.port):
            await self._ask("PATCH", f"/{kind}/{name}", json=where)

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

    async def _upload(self, path: str, name: str, content: bytes, fields: dict[str, str]) -> Any:
        return await self._ask("POST", path, files={"file": (name, content)}, data=fields)

    async def _ask(self, method: str, path: str, **body: Any) -> Any:
        return _json(await self._http.request(method, path, **body))


def _json(reply: httpx.Response) -> Any:
    if reply.is_error:
        raise Unavailable(f"{reply.request.method} {reply.request.url}: {reply.text[:500]}")
    return reply.json()


def _announce(
    access: Access,
    instance: Instance,
    practice: tuple[Address, Address],
    state: str,
    password: str | None,
) -> None:
    carrier, centre = practice
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
        f"  The campaign {TEXTS} follows: SMS to the same people over real SMPP, through a",
        f"  practice message centre at {centre}. No message leaves this machine.",
        "",
        f"  The campaign {WELCOME} is for agents: {_AGENTS} of practice take its calls, and you,",
        f"  if you sign in at {access.url}/desk as {_AGENT!r}"
        + (f" with the password {password}" if password else "")
        + ".",
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
