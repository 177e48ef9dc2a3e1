"""The real payloads: each decodes to the right classes and is written as it was received."""

from __future__ import annotations

import json

import pytest

from qovery_job_client import CronJob, DockerSource, ImageSource, LifecycleJob, decode_job
from tests.recorded import NAMES, payload

CLASSES = {"lifecycle": LifecycleJob, "cron": CronJob, "image": ImageSource, "docker": DockerSource}


@pytest.mark.parametrize("name", NAMES)
def test_payload_decodes_to_the_classes_that_it_means(name: str) -> None:
    """The variant is the one that `job_type` names, and the source the one that is present."""
    variant, source = name.split("_")[:2]

    job = decode_job(payload(name))

    assert type(job) is CLASSES[variant]
    assert isinstance(job, (LifecycleJob, CronJob))
    assert type(job.source) is CLASSES[source]


@pytest.mark.parametrize("name", NAMES)
def test_payload_is_written_as_it_came(name: str) -> None:
    """`to_dict` gives the same JSON: same text, same order, nothing added, nothing lost."""
    written = decode_job(payload(name)).to_dict()

    assert json.dumps(written) == json.dumps(payload(name))
