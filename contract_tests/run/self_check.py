"""Proves in each run that the oracle still sees: plants faults in observed bodies, in-process.

A check that is blind says *clean* for ever. So a run puts faults into bodies that the server
really sent, and may only call it clean when each of them is found where it was put.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_tests.mutants.bodies import BodyMutant, body_mutants
from contract_tests.mutants.score import mismatch_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from contract_tests.oracle.oracle import Oracle
    from contract_tests.spec.contract import Contract
    from contract_tests.spec.values import Json


def planted(contract: Contract, oracle: Oracle, jobs: Mapping[str, Json]) -> list[BodyMutant]:
    """For each variant among `jobs` and each family of faults, one fault in an observed job.

    Args:
        contract: Says what a fault is.
        oracle: Says which variant a job is.
        jobs: Observed jobs without any finding, by id.
    """
    first: dict[str | None, str] = {}
    for job_id, job in jobs.items():
        first.setdefault(oracle.variant(job), job_id)
    mutants = body_mutants(contract, {job_id: jobs[job_id] for job_id in first.values()})
    by_family = {(mutant.job_id, mutant.family): mutant for mutant in mutants.values()}
    return list(by_family.values())


def missed(oracle: Oracle, mutants: Iterable[BodyMutant]) -> list[str]:
    """The names of the planted faults that `oracle` does not report as just what they are."""
    return [
        mutant.name
        for mutant in mutants
        if mismatch_of(mutant.expected, oracle.findings_of_body(mutant.body)) is not None
    ]
