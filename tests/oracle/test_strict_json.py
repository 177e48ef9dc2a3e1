"""Faults of a body's JSON are findings, and the rest of the body is still checked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from contract_tests.oracle.json_body import MAX_DEPTH, MAX_VALUES, parse
from contract_tests.oracle.oracle import MOST
from contract_tests.spec.keywords import Severity
from tests.oracle.instances import RECORDED as CONTRACT
from tests.oracle.instances import RECORDED_ORACLE as ORACLE
from tests.oracle.instances import changed, facts
from tests.recorded import FOLDER, original

if TYPE_CHECKING:
    from contract_tests.spec.values import Json

BODY = (FOLDER / "cron_docker_nulls.json").read_bytes()
JOB = original("cron_docker_nulls")
VARIANT = CONTRACT.job.branch(JOB)
assert VARIANT is not None
INTEGER = next(
    f"/{name}"
    for name, schema in VARIANT.properties.items()
    if "integer" in schema.types and "maximum" not in schema.assertions and name in JOB
)


def with_raw(pointer: str, raw: bytes) -> bytes:
    """The job's body with the bytes `raw` for the value at `pointer`."""
    marked = changed(JOB, pointer, "MARK")
    return json.dumps(marked).encode().replace(b'"MARK"', raw)


@pytest.mark.parametrize(
    ("pointer", "raw", "keyword"),
    [
        (INTEGER, b"NaN", "non-finite-number"),
        (INTEGER, b"Infinity", "non-finite-number"),
        (INTEGER, b"-Infinity", "non-finite-number"),
        (INTEGER, b"1e999", "non-finite-number"),
        (INTEGER, b"9223372036854775808", "integer-range"),
        (INTEGER, b"-9223372036854775809", "integer-range"),
        (INTEGER, b"9" * 5_000, "integer-range"),
        ("/source/docker/git_repository/name", rb'"\ud800"', "surrogate"),
        ("/source/docker/git_repository/name", rb'"a\udfffb"', "surrogate"),
        ("/schedule/cronjob/arguments/0", rb'"\ud83d \ude80"', "surrogate"),
        ("/schedule/cronjob/timezone", b'"Etc/UTC","timezone":"Etc/UTC"', "duplicate-key"),
        ("/gpu", b'0,"g\\u0070u":0', "duplicate-key"),
    ],
)
def test_fault_is_one_finding_at_its_location(pointer: str, raw: bytes, keyword: str) -> None:
    """Python's reader accepts all of these."""
    job = json.loads(BODY)
    job["schedule"]["cronjob"]["arguments"] = ["x"]
    body = json.dumps(changed(job, pointer, "MARK")).encode().replace(b'"MARK"', raw)

    findings = ORACLE.findings_of_body(body)

    assert facts(findings) == [("behavior", pointer, keyword)]
    assert len(str(findings[0].seen)) <= 80


@pytest.mark.parametrize(
    ("pointer", "raw", "keyword"),
    [
        ("/gpu", b"-" + b"9" * 30, "minimum"),
        ("/name", b"9" * 30, "type"),
        ("/source/docker/git_repository", b"9" * 5_000, "type"),
    ],
    ids=["minimum", "string", "object"],
)
def test_huge_integer_does_not_hide_the_rule_it_breaks(
    pointer: str, raw: bytes, keyword: str
) -> None:
    """An importer's client raises for the rule, not for the size."""
    (finding,) = ORACLE.findings_of_body(with_raw(pointer, raw))

    assert (finding.location, finding.keyword) == (pointer, keyword)
    assert str(finding.seen).startswith(raw[:20].decode())
    assert finding.severity is Severity.BREAKING


