"""The mock server without sockets, called within the process."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import unquote

import httpx

from qovery_job_client import AuthenticatedClient
from qovery_job_client_testing.jobs import HASTY, TOKEN, MockJobs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from starlette.types import Message, Scope


class JobTransport(MockJobs, httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Generated jobs as an `httpx` transport for sync and async clients.

    It opens no socket, starts no thread, needs no event loop, and responds for every host. Faults
    that make a server too slow raise `httpx.ReadTimeout` immediately.
    """

    def __init__(self, seed: int = 0) -> None:
        super().__init__(seed)
        self._disconnections: deque[type[httpx.TransportError]] = deque()

    def client(self, **options: Any) -> AuthenticatedClient:
        """Return a client with this transport; `options` are those of `AuthenticatedClient`.

        It does not wait between attempts.
        """
        given = {**HASTY, "transport": self, "async_transport": self}
        return AuthenticatedClient(TOKEN, **{**given, **options})

    def disconnect(self, times: int = 1, error: type[httpx.TransportError] | None = None) -> None:
        """Make the next connections fail.

        Args:
            times: How many.
            error: The error, such as `httpx.ReadTimeout`; by default, a refused connection.
        """
        self._disconnections.extend([error or httpx.ConnectError] * times)

    def reset(self) -> None:
        """Remove all faults and queued errors."""
        super().reset()
        self._disconnections.clear()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Respond to a sync client."""
        if self._disconnections:
            self._note(_scope(request))
            kind = self._disconnections.popleft()
            raise kind("injected failure", request=request)
        messages = self._exchange(request)
        start, *parts = messages
        lengths = {value for name, value in start["headers"] if name == b"content-length"}
        if len(lengths) > 1:
            raise httpx.RemoteProtocolError("two different lengths of one body", request=request)
        chunks = [part.get("body", b"") for part in parts]
        stream = _Stream(chunks, is_whole=not parts[-1].get("more_body", False))
        return httpx.Response(start["status"], headers=start["headers"], stream=stream)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Respond to an async client."""
        return self.handle_request(request)

    def _exchange(self, request: httpx.Request) -> list[Message]:
        """Return what the application sends for `request`."""
        messages: list[Message] = []

        async def receive() -> NoReturn:
            raise AssertionError("the operation reads no body")

        async def send(message: Message) -> None:
            messages.append(message)

        if self._is_late:
            self._note(_scope(request))
            raise httpx.ReadTimeout("injected fault: the server is too slow", request=request)
        call = self(_scope(request), receive, send)
        # The application never waits, so one step runs it to the end.
        try:
            call.send(None)
        except StopIteration:
            return messages
        call.close()
        raise AssertionError("the application waits, which needs a server; use `job_server`")


class _Stream(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body in chunks, which may be cut off."""

    def __init__(self, chunks: list[bytes], *, is_whole: bool) -> None:
        self.chunks = chunks
        self.is_whole = is_whole

    def __iter__(self) -> Iterator[bytes]:
        yield from self.chunks
        if not self.is_whole:
            raise httpx.RemoteProtocolError("injected fault: the server cuts the body off")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk


def _scope(request: httpx.Request) -> Scope:
    path = request.url.raw_path.partition(b"?")[0]
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.url.scheme,
        "path": unquote(path.decode("ascii")),
        "raw_path": path,
        "query_string": request.url.query,
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "server": (request.url.host, request.url.port),
        "client": None,
    }
