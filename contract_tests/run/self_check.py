"""Check the oracle in every run: inject faults into observed bodies, which it must find.

An oracle that finds nothing would report everything as clean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_tests.instances.population import population
from contract_tests.mutants.bodies import BodyMutant, body_mutants
from contract_tests.mutants.score import mismatch_of
from contract_tests.spec.contract import SUCCESS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contract_tests.oracle.oracle import Oracle
    from contract_tests.run.session import Session
    from contract_tests.spec.contract import Contract
    from contract_tests.spec.values import Json


class SelfCheckError(RuntimeError):
    """The oracle missed injected faults, so its findings can't be trusted."""


def run_self_check(session: Session) -> None:
    """Inject faults into the sampled bodies and record how many were found.

    If every sample has findings, accepted ones included, jobs generated from the contract are used.

    Raises:
        SelfCheckError: A fault was not found.
    """
    record, oracle = session.record, session.checker.oracles[SUCCESS]
    valid = {job_id: job for job_id, job in record.samples.items() if not oracle.findings(job)}
    if record.samples and not valid:
        valid = dict(population(record.contract).jobs)
    mutants = injected(record.contract, oracle, valid)
    missed = [
        mutant.name
        for mutant in mutants
        if mismatch_of(mutant.expected, oracle.findings_of_body(mutant.body)) is not None
    ]
    if missed:
        names = ", ".join(missed[:10])
        raise SelfCheckError(f"the oracle misses {len(missed)} of {len(mutants)} faults: {names}")
    record.injected = len(mutants)


def injected(contract: Contract, oracle: Oracle, jobs: Mapping[str, Json]) -> list[BodyMutant]:
    """Return one fault of each family in one job of each variant.

    Args:
        contract: The contract that the faults break.
        oracle: Determines the variant of a job.
        jobs: Valid jobs by id.
    """
    first: dict[str | None, str] = {}
    for job_id, job in jobs.items():
        first.setdefault(oracle.variant(job), job_id)
    mutants = body_mutants(contract, {job_id: jobs[job_id] for job_id in first.values()})
    by_family = {(mutant.job_id, mutant.family): mutant for mutant in mutants.values()}
    return list(by_family.values())
