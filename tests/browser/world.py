"""A whole Caesura for the browser: node, practice carrier, two managers, campaigns that dial."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.processes import wait_until
from tests.whole import material
from tests.whole.node import Node

PASSWORD = "a horse in the battery"


class Manager:
    """Somebody signed in: what the dashboard does, by hand."""

    def __init__(self, url: str, name: str, one_time: str) -> None:
        self.name = name
        self._http = httpx.Client(base_url=url, timeout=30, trust_env=False)
        self._csrf = ""
        self._sign_in(one_time)
        self._csrf = self.send("POST", "/session/password", old=one_time, new=PASSWORD)[
            "csrf_token"
        ]

    def _sign_in(self, password: str) -> None:
        self._csrf = self.send("POST", "/session", name=self.name, password=password)["csrf_token"]

    def get(self, path: str) -> Any:
        reply = self._http.get(f"/api/v1{path}")
        assert reply.is_success, reply.text
        return reply.json()

    def status(self, path: str) -> int:
        """What a GET answers, where that may be a refusal."""
        return self._http.get(f"/api/v1{path}").status_code

    def send(self, method: str, path: str, **body: Any) -> Any:
        return self.request(method, path, json=body)

    def request(self, method: str, path: str, **how: Any) -> Any:
        headers = {"X-CSRF-Token": self._csrf, **how.pop("headers", {})}
        reply = self._http.request(method, f"/api/v1{path}", headers=headers, **how)
        assert reply.is_success, f"{method} {path}: {reply.status_code} {reply.text}"
        return reply.json() if reply.content else None

    def cookies(self) -> list[dict[str, Any]]:
        """The session, as a browser takes it."""
        url = str(self._http.base_url)
        return [{"name": c.name, "value": c.value, "url": url} for c in self._http.cookies.jar]

    def campaign(self, name: str) -> Any:
        return self.get(f"/campaigns/{name}")

    def close(self) -> None:
        self._http.close()


@dataclass
class World:
    node: Node
    url: str
    dana: Manager  # the administrator
    eli: Manager

    def state(self, name: str) -> str:
        status: str = self.dana.campaign(name)["status"]
        return status

    def run(self, name: str) -> None:
        """Bring the campaign to running with calls on the wire; ask and theme as by default."""
        self.ask("always")
        for manager in (self.dana, self.eli):
            manager.send("PUT", "/session/preferences")
        status = self.state(name)
        if status == "draft":
            self.dana.send("POST", f"/campaigns/{name}/start")
        elif status == "paused":
            self.dana.send("POST", f"/campaigns/{name}/resume")
        wait_until(lambda: self._in_flight(name) > 0, 15, lambda: f"{self.dana.campaign(name)}")

    def _in_flight(self, name: str) -> int:
        flight = self.dana.campaign(name)["in_flight"]
        return int(flight["ringing"] + flight["talking"])

    def ask(self, policy: str) -> None:
        """Set when the screen asks before it pauses."""
        settings = {"confirm_pause": policy, "allow_dont_ask_again": True}
        self.dana.request("PUT", "/system-settings", json=settings, headers={"If-Match": "*"})

    def silent(self, name: str) -> None:
        """Wait until nothing of the campaign is on the wire."""
        wait_until(lambda: self._in_flight(name) == 0, 40, lambda: f"{self.dana.campaign(name)}")

    def stays_silent(self, name: str, for_s: float) -> bool:
        """Whether no call leaves for so long."""
        before = self.dana.campaign(name)["launched"]
        time.sleep(for_s)
        return bool(self.dana.campaign(name)["launched"] == before)

    def settings(self, name: str, change: dict[str, Any], by: Manager) -> None:
        by.request("PATCH", f"/campaigns/{name}/settings", json=change)


def world(node: Node, carrier: tuple[str, int], directory: Path) -> World:
    """Two managers and three drafts, with trunk, number, message and lists, on a fresh node."""
    said = node.output()
    url = re.search(r"http://[\d.]+:\d+", said)
    first = re.search(r"as (\S+) with the one-time password (\S+)", said)
    assert url and first, said
    dana = Manager(url[0], first[1], first[2])
    one_time = dana.send("POST", "/users", name="eli")["one_time_password"]
    made = World(node, url[0], dana, Manager(url[0], "eli", one_time))
    phones = material.numbers(1600)
    wav = material.message(directory / "message.wav", 2.0)
    dana.send("POST", "/trunks", name="practice", host=carrier[0], port=carrier[1])
    dana.send("POST", "/numbers", number="+14155550100")
    dana.request(
        "POST",
        "/recordings",
        files={"file": ("message.wav", wav.read_bytes())},
        data={"name": "message"},
    )
    settings = {
        "message": {"recording": "message"},
        "calling_numbers": ["+14155550100"],
        "trunks": ["practice"],
        "hours": {"always": True},
        "pacing": {"kind": "fixed", "concurrency": 12, "cps": 6},
        "ring_minimum_s": 2,
        "ring_timeout_s": 8,
        "ramp_up_s": 0,
    }
    for name, part in {
        "spring": phones[:1400],
        "autumn": phones[1400:1500],
        "winter": phones[1500:],
    }.items():
        customers = material.customer_list(directory / f"{name}.csv", part)
        node.cli("lists", "import", str(customers), "--name", f"{name}-list", "--region", "US")
        dana.send("POST", "/campaigns", name=name, lists=[f"{name}-list"], settings=settings)
    return made
