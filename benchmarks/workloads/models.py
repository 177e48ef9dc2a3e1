"""A job's bytes made into a model and back, by the code of one contestant."""

from __future__ import annotations

import json
import sys
import typing
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from uuid import UUID

from benchmarks.worker import repeated

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from benchmarks.worker import Repeated


class Codec(NamedTuple):
    """How one contestant reads and writes a job.

    Attributes:
        decode: Bytes to a model.
        as_dict: A model to the dict that JSON is made of.
        encode: A model to the text or the bytes of JSON.
    """

    decode: Callable[[bytes], Any]
    as_dict: Callable[[Any], Any]
    encode: Callable[[Any], Any]


def ours() -> Codec:
    """Our client, without the extra that reads JSON faster."""
    sys.modules["orjson"] = cast("ModuleType", None)  # importing it fails from now on
    return _ours(json.dumps)


def ours_fast() -> Codec:
    """Our client with that extra."""
    return _ours(import_module("orjson").dumps)


def _ours(dumps: Callable[[Any], Any]) -> Codec:
    decode_job = import_module("qovery_job_client").decode_job
    parse_json = import_module("qovery_job_client.response").parse_json
    return Codec(
        lambda body: decode_job(parse_json(body, {})),
        lambda job: job.to_dict(),
        lambda job: dumps(job.to_dict()),
    )


def stock() -> Codec:
    """What openapi-python-client makes by itself, called as its operation calls it."""
    operation = import_module("stock_client.api.job.get_job")
    client = import_module("stock_client").Client("http://localhost")

    def decode(body: bytes) -> Any:
        response = SimpleNamespace(status_code=200, json=lambda: json.loads(body))
        return operation._parse_response(client=client, response=response)  # noqa: SLF001

    return Codec(decode, lambda job: job.to_dict(), lambda job: json.dumps(job.to_dict()))


def openapi_generator() -> Codec:
    """What openapi-generator's python generator makes."""
    job = import_module("openapi_generator_client.models.job").Job
    return Codec(
        lambda body: job.from_json(body.decode()),
        lambda model: model.to_dict(),
        lambda model: model.to_json(),
    )


def pydantic() -> Codec:
    """Pydantic models by datamodel-code-generator."""
    job = import_module("pydantic_models").Job
    return Codec(
        job.model_validate_json,
        lambda model: model.model_dump(mode="json", exclude_unset=True),
        lambda model: model.model_dump_json(exclude_unset=True),
    )


def msgspec() -> Codec:
    """Structs of msgspec by datamodel-code-generator."""
    library = import_module("msgspec")
    models = import_module("msgspec_models")
    decoder = library.json.Decoder(models.LifecycleJob | models.CronJob)
    return Codec(decoder.decode, library.to_builtins, library.json.Encoder().encode)


def cattrs() -> Codec:
    """Dataclasses by datamodel-code-generator, structured by cattrs."""
    models = import_module("dataclass_models")
    converter = import_module("cattrs.preconf.json").make_converter()
    converter.register_structure_hook(UUID, lambda value, _: UUID(value))
    converter.register_unstructure_hook(UUID, str)
    union = models.LifecycleJob | models.CronJob
    import_module("cattrs.strategies").configure_tagged_union(
        union,
        converter,
        tag_name="job_type",
        tag_generator=lambda kind: typing.get_args(typing.get_type_hints(kind)["job_type"])[0],
    )
    return Codec(
        lambda body: converter.structure(json.loads(body), union),
        lambda job: converter.unstructure(job, union),
        lambda job: json.dumps(converter.unstructure(job, union)),
    )


def json_alone() -> Codec:
    """The standard library's JSON, and no model."""
    return Codec(json.loads, dict, json.dumps)


def orjson_alone() -> Codec:
    """orjson, and no model."""
    library = import_module("orjson")
    return Codec(library.loads, dict, library.dumps)


def prepare(codec: str, task: str, body: str) -> Repeated:
    """Repeat a task of a codec.

    Args:
        codec: The name of a function above.
        task: The field of `Codec` to repeat.
        body: The file of a job.
    """
    content = Path(body).read_bytes()
    chosen: Codec = globals()[codec]()
    if task == "decode":
        return repeated(lambda: chosen.decode(content))
    job = chosen.decode(content)
    action = getattr(chosen, task)
    return repeated(lambda: action(job))
