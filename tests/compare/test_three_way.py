"""Three sides of a location: the live server, the contract, the vendor's document."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from contract_tests.spec.document import DocumentError
from scripts.compare.three_way import read_drift, three_sides
from tests.compare.documents import bed, differ

if TYPE_CHECKING:
    from pathlib import Path

    from contract_tests.spec.values import Json
    from scripts.compare.three_way import ThreeWay


def drift(*findings: Json, uncovered: tuple[str, ...] = (), verdict: str = "drift") -> Json:
    """A drift report, as far as it is read here."""
    return {
        "schema_version": 2,
        "verdict": verdict,
        "jobs": [{"id": "1", "variant": "Herbs"}],
        "coverage": {"uncovered": list(uncovered)},
        "findings": list(findings),
    }


def finding(location: str, keyword: str, seen: Json, expected: Json = None) -> Json:
    """A violation, or an addition, as the report has it."""
    kind = "addition" if keyword == "additionalProperties" else "violation"
    return {
        "kind": kind,
        "location": location,
        "keyword": keyword,
        "seen": seen,
        "expected": expected,
    }


def grown(member: str = "PEAT") -> Json:
    """The vendor's document with a new member."""
    document = bed()
    document["components"]["schemas"]["Soil"]["enum"].append(member)
    return document


def sides(theirs: Json, report: Json) -> list[ThreeWay]:
    """The rows for the bed's contract against `theirs`, with the live side of the report."""
    return three_sides(differ(bed(), theirs), report)


def test_contract_is_the_outlier() -> None:
    """Live and the vendor's document both have the member: the contract is behind."""
    (row,) = sides(grown(), drift(finding("/soil", "enum", "PEAT")))

    assert (row.location, row.outlier) == ("/soil", "contract")


def test_vendor_is_the_outlier() -> None:
    """The vendor's document announces what the live server does not do."""
    (row,) = sides(grown(), drift())

    assert (row.live, row.outlier) == ("as in the contract", "vendor")


def test_live_server_is_the_outlier() -> None:
    """Contract and document agree, the server does something else."""
    (row,) = sides(bed(), drift(finding("/soil", "enum", "PEAT")))

    assert (row.vendor, row.outlier) == ("as in the contract", "live")


def test_no_outlier_if_all_three_differ() -> None:
    """The live server sends another member than the document has."""
    (row,) = sides(grown(), drift(finding("/soil", "enum", "MUD")))

    assert row.outlier is None


@pytest.mark.parametrize(
    "report",
    [
        drift(verdict="inconclusive"),
        drift(uncovered=("/components/schemas/Soil/enum",)),
        drift(uncovered=("/components/schemas/Soil/type",)),
        {**drift(), "jobs": []},
    ],
    ids=["inconclusive", "rule", "schema", "no job"],
)
def test_unobserved_location_has_no_outlier(report: Json) -> None:
    """A run that did not observe the location proves nothing about it."""
    (row,) = sides(grown(), report)

    assert (row.live, row.outlier) == ("not observed", None)


def test_missing_property_has_its_own_location() -> None:
    """A required property that is missing live, and no longer required in the document."""
    theirs = bed()
    theirs["components"]["schemas"]["Ground"]["required"].remove("name")

    (row,) = sides(theirs, drift(finding("", "required", {}, "name")))

    assert (row.location, row.outlier) == ("/name", "contract")


def test_index_of_an_array_is_any_index() -> None:
    """A finding at one item meets the divergence at all items."""
    before, after = bed(), bed()
    for document, kind in ((before, "string"), (after, "integer")):
        properties = document["components"]["schemas"]["Ground"]["properties"]
        properties["rows"] = {"type": "array", "items": {"type": kind}}

    (row,) = three_sides(differ(before, after), drift(finding("/rows/3", "type", 7)))

    assert (row.location, row.outlier) == ("/rows/*", "contract")


@pytest.mark.parametrize(
    "text", [None, "{", "[]", "{}", json.dumps({**drift(), "schema_version": 1}), "[" * 100_000]
)
def test_invalid_report_is_refused(tmp_path: Path, text: str | None) -> None:
    """A missing, broken or foreign report is an error."""
    path = tmp_path / "drift.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")

    with pytest.raises(DocumentError, match=r"drift\.json: "):
        read_drift(path)


def test_report_is_read(tmp_path: Path) -> None:
    """A report of `scripts.drift` is read unchanged."""
    path = tmp_path / "drift.json"
    path.write_text(json.dumps(drift()), encoding="utf-8")

    assert read_drift(path) == drift()
