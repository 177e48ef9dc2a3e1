"""Send a request until the response is final: attempts, waits, logs."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime
from typing import Any

from .errors import TransportError
from .http import Pool, Received, Request
from .response import Response, read_response, retry_at
from .retries import is_worth_retrying, wait_before_next

_log = logging.getLogger(__package__)


def send(pool: Pool, request: Request, kind: Any) -> Response[Any]:
    """Send the request until a response is final, whose success is decoded as `kind`.

    Raises:
        TransportError: No response came.
    """
    attempts = _Attempts(request)
    while True:
        try:
            outcome: Received | TransportError = pool.send(request)
        except TransportError as error:
            outcome = error
        wait = attempts.wait_after(outcome)
        if wait is None:
            return _final(request, kind, outcome)
        time.sleep(wait)


async def send_async(pool: Pool, request: Request, kind: Any) -> Response[Any]:
    """Send the request until a response is final; raises as `send` does."""
    from anyio import sleep  # noqa: PLC0415 - httpx brings it

    attempts = _Attempts(request)
    while True:
        try:
            outcome: Received | TransportError = await pool.asend(request)
        except TransportError as error:
            outcome = error
        wait = attempts.wait_after(outcome)
        if wait is None:
            return _final(request, kind, outcome)
        await sleep(wait)


class _Attempts:
    """The attempts of one call so far."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._began = self._last = time.monotonic()
        self._number = 0

    def wait_after(self, outcome: Received | TransportError) -> float | None:
        """Return the seconds to wait before the next attempt, or None if the outcome is final."""
        self._number += 1
        now, moment = datetime.now(UTC), time.monotonic()
        url, seconds = self._request.url, moment - self._last
        if isinstance(outcome, Received):
            _log.debug("GET %s: %d after %.3f s", url, outcome.status, seconds)
            if not is_worth_retrying(outcome.status):
                return None
            why, until = str(outcome.status), retry_at(outcome.status, outcome.headers, now)
        else:
            _log.debug("GET %s: %s after %.3f s", url, outcome.message, seconds)
            why, until = outcome.message, None
        wait = wait_before_next(
            self._request.settings.retries, self._number, moment - self._began, until, now
        )
        if wait is not None:
            self._last = moment + wait
            form = "GET %s: attempt %d failed (%s); trying again in %.3f s"
            _log.warning(form, url, self._number, why, wait)
        return wait


def _final(request: Request, kind: Any, outcome: Received | TransportError) -> Response[Any]:
    if isinstance(outcome, TransportError):
        raise outcome
    return read_response(outcome, kind, strict=request.settings.strict)
