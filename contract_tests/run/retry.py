"""Retry requests when the server or the network fails: a single failure proves nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from contract_tests.run.result import Reason
from contract_tests.run.transport import NoResponse

if TYPE_CHECKING:
    from collections.abc import Callable

    from contract_tests.oracle.http_response import HttpResponse
    from contract_tests.run.transport import Transport

BACKOFF = (0.2, 0.5, 1.0)  # seconds between attempts
TRANSIENT = frozenset({Reason.UNREACHABLE, Reason.TIMEOUT})
_FRAMING = 1  # more attempts after a response that was cut off


def get(transport: Transport, path: str, credential: str) -> HttpResponse:
    """Return the response to a GET of `path`; raises as `with_retries` does."""
    return with_retries(transport, lambda: transport.get(path, credential))


def with_retries(transport: Transport, send: Callable[[], HttpResponse]) -> HttpResponse:
    """Call `send` until the server and the network do not fail, and return its response.

    Raises:
        NoResponse: No attempt got a response.
    """
    for attempt, pause in enumerate(BACKOFF):
        try:
            response = send()
        except NoResponse as error:
            if error.reason not in TRANSIENT:
                raise
        else:
            cut_off = response.fault is not None and response.fault.keyword == "framing"
            if not httpx.codes.is_server_error(response.status) and not (
                cut_off and attempt < _FRAMING
            ):
                return response
            transport.note_retry(response)
        transport.sleep(pause)
    return send()
