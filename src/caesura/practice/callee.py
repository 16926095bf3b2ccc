"""The ears and mouth of one practice callee: what it says, presses and hears over RTP."""

from __future__ import annotations

from caesura.practice import sound
from caesura.practice.behaviour import Behaviour
from caesura.practice.session_description import Offer
from caesura.voice.media import rtp
from caesura.voice.media.rtp import PACKET_BYTES, Packet
from caesura.voice.media.streams import StreamSet

_EARLY_MEDIA_S = 60.0  # how much ringing tone is prepared; the answer replaces it


class Callee:
    """One open RTP stream; closed with the call."""

    def __init__(self, streams: StreamSet, host: str, offer: Offer) -> None:
        """Bind any free port of `host`. Raises OSError if there is none left."""
        assert offer.codec is not None
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
            self._stream.play(words)
        else:
            self._stream.stop()

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
