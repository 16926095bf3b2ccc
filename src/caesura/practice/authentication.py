"""Digest authentication as a carrier asks for it (RFC 3261 section 22, RFC 8760)."""

from __future__ import annotations

from typing import Any

from sippy.SipProxyAuthenticate import SipProxyAuthenticate
from sippy.SipWWWAuthenticate import SipWWWAuthenticate

from caesura.practice.dialog import header, respond

_ALGORITHM = "MD5"  # what most carriers still ask for


class Gatekeeper:
    """Lets requests in that carry the right user name and password; nonces last 32 s or so."""

    def __init__(self, username: str, password: str, realm: str = "caesura.practice") -> None:
        self._username = username
        self._password = password
        self._realm = realm

    def challenge(self, request: Any) -> Any | None:
        """The 401 or 407 to send, or None if the request may pass.

        401 is a registrar's, 407 a proxy's way to ask (sections 22.2 and 22.3).
        """
        registers = request.getMethod() == "REGISTER"
        name = "authorization" if registers else "proxy-authorization"
        if any(self._accepts(body, request) for body in request.getHFBodys(name)):
            return None
        kind = SipWWWAuthenticate if registers else SipProxyAuthenticate
        nonce = kind(realm=self._realm, algorithm=_ALGORITHM).nonce
        value = f'Digest realm="{self._realm}", nonce="{nonce}", algorithm={_ALGORITHM}, qop="auth"'
        if registers:
            return respond(request, 401, "Unauthorized", header("WWW-Authenticate", value))
        ask = header("Proxy-Authenticate", value)
        return respond(request, 407, "Proxy Authentication Required", ask)

    def _accepts(self, credentials: Any, request: Any) -> bool:
        try:
            right: bool = credentials.verify(self._password, request.getMethod())
        except (ValueError, KeyError, AttributeError, TypeError, IndexError):
            return False  # not credentials at all
        return right and credentials.username == self._username
