"""What programs read: drift.json, SARIF, JUnit, Code Quality and OpenMetrics."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import jsonschema_rs
import pytest
from attrs import evolve

from scripts.report import code_quality, drift_json, junit, metrics, sarif, summary
from tests.report import runs

if TYPE_CHECKING:
    from contract_tests.run.result import Run
    from contract_tests.spec.values import Json

SARIF_SCHEMA = (
    Path(__file__).parents[2]
    / "tools/node_modules/@microsoft/sarif-multitool-ts/assets/sarif-2.1.0.schema.json"
)
HOSTILE = "</failure>]]>\x00\x1b[0m\u202e\ud800" + "x" * 10_000


def hostile() -> Run:
    """A run with hostile text in every place."""
    return runs.run(
        verdict="drift",
        findings=(
            runs.finding(
                location="/" + HOSTILE,
                keyword=HOSTILE,
                seen=HOSTILE,
                message=HOSTILE,
                job_id=HOSTILE,
                deviation=HOSTILE,
                rule=None,
                variant=HOSTILE,
            ),
            runs.finding(seen=float("nan"), expected=[float("inf"), "\ud800"]),
        ),
        flaky=(runs.finding(message=HOSTILE),),
        warnings=(HOSTILE,),
    )


def _json(run: Run) -> Json:
    return json.loads(drift_json.render(runs.report(run)))


def _sarif(run: Run) -> Json:
    (log,) = sarif.as_sarif(runs.report(run))["runs"]
    return log


def _junit(run: Run) -> ET.Element:
    return ET.fromstring(junit.render(runs.report(run)).encode())


def test_drift_json_has_the_documented_keys() -> None:
    """Other programs rely on these."""
    report = _json(runs.drifting())

    assert report.keys() >= {
        *("schema_version", "verdict", "reason", "target", "started_at", "contract", "requests"),
        *("jobs", "completeness", "coverage", "findings"),
    }
    assert report["schema_version"] == 2
    assert report["findings"][0].keys() >= {
        *("kind", "severity", "check", "location", "keyword", "expected", "seen"),
        *("job_id", "variant", "deviation", "message", "reproduce"),
    }
    assert report["jobs"][0].keys() == {"id", "status", "variant", "findings"}
    assert report["completeness"] == {
        "jobs_known": 3,
        "jobs_checked": 2,
        "probes": 2,
        "probes_run": 2,
    }
    assert report["coverage"]["rules"] == 3
    assert report["coverage"]["covered"] == 1
    assert len(report["coverage"]["uncovered"]) == 2
    assert report["contract"] == {"version": "2.3.0", "sha256": "ab" * 32}


def test_facts_survive_drift_json() -> None:
    """The nightly bot reads them from there."""
    report = runs.report(runs.drifting())

    read = [summary.FindingGroup.from_json(fact) for fact in _json(runs.drifting())["facts"]]

    assert read == list(report.facts)


def test_drift_json_lists_each_finding_of_each_job() -> None:
    """It is the full record: nothing is joined or left out."""
    assert len(_json(runs.large(1000))["findings"]) == 1000


def test_drift_json_is_strict_json_whatever_was_seen() -> None:
    """No NaN and no lone surrogates, so that readers in every language accept it."""
    text = drift_json.render(runs.report(hostile()))

    report = json.loads(text, parse_constant=pytest.fail)

    assert text.isascii()
    json.dumps(report, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "run",
    [runs.run(), runs.drifting(), runs.inconclusive(), runs.partial(), hostile()],
    ids=["clean", "drift", "inconclusive", "incomplete", "hostile"],
)
def test_sarif_is_valid_by_its_schema(run: Run) -> None:
    """By the official schema of SARIF 2.1.0."""
    if not SARIF_SCHEMA.exists():
        pytest.skip("the SARIF schema is not here: npm ci --prefix tools")
    schema = json.loads(SARIF_SCHEMA.read_text(encoding="utf-8"))

    errors = [
        error.message
        for error in jsonschema_rs.Draft202012Validator(schema).iter_errors(
            sarif.as_sarif(runs.report(run))
        )
    ]

    assert errors == []


def test_sarif_results_refer_to_rules_and_lines() -> None:
    """Each result names its rule by id and index, and a line of the contract."""
    log = _sarif(runs.drifting())
    rules = log["tool"]["driver"]["rules"]

    for result in log["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "tests/report/shelf.yaml"
        assert place["region"]["startLine"] >= 1


def test_sarif_has_no_link_of_a_server() -> None:
    """Viewers show `[text](target)` in a message as a link."""
    link = "[a](https://evil.invalid)"
    found = runs.run(
        verdict="drift", findings=(runs.finding(message=link),), warnings=(f"seen: {link}",)
    )

    assert "](" not in sarif.render(runs.report(found))


def test_sarif_suppresses_what_is_accepted() -> None:
    """An accepted finding must not open an alert."""
    log = _sarif(runs.drifting())

    suppressed = [result["suppressions"] for result in log["results"] if "suppressions" in result]

    assert suppressed == [
        [
            {
                "kind": "external",
                "justification": "the archive sends old books without it until June",
            }
        ]
    ]


def test_sarif_reports_a_fact_once() -> None:
    """Tomorrow's run may sample another job: the alert stays the same one."""
    (result,) = _sarif(runs.large(20))["results"]

    assert result["occurrenceCount"] == 20
    assert result["partialFingerprints"]["primaryLocationLineHash"] == "03503d4b0db6ee6f"


