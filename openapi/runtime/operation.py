"""Operations, and the ways to call them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Generic, TypeVar, Unpack, get_args
from urllib.parse import quote, unquote
from uuid import UUID

from attrs import frozen

from .errors import BodyError, ContractViolationError
from .exchange import Caller
from .http import run
from .many import Many
from .options import CallOptions
from .response import Response, failed

T = TypeVar("T")
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,18})")


@frozen(repr=False)
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
        message = f"the response is about the id {found}; expected {expected}"
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
            raise ValueError(f"invalid id {value!r}: it would name another path")
        return quote(value, safe="")

    def __repr__(self) -> str:
        return f"<operation {self.name}>"
