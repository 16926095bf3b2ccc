"""A message as an e-mail. RFC 5322, RFC 2369 and RFC 8058 (one-click unsubscribing)."""

from __future__ import annotations

import re
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime

from caesura.messages.drivers.driver import Refused
from caesura.messages.port import SmtpOptions, Submit

_ADDRESS = re.compile(r"[^@\s<>,;:\"\\()\[\]]+@[^@\s<>,;:\"\\()\[\]]+\.?[^@\s.]+")


def write(
    submit: Submit, options: SmtpOptions, now: datetime
) -> tuple[EmailMessage, str] | Refused:
    """The e-mail and its Message-ID, or why there can be none.

    The id is made of the attempt, so that what comes back about it can be told to be its.
    """
    if not _ADDRESS.fullmatch(submit.sender):
        reason = f"The sender {submit.sender!r} is no e-mail address."
        return Refused(True, "message", "sender", reason)
    if not _ADDRESS.fullmatch(submit.recipient):
        reason = f"{submit.recipient!r} is no e-mail address."
        return Refused(True, "recipient", "address", reason)
    domain = options.message_id_domain or submit.sender.rpartition("@")[2]
    message_id = f"<{submit.attempt}@{domain}>"
    local = submit.sender.isascii() and submit.recipient.isascii()
    message = EmailMessage(policy=SMTP if local else SMTPUTF8)
    try:
        message["From"] = Address(_line(submit.sender_name), addr_spec=submit.sender)
        message["To"] = Address(addr_spec=submit.recipient)
        message["Subject"] = _line(submit.subject)
        message["Date"] = format_datetime(now)
        message["Message-ID"] = message_id
        if submit.reply_to is not None:
            message["Reply-To"] = Address(addr_spec=submit.reply_to)
        if submit.unsubscribe_url is not None:
            message["List-Unsubscribe"] = f"<{_line(submit.unsubscribe_url)}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058 section 3.1
    except (HeaderParseError, ValueError, IndexError) as error:
        return Refused(True, "message", "header", f"An address cannot be written: {error}.")
    # RFC 3834 section 5 and RFC 2076: nobody's holiday notice need answer this.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(submit.text)
    if submit.html is not None:
        message.add_alternative(submit.html, subtype="html")
    return message, message_id


def _line(text: str | None) -> str:
    """Without what would begin another header."""
    return re.sub(r"[\x00-\x1f\x7f]+", " ", text or "").strip()
