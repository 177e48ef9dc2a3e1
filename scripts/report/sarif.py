"""SARIF 2.1.0, for code scanning: each finding at the line of the contract that it contradicts."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, TextIO

from scripts.report.facts import fingerprint, headline, line_of
from scripts.report.text import show, visible

if TYPE_CHECKING:
    from contract_tests.oracle.finding import Finding
    from contract_tests.run.result import Run
    from contract_tests.spec.contract import Contract
    from contract_tests.spec.values import Json

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
CONTRACT = "openapi/job.yaml"
_LEVELS = {"breaking": "error", "additive": "warning"}
_KINDS = {
    "violation": "A rule of the contract is broken: `{keyword}`.",
    "addition": "The server sends a property that the contract does not know.",
    "behavior": "The server behaves other than the contract says: `{keyword}`.",
}
_HELP = {
    "violation": "Mend the contract if the server means it, then generate the client anew; "
    "accept it in openapi/deviations.yaml if it is a fault of the server that will pass.",
    "addition": "Importers survive it. Add the property to the contract, or accept it in "
    "openapi/deviations.yaml.",
    "behavior": "Ask again with the reproduce line. A behaviour that lasts is the server's fault "
    "or a gap of the contract.",
}


def render(run: Run, contract: Contract, out: TextIO) -> None:
    """Write `run` as SARIF; ASCII alone."""
    json.dump(as_sarif(run, contract), out, indent=2, allow_nan=False)
    out.write("\n")


def as_sarif(run: Run, contract: Contract) -> dict[str, Json]:
    """`run` as the JSON values of a SARIF log."""
    kinds = {_rule_id(finding): finding for finding in run.findings}
    rules = sorted(kinds)
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
                        "rules": [_rule(rule, kinds[rule]) for rule in rules],
                    }
                },
                "automationDetails": {"id": "drift/"},
                "columnKind": "unicodeCodePoints",
                "invocations": [
                    {
                        "executionSuccessful": run.verdict != "inconclusive",
                        "startTimeUtc": f"{run.started_at:%Y-%m-%dT%H:%M:%SZ}",
                        "endTimeUtc": f"{ended_at:%Y-%m-%dT%H:%M:%SZ}",
                        "toolExecutionNotifications": _notifications(run),
                    }
                ],
                "artifacts": [
                    {
                        "location": {"uri": CONTRACT},
                        "hashes": {"sha-256": run.contract_sha256},
                    }
                ],
                "results": [
                    _result(finding, rules.index(_rule_id(finding)), contract)
                    for finding in run.findings
                ],
            }
        ],
    }


def _rule_id(finding: Finding) -> str:
    return f"{finding.kind}/{visible(finding.keyword)}"


def _rule(name: str, finding: Finding) -> dict[str, Json]:
    text = _KINDS[finding.kind].format(keyword=visible(finding.keyword))
    return {
        "id": name,
        "shortDescription": {"text": text},
        "help": {"text": _HELP[finding.kind]},
        "defaultConfiguration": {"level": _LEVELS[finding.severity]},
    }


def _result(finding: Finding, rule: int, contract: Contract) -> dict[str, Json]:
    mark = fingerprint(finding)
    facts = {
        "effect": finding.effect,
        "expected": show(finding.expected),
        "seen": show(finding.seen),
        "job_id": finding.job_id,
        "variant": finding.variant,
        "reproduce": finding.reproduce,
    }
    result: dict[str, Json] = {
        "ruleId": _rule_id(finding),
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": visible(f"{finding.message} ({finding.effect})")},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": CONTRACT, "index": 0},
                    "region": {"startLine": line_of(finding, contract)},
                },
                "logicalLocations": [{"fullyQualifiedName": visible(finding.location) or "/"}],
            }
        ],
        # Code scanning tells alerts apart by the first, other tools by any.
        "partialFingerprints": {"primaryLocationLineHash": mark, "fact/v1": mark},
        "properties": {name: visible(value) for name, value in facts.items() if value is not None},
    }
    if finding.deviation is not None:
        justification = visible(finding.deviation)
        result["suppressions"] = [{"kind": "external", "justification": justification}]
    return result


def _notifications(run: Run) -> list[Json]:
    notes = [("warning", warning) for warning in run.warnings]
    notes += [("note", f"flaky: {finding.message}") for finding in run.flaky]
    if run.verdict == "inconclusive":
        notes.insert(0, ("error", headline(run)))
    return [{"level": level, "message": {"text": visible(text)}} for level, text in notes]
