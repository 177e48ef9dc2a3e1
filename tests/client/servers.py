"""Small servers on loopback that answer with exactly the bytes that a test wants."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PAUSE = 0.01


class Server:
    """A server that gives each connection's request to `answer`, and keeps what it read.

    Attributes:
        url: Its address.
        requests: Every request that came, as bytes.
    """

    def __init__(self, answer: Callable[[socket.socket, int], None]) -> None:
        self.requests: list[bytes] = []
        self._answer = answer
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self._open.add(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            while request := self._read(connection):
                self.requests.append(request)
                self._answer(connection, len(self.requests))

    def _read(self, connection: socket.socket) -> bytes:
        request = b""
        while not request.endswith(b"\r\n\r\n"):
            chunk = connection.recv(65536)
            if not chunk:
                return b""
            request += chunk
        return request

    def close(self) -> None:
        """Stop, and cut every connection."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()


@contextlib.contextmanager
def serving(answer: Callable[[socket.socket, int], None]) -> Iterator[Server]:
    """A server for the length of a test; `answer` gets the connection and the request's number."""
    server = Server(answer)
    try:
        yield server
    finally:
        server.close()


def answering(*answers: bytes) -> Callable[[socket.socket, int], None]:
    """Give the answers in turn, and the last one for ever."""

    def answer(connection: socket.socket, number: int) -> None:
        connection.sendall(answers[min(number, len(answers)) - 1])

    return answer


def http(status: str, body: bytes = b"", **headers: str) -> bytes:
    """An HTTP answer; names of headers are written with underscores."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def json_ok(body: bytes) -> bytes:
    """A success with a JSON body."""
    return http("200 OK", body, Content_Type="application/json")
