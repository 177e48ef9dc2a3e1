"""Probes: requests with a wrong id, credential or method, which the server must refuse.

A probe with findings is sent again. A probe without a response proves nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
from attrs import evolve, frozen

from contract_tests.instances.ids import invalid, unknown
from contract_tests.oracle.finding import Finding, Kind
from contract_tests.oracle.response import CHECK
from contract_tests.run.known_jobs import is_up
from contract_tests.run.transport import NoResponse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.oracle.http_response import HttpResponse
    from contract_tests.run.record import RunRecord
    from contract_tests.run.session import Session

_UNKNOWN = (httpx.codes.NOT_FOUND, httpx.codes.FORBIDDEN)
_REFUSED = (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN)
_INVALID = tuple(code for code in httpx.codes if httpx.codes.is_client_error(code))
METHODS = ("DELETE", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE")


@frozen
class Probe:
    """One request that must be refused.

    Attributes:
        name: Its name.
        allowed: The statuses that refuse it.
        keyword: The keyword of a finding if it succeeds.
        value: The id to request, None for the id of a known job.
        credential: The value of the credential, empty for none, None for the run's own.
    """

    name: str
    allowed: tuple[int, ...]
    keyword: str
    value: str | None = None
    credential: str | None = None


UNKNOWN = Probe("unknown id", _UNKNOWN, "unknown-id")
INVALID = Probe("invalid id", _INVALID, "invalid-id")


def probes(record: RunRecord) -> tuple[Probe, ...]:
    """Return the probes of a run.

    There is none of an unknown id where each id may exist, none of an invalid id where every text
    is an id, and none of a credential where none is required.
    """
    schema, own = record.contract.id_schema, record.target.credential
    ids = ((UNKNOWN, unknown(schema, record.target.known_ids)), (INVALID, invalid(schema)))
    found = [evolve(probe, value=value) for probe, value in ids if value is not None]
    if own.required:
        found += [
            Probe("no credential", _REFUSED, "authentication", credential=""),
            Probe("garbage credential", _REFUSED, "authentication", credential=own.garbage),
        ]
    return tuple(found)


def run_probes(session: Session) -> None:
    """Send each probe and record the findings about its response."""
    for probe in probes(session.record):
        if session.record.should_stop:
            return
        session.record.ran(probe.name)
        try:
            _run(session, probe)
        except NoResponse as error:
            session.record.no_response(error)
        else:
            session.record.probes.add(probe.name)


def _run(session: Session, probe: Probe) -> None:
    """Send a probe; with any findings, send it again."""
    record = session.record
    value = probe.value or record.known_id
    for _ in range(2):
        response = session.get(value, probe.credential)
        findings = check_refusal(session, response, probe)
        if not findings:
            return
        session.transport.drop_connection()
        if httpx.codes.is_server_error(response.status) and not is_up(session):
            return
        messages = [evolve(item, message=f"{probe.name}: {item.message}") for item in findings]
        record.observe(messages, None, record.reproduce(value, probe.credential))


def check_refusal(session: Session, response: HttpResponse, probe: Probe) -> list[Finding]:
    """Return the findings about the response to a probe, or to a request like it."""
    findings = session.checker.check_refusal(response, probe.allowed, probe.keyword).findings
    if probe.credential is None:
        return list(findings)
    # A server that only checks for the presence of a credential is a different fact.
    return [
        evolve(item, expected=f"{item.expected} for {probe.name}")
        if item.keyword == probe.keyword
        else item
        for item in findings
    ]


def probe_methods(session: Session) -> None:
    """Send every other method to the embedded server, which must respond with 405.

    A live server never receives them, because the same path accepts PUT and DELETE there.
    """
    record = session.record
    url = record.target.url + record.contract.path_of(record.known_id)
    for method in METHODS:
        if record.should_stop or not record.target.embedded:
            return
        record.ran(f"method {method}")
        reproduce = f"{record.reproduce(record.known_id)} -X {method}"
        try:
            for _ in range(2):
                response = session.transport.send(method, url, record.target.credential.shown)
                record.observe(list(_method_findings(method, response)), None, reproduce)
        except NoResponse as error:
            record.no_response(error)


def _method_findings(method: str, response: HttpResponse) -> Iterator[Finding]:
    allow = response.headers.get("allow", "")
    if response.status != httpx.codes.METHOD_NOT_ALLOWED:
        message = f"{method}: the status is {response.status}; expected 405"
        yield Finding(Kind.BEHAVIOR, CHECK, "", "allow", 405, response.status, message)
    elif "GET" not in allow.replace(",", " ").split():
        message = f"{method}: the header Allow of the 405 is {allow!r}; expected GET"
        yield Finding(Kind.BEHAVIOR, CHECK, "", "allow", "GET", allow, message)
