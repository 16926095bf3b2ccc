"""Who talks with whom: the two ends of a conversation. Pure: no I/O.

An end is a callee's or a telephone's stream (plane.py), or a desk (desk.py). Each is in one
conversation at most. What one end says goes to the other end's sender as it comes (sender.py).
"""

from __future__ import annotations

from caesura.voice.media.rtp import Packet
from caesura.voice.media.sender import Sender


class End:
    """One end. `sender` is what it hears, so what the other one says is passed on to that."""

    def __init__(self, sender: Sender) -> None:
        self.sender = sender
        self.other: End | None = None
        self.on_hold = False

    @property
    def talks(self) -> bool:
        """Whether it hears somebody, and is heard."""
        other = self.other
        return other is not None and not (self.on_hold or other.on_hold)

    def said(self, packet: Packet, codec: str | None) -> None:
        """Pass on audio in `codec`, or a telephone event (None)."""
        other = self.other
        if other is not None and not (self.on_hold or other.on_hold):
            other.sender.forward(packet, codec)

    def fell_silent(self) -> None:
        """It said that it sends nothing for now (comfort noise, RFC 3389)."""
        if self.other is not None:
            self.other.sender.rest()

    def is_there(self, now: float) -> bool:
        """Whether somebody is at it, as far as one can tell."""
        raise NotImplementedError

    def prepare_for(self, other: End) -> None:
        """It will hear `other`."""


def join(one: End, other: End) -> None:
    """Let them talk; each leaves the conversation that it is in."""
    part(one)
    part(other)
    one.prepare_for(other)
    other.prepare_for(one)
    one.other, other.other = other, one


def part(end: End) -> None:
    """Let it, and whom it talks to, hear nobody."""
    other = end.other
    if other is not None:
        end.other = other.other = None
        end.sender.rest()
        other.sender.rest()


def hold(end: End) -> None:
    """Let neither hear the other for now."""
    end.on_hold = True
    end.sender.rest()
    if end.other is not None:
        end.other.sender.rest()
