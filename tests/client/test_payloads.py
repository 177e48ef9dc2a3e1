"""The real payloads: each decodes to its own classes and is written again as it came."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from qovery_job_client import CronJob, DockerSource, ImageSource, LifecycleJob
from qovery_job_client.models import decode_job

PAYLOADS = sorted((Path(__file__).parent.parent / "payloads").glob("*.json"))
CLASSES = {"lifecycle": LifecycleJob, "cron": CronJob, "image": ImageSource, "docker": DockerSource}


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: path.stem)
def test_payload_decodes_to_the_classes_that_it_means(path: Path) -> None:
    """The variant is the one that `job_type` names, the source the one that is there."""
    variant, source = path.stem.split("_")[:2]

    job = decode_job(json.loads(path.read_bytes()))

    assert type(job) is CLASSES[variant]
    assert isinstance(job, (LifecycleJob, CronJob))
    assert type(job.source) is CLASSES[source]


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: path.stem)
def test_payload_is_written_as_it_came(path: Path) -> None:
    """`to_dict` gives the same JSON: same text, same order, nothing added, nothing lost."""
    data = json.loads(path.read_bytes())

    written = decode_job(json.loads(path.read_bytes())).to_dict()

    assert json.dumps(written) == json.dumps(data)
