"""Operations, and the ways to call them."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, Generic, TypedDict, TypeVar, Unpack, get_args
from urllib.parse import quote, unquote
from uuid import UUID

from .errors import BodyError, ContractViolationError
from .http import TimeoutLike
from .many import Many
from .response import RateLimit, Response, failed
from .retries import Retries

T = TypeVar("T")
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,18})")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class CallOptions(TypedDict, total=False):
    """The options of one call, instead of the client's.

    Attributes:
        timeout: The seconds for each step, or an `httpx.Timeout`.
        deadline: The seconds for one attempt until its body is read; None for no limit.
        headers: Additional headers.
        retries: The number of retries, or a `Retries`; None for no retries.
    """

    timeout: float | TimeoutLike
    deadline: float | None
    headers: Mapping[str, str]
    retries: Retries | int | None


class Caller(ABC):
    """Sends the requests of operations: a client."""

    @property
    @abstractmethod
    def rate_limit(self) -> RateLimit | None:
        """The rate limit according to the last response that had one."""

    @abstractmethod
    def get(self, path: str, kind: Any, options: CallOptions) -> Response[Any]:
        """Request `path` and decode a success as `kind`."""

    @abstractmethod
    async def aget(self, path: str, kind: Any, options: CallOptions) -> Response[Any]:
        """Request `path` and decode a success as `kind`, awaited."""


class Operation(Generic[T]):
    """An operation that reads a resource by its id.

    Calling it is the same as `sync`. Each method takes the `client` to use and the options of
    `CallOptions`.

    Args:
        name: The name of the operation.
        before: The part of the path before the id.
        after: The part of the path after the id.
        kind: The type that a success is decoded as.
        id_type: What the id must be.
        identity: The property of a success that contains the id, or None.
    """

    def __init__(
        self,
        name: str,
        before: str,
        after: str,
        kind: Any,
        *,
        id_type: Any,
        identity: str | None = None,
    ) -> None:
        self.__name__ = name
        self._before, self._after, self._kind = before, after, kind
        self._id_type, self._identity = id_type, identity

    def __call__(
        self, id: UUID | int | str, /, *, client: Caller, **options: Unpack[CallOptions]
    ) -> T:
        """Return the resource; the same as `sync`."""
        return self.call(id, client, options).result()

    def sync(self, id: UUID | int | str, /, *, client: Caller, **options: Unpack[CallOptions]) -> T:
        """Return the resource with this id.

        Raises:
            ApiError: No resource has the id, or the call failed; see the subclasses.
            ValueError: The id is invalid; nothing was sent.
        """
        return self.call(id, client, options).result()

    def sync_detailed(
        self, id: UUID | int | str, /, *, client: Caller, **options: Unpack[CallOptions]
    ) -> Response[T]:
        """Return the response, whatever its status.

        Raises:
            TransportError: No response came.
            ValueError: The id is invalid; nothing was sent.
        """
        return self.call(id, client, options)

    async def asyncio(
        self, id: UUID | int | str, /, *, client: Caller, **options: Unpack[CallOptions]
    ) -> T:
        """Return the resource with this id; the async form of `sync`."""
        return (await self.acall(id, client, options)).result()

    async def asyncio_detailed(
        self, id: UUID | int | str, /, *, client: Caller, **options: Unpack[CallOptions]
    ) -> Response[T]:
        """Return the response, whatever its status; the async form of `sync_detailed`."""
        return await self.acall(id, client, options)

    def call(self, id: UUID | int | str, client: Caller, options: CallOptions) -> Response[T]:
        """Do as `sync_detailed`; a credential in `options` is removed there and refused."""
        segment = self._segment(id)
        path = self._before + segment + self._after
        return self._of(segment, client.get(path, self._kind, options))

    async def acall(
        self, id: UUID | int | str, client: Caller, options: CallOptions
    ) -> Response[T]:
        """Do as `asyncio_detailed`; see `call`."""
        segment = self._segment(id)
        path = self._before + segment + self._after
        return self._of(segment, await client.aget(path, self._kind, options))

    def many(
        self,
        ids: Iterable[UUID | int | str],
        *,
        client: Caller,
        concurrency: int = 8,
        **options: Unpack[CallOptions],
    ) -> Many[T]:
        """Request many ids, several at a time, within the rate limit.

        Iterate over the result with `for`, or with `async for` under asyncio. It yields one
        `Result` for each id, in the order of completion.

        Args:
            ids: The ids.
            client: The client to use.
            concurrency: The maximum number of requests in flight.
            options: The options of each call.
        """
        return Many(self, ids, client, concurrency, options)

    def _segment(self, id: object) -> str:
        return _uuid_segment(id) if self._id_type is UUID else _segment(id, self._id_type)

    def _of(self, segment: str, response: Response[T]) -> Response[T]:
        if self._identity is None or response.parsed is None:
            return response
        found = str(getattr(response.parsed, self._identity))
        expected = unquote(segment)
        if found == expected or (self._id_type is UUID and found.lower() == expected):
            return response
        error = BodyError(f"the response is about the id {found}; expected {expected}")
        return failed(response.status_code, response.headers, response.content, error)

    def __repr__(self) -> str:
        return f"<operation {self.__name__}>"


def _uuid_segment(value: object) -> str:
    """Return an id as one segment of a path: nothing else can be inserted through it."""
    if isinstance(value, UUID):
        return str(value)
    if not isinstance(value, str):
        raise TypeError(f"invalid id: expected a UUID or its text, got {type(value).__name__}")
    if not _UUID.fullmatch(value):
        message = "expected the form 00000000-0000-0000-0000-000000000000"
        raise ValueError(f"invalid id {value[:80]!r}: {message}")
    return value.lower()


def _segment(value: Any, kind: Any) -> str:
    is_integer = int in (kind, *get_args(kind)[:1])
    if is_integer and isinstance(value, str) and _INTEGER.fullmatch(value):
        value = int(value)
    if not isinstance(value, int if is_integer else str) or isinstance(value, bool):
        expected = "an integer" if is_integer else "text"
        raise TypeError(f"invalid id: expected {expected}, got {type(value).__name__}")
    if kind is not str:
        from .checking import Checker  # noqa: PLC0415 - most clients need it later, if at all

        try:
            Checker(strict=True).check(kind, value)
        except ContractViolationError as error:
            message = f"invalid id {str(value)[:80]!r}: expected {error.keyword} {error.expected}"
            raise ValueError(message) from None
    if not str(value).strip("."):
        raise ValueError(f"invalid id {value!r}: it would name another path")
    return quote(str(value), safe="")
