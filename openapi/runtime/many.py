"""Many requests at once, within the rate limit."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar, cast

from attrs import frozen

from .errors import ApiError
from .http import run

T = TypeVar("T")
_sleep, _asleep = time.sleep, asyncio.sleep


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


class Many(Generic[T]):
    """The results of many requests: an iterable, and an async iterable with `asyncio`."""

    def __init__(
        self,
        operation: Any,
        ids: Iterable[Any],
        client: Any,
        concurrency: int,
        options: Mapping[str, Any],
    ) -> None:
        if concurrency < 1:
            raise ValueError(f"invalid concurrency {concurrency}: expected 1 or more")
        self._operation, self._ids, self._client = operation, ids, client
        self._concurrency, self._options = concurrency, options

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
        options = dict(self._options)
        try:
            response = await self._operation.call(each, self._client, options, awaited=awaited)
            return Result(each, response.result())
        except (ApiError, ValueError) as error:
            return Result(each, None, error)
