"""The practice message centre's mail server: takes e-mail and keeps nothing but its log line."""

from __future__ import annotations

import asyncio
import email
import email.policy
import logging
import time
import warnings
from typing import TYPE_CHECKING, Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from caesura.practice.recipients import Fate

if TYPE_CHECKING:
    from caesura.practice.message_centre import MessageCentre

# By the fate: what is answered to RCPT, and to the content.
_AT_RCPT: dict[Fate, str] = {
    Fate.NO_SUCH_NUMBER: "550 5.1.1 No such user here",
    Fate.SENDER_REFUSED: "550 5.7.1 Sender not allowed",
    Fate.SYSTEM_ERROR: "451 4.3.0 Local error in processing",
    Fate.THROTTLED: "450 4.7.0 Too many messages, slow down",
    Fate.THROTTLED_ONCE: "450 4.7.0 Too many messages, slow down",
}


logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd's, of every line


class _Handler:
    """aiosmtpd calls these; what they return is the server's answer."""

    def __init__(self, centre: MessageCentre) -> None:
        self._centre = centre
        self._fates: dict[int, Fate] = {}  # by session, of the message under way

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        at, fate = time.time(), self._centre.fate(address)
        refusal = _AT_RCPT.get(fate)
        if self._centre.over_rate(at):
            refusal = _AT_RCPT[Fate.THROTTLED]
        if refusal is not None:
            self._centre.log.write(
                "refused", at, kind="smtp", sender=envelope.mail_from, recipient=address,
                fate=fate, status=int(refusal[:3]),
            )  # fmt: skip
            return refusal
        self._fates[id(session)] = fate
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        at = time.time()
        fate = self._fates.pop(id(session), Fate.DELIVERED)
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode()
        message = email.message_from_bytes(raw, policy=email.policy.default)
        text, html = message.get_body(("plain",)), message.get_body(("html",))
        self._centre.log.write(
            "submit", at, kind="smtp", connection=str(session.peer),
            sender=envelope.mail_from, recipient=envelope.rcpt_tos[0],
            subject=str(message["subject"]), text="" if text is None else text.get_content(),
            html=None if html is None else html.get_content(), part=1, parts=1,
            message_id=str(message["message-id"]), fate=fate, status=250,
            headers={name.lower(): str(value) for name, value in message.items()},
            authenticated=bool(session.authenticated), tls=session.ssl is not None,
        )  # fmt: skip
        await asyncio.sleep(self._centre.answer_after(fate))
        if fate is Fate.LOST_BEFORE:
            cast(asyncio.Transport, server.transport).abort()
        elif fate is Fate.NEVER_ANSWERED:
            await asyncio.sleep(3600)
        return "250 2.0.0 OK: queued as practice"


def mail_server(centre: MessageCentre, tls: Any) -> SMTP:
    """An asyncio protocol: one connection of the mail server."""
    settings = centre.settings

    def may(_server: Any, _session: Any, _envelope: Any, mechanism: str, given: Any) -> AuthResult:
        good = (
            isinstance(given, LoginPassword)
            and given.login.decode() == settings.username
            and given.password.decode() == (settings.password or "")
        )
        return AuthResult(success=good, handled=False)

    asks = settings.username is not None
    with warnings.catch_warnings():  # it finds passwords without TLS unwise, and is right
        warnings.simplefilter("ignore")
        return SMTP(
            _Handler(centre),
            hostname="practice",
            ident="practice",
            enable_SMTPUTF8=True,
            tls_context=tls,
            auth_required=asks,
            auth_require_tls=False,
            authenticator=may if asks else None,
        )
