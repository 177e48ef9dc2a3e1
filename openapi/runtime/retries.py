"""Decide whether and when to send a request again. No I/O."""

from __future__ import annotations

import random
from typing import Any

from attrs import field, frozen, validators


@frozen
class Retries:
    """How to retry after a failed connection, a 429 or a 5xx.

    Waits grow from `first_wait` to `longest_wait`, with jitter, unless the server says how long to
    wait (`Retry-After` or `X-RateLimit-Reset`). If a wait would end after `seconds`, the error is
    raised at once.

    Attributes:
        attempts: The maximum number of attempts.
        seconds: The last attempt must start within so many seconds after the first.
        first_wait: The first wait, in seconds.
        longest_wait: The longest wait, in seconds, unless the server asks for a longer one.
    """

    attempts: int = field(default=3, validator=[validators.instance_of(int), validators.ge(1)])
    seconds: float = field(default=30.0, validator=validators.ge(0))
    first_wait: float = field(default=0.5, validator=validators.ge(0))
    longest_wait: float = field(default=8.0, validator=validators.ge(0))

    def wait_before(self, attempt: int, elapsed: float, until: float | None) -> float | None:
        """Return the seconds to wait after so many attempts and seconds, or None to give up.

        If the server asks to wait, `until` says how many seconds.
        """
        if attempt >= self.attempts:
            return None
        jitter = random.uniform(0.5, 1.0)  # noqa: S311 - no secret
        wait = min(self.longest_wait, self.first_wait * 2 ** (attempt - 1)) * jitter
        if until is not None:
            # A little later than it says, so that clients do not all return at once.
            wait = until + self.first_wait * (1 - jitter)
        return wait if elapsed + wait <= self.seconds else None


def as_retries(value: Any) -> Retries | None:
    """Return the `Retries` for an option: itself, a number of retries, or None."""
    if value is None or isinstance(value, Retries):
        return value
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"invalid retries {value!r}: expected a number, a Retries or None")
    if value < 0:
        raise ValueError(f"invalid retries {value}: expected 0 or more")
    return Retries(attempts=value + 1)
