"""Passwords: argon2id hashes (RFC 9106), and one-time passwords.

A hash takes about 50 ms and 64 MiB on purpose, so it is computed on a thread, and no more than a
few at once.
"""

from __future__ import annotations

import asyncio
import secrets
import unicodedata
from functools import cache

from argon2 import PasswordHasher, profiles
from argon2.exceptions import InvalidHashError, VerificationError

from caesura.errors import Invalid

LENGTH_MIN, LENGTH_MAX = 12, 200
_AT_ONCE_MAX = 2
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is mistaken for another when typed
_GROUPS, _GROUP_LENGTH = 4, 5  # 31^20: 99 bits

# RFC 9106, section 4: the second recommended option (64 MiB, 3 passes).
_hasher = PasswordHasher.from_parameters(profiles.RFC_9106_LOW_MEMORY)


def one_time() -> str:
    """A password that somebody reads aloud or copies once."""
    groups = (
        "".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS)
    )
    return "-".join(groups)


def check(password: str, field: str) -> None:
    """Raise Invalid, naming `field`, for a password that must not be chosen.

    Length is what counts; no rule on kinds of characters (NIST SP 800-63B, section 3.1.1.2).
    """
    if len(_normal(password)) < LENGTH_MIN:
        raise Invalid(f"A password has at least {LENGTH_MIN} characters.", field)
    if len(password) > LENGTH_MAX:
        raise Invalid(f"A password has at most {LENGTH_MAX} characters.", field)
    if len(set(password)) < 4:
        raise Invalid("A password has at least four different characters.", field)


async def hashed(password: str) -> str:
    """The hash to keep: with its algorithm, parameters and salt."""
    async with _gate():
        return await asyncio.to_thread(_hasher.hash, _normal(password))


async def verify(password: str, kept: str | None) -> bool:
    """Whether it is the password of the hash. None, for nobody's, takes as long and is False."""
    async with _gate():
        return await asyncio.to_thread(_verify, password, kept)


def is_outdated(kept: str) -> bool:
    """Whether the hash was made with other parameters than are used now."""
    return _hasher.check_needs_rehash(kept)


def _verify(password: str, kept: str | None) -> bool:
    nobodys = _nobodys()  # made also where it is not used: its making must not tell the two apart
    try:
        matches = _hasher.verify(kept or nobodys, _normal(password)[:LENGTH_MAX])
    except (VerificationError, InvalidHashError):
        return False
    return matches and kept is not None


@cache
def _nobodys() -> str:
    return _hasher.hash(secrets.token_urlsafe())


def _normal(password: str) -> str:
    # Keyboards differ in how they send one and the same letter (NIST SP 800-63B, 3.1.1.2).
    return unicodedata.normalize("NFKC", password)


_gates: dict[asyncio.AbstractEventLoop, asyncio.Semaphore] = {}


def _gate() -> asyncio.Semaphore:
    loop = asyncio.get_running_loop()
    if loop not in _gates:
        _gates.clear()  # a loop before this one has ended
        _gates[loop] = asyncio.Semaphore(_AT_ONCE_MAX)
    return _gates[loop]
