"""Every time zone name that may be written in a list, with the name it has now.

Read from the `tzdata` package, so that it is the same on every machine: `zone.tab` has the names
that are in use for each country, `tzdata.zi` the links from old names.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from caesura.rules.phone_number import RENAMED_ZONES


@cache
def known_zones() -> dict[str, str]:
    """Name in lower case -> present name. Abbreviations such as "EST" are not among them."""
    database = files("tzdata").joinpath("zoneinfo")
    current = {
        line.split("\t")[2]
        for line in database.joinpath("zone.tab").read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    }
    zones = {zone.lower(): zone for zone in current}
    for line in database.joinpath("tzdata.zi").read_text(encoding="utf-8").splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "L":  # L <present name> <old name>
            target, old = rest.split()
            if "/" in old and not old.startswith("Etc/"):
                zones.setdefault(old.lower(), RENAMED_ZONES.get(old, target))
    zones.update({"utc": "Etc/UTC", "etc/utc": "Etc/UTC"})
    return zones
