"""The httpx clients that a client sends through: made when first needed, one of each kind."""

from __future__ import annotations

import platform
import threading
from typing import TYPE_CHECKING, Any

from .contract import DISTRIBUTION, VERSION

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    import httpx

OWN_HEADERS = {
    "User-Agent": f"{DISTRIBUTION}/{VERSION} python/{platform.python_version()}",
    "Accept": "application/json",
}


class Connections:
    """The connection pools of a client and of those derived from it.

    Args:
        verify: A TLS context, or whether to check certificates at all. One context serves both.
        arguments: Further arguments for `httpx.Client` and `httpx.AsyncClient`.
        transport: The transport of the `httpx.Client`, if not its own.
        async_transport: The transport of the `httpx.AsyncClient`, if not its own.
        given: A client to use as it is; whoever made it closes it.
        async_given: The same for `asyncio`.
    """

    def __init__(
        self,
        *,
        verify: ssl.SSLContext | bool,
        arguments: Mapping[str, Any],
        transport: httpx.BaseTransport | None,
        async_transport: httpx.AsyncBaseTransport | None,
        given: httpx.Client | None,
        async_given: httpx.AsyncClient | None,
    ) -> None:
        self._lock = threading.RLock()
        self._verify = verify
        self._arguments = dict(arguments)
        self._transport = transport
        self._async_transport = async_transport
        self._given = given
        self._async_given = async_given
        self._client: httpx.Client | None = given
        self._async_client: httpx.AsyncClient | None = async_given
        self._closed = False

    def client(self) -> httpx.Client:
        """The client for calls that block.

        Raises:
            RuntimeError: It is closed.
        """
        self._refuse_closed()
        client = self._client  # once made it never changes, so that most calls need no lock
        if client is None:
            with self._lock:
                client = self._client
                if client is None:
                    import httpx  # noqa: PLC0415 - not before it is needed

                    client = httpx.Client(**self._options(self._transport))
                    self._client = client
        return client

    def async_client(self) -> httpx.AsyncClient:
        """The client for calls that are awaited; raises as `client` does."""
        self._refuse_closed()
        client = self._async_client
        if client is None:
            with self._lock:
                client = self._async_client
                if client is None:
                    import httpx  # noqa: PLC0415 - not before it is needed

                    client = httpx.AsyncClient(**self._options(self._async_transport))
                    self._async_client = client
        return client

    def _refuse_closed(self) -> None:
        if self._closed:
            raise RuntimeError("the client is closed; make another one")

    def _options(self, transport: object) -> dict[str, Any]:
        if self._verify is True and transport is None:
            from httpx import create_ssl_context  # noqa: PLC0415 - not before it is needed

            self._verify = create_ssl_context()
        options = {"verify": self._verify, "transport": transport, **self._arguments}
        options["headers"] = {**OWN_HEADERS, **dict(self._arguments.get("headers") or {})}
        return options

    def close(self) -> None:
        """Close what was made here for calls that block."""
        self._closed = True
        if self._client is not None and self._given is None:
            self._client.close()

    async def aclose(self) -> None:
        """Close everything that was made here."""
        self.close()
        if self._async_client is not None and self._async_given is None:
            await self._async_client.aclose()
