"""When a request is sent again, and after how long. Pure but for the dice."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from attrs import field, frozen, validators

if TYPE_CHECKING:
    from datetime import datetime

_RATE_LIMITED = 429
_SERVER_ERROR = 500


@frozen
class Retries:
    """How a request that reads is sent again after a failed connection, 429 or 5xx.

    A wait grows from `first_wait` to `longest_wait`, with jitter, unless the server says how long
    (`Retry-After`, or the epoch in `X-RateLimit-Reset`). A wait that would end after `seconds` is
    not begun: the failure is raised at once.

    Attributes:
        attempts: How often a request is sent at the most.
        seconds: How long after the first attempt began the last one may begin.
        first_wait: The first wait, in seconds.
        longest_wait: The longest wait that the server did not ask for, in seconds.
    """

    attempts: int = field(default=3, validator=validators.ge(1))
    seconds: float = field(default=30.0, validator=validators.ge(0))
    first_wait: float = field(default=0.5, validator=validators.ge(0))
    longest_wait: float = field(default=8.0, validator=validators.ge(0))


def is_worth_retrying(status: int) -> bool:
    """Whether a later answer to the same request may be a better one."""
    return status == _RATE_LIMITED or _SERVER_ERROR <= status < _SERVER_ERROR + 100


def wait_before_next(
    retries: Retries | None,
    attempt: int,
    elapsed: float,
    until: datetime | None,
    now: datetime,
) -> float | None:
    """How long to wait before the request is sent again, in seconds, or None to give up.

    Args:
        retries: The bounds, or None for no retries.
        attempt: How often it was sent already.
        elapsed: How long ago the first attempt began, in seconds.
        until: When the server said that it will answer again.
        now: The time, with its zone.
    """
    if retries is None or attempt >= retries.attempts:
        return None
    jitter = random.uniform(0.5, 1.0)  # noqa: S311 - no secret
    wait = min(retries.longest_wait, retries.first_wait * 2 ** (attempt - 1)) * jitter
    if until is not None:
        # Later than it says by a little, so that all who were refused do not come at once.
        wait = max((until - now).total_seconds(), 0.0) + retries.first_wait * (1 - jitter)
    return wait if elapsed + wait <= retries.seconds else None
