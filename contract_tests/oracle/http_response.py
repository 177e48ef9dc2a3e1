"""HTTP responses as the checks see them, and decoding of bodies up to a limit."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from attrs import field, frozen

from contract_tests.spec.values import Json, shorten

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_BYTES = 2_000_000  # after decoding: a few kilobytes of gzip can expand to gigabytes
_GZIP = 16 + zlib.MAX_WBITS


@frozen
class BodyFault:
    """What is wrong with the bytes of a body.

    Attributes:
        keyword: Its short name, such as `framing`, `content-encoding`, `json` or `duplicate-key`.
        expected: What a strict client expects.
        seen: What was received, shortened.
        location: The instance location; empty for the whole body.
    """

    keyword: str
    expected: str
    seen: Json
    location: str = ""


@frozen
class HttpResponse:
    """One response, with a fault if its framing is invalid.

    Attributes:
        status: The status code; 0 if the response is not HTTP.
        headers: The headers, names in lower case; the last of repeated ones.
        body: The decoded body, as much of it as was received.
        fault: What is wrong with how the body was sent, if anything.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    fault: BodyFault | None = None


def decode_body(raw: bytes, encoding: str) -> tuple[bytes, BodyFault | None]:
    """Decode `raw`; return the body as far as possible, and a fault if there is one."""
    name = encoding.strip().lower()
    if name in {"", "identity"}:
        return raw, None
    if name not in {"gzip", "x-gzip"}:
        return b"", BodyFault("content-encoding", "gzip or none, as requested", shorten(name))
    decompressor = zlib.decompressobj(_GZIP)
    try:
        body = decompressor.decompress(raw, MAX_BYTES)
    except zlib.error as error:
        return b"", BodyFault("content-encoding", "a gzip body", str(error))
    if decompressor.unconsumed_tail:
        return body, BodyFault("size", f"at most {MAX_BYTES:,} bytes", "more")
    if not decompressor.eof:
        return body, BodyFault("framing", "a complete gzip body", "a truncated one")
    return body, None
