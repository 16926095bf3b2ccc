"""Practice agents: they sign in, take calls, talk, say what came of it, wrap up.

Their sound goes over real WebRTC, or over the telephone that is set for them.

Each is a client of the same API as the desk's page. What they do is chance with a seed; when they
do it, the server and the callees decide.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import structlog

from caesura.practice.behaviour import Spread
from caesura.practice.softphone import Softphone

_TIMEOUT = httpx.Timeout(30.0, connect=5.0)
_STREAM_TIMEOUT = httpx.Timeout(60.0, connect=5.0)
_AGAIN_S = 0.5

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Habits:
    """How practice agents work; times in seconds."""

    talk: Spread = field(default_factory=lambda: Spread(mean_s=60.0))  # then they hang up
    wrap_up: Spread = field(default_factory=lambda: Spread(mean_s=10.0))
    look: Spread = field(default_factory=lambda: Spread(low_s=1.0, high_s=3.0))  # at a preview


class PracticeAgent:
    """One agent. `run` until it is cancelled; then they go home."""

    def __init__(self, url: str, name: str, password: str, habits: Habits, seed: int) -> None:
        self.name = name
        self._password = password
        self._habits = habits
        self._chance = random.Random(seed)
        self._http = httpx.AsyncClient(
            base_url=url.rstrip("/") + "/api/v1", timeout=_TIMEOUT, trust_env=False
        )
        self.softphone: Softphone | None = None
        self._offers = 0
        self._connecting: asyncio.Task[None] | None = None
        self._doing: asyncio.Task[None] | None = None
        self._busy_with: tuple[str, str | None] | None = None  # presence and attempt
        self.signed_in = asyncio.Event()
        self._crashed = False
        self.view: dict[str, Any] = {}
        self.talks = 0  # conversations that began
        self.dispositions: Counter[str] = Counter()

    # ----------------------------------------------------------------- shift

    async def run(self) -> None:
        """Sign in and work. Raises httpx.HTTPStatusError where the server refuses the agent."""
        try:
            await self._sign_in()
            self.signed_in.set()
            while True:
                try:
                    async for view in self._views():
                        await self._sees(view)
                except httpx.HTTPError as error:
                    log.info("practice agent: lost the stream", agent=self.name, why=repr(error))
                await asyncio.sleep(_AGAIN_S)
        finally:
            await self._go_home()

    async def _sign_in(self) -> None:
        given = {"name": self.name, "password": self._password}
        session = await self._send("POST", "/session", given)
        self._http.headers["X-CSRF-Token"] = session["csrf_token"]
        if session["must_change_password"]:
            chosen = f"{self._chance.getrandbits(96):x}-practice"
            change = {"old": self._password, "new": chosen}
            session = await self._send("POST", "/session/password", change)
            self._http.headers["X-CSRF-Token"] = session["csrf_token"]
            self._password = chosen

    async def _go_home(self) -> None:
        for task in (self._doing, self._connecting):
            if task is not None:
                task.cancel()
        with contextlib.suppress(httpx.HTTPError):
            await self._send("DELETE", "/desk")
        if self.softphone is not None:
            await self.softphone.close()
        await self._http.aclose()

    async def _views(self) -> AsyncIterator[dict[str, Any]]:
        """What the desk shows, now and after each change."""
        async with self._http.stream("GET", "/desk/events", timeout=_STREAM_TIMEOUT) as stream:
            stream.raise_for_status()
            async for line in stream.aiter_lines():
                if line.startswith("data:"):
                    yield json.loads(line.removeprefix("data:"))

    def crash(self) -> None:
        """Do nothing any more and say nothing of it, like a browser that has crashed."""
        self._crashed = True
        self._let_go()
        if self.softphone is not None:
            self.softphone.freeze()

    # ------------------------------------------------------------------ work

    async def _sees(self, view: dict[str, Any]) -> None:
        self.view = view
        if self._crashed:
            return
        if not view["on_shift"]:  # not yet, or the machine that served the desk is gone
            self._busy_with = None
            self._let_go()
            self._doing = asyncio.create_task(self._begin())
            return
        # A phone is rung by the cell.
        away = not view["device"] and view["phone"] is None
        if away and (self._connecting is None or self._connecting.done()):
            self._connecting = asyncio.create_task(self._connect())
        call = view["call"]
        busy_with = (view["presence"], call["attempt"] if call else None)
        if busy_with == self._busy_with:
            return
        self._busy_with = busy_with
        self._let_go()
        match view["presence"]:
            case "on_call":
                self.talks += 1
                self._doing = asyncio.create_task(self._talk())
            case "wrap_up":
                self._doing = asyncio.create_task(self._wrap_up(call))
            case "preview":
                self._doing = asyncio.create_task(self._look())

    async def _begin(self) -> None:
        """Begin the shift, as soon as some machine serves it."""
        while not self.view["on_shift"]:
            await self._try("POST", "/desk")
            await asyncio.sleep(_AGAIN_S)

    def _let_go(self) -> None:
        if self._doing is not None:
            self._doing.cancel()
            self._doing = None

    async def _connect(self) -> None:
        """Offer, as a page does: also where the server has lost us. What fails is tried again."""
        before, self.softphone = self.softphone, None
        if before is not None:
            await before.close()
        while self.softphone is None:
            phone = Softphone()
            self._offers += 1
            try:
                offer = {"offer": await phone.offer(), "number": self._offers}
                answer = await self._send("POST", "/desk/connection", offer)
                await phone.accept(answer["answer"])
                self.softphone = phone
            except (httpx.HTTPError, ConnectionError) as error:
                log.info("practice agent: not connected", agent=self.name, why=repr(error))
                await phone.close()
                await asyncio.sleep(_AGAIN_S)

    async def _talk(self) -> None:
        await asyncio.sleep(self._habits.talk.at(self._quantile()))
        await self._try("POST", "/desk/hang-up")

    async def _wrap_up(self, call: dict[str, Any]) -> None:
        await asyncio.sleep(self._habits.wrap_up.at(self._quantile()))
        choices = [each["name"] for each in call["dispositions"] if each["meaning"] == "done"]
        if choices and call["disposed"] is None:
            name = self._chance.choice(choices)
            self.dispositions[name] += 1
            said = {"attempt": call["attempt"], "name": name, "notes": "practice"}
            await self._try("POST", "/desk/disposition", said)
        await self._try("POST", "/desk/wrap-up/end")

    async def _look(self) -> None:
        await asyncio.sleep(self._habits.look.at(self._quantile()))
        await self._try("POST", "/desk/accept")

    def _quantile(self) -> float:
        return self._chance.uniform(0.001, 0.999)

    # ------------------------------------------------------------------ HTTP

    async def _send(self, verb: str, path: str, body: dict[str, Any] | None = None) -> Any:
        reply = await self._http.request(verb, path, json=body)
        reply.raise_for_status()
        return reply.json() if reply.content else None

    async def _try(self, verb: str, path: str, body: dict[str, Any] | None = None) -> None:
        """The call may have ended, the wrap-up run out in the same moment."""
        try:
            await self._send(verb, path, body)
        except httpx.HTTPError as error:
            log.info("practice agent: refused", agent=self.name, path=path, why=repr(error))
