"""Connections and requests of httpx or its successor httpx2, whose calls block or are awaited.

Either library is imported when the first request is sent. Both ways of calling share the code:
where calls block, a coroutine never waits, so `run` needs no event loop.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import suppress
from importlib import import_module
from types import ModuleType, NoneType, TracebackType
from typing import Any, TypeVar

from attrs import define, field, frozen

from .credential import Credential, hide_in_logs
from .deadline import Backend, deadline
from .errors import TransportError, TransportTimeoutError
from .options import Options, Settings
from .response import Body, Received

T = TypeVar("T")
LIBRARIES = ("httpx", "httpx2")
# Their frames, and those below them, hold a request's headers.
_HIDDEN = frozenset({*LIBRARIES, "httpcore", "httpcore2", "h11", "h2", "anyio", "asyncio"})
# Arguments of httpx that the client sets itself.
_OWN_ARGUMENTS = frozenset(
    {"auth", "base_url", "follow_redirects", "headers", "timeout", "transport", "verify"}
)
# What a caller may give, and the method by which it is recognized.
_METHODS: Mapping[str, str] = {
    "transport": "handle_request",
    "async_transport": "handle_async_request",
    "httpx_client": "close",
    "async_httpx_client": "aclose",
}


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine whose calls block."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]
    raise AssertionError("it waited")


@frozen
class Request:
    """A request to send: the URL without the credential, the headers with it."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    settings: Settings
    credential: Credential | None


def connections(options: Options) -> tuple[Connections, Connections]:
    """Return the connections of a client, for calls that block and for those that are awaited."""
    for name, method in _METHODS.items():
        if not (options.get(name) is None or hasattr(options.get(name), method)):
            raise TypeError(f"invalid {name}: expected an object with the method {method}")
    sync = (options.get("transport"), options.get("httpx_client"))
    awaited = (options.get("async_transport"), options.get("async_httpx_client"))
    for name in ("transport", "async_transport", "httpx_args", "verify_ssl"):
        if (sync[1] or awaited[1]) and options.get(name) not in (None, True):
            raise ValueError(f"{name} has no effect with a given httpx client; remove one of them")
    arguments = options.get("httpx_args") or {}
    if taken := _OWN_ARGUMENTS & arguments.keys():
        raise ValueError(f"invalid httpx_args: the client itself sets {min(taken)!r}")
    hide_in_logs(*LIBRARIES)
    shared = {"verify": options.get("verify_ssl", True), **arguments}
    return (
        Connections(shared, *sync, awaited=False, is_refused=any(awaited) and not any(sync)),
        Connections(shared, *awaited, awaited=True, is_refused=any(sync) and not any(awaited)),
    )


