"""Findings about one response: its status, headers, framing and body. No I/O."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import jsonschema_rs
from attrs import evolve, frozen

from contract_tests.oracle.finding import Finding, Kind
from contract_tests.oracle.json_body import Unreadable, parse
from contract_tests.oracle.oracle import Oracle
from contract_tests.spec.contract import SUCCESS
from contract_tests.spec.formats import CHECKS
from contract_tests.spec.values import Json, join, shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contract_tests.oracle.http_response import BodyFault, HttpResponse
    from contract_tests.spec.contract import Contract, Response
    from contract_tests.spec.schema import Schema

CHECK = "http"
_LISTED = 3  # statuses that a message lists one by one


@frozen
class Assessment:
    """The assessment of one response.

    Attributes:
        findings: Every finding about it.
        instance: The instance in its body, for a success.
        variant: The variant of that instance.
    """

    findings: tuple[Finding, ...] = ()
    instance: Json = None
    variant: str | None = None

    def with_finding(self, finding: Finding) -> Assessment:
        """Add a finding about the instance."""
        return evolve(self, findings=(*self.findings, evolve(finding, variant=self.variant)))


class ResponseChecker:
    """Checks the responses of the contract's operation."""

    def __init__(self, contract: Contract) -> None:
        """Compile an oracle for each response of the contract that has content."""
        self.contract = contract
        self.oracles = {
            status: Oracle(contract, response.schema)
            for status, response in contract.responses.items()
            if response.schema is not None
        }

    def check_job(
        self, response: HttpResponse, job_id: str, variant: str | None = None
    ) -> Assessment:
        """Check the response for a known job.

        Args:
            response: The response.
            job_id: The id in the request.
            variant: The variant of the job in an earlier response, if known.
        """
        assessment = self.check(response)
        if variant is not None and assessment.variant not in {None, variant}:
            location = join("", self.contract.job.discriminator or "")
            message = f"{location} selects {assessment.variant}; the job was a {variant} before"
            other = _behavior("variant", variant, assessment.variant, message, location)
            assessment = assessment.with_finding(other)
        name = self.contract.identity
        if name is None or not isinstance(assessment.instance, dict):
            return assessment
        seen = assessment.instance.get(name)
        location = join("", name)
        if (
            seen is None
            or str(seen).lower() == job_id.lower()
            or any(finding.location == location for finding in assessment.findings)
        ):
            return assessment
        message = f"{location} is {shorten(seen)!r}; expected the id in the request"
        return assessment.with_finding(
            _behavior("identity", job_id, shorten(seen), message, location)
        )

    def check_refusal(
        self, response: HttpResponse, allowed: Sequence[int], keyword: str
    ) -> Assessment:
        """Check the response to a request that must be refused.

        Args:
            response: The response.
            allowed: The statuses that refuse the request.
            keyword: The keyword of the finding about a success.
        """
        if str(response.status) != SUCCESS:
            return self.check(response, also=allowed)
        expected = " or ".join(map(str, allowed)) if len(allowed) <= _LISTED else "any 4xx"
        if (page := self._page(response)) is not None:
            return Assessment((page,))
        message = f"the server returned a job ({SUCCESS}); expected status {expected}"
        return Assessment((_behavior(keyword, expected, response.status, message),))

    def check(self, response: HttpResponse, also: Sequence[int] = ()) -> Assessment:
        """Check a response on its own; undocumented statuses in `also` are allowed."""
        status = str(response.status)
        if not response.status and response.fault is not None:
            return Assessment((_framing(response.fault),))
        documented = self.contract.response(status)
        if documented is None:
            if response.status in also:
                return Assessment()
            return Assessment((self._undocumented(response),))
        findings = _header_findings(response, documented)
        if response.fault is not None:
            return Assessment((*findings, _framing(response.fault)))
        oracle = self.oracles.get(documented.status)
        if oracle is None or (not response.body and status != SUCCESS):
            return Assessment(tuple(findings))  # the vendor documents no body for its errors
        if (page := self._page(response)) is not None:
            return Assessment((*findings, page))
        if response.body and _media_type(response) not in documented.content:
            findings.append(_media_type_finding(response, documented))
        instance, in_body = oracle.check_body(response.body)
        if status != SUCCESS:
            findings += [evolve(each, variant=None, response=status) for each in in_body]
            return Assessment(tuple(findings))
        return Assessment((*findings, *in_body), instance, oracle.variant(instance))

    def _undocumented(self, response: HttpResponse) -> Finding:
        expected = sorted(self.contract.responses)
        if response.status // 100 == 3:  # noqa: PLR2004
            where = shorten(response.headers.get("location", "nowhere"))
            message = f"status {response.status}, a redirect to {where}; expected no redirect"
            return _behavior("redirect", expected, where, message)
        message = f"status {response.status}; expected one of {', '.join(expected)}"
        return _behavior("status", expected, response.status, message)

    def _page(self, response: HttpResponse) -> Finding | None:
        """Return the only finding about a body of another media type that is not JSON."""
        documented = self.contract.response(response.status)
        if documented is None or not response.body or _media_type(response) in documented.content:
            return None
        try:
            parse(response.body)
        except Unreadable:
            return _media_type_finding(response, documented)
        return None


def _media_type(response: HttpResponse) -> str:
    return response.headers.get("content-type", "").partition(";")[0].strip().lower()


def _media_type_finding(response: HttpResponse, documented: Response) -> Finding:
    expected = ", ".join(documented.content)
    seen = shorten(_media_type(response))
    message = (
        f"status {response.status} with the media type {seen or '(none)'}; expected {expected}"
    )
    return _behavior("media-type", expected, seen, message)


def _framing(fault: BodyFault) -> Finding:
    message = f"the body is not complete: {fault.seen}; expected {fault.expected}"
    return _behavior(fault.keyword, fault.expected, shorten(fault.seen), message)


def _header_findings(response: HttpResponse, documented: Response) -> list[Finding]:
    findings = []
    for name, header in documented.headers.items():
        text = response.headers.get(name.lower())
        schema = header.schema
        if text is None and not header.required:
            continue
        expected = schema.types[0] if schema and schema.types else "a value"
        if text is None or not (schema is None or _fits(text, schema)):
            message = f"the header {name} is {shorten(text)!r}; expected {expected}"
            findings.append(_behavior("header", name, shorten(text), message))
    return findings


def _fits(text: str, schema: Schema) -> bool:
    """Return whether the text of a header is valid for `schema`, read as any of its types."""
    values: list[Json] = [text]
    if re.fullmatch(r"-?[0-9]{1,20}", text):
        values.append(int(text))
    elif re.fullmatch(r"-?[0-9]{1,20}\.[0-9]{1,20}", text):
        values.append(float(text))
    elif text in {"true", "false"}:
        values.append(text == "true")
    rules = {**schema.assertions, **({"type": list(schema.types)} if schema.types else {})}
    if not set(schema.types) <= {"boolean", "integer", "number", "string"}:
        return True  # a list or an object has several spellings in a header
    return any(
        jsonschema_rs.is_valid(rules, value, formats=dict(CHECKS), validate_formats=True)
        for value in values
    )


def _behavior(
    keyword: str, expected: Json, seen: Json, message: str, location: str = ""
) -> Finding:
    return Finding(Kind.BEHAVIOR, CHECK, location, keyword, expected, seen, message)
