"""What a server does with the methods that the contract does not describe.

Asked of the mock server alone: on a live one the same address answers PUT and DELETE.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from contract_tests.oracle.finding import Finding
from contract_tests.oracle.response import CHECK
from contract_tests.run.transport import NoResponse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.run.session import Session
    from contract_tests.run.transport import Answer

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
        answer = session.wire.send(method, url, headers)
    except NoResponse as error:
        record.no_response(error)
        return

    record.add_findings(_findings(method, answer))


def _findings(method: str, answer: Answer) -> Iterator[Finding]:
    if answer.status != httpx.codes.METHOD_NOT_ALLOWED:
        message = f"{method}: the status is {answer.status}; expected 405"
        yield Finding("behaviour", CHECK, "", "allow", 405, answer.status, message)
    elif "GET" not in answer.headers.get("allow", "").replace(",", " ").split():
        seen = answer.headers.get("allow")
        message = f"{method}: the 405 says {seen!r} in Allow; expected GET"
        yield Finding("behaviour", CHECK, "", "allow", "GET", seen, message)
