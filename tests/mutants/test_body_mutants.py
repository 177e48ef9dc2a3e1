"""The body mutants: one for each rule, each proved to be a fault, each killed for that fault."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from contract_tests.instances.population import population
from contract_tests.mutants.bodies import BodyMutant, body_mutants, every_mutant, sample, unbroken
from contract_tests.mutants.catalogue import Catalogue, MutantError, catalogue, listing
from contract_tests.mutants.reference import proof
from contract_tests.oracle.oracle import Oracle
from contract_tests.spec.contract import Contract, load, resolve
from contract_tests.spec.document import parse
from scripts.mutants.__main__ import in_process
from tests.spec.documents import SCHEMAS, contract_of
from tests.spec.documents import changed as changed_parcels

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("body-mutants")]

CONTRACT = load()
OTHER = Path(__file__).parent / "other.yaml"


@pytest.fixture(scope="module")
def mutants() -> Catalogue:
    """Every mutant of the contract."""
    return catalogue(CONTRACT, population(CONTRACT))


def changed(old: str, new: str) -> Contract:
    """The contract after one change of its text."""
    source = CONTRACT.document.name
    text = Path(source).read_text(encoding="utf-8")
    assert old in text
    return resolve(parse(text.replace(old, new, 1).encode(), source))


def test_every_body_mutant_is_proved_and_killed(mutants: Catalogue) -> None:
    """A second validator proves each fault, and each valid twin has no finding."""
    outcomes = list(in_process(mutants, Oracle(CONTRACT)))

    assert [(outcome.name, outcome.reason) for outcome in outcomes if not outcome.killed] == []
    assert len(outcomes) >= 3_000


def test_every_rule_has_a_mutant(mutants: Catalogue) -> None:
    """Each rule of the contract is broken by some mutant."""
    assert unbroken(CONTRACT, mutants.bodies) == ()


def test_every_variant_has_its_own(mutants: Catalogue) -> None:
    """Shared properties have mutants in each."""
    variants = {
        short: {
            mutant.name.partition(".")[0]
            for mutant in mutants.bodies.values()
            if mutant.short == short
        }
        for short in ("gpu-below-minimum", "source.image.tag-missing", "labels_groups-is-object")
    }

    assert all(names == set(CONTRACT.variants) for names in variants.values())


def test_no_mutant_is_its_twin(mutants: Catalogue) -> None:
    """Each body differs from the job that it is made of, and from every other mutant's."""
    bodies = Counter(mutant.body for mutant in mutants.bodies.values())

    assert [body for body, count in bodies.items() if count > 1] == []
    assert not bodies.keys() & set(mutants.population.bodies.values())


def test_names_are_the_same_for_every_seed(mutants: Catalogue) -> None:
    """A name does not depend on the jobs."""
    assert body_mutants(CONTRACT, population(CONTRACT, 5).jobs).keys() == mutants.bodies.keys()


@pytest.mark.parametrize(
    ("name", "location", "keyword"),
    [
        ("gpu-below-minimum", "/gpu", "minimum"),
        ("port-below-minimum", "/port", "minimum"),
        ("cpu-missing", "", "required"),
        ("service_type-unknown-member", "/service_type", "enum"),
        ("name-is-integer", "/name", "type"),
        ("kind-unknown-member", "/source/image/registry/kind", "enum"),
        ("registry.kind-other-case", "/source/image/registry/kind", "enum"),
        ("source-with-docker-too", "/source", "oneOf"),
        ("source-no-branch", "/source", "required"),
        ("image-missing", "/source", "required"),
        ("job_type-unknown-member", "/job_type", "enum"),
        ("command-against-minItems", "/healthchecks/readiness_probe/type/exec/command", "minItems"),
        ("scheduled_at-cron-with-seconds", "/schedule/cronjob/scheduled_at", "format"),
        ("body-undocumented-text", "/undocumented", "additionalProperties"),
    ],
)
def test_a_short_name_means_the_shallowest_place(
    mutants: Catalogue, name: str, location: str, keyword: str
) -> None:
    """The end of its location and what is wrong are enough."""
    found = mutants.named(name)

    (expected,) = {each for mutant in found for each in mutant.expected}
    assert (expected.location, expected.keyword) == (location, keyword)


def test_a_variant_in_a_name_means_that_variant_alone(mutants: Catalogue) -> None:
    """Without a variant, a name stands for every variant."""
    every, one = mutants.named("gpu-below-minimum"), mutants.named("CronJob.gpu-below-minimum")

    assert len(every) == len(CONTRACT.variants)
    assert [mutant.name for mutant in one] == ["CronJob.gpu-below-minimum"]


def test_an_unknown_name_is_an_error_with_similar_names(mutants: Catalogue) -> None:
    """The message has the name that was probably meant."""
    with pytest.raises(MutantError, match="similar names: gpu-below-minimum"):
        mutants.named("gpu-below-minimun")


