"""The effect of a finding is what the client does: checked with every body mutant."""

from __future__ import annotations

from contract_tests.instances.population import population
from contract_tests.mutants.bodies import body_mutants
from contract_tests.oracle.oracle import Oracle
from contract_tests.spec.contract import load
from contract_tests.spec.keywords import Effect
from qovery_job_client import BodyError, ContractViolationError, decode_job

CONTRACT = load()
LENIENT = "uuid-without-hyphens"  # which the client accepts, as its documentation says


def raises(body: bytes) -> bool:
    """Whether the client raises."""
    try:
        decode_job(body)
    except (BodyError, ContractViolationError):
        return True
    return False


def test_the_client_raises_where_a_finding_says_so() -> None:
    """`breaks decoding` is an exception, every other effect is none."""
    oracle = Oracle(CONTRACT)
    wrong = []
    for mutant in body_mutants(CONTRACT, population(CONTRACT).jobs).values():
        findings = oracle.findings_of_body(mutant.body)
        effects = {finding.effect for finding in findings}
        if mutant.name.endswith(LENIENT):
            continue
        if raises(mutant.body) is not (Effect.RAISES in effects):
            wrong.append((mutant.name, sorted(effects)))

    assert wrong == []
