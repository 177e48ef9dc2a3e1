"""A network backend with one deadline for a request.

The timeouts of an HTTP library count from byte to byte, so a server that sends one byte a second
would keep a request alive forever.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import httpcore

if TYPE_CHECKING:
    import ssl
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
        left = self.left(timeout, httpcore.ConnectTimeout)
        stream = self._backend.connect_tcp(host, port, left, local_address, socket_options)
        return _Stream(stream, self)

    def left(self, timeout: float | None, error: type[Exception]) -> float | None:
        """Return the seconds until the deadline, or `timeout` if that is less.

        Raises:
            error: The deadline has passed.
        """
        left = min(self.deadline - time.monotonic(), math.inf if timeout is None else timeout)
        if left <= 0:
            raise error("the deadline has passed")
        return None if math.isinf(left) else left


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
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left), self._backend)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
