"""The client, which importers create once and pass to each operation.

A client is safe to share between threads, tasks and event loops; a forked process gets connections
of its own. It sends GET requests to one server, follows no redirect, and sends its credential to no
other server.
"""

from __future__ import annotations

import os
import ssl
import warnings
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any, NoReturn, Self, TypedDict, Unpack
from urllib.parse import urlsplit

from attrs import evolve

from .contract import CREDENTIAL_HEADER, SERVER, TOKEN_PREFIX, TOKEN_VARIABLE, URL_VARIABLE
from .credential import Credential, fault_of
from .exchange import send, send_async
from .http import (
    USER_AGENT,
    AsyncClient,
    AsyncTransport,
    Pool,
    Request,
    Settings,
    SyncClient,
    SyncTransport,
    TimeoutLike,
    plain_proxy,
)
from .operation import CallOptions
from .operations import Operations
from .response import RateLimit, Response
from .retries import Retries, as_retries

_MAX_BODY_BYTES = 2 * 1024 * 1024
_TIMEOUT = 20.0
_DEADLINE = 60.0
# Arguments of httpx that the client sets itself.
_OWN_ARGUMENTS = frozenset(
    {"auth", "base_url", "follow_redirects", "headers", "timeout", "transport", "verify"}
)


class InsecureTransportWarning(UserWarning):
    """A credential is about to be sent in plain text."""


class Options(TypedDict, total=False):
    """The keyword arguments of every client; `Client` documents them."""

    headers: Mapping[str, str] | None
    timeout: float | TimeoutLike | None
    deadline: float | None
    retries: Retries | int | None
    strict: bool
    max_body_bytes: int
    app: str | None
    verify_ssl: ssl.SSLContext | bool
    transport: SyncTransport | None
    async_transport: AsyncTransport | None
    httpx_client: SyncClient | None
    async_httpx_client: AsyncClient | None
    httpx_args: Mapping[str, Any] | None


