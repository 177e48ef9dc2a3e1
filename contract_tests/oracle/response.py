"""Every finding about one answer: its status, its headers, its framing, its body.

Pure: an answer in, findings out. Must never send anything, and never know what a property of the
job is called.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import jsonschema_rs
from attrs import evolve, frozen

from contract_tests.oracle.finding import Finding
from contract_tests.oracle.json_body import Unreadable, parse
from contract_tests.oracle.oracle import Oracle
from contract_tests.spec.contract import SUCCESS
from contract_tests.spec.values import Json, join, shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contract_tests.run.transport import Answer
    from contract_tests.spec.contract import Contract, Response

CHECK = "http"
SOME = 3  # statuses that are worth naming one by one


@frozen
class Assessment:
    """What one answer turned out to be.

    Attributes:
        findings: Every finding about it.
        instance: The instance that its body holds, where it is a success.
        variant: The variant that the instance means.
    """

    findings: tuple[Finding, ...]
    instance: Json = None
    variant: str | None = None


class ResponseChecker:
    """Judges the answers of the contract's operation."""

    def __init__(self, contract: Contract) -> None:
        """Compile an oracle for each response of the contract that has content."""
        self.contract = contract
        self.oracles = {
            status: Oracle(contract, next(iter(response.content.values())))
            for status, response in contract.responses.items()
            if response.content
        }

    def of_job(self, answer: Answer, job_id: str, variant: str | None = None) -> Assessment:
        """What `answer` is worth, given for a known job.

        Args:
            answer: The answer.
            job_id: The id that was asked for.
            variant: What the job was when it was last asked for, where that is known.
        """
        judged = self._of_variant(self.of_answer(answer), variant)
        name = self.contract.identity
        if name is None or not isinstance(judged.instance, dict):
            return judged
        seen = judged.instance.get(name)
        if not isinstance(seen, str) or seen.lower() == job_id:
            return judged
        location = join("", name)
        if any(finding.location == location for finding in judged.findings):
            return judged
        message = f"{location} is {shorten(seen)!r}; expected the id that was asked for"
        other = _behaviour("identity", job_id, shorten(seen), message, location=location)
        return evolve(judged, findings=(*judged.findings, evolve(other, variant=judged.variant)))

    def _of_variant(self, judged: Assessment, variant: str | None) -> Assessment:
        if variant is None or judged.variant in {None, variant}:
            return judged
        location = join("", self.contract.job.discriminator or "")
        message = f"{location} means a {judged.variant}; a moment ago the job was a {variant}"
        other = _behaviour("variant", variant, judged.variant, message, location=location)
        return evolve(judged, findings=(*judged.findings, evolve(other, variant=judged.variant)))

    def of_refusal(self, answer: Answer, allowed: Sequence[int], keyword: str) -> Assessment:
        """What `answer` is worth where only the statuses `allowed` are right.

        Args:
            answer: The answer.
            allowed: The statuses that refuse what was asked.
            keyword: What a success is reported as.
        """
        if str(answer.status) != SUCCESS:
            return self.of_answer(answer, also=allowed)
        wanted = " or ".join(map(str, allowed)) if len(allowed) <= SOME else "any 4xx"
        message = f"the status is {answer.status}; expected {wanted}"
        return Assessment((_behaviour(keyword, wanted, answer.status, message),))

    def of_answer(self, answer: Answer, also: Sequence[int] = ()) -> Assessment:
        """What `answer` is worth by itself; the statuses of `also` are fine undocumented too."""
        status = str(answer.status)
        if not answer.status and answer.fault is not None:
            return Assessment((_of_framing(answer),))
        if status[0] == "3" and status not in self.contract.responses:
            where = shorten(answer.headers.get("location", "nowhere"))
            message = f"the status is {status}, to {where}; expected an answer, not a redirect"
            return Assessment(
                (_behaviour("redirect", sorted(self.contract.responses), where, message),)
            )
        response = self.contract.responses.get(status)
        if response is None:
            if answer.status in also:
                return Assessment(())
            expected = sorted(self.contract.responses)
            message = f"the status is {status}; expected one of {', '.join(expected)}"
            return Assessment((_behaviour("status", expected, answer.status, message),))
        findings = list(_of_headers(answer, response))
        if answer.fault is not None:
            return Assessment((*findings, _of_framing(answer)))
        if not answer.body and status != SUCCESS:
            return Assessment(tuple(findings))  # the vendor documents no body for its errors
        media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        oracle = self.oracles[status]
        if media_type not in response.content:
            findings.append(_of_media_type(media_type, response))
            try:
                parse(answer.body)
            except Unreadable:
                return Assessment(tuple(findings))
        instance, about_body = oracle.judge(answer.body)
        findings += about_body
        if status != SUCCESS:
            return Assessment(tuple(evolve(finding, variant=None) for finding in findings))
        return Assessment(tuple(findings), instance, oracle.variant(instance))


def _of_media_type(media_type: str, response: Response) -> Finding:
    expected = ", ".join(response.content)
    message = f"the media type is {media_type or 'not said'}; expected {expected}"
    return _behaviour("media-type", expected, shorten(media_type), message)


def _of_framing(answer: Answer) -> Finding:
    fault = answer.fault
    assert fault is not None
    message = f"the body is no whole one: {fault.seen}; expected {fault.expected}"
    return _behaviour(fault.keyword, fault.expected, shorten(fault.seen), message)


def _of_headers(answer: Answer, response: Response) -> list[Finding]:
    findings = []
    for name, schema in response.headers.items():
        text = answer.headers.get(name.lower())
        value: Json = int(text) if text and re.fullmatch(r"[0-9]{1,20}", text) else text
        judging = {**schema.assertions, "type": list(schema.types) or None}
        if text is None or not jsonschema_rs.is_valid(judging, value):
            message = f"the header {name} is {shorten(text)!r}; expected {schema.types[0]}"
            findings.append(_behaviour("header", name, shorten(text), message))
    return findings


def _behaviour(
    keyword: str, expected: Json, seen: Json, message: str, location: str = ""
) -> Finding:
    return Finding("behaviour", CHECK, location, keyword, expected, seen, message)
