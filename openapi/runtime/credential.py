"""A credential that can be sent but not shown."""

from __future__ import annotations

import logging
import re
from base64 import b64encode
from typing import Any, NoReturn, TypeVar
from urllib.parse import quote

from .contract import CREDENTIAL_HEADER, CREDENTIAL_NAME, CREDENTIAL_PLACE

Text = TypeVar("Text", str, bytes)
_SHORTEST = 16  # characters of a token that is looked for in responses


def fault_of(token: Any, prefix: str) -> Exception | None:
    """Return the error about a token that can't be sent, which does not show it, or None."""
    if not isinstance(token, str):
        return TypeError(f"invalid token: expected str, got {type(token).__name__}")
    taken = " ;" if CREDENTIAL_PLACE == "cookie" else " "
    if token.strip() != token:
        fault = "it starts or ends with white space, such as a line break; strip it"
    elif not (token and token.isascii() and token.isprintable()) or set(taken) & set(token):
        fault = f"it is empty or has a character that a {CREDENTIAL_PLACE} can't hold"
    elif prefix and not (prefix.isascii() and prefix.isalnum()):
        return ValueError(f"invalid prefix {prefix!r}: expected one word, such as 'Token'")
    else:
        return None
    return ValueError(f"invalid token: {fault}")


class Credential:
    """The value with the token, which is never printed, logged or pickled.

    Args:
        token: The secret, without a fault; for `Basic` a user and a password, `user:password`.
        prefix: The scheme before it, such as `Token` or `Bearer`.
    """

    __slots__ = ("_forms", "_prefix", "_value")

    def __init__(self, token: str, prefix: str) -> None:
        self._prefix = prefix
        given = token
        if prefix == "Basic" and ":" in token:
            token = b64encode(token.encode()).decode()
        self._value = f"{prefix} {token}" if prefix else token
        # A short token could be a word of the response.
        forms = {given, token, token.replace("/", r"\/"), quote(token, safe="")}
        self._forms: set[str] = forms if len(given) >= _SHORTEST else set()

    def header(self) -> dict[str, str]:
        """Return the header, if it is one. Keep it in no variable: tracebacks show those."""
        if CREDENTIAL_PLACE == "cookie":
            return {CREDENTIAL_HEADER: f"{CREDENTIAL_NAME}={self._value}"}
        return {CREDENTIAL_HEADER: self._value} if CREDENTIAL_HEADER else {}

    def url(self, url: str) -> str:
        """Return the URL to send to, which carries the token where the contract wants that."""
        if CREDENTIAL_PLACE == "query":
            return f"{url}?{quote(CREDENTIAL_NAME, safe='')}={quote(self._value, safe='')}"
        return url

    def redact(self, text: Text) -> Text:
        """Return text or bytes of a server without the token, which it may have echoed."""
        for form in self._forms:
            if isinstance(text, str):
                text = text.replace(form, "***")
            else:
                text = text.replace(form.encode(), b"***")
        return text

    def __repr__(self) -> str:
        return f"<credential {self._prefix} ***>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a credential cannot be pickled or copied; create a new client")


def hide_in_logs(*names: str) -> None:
    """Hide the token in the URLs that these loggers write."""
    if CREDENTIAL_PLACE == "query":
        for name in names:
            logging.getLogger(name).addFilter(_without_token)


def _without_token(record: logging.LogRecord) -> bool:
    start = re.escape(f"?{quote(CREDENTIAL_NAME, safe='')}=")
    record.msg, record.args = re.sub(rf"({start})[^&\s\"]*", r"\1***", record.getMessage()), ()
    return True
