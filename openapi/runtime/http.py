"""Everything that uses httpx or its successor httpx2: clients, one request, one response.

Either library is imported when the first request is sent.
"""

from __future__ import annotations

import os
import platform
import sys
import threading
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from types import ModuleType, TracebackType
from typing import Any, Protocol

from attrs import field, frozen

from .contract import DISTRIBUTION, VERSION
from .credential import Credential, hide_in_logs
from .deadline import Backend, deadline
from .errors import TransportError, TransportTimeoutError
from .retries import Retries

_LIBRARIES = ("httpx", "httpx2")
# Their frames, and those below them, hold a request's headers.
_HIDDEN = frozenset({*_LIBRARIES, "httpcore", "httpcore2", "h11", "h2", "anyio", "asyncio"})
USER_AGENT = f"{DISTRIBUTION}/{VERSION} python/{platform.python_version()}"
_CODINGS = {"gzip": 31, "x-gzip": 31, "deflate": 15}  # the arguments of zlib


class TimeoutLike(Protocol):
    """An `httpx.Timeout`."""

    def as_dict(self) -> dict[str, float | None]:
        """Return the seconds for each step."""
        ...


class SyncTransport(Protocol):
    """An `httpx.BaseTransport`."""

    def handle_request(self, request: Any) -> Any:
        """Respond to a request."""


class AsyncTransport(Protocol):
    """An `httpx.AsyncBaseTransport`."""

    async def handle_async_request(self, request: Any) -> Any:
        """Respond to a request."""


class SyncClient(Protocol):
    """An `httpx.Client`."""

    def close(self) -> None:
        """Close its connections."""


class AsyncClient(Protocol):
    """An `httpx.AsyncClient`."""

    async def aclose(self) -> None:
        """Close its connections."""


@frozen(kw_only=True)
class Settings:
    """How requests are sent and what of a response is an error, as the options of `Client`."""

    headers: Mapping[str, str] = field(repr=False)  # they may hold secrets
    timeout: float | TimeoutLike | None
    deadline: float | None
    retries: Retries | None
    strict: bool
    max_body_bytes: int


@frozen
class Request:
    """A request to send: the URL without the credential, the headers with it."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    settings: Settings
    credential: Credential | None


@frozen
class Received:
    """A response as it came; `cut_off` says why the body is incomplete, or is None."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    cut_off: str | None