@define(repr=False, eq=False)
class Connections:
    """The connections of a client and of its views, for one way of calling.

    Attributes:
        options: Arguments for the clients of httpx made here.
        transport: Their transport, if not their own.
        given: A client to use as it is; the caller closes it.
        awaited: Whether calls are awaited.
        is_refused: Whether there is a transport for the other way only: this one never reaches
            the network then.
    """

    options: dict[str, Any]
    transport: Any
    given: Any
    awaited: bool
    is_refused: bool
    is_closed: bool = False
    _clients: dict[Any, Any] = field(init=False, factory=dict[Any, Any])
    _lock: Any = field(init=False, factory=threading.RLock)
    _make: Any = None  # a request for a client that has nothing to merge into it

    async def send(self, request: Request) -> Received:
        """Send the request and read the response.

        Raises:
            TransportError: No response came.
        """
        client, credential = self.client(), request.credential
        # No redirects, which would carry the credential away, and no other credential beside ours.
        options = {"follow_redirects": False, **({"auth": None} if credential else {})}
        limit = import_module("anyio").fail_after if self.awaited else deadline
        body: Body | None = None
        try:
            with limit(request.settings.deadline):
                response = client.send(_built(client, request, self._make), stream=True, **options)
                if self.awaited:
                    response = await response
                body = Body(response, request.settings.max_body_bytes)
                try:
                    if response.is_stream_consumed:
                        body.add(response.content)
                    elif self.awaited:
                        async for chunk in response.stream:
                            body.add(chunk)
                    else:
                        for chunk in response.stream:
                            body.add(chunk)
                except Exception as error:  # noqa: BLE001 - whatever it is, the body is incomplete
                    body.cut_off = described(bare(error, credential))
                finally:
                    await response.aclose() if self.awaited else response.close()
        except BaseException as error:  # noqa: BLE001 - also a hook's, or an interrupt
            if body is None or not isinstance(error, TimeoutError):
                raise cleared(error, credential)  # noqa: B904 - it has its cause
            body.cut_off = "the deadline has passed"
        return body.received(credential)

    async def sleep(self, seconds: float) -> None:
        """Wait between two attempts."""
        if self.awaited:
            await import_module("anyio").sleep(seconds)
        else:
            time.sleep(seconds)  # noqa: ASYNC251 - these calls block

    def client(self) -> Any:
        """Return the client of httpx for this process and event loop.

        Raises:
            RuntimeError: The connections are closed, or refused.
        """
        if self.is_closed:
            raise RuntimeError("the client is closed; create a new one")
        if self.given is not None:
            return self.given
        if self.is_refused:
            other, prefix = ("sync", "async_") if self.awaited else ("async", "")
            message = f"this client has a transport for {other} calls only"
            raise RuntimeError(f"{message}; also pass {prefix}transport or {prefix}httpx_client")
        key = self._key()
        client = self._clients.get(key)
        if client is None:
            with self._lock:
                client = self._clients[key] = self._clients.get(key) or self._made()
        return client

    def _key(self) -> Any:
        # A forked process must not share sockets, and an event loop can't use those of another.
        loop = import_module("anyio.lowlevel").current_token() if self.awaited else None
        return os.getpid(), loop

    def _made(self) -> Any:
        library = _library_of(self.transport)
        options = {"follow_redirects": False, "timeout": None, **self.options}
        if options["verify"] is True and self.transport is None:
            # Reading the certificates takes longest: one context serves both ways of calling.
            self.options["verify"] = options["verify"] = library.create_ssl_context()
        if not {"cookies", "params"} & options.keys():
            self._make = library.Request
        kind = library.AsyncClient if self.awaited else library.Client
        client: Any = kind(transport=self.transport, **options)
        client.cookies.extract_cookies = _ignore
        if not self.awaited:
            for transport in (client._transport, *client._mounts.values()):  # noqa: SLF001
                pool = getattr(transport, "_pool", None)
                if pool is not None:
                    pool._network_backend = Backend(pool._network_backend)  # noqa: SLF001
        return client

    async def close(self) -> None:
        """Close what was made here for this process and event loop."""
        self.is_closed = True
        client = self._clients.pop(self._key(), None)
        if client is not None:
            await client.aclose() if self.awaited else client.close()


def _built(client: Any, request: Request, make: Any) -> Any:
    timeout, seconds = request.settings.timeout, request.settings.deadline
    headers, extensions = dict(request.headers), {}
    if not str(client.headers.get("user-agent", "python-httpx")).startswith("python-httpx"):
        headers.pop("User-Agent", None)  # the caller has one
    if timeout is not None or make is not None:  # else those of a client that is given
        limits: Any = dict.fromkeys(("connect", "read", "write", "pool"), timeout)
        if not isinstance(timeout, (int, float, NoneType)):
            limits = timeout.as_dict()
        if seconds is not None:  # also bounds the wait for a free connection
            limits["pool"] = min(limits["pool"] or seconds, seconds)
        extensions["timeout"] = limits
    url = request.credential.url(request.url) if request.credential else request.url
    return (make or client.build_request)("GET", url, headers=headers, extensions=extensions)


def _ignore(response: object) -> None:
    """Keep no cookie of a server."""


def _library_of(transport: object) -> ModuleType:
    roots = [kind.__module__.partition(".")[0] for kind in type(transport).__mro__]
    return import_module(next((root for root in roots if root in LIBRARIES), LIBRARIES[0]))


def described(error: BaseException) -> str:
    """Return the type and the message of an error."""
    text, name = str(error), type(error).__name__.lstrip("_")
    return f"{name}: {text}" if text else name


def cleared(error: BaseException, credential: Credential | None) -> BaseException:
    """Return the error to raise: no frame and no request in it holds the headers."""
    loaded = [sys.modules[name] for name in LIBRARIES if name in sys.modules]
    if isinstance(error, (TimeoutError, *(module.TransportError for module in loaded))):
        late = isinstance(error, TimeoutError) or "Timeout" in type(error).__name__
        cause = bare(error, credential)
        wrapped = (TransportTimeoutError if late else TransportError)(described(cause))
        wrapped.__cause__ = cause
        return wrapped
    for seen in _chain(error):  # it is a hook's, or an interrupt: its own frames are of use
        seen.__traceback__ = _own_frames(seen.__traceback__)
    error.__suppress_context__ = True
    return error


def bare(error: BaseException, credential: Credential | None) -> BaseException:
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
    if name == f"{__package__}.http" or name.partition(".")[0] in _HIDDEN:
        return rest
    return TracebackType(rest, traceback.tb_frame, traceback.tb_lasti, traceback.tb_lineno)
