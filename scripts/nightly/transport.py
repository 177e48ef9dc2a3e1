"""An httpx transport with one deadline for a whole request, and a limit on the response's size.

The timeouts of httpx restart with every byte, and its decoders decompress without a limit.
"""

from __future__ import annotations

import time
from typing import Self

import httpcore
import httpx

from contract_tests.run.connection import connection_pool
from contract_tests.run.deadline import DeadlineBackend
from contract_tests.run.target import TargetError

MAX_BYTES = 20_000_000  # a page of a hundred issues is 10 MB at most


class BoundedTransport(httpx.BaseTransport):
    """Sends one request at a time to one server, without a content encoding."""

    def __init__(self, seconds: float) -> None:
        """Open nothing yet.

        Args:
            seconds: How long a request may take, from the connection to the last byte.
        """
        self._seconds = seconds
        self._backend = DeadlineBackend()
        self._pool: httpcore.ConnectionPool | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request.

        Raises:
            httpx.TransportError: There is no complete response within the limits.
        """
        self._backend.deadline = time.monotonic() + self._seconds
        request.headers["accept-encoding"] = "identity"
        pool = self._open(str(request.url))
        try:
            with pool.stream(
                request.method,
                str(request.url),
                headers=request.headers.raw,
                content=request.read(),
            ) as response:
                body = _read(response)
        except (httpcore.TimeoutException, TimeoutError) as error:
            message = f"no complete response after {self._seconds:g} s"
            raise httpx.ReadTimeout(message, request=request) from error
        except httpcore.ProxyError as error:
            message = f"the proxy refused the connection ({error}); check HTTPS_PROXY"
            raise httpx.ProxyError(message, request=request) from error
        except httpcore.ConnectError as error:
            raise httpx.ConnectError(str(error), request=request) from error
        except (httpcore.NetworkError, OSError) as error:
            raise httpx.ReadError(str(error), request=request) from error
        except (httpcore.ProtocolError, ValueError) as error:
            raise httpx.RemoteProtocolError(str(error), request=request) from error
        # A cookie would be sent with the next request.
        headers = [each for each in response.headers if each[0].lower() != b"set-cookie"]
        return httpx.Response(response.status, headers=headers, content=body)

    def _open(self, url: str) -> httpcore.ConnectionPool:
        """Return the pool, which goes through the proxy of the environment for an https URL."""
        if self._pool is None:
            try:
                self._pool, _ = connection_pool(url, self._backend)
            except TargetError as error:
                raise httpx.UnsupportedProtocol(str(error)) from error
        return self._pool

    def close(self) -> None:
        """Close the connection."""
        if self._pool is not None:
            self._pool.close()

    def __enter__(self) -> Self:
        """Return the transport itself, closed at the end of the block."""
        return self


def _read(response: httpcore.Response) -> bytes:
    for name, value in response.headers:
        if name.lower() == b"content-encoding" and value.strip().lower() not in {b"", b"identity"}:
            raise ValueError("a content encoding that was not requested")
    body = bytearray()
    for chunk in response.iter_stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise ValueError(f"over {MAX_BYTES:,} bytes")
    return bytes(body)
