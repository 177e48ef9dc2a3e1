"""The clients: with a credential, or without one."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any, Self, Unpack
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from .contract import CREDENTIAL_HEADER, SERVER, TOKEN_PREFIX, TOKEN_VARIABLE, URL_VARIABLE
from .credential import Credential, fault_of
from .operations import Client
from .options import Options

__all__ = ["AuthenticatedClient", "Client", "InsecureTransportWarning"]


class InsecureTransportWarning(UserWarning):
    """A credential is about to be sent in plain text."""


class AuthenticatedClient(Client):
    """A client that sends a credential, to its own server only.

    Args:
        token: The secret, without its prefix; for `Basic` it is `user:password`.
        base_url: The URL of the server.
        prefix: The word before it; by default that of the contract's first scheme.
        options: See `Options`.

    Raises:
        TypeError: As for `Client`.
        ValueError: `token` or `prefix` can't be sent, or as for `Client`.
    """

    def __init__(
        self,
        token: str,
        base_url: str = SERVER,
        *,
        prefix: str = TOKEN_PREFIX,
        **options: Unpack[Options],
    ) -> None:
        # Tools show the variables of a frame that raises, so none may contain a secret.
        fault = fault_of(token, prefix)
        credential = None if fault else Credential(token, prefix)
        del token
        if fault:
            del options
            raise fault
        self._set_up(base_url, options)
        for given in (options.get("httpx_client"), options.get("async_httpx_client")):
            if given is not None and (given.auth or CREDENTIAL_HEADER in given.headers):
                message = "the httpx client has a credential of its own"
                raise ValueError(f"{message}; pass it to Client, or remove its credential")
        self._credential = credential
        where = _exposed(self.base_url, options)
        if where:
            message = f"{self.base_url} is not https: the token is sent unencrypted {where}"
            warnings.warn(message, InsecureTransportWarning, stacklevel=2)

    @classmethod
    def from_env(
        cls,
        base_url: str | None = None,
        *,
        prefix: str = TOKEN_PREFIX,
        **options: Unpack[Options],
    ) -> Self:
        """Return a client for the token, and the server if any, in the environment.

        Args:
            base_url: The URL of the server, if not the one in the environment.
            prefix: As for `AuthenticatedClient`.
            options: See `Options`.

        Raises:
            ValueError: There is no token, or as for `AuthenticatedClient`.
        """
        if not os.environ.get(TOKEN_VARIABLE):
            raise ValueError(f"missing token: set the environment variable {TOKEN_VARIABLE}")
        url = base_url or os.environ.get(URL_VARIABLE) or SERVER
        return cls(os.environ[TOKEN_VARIABLE], url, prefix=prefix, **options)


def _exposed(url: str, options: Options) -> str | None:
    """Return where others could read the requests to `url`, or None."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        return None
    arguments: Mapping[str, Any] = options.get("httpx_args") or {}
    is_own = not any(map(options.get, ("httpx_client", "async_httpx_client", "transport")))
    if is_own and arguments.get("trust_env", True):
        found = getproxies()
        proxied = (found.get("http") or found.get("all")) and not proxy_bypass(host)
        if arguments.get("proxy") or proxied:
            return "through a proxy"
    return None if _is_loopback(host) else "over the network"


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
