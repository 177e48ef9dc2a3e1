"""Requests sent, and sent again; answers read, in bounded time and space.

Errors of httpx are wrapped without their tracebacks: the frames below hold the request's headers,
and tools that print a frame's locals would print the credential.
"""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import field, frozen

from .errors import TransportError, TransportTimeoutError
from .response import Response, read_answer, retry_at
from .retries import is_worth_retrying, wait_before_next

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import httpx

    from .credential import Credential
    from .retries import Retries

T = TypeVar("T")

LONGEST_BODY = 32 * 1024 * 1024
_log = logging.getLogger(__package__)


@frozen(kw_only=True)
class Settings:
    """What can be said of every client; the attributes are arguments of `Client`."""

    headers: Mapping[str, str] = field(repr=False)
    timeout: float | httpx.Timeout
    deadline: float
    retries: Retries | None
    strict: bool


@frozen
class Call:
    """One request to be sent, with what credential, and for how long to try."""

    url: str
    credential: Credential | None
    settings: Settings


def send(client: httpx.Client, call: Call, decode: Callable[[Any, bool], T]) -> Response[T]:
    """Send the request until an answer is good or final.

    Raises:
        TransportError: No answer came.
    """
    began = time.monotonic()
    attempt = 1
    while True:
        outcome = _attempt(client, call, decode)
        wait = _wait(call, outcome, attempt, began)
        if wait is None:
            return _final(outcome)
        time.sleep(wait)
        attempt += 1


async def send_async(
    client: httpx.AsyncClient, call: Call, decode: Callable[[Any, bool], T]
) -> Response[T]:
    """Send the request until an answer is good or final; raises as `send` does."""
    from anyio import sleep  # noqa: PLC0415 - httpx brings it, for its own async client

    began = time.monotonic()
    attempt = 1
    while True:
        outcome = await _attempt_async(client, call, decode)
        wait = _wait(call, outcome, attempt, began)
        if wait is None:
            return _final(outcome)
        await sleep(wait)
        attempt += 1


def _attempt(
    client: httpx.Client, call: Call, decode: Callable[[Any, bool], T]
) -> Response[T] | TransportError:
    body = _Body(call.settings.deadline)
    try:
        response = client.send(
            _request(client, call), stream=True, follow_redirects=False, auth=None
        )
    except Exception as error:  # noqa: BLE001 - whatever it is, its frames hold the credential
        return _wrapped(error)
    except BaseException as error:  # noqa: BLE001 - an interrupt shows the same frames
        raise error.with_traceback(None) from None
    try:
        for chunk in response.iter_bytes():
            body.add(chunk)
    except Exception as error:  # noqa: BLE001 - whatever it is, a part of an answer is there
        body.cut_off = _words(error)
    finally:
        response.close()
    return body.answer(response, call, decode)


async def _attempt_async(
    client: httpx.AsyncClient, call: Call, decode: Callable[[Any, bool], T]
) -> Response[T] | TransportError:
    from anyio import fail_after  # noqa: PLC0415 - httpx brings it, for its own async client

    body = _Body(call.settings.deadline)
    try:
        with fail_after(call.settings.deadline):
            response = await client.send(
                _request(client, call), stream=True, follow_redirects=False, auth=None
            )
    except Exception as error:  # noqa: BLE001 - as above
        return _wrapped(error)
    except BaseException as error:  # noqa: BLE001 - an interrupt shows the same frames
        raise error.with_traceback(None) from None
    try:
        with fail_after(max(0.0, body.until - time.monotonic())):
            async for chunk in response.aiter_bytes():
                body.add(chunk)
    except Exception as error:  # noqa: BLE001 - as above
        body.cut_off = _words(error)
    finally:
        await response.aclose()
    return body.answer(response, call, decode)


def _request(client: httpx.Client | httpx.AsyncClient, call: Call) -> httpx.Request:
    headers = call.settings.headers
    if call.credential is not None:
        headers = {**headers, **call.credential.header()}
    return client.build_request("GET", call.url, headers=headers, timeout=call.settings.timeout)


class _Body:
    """A body as it comes in, refused when it takes too long or grows too large."""

    def __init__(self, seconds: float) -> None:
        self.until = time.monotonic() + seconds
        self.began = time.monotonic()
        self.chunks: list[bytes] = []
        self.size = 0
        self.cut_off: str | None = None

    def add(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if self.size > LONGEST_BODY:
            raise ValueError(f"over {LONGEST_BODY:,} bytes")
        self.chunks.append(chunk)
        if time.monotonic() > self.until:
            raise TimeoutError("it took longer than the deadline")

    def answer(
        self, response: httpx.Response, call: Call, decode: Callable[[Any, bool], T]
    ) -> Response[T]:
        status = response.status_code
        seconds = time.monotonic() - self.began
        _log.debug("GET %s: %d after %.3f s", call.url, status, seconds)
        content = b"".join(self.chunks)
        headers = response.headers
        strict = call.settings.strict
        return read_answer(status, headers, content, self.cut_off, decode, strict=strict)


def _wait(
    call: Call, outcome: Response[Any] | TransportError, attempt: int, began: float
) -> float | None:
    if isinstance(outcome, Response) and not is_worth_retrying(outcome.status_code):
        return None
    now = datetime.now(UTC)
    until = None
    if isinstance(outcome, Response):
        until = retry_at(outcome.status_code, outcome.headers, now)
        why = str(outcome.status_code)
    else:
        why = outcome.message
    elapsed = time.monotonic() - began
    wait = wait_before_next(call.settings.retries, attempt, elapsed, until, now)
    if wait is not None:
        _log.debug("GET %s: attempt %d failed (%s); waiting %.3f s", call.url, attempt, why, wait)
    return wait


def _final(outcome: Response[T] | TransportError) -> Response[T]:
    if isinstance(outcome, TransportError):
        raise outcome
    return outcome


def _wrapped(error: Exception) -> TransportError:
    import httpx  # noqa: PLC0415

    late = isinstance(error, (httpx.TimeoutException, TimeoutError))
    kind = TransportTimeoutError if late else TransportError
    wrapped = kind(_words(error))
    wrapped.__cause__ = _bare(error)
    return wrapped


def _words(error: BaseException) -> str:
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _bare(error: BaseException) -> BaseException:
    seen: BaseException | None = error
    while seen is not None:
        seen.__traceback__ = None
        seen = seen.__cause__ or seen.__context__
    return error
