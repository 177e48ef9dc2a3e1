"""GitLab's Code Quality report: each fact at the line of the contract that it contradicts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from scripts.report.text import visible

if TYPE_CHECKING:
    from scripts.report.summary import Report

_SEVERITIES = {"breaking": "major", "additive": "minor"}


def render(report: Report) -> str:
    """Return the facts that no deviation accepts as JSON."""
    issues = [
        {
            "description": visible(f"{fact.message}. Impact: {fact.impact}. {fact.advice}", 1200),
            "check_name": f"{fact.kind}/{visible(fact.keyword)}",
            "fingerprint": fact.fingerprint,
            "severity": _SEVERITIES[fact.severity],
            "location": {"path": fact.contract, "lines": {"begin": fact.line}},
        }
        for fact in report.facts
    ]
    return json.dumps(issues, indent=2) + "\n"
