"""Asks again where a server or the network failed: one bad moment of theirs decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from contract_tests.run.transport import NoResponse

if TYPE_CHECKING:
    from collections.abc import Callable

    from contract_tests.oracle.http_response import HttpResponse
    from contract_tests.run.transport import Transport

BACKOFF = (0.2, 0.5, 1.0)  # seconds between tries of what a server failed to answer
TRANSIENT = ("unreachable", "timeout")  # why no answer came that may be another a moment later


def ask(wire: Transport, path: str, credential: str | None) -> HttpResponse:
    """The answer to a GET of `path`; raises as `patiently` does."""
    return with_retries(wire, lambda: wire.get(path, credential))


def with_retries(wire: Transport, send: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer that `send` gives, after retries where the server or the network failed.

    Raises:
        Unanswered: There is none, however often it was asked for.
    """
    for pause in BACKOFF:
        try:
            answer = send()
        except NoResponse as no_response:
            if no_response.reason not in TRANSIENT:
                raise
        else:
            if not httpx.codes.is_server_error(answer.status):
                return answer
            wire.note_retry(answer)
        wire.sleep(pause)
    return send()
