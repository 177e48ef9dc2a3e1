"""Asks again where a server or the network failed: one bad moment of theirs decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from contract_tests.run.transport import Unanswered

if TYPE_CHECKING:
    from collections.abc import Callable

    from contract_tests.run.transport import Answer, Wire

BACKOFF = (0.2, 0.5, 1.0)  # seconds between tries of what a server failed to answer
PASSING = ("unreachable", "timeout")  # why no answer came that may be another a moment later


def ask(wire: Wire, path: str, credential: str | None) -> Answer:
    """The answer to a GET of `path`; raises as `patiently` does."""
    return patiently(wire, lambda: wire.get(path, credential))


def patiently(wire: Wire, send: Callable[[], Answer]) -> Answer:
    """The answer that `send` gives, after retries where the server or the network failed.

    Raises:
        Unanswered: There is none, however often it was asked for.
    """
    for pause in BACKOFF:
        try:
            answer = send()
        except Unanswered as unanswered:
            if unanswered.reason not in PASSING:
                raise
        else:
            if not httpx.codes.is_server_error(answer.status):
                return answer
            wire.pass_over(answer)
        wire.sleep(pause)
    return send()