class Client(Operations):
    """A client without a credential.

    Args:
        base_url: The URL of the server.
        headers: Additional headers.
        timeout: The seconds to wait for a connection, for a chunk of the response and for a free
            connection of the pool; or an `httpx.Timeout`. By default 20 seconds, or the timeout of
            `httpx_client`.
        deadline: The seconds that one attempt may take until its body is read, 60 by default; None
            for no limit. A client or transport that you pass checks it between chunks only.
        retries: The number of retries, or a `Retries`; None for no retries.
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

    Raises:
        TypeError: An option has the wrong type.
        ValueError: An option is invalid, or two of them contradict each other.
    """

    def __init__(
        self,
        base_url: str = SERVER,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | TimeoutLike | None = None,
        deadline: float | None = _DEADLINE,
        retries: Retries | int | None = Retries(),  # noqa: B008 - frozen
        strict: bool = False,
        max_body_bytes: int = _MAX_BODY_BYTES,
        app: str | None = None,
        verify_ssl: ssl.SSLContext | bool = True,
        transport: SyncTransport | None = None,
        async_transport: AsyncTransport | None = None,
        httpx_client: SyncClient | None = None,
        async_httpx_client: AsyncClient | None = None,
        httpx_args: Mapping[str, Any] | None = None,
    ) -> None:
        if _has_credential(headers):
            headers = None
            raise ValueError(_CREDENTIAL_IN_HEADERS)
        given = httpx_client or async_httpx_client
        others = {
            "transport": transport,
            "async_transport": async_transport,
            "httpx_args": httpx_args,
            "verify_ssl": None if verify_ssl is True else verify_ssl,
        }
        if given and (conflicts := [name for name, value in others.items() if value is not None]):
            raise ValueError(f"{conflicts[0]} has no effect on a client that is given; drop one")
        if taken := _OWN_ARGUMENTS & (httpx_args or {}).keys():
            raise ValueError(f"httpx_args has {min(taken)!r}, which the client decides about")
        self._base_url = _checked_url(base_url)
        self._credential: Credential | None = None
        self._rate_limit: RateLimit | None = None
        self._is_view = False
        always = {
            "User-Agent": USER_AGENT if app is None else f"{USER_AGENT} {_checked_app(app)}",
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",
        }
        default = None if given else _TIMEOUT
        self._settings = Settings(
            headers={**always, **(headers or {})},
            timeout=default if timeout is None else _checked_seconds("timeout", timeout),
            deadline=_checked_seconds("deadline", deadline),
            retries=as_retries(retries),
            strict=strict,
            max_body_bytes=_checked_size(max_body_bytes),
        )
        self._pool = Pool(
            {"verify": verify_ssl, **(httpx_args or {})},
            transport=transport,
            async_transport=async_transport,
            given=httpx_client,
            async_given=async_httpx_client,
        )
        self._proxies = [(httpx_args or {}).get("proxy")]
        self._trusts_env = (httpx_args or {}).get("trust_env", True) and not (given or transport)

    @property
    def base_url(self) -> str:
        """The URL of the server, without a slash at the end."""
        return self._base_url

    @property
    def strict(self) -> bool:
        """Whether unknown properties, enum members and variants are errors."""
        return self._settings.strict

    @property
    def rate_limit(self) -> RateLimit | None:
        """The rate limit according to the last response that had one, or None."""
        return self._rate_limit

    def with_headers(self, headers: Mapping[str, str]) -> Self:
        """Return a view of this client that also sends these headers."""
        options = CallOptions(headers=headers)
        del headers
        return self._view(options)

    def with_timeout(self, timeout: float | TimeoutLike) -> Self:
        """Return a view of this client with another timeout."""
        return self.with_options(timeout=timeout)

    def with_retries(self, retries: Retries | int | None) -> Self:
        """Return a view of this client with other retries, or none."""
        return self.with_options(retries=retries)

    def with_options(self, **options: Unpack[CallOptions]) -> Self:
        """Return a view of this client with other options. It shares the connections."""
        return self._view(options)

    def _with(self, options: CallOptions) -> Settings:
        """Return the settings with the options of a call, checked."""
        if _has_credential(options.get("headers")):
            del options["headers"]  # the frames of the call share it, and tools show it
            raise ValueError(_CREDENTIAL_IN_HEADERS)
        if unknown := options.keys() - CallOptions.__annotations__.keys():
            known = ", ".join(CallOptions.__annotations__)
            raise TypeError(f"unknown option {min(unknown)!r}; expected one of {known}")
        changes: dict[str, Any] = dict(options)
        if "headers" in changes:
            changes["headers"] = {**self._settings.headers, **changes["headers"]}
        if "timeout" in changes:
            changes["timeout"] = _checked_seconds("timeout", changes["timeout"])
        if "deadline" in changes:
            changes["deadline"] = _checked_seconds("deadline", changes["deadline"])
        if "retries" in changes:
            changes["retries"] = as_retries(changes["retries"])
        return evolve(self._settings, **changes)

    def _view(self, options: CallOptions) -> Self:
        view = object.__new__(type(self))
        vars(view).update(vars(self), _settings=self._with(options), _is_view=True)
        return view

    def get(self, path: str, kind: Any, options: CallOptions) -> Response[Any]:
        """Request `path` and decode a success as `kind`; operations call this.

        Raises:
            TransportError: No response came.
        """
        return self._noted(send(self._pool, self._request(path, options), kind))

    async def aget(self, path: str, kind: Any, options: CallOptions) -> Response[Any]:
        """Request `path`, awaited; raises as `get` does."""
        return self._noted(await send_async(self._pool, self._request(path, options), kind))

    def _request(self, path: str, options: CallOptions) -> Request:
        settings = self._with(options) if options else self._settings
        return Request(
            self._base_url + path,
            {**settings.headers, **(self._credential.header() if self._credential else {})},
            settings,
            self._credential,
        )

    def _noted(self, response: Response[Any]) -> Response[Any]:
        self._rate_limit = response.rate_limit or self._rate_limit
        return response

    def close(self) -> None:
        """Close the connections of sync calls; does nothing for a view."""
        if not self._is_view:
            self._pool.close()

    async def aclose(self) -> None:
        """Close all connections; does nothing for a view."""
        if not self._is_view:
            await self._pool.aclose()

    def __enter__(self) -> Self:
        """Return the client, which is closed when the block ends."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections of sync calls."""
        self.close()

    async def __aenter__(self) -> Self:
        """Return the client, which is closed when the block ends."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close all connections."""
        await self.aclose()

    def __repr__(self) -> str:
        """Return the class and the server, never headers or the token."""
        return f"{type(self).__name__}(base_url={vars(self).get('_base_url')!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a client is never pickled or copied: it holds connections; make another")


