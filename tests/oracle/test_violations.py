"""Each fault of a job is one finding, of its keyword, at the deepest location that is wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from contract_tests.oracle.oracle import MOST
from tests.oracle.instances import ABSENT, ORACLE, changed, payload, told

if TYPE_CHECKING:
    from contract_tests.spec.values import Json

CRON = payload("cron_docker_nulls")
IMAGE = payload("cron_image_minimal")
PROBES = payload("lifecycle_docker_probes")
GROUPS = changed(
    IMAGE,
    "/labels_groups",
    [
        {
            "id": "7a0f3c52-5f6f-4a50-9a7e-0c8a4f2b9d11",
            "created_at": "2023-10-25T12:10:21Z",
            "name": "a",
            "labels": [{"key": "k", "value": "v", "propagate_to_cloud_provider": True}],
        }
    ],
)
GIT = "/source/docker/git_repository"
CRONJOB = "/schedule/cronjob"
IMAGE_AT = "/source/image"
LABEL = "/labels_groups/0/labels/0"


@pytest.mark.parametrize(
    ("job", "pointer", "value", "location", "keyword", "expected"),
    [
        (CRON, "/id", 5, "/id", "type", "string"),
        (CRON, "/id", "5", "/id", "format", "uuid"),
        (CRON, "/id", ABSENT, "", "required", "id"),
        (CRON, "/created_at", "yesterday", "/created_at", "format", "date-time"),
        (CRON, "/updated_at", None, "/updated_at", "type", "string"),
        (CRON, "/environment", [], "/environment", "type", "object"),
        (CRON, "/environment/id", ABSENT, "/environment", "required", "id"),
        (CRON, "/icon_uri", "no uri", "/icon_uri", "format", "uri"),
        (CRON, "/cpu", "500", "/cpu", "type", "integer"),
        (CRON, "/cpu", 0.5, "/cpu", "type", "integer"),
        (CRON, "/gpu", -1, "/gpu", "minimum", 0),
        (CRON, "/port", 0, "/port", "minimum", 1),
        (CRON, "/port", "80", "/port", "type", ["integer", "null"]),
        (CRON, "/auto_preview", 1, "/auto_preview", "type", "boolean"),
        (CRON, "/service_type", "FUNCTION", "/service_type", "enum", None),
        (CRON, "/service_type", 7, "/service_type", "type", "string"),
        (CRON, "/service_type", None, "/service_type", "type", "string"),
        (CRON, "/healthchecks", None, "/healthchecks", "type", "object"),
        (CRON, "/schedule", ABSENT, "", "required", "schedule"),
        (CRON, CRONJOB, ABSENT, "/schedule", "required", "cronjob"),
        (CRON, f"{CRONJOB}/timezone", ABSENT, CRONJOB, "required", "timezone"),
        (CRON, f"{CRONJOB}/timezone", "Mars/Base", f"{CRONJOB}/timezone", "format", "timezone"),
        (CRON, f"{CRONJOB}/scheduled_at", "daily", f"{CRONJOB}/scheduled_at", "format", "cron"),
        (CRON, f"{CRONJOB}/arguments", "x", f"{CRONJOB}/arguments", "type", "array"),
        (CRON, f"{CRONJOB}/arguments", ["x", 1], f"{CRONJOB}/arguments/1", "type", "string"),
        (CRON, f"{GIT}/provider", "SVN", f"{GIT}/provider", "enum", None),
        (CRON, f"{GIT}/has_access", "no", f"{GIT}/has_access", "type", "boolean"),
        (CRON, f"{GIT}/git_token_id", 1, f"{GIT}/git_token_id", "type", ["string", "null"]),
        (CRON, f"{GIT}/url", "", f"{GIT}/url", "format", "uri"),
        (IMAGE, f"{IMAGE_AT}/tag", ABSENT, IMAGE_AT, "required", "tag"),
        (
            IMAGE,
            f"{IMAGE_AT}/registry/kind",
            "QUAY",
            f"{IMAGE_AT}/registry/kind",
            "enum",
            None,
        ),
        (IMAGE, f"{IMAGE_AT}/registry/id", "x", f"{IMAGE_AT}/registry/id", "format", "uuid"),
        (GROUPS, f"{LABEL}/key", ABSENT, LABEL, "required", "key"),
        (
            GROUPS,
            f"{LABEL}/propagate_to_cloud_provider",
            "yes",
            f"{LABEL}/propagate_to_cloud_provider",
            "type",
            "boolean",
        ),
        (GROUPS, "/labels_groups/0", 1, "/labels_groups/0", "type", "object"),
        (
            PROBES,
            "/healthchecks/readiness_probe",
            {"type": {"exec": {"command": []}}},
            "/healthchecks/readiness_probe/type/exec/command",
            "minItems",
            1,
        ),
        (
            PROBES,
            "/healthchecks/liveness_probe",
            {"type": {"http": 1}},
            "/healthchecks/liveness_probe/type/http",
            "type",
            ["object", "null"],
        ),
        (
            PROBES,
            "/healthchecks/liveness_probe",
            {"period_seconds": None},
            "/healthchecks/liveness_probe/period_seconds",
            "type",
            "integer",
        ),
        (PROBES, "/schedule/on_start", None, "/schedule/on_start", "type", "object"),
        (PROBES, "/schedule/lifecycle_type", "X", "/schedule/lifecycle_type", "enum", None),
    ],
)
def test_one_fault_is_one_finding(  # noqa: PLR0917
    job: Json, pointer: str, value: Json, location: str, keyword: str, expected: Json
) -> None:
    """A broken rule is one violation: where it is, which keyword, and what the contract says."""
    findings = ORACLE.findings(changed(job, pointer, value))

    assert told(findings) == [("violation", location, keyword)]
    assert expected is None or findings[0].expected == expected


def test_finding_leads_to_the_broken_keyword_in_the_document() -> None:
    """A report can show the line of the contract that was broken, through every `$ref`."""
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
def test_missing_property_leads_to_the_required_that_names_it(name: str, rule: str) -> None:
    """Of the parts of an `allOf`, it is the one that asks for the property."""
    (finding,) = ORACLE.findings(changed(CRON, f"/{name}", ABSENT))

    assert finding.rule == rule


def test_every_fault_is_found_not_just_the_first() -> None:
    """Faults at different locations are as many findings."""
    job = changed(CRON, "/gpu", -1)
    job = changed(job, "/name", 1)
    job = changed(job, "/id", ABSENT)
    job = changed(job, "/source/docker/git_repository/provider", "SVN")
    job = changed(job, "/source/docker/novel", 1)
    job = changed(job, "/schedule/cronjob/scheduled_at", "* * * * * *")

    assert sorted(told(ORACLE.findings(job))) == [
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
def test_what_is_no_object_is_one_finding(body: Json) -> None:
    """The whole body's location is the empty pointer."""
    assert told(ORACLE.findings(body)) == [("violation", "", "type")]


def test_seen_is_shortened() -> None:
    """A report may reach people who must not see a customer's data; long text is cut."""
    (finding,) = ORACLE.findings(changed(CRON, "/service_type", "SECRET" * 1000))

    assert len(finding.seen) == 80
    assert len(finding.message) < 300


def test_seen_never_holds_containers() -> None:
    """An object in place of a text is counted, not quoted."""
    (finding,) = ORACLE.findings(changed(CRON, "/name", {"password": "hunter2"}))

    assert "hunter2" not in json.dumps([finding.seen, finding.message])


def test_an_instance_of_faults_names_the_first_of_them() -> None:
    """A hostile body costs no more memory than a thousand findings."""
    assert len(ORACLE.findings(changed(CRON, "/labels_groups", [1] * (MOST + 500)))) == MOST


def test_pointer_is_escaped() -> None:
    """A location is an RFC 6901 pointer, whatever the property is called."""
    (finding,) = ORACLE.findings(changed(CRON, "/source/docker", {"a/b~c": 1}))

    assert finding.location == "/source/docker/a~1b~0c"
