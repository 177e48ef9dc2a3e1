"""Operations, and the ways to call them: for one id, or for many within the rate limit."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar, Unpack, cast, get_args
from urllib.parse import quote, unquote
from uuid import UUID

from attrs import frozen

from .errors import ApiError, BodyError, ContractViolationError
from .exchange import Caller
from .http import run
from .options import CallOptions
from .response import Response, failed

T = TypeVar("T")
_sleep, _asleep = time.sleep, asyncio.sleep
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,18})")


@frozen
class Operation(Generic[T]):
    """An operation that reads a resource by its id.

    Calling it is the same as `sync`. Each method takes the `client` to use and the options of
    `CallOptions`.

    Attributes:
        name: The name of the operation.
        path: The path, with `{}` for the id.
        kind: The type that a success is decoded as.
        id_type: What the id must be.
        identity: The property of a success that contains the id, or None.
    """

    name: str
    path: str
    kind: Any
    id_type: Any
    identity: str | None = None

    def sync(self, id: UUID | int | str, /, *, client: Caller, **options: Unpack[CallOptions]) -> T:
        """Return the resource with this id.

        Raises:
            ApiError: No resource has the id, or the call failed; see the subclasses.
            ValueError: The id is invalid; nothing was sent.
        """
        return run(self.call(id, client, options, awaited=False)).result()

    __call__ = sync

    def sync_detailed(
        self, id: UUID | int | str, /, *, client: Caller, **options: Unpack[CallOptions]
    ) -> Response[T]:
        """Return the response, whatever its status.

        Raises:
            TransportError: No response came.
            ValueError: The id is invalid; nothing was sent.
        """
        return run(self.call(id, client, options, awaited=False))

    async def asyncio(
        self, id: UUID | int | str, /, *, client: Caller, **options: Unpack[CallOptions]
    ) -> T:
        """Return the resource with this id; the async form of `sync`."""
        return (await self.call(id, client, options)).result()

    async def asyncio_detailed(
        self, id: UUID | int | str, /, *, client: Caller, **options: Unpack[CallOptions]
    ) -> Response[T]:
        """Return the response, whatever its status; the async form of `sync_detailed`."""
        return await self.call(id, client, options)

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
        if concurrency < 1:
            raise ValueError(f"invalid concurrency {concurrency}: expected 1 or more")
        return Many(self, ids, client, concurrency, options)

    async def call(
        self, id: object, client: Caller, options: CallOptions, *, awaited: bool = True
    ) -> Response[T]:
        """Return the response; a credential in `options` is removed there and refused."""
        segment = self._segment(id)
        path = self.path.replace("{}", segment)
        response = await client.request(path, self.kind, options, awaited=awaited)
        if self.identity is None or response.parsed is None:
            return response
        found, expected = str(getattr(response.parsed, self.identity)), unquote(segment)
        if expected in {found, found.lower() if self.id_type is UUID else found}:
            return response
        message = f"the response has the id {found}; expected {expected}"
        return failed(response, BodyError(message))

    def _segment(self, id: Any) -> str:
        """Return an id as one segment of a path: nothing else can be inserted through it."""
        value, kind = id, self.id_type
        if isinstance(value, UUID) and kind is UUID:
            return str(value)
        if isinstance(value, str) and int in (kind, *get_args(kind)[:1]):
            value = int(value) if _INTEGER.fullmatch(value) else value
        from .checking import Checker  # noqa: PLC0415 - importing a client needs none

        try:
            value = str(Checker(strict=True).check(kind, value))
        except ContractViolationError as error:
            refusal = TypeError if error.keyword == "type" else ValueError
            what = f"expected {error.keyword} {error.expected}"
            raise refusal(f"invalid id {str(id)[:80]!r}: {what}") from None
        if not value.strip("."):
            raise ValueError(f"invalid id {value!r}: it would change the path")
        return quote(value, safe="")


@frozen
class Result(Generic[T]):
    """The result of one of many requests.

    Attributes:
        id: The id, as it was given.
        value: The decoded value, or None if there is an `error`.
        error: The error that a single call would have raised, or None.
    """

    id: Any
    value: T | None
    error: ApiError | ValueError | None = None

    def result(self) -> T:
        """Return the value.

        Raises:
            ApiError: The request failed.
        """
        if self.error is not None:
            raise self.error
        return cast("T", self.value)


@frozen(eq=False, repr=False)
class Many(Generic[T]):
    """The results of many requests: an iterable, and an async iterable with `asyncio`."""

    _operation: Operation[T]
    _ids: Iterable[Any]
    _client: Caller
    _concurrency: int
    _options: CallOptions

    def __iter__(self) -> Iterator[Result[T]]:
        ids = iter(self._ids)
        pool = ThreadPoolExecutor(self._concurrency)
        pending: set[Future[Result[T]]] = set()
        try:
            for each in ids:
                while pending and (len(pending) >= self._concurrency or self._wait(len(pending))):
                    done, pending = wait(pending, return_when=FIRST_COMPLETED)
                    yield from (future.result() for future in done)
                _sleep(self._wait(len(pending)))
                pending.add(pool.submit(self._blocking, each))
            while pending:
                done, pending = wait(pending, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    async def __aiter__(self) -> AsyncIterator[Result[T]]:
        pending: set[asyncio.Task[Result[T]]] = set()
        try:
            for each in self._ids:
                while pending and (len(pending) >= self._concurrency or self._wait(len(pending))):
                    done, pending = await asyncio.wait(pending, return_when=FIRST_COMPLETED)
                    for task in done:
                        yield task.result()
                await _asleep(self._wait(len(pending)))
                pending.add(asyncio.create_task(self._one(each, awaited=True)))
            while pending:
                done, pending = await asyncio.wait(pending, return_when=FIRST_COMPLETED)
                for task in done:
                    yield task.result()
        finally:
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)

    def _wait(self, in_flight: int) -> float:
        """Return how long the rate limit asks to wait, in seconds."""
        known = self._client.rate_limit
        return known.seconds_to_wait(datetime.now(UTC), in_flight) if known else 0.0

    def _blocking(self, each: Any) -> Result[T]:
        return run(self._one(each, awaited=False))

    async def _one(self, each: Any, *, awaited: bool) -> Result[T]:
        options = self._options.copy()
        try:
            response = await self._operation.call(each, self._client, options, awaited=awaited)
            return Result(each, response.result())
        except (ApiError, ValueError) as error:
            return Result(each, None, error)
