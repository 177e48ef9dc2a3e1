"""A network backend with one deadline for a request.

The timeouts of an HTTP library restart with every byte, so a server that sends one byte a second
would keep a request alive forever. A name lookup has no timeout at all, so it runs in a thread.
"""

from __future__ import annotations

import math
import queue
import socket
import ssl
import threading
import time
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import httpcore

if TYPE_CHECKING:
    from collections.abc import Iterable


class DeadlineBackend(httpcore.NetworkBackend):
    """The backend of httpcore, with each timeout limited to the time left until `deadline`.

    Attributes:
        deadline: When the request must be done, by `time.monotonic`.
    """

    def __init__(self) -> None:
        """Start without a deadline."""
        self.deadline = math.inf
        self._backend = httpcore.SyncBackend()

    def connect_tcp(  # noqa: D102 - httpcore's interface
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self._addresses(host, port, timeout)
        for others in range(len(addresses) - 1, -1, -1):
            left = self.left(timeout, httpcore.ConnectTimeout)
            share = left and left / (others + 1)
            try:
                stream = self._backend.connect_tcp(
                    addresses[-others - 1], port, share, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if not others:
                    raise
            else:
                return _Stream(stream, self)
        raise httpcore.ConnectError(f"{host} has no address")

    def _addresses(self, host: str, port: int, timeout: float | None) -> list[str]:
        """Return the addresses of a host; an IP address needs no lookup."""
        try:
            return [str(ip_address(host))]
        except ValueError:
            found: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()
        threading.Thread(target=_look_up, args=(host, port, found), daemon=True).start()
        try:
            addresses = found.get(timeout=self.left(timeout, httpcore.ConnectTimeout))
        except queue.Empty:
            raise httpcore.ConnectTimeout(f"looking up {host} took too long") from None
        if isinstance(addresses, OSError):
            raise httpcore.ConnectError(str(addresses)) from addresses
        return addresses

    def left(self, timeout: float | None, error: type[Exception]) -> float | None:
        """Return the seconds until the deadline, or `timeout` if that is less.

        Raises:
            error: The deadline has passed.
        """
        left = min(self.deadline - time.monotonic(), math.inf if timeout is None else timeout)
        if left <= 0:
            raise error("the deadline has passed")
        return None if math.isinf(left) else left


def _look_up(host: str, port: int, found: queue.SimpleQueue[list[str] | OSError]) -> None:
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        found.put(list(dict.fromkeys(str(row[4][0]) for row in rows)))
    except UnicodeError:
        found.put(OSError(f"invalid host name {host!r}"))
    except OSError as error:
        found.put(error)


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, backend: DeadlineBackend) -> None:
        self._stream = stream
        self._backend = backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._backend.left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._backend.left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self._backend.left(timeout, httpcore.ConnectTimeout)
        stream = self._stream.start_tls(ssl_context, server_hostname, left)
        encrypted = stream.get_extra_info("socket")
        if type(encrypted) is ssl.SSLSocket:
            encrypted.__class__ = _Encrypted
            vars(encrypted)["backend"] = self._backend
        return _Stream(stream, self._backend)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Encrypted(ssl.SSLSocket):
    """An encrypted connection. With TLS inside TLS, one read waits several times."""

    backend: DeadlineBackend

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        self.settimeout(self.backend.left(self.gettimeout(), TimeoutError))
        return super().recv(buflen, flags)