class Pool:
    """The connections of a client and of its views.

    Args:
        options: Arguments for the clients of httpx made here.
        transport: The transport of the `httpx.Client` made here, if not its own.
        async_transport: The transport of the `httpx.AsyncClient` made here, if not its own.
        given: A client to use as it is; the caller closes it.
        async_given: The same for async calls.
    """

    def __init__(
        self,
        options: Mapping[str, Any],
        *,
        transport: SyncTransport | None = None,
        async_transport: AsyncTransport | None = None,
        given: SyncClient | None = None,
        async_given: AsyncClient | None = None,
    ) -> None:
        hide_in_logs(*_LIBRARIES)
        self._options = dict(options)
        self._is_merged = bool({"cookies", "params"} & options.keys())
        self._transport, self._async_transport = transport, async_transport
        self.given, self.async_given = given, async_given
        self._lock = threading.RLock()
        self._clients: dict[int, Any] = {}  # by process: a child must not share a socket
        self._async_clients: dict[Any, Any] = {}  # by process and event loop
        self.is_closed = False

    def send(self, request: Request) -> Received:
        """Send the request and read the response.

        Raises:
            TransportError: No response came.
        """
        client = self._client()
        # No redirects, which would carry the credential away, and no other credential beside ours.
        options = {"follow_redirects": False, **({"auth": None} if request.credential else {})}
        until = time.monotonic() + (request.settings.deadline or float("inf"))
        token = deadline.set(until)
        try:
            sent = self._built(client, request)
            response = client.send(sent, stream=True, **options)
            body = _Body(response, request, until)
            try:
                if response.is_stream_consumed:  # made in this process, and decoded already
                    body.add(response.content)
                else:
                    for chunk in response.stream:
                        body.add(chunk)
            except Exception as error:  # noqa: BLE001 - whatever it is, the body is incomplete
                body.cut_off = _words(_bare(error, request.credential))
            finally:
                response.close()
            return body.received()
        except BaseException as error:  # noqa: BLE001 - also a hook's, or an interrupt
            raise _cleared(error, request.credential)  # noqa: B904 - it has its cause
        finally:
            deadline.reset(token)

    async def asend(self, request: Request) -> Received:
        """Send the request and read the response; raises as `send` does."""
        from anyio import fail_after  # noqa: PLC0415 - httpx brings it

        client = self._async_client()
        # No redirects, which would carry the credential away, and no other credential beside ours.
        options = {"follow_redirects": False, **({"auth": None} if request.credential else {})}
        until = time.monotonic() + (request.settings.deadline or float("inf"))
        body: _Body | None = None
        try:
            with fail_after(request.settings.deadline):
                sent = self._built(client, request)
                response = await client.send(sent, stream=True, **options)
                body = _Body(response, request, until)
                try:
                    if response.is_stream_consumed:
                        body.add(response.content)
                    else:
                        async for chunk in response.stream:
                            body.add(chunk)
                except Exception as error:  # noqa: BLE001 - as above
                    body.cut_off = _words(_bare(error, request.credential))
                finally:
                    await response.aclose()
        except BaseException as error:  # noqa: BLE001 - as above
            if body is None or not isinstance(error, TimeoutError):
                raise _cleared(error, request.credential)  # noqa: B904 - as above
            body.cut_off = "the deadline has passed"
        return body.received()

    def _built(self, client: Any, request: Request) -> Any:
        timeout, headers = request.settings.timeout, dict(request.headers)
        url = request.credential.url(request.url) if request.credential else request.url
        if client is self.given or client is self.async_given or self._is_merged:
            if not str(client.headers.get("user-agent", "python-httpx")).startswith("python-httpx"):
                headers.pop("User-Agent", None)  # the caller has one
            options = {} if timeout is None else {"timeout": timeout}
            return client.build_request("GET", url, headers=headers, **options)
        if isinstance(timeout, (int, float)):
            limits: Any = dict.fromkeys(("connect", "read", "write", "pool"), timeout)
        else:
            limits = {} if timeout is None else timeout.as_dict()
        if request.settings.deadline is not None:  # also bounds the wait for a free connection
            limits["pool"] = min(
                limits.get("pool") or request.settings.deadline, request.settings.deadline
            )
        extensions = {"timeout": limits}
        # Without the client, which would merge URL, headers and cookies of its own.
        make = sys.modules[type(client).__module__.partition(".")[0]].Request
        return make("GET", url, headers=headers, extensions=extensions)

    def _client(self) -> Any:
        client = self.given or self._clients.get(os.getpid())
        if self.is_closed:
            raise RuntimeError("the client is closed; make another one")
        if client is None:
            if self._async_transport is not None or self.async_given is not None:
                self._refuse(self._transport, "transport", "httpx_client")
            with self._lock:
                client = self._clients.get(os.getpid())
                if client is None:
                    client = self._made("Client", self._transport)
                    for transport in (client._transport, *client._mounts.values()):  # noqa: SLF001
                        pool = getattr(transport, "_pool", None)
                        if pool is not None:
                            pool._network_backend = Backend(pool._network_backend)  # noqa: SLF001
                    self._clients = {os.getpid(): client}
        return client

    def _async_client(self) -> Any:
        from anyio.lowlevel import current_token  # noqa: PLC0415 - httpx brings it

        if self.is_closed:
            raise RuntimeError("the client is closed; make another one")
        if self.async_given is not None:
            return self.async_given
        if self._transport is not None or self.given is not None:
            self._refuse(self._async_transport, "async_transport", "async_httpx_client")
        key = (os.getpid(), current_token())
        client = self._async_clients.get(key)
        if client is None:
            with self._lock:
                client = self._made("AsyncClient", self._async_transport)
                self._async_clients[key] = client
        return client

    def _refuse(self, transport: object, *names: str) -> None:
        if transport is None:
            message = "this client was given a transport for the other way of calling only"
            raise RuntimeError(f"{message}; also give it {' or '.join(names)}")

    def _made(self, name: str, transport: object) -> Any:
        library = _library_of(transport)
        options = {"verify": True, "follow_redirects": False, **self._options}
        if options["verify"] is True and transport is None:
            # Reading the certificates takes longest: one context serves both kinds of clients.
            self._options["verify"] = options["verify"] = library.create_ssl_context()
        client = getattr(library, name)(transport=transport, **options)
        client.cookies.extract_cookies = _ignore_cookies
        return client

    def close(self) -> None:
        """Close what was created here for sync calls."""
        self.is_closed = True
        for client in self._clients.values():
            client.close()

    async def aclose(self) -> None:
        """Close what was created here for this event loop, and what `close` closes."""
        from anyio.lowlevel import current_token  # noqa: PLC0415 - httpx brings it

        self.close()
        client = self._async_clients.pop((os.getpid(), current_token()), None)
        if client is not None:
            await client.aclose()


