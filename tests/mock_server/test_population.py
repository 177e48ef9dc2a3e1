"""The generated jobs: valid, different, repeatable, and together with every choice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contract_tests.instances.population import population
from contract_tests.mock_server import Population
from contract_tests.mutants.places import places
from contract_tests.mutants.reference import reference_validator
from contract_tests.oracle.coverage import covered_rules
from contract_tests.spec.contract import Contract, load, resolve
from contract_tests.spec.document import DocumentError, parse
from contract_tests.spec.values import kind_of
from tests.recorded import NAMES, payload

if TYPE_CHECKING:
    from contract_tests.spec.values import Json

SEEDS = (0, 1, 7)
CONTRACT = load()
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module", params=SEEDS)
def jobs(request: pytest.FixtureRequest) -> Population:
    """The jobs of one seed."""
    return population(CONTRACT, request.param)


def test_every_job_is_valid(jobs: Population) -> None:
    """A second validator agrees, formats included."""
    validator = reference_validator(CONTRACT)

    errors = [error.message for job in jobs.jobs.values() for error in validator.iter_errors(job)]

    assert errors == []


def test_a_body_is_its_job(jobs: Population) -> None:
    """It is UTF-8 JSON."""
    assert {job_id: json.loads(body) for job_id, body in jobs.bodies.items()} == jobs.jobs


def test_a_job_has_its_own_id(jobs: Population) -> None:
    """Each job repeats its own id, and no two share one."""
    ids = [job["id"] for job in jobs.jobs.values()]

    assert ids == list(jobs.jobs)
    assert len(set(ids)) == len(ids) >= 50


def test_first_job_of_each_variant_is_plain(jobs: Population) -> None:
    """It has the examples of the contract, and nothing that makes a terminal unreadable."""
    first = {variant: job_id for job_id, variant in [*jobs.variants.items()][::-1]}

    for variant, schema in CONTRACT.variants.items():
        body = jobs.bodies[first[variant]].decode()
        assert body.isascii()
        assert "\\" not in body
        for name, inner in schema.properties.items():
            if examples := inner.annotations.get("examples"):
                assert f'"{name}":{json.dumps(examples[0])}' in body


def test_different_ids_give_different_jobs(jobs: Population) -> None:
    """Two jobs differ in more than their id."""
    others = {json.dumps({**job, "id": None}) for job in jobs.jobs.values()}

    assert len(others) == len(jobs.jobs)


def test_another_seed_gives_other_jobs() -> None:
    """No id is in both."""
    first, second = (set(population(CONTRACT, seed).jobs) for seed in (0, 1))

    assert not first & second


def test_forbidden_and_missing_ids_have_no_job(jobs: Population) -> None:
    """Ids with a 403 or 404 have no job."""
    assert not {*jobs.forbidden, *jobs.missing} & jobs.jobs.keys()


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_the_same_seed_gives_the_same_jobs_in_every_process(hash_seed: str) -> None:
    """They do not depend on the process or on Python's hash seed."""
    program = (
        "import sys; from contract_tests.spec.contract import load;"
        "from contract_tests.mock_server import population;"
        "sys.stdout.buffer.write(b'\\n'.join(population(load(), 3).bodies.values()))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}

    seen = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, check=True, capture_output=True
    ).stdout

    assert seen == b"\n".join(population(CONTRACT, 3).bodies.values())


def test_every_rule_is_covered(jobs: Population) -> None:
    """The jobs cover each rule of the contract."""
    seen = {rule for job in jobs.jobs.values() for rule in covered_rules(CONTRACT.job, job)}

    assert [rule.location for rule in CONTRACT.rules if rule not in seen] == []


def test_every_choice_is_made_somewhere(jobs: Population) -> None:
    """Each place shows every enum member, each of its types, both presences and each bound."""
    seen = _observed(CONTRACT, jobs)

    missing = {f"{place}: {choice}" for place, choice in _choices(CONTRACT, jobs) - seen}
    assert missing == set()


