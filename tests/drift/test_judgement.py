"""What a run keeps of what it finds out is bounded."""

from __future__ import annotations

from contract_tests.oracle.finding import Finding, Kind
from contract_tests.run import record as records
from contract_tests.run.record import RunRecord
from contract_tests.run.target import Credential, Target
from contract_tests.spec.contract import load


def test_no_more_flaky_findings_are_kept_than_others() -> None:
    """A server that says something else each time can't fill the memory."""
    record = RunRecord(load(), Target("http://127.0.0.1", (), Credential("token")))
    finding = Finding(Kind.BEHAVIOR, "http", "", "status", [200], 418, "the status is 418")

    for _ in range(3):
        record.add_flaky([finding] * (records.MOST - 1))

    assert len(record.flaky) == records.MOST
