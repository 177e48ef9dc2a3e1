"""A server that costs next to nothing: what clients cost shows better beside it.

    python -m benchmarks.workloads.server FILE

FILE is JSON: `bodies`, the body of each job by its id; `default`, what any other id is answered
with, `{id}` in it standing for that id, or null for 404. It prints its address when it listens, and
ends when standard input does.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

import uvloop

if TYPE_CHECKING:
    from collections.abc import Mapping

TOKEN = "benchmark"  # noqa: S105 - of a server on loopback
_END = b"\r\n\r\n"
_CREDENTIAL = f"\r\nauthorization: token {TOKEN}\r\n".encode()


def _answer(status: str, body: str, more: str = "") -> bytes:
    content = body.encode()
    head = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{more}"
    return f"{head}content-length: {len(content)}\r\n\r\n".encode() + content


def _refusal(status: int, phrase: str, more: str = "") -> bytes:
    body = json.dumps({"status": status, "error": phrase, "message": phrase})
    return _answer(f"{status} {phrase}", body, more)


class _Connection(asyncio.Protocol):
    def __init__(self, bodies: Mapping[bytes, bytes], default: str | None) -> None:
        self.bodies = bodies
        self.default = default
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self.received += data
        while _END in self.received:
            head, _, self.received = self.received.partition(_END)
            self.transport.write(self.answer(head))

    def answer(self, head: bytes) -> bytes:
        method, _, rest = head.partition(b" ")
        identity = rest.partition(b" ")[0].rpartition(b"/")[2]
        if method != b"GET":
            self.transport.close()  # it may have a body, which nothing here reads
            return _refusal(405, "Method Not Allowed", "allow: GET\r\nconnection: close\r\n")
        if _CREDENTIAL not in head.lower() + b"\r\n":
            return _refusal(401, "Unauthorized", "www-authenticate: Token\r\n")
        if identity in self.bodies:
            return self.bodies[identity]
        if self.default is None:
            return _refusal(404, "Not Found")
        return _answer("200 OK", self.default.replace("{id}", identity.decode()))


async def _serve(bodies: Mapping[bytes, bytes], default: str | None) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(bodies, default), "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


def main(file: str) -> None:
    """Serve until standard input ends."""
    served = json.loads(Path(file).read_text("utf-8"))
    bodies = {
        identity.encode(): _answer("200 OK", body) for identity, body in served["bodies"].items()
    }
    uvloop.new_event_loop().run_until_complete(_serve(bodies, served["default"]))


if __name__ == "__main__":
    main(sys.argv[1])
