"""A raw-socket server on loopback that sends exactly the bytes of a script.

It uses no HTTP library, so it can send what a correct server never sends: half a body,
two lengths, one byte at a time, nothing at all. It records every request that reaches it.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from contextlib import contextmanager
from enum import Enum
from itertools import chain, repeat
from typing import TYPE_CHECKING, BinaryIO, Final, TypeAlias

from attrs import field, frozen, mutable

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from contract_tests.spec.values import Json

TOKEN: Final = "qov_3cR3t-0f-a-t0ken/that+is~recognisable="
_NO_LINGER = struct.pack("ii", 1, 0)


class End(Enum):
    """How a script ends a connection."""

    CLOSE = "close"
    RESET = "reset"
    HALF = "half"
    """Send nothing more, but keep the connection open for reading."""


# Send bytes, wait for that many seconds, or end the connection.
Step: TypeAlias = bytes | float | End


@frozen
class Request:
    """One request as it was received."""

    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    raw: bytes = field(repr=False)

    @property
    def authorization(self) -> str:
        """The value of its Authorization header, or an empty string."""
        return self.headers.get("authorization", "")

    @property
    def resource(self) -> str:
        """The last segment of its path."""
        return self.path.partition("?")[0].rpartition("/")[2]

    @property
    def body(self) -> bytes:
        """Its body."""
        return self.raw.partition(b"\r\n\r\n")[2]


# What to do for each request: send bytes, or take steps.
Script: TypeAlias = "Callable[[Request], bytes | Iterable[Step]]"


@mutable
class Server:
    """A running server.

    Attributes:
        url: Its base URL.
        script: The steps for each request.
        requests: The requests that were received, in order.
        connections: How many connections were opened.
    """

    url: str
    script: Script
    requests: list[Request] = field(factory=list)
    connections: int = 0
    stopped: threading.Event = field(factory=threading.Event)

    @property
    def methods(self) -> set[str]:
        """The methods that were received."""
        return {request.method for request in self.requests}


@contextmanager
def serve(script: Script, context: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Serve `script` on a free loopback port until the block ends; with a context, over TLS."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        scheme = "https" if context else "http"
        server = Server(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}", script)
        thread = threading.Thread(target=_accept, args=(listener, server, context), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.stopped.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def response(
    body: bytes = b"",
    status: int | str = "200 OK",
    headers: Mapping[str, str] | None = None,
    content_type: str | None = "application/json",
    **more: str,
) -> bytes:
    """Return a well-formed response; the names of `more` headers have `_` for `-`."""
    fields = {"content-length": ("Content-Length", str(len(body)))}
    if content_type is not None:
        fields["content-type"] = ("Content-Type", content_type)
    given = {**(headers or {}), **{name.replace("_", "-"): more[name] for name in more}}
    fields |= {name.lower(): (name, value) for name, value in given.items()}
    lines = [f"HTTP/1.1 {status} Any" if isinstance(status, int) else f"HTTP/1.1 {status}"]
    lines += [f"{name}: {value}" for name, value in fields.values()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def of_json(value: Json, status: int = 200, **headers: str) -> bytes:
    """Return `value` as a well-formed response, as `response` does."""
    fields = {name.replace("_", "-"): text for name, text in headers.items()}
    return response(json.dumps(value).encode(), status, fields)


def responding(*responses: bytes) -> Script:
    """Send the responses in turn, then the last one again and again."""
    following = chain(responses, repeat(responses[-1]))
    return lambda _: next(following)


def honest(jobs: Mapping[str, Json]) -> Callable[[Request], bytes]:
    """Follow the contract, with `jobs` by id."""

    def script(request: Request) -> bytes:
        word, _, value = request.authorization.partition(" ")
        if word not in {"Token", "Bearer"} or not value or "invalid" in value.lower():
            return of_json({"status": 401}, 401)
        if request.resource in jobs:
            return of_json(jobs[request.resource])
        return of_json({"status": 404}, 404)

    return script


def unused_url() -> str:
    """The URL of a loopback port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def _accept(listener: socket.socket, server: Server, context: ssl.SSLContext | None) -> None:
    while not server.stopped.is_set():
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        server.connections += 1
        if context is not None:
            connection = context.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        threading.Thread(target=_respond, args=(connection, server), daemon=True).start()


def _respond(connection: socket.socket, server: Server) -> None:
    with connection, connection.makefile("rb") as incoming:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            while request := _read(incoming):
                server.requests.append(request)
                steps = server.script(request)
                for step in (steps,) if isinstance(steps, bytes) else steps:
                    if not _take(connection, step, server.stopped):
                        return
        except OSError:
            return  # the client gave up, which many tests expect


def _take(connection: socket.socket, step: Step, stopped: threading.Event) -> bool:
    """Do one step; return whether the connection goes on."""
    if isinstance(step, bytes):
        connection.sendall(step)
        return not stopped.is_set()
    if isinstance(step, float):
        return not stopped.wait(step)
    if step is End.HALF:
        connection.shutdown(socket.SHUT_WR)
        stopped.wait()
    elif step is End.RESET:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    else:
        connection.shutdown(socket.SHUT_RDWR)
    return False


def _read(incoming: BinaryIO) -> Request | None:
    """Return the next request, or None at the end of the connection."""
    raw = [incoming.readline()]
    words = raw[0].decode("latin-1").split()
    if len(words) != 3:
        return None
    headers: dict[str, str] = {}
    for line in incoming:
        raw.append(line)
        name, _, value = line.decode("latin-1").strip().partition(":")
        if not name:
            break
        headers[name.lower()] = value.strip()
    raw.append(incoming.read(int(headers.get("content-length", "0"))))
    return Request(words[0], words[1], headers, b"".join(raw))