@pytest.mark.parametrize(
    ("run", "successful"),
    [
        (runs.run(), True),
        (runs.drifting(), True),
        (runs.partial(), False),
        (runs.inconclusive(), False),
    ],
    ids=["clean", "drift", "incomplete", "inconclusive"],
)
def test_sarif_says_whether_the_run_was_complete(run: Run, *, successful: bool) -> None:
    """What is missing from the log of an incomplete run may still be there."""
    log = _sarif(run)

    (invocation,) = log["invocations"]
    assert invocation["executionSuccessful"] is successful
    assert log["tool"]["driver"]["informationUri"].startswith("https://")


def test_junit_has_a_case_for_each_job_and_each_check() -> None:
    """Passed ones as well: otherwise an empty report would look green."""
    cases = _junit(runs.drifting()).findall("testsuite/testcase")

    assert [case.get("name") for case in cases] == [
        *(runs.NOVEL, runs.ATLAS, runs.GONE),
        *("unknown_id", "no_credential"),
    ]


def test_junit_counts_what_it_holds() -> None:
    """CI systems show the attributes."""
    suites = _junit(runs.drifting())

    suite = suites.find("testsuite")
    assert suite is not None
    counted = [suite.get(name) for name in ("tests", "failures", "errors", "skipped")]
    assert counted == ["5", "3", "0", "1"]


def test_junit_does_not_fail_a_job_for_what_is_accepted() -> None:
    """The deviation is in its output."""
    accepted = runs.finding(deviation="until June")
    (case, *_) = _junit(runs.run(findings=(accepted,))).findall("testsuite/testcase")

    assert case.find("failure") is None
    assert "until June" in case.findtext("system-out", "")


@pytest.mark.parametrize("run", [runs.inconclusive(), runs.partial()], ids=["none", "some"])
def test_junit_marks_an_incomplete_run_as_an_error(run: Run) -> None:
    """Neither passed nor failed."""
    cases = _junit(run).findall("testsuite/testcase")

    assert [case.get("name") for case in cases if case.find("error") is not None] == ["complete"]


def test_junit_is_well_formed_whatever_was_seen() -> None:
    """XML allows few control characters, and none of them is passed on."""
    (output,) = [
        element.text or ""
        for element in _junit(hostile()).iter("system-out")
        if "flaky" in (element.text or "")
    ]

    assert "]]>\\u0000\\u001b[0m\\u202e\\ud800" in output


def test_code_quality_has_the_keys_that_gitlab_needs() -> None:
    """One issue for each fact that is not accepted; the fingerprints are unique."""
    issues = json.loads(code_quality.render(runs.report(runs.drifting())))

    assert len({issue["fingerprint"] for issue in issues}) == len(issues) == 4
    (enum,) = [issue for issue in issues if issue["check_name"] == "violation/enum"]
    assert enum == {
        "description": enum["description"],
        "check_name": "violation/enum",
        "fingerprint": "03503d4b0db6ee6f",
        "severity": "minor",
        "location": {"path": "tests/report/shelf.yaml", "lines": {"begin": 51}},
    }


@pytest.mark.parametrize("run", [runs.run(), runs.drifting(), hostile()])
def test_metrics_are_openmetrics(run: Run) -> None:
    """Every sample belongs to the family above it, and the text ends with its mark."""
    text = metrics.render(runs.report(evolve(run, target='https://a"b\\c')))
    family = ""
    *lines, end, _ = text.split("\n")

    for line in lines:
        if line.startswith("# TYPE"):
            family = line.split()[2]
        elif not line.startswith("#"):
            labels = r'(?:[a-z]+="(?:[^"\\\n]|\\.)*",?)+'
            assert re.fullmatch(family + r"\{" + labels + r"\} [0-9.e+]+", line), line
    assert end == "# EOF"
    assert f'verdict="{run.verdict}"}} 1' in text
