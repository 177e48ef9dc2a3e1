"""As many GETs as a server can answer, on some connections that stay open."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from itertools import cycle, islice
from time import perf_counter
from typing import TYPE_CHECKING, cast

import uvloop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.worker import Repeated

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_LAST_CHUNK = b"\r\n0\r\n\r\n"


class _Connection(asyncio.Protocol):
    """Asks for the next of the requests that are left as soon as the last one is answered."""

    def __init__(self) -> None:
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def begin(self, left: deque[bytes]) -> asyncio.Future[None]:
        self.left = left
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.ask()
        return self.ended

    def ask(self) -> None:
        if self.left:
            self.transport.write(self.left.popleft())
        else:
            self.ended.set_result(None)

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, end, body = self.received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        whole = len(body) >= int(length[1]) if length else body.endswith(_LAST_CHUNK[2:])
        if not (end and whole):
            return
        if not head.startswith(b"HTTP/1.1 200 "):
            self.ended.set_exception(RuntimeError(f"answered {head[:60]!r}"))
        self.received = b""
        self.ask()

    def connection_lost(self, _: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_exception(RuntimeError("the server hung up"))


def prepare(
    host: str, port: int, paths: Sequence[str], authorization: str, connections: int
) -> Repeated:
    """Repeat a GET of each of `paths` in turn."""
    loop = uvloop.new_event_loop()

    async def connect() -> list[_Connection]:
        made = [loop.create_connection(_Connection, host, port) for _ in range(connections)]
        return [connection for _, connection in await asyncio.gather(*made)]

    head = f"HTTP/1.1\r\nhost: {host}:{port}\r\nauthorization: {authorization}\r\n\r\n"
    requests = [f"GET {path} {head}".encode() for path in paths]
    opened = loop.run_until_complete(connect())

    async def all_of_them(left: deque[bytes]) -> None:
        await asyncio.gather(*(connection.begin(left) for connection in opened))

    def run(count: int) -> float:
        left = deque(islice(cycle(requests), count))
        begun = perf_counter()
        loop.run_until_complete(all_of_them(left))
        return perf_counter() - begun

    return run
