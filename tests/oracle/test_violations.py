"""What a finding contains. The mutants show that each fault is found where it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from contract_tests.oracle.oracle import MOST, Oracle
from contract_tests.spec.contract import resolve
from contract_tests.spec.document import parse
from contract_tests.spec.values import at
from tests.oracle.instances import ABSENT, changed, facts
from tests.oracle.instances import RECORDED as CONTRACT
from tests.oracle.instances import RECORDED_ORACLE as ORACLE
from tests.recorded import original

if TYPE_CHECKING:
    from contract_tests.spec.values import Json

CRON = original("cron_docker_nulls")
IMAGE = original("cron_image_minimal")
IMAGE_AT = "/source/image"


def test_rule_is_the_broken_keyword_in_the_document() -> None:
    """It is found through every `$ref`."""
    (finding,) = ORACLE.findings(changed(IMAGE, f"{IMAGE_AT}/registry/kind", "QUAY"))

    assert finding.rule == "/components/schemas/RegistryKind/enum"
    assert finding.variant == "CronJob"
    assert finding.seen == "QUAY"
    assert finding.expected[0] == "ECR"


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("id", "/components/schemas/JobBase/required"),
        ("schedule", "/components/schemas/CronJob/allOf/1/required"),
    ],
)
def test_rule_of_a_missing_property_is_the_required_that_names_it(name: str, rule: str) -> None:
    """It can be in any part of an `allOf`."""
    (finding,) = ORACLE.findings(changed(CRON, f"/{name}", ABSENT))

    assert finding.rule == rule


def test_message_spells_null_as_json_does() -> None:
    """Readers of a report look for the value in a JSON body."""
    place = "/components/schemas/JobBase/properties/service_type"
    enum = at(CONTRACT.document.data, place)
    data = changed(CONTRACT.document.data, place, {"oneOf": [enum, {"type": "null"}]})
    oracle = Oracle(resolve(parse(json.dumps(data).encode(), "nullable.json")))

    (finding,) = oracle.findings(changed(CRON, "/service_type", "ROCKET"))

    assert finding.message.endswith(", null")


def test_every_fault_is_found_not_just_the_first() -> None:
    """Faults at different locations are as many findings."""
    job = changed(CRON, "/gpu", -999)
    job = changed(job, "/name", 1)
    job = changed(job, "/id", ABSENT)
    job = changed(job, "/source/docker/git_repository/provider", "SVN")
    job = changed(job, "/source/docker/novel", 1)
    job = changed(job, "/schedule/cronjob/scheduled_at", "* * * * * *")

    assert sorted(facts(ORACLE.findings(job))) == [
        ("addition", "/source/docker/novel", "additionalProperties"),
        ("violation", "", "required"),
        ("violation", "/gpu", "minimum"),
        ("violation", "/name", "type"),
        ("violation", "/schedule/cronjob/scheduled_at", "format"),
        ("violation", "/source/docker/git_repository/provider", "enum"),
    ]


def test_several_missing_properties_are_as_many_findings() -> None:
    """Each missing property is a fact of its own, though they share a location."""
    job = {key: value for key, value in CRON.items() if key not in {"cpu", "name"}}

    findings = ORACLE.findings(job)

    assert [finding.expected for finding in findings] == ["name", "cpu"]
    assert {finding.location for finding in findings} == {""}


@pytest.mark.parametrize("body", [None, 1, "text", [], True])
def test_a_body_that_is_not_an_object_is_one_finding(body: Json) -> None:
    """The whole body's location is the empty pointer."""
    assert facts(ORACLE.findings(body)) == [("violation", "", "type")]


def test_seen_is_shortened() -> None:
    """Reports must not expose customer data; long text is cut."""
    (finding,) = ORACLE.findings(changed(CRON, "/service_type", "SECRET" * 1000))

    assert len(finding.seen) == 80
    assert len(finding.message) < 300


def test_seen_never_has_containers() -> None:
    """An object is counted, not quoted."""
    (finding,) = ORACLE.findings(changed(CRON, "/name", {"password": "hunter2"}))

    assert "hunter2" not in json.dumps([finding.seen, finding.message])


def test_findings_are_bounded() -> None:
    """A hostile body can't exhaust the memory."""
    assert len(ORACLE.findings(changed(CRON, "/labels_groups", [1] * (MOST + 500)))) == MOST


def test_pointer_is_escaped() -> None:
    """A location is an RFC 6901 pointer, whatever the property is called."""
    (finding,) = ORACLE.findings(changed(CRON, "/source/docker", {"a/b~c": 1}))

    assert finding.location == "/source/docker/a~1b~0c"
