"""A property that the contract does not know is found at any depth, and only there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contract_tests.instances.population import population
from contract_tests.spec.values import join
from tests.oracle.instances import CONTRACT, ORACLE, RECORDED_ORACLE, changed, facts
from tests.recorded import original

if TYPE_CHECKING:
    from contract_tests.spec.schema import Schema

CRON = original("cron_docker_nulls")


def objects(instance: object, schema: Schema, where: str = "") -> list[str]:
    """The location of every object in `instance` whose properties are documented."""
    chosen = schema.branch(instance) if schema.branches else schema
    assert chosen is not None
    if isinstance(instance, dict) and chosen.properties:
        inner = [
            place
            for key, value in instance.items()
            for place in objects(value, chosen.properties[key], join(where, key))
        ]
        return [where, *inner]
    if isinstance(instance, list) and chosen.items:
        return [
            place
            for index, value in enumerate(instance)
            for place in objects(value, chosen.items, join(where, index))
        ]
    return []


def test_an_addition_to_any_object_is_one_finding_there() -> None:
    """Each object of each job of a whole population is given one property too many."""
    wrong = []
    places = set()
    for job in population(CONTRACT).jobs.values():
        for where in objects(job, CONTRACT.job):
            location = join(where, "novel")
            places.add("".join(char for char in location if not char.isdecimal()))
            findings = ORACLE.findings(changed(job, location, {"deep": 1}))
            if facts(findings) != [("addition", location, "additionalProperties")]:
                wrong.append((location, facts(findings)))

    assert wrong == []
    assert len(places) > 20


def test_an_addition_is_additive_and_names_its_variant() -> None:
    """Importers are built to survive it; `--fail-on breaking` lets it pass."""
    (finding,) = RECORDED_ORACLE.findings(changed(CRON, "/novel", None))

    assert finding.severity == "additive"
    assert finding.variant == "CronJob"
    assert "/novel" in finding.message


def test_an_addition_is_one_finding_whatever_is_inside() -> None:
    """The contract does not describe it."""
    novel = {"id": 1, "job_type": 7, "more": [{"gpu": -999}]}

    assert facts(RECORDED_ORACLE.findings(changed(CRON, "/novel", novel))) == [
        ("addition", "/novel", "additionalProperties")
    ]


@pytest.mark.parametrize("value", [None, 5, "x"])
def test_a_sibling_branch_makes_a_property_known(value: object) -> None:
    """A property that another branch of the same union documents is never an addition."""
    found = facts(RECORDED_ORACLE.findings(changed(CRON, "/source/image", value)))

    assert all(kind != "addition" for kind, _, _ in found)


def test_names_come_out_whole_up_to_a_bound() -> None:
    """A property's name is the server's own text: a long one is cut like any other value."""
    (finding,) = RECORDED_ORACLE.findings(changed(CRON, join("", "k" * 100_000), 1))

    assert len(finding.location) == 81
    assert len(finding.message) < 300
