"""Proves in each run that the oracle still sees: plants faults in observed bodies, in-process.

A check that is blind says *clean* for ever. So a run puts faults into bodies that the server
really sent, and may only call it clean when each of them is found where it was put.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_tests.mock_server.population import Population
from contract_tests.mutants.bodies import BodyMutant, body_mutants

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contract_tests.contract import Contract
    from contract_tests.oracle import Oracle
    from contract_tests.values import Json


def planted(contract: Contract, jobs: Mapping[str, Json]) -> list[BodyMutant]:
    """For each variant among `jobs` and each family of faults, one fault in an observed job.

    Args:
        contract: Says what a fault is.
        jobs: Observed jobs without any finding, by id.
    """
    chosen: dict[str, Json] = {}
    seen = set()
    for job_id, job in jobs.items():
        branch = contract.job.branch(job) if contract.job.branches else contract.job
        if branch is not None and branch.name not in seen:
            seen.add(branch.name)
            chosen[job_id] = job
    mutants = body_mutants(contract, Population(chosen, {}, {}, (), ()))
    by_family = {(mutant.job_id, mutant.family): mutant for mutant in mutants.values()}
    return list(by_family.values())


def missed(oracle: Oracle, mutants: list[BodyMutant]) -> list[str]:
    """The names of the planted faults that `oracle` does not report as just what they are."""
    return [
        mutant.name
        for mutant in mutants
        if {
            (item.kind, item.location, item.keyword)
            for item in oracle.findings_of_body(mutant.body)
        }
        != {(item.kind, item.location, item.keyword) for item in mutant.expected}
    ]
