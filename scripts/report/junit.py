"""JUnit XML, for the test tab of a CI system: a test case for each known job and each behaviour."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO
from xml.etree import ElementTree as ET

from scripts.report.facts import headline, line_of, place
from scripts.report.text import plural, show, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contract_tests.oracle.finding import Finding
    from contract_tests.run.result import Job, Run
    from contract_tests.spec.contract import Contract

NOT_JUDGED = "not judged"


def render(run: Run, contract: Contract, out: TextIO) -> None:
    """Write `run` as JUnit XML."""
    suites = ET.Element("testsuites", name="drift")
    suite = ET.SubElement(suites, "testsuite", name=visible(run.target))
    known: dict[str, list[Finding]] = {job.id: [] for job in run.jobs}
    elsewhere: list[Finding] = []
    for finding in run.findings:
        known.get(finding.job_id or "", elsewhere).append(finding)
    for job in run.jobs:
        case = _case(suite, job.variant or "unknown variant", job.id)
        findings = known[job.id]
        _judge(case, findings, contract)
        if not findings and job.variant is None:
            ET.SubElement(case, "skipped", message=_why_not_checked(job))
    for check in dict.fromkeys((*run.checks, *(finding.check for finding in elsewhere))):
        findings = [finding for finding in elsewhere if finding.check == check]
        _judge(_case(suite, "behavior", check), findings, contract)
    if run.verdict == "inconclusive":
        reason = visible(headline(run))
        ET.SubElement(_case(suite, "run", "verdict"), "error", message=reason, type="inconclusive")
    notes = [*run.warnings, *(f"flaky: {finding.message}" for finding in run.flaky)]
    if notes:
        ET.SubElement(suite, "system-out").text = "\n".join(visible(note) for note in notes)
    _count(suites, suite, run)
    ET.indent(suites)
    out.write('<?xml version="1.0" encoding="utf-8"?>\n')
    out.write(ET.tostring(suites, encoding="unicode"))
    out.write("\n")


def _case(suite: ET.Element, group: str, name: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=visible(group), name=visible(name))


def _judge(case: ET.Element, findings: Sequence[Finding], contract: Contract) -> None:
    """Fail `case` for what no deviation accepts; name what one does."""
    deciding = [finding for finding in findings if finding.deviation is None]
    accepted = [finding for finding in findings if finding.deviation is not None]
    if deciding:
        failure = ET.SubElement(
            case, "failure", message=plural(len(deciding), "finding"), type="drift"
        )
        failure.text = "\n".join(_text(finding, contract) for finding in deciding)
    if accepted:
        ET.SubElement(case, "system-out").text = "\n".join(
            visible(f"accepted: {finding.message} ({finding.deviation})") for finding in accepted
        )


def _text(finding: Finding, contract: Contract) -> str:
    lines = [
        f"{finding.severity} {finding.kind} ({finding.effect}): {visible(finding.message)}",
        f"  location: {place(finding)}",
        f"  keyword: {visible(finding.keyword)} (openapi/job.yaml:{line_of(finding, contract)})",
        f"  expected: {show(finding.expected)}",
        f"  seen: {show(finding.seen)}",
    ]
    if finding.reproduce:
        lines.append(f"  reproduce: {visible(finding.reproduce)}")
    return "\n".join(lines)


def _why_not_checked(job: Job) -> str:
    return f"{NOT_JUDGED}: " + (f"answered {job.status}" if job.status else "no answer")


def _count(suites: ET.Element, suite: ET.Element, run: Run) -> None:
    numbers = {
        "tests": len(suite.findall("testcase")),
        "failures": len(suite.findall("testcase/failure")),
        "errors": len(suite.findall("testcase/error")),
        "skipped": len(suite.findall("testcase/skipped")),
    }
    for element in (suites, suite):
        for name, number in numbers.items():
            element.set(name, str(number))
        element.set("time", f"{run.seconds:.3f}")
    suite.set("timestamp", f"{run.started_at:%Y-%m-%dT%H:%M:%S}")
