"""A server of raw bytes on loopback: a script decides which bytes it sends for each request.

Without an HTTP library it can send what no other server would: half a body, two lengths, a byte a
second, nothing at all. It records every request.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, Final, TypeAlias

from attrs import field, frozen, mutable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from contract_tests.spec.values import Json

CLOSE: Final = "close"
RESET: Final = "reset"
# What a script does for one request: send bytes, wait for seconds, close, or reset.
Step: TypeAlias = "bytes | float | str"
Script: TypeAlias = "Callable[[Request], bytes | Iterable[Step]]"

TOKEN: Final = "qov_3cR3t-0f-a-t0ken/that+is~recognisable="
_NO_LINGER = struct.pack("ii", 1, 0)


@frozen
class Request:
    """One request as it was received."""

    method: str
    path: str
    headers: Mapping[str, str]

    @property
    def authorization(self) -> str:
        """Its Authorization header, empty if there is none."""
        return self.headers.get("authorization", "")

    @property
    def last(self) -> str:
        """The last segment of its path: the id."""
        return self.path.rpartition("/")[2]


@mutable
class Hostile:
    """A running server.

    Attributes:
        url: Its address.
        requests: What reached it, in order.
        connections: How many connections were opened.
    """

    url: str
    script: Script
    requests: list[Request] = field(factory=list)
    connections: int = 0
    ended: threading.Event = field(factory=threading.Event)

    @property
    def methods(self) -> set[str]:
        """The methods that reached it."""
        return {request.method for request in self.requests}


def response(
    status: int = 200,
    body: bytes = b"",
    content_type: str | None = "application/json",
    **headers: str,
) -> bytes:
    """Return a well-formed response; header names have `_` for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if content_type is not None:
        named.setdefault("content-type", content_type)
    named.setdefault("content-length", str(len(body)))
    lines = [f"HTTP/1.1 {status} Any", *(f"{name}: {value}" for name, value in named.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def of_json(value: Json, status: int = 200, **headers: str) -> bytes:
    """Return `value` as a well-formed JSON response."""
    return response(status, json.dumps(value).encode(), **headers)


def honest(jobs: Mapping[str, Json]) -> Callable[[Request], bytes]:
    """Return a script that follows the contract, with `jobs` by id."""

    def answer(request: Request) -> bytes:
        word, _, value = request.authorization.partition(" ")
        if word not in {"Token", "Bearer"} or not value or "invalid" in value.lower():
            return of_json({"status": 401}, 401)
        if request.last in jobs:
            return of_json(jobs[request.last])
        return of_json({"status": 404}, 404)

    return answer


@contextmanager
def hostile(script: Script) -> Iterator[Hostile]:
    """Serve `script` on a free loopback port until the context ends."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Hostile(f"http://127.0.0.1:{listening.getsockname()[1]}", script)
        thread = threading.Thread(target=_accept, args=(listening, server), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.ended.set()
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def refused_url() -> str:
    """Return a URL on loopback whose port is closed."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return f"http://127.0.0.1:{listening.getsockname()[1]}"


def _accept(listening: socket.socket, server: Hostile) -> None:
    while not server.ended.is_set():
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        server.connections += 1
        threading.Thread(target=_serve, args=(connection, server), daemon=True).start()


def _serve(connection: socket.socket, server: Hostile) -> None:
    with connection, connection.makefile("rb") as incoming:
        try:
            while request := _read(incoming):
                server.requests.append(request)
                steps = server.script(request)
                for step in [steps] if isinstance(steps, bytes) else steps:
                    if not _take(connection, step, server.ended):
                        return
        except OSError:
            return  # the client has had enough, which is what many a test is about


def _take(connection: socket.socket, step: Step, ended: threading.Event) -> bool:
    """Do one step; return whether the connection stays open."""
    if isinstance(step, bytes):
        connection.sendall(step)
        return not ended.is_set()
    if isinstance(step, float):
        return not ended.wait(step)
    if step == RESET:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    else:
        connection.shutdown(socket.SHUT_RDWR)
    return False


def _read(incoming: BinaryIO) -> Request | None:
    """Return the next request, without its body; None if the client has closed."""
    first = incoming.readline().decode("latin-1").split()
    if len(first) != 3:
        return None
    headers = {}
    while line := incoming.readline().decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    incoming.read(int(headers.get("content-length", 0)))
    return Request(first[0], first[1], headers)
