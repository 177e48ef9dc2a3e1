"""A body's bytes decoded within a bound: a few kilobytes of gzip can stand for gigabytes."""

from __future__ import annotations

import zlib

from attrs import frozen

from contract_tests.spec.values import shorten

MAX_BYTES = 2_000_000
_GZIP = 16 + zlib.MAX_WBITS


@frozen
class BodyFault:
    """What is wrong with how a body was sent.

    Attributes:
        keyword: Its short name: `framing`, `size` or `content-encoding`.
        expected: What a client counts on.
        seen: What was there.
    """

    keyword: str
    expected: str
    seen: str


def decoded(raw: bytes, encoding: str) -> tuple[bytes, BodyFault | None]:
    """`raw` without its content encoding, as much of it as there is, and what is wrong with it."""
    name = encoding.strip().lower()
    if name in {"", "identity"}:
        return raw, None
    if name not in {"gzip", "x-gzip"}:
        return b"", BodyFault("content-encoding", "gzip or none, as was asked for", shorten(name))
    decompressor = zlib.decompressobj(_GZIP)
    try:
        body = decompressor.decompress(raw, MAX_BYTES)
    except zlib.error as error:
        return b"", BodyFault("content-encoding", "a gzip body", str(error))
    if decompressor.unconsumed_tail:
        return body, BodyFault("size", f"at most {MAX_BYTES:,} bytes", "more")
    if not decompressor.eof:
        return body, BodyFault("framing", "a whole gzip body", "the body ends too early")
    return body, None
