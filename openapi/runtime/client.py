"""The client: what importers make one of, and hand to each operation.

A client is safe to share between threads, and between tasks of one event loop. It sends GET
requests to the one server that it was made for, follows no redirect, and shows its credential to
nobody else.
"""

from __future__ import annotations

import os
import warnings
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypedDict, TypeVar, Unpack
from urllib.parse import urlsplit

from attrs import evolve

from .connections import OWN_HEADERS, Connections
from .contract import CREDENTIAL_HEADER, SERVER, TOKEN_PREFIX, TOKEN_VARIABLE, URL_VARIABLE
from .credential import Credential
from .exchange import Call, Settings, send, send_async
from .retries import Retries

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping
    from types import TracebackType

    import httpx

    from .response import Response

T = TypeVar("T")


class InsecureTransportWarning(UserWarning):
    """A credential is about to cross a network in plain text."""


class Options(TypedDict, total=False):
    """The arguments that every client takes by keyword; `Client` says what each means."""

    headers: Mapping[str, str] | None
    timeout: float | httpx.Timeout
    deadline: float
    retries: Retries | None
    strict: bool
    verify_ssl: ssl.SSLContext | bool
    transport: httpx.BaseTransport | None
    async_transport: httpx.AsyncBaseTransport | None
    httpx_client: httpx.Client | None
    async_httpx_client: httpx.AsyncClient | None
    httpx_args: Mapping[str, Any] | None


