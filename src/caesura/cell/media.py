"""The cell's hands on its media process: which port a call uses, what it hears, who talks to it.

Ports are handed out here and bound by the media process when the call is answered, so that dialling
waits for nobody.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from uuid import UUID

from caesura.cell.voice_link import VoiceLink
from caesura.voice.port import (
    Answered,
    Bridge,
    Bridged,
    CloseDesk,
    CloseStream,
    DeskAnswer,
    DeskConnected,
    DeskFailed,
    DeskLost,
    Hold,
    MediaReady,
    NotDone,
    OpenDesk,
    OpenStream,
    Play,
    Retrieve,
    SendDigits,
    StopPlaying,
    ToMedia,
    Unbridge,
)

DeskMessage = DeskAnswer | DeskConnected | DeskFailed | DeskLost | Bridged | NotDone


class Media:
    """Ports and streams, over a link that may come and go."""

    def __init__(self) -> None:
        self.link: VoiceLink | None = None  # set once, when the cell is put together
        self.on_desk: Callable[[DeskMessage], None] | None = None  # set by whoever has desks
        self.host = ""
        self._free: deque[int] = deque()  # the longest unused first: late packets find nobody
        self._ports: dict[UUID, int] = {}
        self._codecs: dict[UUID, str] = {}
        self._closing: set[UUID] = set()  # ended calls whose StreamClosed is awaited

    @property
    def ready(self) -> bool:
        return bool(self.host)

    @property
    def room(self) -> int:
        """How many more calls can have a port."""
        return len(self._free) if self.ready else 0

    def became_ready(self, ready: MediaReady) -> None:
        """A new media process: all its ports are free but those that calls were promised."""
        self.host = ready.host
        promised = set(self._ports.values())
        self._free = deque(port for port in ready.ports if port not in promised)

    def lost(self) -> None:
        self.host = ""
        self._codecs.clear()
        for attempt in self._closing.copy():
            self.release(attempt)

    def reserve(self, attempt: UUID) -> tuple[str, int] | None:
        """The address that the call's SDP names; None if there is no port left."""
        if not self.room:
            return None
        port = self._ports[attempt] = self._free.popleft()
        return self.host, port

    def release(self, attempt: UUID) -> None:
        """The call is over and its stream, if it had one, is closed."""
        port = self._ports.pop(attempt, None)
        self._codecs.pop(attempt, None)
        self._closing.discard(attempt)
        if port is not None:
            self._free.append(port)

    def open(self, answered: Answered, silence_ms: int) -> None:
        self._codecs[answered.attempt] = answered.codec
        self._send(
            OpenStream(
                attempt=answered.attempt,
                port=self._ports[answered.attempt],
                remote_host=answered.rtp_host,
                remote_port=answered.rtp_port,
                codec=answered.codec,
                dtmf_payload_type=answered.dtmf_payload_type,
                silence_ms=silence_ms,
            )
        )

    def codec(self, attempt: UUID) -> str | None:
        """The codec of the call's open stream."""
        return self._codecs.get(attempt)

    def play(self, attempt: UUID, path: str) -> None:
        self._send(Play(attempt=attempt, path=path))

    def stop_playing(self, attempt: UUID) -> None:
        self._send(StopPlaying(attempt=attempt))

    def close(self, attempt: UUID) -> None:
        self._closing.add(attempt)
        self._send(CloseStream(attempt=attempt))

    # ------------------------------------------------------- desks and bridges

    def open_desk(
        self, desk: UUID, offer: str, number: int, codecs: Sequence[str] = ("PCMU", "PCMA")
    ) -> None:
        """Answer a browser's offer; `number` comes back with what is told of it."""
        self._send(OpenDesk(desk=desk, offer=offer, number=number, codecs=tuple(codecs)))

    def close_desk(self, desk: UUID) -> None:
        self._send(CloseDesk(desk=desk))

    def bridge(self, attempt: UUID, peer: UUID, *, beep: bool = False) -> None:
        """Let the attempt's open stream and a desk, or another stream, hear each other.

        `beep`: the peer, a telephone, is told by a short tone.
        """
        self._send(Bridge(attempt=attempt, peer=peer, beep=beep))

    def unbridge(self, attempt: UUID) -> None:
        self._send(Unbridge(attempt=attempt))

    def hold(self, attempt: UUID, path: str | None = None) -> None:
        """`path` is raw G.711 in the stream's codec, played again and again; None: silence."""
        self._send(Hold(attempt=attempt, path=path))

    def retrieve(self, attempt: UUID) -> None:
        self._send(Retrieve(attempt=attempt))

    def send_digits(self, attempt: UUID, digits: str) -> None:
        self._send(SendDigits(attempt=attempt, digits=digits))

    def told(self, message: DeskMessage) -> None:
        """The media process said something of a desk or a bridge."""
        if self.on_desk is not None:
            self.on_desk(message)

    def _send(self, message: ToMedia) -> None:
        if self.link is not None:
            self.link.send(message)
