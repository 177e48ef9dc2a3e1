"""The contract against a document with the faults that the vendor's has."""

from __future__ import annotations

from datetime import date

import pytest

from contract_tests.oracle import deviations
from contract_tests.spec.contract import PATH, load
from contract_tests.spec.document import read
from scripts.compare.divergences import find_divergences
from tests.compare.documents import as_a_vendor_writes, contract, facts, operation

JOB = "/job/{jobId}"
TAGS = list(load().job.tags)
DATA = load().document.data
RESPONSES = DATA["paths"][JOB]["get"]["responses"]
TIME_ZONE = DATA["components"]["schemas"]["CronCommand"]["properties"].get("timezone", {})
FAULTS = [
    *(
        (f"responses/{status}", "response body removed", "application/json", None)
        for status in ("401", "403", "404")
        if status in RESPONSES
    ),
    *([("responses/429", "response removed", "429", None)] if "429" in RESPONSES else []),
    ("/job_type", "branches overlap", [[tag] for tag in TAGS], [TAGS for _ in TAGS]),
    ("/source", "branches overlap", ["image", "docker"], None),
    *(
        [("/schedule/cronjob/timezone", "format removed", "timezone", None)]
        if TIME_ZONE.get("format") == "timezone"
        else []
    ),
]


def test_known_faults_are_found_and_nothing_else() -> None:
    """Spelling, names of components, titles, `x-` and faults of other operations don't count."""
    theirs = operation(as_a_vendor_writes(read(PATH).data), JOB)

    found = facts(find_divergences(contract(), theirs))

    assert sorted(found, key=str) == sorted(FAULTS, key=str)


def test_deviations_cover_the_known_faults() -> None:
    """Each entry of the file is used, and none of the faults is left."""
    theirs = operation(as_a_vendor_writes(read(PATH).data), JOB)
    found = find_divergences(contract(), theirs)

    found, warnings = deviations.load().accept("compare", found, date(2026, 12, 1))

    assert None not in [each.deviation for each in found]
    assert warnings == []


def test_contract_does_not_differ_from_itself() -> None:
    """One document gives no divergence."""
    assert find_divergences(contract(), contract()) == []


def test_lines_are_those_of_both_documents() -> None:
    """A divergence leads to what differs in the contract and in the vendor's document."""
    if "format" not in TIME_ZONE:
        pytest.skip("the contract has no such fault")
    theirs = operation(as_a_vendor_writes(read(PATH).data), JOB)
    ours = contract()

    (found,) = (
        each
        for each in find_divergences(ours, theirs)
        if each.location == "/schedule/cronjob/timezone"
    )

    lines = PATH.read_text(encoding="utf-8").splitlines()
    assert lines[found.line_ours - 1].strip() == "format: timezone"
    place = "/components/schemas/TheirCronCommand/properties/timezone"
    assert found.line_theirs == theirs.document.line(place)
