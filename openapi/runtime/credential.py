"""A credential that can be sent and cannot be shown."""

from __future__ import annotations

from typing import NoReturn

from .contract import CREDENTIAL_HEADER


class Credential:
    """The value of the header that says who asks, which nothing prints, logs or pickles.

    Args:
        token: The secret.
        prefix: The scheme that stands before it, such as `Token` or `Bearer`.

    Raises:
        ValueError: The token is empty or no text that a header can hold. It is not shown.
    """

    __slots__ = ("_prefix", "_value")

    def __init__(self, token: object, prefix: str) -> None:
        if not isinstance(token, str):
            raise TypeError(f"the token is of type {type(token).__name__}; expected str")
        if not (token and token.isascii() and token.isprintable() and " " not in token):
            raise ValueError("the token is empty, or has a character that no token has")
        if not (prefix.isascii() and prefix.isalnum()):
            raise ValueError(f"the prefix {prefix!r} is none; expected one such as 'Token'")
        self._prefix = prefix
        self._value = f"{prefix} {token}"

    def header(self) -> dict[str, str]:
        """The header that carries it. Keep it in no variable: tracebacks show those."""
        return {CREDENTIAL_HEADER: self._value}

    def __repr__(self) -> str:
        """Its scheme, and no more."""
        return f"<credential {self._prefix} ***>"

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled or copied."""
        raise TypeError("a credential is never pickled or copied; make the client anew")
