"""The branch is selected before the instance is checked, so that a fault is one finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.oracle.instances import ABSENT, changed, facts
from tests.oracle.instances import RECORDED as CONTRACT
from tests.oracle.instances import RECORDED_ORACLE as ORACLE
from tests.recorded import original

if TYPE_CHECKING:
    from contract_tests.spec.values import Json

CRON = original("cron_image_minimal")
LIFECYCLE = original("lifecycle_docker_probes")
IMAGE = CRON["source"]["image"]
DOCKER = LIFECYCLE["source"]["docker"]
BROKEN_IMAGE = {**IMAGE, "tag": 1}
REQUIRED = ("violation", "/source", "required")
UNDOCUMENTED = ("addition", "/schedule/cronjob", "additionalProperties")
ONE_OF = ("violation", "/source", "oneOf")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({"image": IMAGE}, []),
        ({"image": IMAGE, "docker": None}, []),
        ({"docker": {}}, []),
        ({"docker": DOCKER, "image": None}, []),
        ({"image": IMAGE, "docker": {}}, [ONE_OF]),
        ({"image": IMAGE, "docker": DOCKER}, [ONE_OF]),
        ({}, [REQUIRED]),
        ({"image": None, "docker": None}, [REQUIRED]),
        ({"image": None}, [("violation", "/source/image", "type")]),
        ({"docker": None}, [("violation", "/source/docker", "type")]),
        ({"image": "nginx"}, [("violation", "/source/image", "type")]),
        ({"image": IMAGE, "docker": "no"}, [("violation", "/source/docker", "type")]),
        ({"docker": {}, "image": 7}, [("violation", "/source/image", "type")]),
        ({"image": BROKEN_IMAGE}, [("violation", "/source/image/tag", "type")]),
        (
            {"image": BROKEN_IMAGE, "docker": {}},
            [("violation", "/source/image/tag", "type"), ONE_OF],
        ),
        (
            {"picture": IMAGE},
            [("addition", "/source/picture", "additionalProperties"), REQUIRED],
        ),
        (
            {"image": IMAGE, "helm": {}},
            [("addition", "/source/helm", "additionalProperties")],
        ),
        (None, [("violation", "/source", "type")]),
        ([], [("violation", "/source", "type")]),
        ("image", [("violation", "/source", "type")]),
    ],
)
def test_branch_by_the_property_that_is_there(
    source: Json, expected: list[tuple[str, str, str]]
) -> None:
    """The finding is about the selected branch, or about the union if none or both are."""
    findings = ORACLE.findings(changed(CRON, "/source", source))

    assert sorted(facts(findings)) == sorted(expected)


def test_several_branches_name_what_was_there() -> None:
    """Two sources at once: both are expected and seen."""
    (finding,) = ORACLE.findings(changed(CRON, "/source", {"image": IMAGE, "docker": {}}))

    assert finding.expected == ["image", "docker"]
    assert finding.seen == ["image", "docker"]
    assert finding.rule == "/components/schemas/JobSource/oneOf"


def test_no_branch_names_what_was_expected() -> None:
    """No source at all: the names of those that would be one."""
    (finding,) = ORACLE.findings(changed(CRON, "/source", {}))

    assert finding.expected == ["image", "docker"]
    assert finding.seen == []


@pytest.mark.parametrize("tag", ["MANUAL", "cron", "", "CRON "])
def test_unknown_discriminator_is_one_finding(tag: str) -> None:
    """It is an unknown enum member at its own location, whatever the schedule looks like."""
    (finding,) = ORACLE.findings(changed(CRON, "/job_type", tag))

    assert facts([finding]) == [("violation", "/job_type", "enum")]
    assert finding.expected == list(CONTRACT.job.tags)
    assert finding.seen == tag
    assert finding.variant is None


@pytest.mark.parametrize("tag", [None, 1, True, [], {}])
def test_mistyped_discriminator_is_one_finding(tag: Json) -> None:
    """A wrong type silences the enum at the same location."""
    assert facts(ORACLE.findings(changed(CRON, "/job_type", tag))) == [
        ("violation", "/job_type", "type")
    ]


def test_missing_discriminator_is_one_finding() -> None:
    """It is a missing property like any other."""
    (finding,) = ORACLE.findings(changed(CRON, "/job_type", ABSENT))

    assert facts([finding]) == [("violation", "", "required")]
    assert finding.expected == "job_type"


@pytest.mark.parametrize("tag", ["MANUAL", 1, ABSENT])
def test_shared_properties_are_checked_for_any_discriminator(tag: Json) -> None:
    """What both variants have in common does not depend on it."""
    job = changed(CRON, "/job_type", tag)
    job = changed(job, "/gpu", -999)
    job = changed(job, "/source/image/registry/kind", "QUAY")
    job = changed(job, "/novel", 1)

    findings = {item for item in facts(ORACLE.findings(job)) if "job_type" not in item[1]}

    assert findings - {("violation", "", "required")} == {
        ("violation", "/gpu", "minimum"),
        ("violation", "/source/image/registry/kind", "enum"),
        ("addition", "/novel", "additionalProperties"),
    }


def test_variant_has_its_own_schedule() -> None:
    """A cron schedule in a lifecycle job is an undocumented property."""
    job = changed(LIFECYCLE, "/schedule/cronjob", CRON["schedule"]["cronjob"])

    assert facts(ORACLE.findings(job)) == [
        ("addition", "/schedule/cronjob", "additionalProperties")
    ]


def test_variant_is_what_the_discriminator_says() -> None:
    """A cron job that calls itself LIFECYCLE has a schedule with a property too many."""
    job = changed(CRON, "/job_type", "LIFECYCLE")

    assert facts(ORACLE.findings(job)) == [
        ("addition", "/schedule/cronjob", "additionalProperties")
    ]


def test_nullable_schema() -> None:
    """`oneOf: [Probe, null]` is a probe that may be null: its faults are found inside it."""
    job = changed(LIFECYCLE, "/healthchecks/readiness_probe", {"type": {"tcp": {"port": "80"}}})
    none = changed(LIFECYCLE, "/healthchecks/readiness_probe", None)

    assert facts(ORACLE.findings(job)) == [
        ("violation", "/healthchecks/readiness_probe/type/tcp/port", "type")
    ]
    assert ORACLE.findings(none) == []
