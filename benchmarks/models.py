"""Rows about models: decode, encode, memory and import."""

from __future__ import annotations

import json
import sys
import typing
from functools import partial
from importlib import import_module
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from benchmarks.measure import Goal, Row, available, interleaved, repeated
from benchmarks.processes import ROOT, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from benchmarks.bench import Bench
    from benchmarks.measure import Measure
    from benchmarks.peers import Peers

OURS = "ours"
STOCK = "openapi-python-client"
PYDANTIC = "pydantic v2"
JSON = "json, no model"
PAYLOADS = ROOT / "tests" / "payloads"
BODIES = {
    "the documented example": "lifecycle_image_docs_example.json",
    "a cron job": "cron_docker_nulls.json",
}
GOALS = {"the documented example": 6.0, "a cron job": 5.0}
# The documented example has a placeholder where pydantic requires a URI.
PLACEHOLDER = (b'"icon_uri": "<string>"', b'"icon_uri": "app://console/icon"')
HELD = 10_000
NOTE = (
    "Models generated from the same contract, in one process. Ours checks every constraint; the "
    "stock client checks no bounds and no lengths, cattrs no types. openapi-generator, pydantic, "
    "msgspec and cattrs get a simplified contract."
)


class Codec(NamedTuple):
    """How one contender decodes a job, and how it encodes one."""

    decode: Callable[[bytes], Any]
    encode: Callable[[Any], Any]


def ours(_: Peers) -> Codec:
    """Use this project's client; `to_json` would return the body that the job was decoded from."""
    encode = import_module("msgspec").json.Encoder().encode
    return Codec(import_module("qovery_job_client").decode_job, encode)


def stock(peers: Peers) -> Codec:
    """Use what openapi-python-client generates without our templates."""
    peers.stock()
    operation = import_module("stock_client.api.job.get_job")
    client = import_module("stock_client").Client("http://localhost")

    def decode(body: bytes) -> Any:
        response = SimpleNamespace(status_code=200, json=lambda: json.loads(body))
        return operation._parse_response(client=client, response=response)  # noqa: SLF001

    return Codec(decode, lambda job: json.dumps(job.to_dict()).encode())


def openapi_generator(peers: Peers) -> Codec:
    """Use the output of openapi-generator's python generator."""
    peers.openapi_generator()
    job = import_module("openapi_generator_client.models.job").Job
    return Codec(lambda body: job.from_json(body.decode()), lambda model: model.to_json().encode())


def pydantic(peers: Peers) -> Codec:
    """Use pydantic models by datamodel-code-generator."""
    peers.datamodel("pydantic_v2.BaseModel", "pydantic_models")
    job = import_module("pydantic_models").Job
    return Codec(
        job.model_validate_json, lambda model: model.model_dump_json(exclude_unset=True).encode()
    )


def msgspec(peers: Peers) -> Codec:
    """Use msgspec structs by datamodel-code-generator."""
    peers.datamodel("msgspec.Struct", "msgspec_models")
    library, models = import_module("msgspec"), import_module("msgspec_models")
    decoder = library.json.Decoder(models.LifecycleJob | models.CronJob)
    return Codec(decoder.decode, library.json.Encoder().encode)


def cattrs(peers: Peers) -> Codec:
    """Use dataclasses by datamodel-code-generator, structured by cattrs."""
    peers.datamodel("dataclasses.dataclass", "dataclass_models")
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
        lambda job: json.dumps(converter.unstructure(job, union)).encode(),
    )


def json_alone(_: Peers) -> Codec:
    """Use the standard library's JSON alone."""
    return Codec(json.loads, lambda value: json.dumps(value).encode())


CODECS: Mapping[str, Callable[[Peers], Codec]] = {
    STOCK: stock,
    OURS: ours,
    PYDANTIC: pydantic,
    "openapi-generator": openapi_generator,
    "cattrs": cattrs,
    "msgspec structs": msgspec,
    JSON: json_alone,
}


def _body(name: str) -> bytes:
    return (PAYLOADS / name).read_bytes().replace(*PLACEHOLDER)


