"""An uploaded sound file as what a call plays: raw G.711, 8 kHz, mono, in both laws.

Decoding, resampling and encoding are FFmpeg's, by PyAV. Channels are averaged; the level stays as
it is, and samples that resampling lifts over full scale are clipped there, never wrapped around.

Takes CPU (about 10 ms a minute of sound): call it off the event loop.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import Any, Final

import av

from caesura.errors import Invalid

RATE: Final = 8000
DURATION_S_MIN: Final = 0.1
DURATION_S_MAX: Final = 600
BYTES_MAX: Final = 256 * 1024 * 1024  # ten minutes of 48 kHz, 24 bit, stereo fit

# Only formats that hold their sound themselves. Others (playlists, concatenations) name further
# files or addresses, which FFmpeg would open on this machine for whoever uploads them.
_FORMATS: Final = "wav,w64,aiff,au,caf,flac,ogg,mp3,aac,mov,matroska,amr"
_FORMATS_FOR_PEOPLE: Final = "WAV, FLAC, MP3, OGG, M4A or AIFF"


@dataclass(frozen=True, slots=True)
class Converted:
    """A recording ready to be stored and played."""

    pcmu: bytes  # G.711 mu-law, 8 kHz, raw
    pcma: bytes  # G.711 A-law, 8 kHz, raw
    duration_ms: int
    sha256: str  # of the uploaded file


def convert(data: bytes, filename: str) -> Converted:
    """The sound file `data` for calls; `filename` is what messages call it.

    Raises Invalid if it is empty, no sound, damaged, too short, too long or too big.
    """
    if not data:
        raise _invalid(filename, "is empty. Choose the file with the recorded message.")
    if len(data) > BYTES_MAX:
        raise _invalid(
            filename,
            f"has {len(data) / 1e6:.0f} MB; at most {BYTES_MAX / 1e6:.0f} MB are taken. "
            "Save it at 8 or 16 kHz, mono.",
        )
    missing = _wav_bytes_missing(data)
    if missing:
        raise _invalid(
            filename,
            f"is cut off: its last {missing} bytes are missing. Save or upload it again.",
        )
    pcmu, pcma = _decode(data, filename)
    if len(pcmu) < DURATION_S_MIN * RATE:
        raise _invalid(
            filename,
            f"holds only {len(pcmu) * 1000 // RATE} ms of sound, which nobody can hear. "
            "Was it cut off while it was saved or uploaded?",
        )
    return Converted(
        pcmu=pcmu,
        pcma=pcma,
        duration_ms=len(pcmu) * 1000 // RATE,
        sha256=hashlib.sha256(data).hexdigest(),
    )


def _decode(data: bytes, filename: str) -> tuple[bytes, bytes]:
    """The sound as mu-law and A-law."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    mu_law, a_law = _Encoder("pcm_mulaw"), _Encoder("pcm_alaw")

    def take(frame: Any) -> None:
        for resampled in resampler.resample(frame):
            mu_law.encode(resampled)
            a_law.encode(resampled)
        if len(mu_law.done) > DURATION_S_MAX * RATE:
            raise _invalid(
                filename,
                f"is longer than {DURATION_S_MAX // 60} minutes. Shorten it, or split it into "
                "several recordings.",
            )

    try:
        with av.open(
            io.BytesIO(data),
            container_options={"format_whitelist": _FORMATS, "protocol_whitelist": "none"},
        ) as container:
            if not container.streams.audio:
                raise _invalid(filename, f"holds no sound. Upload {_FORMATS_FOR_PEOPLE}.")
            for frame in container.decode(audio=0):
                take(frame)
            take(None)
    except av.FFmpegError as error:
        if mu_law.done:
            raise _invalid(
                filename,
                f"is damaged after {len(mu_law.done) / RATE:.1f} s. Save or upload it again.",
            ) from error
        raise _invalid(
            filename, f"is no sound file that can be read. Upload {_FORMATS_FOR_PEOPLE}."
        ) from error
    return bytes(mu_law.done), bytes(a_law.done)


def _wav_bytes_missing(data: bytes) -> int:
    """How many bytes a WAV file announces and does not have; 0 for other files.

    FFmpeg plays a cut-off WAV without a word. Programs that write to a pipe announce no size (0)
    or the greatest (2 GiB and more): such files are taken as they are.
    """
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        return 0
    at = 12
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at : at + 4] == b"data":
            return max(0, at + 8 + size - len(data)) if size < 0x7FFF0000 else 0
        at += 8 + size + size % 2
    return 0


class _Encoder:
    """Collects frames of 8 kHz mono 16-bit samples as one of the two laws."""

    def __init__(self, codec: str) -> None:
        self.done = bytearray()
        self._context: Any = av.CodecContext.create(codec, "w")
        self._context.sample_rate = RATE
        self._context.layout = "mono"
        self._context.format = "s16"

    def encode(self, frame: Any) -> None:
        for packet in self._context.encode(frame):
            self.done += bytes(packet)


def _invalid(filename: str, problem: str) -> Invalid:
    return Invalid(f"{filename!r} {problem}", field="recording")