def test_every_listed_name_exists(mutants: Catalogue) -> None:
    """`--list-mutants` lists each mutant under a name that `--mutant` takes."""
    names = [line.split()[0] for line in listing(mutants).splitlines()]
    meant = {mutant.name for name in names for mutant in mutants.named(name)}

    assert meant == {*mutants.bodies, *mutants.http}


def test_a_fault_is_served_in_every_job_that_it_fits(mutants: Catalogue) -> None:
    """Each job of its variants that has the place has the fault."""
    served, _ = mutants.faulty("port-below-minimum")

    having = {job_id for job_id, job in mutants.population.jobs.items() if "port" in job}
    bodies = mutants.population.bodies
    faulty = {job_id for job_id, body in served.bodies.items() if body != bodies[job_id]}
    assert faulty == having
    oracle = Oracle(CONTRACT)
    seen = {
        each.location
        for job_id in faulty
        for each in oracle.findings_of_body(served.bodies[job_id])
    }
    assert seen == {"/port"}


def test_a_fault_of_one_branch_is_not_in_the_others(mutants: Catalogue) -> None:
    """A mutant of a branch applies to several jobs, all of that branch."""
    names = {mutant.name for mutant in mutants.named("docker-is-string")}

    faulty = mutants.everywhere(names)

    assert len(faulty) > 1
    assert all("docker" in mutant.twin["source"] for mutant in faulty)


def test_every_mutant_with_a_name_is_found(mutants: Catalogue) -> None:
    """Of single faults and of pairs, in the whole job and in its parts, none is left out."""
    names = {*list(mutants.bodies)[::50], *(name for name in mutants.bodies if "-of-" in name)}

    found = mutants.everywhere(names)

    every = every_mutant(CONTRACT, mutants.population.jobs)
    expected = [(each.name, each.job_id) for each in every if each.name in names]
    assert [(each.name, each.job_id) for each in found] == expected


def test_the_sample_has_every_family(mutants: Catalogue) -> None:
    """It has one mutant of each job."""
    chosen = sample(CONTRACT, mutants.population.jobs)

    assert chosen.keys() == mutants.population.jobs.keys()
    families = {mutant.family for mutant in mutants.bodies.values()}
    assert {mutant.family for mutant in chosen.values()} == families


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("          examples: [1250]", "          maximum: 64000", "cpu-above-maximum"),
        (
            "          description: The image's tag.\n          type: string",
            (
                "          description: The image's tag.\n"
                "          type: string\n          maxLength: 1000"
            ),
            "tag-against-maxLength",
        ),
        (
            "          description: The author of the deployed commit",
            "          format: uuid\n          description: The author of the deployed commit",
            "deployed_commit_contributor-uuid-short",
        ),
    ],
)
def test_a_new_rule_has_mutants_at_once(mutants: Catalogue, old: str, new: str, name: str) -> None:
    """They follow from the contract."""
    contract = changed(old, new)
    more = catalogue(contract, population(contract))

    assert {mutant.short.rpartition(".")[2] for mutant in mutants.bodies.values()} & {name} == set()
    found = more.named(name)
    assert unbroken(contract, more.bodies) == ()
    oracle, proves = Oracle(contract), proof(contract)
    for mutant in found:
        assert isinstance(mutant, BodyMutant)
        (finding,) = oracle.findings_of_body(mutant.body)
        (expected,) = mutant.expected
        assert (finding.location, finding.keyword) == (expected.location, expected.keyword)
        assert proves(mutant.body, expected)


def test_rules_without_a_mutant_are_reported() -> None:
    """A rule that no mutant breaks is named."""
    contract = load()

    assert set(unbroken(contract, {})) == set(contract.rules)


def test_any_contract_has_mutants_of_every_keyword() -> None:
    """Including those that the job's contract does not use."""
    contract = load(OTHER)
    jobs = population(contract)
    found = catalogue(contract, jobs)

    outcomes = list(in_process(found, Oracle(contract)))

    assert unbroken(contract, found.bodies) == ()
    assert [(outcome.name, outcome.reason) for outcome in outcomes if not outcome.killed] == []


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        (f"{SCHEMAS}/Letter/allOf/1/properties/content", {"type": "string"}),
        (f"{SCHEMAS}/Goods/properties/papers", ...),
    ],
    ids=["another type", "not declared"],
)
def test_branches_may_disagree_about_a_property(pointer: str, value: object) -> None:
    """A property of one branch may have another type in the next, or be unknown there."""
    contract = contract_of(changed_parcels(pointer, value))

    outcomes = list(in_process(catalogue(contract, population(contract)), Oracle(contract)))

    assert [(outcome.name, outcome.reason) for outcome in outcomes if not outcome.killed] == []
