"""The options of clients and of calls, and what they may be."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any, Protocol, TypedDict

from attrs import field, frozen

from .contract import CREDENTIAL_HEADER
from .retries import Retries, as_retries


class TimeoutLike(Protocol):
    """An `httpx.Timeout`."""

    def as_dict(self) -> dict[str, float | None]: ...


class SyncTransport(Protocol):
    """An `httpx.BaseTransport`."""

    def handle_request(self, request: Any) -> Any: ...


class AsyncTransport(Protocol):
    """An `httpx.AsyncBaseTransport`."""

    async def handle_async_request(self, request: Any) -> Any: ...


class SyncClient(Protocol):
    """An `httpx.Client`."""

    def close(self) -> None: ...


class AsyncClient(Protocol):
    """An `httpx.AsyncClient`."""

    async def aclose(self) -> None: ...


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

    timeout: float | TimeoutLike | None
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
    transport: SyncTransport | None
    async_transport: AsyncTransport | None
    httpx_client: SyncClient | None
    async_httpx_client: AsyncClient | None
    httpx_args: Mapping[str, Any] | None


def check_names(options: Any, known: Any) -> None:
    """Refuse an unknown option, and a header that would be a second credential.

    The headers are removed then: the caller's frames share them, and tools show those.
    """
    if any(
        name.lower() == CREDENTIAL_HEADER.lower() for name in options.get("headers") or () if name
    ):
        del options["headers"]
        message = "is not a further header; give the token to AuthenticatedClient"
        raise ValueError(f"{CREDENTIAL_HEADER} {message}")
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


def _check_size(_: object, attribute: Any, value: Any) -> None:
    if not isinstance(value, int) or value < 1:
        raise ValueError(f"invalid {attribute.name} {value!r}: expected 1 or more")


@frozen(kw_only=True, repr=False)  # headers may hold secrets
class Settings:
    """How requests are sent and what of a response is an error."""

    headers: Mapping[str, str]
    timeout: float | TimeoutLike | None = field(validator=_check_seconds)
    deadline: float | None = field(default=60.0, validator=_check_seconds)
    retries: Retries | None = field(factory=Retries, converter=as_retries)
    strict: bool = False
    max_body_bytes: int = field(default=2 * 1024 * 1024, validator=_check_size)
