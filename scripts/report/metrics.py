"""OpenMetrics text, for a textfile collector or a push gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.report.text import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scripts.report.summary import Report

PREFIX = "qovery_contract"
VERDICTS = ("clean", "drift", "inconclusive")


def render(report: Report) -> str:
    """Return the figures of the run as OpenMetrics text."""
    run, done = report.run, report.run.completeness
    facts = {
        "breaking": report.breaking + report.withheld,
        "additive": report.additive,
        "accepted": len(report.accepted),
        "flaky": len(report.flaky),
    }
    families: dict[str, tuple[str, str, Mapping[str, float]]] = {
        "verdict": ("Verdict of the run.", "verdict", {v: run.verdict == v for v in VERDICTS}),
        "complete": ("Whether everything was checked.", "", {"": run.complete}),
        "facts": ("Facts that the run found.", "severity", facts),
        "jobs": (
            "Known jobs.",
            "state",
            {"known": done.jobs_known, "checked": done.jobs_checked},
        ),
        "probes": ("Probes.", "state", {"known": done.probes, "run": done.probes_run}),
        "coverage_ratio": ("Part of the rules that was covered.", "", {"": run.coverage.ratio}),
        "requests": ("Requests sent.", "", {"": run.requests}),
        "duration_seconds": ("Duration of the run.", "", {"": round(run.seconds, 3)}),
        "started_timestamp_seconds": ("Start.", "", {"": run.started_at.timestamp()}),
    }
    target = _escape(run.target)
    lines = []
    for name, (text, label, values) in families.items():
        lines += [f"# TYPE {PREFIX}_{name} gauge", f"# HELP {PREFIX}_{name} {text}"]
        if name.endswith("_seconds"):
            lines.insert(len(lines) - 1, f"# UNIT {PREFIX}_{name} seconds")
        for value, number in values.items():
            more = f',{label}="{value}"' if label else ""
            lines.append(f'{PREFIX}_{name}{{target="{target}"{more}}} {_number(number)}')
    return "\n".join([*lines, "# EOF", ""])


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))


def _escape(text: str) -> str:
    return visible(text).replace("\\", "\\\\").replace('"', '\\"')
