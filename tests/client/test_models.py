"""Models are values: comparable, frozen, readable, copied, pickled and evolved."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import attrs
import pytest

import qovery_job_client
from qovery_job_client import (
    UNSET,
    Unset,
    decode_job,
)
from qovery_job_client.base import Model
from tests.client.models import Address, Entry, Notes, Product, Reference, Timer
from tests.client.payloads import JOB_ID, full, places, validator_of_jobs
from tests.kinds import COUNT, LEAST, TEXT, TOO_FEW
from tests.recorded import NAMES, payload

RICH = "lifecycle_image_docs_example"
INSTANTS = [
    "2023-10-25T12:10:21Z",
    "2023-10-25T12:10:21.75634Z",
    "2023-10-25T12:10:21.756340Z",
    "2023-10-25T12:10:21.123456789Z",
    "2023-10-25t12:10:21z",
    "2023-10-25T12:10:21+00:00",
    "2023-10-25T12:10:21.5-05:30",
    "2016-12-31T23:59:60Z",
    "0001-01-01T00:00:00+10:00",
]


@pytest.mark.parametrize("source", ["image", "docker"])
@pytest.mark.parametrize("variant", ["lifecycle", "cron"])
@pytest.mark.parametrize("state", ["present", "absent", "null"])
def test_each_property_present_absent_or_null(variant: str, source: str, state: str) -> None:
    """What the contract allows comes back as it was; what it does not allow is refused."""
    count = len(places(full(variant, source)))
    outcomes = []
    for number in range(count):
        data = full(variant, source)
        holder, key = places(data)[number]
        if state == "absent":
            del holder[key]
        elif state == "null":
            holder[key] = None
        fits = validator_of_jobs(tolerant=True).is_valid(data)
        outcomes.append(fits)

        try:
            written = decode_job(copy.deepcopy(data)).to_dict()
        except qovery_job_client.ContractViolationError:
            written = None

        assert written == (data if fits else None)

    assert any(outcomes)
    assert all(outcomes) == (state == "present")


def test_unset_differs_from_null() -> None:
    """A missing property is UNSET, and a null one is None."""
    assert Address.from_dict({}).host is UNSET
    assert Address.from_dict({"host": None}).host is None
    assert Address().to_dict() == {}
    assert Address(host=None).to_dict() == {"host": None}


def test_unset_is_one_false_value() -> None:
    """Copies and pickles of UNSET are UNSET; it is falsy, and its repr is its name."""
    assert pickle.loads(pickle.dumps(UNSET)) is UNSET
    assert copy.deepcopy(UNSET) is UNSET
    assert not UNSET
    assert repr(UNSET) == "UNSET"
    assert isinstance(UNSET, Unset)


@pytest.mark.parametrize("text", INSTANTS)
def test_instant_keeps_its_text(text: str) -> None:
    """The same instant is written with the same text: its zone, its digits, its letters."""
    entry = Entry.from_dict({"created_at": text})

    assert entry.created_at.tzinfo is not None
    assert entry.to_dict() == {"created_at": text}


def test_instant_is_the_one_that_its_text_means() -> None:
    """Zone and fraction are decoded; digits below a microsecond are rounded."""
    entry = Entry.from_dict({"created_at": "2023-10-25T12:10:21.1234569-05:30"})

    assert entry.created_at == datetime(2023, 10, 25, 17, 40, 21, 123457, UTC)


def test_uuid_keeps_its_text() -> None:
    """Upper case is kept, and equals the same id in lower case."""
    upper = {"id": "3C90C3CC-0D44-4B50-8888-8DD25736052A"}

    reference = Reference.from_dict(upper)

    assert reference.id == UUID(upper["id"])
    assert type(reference.id) is UUID
    assert reference.to_dict() == upper
    assert pickle.loads(pickle.dumps(reference.id)) == reference.id


@pytest.mark.parametrize("name", NAMES)
def test_pickle_and_copies_are_equal(name: str) -> None:
    """A pickled or copied job is equal, has the same hash and is written the same."""
    job = decode_job({**payload(name), "new": {"a": [1]}})

    for other in (pickle.loads(pickle.dumps(job)), copy.copy(job), copy.deepcopy(job)):
        assert other == job
        assert hash(other) == hash(job)
        assert json.dumps(other.to_dict()) == json.dumps(job.to_dict())


def test_free_form_objects_have_a_hash() -> None:
    """Equal instances have the same hash, whatever the order of the keys."""
    notes = Notes.from_dict({"values": {"a": 1, "b": [2]}, "rows": [{"c": None}]})

    other = Notes.from_dict({"rows": [{"c": None}], "values": {"b": [2.0], "a": 1}})

    assert {notes: 1}[other] == 1


@pytest.mark.parametrize("name", NAMES)
def test_jobs_are_compared_by_value(name: str) -> None:
    """The same body decoded twice is equal; another value, or an addition, is not."""
    job = decode_job(payload(name))

    assert job == decode_job(payload(name))
    assert job != decode_job({**payload(name), TEXT: "other"})
    assert job != decode_job({**payload(name), "new": 1})
    assert job != payload(name)


def test_evolve_changes_one_property_and_checks_it() -> None:
    """`attrs.evolve` makes another valid job, with what was unknown kept."""
    data = {**payload("cron_docker_nulls"), "new": 1}
    job: Any = decode_job(data)

    changes: dict[str, Any] = {TEXT: "renamed", COUNT: LEAST + 1}
    other = attrs.evolve(job, **changes)

    assert other.to_dict() == {**data, **changes}
    assert job.to_dict() == data
    with pytest.raises(qovery_job_client.ContractViolationError):
        attrs.evolve(job, **TOO_FEW)


def test_instances_are_frozen() -> None:
    """An instance is valid, so its attributes can't be set."""
    timer = Timer.from_dict({"zone": "Etc/UTC", "at": "noon", "arguments": ["a"]})

    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        timer.at = "midnight"  # type: ignore[misc]
    with pytest.raises(TypeError):
        timer.unknown_properties["x"] = 1  # type: ignore[index]
    assert timer.arguments == ("a",)


