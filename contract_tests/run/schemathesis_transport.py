"""Schemathesis' own traffic, led through the wire.

Schemathesis sends its cases, and the extra requests of some checks, with `requests`. Every session
of that library asks `get_adapter` for the thing that sends, so that is where the wire is put:
nothing of a guarded run leaves by another way.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from contract_tests.run.retry import with_retries
from contract_tests.run.transport import NoResponse, RequestForbidden

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.run.transport import Transport


class TransportAdapter(HTTPAdapter):
    """Sends what `requests` prepared through a wire."""

    def __init__(self, wire: Transport) -> None:
        """Lead everything to `wire`."""
        super().__init__()
        self._wire = wire

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Send one request.

        Raises:
            requests.ConnectionError: The wire refused it, or no answer came.
        """
        body = request.body.encode() if isinstance(request.body, str) else request.body
        assert request.method is not None
        assert request.url is not None
        send = partial(self._wire.send, request.method, request.url, dict(request.headers), body)
        try:
            # The mock server has no bad moments, so what it fails to answer is its fault.
            answer = send() if self._wire.target.embedded else with_retries(self._wire, send)
        except (RequestForbidden, NoResponse) as error:
            raise requests.ConnectionError(error) from error
        # Without its Location a redirect can't be followed, whatever the caller asked for. The
        # body is decoded already, and of the length that it has now.
        hidden = {"location", "content-encoding", "content-length", "transfer-encoding"}
        headers = {name: value for name, value in answer.headers.items() if name not in hidden}
        raw = HTTPResponse(
            BytesIO(answer.body),
            headers,
            answer.status,
            version=11,
            preload_content=False,
            request_method=request.method,
        )
        response: requests.Response = self.build_response(request, raw)
        response.fault = answer.fault  # type: ignore[attr-defined]
        return response


@contextmanager
def route_through(wire: Transport) -> Iterator[None]:
    """Lead all traffic of `requests` in this process through `wire` until the context ends."""
    adapter = TransportAdapter(wire)
    original = requests.Session.get_adapter

    def get_adapter(_: requests.Session, url: str) -> HTTPAdapter:  # noqa: ARG001
        return adapter

    requests.Session.get_adapter = get_adapter  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        requests.Session.get_adapter = original  # type: ignore[method-assign]
