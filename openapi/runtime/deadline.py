"""The deadline of a request that blocks: it bounds every wait for the network.

The timeouts of an HTTP library restart with every byte, so a server that sends one byte a second
would keep a request alive for ever. A name lookup has no timeout at all, so it runs in a
thread, which is abandoned if it takes too long.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from typing import Any

_until: ContextVar[float] = ContextVar("until", default=float("inf"))


@contextmanager
def deadline(seconds: float | None) -> Generator[None]:
    """Limit every wait in the block; None for no limit."""
    token = _until.set(time.monotonic() + (seconds or float("inf")))
    try:
        yield
    finally:
        _until.reset(token)


def seconds_left(timeout: float | None) -> float | None:
    """Return the seconds that a wait may take, the timeout or less; raise if none are left."""
    left = _until.get() - time.monotonic()
    if left <= 0:
        raise TimeoutError("the deadline has passed")
    if timeout is None:
        return None if left == float("inf") else left
    return min(left, timeout)


class Backend:
    """The network backend of a connection pool, its timeouts cut to what the deadline leaves."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend
        self._errors = import_module(type(backend).__module__.partition(".")[0])

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, **options: Any
    ) -> _Stream:
        addresses = self._addresses(host, port, timeout)
        for others in range(len(addresses) - 1, -1, -1):
            left = seconds_left(timeout)
            share = left and left / (others + 1)
            try:
                stream = self._backend.connect_tcp(addresses[-others - 1], port, share, **options)
            except (self._errors.ConnectError, self._errors.ConnectTimeout):
                if not others:
                    raise
            else:
                return _Stream(stream)
        raise self._errors.ConnectError(f"{host} has no address")

    def _addresses(self, host: str, port: int, timeout: float | None) -> list[str]:
        """Return the addresses of a host; only a name is looked up."""
        try:
            return [str(ip_address(host))]
        except ValueError:
            found: SimpleQueue[list[str] | Exception] = SimpleQueue()
        threading.Thread(target=_look_up, args=(host, port, found), daemon=True).start()
        try:
            addresses = found.get(timeout=seconds_left(timeout))
        except Empty:
            raise self._errors.ConnectTimeout(f"looking up {host} took too long") from None
        if isinstance(addresses, Exception):
            raise self._errors.ConnectError(str(addresses)) from addresses
        return addresses

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, **options: Any
    ) -> _Stream:
        return _Stream(self._backend.connect_unix_socket(path, seconds_left(timeout), **options))

    def sleep(self, seconds: float) -> None:
        self._backend.sleep(seconds_left(seconds))


def _look_up(host: str, port: int, found: SimpleQueue[list[str] | Exception]) -> None:
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        found.put(list(dict.fromkeys(str(row[4][0]) for row in rows)))
    except (OSError, UnicodeError) as error:
        found.put(error)


class _Stream:
    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.close, self.get_extra_info = stream.close, stream.get_extra_info

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, seconds_left(timeout))  # type: ignore[no-any-return]

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, seconds_left(timeout))

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> _Stream:
        stream = self._stream.start_tls(ssl_context, server_hostname, seconds_left(timeout))
        encrypted = stream.get_extra_info("socket")
        if type(encrypted) is ssl.SSLSocket:
            encrypted.__class__ = _Encrypted
        return _Stream(stream)


class _Encrypted(ssl.SSLSocket):
    """An encrypted connection; with TLS inside, as to a proxy, one read waits many times."""

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        self.settimeout(seconds_left(self.gettimeout()))
        return super().recv(buflen, flags)
