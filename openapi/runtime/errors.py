"""Every error that a call or a decoder raises.

    ApiError
    ├── StatusError                  the answer's status is no success
    │   ├── UnauthorizedError        401
    │   ├── ForbiddenError           403: forbidden, or gone
    │   ├── NotFoundError            404
    │   ├── RateLimitError           429, with `retry_at`
    │   ├── ServerError              500 to 599
    │   └── UnexpectedStatusError    any other one
    ├── BodyError                    a success whose body is no JSON, or was cut off
    ├── ContractViolationError       JSON that breaks a rule of the contract; a ValueError too
    └── TransportError               no answer came; `__cause__` says why
        └── TransportTimeoutError    not in time

No error carries a request, so none carries the credential.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

_SHORT = 80
_CONTAINERS: dict[type, str] = {dict: "an object", list: "an array"}


class ApiError(Exception):
    """What went wrong with one call; never raised directly.

    Attributes:
        message: What went wrong: the server's own words where it gave any.
        status_code: The status of the answer, any number at all, or None where none came.
        headers: The answer's headers, by their lower-case names.
        content: The answer's body, as far as it came.
    """

    def __init__(
        self,
        message: str,
        *,
        status_code: int | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status_code = status_code
        self.headers: Mapping[str, str] = headers or {}
        self.content = content

    @property
    def request_id(self) -> str | None:
        """The id that the server gave the request, where it did: worth telling its owner."""
        names = ("x-request-id", "request-id", "x-correlation-id", "x-amzn-requestid")
        return next((self.headers[name] for name in names if name in self.headers), None)

    def __str__(self) -> str:
        """The status, the message and the request's id, as far as they are known."""
        request = f" (request {self.request_id})" if self.request_id else ""
        status = f"{self.status_code}: " if self.status_code is not None else ""
        return f"{status}{self.message}{request}"

    def __reduce__(self) -> tuple[Callable[..., ApiError], tuple[Any, ...]]:
        """All that it says, for another process."""
        return _remake, (type(self), self.args, self.__dict__)


def _remake(kind: type[ApiError], args: tuple[Any, ...], state: dict[str, Any]) -> ApiError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class StatusError(ApiError):
    """The server answered with a status that is no success; never raised directly."""


class UnauthorizedError(StatusError):
    """401: the credential is missing or not valid, or has expired."""


class ForbiddenError(StatusError):
    """403: forbidden, or gone; servers answer so for things that are no more."""


class NotFoundError(StatusError):
    """404: there is nothing with this id."""


class RateLimitError(StatusError):
    """429: too many requests.

    Attributes:
        retry_at: When the server will answer again, with a time zone, if it said so.
    """

    retry_at: datetime | None = None


class ServerError(StatusError):
    """500 to 599: the server, or something before it, failed."""


class UnexpectedStatusError(StatusError):
    """A status that is neither a success nor any of the others, such as a redirect."""


class BodyError(ApiError):
    """The status is a success, but the body is no JSON, empty, too long, or was cut off."""


class TransportError(ApiError):
    """No answer came: no connection, or one that broke. `__cause__` is what httpx said."""


class TransportTimeoutError(TransportError):
    """No answer came in time."""


class ContractViolationError(ApiError, ValueError):
    """A JSON value breaks a rule of the contract.

    Attributes:
        location: Where, as a JSON pointer into the body; empty for the whole body.
        keyword: The keyword of the contract that is broken, such as `minimum`.
        expected: What the contract says there; for `required` the name of what is missing.
        seen: The value that is there.
    """

    def __init__(self, location: str, keyword: str, expected: object, seen: object) -> None:
        super().__init__(keyword)
        self.location = location
        self.keyword = keyword
        self.expected = expected
        self.seen = seen
        self._describe()

    def _describe(self) -> None:
        where = self.location or "the whole value"
        fact = f"breaks {self.keyword}: expected {_shown(self.expected)}, seen {_shown(self.seen)}"
        self.message = f"{where} {fact}"
        self.args = (self.location, self.keyword, self.expected, self.seen)

    def within(self, token: str | int) -> ContractViolationError:
        """This error, seen from the value that holds the broken one under `token`."""
        escaped = str(token).replace("~", "~0").replace("/", "~1")
        self.location = f"/{escaped}{self.location}"
        self._describe()
        return self


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
