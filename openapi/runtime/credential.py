"""A credential that can be sent and cannot be shown."""

from __future__ import annotations

from typing import Any, NoReturn

from .contract import CREDENTIAL_HEADER

_SHORTEST = 16  # characters of a token that is looked for in responses


def fault_of(token: Any, prefix: str) -> str | None:
    """Return what is wrong with a token, without showing it, or None."""
    if not isinstance(token, str):
        return f"invalid token: expected str, got {type(token).__name__}"
    if token.strip() != token:
        return "invalid token: it starts or ends with white space, such as a line break; strip it"
    if not (token and token.isascii() and token.isprintable() and " " not in token):
        return "invalid token: it is empty or has a character that a header can't hold"
    if prefix and not (prefix.isascii() and prefix.isalnum()):
        return f"invalid prefix {prefix!r}: expected one word, such as 'Token'"
    return None


class Credential:
    """The value of the header with the token, which is never printed, logged or pickled.

    Args:
        token: The secret, without a fault.
        prefix: The scheme before it, such as `Token` or `Bearer`.
    """

    __slots__ = ("_forms", "_prefix", "_value")

    def __init__(self, token: str, prefix: str) -> None:
        self._prefix = prefix
        self._value = f"{prefix} {token}" if prefix else token
        # A short one could be a word of the response.
        is_long = len(token) >= _SHORTEST
        self._forms: set[str] = {token, token.replace("/", r"\/")} if is_long else set()

    def header(self) -> dict[str, str]:
        """Return the header. Keep it in no variable: tracebacks show those."""
        return {CREDENTIAL_HEADER: self._value}

    def redact(self, text: str) -> str:
        """Return what a server sent without the token, which it may have echoed."""
        for form in self._forms:
            text = text.replace(form, "***")
        return text

    def redact_bytes(self, data: bytes) -> bytes:
        """Return a body without the token."""
        for form in self._forms:
            data = data.replace(form.encode(), b"***")
        return data

    def __repr__(self) -> str:
        return f"<credential {self._prefix} ***>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a credential is never pickled or copied; make the client anew")