def decode(bench: Bench) -> Iterator[Row]:
    """Decode bytes to a model."""
    for what, name in BODIES.items():
        body = _body(name)

        def make(codec: Callable[[Peers], Codec], body: bytes = body) -> Measure:
            decode = codec(bench.peers).decode
            return repeated(lambda: decode(body), bench.seconds)

        found, skipped = available({name: partial(make, codec) for name, codec in CODECS.items()})
        goals = (
            Goal(OURS, GOALS[what], STOCK),
            Goal(OURS, 1.5, PYDANTIC),
            Goal(OURS, 1.0, JSON, "at most"),
        )
        values = interleaved(found, bench.rounds)
        yield Row(f"Decode {what}", "s", values, skipped, goals, NOTE, charted=True)


def encode(bench: Bench) -> Iterator[Row]:
    """Encode a model to JSON bytes."""
    for what, name in BODIES.items():
        body = _body(name)

        def make(codec: Callable[[Peers], Codec], body: bytes = body) -> Measure:
            chosen = codec(bench.peers)
            job = chosen.decode(body)
            return repeated(lambda: chosen.encode(job), bench.seconds)

        found, skipped = available({name: partial(make, codec) for name, codec in CODECS.items()})
        goals = (Goal(OURS, 8.0, STOCK),)
        yield Row(f"Encode {what}", "s", interleaved(found, bench.rounds), skipped, goals)


# The peers are on PYTHONPATH already, so nothing is generated here.
_CODE = {
    STOCK: ("import stock_client", "stock"),
    OURS: ("import qovery_job_client", "ours"),
    "openapi-generator": ("import openapi_generator_client", "openapi_generator"),
    PYDANTIC: ("import pydantic_models", "pydantic"),
}
_DECODE = """
from types import SimpleNamespace
from benchmarks.models import {codec}
nothing = lambda *_: None
peers = SimpleNamespace(stock=nothing, openapi_generator=nothing, datamodel=nothing)
decode = {codec}(peers).decode
body = open({body!r}, "rb").read()
kept = [decode(body) for _ in range({count})]
"""


def _code(codec: str, body: str, count: int) -> str:
    return _DECODE.format(codec=codec, body=body, count=count)


def imports(bench: Bench) -> Iterator[Row]:
    """Import a client, and decode the first job."""
    body = bench.scratch / "job.json"
    body.write_bytes(_body(BODIES["a cron job"]))
    limits = {
        "Import: CPU time above bare Python": ((Goal(OURS, 0.015, None, "at most"),), 0),
        "Import and decode a first job: CPU time above bare Python": (
            (Goal(OURS, 0.5, STOCK, "at most"),),
            1,
        ),
    }
    for title, (goals, jobs) in limits.items():
        # The benchmark's own imports are the baseline, and no part of what is measured.
        base = _code("json_alone", str(body), jobs) if jobs else "pass"

        def make(name: str, base: str = base, jobs: int = jobs) -> Measure:
            CODECS[name](bench.peers)
            statement, codec = _CODE[name]
            code = _code(codec, str(body), jobs) if jobs else statement
            python = sys.executable
            return lambda: run([python, "-c", code]).cpu - run([python, "-c", base]).cpu

        found, skipped = available({name: partial(make, name) for name in _CODE})
        for measure in found.values():
            measure()  # compiles the modules
        yield Row(title, "s", interleaved(found, bench.rounds), skipped, goals, charted=True)


def memory(bench: Bench) -> Iterator[Row]:
    """Hold many decoded jobs."""
    body = bench.scratch / "held.json"
    body.write_bytes(_body(BODIES["the documented example"]))
    count = bench.count(HELD, 500)

    def make(name: str) -> Measure:
        CODECS[name](bench.peers)
        many = _code(_CODE[name][1], str(body), count)
        one = _code(_CODE[name][1], str(body), 1)
        python = sys.executable
        return lambda: run([python, "-c", many]).memory - run([python, "-c", one]).memory

    found, skipped = available({name: partial(make, name) for name in _CODE})
    values = interleaved(found, 1)
    goals = (Goal(OURS, 0.6, STOCK, "at most"),)
    yield Row(f"Memory of {count:,} decoded jobs", "MB", values, skipped, goals, charted=True)
