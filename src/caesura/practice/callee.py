"""The ears and mouth of one practice callee: what it says, presses and hears over RTP."""

from __future__ import annotations

from caesura.practice import sound
from caesura.practice.behaviour import Behaviour
from caesura.practice.session_description import Offer
from caesura.voice.media import g711, rtp, tones
from caesura.voice.media.rtp import PACKET_BYTES, Packet
from caesura.voice.media.streams import StreamSet

_EARLY_MEDIA_S = 60.0  # how much ringing tone is prepared; the answer replaces it
_HUM_MS = 1000  # again and again


class Callee:
    """One open RTP stream; closed with the call."""

    def __init__(
        self,
        streams: StreamSet,
        host: str,
        offer: Offer,
        *,
        hum_hz: float | None = None,
        keeps: bool = False,
    ) -> None:
        """Bind any free port of `host`. Raises OSError if there is none left.

        `hum_hz`: a tone that is hummed after the greeting; None: silence. `keeps`: `recording` has
        what was heard.
        """
        assert offer.codec is not None
        self._hum_hz = hum_hz
        self._kept = bytearray() if keeps else None
        self._codec = offer.codec
        self._silence = rtp.SILENCE[offer.codec]
        self.packets_with_sound = 0  # heard, and not silence: somebody spoke or played
        self._stream = streams.open(
            host, 0, (offer.host, offer.port),
            codec=offer.codec, event_type=offer.event_type, on_packet=self._on_packet,
        )  # fmt: skip

    @property
    def port(self) -> int:
        return self._stream.port

    @property
    def packets_heard(self) -> int:
        return self._stream.reception.received

    @property
    def packets_sent(self) -> int:
        return self._stream.packets_sent

    def ring(self) -> None:
        """Play the ringing tone of early media until `answer`."""
        self._stream.play(sound.ringing(self._codec, _EARLY_MEDIA_S))

    def answer(self, behaviour: Behaviour) -> None:
        """Say the greeting, beep if it is a machine, then be silent and listen."""
        words = sound.speech(self._codec, behaviour.greeting_s)
        if behaviour.beep_s:
            words += sound.beep(self._codec, behaviour.beep_s)
        if words:
            self._stream.play(words, self._hum)
        else:
            self._hum()

    def _hum(self) -> None:
        if self._hum_hz is None:
            self._stream.stop()
        else:
            hum = tones.sine(self._hum_hz, _HUM_MS, codec=self._codec)
            self._stream.play(hum, loop=True)

    @property
    def recording(self) -> list[int] | None:
        """What was heard, in samples of 16 bits; gaps are left out. None: it was not kept."""
        return None if self._kept is None else g711.decode(bytes(self._kept), self._codec)

    def press(self, digit: str) -> bool:
        """Press a key (RFC 4733); False if the other side takes no telephone events."""
        if self._stream.event_type is None:
            return False
        self._stream.press(digit)
        return True

    def close(self) -> None:
        self._stream.close()

    def _on_packet(self, packet: Packet, _at: float) -> None:
        # Comfort noise and events are not sound; a packet of mostly silent samples is none either.
        if (
            packet.payload_type == self._stream.payload_type
            and packet.payload.count(self._silence) < PACKET_BYTES // 2
        ):
            self.packets_with_sound += 1
        if self._kept is not None and packet.payload_type == self._stream.payload_type:
            self._kept += packet.payload
