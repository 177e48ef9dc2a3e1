"""Every error that a call or a decoder raises.

    ApiError
    ├── StatusError
    │   ├── UnauthorizedError        401
    │   ├── ForbiddenError           403
    │   ├── NotFoundError            404
    │   ├── RateLimitError           429
    │   ├── ServerError              500 to 599
    │   └── UnexpectedStatusError    any other status
    ├── BodyError
    ├── ContractViolationError
    └── TransportError
        └── TransportTimeoutError

No error carries a request, so none carries the credential.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import cast

_SHORT = 80
_CONTAINERS: dict[type, str] = {dict: "an object", list: "an array"}


class ApiError(Exception):
    """The base class of every error of a call.

    Attributes:
        message: What went wrong, in the words of the server if it sent any.
        status_code: The status of the response, or None if none came.
        headers: The response's headers, by their lower-case names.
        content: The body of the response, as far as it was received.
    """

    status_code: int | None = None
    headers: Mapping[str, str] = MappingProxyType({})
    content: bytes = b""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    @property
    def request_id(self) -> str | None:
        """The id that the server gave the request; include it in a report to the vendor."""
        names = ("x-request-id", "request-id", "x-correlation-id", "x-amzn-requestid")
        return next((self.headers[name] for name in names if name in self.headers), None)

    def __str__(self) -> str:
        """Return the status, the message and the request's id, as far as they are known."""
        request = f" (request {self.request_id})" if self.request_id else ""
        status = f"{self.status_code}: " if self.status_code is not None else ""
        return f"{status}{self.message}{request}"


class StatusError(ApiError):
    """The base class for a status that is not a success.

    Attributes:
        retry_at: When to try again, with a time zone, or None if the server did not say.
    """

    status_code: int  # pyright: ignore[reportIncompatibleVariableOverride]
    retry_at: datetime | None = None

    @property
    def retry_after(self) -> float | None:
        """The seconds until `retry_at`, 0 if it has passed."""
        if self.retry_at is None:
            return None
        return max(0.0, (self.retry_at - datetime.now(UTC)).total_seconds())


class UnauthorizedError(StatusError):
    """401: the credential is missing, invalid or expired."""


class ForbiddenError(StatusError):
    """403: forbidden; servers also send it for deleted resources."""


class NotFoundError(StatusError):
    """404: no resource has this id."""


class RateLimitError(StatusError):
    """429: too many requests."""


class ServerError(StatusError):
    """500 to 599: the server or a proxy failed."""


class UnexpectedStatusError(StatusError):
    """Any other status, such as a redirect."""


class BodyError(ApiError):
    """A success with a body that is incomplete, too large, not JSON, or about another id."""


class TransportError(ApiError):
    """No response came: the connection failed or broke. `__cause__` is the error of httpx."""


class TransportTimeoutError(TransportError):
    """No response came in time."""


class ContractViolationError(ApiError, ValueError):
    """A JSON value breaks a rule of the contract.

    Attributes:
        location: The location as a JSON pointer into the body; empty for the whole body.
        keyword: The broken keyword of the contract, such as `minimum`.
        expected: The value in the contract; for `required`, the name of the missing property.
        seen: The value in the body.
    """

    def __init__(self, location: str, keyword: str, expected: object, seen: object) -> None:
        super().__init__(keyword)
        self.location = location
        self.keyword = keyword
        self.expected = expected
        self.seen = seen
        fact = f"breaks {keyword}: expected {_shown(expected)}, got {_shown(seen)}"
        # A property may have any name: one that a terminal would obey is escaped.
        place = location if location.isprintable() else repr(location)[1:-1]
        self.message = f"{place or 'the whole value'} {fact}"
        self.args = (location, keyword, expected, seen)


def _shown(value: object) -> str:
    kind = type(value)
    if kind in _CONTAINERS:
        return f"{_CONTAINERS[kind]} of {len(cast('list[object]', value))}"
    if kind is tuple:  # of what is expected
        return " or ".join(str(item) for item in cast("tuple[object, ...]", value))
    try:
        text = repr(value)
    except ValueError:  # an integer of more digits than Python prints
        return "an integer too long to show"
    return text if len(text) <= _SHORT else f"{text[:_SHORT]}…"
