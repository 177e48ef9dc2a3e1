"""When a request is sent again, and after how long. Pure except for the jitter."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any

from attrs import field, frozen, validators

_RATE_LIMITED = 429
_SERVER_ERROR = 500


@frozen
class Retries:
    """How a request is sent again after a failed connection, 429 or 5xx.

    A wait grows from `first_wait` to `longest_wait`, with jitter, unless the server says how long
    (`Retry-After`, or the time in `X-RateLimit-Reset`). A wait that would end after `seconds` is
    not started: the failure is raised at once.

    Attributes:
        attempts: How many times a request is sent at most.
        seconds: How long after the first attempt started the last one may start.
        first_wait: The first wait, in seconds.
        longest_wait: The longest wait that the server did not ask for, in seconds.
    """

    attempts: int = field(default=3, validator=[validators.instance_of(int), validators.ge(1)])
    seconds: float = field(default=30.0, validator=validators.ge(0))
    first_wait: float = field(default=0.5, validator=validators.ge(0))
    longest_wait: float = field(default=8.0, validator=validators.ge(0))


def as_retries(value: Any) -> Retries | None:
    """Return the rules: `Retries`, or for a number those with so many retries; None for none.

    Raises:
        TypeError: The value is neither.
        ValueError: The number is negative.
    """
    if value is None or isinstance(value, Retries):
        return value
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"invalid retries {value!r}: expected a number, a Retries or None")
    if value < 0:
        raise ValueError(f"invalid retries {value}: expected 0 or more")
    return Retries(attempts=value + 1)


def is_worth_retrying(status: int) -> bool:
    """Whether a later response to the same request may be a better one."""
    return status == _RATE_LIMITED or _SERVER_ERROR <= status < _SERVER_ERROR + 100


def wait_before_next(
    retries: Retries | None,
    attempt: int,
    elapsed: float,
    until: datetime | None,
    now: datetime,
) -> float | None:
    """Return how long to wait before the next attempt, in seconds, or None to give up.

    Args:
        retries: The bounds, or None for no retries.
        attempt: How many times it was sent already.
        elapsed: How long ago the first attempt started, in seconds.
        until: When the server said that it will respond again.
        now: The time, with its zone.
    """
    if retries is None or attempt >= retries.attempts:
        return None
    jitter = random.uniform(0.5, 1.0)  # noqa: S311 - no secret
    wait = min(retries.longest_wait, retries.first_wait * 2 ** (attempt - 1)) * jitter
    if until is not None:
        # A little later than it says, so that all who were refused do not come at once.
        wait = max((until - now).total_seconds(), 0.0) + retries.first_wait * (1 - jitter)
    return wait if elapsed + wait <= retries.seconds else None
