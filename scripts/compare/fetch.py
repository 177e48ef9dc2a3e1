"""The vendor's document from a file or an https address, within bounds of size and time."""

from __future__ import annotations

import time
from pathlib import Path
from urllib.parse import urlsplit

from contract_tests.spec.document import MAX_BYTES, Document, DocumentError, parse

SECONDS = 30.0
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def fetch(source: str, *, seconds: float = SECONDS) -> Document:
    """Read the document at `source`, a path or an https address.

    Args:
        source: Where it is; http is refused but on this machine, as anybody could answer.
        seconds: How long a download may take in all.

    Raises:
        DocumentError: It can't be had, is too large or too slow, or is no document.
    """
    scheme = urlsplit(source).scheme if "://" in source else ""
    if not scheme:
        return parse(_read(Path(source)), source)
    if scheme != "https" and not (scheme == "http" and urlsplit(source).hostname in _LOOPBACK):
        raise DocumentError(f"{source}: {scheme!r}; expected a path or an https address")
    return parse(_download(source, seconds), source)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)  # a device may never end
    except OSError as error:
        message = f"{path}: {error.strerror}; expected a readable OpenAPI document"
        raise DocumentError(message) from error
    if len(content) > MAX_BYTES:
        raise DocumentError(f"{path}: over {MAX_BYTES:,} bytes; expected an OpenAPI document")
    return content


def _download(address: str, seconds: float) -> bytes:
    import httpx  # noqa: PLC0415  # a fifth of a second that a path does not need

    end = time.monotonic() + seconds
    body = bytearray()
    try:
        with httpx.stream("GET", address, timeout=min(seconds, 10), follow_redirects=False) as got:
            if got.has_redirect_location:
                message = f"{address}: redirects to {got.headers['location']}"
                raise DocumentError(f"{message}; name that address if you trust it")
            if got.status_code != httpx.codes.OK:
                message = f"{address}: answered {got.status_code}"
                raise DocumentError(f"{message}; expected 200 and an OpenAPI document")
            for chunk in got.iter_bytes():
                body += chunk
                if len(body) > MAX_BYTES:
                    message = f"{address}: over {MAX_BYTES:,} bytes"
                    raise DocumentError(f"{message}; expected an OpenAPI document of that at most")
                if time.monotonic() > end:
                    message = f"{address}: not there after {seconds:g} s"
                    raise DocumentError(f"{message}; download it and name the file")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        message = f"{address}: {error or type(error).__name__}"
        raise DocumentError(f"{message}; expected an address that answers") from error
    return bytes(body)
