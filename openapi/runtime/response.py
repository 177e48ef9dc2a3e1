"""A response of the server as a model or an error. No I/O; raises nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import responses
from typing import Any, Generic, NoReturn, TypeVar, cast

from attrs import field, frozen

from .base import decode, parse_json
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
from .http import Received

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
        limit, remaining, reset = (
            _number(headers.get(f"x-ratelimit-{name}", "").strip())
            for name in ("limit", "remaining", "reset")
        )
        reset_at = _instant(reset)
        if remaining is None or reset_at is None:
            return None
        return cls(int(remaining), reset_at, None if limit is None else int(limit))

    def seconds_to_wait(self, now: datetime, in_flight: int = 0) -> float:
        """Return how long to wait before another request, in seconds.

        Args:
            now: The time, with its zone.
            in_flight: The number of requests without a response yet.
        """
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
    """Return a response with its model or its error.

    Args:
        received: The response as it came.
        kind: The model or union that a success is decoded as.
        strict: Whether what the contract does not know is an error.
    """
    status, headers, content = received.status, received.headers, received.content
    error: ApiError
    try:
        if status != SUCCESS:
            _fail_by_status(status, headers, content)
        if received.cut_off is not None:
            size = f"{len(content):,} bytes"
            raise BodyError(f"the body was cut off after {size}: {received.cut_off}")
        return Response(status, headers, content, decode(kind, content, strict=strict))
    except ApiError as raised:
        error = raised
    if isinstance(error, BodyError) and received.cut_off is None:
        media_type = headers.get("content-type", "no media type")
        error = BodyError(f"{error.message} ({len(content):,} bytes of {media_type})")
    return failed(status, headers, content, error)


def failed(
    status: int, headers: Mapping[str, str], content: bytes, error: ApiError
) -> Response[Any]:
    """Return an error response, and store the response in the error."""
    error.status_code, error.headers, error.content = status, headers, content
    error.__context__ = None  # its frames keep the whole body alive
    return Response(status, headers, content, None, error.with_traceback(None))


def _fail_by_status(status: int, headers: Mapping[str, str], content: bytes) -> NoReturn:
    kind = _BY_STATUS.get(status)
    if kind is None:
        kind = ServerError if status // 100 == 5 else UnexpectedStatusError  # noqa: PLR2004
    error = kind(_message(status, headers, content))
    if isinstance(error, RateLimitError):
        error.retry_at = retry_at(status, headers, datetime.now(UTC))
    raise error


def _message(status: int, headers: Mapping[str, str], content: bytes) -> str:
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
        media_type = headers.get("content-type", "no media type")
        words = f"{reason} (body: {len(content):,} bytes of {media_type})"
    printable = "".join(letter if letter.isprintable() else " " for letter in words)
    return " ".join(printable.split())[:_LONGEST_MESSAGE]


def retry_at(status: int, headers: Mapping[str, str], now: datetime) -> datetime | None:
    """Return when to try again: `Retry-After` or, for a 429, `X-RateLimit-Reset`.

    Args:
        status: The response's status.
        headers: Its headers.
        now: The time, with its zone.
    """
    after = headers.get("retry-after", "").strip()
    if after:
        seconds = _number(after)
        if seconds is not None:
            return now + timedelta(seconds=min(seconds, _YEAR))
        try:
            date = parsedate_to_datetime(after)
        except (ValueError, IndexError, TypeError, OverflowError):
            pass
        else:
            return date if date.tzinfo else date.replace(tzinfo=UTC)
    if status != RATE_LIMITED:
        return None  # many servers send the reset in every response
    return _instant(_number(headers.get("x-ratelimit-reset", "").strip()))


def _instant(epoch: float | None) -> datetime | None:
    try:
        return None if epoch is None else datetime.fromtimestamp(epoch, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _number(text: str) -> float | None:
    return float(text) if text.isascii() and text.replace(".", "", 1).isdigit() else None
