"""Read the body of a response, up to a size and a moment."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from .credential import Credential
from .deadline import seconds_left

_CODINGS = {"gzip": 31, "x-gzip": 31, "deflate": 15}  # the arguments of zlib


@frozen
class Received:
    """A response as it came; `cut_off` says why the body is incomplete, or is None."""

    status_code: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    cut_off: str | None


class Body:
    """A body as it is received; refused if it takes too long or grows too large."""

    def __init__(self, response: Any, limit: int) -> None:
        self.cut_off: str | None = None
        self._response = response
        self._parts: list[bytes] = []
        self._limit = self._room = limit
        coding: str = response.headers.get("content-encoding", "").strip().lower()
        # What was made in this process is decoded already.
        self._coding = "" if response.is_stream_consumed else coding
        self._decoder: Any = None
        if self._coding in _CODINGS:
            self._decoder = zlib.decompressobj(_CODINGS[self._coding])

    def add(self, chunk: bytes) -> None:
        """Decompress and keep a chunk, up to the limit."""
        if self._decoder is not None:
            chunk = self._decoder.decompress(chunk, self._room + 1)
        elif self._coding not in {"", "identity"}:
            what = f"unsupported content coding {self._coding[:40]!r}"
            raise ValueError(f"{what}; expected gzip or deflate")
        self._room -= len(chunk)
        if self._room < 0:
            raise ValueError(f"over {self._limit:,} bytes; raise max_body_bytes to read more")
        self._parts.append(chunk)
        seconds_left(None)

    def received(self, credential: Credential | None) -> Received:
        """Return the response as far as it was received, without the credential."""
        if self.cut_off is None and self._decoder is not None and not self._decoder.eof:
            self.cut_off = "the compressed data is incomplete"
        headers, content = self._response.headers, b"".join(self._parts)
        if credential is not None:
            content = credential.redact(content)
            values = "\n".join(headers.values())
            if credential.redact(values) != values:
                fields = headers.multi_items()
                headers = type(headers)([(key, credential.redact(value)) for key, value in fields])
        return Received(self._response.status_code, headers, content, self.cut_off)
