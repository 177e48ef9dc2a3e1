"""Tools that read annotations and attributes: typing, attrs, cattrs, pydantic, serializers."""

from __future__ import annotations

import inspect
import json
import typing
from typing import Any

import attrs
import cattrs
import msgspec
import pydantic
import pytest

import qovery_job_client
from qovery_job_client import (
    UNSET,
    AuthenticatedClient,
    Client,
    Model,
    decode_job,
    get_job,
)
from tests.client.models import Address
from tests.kinds import COUNT, TEXT
from tests.recorded import NAMES, payload, text

CLASSES = [
    value
    for name in qovery_job_client.__all__
    if isinstance(value := getattr(qovery_job_client, name), type)
]
MODELS = [kind for kind in CLASSES if issubclass(kind, Model)]


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_annotations_resolve(kind: type) -> None:
    """`typing.get_type_hints` works on every class and on each of its public methods."""
    typing.get_type_hints(kind)
    for name, method in inspect.getmembers(kind, inspect.isroutine):
        if not name.startswith("_") and inspect.getmodule(method) is inspect.getmodule(kind):
            typing.get_type_hints(method)


@pytest.mark.parametrize(
    "function",
    [
        *(AuthenticatedClient.from_env, Client.__init__, Client.get_job, Client.aget_job),
        *(get_job.__call__, get_job.sync, get_job.asyncio, get_job.many, decode_job),
    ],
    ids=lambda function: function.__qualname__,
)
def test_annotations_of_functions_resolve(function: Any) -> None:
    """Frameworks such as FastAPI read the hints of functions."""
    assert "return" in typing.get_type_hints(function)
    inspect.signature(function, eval_str=True)


@pytest.mark.parametrize("kind", MODELS, ids=lambda kind: kind.__name__)
def test_attrs_resolves_types(kind: Any) -> None:
    """`attrs.resolve_types` finds every name."""
    assert attrs.resolve_types(kind) is kind


@pytest.mark.parametrize("name", NAMES)
def test_cattrs_structures_and_unstructures(name: str) -> None:
    """With two hooks, cattrs converts models."""
    converter = cattrs.Converter()
    converter.register_structure_hook_func(
        lambda kind: isinstance(kind, type) and issubclass(kind, Model),
        lambda data, kind: kind.from_dict(data),
    )
    converter.register_unstructure_hook_func(
        lambda kind: isinstance(kind, type) and issubclass(kind, Model), lambda job: job.to_dict()
    )
    job = decode_job(text(name))

    assert converter.structure(payload(name), type(job)) == job
    assert converter.unstructure(job) == payload(name)
    assert cattrs.unstructure(job)["name"] == job.name


def test_no_serializer_mistakes_unset_for_data() -> None:
    """`UNSET` is neither text nor a number, and msgspec leaves it out."""

    class Row(pydantic.BaseModel):
        model_config = pydantic.ConfigDict(from_attributes=True)
        host: str | None = None

    assert not isinstance(UNSET, (str, int))
    assert not UNSET
    with pytest.raises(pydantic.ValidationError):
        Row.model_validate(Address())
    with pytest.raises(TypeError):
        json.dumps({"host": Address().host})
    assert msgspec.json.encode(Address()) == b"{}"


def test_shared_properties_need_no_branch() -> None:
    """What all variants have is on every job, unknown variants included."""
    for name in NAMES:
        job = decode_job(payload(name) | {"job_type": "WEEKLY"})
        assert getattr(job, TEXT) == payload(name).get(TEXT, UNSET)
        assert getattr(job, COUNT) == payload(name).get(COUNT, UNSET)


def test_submodules_are_attributes() -> None:
    """As type checkers assume."""
    assert qovery_job_client.errors.ApiError is qovery_job_client.ApiError
    with pytest.raises(AttributeError, match="nothing"):
        _ = qovery_job_client.nothing
