"""Every rule of the contract is checked on decoding and construction, and a violation is named."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from contract_tests.oracle.oracle import Oracle
from contract_tests.spec.contract import load
from contract_tests.spec.values import split
from qovery_job_client import (
    ContractViolationError,
    CronJob,
    ImageSource,
    JobBase,
    LifecycleJob,
    RegistryKind,
    UnknownJob,
    decode_job,
)
from tests.client.models import Address, Check, Command, Entry, Reference
from tests.client.payloads import JOB_ID, full
from tests.kinds import AT_COUNT, COUNT, LEAST, TOO_FEW
from tests.recorded import NAMES, payload

CRON_IMAGE = "cron_image_minimal"
LIFECYCLE_DOCKER = "lifecycle_docker_probes"
ABSENT = object()
ORACLE = Oracle(load())
RICH = "lifecycle_image_docs_example"


def changed(name: str, location: str, value: Any) -> dict[str, Any]:
    """A payload with one place changed; ABSENT removes it."""
    data = payload(name)
    holder: Any = data
    *way, last = [int(token) if token.isdigit() else token for token in split(location)]
    for token in way:
        holder = holder[token]
    if value is ABSENT:
        del holder[last]
    else:
        holder[last] = value
    return data


def rule(name: str, keyword: str) -> Any:
    """Return the value of a keyword of a property that all variants share; None without one."""
    properties = next(iter(load().variants.values())).properties
    return properties[name].assertions.get(keyword) if name in properties else None


def is_rule(*row: Any) -> bool:
    """Return whether the present contract has the rule, as the oracle reads it."""
    name, place, value, *facts = row
    try:
        findings = ORACLE.findings(changed(name, place, value))
    except (LookupError, TypeError):
        return False  # the place does not exist
    return any([each.location, each.keyword, each.expected] == facts for each in findings)


ROWS = [
    (RICH, "/gpu", -999, "/gpu", "minimum", rule("gpu", "minimum")),
    (RICH, "/gpu", "1", "/gpu", "type", "integer"),
    (RICH, "/gpu", True, "/gpu", "type", "integer"),
    (RICH, "/gpu", 1.5, "/gpu", "type", "integer"),
    (RICH, "/gpu", None, "/gpu", "type", "integer"),
    (RICH, "/gpu", ABSENT, "", "required", "gpu"),
    (RICH, "/port", -999, "/port", "minimum", rule("port", "minimum")),
    (RICH, "/name", None, "/name", "type", "string"),
    (RICH, "/auto_preview", 1, "/auto_preview", "type", "boolean"),
    (RICH, "/id", "x", "/id", "format", "uuid"),
    (RICH, "/created_at", "2023-11-07", "/created_at", "format", "date-time"),
    (RICH, "/created_at", "2023-11-07T05:31:56", "/created_at", "format", "date-time"),
    (RICH, "/created_at", "2023-02-30T05:31:56Z", "/created_at", "format", "date-time"),
    *(
        (RICH, "/created_at", text, "/created_at", "format", "date-time")
        for text in (
            "2023-10-25T12:10:21.123456T89Z",
            "2023-10-25T12:10:21.Z",
            "2023-10-25T24:00:00Z",
            "2023-10-25T12:10:60Z",
            "2023-W43-3T12:10:21Z",
            "2023-10-25T12:10:21+00:60",
        )
    ),
    (RICH, "/environment", [], "/environment", "type", "object"),
    (RICH, "/environment/id", ABSENT, "/environment", "required", "id"),
    (
        RICH,
        "/healthchecks/liveness_probe/type/exec/command",
        [],
        "/healthchecks/liveness_probe/type/exec/command",
        "minItems",
        1,
    ),
    (
        RICH,
        "/healthchecks/liveness_probe/type/exec/command/1",
        7,
        "/healthchecks/liveness_probe/type/exec/command/1",
        "type",
        "string",
    ),
    (
        RICH,
        "/labels_groups/0/labels/0/key",
        ABSENT,
        "/labels_groups/0/labels/0",
        "required",
        "key",
    ),
    (
        RICH,
        "/annotations_groups/0/scopes/0",
        None,
        "/annotations_groups/0/scopes/0",
        "type",
        "string",
    ),
    (RICH, "/labels_groups", {}, "/labels_groups", "type", "array"),
    (
        CRON_IMAGE,
        "/source/image/registry/kind",
        ABSENT,
        "/source/image/registry",
        "required",
        "kind",
    ),
    (CRON_IMAGE, "/source", {}, "/source", "required", ["image", "docker"]),
    (CRON_IMAGE, "/source/docker", {}, "/source", "oneOf", ["image", "docker"]),
    (CRON_IMAGE, "/source/docker", "x", "/source/docker", "type", "null"),
    (CRON_IMAGE, "/source/image", None, "/source/image", "type", "object"),
    (CRON_IMAGE, "/schedule/cronjob", ABSENT, "/schedule", "required", "cronjob"),
    (CRON_IMAGE, "/job_type", ABSENT, "", "required", "job_type"),
    (CRON_IMAGE, "/job_type", 3, "/job_type", "type", "string"),
]
BREAKS = [row for row in ROWS if is_rule(*row)]


@pytest.mark.parametrize(("name", "place", "value", "location", "keyword", "expected"), BREAKS)
def test_broken_rule_is_named(  # noqa: PLR0917 - a row of the table
    name: str, place: str, value: Any, location: str, keyword: str, expected: Any
) -> None:
    """The error has the location, the keyword, what was expected and what was there."""
    data = changed(name, place, value)

    with pytest.raises(ContractViolationError) as raised:
        decode_job(data)

    assert (raised.value.location, raised.value.keyword) == (location, keyword)
    assert raised.value.expected == (tuple(expected) if isinstance(expected, list) else expected)
    assert isinstance(raised.value, ValueError)
    assert location in str(raised.value)


def test_year_that_python_lacks_is_refused() -> None:
    """Unlike the oracle, which reads text, the client makes a `datetime`."""
    with pytest.raises(ContractViolationError, match="/created_at breaks format"):
        Entry.from_dict({"created_at": "0000-10-25T12:10:21Z"})


@pytest.mark.parametrize("variant", load().variants)
def test_every_minimum_of_the_contract_is_a_limit(variant: str) -> None:
    """The minimum is accepted, and the next value below it is refused."""
    name = "lifecycle" if variant == "LifecycleJob" else "cron"
    limits = {
        location: schema.assertions["minimum"]
        for location, schema in load().variants[variant].properties.items()
        if "minimum" in schema.assertions
    }

    for location, limit in limits.items():
        assert decode_job({**full(name, "image"), location: limit})
        with pytest.raises(ContractViolationError) as raised:
            decode_job({**full(name, "image"), location: limit - 1})
        assert (raised.value.location, raised.value.expected) == (f"/{location}", limit)

    assert len(limits) > 4


def test_const_is_checked_where_no_union_chose() -> None:
    """A cron job is not decoded as a lifecycle job, even if that is requested."""
    with pytest.raises(ContractViolationError) as raised:
        LifecycleJob.from_dict(payload(CRON_IMAGE))

    assert (raised.value.location, raised.value.keyword) == ("/job_type", "const")


@pytest.mark.parametrize("value", [0, 5, 5.0, 2**63, 1e20])
def test_whole_number_is_an_integer(value: float) -> None:
    """`1.0` is the integer 1, and large integers are integers."""
    address = Address.from_dict({"port": value})

    assert address.port == value
    assert type(address.port) is int


@pytest.mark.parametrize("name", NAMES)
def test_unknown_property_is_kept(name: str) -> None:
    """What the contract does not know is kept, at any depth, and written again."""
    data = payload(name)
    data["brand_new"] = {"deep": [1, None]}
    data["source"]["br/and~"] = None

    job = decode_job(data)

    assert job.unknown_properties == {
        "/brand_new": {"deep": [1, None]},
        "/source/br~1and~0": None,
    }
    assert job.to_dict() == data


def test_unknown_properties_keep_their_order() -> None:
    """They are listed as the server sent them, and strict decoding names the first."""
    names = [f"new_{number}" for number in range(20)]
    data = {"id": JOB_ID, **dict.fromkeys(names)}

    reference = Reference.from_dict(data)

    assert list(reference.unknown_properties) == [f"/{name}" for name in names]
    with pytest.raises(ContractViolationError, match=f"/{names[0]} breaks additionalProperties"):
        Reference.from_dict(data, strict=True)


def test_unknown_member_of_an_enum_is_kept() -> None:
    """It can be used as a string, is not known, and is not remembered."""
    job = decode_job(changed(CRON_IMAGE, "/source/image/registry/kind", "QUAY"))

    assert isinstance(job, CronJob)
    assert isinstance(job.source, ImageSource)
    kind = job.source.image.registry.kind
    assert isinstance(kind, RegistryKind)
    assert kind == "QUAY"
    assert f"{kind}" == "QUAY"
    assert repr(kind) == "RegistryKind('QUAY')"
    assert not kind.is_known
    assert RegistryKind.ECR.is_known
    assert {kind: 1}["QUAY"] == 1  # type: ignore[index]
    assert "QUAY" not in list(RegistryKind)
    assert "QUAY" not in RegistryKind._value2member_map_


def test_unknown_variant_has_what_all_variants_have() -> None:
    """It decodes the shared properties by their rules and keeps the rest as JSON."""
    data = {COUNT: LEAST} | changed(CRON_IMAGE, "/job_type", "GITOPS")

    job = decode_job(data)

    assert type(job) is UnknownJob
    assert isinstance(job, JobBase)
    assert job.job_type == "GITOPS"
    assert getattr(job, COUNT) == data[COUNT]
    assert job.unknown_properties == {"/schedule": data["schedule"]}
    assert job.to_dict() == data
    with pytest.raises(ContractViolationError, match=f"{AT_COUNT} breaks minimum"):
        decode_job(data | TOO_FEW)


LENIENCIES = [
    ("/id", "3c90c3cc0d444b5088888dd25736052a", "uuid"),
    ("/created_at", "2023-10-25 12:10:21Z", "date-time"),
    ("/created_at", "2023-10-25T12:10:21+0200", "date-time"),
]


@pytest.mark.parametrize(
    ("place", "value"),
    [each[:2] for each in LENIENCIES if rule(each[0].removeprefix("/"), "format") == each[2]],
)
def test_documented_leniency(place: str, value: str) -> None:
    """Spellings that only a strict decoder refuses; the value is the one that they mean."""
    data = changed(RICH, place, value)

    job = decode_job(data)

    assert job.to_dict() == data
    with pytest.raises(ContractViolationError, match=place):
        decode_job(data, strict=True)


STRICT_BREAKS = [
    ("/brand_new", 1, "/brand_new", "additionalProperties"),
    ("/source/image/registry/x~y", 1, "/source/image/registry/x~0y", "additionalProperties"),
    *([("/service_type", "ROCKET", "/service_type", "enum")] * bool(rule("service_type", "enum"))),
    ("/job_type", "GITOPS", "/job_type", "enum"),
]


@pytest.mark.parametrize(("place", "value", "location", "keyword"), STRICT_BREAKS)
def test_strict_refuses_what_is_unknown(
    place: str, value: Any, location: str, keyword: str
) -> None:
    """Strict decoding turns each tolerance into an error."""
    data = payload(CRON_IMAGE)
    holder: Any = data
    *way, last = place.split("/")[1:]
    for token in way:
        holder = holder[token]
    holder[last] = value

    with pytest.raises(ContractViolationError) as raised:
        decode_job(data, strict=True)

    assert (raised.value.location, raised.value.keyword) == (location, keyword)


@pytest.mark.parametrize("name", NAMES)
def test_strict_takes_what_the_contract_knows(name: str) -> None:
    """A payload without unknown parts can be decoded strictly too."""
    assert decode_job(payload(name), strict=True) == decode_job(payload(name))


CONSTRUCTIONS = [
    (lambda: Command(words=()), "/words", "minItems"),
    (lambda: Command(words="sh -c"), "/words", "type"),  # type: ignore[arg-type]
    (lambda: Reference(id="x"), "/id", "format"),  # type: ignore[arg-type]
    (lambda: Reference(id=5), "/id", "type"),  # type: ignore[arg-type]
    (lambda: Check(target=Command()), "/target", "type"),  # type: ignore[arg-type]
    (lambda: Address(path=UUID(int=0)), "/path", "type"),  # type: ignore[arg-type]
    (lambda: Command(words=("a", UUID(int=0))), "/words", "type"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("construct", "location", "keyword"), CONSTRUCTIONS)
def test_construction_obeys_the_same_rules(construct: Any, location: str, keyword: str) -> None:
    """An instance that violates the contract can't be constructed."""
    with pytest.raises(ContractViolationError) as raised:
        construct()

    assert (raised.value.location, raised.value.keyword) == (location, keyword)
