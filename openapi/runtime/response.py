"""One answer of the server: what it says, and which error it is where it is no success.

Pure: status, headers and body in, a `Response` out. Raises nothing for whatever a server sends.
"""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import responses
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar, cast

from attrs import field, frozen

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

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# The extra `fast`. It makes floats of integers of more than 64 bits; no other value differs.
_fast_loads: Callable[[bytes], Any] | None
try:
    _fast_loads = import_module("orjson").loads
except ImportError:
    _fast_loads = None

T = TypeVar("T")

SUCCESS = 200
RATE_LIMITED = 429
_BY_STATUS: Mapping[int, type[StatusError]] = {
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    RATE_LIMITED: RateLimitError,
}
_WORDS = ("message", "detail", "error")  # where a server says what went wrong, the best first
_LONGEST_MESSAGE = 500
_YEAR = 366 * 86_400


@frozen
class Response(Generic[T]):
    """What the server answered, whatever it was.

    Attributes:
        status_code: The status, any number.
        headers: The headers; a name is found in upper and lower case.
        content: The body as it came, decompressed; cut short where the server broke off.
        parsed: What the body says, or None where `error` says why there is nothing.
        error: What `sync` raises for this answer, or None for a success.
    """

    status_code: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)
    parsed: T | None
    error: ApiError | None = None

    def result(self) -> T:
        """What the body says.

        Raises:
            ApiError: `error`, where there is one.
        """
        if self.error is not None:
            raise self.error
        return cast("T", self.parsed)


def read_answer(
    status: int,
    headers: Mapping[str, str],
    content: bytes,
    cut_off: str | None,
    decode: Callable[[Any, bool], T],
    *,
    strict: bool,
) -> Response[T]:
    """Judge one answer.

    Args:
        status: Its status.
        headers: Its headers.
        content: Its body, as far as it came.
        cut_off: Why the body did not come whole, or None.
        decode: Makes what the caller wants of a success's JSON.
        strict: Whether what the contract does not know is an error.
    """
    error: ApiError
    try:
        if status != SUCCESS:
            _fail_by_status(status, headers, content)
        if cut_off is not None:
            raise BodyError(f"the body was cut off after {len(content):,} bytes: {cut_off}")
        return Response(status, headers, content, decode(parse_json(content, headers), strict))
    except ApiError as raised:
        error = raised
    error.status_code, error.headers, error.content = status, headers, content
    error.__context__ = None  # how it was found out keeps the whole body alive
    return Response(status, headers, content, None, error.with_traceback(None))


def parse_json(content: bytes, headers: Mapping[str, str]) -> Any:
    """The JSON value that a body says.

    Raises:
        BodyError: It says none.
    """
    try:
        if _fast_loads is not None:
            return _fast_loads(content)
        text = content.decode()
        value, end = _scan(text, 0)
        if end == len(text) or not text[end:].strip(_SPACE):
            return value
    except (ValueError, RecursionError, StopIteration):
        pass  # judged below, so that every reader takes the same bodies
    try:
        return _loads(content.removeprefix(BOM_UTF8).decode())
    except (ValueError, RecursionError) as error:
        media_type = headers.get("content-type", "no media type")
        size = f"{len(content):,} bytes of {media_type}" if content else "empty"
        kind = str(error) if content else "there is nothing in it"
        raise BodyError(f"the body is no JSON ({size}): {kind}"[:_LONGEST_MESSAGE]) from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


_decoder = json.JSONDecoder(parse_constant=_refuse_constant)
_loads = _decoder.decode
# The decoder's own scanner, without the regular expressions that skip space around a value.
_scan: Callable[[str, int], tuple[Any, int]] = vars(_decoder)["scan_once"]
_SPACE = " \t\n\r"


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
        body: Any = parse_json(content, headers)
    except BodyError:
        body = None
    said: list[Any] = [body]
    if isinstance(body, dict):
        said = [cast("dict[str, Any]", body).get(name) for name in _WORDS]
    words = next((text for text in said if isinstance(text, str) and text.strip()), None)
    if words is None:
        reason = responses.get(status, "a status without a name")
        media_type = headers.get("content-type", "no media type")
        words = f"{reason} (body: {len(content):,} bytes of {media_type})"
    printable = "".join(letter if letter.isprintable() else " " for letter in words)
    return " ".join(printable.split())[:_LONGEST_MESSAGE]


def retry_at(status: int, headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When the server will answer again: `Retry-After`, or for 429 else `X-RateLimit-Reset`.

    Args:
        status: The answer's status.
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
    reset = _number(headers.get("x-ratelimit-reset", "").strip())
    if reset is None or status != RATE_LIMITED:
        return None  # many servers tell the reset in every answer
    try:
        return datetime.fromtimestamp(reset, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _number(text: str) -> float | None:
    return float(text) if text.isascii() and text.replace(".", "", 1).isdigit() else None
