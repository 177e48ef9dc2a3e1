"""What programs read: drift.json, SARIF and JUnit, each checked by its own format's rules."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import jsonschema_rs
import pytest

from scripts.report import drift_json, junit, sarif
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
    """A run whose every text is a server's worst."""
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
    out = io.StringIO()
    drift_json.render(run, runs.CONTRACT, out)
    return json.loads(out.getvalue())


def _junit(run: Run) -> ET.Element:
    out = io.StringIO()
    junit.render(run, runs.CONTRACT, out)
    return ET.fromstring(out.getvalue().encode())


def test_drift_json_has_the_documented_keys() -> None:
    """Other programs rely on these; keys may be added, none may go."""
    report = _json(runs.drifting())

    assert report.keys() >= {
        *("schema_version", "verdict", "target", "started_at", "contract", "requests"),
        *("jobs", "evidence", "findings"),
    }
    assert report["findings"][0].keys() >= {
        *("kind", "severity", "check", "location", "keyword", "expected", "seen"),
        *("job_id", "variant", "deviation", "message", "reproduce"),
    }
    assert report["jobs"][0].keys() >= {"id", "status", "variant", "findings"}
    assert report["evidence"].keys() >= {"rules", "exercised", "unexercised"}
    assert report["contract"] == {"version": "2.3.0", "sha256": "ab" * 32}


def test_drift_json_lists_each_finding_of_each_job() -> None:
    """It is the full record: nothing is joined or left out."""
    assert len(_json(runs.large(1000))["findings"]) == 1000


def test_drift_json_is_strict_json_whatever_was_seen() -> None:
    """No NaN, no half of a surrogate pair: readers in every language can take it."""
    out = io.StringIO()
    drift_json.render(hostile(), runs.CONTRACT, out)

    report = json.loads(out.getvalue(), parse_constant=pytest.fail)

    assert out.getvalue().isascii()
    json.dumps(report, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "run", [runs.run(), runs.drifting(), runs.inconclusive(), hostile(), runs.large(200)]
)
def test_sarif_is_valid_by_its_schema(run: Run) -> None:
    """SARIF 2.1.0's own schema has nothing to say against the log."""
    if not SARIF_SCHEMA.exists():
        pytest.skip("the SARIF schema is not here: npm ci --prefix tools")
    schema = json.loads(SARIF_SCHEMA.read_text(encoding="utf-8"))

    errors = [
        error.message
        for error in jsonschema_rs.Draft202012Validator(schema).iter_errors(
            sarif.as_sarif(run, runs.CONTRACT)
        )
    ]

    assert errors == []


def test_sarif_results_refer_to_rules_and_lines() -> None:
    """Each result names its rule by id and index, and a line of the contract."""
    (log,) = sarif.as_sarif(runs.drifting(), runs.CONTRACT)["runs"]
    rules = log["tool"]["driver"]["rules"]

    for result in log["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "openapi/job.yaml"
        assert place["region"]["startLine"] >= 1


def test_sarif_suppresses_what_is_accepted() -> None:
    """An accepted finding must not open an alert."""
    (log,) = sarif.as_sarif(runs.drifting(), runs.CONTRACT)["runs"]

    suppressed = [result["suppressions"] for result in log["results"] if "suppressions" in result]

    assert suppressed == [
        [
            {
                "kind": "external",
                "justification": "the archive sends old books without it until June",
            }
        ]
    ]


def test_sarif_fingerprints_do_not_depend_on_the_job() -> None:
    """Tomorrow's run may sample another job: the alert stays the same one."""
    (log,) = sarif.as_sarif(runs.large(20), runs.CONTRACT)["runs"]

    marks = {result["partialFingerprints"]["primaryLocationLineHash"] for result in log["results"]}

    assert len(marks) == 1


def test_sarif_says_when_the_run_proved_nothing() -> None:
    """An empty list of results from an inconclusive run must not read as clean."""
    (log,) = sarif.as_sarif(runs.inconclusive(), runs.CONTRACT)["runs"]

    (invocation,) = log["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"][0]["level"] == "error"


def test_junit_has_a_case_for_each_job_and_each_behaviour() -> None:
    """Good ones too: a report of failures alone can't be told from one of nothing."""
    cases = _junit(runs.drifting()).findall("testsuite/testcase")

    assert [case.get("name") for case in cases] == [
        *(runs.NOVEL, runs.ATLAS, runs.GONE),
        *("unknown_id", "no_credential"),
    ]


def test_junit_counts_what_it_holds() -> None:
    """CI systems believe the attributes."""
    suites = _junit(runs.drifting())

    suite = suites.find("testsuite")
    assert suite is not None
    counted = [suite.get(name) for name in ("tests", "failures", "errors", "skipped")]
    assert counted == ["5", "3", "0", "1"]


def test_junit_does_not_fail_a_job_for_what_is_accepted() -> None:
    """The deviation is said beside it."""
    accepted = runs.finding(deviation="until June")
    (case, *_) = _junit(runs.run(findings=(accepted,))).findall("testsuite/testcase")

    assert case.find("failure") is None
    assert "until June" in case.findtext("system-out", "")


def test_junit_marks_an_inconclusive_run_as_an_error() -> None:
    """Neither passed nor failed."""
    cases = _junit(runs.inconclusive()).findall("testsuite/testcase")

    assert [case.get("name") for case in cases if case.find("error") is not None] == ["verdict"]


def test_junit_is_well_formed_whatever_was_seen() -> None:
    """XML allows few control characters, and none of them is passed on."""
    (case, *_) = [
        case
        for case in _junit(hostile()).findall("testsuite/testcase")
        if case.find("system-out") is not None
    ]

    assert "]]>\\u0000\\u001b[0m\\u202e\\ud800" in case.findtext("system-out", "")
