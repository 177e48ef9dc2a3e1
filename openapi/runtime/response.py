"""A response of the server: its body as it is received, then a model or an error."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import responses
from typing import Any, Generic, TypeVar, cast

from attrs import field, frozen

from .base import decode, parse_json
from .credential import Credential
from .deadline import seconds_left
from .errors import (
    ApiError,
    BodyError,
    ForbiddenError,
    NotFoundError,
    RateLimitError,
    ServerError,
    StatusError,
    UnauthorizedError,
    UnexpectedStatusError,
)

T = TypeVar("T")

SUCCESS = 200
RATE_LIMITED = 429
_BY_STATUS: Mapping[int, type[StatusError]] = {
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    RATE_LIMITED: RateLimitError,
}
_WORDS = ("message", "detail", "error")  # where a server describes an error, the best place first
_LONGEST_MESSAGE = 500
_YEAR = 366 * 86_400
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


@frozen
class RateLimit:
    """The rate limit according to a response.

    Attributes:
        remaining: The number of requests left.
        reset_at: When the limit resets, with a time zone.
        limit: The total number of allowed requests, or None if the server does not say.
    """

    remaining: int
    reset_at: datetime
    limit: int | None = None

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> RateLimit | None:
        """Return the rate limit in a response's headers, or None."""
        if "x-ratelimit-remaining" not in headers:
            return None
        remaining, limit = (
            _number(headers.get(f"x-ratelimit-{name}")) for name in ("remaining", "limit")
        )
        reset_at = _instant(headers.get("x-ratelimit-reset"))
        if remaining is None or reset_at is None:
            return None
        return cls(int(remaining), reset_at, None if limit is None else int(limit))

    def seconds_to_wait(self, now: datetime, in_flight: int = 0) -> float:
        """Return the seconds to wait before another request if so many have no response yet."""
        if self.remaining > in_flight:
            return 0.0
        return max(0.0, (self.reset_at - now).total_seconds())


@frozen
class Response(Generic[T]):
    """A response of the server, successful or not.

    Attributes:
        status_code: The status code.
        headers: The headers; names are case-insensitive.
        content: The decompressed body; truncated if the server stopped sending.
        parsed: The decoded body, or None if there is an `error`.
        error: The error that `sync` raises for this response, or None for a success.
    """

    status_code: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    parsed: T | None
    error: ApiError | None = None

    @property
    def rate_limit(self) -> RateLimit | None:
        """The rate limit according to the headers."""
        return RateLimit.of(self.headers)

    def result(self) -> T:
        """Return the decoded body.

        Raises:
            ApiError: The response is an error.
        """
        if self.error is not None:
            raise self.error
        return cast("T", self.parsed)


def read_response(received: Received, kind: Any, *, strict: bool) -> Response[Any]:
    """Return a response with its model, decoded as `kind`, or with its error."""
    status, headers, content = received.status_code, received.headers, received.content
    if status != SUCCESS:
        return failed(received, _status_error(status, headers, content))
    if received.cut_off is not None:
        message = f"the body was cut off after {len(content):,} bytes: {received.cut_off}"
        return failed(received, BodyError(message))
    try:
        return Response(status, headers, content, decode(kind, content, strict=strict))
    except BodyError as error:
        return failed(received, BodyError(f"{error.message} ({_size(headers, content)})"))
    except ApiError as error:
        return failed(received, error)


def failed(response: Received | Response[Any], error: ApiError) -> Response[Any]:
    """Return an error response, and store the response in the error."""
    status, headers, content = response.status_code, response.headers, response.content
    error.status_code, error.headers, error.content = status, headers, content
    error.__context__ = None  # its frames keep the whole body alive
    return Response(status, headers, content, None, error.with_traceback(None))


def _status_error(status: int, headers: Mapping[str, str], content: bytes) -> StatusError:
    kind = _BY_STATUS.get(status)
    if kind is None:
        kind = ServerError if status // 100 == 5 else UnexpectedStatusError  # noqa: PLR2004
    error = kind(_message(status, headers, content))
    error.retry_at = retry_at(status, headers, datetime.now(UTC))
    return error


def _message(status: int, headers: Mapping[str, str], content: bytes) -> str:
    """Return what the server says in one printable line, or else what it sent."""
    try:
        body: Any = parse_json(content)
    except BodyError:
        body = None
    texts: list[Any] = [body]
    if isinstance(body, dict):
        texts = [cast("dict[str, Any]", body).get(name) for name in _WORDS]
    words = next((text for text in texts if isinstance(text, str) and text.strip()), None)
    if words is None:
        reason = responses.get(status, "a status without a name")
        words = f"{reason} (body: {_size(headers, content)})"
    printable = "".join(letter if letter.isprintable() else " " for letter in words)
    return " ".join(printable.split())[:_LONGEST_MESSAGE]


def _size(headers: Mapping[str, str], content: bytes) -> str:
    return f"{len(content):,} bytes of {headers.get('content-type', 'no media type')}"


def retry_at(status: int, headers: Mapping[str, str], now: datetime) -> datetime | None:
    """Return when to try again: `Retry-After` or, for a 429, `X-RateLimit-Reset`."""
    after = headers.get("retry-after", "").strip()
    seconds = _number(after)
    if seconds is not None:
        return now + timedelta(seconds=min(seconds, _YEAR))
    with suppress(ValueError, IndexError, TypeError, OverflowError):
        date = parsedate_to_datetime(after)
        return date if date.tzinfo else date.replace(tzinfo=UTC)
    # Many servers send the reset in every response.
    return _instant(headers.get("x-ratelimit-reset")) if status == RATE_LIMITED else None


def _instant(epoch: str | None) -> datetime | None:
    seconds = _number(epoch)
    with suppress(ValueError, OverflowError, OSError):
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    return None


def _number(text: str | None) -> float | None:
    """Return a number that a header holds in digits, or None."""
    plain = (text or "").strip()
    return float(plain) if plain.isascii() and plain.replace(".", "", 1).isdigit() else None