def test_real_payloads_look_like_what_is_served(jobs: Population) -> None:
    """Everything that the real payloads show at some place, some job shows too."""
    real = {name: payload(name) for name in NAMES}

    seen = _observed(CONTRACT, jobs)
    wanted = _observed(CONTRACT, Population(real, {}, {}, (), ()))

    assert {choice for choice in wanted - seen if choice[1][0] != "value"} == set()


Choice = tuple[str, tuple[str, object]]


def _observed(contract: Contract, jobs: Population) -> set[Choice]:
    """What the jobs show: for each place its types, sizes, presence, and values with a bound."""
    seen: set[Choice] = set()
    for job in jobs.jobs.values():
        for place in places(contract.job, job):
            name = place.name
            seen.add((name, ("type", kind_of(place.value))))
            seen |= {(name, ("value", value)) for value in _scalar(place.value)}
            if isinstance(place.value, list):
                seen.add((name, ("size", min(len(place.value), 2))))
            if isinstance(place.value, dict):
                for inner in place.schema.properties:
                    there = inner in place.value
                    seen.add((f"{name}.{inner}", ("there", there)))
    return seen


def _scalar(value: Json) -> list[object]:
    return [] if isinstance(value, (dict, list)) else [value]


def _choices(contract: Contract, jobs: Population) -> set[Choice]:
    """What the contract leaves open at each place that the jobs have."""
    wanted: set[Choice] = set()
    for job in jobs.jobs.values():
        for place in places(contract.job, job):
            name = place.name
            says = place.schema.assertions
            wanted |= {(name, ("type", kind)) for kind in place.schema.types}
            wanted |= {(name, ("value", member)) for member in says.get("enum", ())}
            wanted |= {(name, ("value", says[key])) for key in ("minimum", "const") if key in says}
            if "boolean" in place.schema.types:
                wanted |= {(name, ("value", True)), (name, ("value", False))}
            if "array" in place.schema.types:
                least = says.get("minItems", 0)
                wanted |= {(name, ("size", size)) for size in range(least, 3)}
            for inner in place.schema.properties if isinstance(place.value, dict) else ():
                wanted.add((f"{name}.{inner}", ("there", True)))
                if inner not in place.schema.required:
                    wanted.add((f"{name}.{inner}", ("there", False)))
            if place.union is not None:
                stem = name.removesuffix(place.schema.name)
                wanted |= {
                    (f"{stem}{branch.name}", ("type", "object")) for branch in place.union.branches
                }
    return wanted


def test_any_contract_can_be_served() -> None:
    """The jobs follow from the document."""
    source = ROOT / "tests" / "mutants" / "other.yaml"
    contract = load(source)

    jobs = population(contract)

    validator = reference_validator(contract)
    assert [error for job in jobs.jobs.values() for error in validator.iter_errors(job)] == []
    seen = {rule for job in jobs.jobs.values() for rule in covered_rules(contract.job, job)}
    assert set(contract.rules) <= seen


def test_a_constant_list_can_be_served() -> None:
    """Every job has it."""
    source = (ROOT / "tests" / "mutants" / "other.yaml").read_text(encoding="utf-8")
    document = parse(source.replace("maxItems: 4", "const: [a, b]").encode(), "x")

    jobs = population(resolve(document)).jobs.values()

    assert {tuple(job["ports"]) for job in jobs} == {("a", "b")}


def test_a_pattern_without_a_sample_is_an_error() -> None:
    """The message names the schema and says what to do."""
    source = (ROOT / "tests" / "mutants" / "other.yaml").read_text(encoding="utf-8")
    changed = source.replace("minLength: 2, maxLength: 3", r"pattern: '^(?=a)b$'")
    document = parse(changed.encode(), "x")

    with pytest.raises(DocumentError, match=r"flag: no sample fulfills pattern .*; add `examples`"):
        population(resolve(document))
