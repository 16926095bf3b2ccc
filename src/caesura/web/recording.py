"""/recordings: the messages that answered calls hear."""

from __future__ import annotations

import asyncio
import struct
from pathlib import PurePath
from typing import Annotated

from fastapi import APIRouter, File, Form, Response, UploadFile
from pydantic import BaseModel

from caesura.errors import Invalid
from caesura.store import recording
from caesura.store.database import Connection
from caesura.voice.recording import BYTES_MAX, RATE, convert
from caesura.web.caller import Actor, Db
from caesura.web.paging import Page, PagingQuery
from caesura.web.request import Creating, Name, path_to
from caesura.web.views import Moment

router = APIRouter(prefix="/recordings", tags=["recordings"])

_NAME_LENGTH_MAX = 200


class RecordingView(BaseModel):
    """A recording."""

    id: int
    name: str
    sha256: str
    duration_ms: int
    created_by: str
    created_at: Moment


@router.get("")
async def list_recordings(database: Db, actor: Actor, paging: PagingQuery) -> Page[RecordingView]:
    """Recordings by name."""
    async with database.transaction() as conn:
        rows = await recording.page(conn, after=paging.after_text(), limit=paging.fetch)
    return paging.page(rows, lambda row: row["name"], RecordingView.model_validate)


@router.post("", status_code=201, response_model=RecordingView)
async def create_recording(
    creating: Creating,
    file: Annotated[UploadFile, File(description="WAV, FLAC, MP3, OGG, M4A or AIFF.")],
    name: Annotated[str | None, Form(description="Default: the file's name, stripped.")] = None,
) -> Response:
    """Upload a message; it is converted to what calls play."""
    filename = file.filename or "the file"
    kept = (name if name is not None else PurePath(filename).stem).strip()
    if not kept or len(kept) > _NAME_LENGTH_MAX or not kept.isprintable():
        raise Invalid(f"A recording's name has 1 to {_NAME_LENGTH_MAX} characters.", "name")
    if (file.size or 0) > BYTES_MAX:
        raise Invalid(f"{filename!r} is bigger than {BYTES_MAX // 2**20} MiB.", "file")
    converted = await asyncio.to_thread(convert, await file.read(), filename)

    async def work(conn: Connection) -> RecordingView:
        row = await recording.create(
            conn,
            kept,
            sha256=converted.sha256,
            duration_ms=converted.duration_ms,
            pcmu=converted.pcmu,
            pcma=converted.pcma,
            actor=creating.actor,
        )
        return RecordingView.model_validate(row)

    return await creating.run(
        work,
        location=lambda body: path_to("recordings", body["name"]),
        content=f"{kept}\n{converted.sha256}".encode(),
    )


@router.get("/{name}")
async def get_recording(name: Name, database: Db, actor: Actor) -> RecordingView:
    """One recording."""
    async with database.transaction() as conn:
        return RecordingView.model_validate(await recording.read(conn, name))


@router.get(
    "/{name}/audio",
    response_class=Response,
    responses={200: {"content": {"audio/wav": {}}, "description": "16 bit, 8 kHz, mono."}},
)
async def get_audio(name: Name, database: Db, actor: Actor) -> Response:
    """The recording as callees hear it, as WAV."""
    async with database.transaction() as conn:
        sound = await recording.audio(conn, name)
    return Response(wav(sound), media_type="audio/wav")


@router.delete("/{name}", status_code=204)
async def delete_recording(name: Name, database: Db, actor: Actor) -> None:
    """Remove a recording that no campaign which may still dial plays."""
    async with database.transaction() as conn:
        await recording.delete(conn, name)


def wav(pcmu: bytes) -> bytes:
    """Raw mu-law, 8 kHz, as a WAV file of 16-bit samples, which every player plays."""
    samples = bytearray(2 * len(pcmu))
    samples[0::2] = pcmu.translate(_LOW)
    samples[1::2] = pcmu.translate(_HIGH)
    size = len(samples)
    header = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", 36 + size, b"WAVE"),
        *(b"fmt ", 16, 1, 1, RATE, 2 * RATE, 2, 16),
        *(b"data", size),
    )
    return header + samples


def _linear(code: int) -> int:
    """One mu-law byte as a 16-bit sample (ITU-T G.711, table 2a; bits are inverted on the wire)."""
    code = ~code & 0xFF
    magnitude = (((code & 0x0F) << 3) + 0x84 << (code >> 4 & 0x07)) - 0x84
    return -magnitude if code & 0x80 else magnitude


_LOW = bytes(_linear(code) & 0xFF for code in range(256))
_HIGH = bytes(_linear(code) >> 8 & 0xFF for code in range(256))
