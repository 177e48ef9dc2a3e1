"""SARIF 2.1.0, for code scanning: each fact at the line of the contract that it contradicts."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from scripts.report import advice
from scripts.report.text import LONGEST, show, visible

if TYPE_CHECKING:
    from contract_tests.spec.values import Json
    from scripts.report.summary import FindingGroup, Report

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {"breaking": "error", "additive": "warning"}
_KINDS = {
    "violation": "A response violates the keyword `{keyword}` of the contract.",
    "addition": "A response has a property that the contract does not document.",
    "behavior": "The server does not behave as documented: `{keyword}`.",
}


def render(report: Report) -> str:
    """Return the report as SARIF in ASCII."""
    return json.dumps(as_sarif(report), indent=2, allow_nan=False) + "\n"


def as_sarif(report: Report) -> dict[str, Json]:
    """Return the report as the JSON values of a SARIF log."""
    run = report.run
    facts = (*report.facts, *report.accepted)
    rules = {_rule_id(fact): fact for fact in sorted(facts, key=_rule_id)}
    positions = {name: position for position, name in enumerate(rules)}
    ended_at = run.started_at + timedelta(seconds=run.seconds)
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "qovery-job-client drift",
                        "version": run.contract_version,
                        "informationUri": advice.home(),
                        "rules": [_rule(name, fact) for name, fact in rules.items()],
                    }
                },
                "automationDetails": {"id": "drift/"},
                "columnKind": "unicodeCodePoints",
                "invocations": [
                    {
                        "executionSuccessful": run.complete and run.verdict != "inconclusive",
                        "startTimeUtc": f"{run.started_at:%Y-%m-%dT%H:%M:%SZ}",
                        "endTimeUtc": f"{ended_at:%Y-%m-%dT%H:%M:%SZ}",
                        "toolExecutionNotifications": _notifications(report),
                    }
                ],
                "artifacts": [
                    {
                        "location": {"uri": quote(report.source)},
                        "hashes": {"sha-256": run.contract_sha256},
                    }
                ],
                "results": [_result(fact, positions[_rule_id(fact)]) for fact in facts],
            }
        ],
    }


def _rule_id(fact: FindingGroup) -> str:
    return f"{fact.kind}/{visible(fact.keyword)}"


def _rule(name: str, fact: FindingGroup) -> dict[str, Json]:
    return {
        "id": name,
        "shortDescription": {"text": _KINDS[fact.kind].format(keyword=visible(fact.keyword))},
        "help": {"text": f"{fact.advice} See {advice.link(fact.page)}"},
        "helpUri": advice.link(fact.page),
        "defaultConfiguration": {"level": _LEVELS[fact.severity]},
    }


def _result(fact: FindingGroup, rule: int) -> dict[str, Json]:
    properties = {
        "impact": fact.impact,
        "expected": show(fact.expected),
        "seen": show(fact.seen),
        "first_seen": fact.first_seen,
        "jobs": fact.affected,
        "job_id": fact.job_ids[0] if fact.job_ids else None,
        "reproduce": fact.reproduce,
    }
    text = f"{fact.message}. Impact: {fact.impact}. Jobs: {fact.affected}. {fact.advice}"
    result: dict[str, Json] = {
        "ruleId": _rule_id(fact),
        "ruleIndex": rule,
        "level": _LEVELS[fact.severity],
        "occurrenceCount": fact.findings,
        "message": {"text": _plain(text, 1200)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(fact.contract), "index": 0},
                    "region": {"startLine": fact.line},
                },
                "logicalLocations": [{"fullyQualifiedName": visible(fact.location) or "/"}],
            }
        ],
        # Code scanning distinguishes alerts by the first one, other tools by any.
        "partialFingerprints": {
            "primaryLocationLineHash": fact.fingerprint,
            "fact/v1": fact.fingerprint,
        },
        "properties": {
            name: visible(value) for name, value in properties.items() if value is not None
        },
    }
    if fact.deviation is not None:
        justification = visible(fact.deviation)
        result["suppressions"] = [{"kind": "external", "justification": justification}]
    return result


def _notifications(report: Report) -> list[Json]:
    run = report.run
    notes = [("error", report.headline)] if run.verdict == "inconclusive" else []
    notes += [("warning", notice) for notice in report.notices]
    notes += [("note", report.completeness)]
    notes += [("warning", warning) for warning in run.warnings]
    notes += [("note", f"flaky: {fact.message} ({fact.affected})") for fact in report.flaky]
    return [{"level": level, "message": {"text": _plain(text)}} for level, text in notes]


def _plain(text: str, longest: int = LONGEST) -> str:
    """Return a message without an embedded link, which is `[text](target)`."""
    return visible(text, longest).replace("](", "] (")
