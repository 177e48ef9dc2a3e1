"""JUnit XML for the test tab of a CI system, with a test case for each known job and check."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from scripts.report import advice
from scripts.report.places import line_of, path_of
from scripts.report.text import plural, show, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contract_tests.oracle.finding import Finding
    from contract_tests.run.result import Job
    from contract_tests.spec.contract import Contract
    from scripts.report.summary import Report


def render(report: Report) -> str:
    """Return the report as JUnit XML."""
    run, contract = report.run, report.contract
    suites = ET.Element("testsuites", name="drift")
    suite = ET.SubElement(suites, "testsuite", name=visible(run.target))
    by_job: dict[str, list[Finding]] = {job.id: [] for job in run.jobs}
    others: list[Finding] = []
    for finding in run.findings:
        by_job.get(finding.job_id or "", others).append(finding)
    for job in run.jobs:
        case = _case(suite, job.variant or "unknown variant", job.id)
        _add_findings(case, by_job[job.id], contract)
        if not by_job[job.id] and job.variant is None:
            ET.SubElement(case, "skipped", message=_skipped(job))
    for check in dict.fromkeys((*run.checks, *(finding.check for finding in others))):
        found = [finding for finding in others if finding.check == check]
        _add_findings(_case(suite, "behavior", check), found, contract)
    if not run.complete or run.verdict == "inconclusive":
        reason = visible(run.reason or report.headline)
        ET.SubElement(_case(suite, "run", "complete"), "error", message=reason, type="inconclusive")
    notes = [report.completeness, *report.notices, *run.warnings]
    notes += [f"flaky: {fact.message} ({fact.affected})" for fact in report.flaky]
    ET.SubElement(suite, "system-out").text = "\n".join(visible(note) for note in notes)
    _count(suites, suite, report)
    ET.indent(suites)
    text = ET.tostring(suites, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def _case(suite: ET.Element, group: str, name: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=visible(group), name=visible(name))


def _add_findings(case: ET.Element, findings: Sequence[Finding], contract: Contract) -> None:
    """Fail `case` for findings that no deviation accepts, and list the others."""
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
    page = advice.link(advice.page(finding.keyword))
    place = f"{visible(path_of(contract))}:{line_of(finding, contract)}"
    lines = [
        f"{finding.severity} {finding.kind}: {visible(finding.message)}",
        f"  impact: {finding.effect}: {advice.IMPACT[finding.effect]}",
        f"  what to do: {advice.advice(finding.keyword, finding.seen)} ({page})",
        f"  rule: {visible(finding.keyword)} ({place})",
        f"  expected: {show(finding.expected)}",
        f"  seen: {show(finding.seen)}",
    ]
    if finding.reproduce:
        lines.append(f"  reproduce: {visible(finding.reproduce)}")
    return "\n".join(lines)


def _skipped(job: Job) -> str:
    return "not checked: " + (f"status {job.status}" if job.status else "no response")


def _count(suites: ET.Element, suite: ET.Element, report: Report) -> None:
    numbers = {
        "tests": len(suite.findall("testcase")),
        "failures": len(suite.findall("testcase/failure")),
        "errors": len(suite.findall("testcase/error")),
        "skipped": len(suite.findall("testcase/skipped")),
    }
    for element in (suites, suite):
        for name, number in numbers.items():
            element.set(name, str(number))
        element.set("time", f"{report.run.seconds:.3f}")
    suite.set("timestamp", f"{report.run.started_at:%Y-%m-%dT%H:%M:%S}")
