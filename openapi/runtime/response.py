"""A response of the server as a model or an error. No I/O; raises nothing."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import responses
from typing import Any, Generic, TypeVar, cast

from attrs import field, frozen

from .base import decode, parse_json
from .body import Received
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
    try:
        if received.cut_off is None:
            return Response(status, headers, content, decode(kind, content, strict=strict))
        size = f"{len(content):,} bytes"
        error: ApiError = BodyError(f"the body was cut off after {size}: {received.cut_off}")
    except BodyError as raised:
        error = BodyError(f"{raised.message} ({_size(headers, content)})")
    except ApiError as raised:
        error = raised
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