def _ignore_cookies(response: object) -> None:
    """Keep no cookie of a server."""


def _library_of(*given: object) -> ModuleType:
    roots = [kind.__module__.partition(".")[0] for each in given for kind in type(each).__mro__]
    return import_module(next((root for root in roots if root in _LIBRARIES), _LIBRARIES[0]))


class _Body:
    """A body as it is received; refused if it takes too long or grows too large."""

    def __init__(self, response: Any, request: Request, until: float) -> None:
        self.cut_off: str | None = None
        self._response = response
        self._until = until
        self._limit = request.settings.max_body_bytes
        self._credential = request.credential
        self._parts: list[bytes] = []
        self._size = 0
        coding: str = response.headers.get("content-encoding", "").strip().lower()
        self._coding = "" if response.is_stream_consumed else coding
        self._decoder: Any = None
        if self._coding in _CODINGS:
            self._decoder = zlib.decompressobj(_CODINGS[self._coding])

    def add(self, chunk: bytes) -> None:
        """Decompress and keep a chunk, up to the limit."""
        if self._coding not in _CODINGS and self._coding not in {"", "identity"}:
            raise ValueError(
                f"unsupported content coding {self._coding[:40]!r}; expected gzip or deflate"
            )
        room = self._limit - self._size
        data = chunk if self._decoder is None else self._decoder.decompress(chunk, room + 1)
        if len(data) > room:
            raise ValueError(f"over {self._limit:,} bytes; raise max_body_bytes to read more")
        self._parts.append(data)
        self._size += len(data)
        if time.monotonic() > self._until:
            raise TimeoutError("the deadline has passed")

    def received(self) -> Received:
        """The response, as far as it was received."""
        if self.cut_off is None and self._decoder is not None and not self._decoder.eof:
            self.cut_off = "the compressed data is incomplete"
        response, credential = self._response, self._credential
        headers, content = response.headers, b"".join(self._parts)
        if credential is not None:
            content = credential.redact_bytes(content)
            values = "\n".join(headers.values())
            if credential.redact(values) != values:
                fields = headers.multi_items()
                headers = type(headers)([(key, credential.redact(value)) for key, value in fields])
        return Received(response.status_code, headers, content, self.cut_off)


def _words(error: BaseException) -> str:
    text = str(error)
    name = type(error).__name__.lstrip("_")
    return f"{name}: {text}" if text else name


def _cleared(error: BaseException, credential: Credential | None) -> BaseException:
    """Return the error to raise: no frame and no request in it holds the headers."""
    loaded = [sys.modules[name] for name in _LIBRARIES if name in sys.modules]
    if isinstance(error, (TimeoutError, *(module.TransportError for module in loaded))):
        late = isinstance(error, TimeoutError) or "Timeout" in type(error).__name__
        bare = _bare(error, credential)
        wrapped = (TransportTimeoutError if late else TransportError)(_words(bare))
        wrapped.__cause__ = bare
        return wrapped
    for seen in _chain(error):  # it is a hook's, or an interrupt: its own frames are of use
        seen.__traceback__ = _own_frames(seen.__traceback__)
    error.__suppress_context__ = True
    return error


def _bare(error: BaseException, credential: Credential | None) -> BaseException:
    """Return the error without what holds the credential: the request, frames, echoed text."""
    for seen in _chain(error):
        seen.__traceback__ = None
        if credential is not None:
            args = (credential.redact(arg) if isinstance(arg, str) else arg for arg in seen.args)
            seen.args = tuple(args)
        with suppress(AttributeError):
            seen.request = None  # type: ignore[attr-defined]
    return error


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__


def _own_frames(traceback: TracebackType | None) -> TracebackType | None:
    """Return the traceback without the frames that hold a request's headers."""
    if traceback is None:
        return None
    rest = _own_frames(traceback.tb_next)
    name = str(traceback.tb_frame.f_globals.get("__name__"))
    if name == __name__ or name.partition(".")[0] in _HIDDEN:
        return rest
    return TracebackType(rest, traceback.tb_frame, traceback.tb_lasti, traceback.tb_lineno)


def plain_proxy(url: str, proxies: Sequence[object]) -> bool:
    """Whether a request to a plain http `url` goes through a proxy, which then reads all of it."""
    from urllib.parse import urlsplit  # noqa: PLC0415 - seldom needed
    from urllib.request import getproxies, proxy_bypass  # noqa: PLC0415

    if any(proxies):
        return True
    host = urlsplit(url).hostname or ""
    found = getproxies()
    return bool(found.get("http") or found.get("all")) and not proxy_bypass(host)