@pytest.mark.parametrize(
    ("body", "keyword"),
    [
        (b"", "json"),
        (b"  \n", "json"),
        (b"{", "json"),
        (BODY[:-20], "json"),
        (BODY + b"}", "json"),
        (b"{'a': 1}", "json"),
        (b'{"a": 01}', "json"),
        (b'{"a": "\x01"}', "json"),
        (b'{"a": 1,}', "json"),
        (b"\xef\xbb\xbf{}", "json"),
        (b"<html>", "json"),
        (b'{"a": "\xff"}', "encoding"),
        ('{"a": "é"}'.encode("latin-1"), "encoding"),
        (b'"\xed\xa0\x80"', "encoding"),
        ("{}".encode("utf-16"), "encoding"),
        (b"[" * 100_000 + b"]" * 100_000, "depth"),
        (b'{"a":' * 100_000, "depth"),
        (b"[" * (MAX_DEPTH + 2) + b"]" * (MAX_DEPTH + 2), "depth"),
        (b"[" + b"0," * MAX_VALUES + b"0]", "size"),
    ],
)
def test_a_body_without_a_value_is_one_finding(body: bytes, keyword: str) -> None:
    """There is nothing else to check then."""
    assert facts(ORACLE.findings_of_body(body)) == [("behavior", "", keyword)]


@pytest.mark.parametrize(
    "raw", [b"1.0", b"500.0", b"5e2", b"-0", b"9223372036854775807", b"-9223372036854775808"]
)
def test_whole_number_is_an_integer_however_it_is_written(raw: bytes) -> None:
    """JSON Schema 2020-12: a number without a fraction is an integer."""
    assert ORACLE.findings_of_body(with_raw(INTEGER, raw)) == []


@pytest.mark.parametrize(
    "raw",
    [rb'"\ud83d\ude80"', '"\U0001f680"'.encode(), rb'"\u0000"', rb'"\/\b\f\n\r\t\""', b'"\x7f"'],
)
def test_what_json_allows_in_a_text_is_fine(raw: bytes) -> None:
    """A surrogate pair is one character, and escapes are another way to write it."""
    assert ORACLE.findings_of_body(with_raw("/name", raw)) == []


def test_the_rest_is_checked_too() -> None:
    """A fault of the JSON does not hide others; the last of repeated keys counts."""
    body = with_raw("/gpu", b'0,"gpu":0,"name":7')

    assert sorted(facts(ORACLE.findings_of_body(body))) == [
        ("behavior", "/gpu", "duplicate-key"),
        ("behavior", "/name", "duplicate-key"),
    ]
    assert facts(ORACLE.findings_of_body(with_raw("/gpu", b'-999,"cpu":NaN'))) == [
        ("behavior", "/cpu", "duplicate-key"),
        ("behavior", "/cpu", "non-finite-number"),
        ("violation", "/gpu", "minimum"),
    ]


def test_body_at_the_bound_of_values_is_read() -> None:
    """The bound is far above any job, and a body at the bound is still read."""
    body = b"[" + b"0," * (MAX_VALUES - 2) + b"0]"

    value, faults = parse(body)

    assert len(value) == MAX_VALUES - 1
    assert faults == []


def test_depth_at_the_bound_is_read() -> None:
    """As many levels as are allowed are read."""
    value: Json = parse(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)[0]

    for _ in range(MAX_DEPTH - 1):
        (value,) = value
    assert value == []


def test_a_body_of_faults_names_the_first_of_them() -> None:
    """There are at most a thousand findings of each kind, so that a report stays readable."""
    keys = b",".join(b'"k%d":NaN' % number for number in range(8_000))

    findings = ORACLE.findings_of_body(b'{"k0":1,' + keys + b"}")

    assert MOST <= len(findings) <= 2 * MOST


def test_one_repeated_key_among_many_is_found_at_once() -> None:
    """The work grows with the body: with its square, this one would take ten minutes."""
    keys = b",".join(b'"k%d":1' % number for number in range(150_000))

    assert facts(ORACLE.findings_of_body(b'{"k0":1,' + keys + b"}")) == [("behavior", "", "size")]


def test_a_long_key_does_not_multiply() -> None:
    """Each fault below a key of 100 KB would carry the key in its location."""
    body = b'{"' + b"k" * 100_000 + b'":[' + b"NaN," * 1_000 + b"NaN]}"

    findings = ORACLE.findings_of_body(body)

    assert max(len(finding.location) for finding in findings) < 100
