"""What a server does with the methods that the contract does not describe.

Asked of the mock server alone: on a live one the same address answers PUT and DELETE.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from contract_tests.oracle.finding import Finding, Kind
from contract_tests.oracle.response import CHECK
from contract_tests.run.transport import NoResponse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.oracle.http_response import HttpResponse
    from contract_tests.run.session import Session

METHODS = ("DELETE", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE")


@pytest.mark.parametrize("method", METHODS)
def test_other_methods_are_refused(session: Session, method: str) -> None:
    """Any other method is answered 405, and Allow says which one is right."""
    if not (session.target.embedded and session.may_ask):
        pytest.skip("a live server gets GET and nothing else")
    record = session.record
    url = session.target.url + record.contract.path_of(record.known_id)
    headers = {"authorization": session.target.credential.shown}

    try:
        response = session.wire.send(method, url, headers)
    except NoResponse as error:
        record.no_response(error)
        return

    record.add_findings(_findings(method, response))


def _findings(method: str, response: HttpResponse) -> Iterator[Finding]:
    if response.status != httpx.codes.METHOD_NOT_ALLOWED:
        message = f"{method}: the status is {response.status}; expected 405"
        yield Finding(Kind.BEHAVIOR, CHECK, "", "allow", 405, response.status, message)
    elif "GET" not in response.headers.get("allow", "").replace(",", " ").split():
        seen = response.headers.get("allow")
        message = f"{method}: the 405 says {seen!r} in Allow; expected GET"
        yield Finding(Kind.BEHAVIOR, CHECK, "", "allow", "GET", seen, message)