class AuthenticatedClient(Client):
    """A client that sends a credential, to its own server only.

    Args:
        token: The secret, without its prefix; for `Basic` it is `user:password`.
        base_url: The URL of the server.
        prefix: The word before it; by default that of the contract's first scheme.
        options: As for `Client`.

    Raises:
        TypeError: As for `Client`.
        ValueError: `token` or `prefix` can't be sent, or as for `Client`.
    """

    def __init__(
        self,
        token: str,
        base_url: str = SERVER,
        *,
        prefix: str = TOKEN_PREFIX,
        **options: Unpack[Options],
    ) -> None:
        # Tools show the variables of a frame that raises, so none may contain a secret.
        fault = fault_of(token, prefix)
        credential = None if fault else Credential(token, prefix)
        del token
        if fault:
            options = Options()
            raise (ValueError if "expected str" not in fault else TypeError)(fault)
        try:
            super().__init__(base_url, **options)
            _refuse_second_credential(self._pool.given, self._pool.async_given)
        except (TypeError, ValueError) as error:
            options = Options()
            raise error.with_traceback(None) from None
        self._credential = credential
        parts = urlsplit(self._base_url)
        if parts.scheme == "http":
            through = plain_proxy(self._base_url, self._proxies) if self._trusts_env else False
            if through or not _is_loopback(parts.hostname or ""):
                what = "a plain proxy" if through else "the network"
                message = f"{self._base_url} is not https: the token crosses {what} in plain text"
                warnings.warn(message, InsecureTransportWarning, stacklevel=2)

    @classmethod
    def from_env(
        cls,
        base_url: str | None = None,
        *,
        prefix: str = TOKEN_PREFIX,
        **options: Unpack[Options],
    ) -> Self:
        """Return a client for the token, and the server if any, in the environment.

        Args:
            base_url: The URL of the server, if not the one in the environment.
            prefix: As for `AuthenticatedClient`.
            options: As for `Client`.

        Raises:
            ValueError: There is no token, or as for `AuthenticatedClient`.
        """
        if not os.environ.get(TOKEN_VARIABLE):
            raise ValueError(f"the environment variable {TOKEN_VARIABLE} is not set; set a token")
        url = base_url or os.environ.get(URL_VARIABLE) or SERVER
        return cls(os.environ[TOKEN_VARIABLE], url, prefix=prefix, **options)


_CREDENTIAL_IN_HEADERS = (
    f"{CREDENTIAL_HEADER} is not a further header; give the token to AuthenticatedClient"
)


def _has_credential(headers: Mapping[str, str] | None) -> bool:
    return any(name.lower() == CREDENTIAL_HEADER.lower() for name in headers or {} if name)


def _refuse_second_credential(*given: Any) -> None:
    for client in given:
        if client is not None and (client.auth or CREDENTIAL_HEADER in client.headers):
            message = "the httpx client that is given has a credential of its own"
            raise ValueError(f"{message}; use Client with it, or drop its credential")


def _checked_seconds(name: str, value: Any) -> Any:
    if value is None or hasattr(value, "as_dict"):
        return value
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise TypeError(f"invalid {name} {value!r}: expected seconds or None")
    if not value > 0:
        raise ValueError(f"invalid {name} {value!r}: expected more than 0 seconds")
    return value


def _checked_size(value: Any) -> int:
    if not isinstance(value, int) or value < 1:
        raise ValueError(f"invalid max_body_bytes {value!r}: expected 1 or more")
    return value


def _checked_app(app: str) -> str:
    if not (app.isascii() and app.isprintable() and app.strip()):
        raise ValueError(f"invalid app {app!r}: expected text such as 'my-app/1.0'")
    return app


def _checked_url(base_url: str) -> str:
    parts = urlsplit(base_url)
    if parts.username is not None or parts.password is not None:
        raise ValueError("invalid base_url: it has a user or a password; give the token instead")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("invalid base_url: expected a URL such as 'https://api.example.com'")
    if parts.query or parts.fragment:
        raise ValueError(f"invalid base_url {base_url!r}: it has a query or a fragment")
    return base_url.rstrip("/")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
