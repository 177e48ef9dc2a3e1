"""What every client has: settings, connections, and requests that are sent until one is final."""

from __future__ import annotations

import logging
import platform
import time
from typing import Any, NoReturn, Self, Unpack
from urllib.parse import urlsplit

from attrs import evolve, fields

from . import __version__
from .contract import DISTRIBUTION, SERVER
from .credential import Credential
from .errors import RateLimitError, ServerError, TransportError
from .http import Connections, Request, connections, run
from .options import CallOptions, Options, Settings, check_names
from .response import RateLimit, Response, read_response

_log = logging.getLogger(__package__)
_TIMEOUT = 20.0


class Caller:
    """Sends the requests of operations; the base class of clients."""

    def __init__(self, base_url: str = SERVER, **options: Unpack[Options]) -> None:
        self._set_up(base_url, options)

    def _set_up(self, base_url: str, options: Options) -> None:
        check_names(options, Options)
        self._base_url = _checked_url(base_url)
        self._credential: Credential | None = None
        self._rate_limit: RateLimit | None = None
        self._is_view = False
        self._blocking, self._awaited = connections(options)
        is_given = options.get("httpx_client") or options.get("async_httpx_client")
        timeout = options.get("timeout")
        values: dict[str, Any] = {
            **options,
            "timeout": _TIMEOUT if timeout is None and not is_given else timeout,
            "headers": {
                "User-Agent": _user_agent(options.get("app")),
                "Accept": "application/json",
                "Accept-Encoding": "gzip, deflate",
                **(options.get("headers") or {}),
            },
        }
        names = {each.name for each in fields(Settings)}
        self._settings = Settings(**{name: values[name] for name in names & values.keys()})

    @property
    def base_url(self) -> str:
        """The URL of the server, without a slash at the end."""
        return self._base_url

    @property
    def rate_limit(self) -> RateLimit | None:
        """The rate limit according to the last response that had one, or None."""
        return self._rate_limit

    def with_options(self, **options: Unpack[CallOptions]) -> Self:
        """Return a view of this client with other options. It shares the connections."""
        view = object.__new__(type(self))
        vars(view).update(vars(self), _settings=self._settings_for(options), _is_view=True)
        return view

    def _settings_for(self, options: CallOptions) -> Settings:
        if not options:
            return self._settings
        check_names(options, CallOptions)
        headers = {**self._settings.headers, **(options.get("headers") or {})}
        changes: dict[str, Any] = {**options, "headers": headers}
        return evolve(self._settings, **changes)

    async def request(
        self, path: str, kind: Any, options: CallOptions, *, awaited: bool
    ) -> Response[Any]:
        """Request `path` until a response is final, whose success is decoded as `kind`.

        Raises:
            TransportError: No response came.
        """
        settings, credential = self._settings_for(options), self._credential
        request = Request(
            self._base_url + path,
            {**settings.headers, **(credential.header() if credential else {})},
            settings,
            credential,
        )
        ways = self._awaited if awaited else self._blocking
        attempt, began = 1, time.monotonic()
        outcome = await _attempt(ways, request, kind)
        while (wait := _wait_after(outcome, attempt, request, began)) is not None:
            await ways.sleep(wait)
            attempt += 1
            outcome = await _attempt(ways, request, kind)
        if isinstance(outcome, TransportError):
            raise outcome
        self._rate_limit = outcome.rate_limit or self._rate_limit
        return outcome

    def close(self) -> None:
        """Close the connections of sync calls; does nothing for a view."""
        if not self._is_view:
            self._awaited.is_closed = True
            run(self._blocking.close())

    async def aclose(self) -> None:
        """Close all connections; does nothing for a view."""
        if not self._is_view:
            self.close()
            await self._awaited.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        """Return the class and the server, never headers or the token."""
        return f"{type(self).__name__}(base_url={vars(self).get('_base_url')!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a client cannot be pickled or copied; create a new one")


async def _attempt(
    ways: Connections, request: Request, kind: Any
) -> Response[Any] | TransportError:
    began = time.monotonic()
    outcome: Response[Any] | TransportError
    try:
        outcome = read_response(await ways.send(request), kind, strict=request.settings.strict)
    except TransportError as error:
        outcome = error
    what = outcome.status_code or outcome  # a response has its status, an error its message
    _log.debug("GET %s: %s after %.3f s", request.url, what, time.monotonic() - began)
    return outcome


def _wait_after(
    outcome: Response[Any] | TransportError, attempt: int, request: Request, began: float
) -> float | None:
    """Return the seconds to wait before another attempt, or None if the outcome is final."""
    retries = request.settings.retries
    error = outcome.error if isinstance(outcome, Response) else outcome
    if retries is None or not isinstance(error, (TransportError, RateLimitError, ServerError)):
        return None
    until = None if isinstance(error, TransportError) else error.retry_after
    wait = retries.wait_before(attempt, time.monotonic() - began, until)
    if wait is not None:
        form = "GET %s: attempt %d failed (%s); trying again in %.3f s"
        _log.warning(form, request.url, attempt, error.status_code or error.message, wait)
    return wait


def _user_agent(app: str | None) -> str:
    name = f"{DISTRIBUTION}/{__version__} python/{platform.python_version()}"
    if app is None:
        return name
    if not (app.isascii() and app.isprintable() and app.strip()):
        raise ValueError(f"invalid app {app!r}: expected text such as 'my-app/1.0'")
    return f"{name} {app}"


def _checked_url(base_url: str) -> str:
    parts = urlsplit(base_url)
    if parts.username is not None or parts.password is not None:
        raise ValueError("invalid base_url: it has a user or a password; pass a token instead")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("invalid base_url: expected a URL such as 'https://api.example.com'")
    if parts.query or parts.fragment:
        raise ValueError(f"invalid base_url {base_url!r}: it has a query or a fragment")
    return base_url.rstrip("/")
