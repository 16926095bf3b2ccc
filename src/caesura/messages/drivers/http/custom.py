"""An HTTP API by configuration: templates for the request, and where the answer has what.

Pure. The places of the options are described in caesura.messages.port: HttpOptions.
"""

from __future__ import annotations

from typing import Any

from caesura.messages.drivers.driver import Doubt, Refused, Result, Taken
from caesura.messages.drivers.http.request import (
    HttpRequest,
    fill,
    in_header,
    in_json,
    in_url,
    read_json,
)
from caesura.messages.port import Fault, HttpOptions, ProviderConfig, Submit

_CONTENT = {"form": "application/x-www-form-urlencoded", "json": "application/json"}


def request(config: ProviderConfig, options: HttpOptions, submit: Submit) -> HttpRequest:
    values = {
        "sender": submit.sender,
        "recipient": submit.recipient,
        "text": submit.text,
        "attempt": str(submit.attempt),
        "username": config.username or "",
        "password": config.password or "",
    }
    quoted = in_json if options.content == "json" else in_url
    headers = {
        name.lower(): fill(text, values, in_header) for name, text in options.headers.items()
    }
    body = fill(options.body, values, quoted).encode()
    if body:
        headers.setdefault("content-type", _CONTENT[options.content])
    return HttpRequest(options.method, fill(options.path, values, in_url), headers, body)


def answer(options: HttpOptions, status: int, body: bytes) -> Result:
    """2xx has taken it; 5xx may have, except for 503, which says that it did nothing."""
    said = read_json(body)
    if 200 <= status < 300:
        found = _at(said, options.id_at)
        # Without an id it was taken all the same; only receipts cannot be told to be its.
        return Taken([str(found)] if isinstance(found, str | int) else [])
    if status >= 500 and status != 503:
        return Doubt(f"HTTP {status}: whether the message was taken is not known.")
    code, reason = _at(said, options.error_code_at), _at(said, options.error_at)
    fault, sentence = _by_status(status)
    return Refused(
        permanent=fault != "provider" and status not in (408, 425),
        fault=fault,
        code=f"HTTP {status}" + (f"/{code}" if isinstance(code, str | int) else ""),
        reason=sentence + (f" It says: {reason}" if isinstance(reason, str) and reason else ""),
        throttled=status == 429,
    )


def _by_status(status: int) -> tuple[Fault, str]:
    if status in (401, 403):
        return "provider", "The API refuses the login. Check its username and password, or token."
    if status in (404, 405):
        return "provider", "The API does not know this address. Check path and method."
    if status == 402:
        return "provider", "The API wants to be paid: check the account's credit."
    if status == 429:
        return "provider", "The API asks for less: lower this provider's messages per second."
    if status == 503:
        return "provider", "The API cannot take it now; try again later."
    return "message", f"The API refuses it with HTTP {status}."


def _at(value: Any, path: str) -> Any:
    """What lies at "messages.0.id"; None if nothing does."""
    for step in path.split("."):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value
