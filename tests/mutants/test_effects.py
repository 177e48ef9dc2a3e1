"""The effect of a finding is what the client does: checked with every body mutant."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from contract_tests.instances.population import population
from contract_tests.mutants.bodies import body_mutants
from contract_tests.oracle.oracle import Oracle
from contract_tests.spec.contract import load
from contract_tests.spec.keywords import Effect
from qovery_job_client import BodyError, ContractViolationError, decode_job

if TYPE_CHECKING:
    from contract_tests.oracle.finding import Finding

CONTRACT = load()
NOT_A_TYPE = "overflows"  # for the client, a number that is too large is of the wrong type


def is_lenient(finding: Finding) -> bool:
    """Return whether it is a UUID without hyphens; the client documents that it accepts one."""
    return finding.expected == "uuid" and len(str(finding.seen)) == len(UUID(int=0).hex)


def error_of(body: bytes) -> BodyError | ContractViolationError | None:
    """Return what the client raises."""
    try:
        decode_job(body)
    except (BodyError, ContractViolationError) as error:
        return error
    return None


def test_the_client_raises_where_a_finding_says_so() -> None:
    """`breaks decoding` is an exception that names the same rule, every other effect is none."""
    oracle = Oracle(CONTRACT)
    wrong = []
    named = set()
    for mutant in body_mutants(CONTRACT, population(CONTRACT).jobs).values():
        found = oracle.findings_of_body(mutant.body)
        raising = [each for each in found if each.effect is Effect.RAISES]
        rules = {(each.location, each.keyword) for each in raising}
        error = error_of(mutant.body)
        if (error is None) is not all(map(is_lenient, raising)):
            wrong.append((mutant.name, error, rules))
        elif isinstance(error, ContractViolationError) and not mutant.name.endswith(NOT_A_TYPE):
            named.add(error.keyword)
            if (error.location, error.keyword) not in rules:
                wrong.append((mutant.name, error, rules))

    assert wrong == []
    assert {rule.keyword for rule in CONTRACT.rules} - {"const", "enum"} <= named
