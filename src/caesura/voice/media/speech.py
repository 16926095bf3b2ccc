"""Does the callee speak? By the loudness of G.711 frames. Pure: no I/O, no clock of its own.

Loudness of a frame (20 ms) is the mean absolute sample, in dB of full scale. Two things are told
apart from it:

  noise floor  the quietest moment (three frames) of the last 1.5 s. Speech dips to it between
               words, steady noise does not rise above it. It starts at -60 dBFS, so that a
               "hello" in the very first frame is heard.
  speech       at least 8 dB above the floor and above -45 dBFS, in three of five frames (a click
               is shorter), until `silence_ms` have gone by without a frame as loud as that.

Packets that do not come count as silence: callees with voice activity detection send none.
Not here: what is said, and whether a person or a machine says it.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Final

from caesura.voice.media import g711
from caesura.voice.media.rtp import PACKET_BYTES

_QUIET_DBFS: Final = -45.0  # below this nothing is speech, however quiet the line
_MARGIN_DB: Final = 8.0  # speech is at least so far above the noise floor
_FLOOR_START_DBFS: Final = -60.0
_FLOOR_MAX_DBFS: Final = -28.0  # so that a loud line cannot make all speech inaudible
_BLOCK_FRAMES: Final = 15  # 300 ms
_BLOCKS: Final = 5  # of which the floor is the minimum: 1.5 s
_ONSET_FRAMES: Final = 3  # loud ones, of the last five
_ONSET_WINDOW: Final = 0b11111


def _magnitudes(codec: str) -> tuple[bytes, bytes]:
    """Tables from a G.711 byte to the high and low byte of its magnitude."""
    magnitudes = [abs(value) for value in g711.LINEAR[codec]]
    return bytes(m >> 8 for m in magnitudes), bytes(m & 0xFF for m in magnitudes)


_MAGNITUDES: Final = {codec: _magnitudes(codec) for codec in g711.CODECS}


def loudness_dbfs(frame: bytes, codec: str) -> float:
    """Mean absolute sample in dB of full scale; -100 for digital silence or an empty frame.

    Two translations and two sums: 160 samples in about 3 us, without a numeric library.
    """
    high, low = _MAGNITUDES[codec]
    total = (sum(frame.translate(high)) << 8) + sum(frame.translate(low))
    if not total:
        return -100.0
    return max(-100.0, 20.0 * math.log10(total / (len(frame) * 32768.0)))


class SpeechDetector:
    """Listens to one callee. `feed` each audio payload, ask `poll` now and then."""

    __slots__ = (
        "_block_frames",
        "_block_quietest",
        "_codec",
        "_floors",
        "_last_loud",
        "_loud",
        "_recent",
        "_rest",
        "_silence_s",
        "_threshold",
        "speaking",
    )

    def __init__(self, codec: str, silence_ms: int) -> None:
        self._codec = codec
        self._silence_s = silence_ms / 1000.0
        self.speaking = False
        self._last_loud = 0.0  # monotonic seconds
        self._loud = 0  # one bit a frame, the newest lowest
        self._recent = (_FLOOR_START_DBFS, _FLOOR_START_DBFS)  # loudness of the two frames before
        self._block_frames = 0
        self._block_quietest = 0.0
        self._floors: deque[float] = deque([_FLOOR_START_DBFS] * _BLOCKS, maxlen=_BLOCKS)
        self._threshold = _QUIET_DBFS
        self._rest = b""  # of a payload that is no multiple of a frame

    def feed(self, payload: bytes, now: float) -> bool | None:
        """Hear a payload that arrived `now` (monotonic seconds).

        Returns True if the callee began to speak, False if they stopped, None if nothing changed.
        """
        if self._rest or len(payload) != PACKET_BYTES:
            payload = self._rest + payload
            whole = len(payload) - len(payload) % PACKET_BYTES
            self._rest = payload[whole:]
            frames = [payload[n : n + PACKET_BYTES] for n in range(0, whole, PACKET_BYTES)]
        else:
            frames = [payload]
        for frame in frames:
            self._hear(loudness_dbfs(frame, self._codec), now)
        if not self.speaking and self._loud.bit_count() >= _ONSET_FRAMES:
            self.speaking = True
            return True
        return self.poll(now)

    def poll(self, now: float) -> bool | None:
        """Returns False if the callee has stopped speaking, packets or not; else None."""
        if self.speaking and now - self._last_loud >= self._silence_s:
            self.speaking = False
            self._loud = 0
            return False
        return None

    def _hear(self, level: float, now: float) -> None:
        loud = level >= self._threshold
        self._loud = (self._loud << 1 | loud) & _ONSET_WINDOW
        if loud:
            self._last_loud = now
        before, last = self._recent
        self._recent = (last, level)
        smooth = (before + last + level) / 3.0
        self._block_quietest = min(self._block_quietest, smooth)
        self._block_frames += 1
        if self._block_frames == _BLOCK_FRAMES:
            self._floors.append(self._block_quietest)
            self._block_frames, self._block_quietest = 0, 0.0
            floor = min(_FLOOR_MAX_DBFS, *self._floors)
            self._threshold = max(_QUIET_DBFS, floor + _MARGIN_DB)
