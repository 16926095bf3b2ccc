"""The pause of a part, on the wire: the carriers' own logs are the judge."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.peers.practice import RunningCarrier, practice_carrier
from tests.processes import wait_until
from tests.whole import material
from tests.whole.node import Node

from caesura.rules.phone_number import zones_of

pytestmark = pytest.mark.timeout(480)

_LEADS = 1700
_CPS = 25  # a minute of calls: on a busy machine the commands take their time
_QUIET_S = 1.2  # an INVITE that waited anywhere would leave by then: T1 is 0.5 s
_NUMBERS = ("+14155550100", "+14155550101")
_QUICK = ("--seed", "7", "--answer", "0.4", "--ring-s", "0.3-1.5", "--talk-s", "0.5-2")


class Wire:
    """What two carriers saw: each is a trunk."""

    def __init__(self, carriers: dict[str, RunningCarrier], lists: dict[str, set[str]]) -> None:
        self._carriers = carriers
        self._lists = lists

    def invites(self, since: float = 0.0) -> list[dict[str, Any]]:
        """Those of both, as they came."""
        found = [
            line | {"trunk": name, "lists": {k for k, v in self._lists.items() if line["to"] in v}}
            for name, carrier in self._carriers.items()
            for line in carrier.invites()
            if line["at"] > since
        ]
        return sorted(found, key=lambda line: line["at"])

    def refused(self) -> set[str]:
        """The Call-IDs of what a trunk refused by its own fault (RFC 3261 section 21.5)."""
        return {
            line["call_id"]
            for carrier in self._carriers.values()
            for line in carrier.log()
            if line["event"].startswith("sent_5")
        }


Covers = Callable[[dict[str, Any]], bool]

# Option, value, and whether an INVITE that a carrier saw belongs to the part.
PARTS: list[tuple[str, str, Covers]] = [
    # The list whose leads came first; the other one goes on.
    ("--list", "even", lambda invite: "even" in invite["lists"]),
    ("--trunk", "one", lambda invite: bool(invite["trunk"] == "one")),
    ("--number", _NUMBERS[0], lambda invite: bool(invite["from"] == _NUMBERS[0])),
    # 209 and 213 are in California, and no other area code of material.AREA_CODES is.
    ("--state", "California", lambda invite: invite["to"][2:5] in ("209", "213")),
    ("--zone", "America/Chicago", lambda invite: "America/Chicago" in zones_of(invite["to"])),
]


def _prepare(node: Node, wire: dict[str, RunningCarrier], directory: Path) -> dict[str, set[str]]:
    phones = material.numbers(_LEADS)
    lists = {"even": phones[::2], "odd": phones[1::2]}  # each of all area codes, in turn
    for name, part in lists.items():
        customers = material.customer_list(directory / f"{name}.csv", part)
        node.cli("lists", "import", str(customers), "--name", name, "--region", "US")
    for name, carrier in wire.items():
        host, port = carrier.address
        limit = ("--max-channels", "15") if name == "one" else ()  # so that both are used
        node.cli("trunks", "add", name, "--host", host, "--port", str(port), *limit)
    for number in _NUMBERS:
        node.cli("numbers", "add", number)
    wav = material.message(directory / "message.wav", 0.3)
    values = material.settings(directory / "settings.json", material.ONE_TRY)
    node.cli(
        *("campaigns", "create", "spring", "--list", "even", "--list", "odd"),
        *("--trunk", "one", "--trunk", "two", "--number", _NUMBERS[0], "--number", _NUMBERS[1]),
        *("--message", str(wav), "--hours", "always", "--concurrency", "150"),
        *("--cps", str(_CPS), "--settings", str(values)),
    )
    return {name: set(part) for name, part in lists.items()}


def test_from_the_confirmation_on_no_invite_of_the_part_leaves_and_the_rest_goes_on(
    node: Node, tmp_path: Path
) -> None:
    first, second = tmp_path / "one", tmp_path / "two"
    first.mkdir()
    second.mkdir()
    with practice_carrier(first, *_QUICK) as one, practice_carrier(second, *_QUICK) as two:
        carriers = {"one": one, "two": two}
        wire = Wire(carriers, _prepare(node, carriers, tmp_path))
        node.cli("campaigns", "start", "spring")
        wait_until(lambda: len(wire.invites()) > _CPS, 30, node.output)
        for option, value, covers in PARTS:
            _try_part(node, wire, option, value, covers)
        done = node.wait_for("spring", lambda c: c["status"] == "completed", 180)
        assert done["leads"]["total"] == _LEADS == done["leads"]["done"]
        kinds = Counter(
            (receipt["kind"], receipt["settings_digest_before"] == receipt["settings_digest_after"])
            for receipt in [
                node.cli("campaigns", "receipt", "spring", "--id", str(n))
                for n in range(1, len(PARTS) + 1)
            ]
        )
        assert kinds == {("part", True): len(PARTS)}
        assert node.cli("receipts", "verify")["intact"] is True


def _try_part(node: Node, wire: Wire, option: str, value: str, covers: Covers) -> None:
    before = wire.invites()
    assert any(covers(line) for line in before[-_CPS:]), f"no call of {value} that could go on"
    answer = node.cli("campaigns", "pause", "spring", option, value)
    assert answer["campaign"]["status"] == "running"
    confirmed_at = material.moment(answer["receipt"]["confirmed_at"])
    time.sleep(_QUIET_S)
    since = wire.invites(confirmed_at)
    late = [line for line in since if covers(line)]
    assert late == [], f"{option} {value}: {len(late)} of {len(since)} after the confirmation"
    assert len(since) > _CPS * _QUIET_S / 4, f"{option} {value}: the rest did not go on"
    node.cli("campaigns", "resume", "spring", option, value)
    released_at = time.time()
    wait_until(
        lambda: any(covers(line) for line in wire.invites(released_at)),
        20,
        lambda: f"{option} {value} did not come back: {node.campaign('spring')}",
    )


def test_a_cell_killed_as_a_part_is_paused_calls_nobody_of_it_and_loses_no_lead(
    node: Node, tmp_path: Path
) -> None:
    first = tmp_path / "one"
    first.mkdir()
    second = tmp_path / "two"
    second.mkdir()
    with practice_carrier(first, *_QUICK) as one, practice_carrier(second, *_QUICK) as two:
        carriers = {"one": one, "two": two}
        lists = _prepare(node, carriers, tmp_path)
        wire = Wire(carriers, lists)
        node.cli("campaigns", "start", "spring")
        wait_until(lambda: len(wire.invites()) > 2 * _CPS, 30, node.output)
        node.kill("cell")
        answer = node.cli("campaigns", "pause", "spring", "--list", "odd")
        receipt = answer["receipt"]
        assert receipt["confirmed_by"] in ("acknowledgement", "expiry")
        confirmed_at = material.moment(receipt["confirmed_at"])
        # The next cell works through the other list, and only that.
        node.wait_for("spring", lambda c: "odd" in str(c["why"]) and c["leads"]["due"] == 0, 180)
        odd = [line for line in wire.invites(confirmed_at) if "odd" in line["lists"]]
        assert odd == []
        node.cli("campaigns", "resume", "spring", "--all-parts")
        done = node.wait_for("spring", lambda c: c["status"] == "completed", 180)
        assert done["leads"]["done"] == done["leads"]["total"] == _LEADS
        # What a trunk refuses for its own reasons goes to the other one, in the same attempt.
        refused = wire.refused()
        dialled = Counter(
            line["to"]
            for line in wire.invites()
            if not line.get("retransmission") and line["call_id"] not in refused
        )
        unknown = {c["number"] for c in node.calls("spring") if c["outcome"] == "unknown"}
        twice = {phone for phone, n in dialled.items() if n > 1}
        again = {c["number"] for c in node.calls("spring") if c["outcome"] == "cancelled"}
        assert twice <= again | unknown
