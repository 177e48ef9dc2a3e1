"""The connection pool of a transport: which CA certificates it trusts and which proxy it uses.

`SSL_CERT_FILE` and `SSL_CERT_DIR` replace the trusted certificates. `HTTPS_PROXY`, `ALL_PROXY` and
`NO_PROXY` apply to https targets only, where the token travels inside TLS; a plain http target is
always connected directly. `~/.netrc` is never read.
"""

from __future__ import annotations

import logging
import os
import ssl
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes, urlsplit

import httpcore
import httpx
from requests.utils import get_environ_proxies, select_proxy

from contract_tests.run.target import TargetError, is_loopback

if TYPE_CHECKING:
    from contract_tests.run.deadline import DeadlineBackend

_TRUST = ("SSL_CERT_FILE", "SSL_CERT_DIR")


class _Proxy(httpcore.HTTPProxy):
    """A pool that drops failed connections; httpcore would wait for one inside a tunnel."""

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        try:
            return super().handle_request(request)
        except BaseException:
            self.close()
            raise


def connection_pool(url: str, backend: DeadlineBackend) -> tuple[httpcore.ConnectionPool, str]:
    """Return a pool with one connection to `url`, and a note for messages about its proxy.

    Raises:
        TargetError: The CA file or the proxy that the environment names can't be used.
    """
    for name in ("httpcore", "httpx"):
        logging.getLogger(name).setLevel(logging.WARNING)  # below it they log headers
    context = _ssl_context() if url.startswith("https:") else None
    proxy = proxy_for(url)
    if proxy is None:
        pool = httpcore.ConnectionPool(
            ssl_context=context, max_connections=1, network_backend=backend
        )
        return pool, ""
    parts = urlsplit(proxy)
    user, password = parts.username or "", parts.password or ""
    auth = (unquote_to_bytes(user), unquote_to_bytes(password)) if user else None
    address = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    through = _Proxy(
        address,
        proxy_auth=auth,
        ssl_context=context,
        proxy_ssl_context=context if parts.scheme == "https" else None,
        max_connections=1,
        network_backend=backend,
    )
    return through, f" through the proxy {address}"


def proxy_for(url: str) -> str | None:
    """Return the proxy for `url` from the environment, None for a direct connection.

    Raises:
        TargetError: The proxy is not an http or https URL.
    """
    target = urlsplit(url)
    if target.scheme != "https" or is_loopback(target.hostname or ""):
        return None
    proxy = select_proxy(url, get_environ_proxies(url))
    if proxy is None:
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    if not _is_proxy(proxy):
        shown = f"{proxy.partition(':')[0]}://{proxy.rpartition('@')[2].rpartition('/')[2]}"
        raise TargetError(
            f"invalid proxy {shown} in HTTPS_PROXY; expected one such as http://host:3128"
        )
    return proxy


def _is_proxy(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return (
            url.isascii()
            and parts.scheme in {"http", "https"}
            and bool(parts.hostname)
            and parts.port != 0
        )
    except ValueError:
        return False


def trust_hint() -> str:
    """Return where the trusted certificates come from, for a message about TLS."""
    for name in _TRUST:
        if value := os.environ.get(name):
            return f"trusted certificates: {value} ({name})"
    return "trusted certificates: certifi's; set SSL_CERT_FILE for a private CA"


def _ssl_context() -> ssl.SSLContext:
    for name in _TRUST:
        if (value := os.environ.get(name)) and not os.path.exists(value):  # noqa: PTH110
            raise TargetError(f"{name} names {value}, which does not exist; set it to a CA file")
    try:
        return httpx.create_ssl_context()
    except (OSError, ssl.SSLError) as error:
        name = next((name for name in _TRUST if os.environ.get(name)), "the CA file")
        message = f"{name}: can't load {os.environ.get(name, '')} ({error}); expected PEM"
        raise TargetError(message) from error
