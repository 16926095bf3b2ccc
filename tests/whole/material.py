"""What a manager brings: a customer list, a recorded message, settings."""

from __future__ import annotations

import csv
import json
import math
import struct
import wave
from datetime import datetime
from pathlib import Path

# Fictional numbers, 555-0100 to 555-0199 in each area code (NANPA): never a real subscriber.
AREA_CODES = (201, 202, 205, 206, 207, 208, 209, 212, 213, 214, 215, 216, 217, 218, 219, 224, 225)

# Each lead is tried once, whatever comes of it, and rings 5 s at most: a run has an end that a
# test can wait for. Only who was cancelled by a pause is called again, after a second. A resume is
# at full speed at once.
ONE_TRY: dict[str, object] = {
    "retries": {"cancelled": {"after_s": 1, "number": "same"}},
    "ring_timeout_s": 5,
    "ring_minimum_s": 2,
    "ramp_up_s": 0,
}


def numbers(count: int) -> list[str]:
    """`count` different E.164 numbers."""
    found = [f"+1{area}5550{last}" for last in range(100, 200) for area in AREA_CODES]
    assert count <= len(found)
    return found[:count]


def customer_list(path: Path, phones: list[str]) -> Path:
    """A CSV with a header and one customer per number."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["name", "phone", "city"])
        writer.writerows([f"Customer {i}", phone, "Springfield"] for i, phone in enumerate(phones))
    return path


def message(path: Path, seconds: float) -> Path:
    """A WAV with a tone of that length."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        samples = (int(8000 * math.sin(2 * math.pi * 440 * n / 8000)) for n in range(_n(seconds)))
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return path


def _n(seconds: float) -> int:
    return int(seconds * 8000)


def moment(text: str) -> float:
    """An ISO time of the API as seconds since the epoch."""
    return datetime.fromisoformat(text).timestamp()


def settings(path: Path, values: dict[str, object]) -> Path:
    path.write_text(json.dumps(values))
    return path
