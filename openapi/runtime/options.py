"""The options of clients and of calls, and what they may be."""

from __future__ import annotations

import random
import ssl
from collections.abc import Mapping
from typing import Any, TypedDict

from attrs import field, frozen, validators

from .contract import CREDENTIAL_HEADER

_AT_LEAST_1 = (validators.instance_of(int), validators.ge(1))


@frozen
class Retries:
    """How to retry after a failed connection, a 429 or a 5xx.

    Waits grow from `first_wait` to `longest_wait`, with jitter, unless the server says how long to
    wait (`Retry-After` or `X-RateLimit-Reset`). If a wait would end after `seconds`, the error is
    raised at once.

    Attributes:
        attempts: The maximum number of attempts.
        seconds: The last attempt must start within so many seconds after the first.
        first_wait: The first wait, in seconds.
        longest_wait: The longest wait, in seconds, unless the server asks for a longer one.
    """

    attempts: int = field(default=3, validator=_AT_LEAST_1)
    seconds: float = field(default=30.0, validator=validators.ge(0))
    first_wait: float = field(default=0.5, validator=validators.ge(0))
    longest_wait: float = field(default=8.0, validator=validators.ge(0))

    def wait_before(self, attempt: int, elapsed: float, until: float | None) -> float | None:
        """Return the seconds to wait after so many attempts and seconds, or None to give up.

        If the server asks to wait, `until` says how many seconds.
        """
        if attempt >= self.attempts:
            return None
        jitter = random.uniform(0.5, 1.0)  # noqa: S311 - no secret
        wait = min(self.longest_wait, self.first_wait * 2 ** (attempt - 1)) * jitter
        if until is not None:
            # A little later than it says, so that clients do not all return at once.
            wait = until + self.first_wait * (1 - jitter)
        return wait if elapsed + wait <= self.seconds else None


class CallOptions(TypedDict, total=False):
    """The options of one call, instead of the client's.

    Attributes:
        timeout: The seconds to wait for a connection, for a chunk of the response and for a free
            connection of the pool; or an `httpx.Timeout`. By default 20 seconds, or the timeout of
            an `httpx_client`.
        deadline: The seconds that one attempt may take until its body is read, 60 by default; None
            for no limit. A client or transport of your own checks it between chunks only.
        headers: Additional headers.
        retries: The number of retries, or a `Retries`; None for no retries.
    """

    timeout: Any
    deadline: float | None
    headers: Mapping[str, str] | None
    retries: Retries | int | None


class Options(CallOptions, total=False):
    """The options of a client: those of `CallOptions`, and how it decodes and connects.

    Attributes:
        strict: Whether unknown properties, enum members and variants are errors; otherwise they
            are kept.
        max_body_bytes: The maximum size of a body after decompression, 2 MiB by default.
        app: A suffix for the User-Agent, such as `"my-app/1.0"`.
        verify_ssl: An `ssl.SSLContext`, or False to disable verification.
        transport: A transport of httpx or httpx2 for sync calls.
        async_transport: A transport of httpx or httpx2 for async calls.
        httpx_client: A client of httpx or httpx2 to use, with its own timeout, headers and
            credential. You close it.
        async_httpx_client: The same for async calls.
        httpx_args: Additional arguments for the clients of httpx, such as `proxy` or `limits`.
    """

    strict: bool
    max_body_bytes: int
    app: str | None
    verify_ssl: ssl.SSLContext | bool
    transport: Any
    async_transport: Any
    httpx_client: Any
    async_httpx_client: Any
    httpx_args: Mapping[str, Any] | None


def check_names(options: Any, known: Any) -> None:
    """Refuse an unknown option, and a header that would be a second credential.

    The headers are removed then: the caller's frames share them, and tools show those.
    """
    if any(
        name.lower() == CREDENTIAL_HEADER.lower() for name in options.get("headers") or () if name
    ):
        del options["headers"]
        message = "the credential; pass the token to AuthenticatedClient"
        raise ValueError(f"invalid headers: {CREDENTIAL_HEADER} is for {message}")
    if unknown := options.keys() - known.__annotations__.keys():
        names = ", ".join(known.__annotations__)
        raise TypeError(f"unknown option {min(unknown)!r}; expected one of {names}")


def _check_seconds(_: object, attribute: Any, value: Any) -> None:
    if value is None or hasattr(value, "as_dict"):
        return
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise TypeError(f"invalid {attribute.name} {value!r}: expected seconds or None")
    if not value > 0:
        raise ValueError(f"invalid {attribute.name} {value!r}: expected more than 0 seconds")


def _as_retries(value: Any) -> Retries | None:
    if value is None or isinstance(value, Retries):
        return value
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"invalid retries {value!r}: expected a number, a Retries or None")
    if value < 0:
        raise ValueError(f"invalid retries {value}: expected 0 or more")
    return Retries(attempts=value + 1)


@frozen(kw_only=True, repr=False)  # headers may hold secrets
class Settings:
    """How requests are sent and what of a response is an error."""

    headers: Mapping[str, str]
    timeout: Any = field(validator=_check_seconds)
    deadline: float | None = field(default=60.0, validator=_check_seconds)
    retries: Retries | None = field(factory=Retries, converter=_as_retries)
    strict: bool = False
    max_body_bytes: int = field(default=2 * 1024 * 1024, validator=_AT_LEAST_1)