def test_every_model_is_an_attrs_class_and_weakly_referable() -> None:
    """Tools for attrs classes work; each attribute is a field."""
    models = [
        value
        for name in qovery_job_client.__all__
        if isinstance(value := getattr(qovery_job_client, name), type) and issubclass(value, Model)
    ]

    assert len(models) > 20
    for model in models:
        assert attrs.has(model)
        assert "__slots__" in vars(model)


@pytest.mark.parametrize("data", [[], [["port", 1]], "[]", None, 1])
def test_what_is_not_an_object_is_refused(data: Any) -> None:
    """An array, even one of pairs, is not read as an object."""
    with pytest.raises(qovery_job_client.ApiError):
        Address.from_dict(data)


def test_repr_shows_what_is_there() -> None:
    """A repr is the constructor's call, without what is unset."""
    probe = Address.from_dict({"port": 8080, "new": 1})

    assert repr(probe) == "Address(port=8080, unknown_properties={'/new': 1})"


def test_construction_gives_what_decoding_gives() -> None:
    """A constructed model equals the decoded one; defaults of required properties are filled in."""
    made = Timer(zone="Etc/UTC", at="* * * * *", arguments=["a"])  # type: ignore[arg-type]

    decoded = Timer.from_dict(made.to_dict())

    assert made == decoded
    assert made.arguments == ("a",)
    assert made.entrypoint is UNSET


def test_constructed_instant_is_written_as_rfc_3339() -> None:
    """UTC is `Z`, another zone keeps its offset."""
    zone = timezone(timedelta(hours=2))
    group = Entry(
        created_at=datetime(2024, 1, 2, 3, 4, 5, 500_000, UTC),
        updated_at=datetime(2024, 1, 2, 3, 4, 5, tzinfo=zone),
    )

    data = group.to_dict()

    assert data["created_at"] == "2024-01-02T03:04:05.500000Z"
    assert data["updated_at"] == "2024-01-02T03:04:05+02:00"


def test_instant_without_a_zone_is_refused() -> None:
    """A naive datetime is ambiguous, so the constructor refuses it."""
    with pytest.raises(qovery_job_client.ContractViolationError):
        Entry(created_at=datetime(2024, 1, 2))  # noqa: DTZ001


def test_wrong_arguments_are_type_errors() -> None:
    """As with any constructor; what is unknown comes from decoding alone."""
    with pytest.raises(TypeError, match="prot"):
        Address(prot=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="zone"):
        Timer(at="* * * * *")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="from_dict"):
        Address(unknown_properties={"/port": 1})  # type: ignore[call-arg]


def test_later_changes_of_the_source_do_not_show() -> None:
    """Changing the source dictionary does not change the decoded model."""
    source = {"port": 1, "path": "/a"}
    probe = Address.from_dict(source)

    source["port"], source["host"] = 2, "x"
    del source["path"]

    assert probe.to_dict() == {"port": 1, "path": "/a"}


def test_later_change_of_an_instant_in_the_source_does_not_show() -> None:
    """The original text is written only if it still has the value of the attribute."""
    source = payload(RICH)
    job = decode_job(source)

    source["created_at"] = "1999-01-01T00:00:00Z"
    source["environment"]["id"] = JOB_ID

    assert job.to_dict() == payload(RICH)


def test_written_dictionary_is_the_callers_own() -> None:
    """Changing the result of `to_dict` does not change the instance."""
    job = decode_job(payload(RICH))

    job.to_dict()["environment"]["id"] = "x"

    assert job.to_dict() == payload(RICH)


def test_members_pickle_known_and_unknown() -> None:
    """A pickled member is the same member; an unknown one is equal."""
    assert pickle.loads(pickle.dumps(Product.JOB)) is Product.JOB
    assert pickle.loads(pickle.dumps(Product("NEW"))) == "NEW"
    assert Product("NEW") == Product("NEW")
    assert Product("JOB") is Product.JOB
    with pytest.raises(ValueError, match="5"):
        Product(5)  # type: ignore[arg-type]
