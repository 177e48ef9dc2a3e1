"""Read the vendor's document from a file or an https URL, with limits on size and time."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from contract_tests.spec.document import MAX_BYTES, Document, DocumentError, parse

if TYPE_CHECKING:
    import httpcore

SECONDS = 30.0
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_OK = 200
_REDIRECTS = range(300, 400)


def fetch(source: str, *, seconds: float = SECONDS) -> Document:
    """Read the document at `source`, a path or an https URL.

    Args:
        source: The path or URL. Plain http is refused except on loopback, because responses could
            be forged on the way.
        seconds: The time limit for the whole download.

    Raises:
        DocumentError: It can't be read, is too large or too slow, or is not a document.
    """
    try:
        parts = urlsplit(source) if "://" in source else None
        host = parts.hostname if parts else None
    except ValueError as error:
        raise DocumentError(f"{source}: invalid URL; expected a path or an https URL") from error
    if parts is None:
        return parse(_read(Path(source)), source)
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
        raise DocumentError(f"{source}: {parts.scheme!r}; expected a path or an https URL")
    return parse(_download(source, seconds), source)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)  # a device may be endless
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DocumentError(f"{path}: {reason}; expected a readable OpenAPI document") from error
    if len(content) > MAX_BYTES:
        raise DocumentError(f"{path}: over {MAX_BYTES:,} bytes; expected an OpenAPI document")
    return content


def _download(url: str, seconds: float) -> bytes:
    # Imported here because they take a fifth of a second, which a path does not need.
    import httpcore  # noqa: PLC0415

    from contract_tests.run.connection import connection_pool  # noqa: PLC0415
    from contract_tests.run.deadline import DeadlineBackend  # noqa: PLC0415
    from contract_tests.run.target import TargetError  # noqa: PLC0415

    backend = DeadlineBackend()
    backend.deadline = time.monotonic() + seconds
    try:
        pool, route = connection_pool(url, backend)
    except TargetError as error:
        raise DocumentError(str(error)) from error
    # Without compression, the size of the body is the size in memory.
    headers: list[tuple[bytes | str, bytes | str]] = [("Accept-Encoding", "identity")]
    try:
        with pool, pool.stream("GET", url, headers=headers) as response:
            return _body(url, response)
    except DocumentError:
        raise
    except (httpcore.TimeoutException, TimeoutError) as error:
        message = f"{url}: not complete after {seconds:g} s{route}"
        raise DocumentError(f"{message}; download it and give its path") from error
    except httpcore.ProxyError as error:
        message = f"{url}: the proxy refused the connection ({error})"
        raise DocumentError(f"{message}; check HTTPS_PROXY") from error
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError, ValueError) as error:
        reason = str(error) or type(error).__name__
        raise DocumentError(f"{url}: {reason}; expected a URL that responds") from error


def _body(url: str, response: httpcore.Response) -> bytes:
    status = response.status
    fields = {
        key.lower().decode("latin-1"): value.decode("latin-1") for key, value in response.headers
    }
    if status in _REDIRECTS and "location" in fields:
        message = f"{url}: redirects to {fields['location']}"
        raise DocumentError(f"{message}; use that URL if you trust it")
    if status != _OK:
        message = f"{url}: status {status}"
        raise DocumentError(f"{message}; expected 200 and an OpenAPI document")
    encoding = fields.get("content-encoding", "identity").strip().lower()
    if encoding != "identity":
        message = f"{url}: a body with the encoding {encoding!r}, which was not requested"
        raise DocumentError(f"{message}; download it and give its path")
    body = bytearray()
    for chunk in response.iter_stream():
        body += chunk
        if len(body) > MAX_BYTES:
            message = f"{url}: over {MAX_BYTES:,} bytes"
            raise DocumentError(f"{message}; expected an OpenAPI document of that at most")
    return bytes(body)