class Client:
    """A client without a credential.

    Args:
        base_url: The server's address.
        headers: Headers to send besides.
        timeout: How long to wait for a connection, for a chunk of the answer and for a free
            connection of the pool, in seconds each; or an `httpx.Timeout`.
        deadline: How long one attempt may take until its answer is read, in seconds.
        retries: When to send again; None for never.
        strict: Whether a property, an enum's member or a variant that the contract does not know
            is an error; else it is kept.
        verify_ssl: An `ssl.SSLContext`, or False to check no certificate.
        transport: An `httpx` transport for calls that block.
        async_transport: An `httpx` transport for calls that are awaited.
        httpx_client: A client to send through, as it is; whoever made it closes it.
        async_httpx_client: The same for calls that are awaited.
        httpx_args: Further arguments for the `httpx` clients, such as `proxy` or `limits`.

    Raises:
        ValueError: `base_url` is no address of an http or https server, or holds a password; or a
            credential stands among the headers.
    """

    def __init__(
        self,
        base_url: str = SERVER,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | httpx.Timeout = 20.0,
        deadline: float = 60.0,
        retries: Retries | None = Retries(),  # noqa: B008 - frozen
        strict: bool = False,
        verify_ssl: ssl.SSLContext | bool = True,
        transport: httpx.BaseTransport | None = None,
        async_transport: httpx.AsyncBaseTransport | None = None,
        httpx_client: httpx.Client | None = None,
        async_httpx_client: httpx.AsyncClient | None = None,
        httpx_args: Mapping[str, Any] | None = None,
    ) -> None:
        self._base_url = _checked(base_url)
        self._credential: Credential | None = None
        _refuse_credential(headers or {})
        # Clients that are made here have these headers already.
        always = OWN_HEADERS if httpx_client or async_httpx_client else {}
        self._settings = Settings(
            headers={**always, **(headers or {})},
            timeout=timeout,
            deadline=deadline,
            retries=retries,
            strict=strict,
        )
        self._connections = Connections(
            verify=verify_ssl,
            arguments=httpx_args or {},
            transport=transport,
            async_transport=async_transport,
            given=httpx_client,
            async_given=async_httpx_client,
        )

    @property
    def base_url(self) -> str:
        """The server's address, without a slash at its end."""
        return self._base_url

    @property
    def strict(self) -> bool:
        """Whether what the contract does not know is an error."""
        return self._settings.strict

    def with_headers(self, headers: Mapping[str, str]) -> Self:
        """A client that sends these headers too, through the same connections."""
        _refuse_credential(headers)
        return self._derived(headers={**self._settings.headers, **headers})

    def with_timeout(self, timeout: float | httpx.Timeout) -> Self:
        """A client that waits so many seconds instead, with the same connections."""
        return self._derived(timeout=timeout)

    def with_retries(self, retries: Retries | None) -> Self:
        """A client that sends again by these rules, or never, with the same connections."""
        return self._derived(retries=retries)

    def _derived(self, **changes: Any) -> Self:
        client = object.__new__(type(self))
        client.__dict__.update(self.__dict__, _settings=evolve(self._settings, **changes))
        return client

    def get(self, path: str, decode: Callable[[Any, bool], T]) -> Response[T]:
        """Ask for `path`; operations call this.

        Raises:
            TransportError: No answer came.
        """
        return send(self._connections.client(), self._call(path), decode)

    async def aget(self, path: str, decode: Callable[[Any, bool], T]) -> Response[T]:
        """Ask for `path`, to be awaited; raises as `get` does."""
        return await send_async(self._connections.async_client(), self._call(path), decode)

    def _call(self, path: str) -> Call:
        return Call(self._base_url + path, self._credential, self._settings)

    def close(self) -> None:
        """Close the connections of calls that block; clients derived from this one share them."""
        self._connections.close()

    async def aclose(self) -> None:
        """Close all connections; clients derived from this one share them."""
        await self._connections.aclose()

    def __enter__(self) -> Self:
        """The client itself, closed when the block ends."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connections of calls that block."""
        self.close()

    async def __aenter__(self) -> Self:
        """The client itself, closed when the block ends."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close all connections."""
        await self.aclose()

    def __repr__(self) -> str:
        """Where it sends to; never what it sends."""
        return f"{type(self).__name__}(base_url={self._base_url!r})"

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled or copied."""
        raise TypeError("a client is never pickled or copied: it holds connections; make another")


class AuthenticatedClient(Client):
    """A client that sends a credential, to its own server alone.

    Args:
        token: The secret, without its prefix.
        base_url: The server's address.
        prefix: `Token` for tokens of machines; `Bearer` for JWTs, which people have.
        options: As for `Client`.

    Raises:
        ValueError: `token` or `prefix` can't stand in a header, or as for `Client`.
    """

    def __init__(
        self,
        token: str,
        base_url: str = SERVER,
        *,
        prefix: str = TOKEN_PREFIX,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(base_url, **options)
        self._credential = Credential(token, prefix)
        if not _is_private(self._base_url):
            message = f"{self._base_url} is no https address: the token will cross in plain text"
            warnings.warn(message, InsecureTransportWarning, stacklevel=2)

    @classmethod
    def from_env(
        cls,
        base_url: str | None = None,
        *,
        prefix: str = TOKEN_PREFIX,
        **options: Unpack[Options],
    ) -> Self:
        """A client for the token, and the server if any, that the environment names.

        Args:
            base_url: The server's address, if not the one that the environment names.
            prefix: As for `AuthenticatedClient`.
            options: As for `Client`.

        Raises:
            ValueError: There is no token, or as for `AuthenticatedClient`.
        """
        if not os.environ.get(TOKEN_VARIABLE):
            raise ValueError(f"the environment variable {TOKEN_VARIABLE} is not set; set a token")
        address = base_url or os.environ.get(URL_VARIABLE) or SERVER
        return cls(os.environ[TOKEN_VARIABLE], address, prefix=prefix, **options)


def _refuse_credential(headers: Mapping[str, str]) -> None:
    if any(name.lower() == CREDENTIAL_HEADER.lower() for name in headers):
        raise ValueError(f"{CREDENTIAL_HEADER} is no further header; give the token to the client")


def _checked(base_url: str) -> str:
    parts = urlsplit(base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("base_url is no address; expected one such as 'https://api.example.com'")
    if parts.username is not None or parts.password is not None:
        raise ValueError("base_url holds a user or password; give the token by its own argument")
    if parts.query or parts.fragment:
        raise ValueError(f"base_url {base_url!r} has a query or a fragment; leave it out")
    return base_url.rstrip("/")


def _is_private(base_url: str) -> bool:
    parts = urlsplit(base_url)
    if parts.scheme == "https" or parts.hostname == "localhost":
        return True
    try:
        return ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
