"""A hundred jobs, sixty with one fault each: sixty findings at the right locations."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from uuid import UUID

from contract_tests.spec.values import join
from tests.oracle.instances import ABSENT, changed
from tests.recorded import CONTRACT, original
from tests.run.runs import run
from tests.server import Request, honest, response, serve

if TYPE_CHECKING:
    from contract_tests.spec.values import Json

REGISTRY = "/source/image/registry"
GIT = "/source/docker/git_repository"
CRONJOB = "/schedule/cronjob"
PROBE = "/healthchecks/readiness_probe"
GROUP = {
    "id": "7a0f3c52-5f6f-4a50-9a7e-0c8a4f2b9d11",
    "created_at": "2023-10-25T12:10:21Z",
    "name": "a",
}
LABELS = [{**GROUP, "labels": [{"key": "k", "value": "v", "propagate_to_cloud_provider": True}]}]
ANNOTATIONS = [{**GROUP, "annotations": [{"key": "k", "value": "v"}], "scopes": ["PODS"]}]
LABEL = "/labels_groups/0/labels/0"
NOTE = "/annotations_groups/0"
SHARED: list[tuple[str, object, str, str]] = [
    # Where it is put, what is put there, and at which location and by which keyword it is found.
    ("/created_at", ABSENT, "", "required"),
    ("/created_at", "now", "/created_at", "format"),
    ("/created_at", 1, "/created_at", "type"),
    ("/environment/id", "1", "/environment/id", "format"),
    ("/environment/id", ABSENT, "/environment", "required"),
    ("/environment/owner", "x", "/environment/owner", "additionalProperties"),
    ("/icon_uri", "icon", "/icon_uri", "format"),
    ("/cpu", "1", "/cpu", "type"),
    ("/gpu", -999, "/gpu", "minimum"),
    ("/port", 0, "/port", "minimum"),
    ("/port", 80.5, "/port", "type"),
    ("/service_type", "FUNCTION", "/service_type", "enum"),
    ("/novel", {"deep": 1}, "/novel", "additionalProperties"),
    ("/job_type", "MANUAL", "/job_type", "enum"),
    (f"{LABEL}/key", ABSENT, LABEL, "required"),
    (f"{LABEL}/propagate_to_cloud_provider", 1, f"{LABEL}/propagate_to_cloud_provider", "type"),
    (f"{LABEL}/novel", 1, f"{LABEL}/novel", "additionalProperties"),
    (f"{NOTE}/scopes/0", "MOON", f"{NOTE}/scopes/0", "enum"),
    (f"{NOTE}/annotations/0/value", None, f"{NOTE}/annotations/0/value", "type"),
    (f"{NOTE}/created_at", "x", f"{NOTE}/created_at", "format"),
    (f"{PROBE}/type/exec", {"command": []}, f"{PROBE}/type/exec/command", "minItems"),
    (f"{PROBE}/type/tcp", {"port": "1"}, f"{PROBE}/type/tcp/port", "type"),
    (f"{PROBE}/novel", 1, f"{PROBE}/novel", "additionalProperties"),
    ("/source", {}, "/source", "required"),
]
CRON: list[tuple[str, object, str, str]] = [
    (CRONJOB, ABSENT, "/schedule", "required"),
    (f"{CRONJOB}/timezone", "Mars", f"{CRONJOB}/timezone", "format"),
    (f"{CRONJOB}/scheduled_at", "* * * * * *", f"{CRONJOB}/scheduled_at", "format"),
    (f"{REGISTRY}/kind", "QUAY", f"{REGISTRY}/kind", "enum"),
    (f"{REGISTRY}/id", ABSENT, REGISTRY, "required"),
    ("/source/docker", {}, "/source", "oneOf"),
]
LIFECYCLE: list[tuple[str, object, str, str]] = [
    ("/schedule/lifecycle_type", "HELM", "/schedule/lifecycle_type", "enum"),
    ("/schedule/on_start/arguments", [1], "/schedule/on_start/arguments/0", "type"),
    ("/schedule/cronjob", {}, "/schedule/cronjob", "additionalProperties"),
    (f"{GIT}/provider", "SVN", f"{GIT}/provider", "enum"),
    (f"{GIT}/has_access", "yes", f"{GIT}/has_access", "type"),
    ("/source/image", 1, "/source/image", "type"),
]


def base(name: str) -> Json:
    """Return a real payload with a value at every location that gets a fault."""
    job = original(name)
    for pointer, value in (
        ("/labels_groups", LABELS),
        ("/annotations_groups", ANNOTATIONS),
        (PROBE, {"type": {}}),
    ):
        job = changed(job, pointer, value)
    return job


def test_sixty_faults_are_sixty_findings() -> None:
    """Every keyword, both variants, three levels deep; no finding for the other forty."""
    cases = [
        *(("cron_image_minimal", fault) for fault in (*SHARED, *CRON)),
        *(("lifecycle_docker_probes", fault) for fault in (*SHARED, *LIFECYCLE)),
    ]
    jobs: dict[str, Json] = {}
    expected = set()
    for index in range(100):
        job_id = str(UUID(int=index + 1))
        name, (pointer, value, location, keyword) = cases[index % 60]
        job = {**base(name), "id": job_id}
        if index < 60:
            job = changed(job, pointer, value)
            expected.add((job_id, location, keyword))
        jobs[job_id] = job

    with serve(honest(jobs)) as server:
        result = run(server.url, tuple(jobs), contract=CONTRACT)

    assert len(cases) == 60
    assert {(item.job_id, item.location, item.keyword) for item in result.findings} == expected
    assert len(result.findings) == 60
    assert [job.findings for job in result.jobs] == [1] * 60 + [0] * 40
    assert {job.status for job in result.jobs} == {200}
    assert result.flaky == ()


def test_several_faults_of_one_body_are_all_found() -> None:
    """Faults of the JSON, of the instance and of the response do not hide each other."""
    job = {**base("cron_image_minimal"), "gpu": -999, "novel": 1}
    job_id = job["id"]
    body = json.dumps(job).encode()[:-1] + b',"cpu":NaN}'
    sent = response(body, content_type="text/plain")

    def script(request: Request) -> bytes:
        response = honest({job_id: job})(request)
        return sent if response.startswith(b"HTTP/1.1 200") else response

    with serve(script) as server:
        result = run(server.url, [job_id], contract=CONTRACT)

    assert {(item.location, item.keyword) for item in result.findings} == {
        ("", "media-type"),
        ("/cpu", "duplicate-key"),
        ("/cpu", "non-finite-number"),
        ("/gpu", "minimum"),
        (join("", "novel"), "additionalProperties"),
    }
