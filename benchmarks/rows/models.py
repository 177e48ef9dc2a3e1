"""Bytes to models and back, beside every other way to have models for the same contract."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from benchmarks.bench import Workers
from benchmarks.contest import Contest, Goal
from benchmarks.processes import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping
    from pathlib import Path

    from benchmarks.bench import Bench
    from benchmarks.contest import Absent, Contestant
    from benchmarks.environments import Peers

GENERATED = ROOT / "generated"
PAYLOADS = ROOT / "tests" / "payloads"
STOCK = "openapi-python-client"
OURS = "ours"
FAST = "ours, orjson"
PYDANTIC = "pydantic v2"
# The documented example holds a placeholder where a URI is due; pydantic would refuse it.
PLACEHOLDER = (b'"icon_uri": "<string>"', b'"icon_uri": "app://console/icon"')
BODIES = {
    "the documented example": "lifecycle_image_docs_example.json",
    "a cron job": "cron_docker_nulls.json",
}
NOTE = (
    "All run in one environment, on one core, on models generated from this contract. Ours check "
    "every rule of it; the stock client checks no bound and no length, cattrs no type. For "
    "openapi-generator, pydantic, msgspec and cattrs the contract was made simpler where they "
    "stumble over it."
)


# What the goals of the documented example are up against; the profile is in docs/benchmarks.md.
DECODE_LIMIT = (
    "The standard library's JSON alone is nearly half of it, and the stock client pays that too. "
    "The rest is 26 objects with 78 values: making an object with slots is a fifth of it, five "
    "UUIDs and six instants another fifth, and what remains are the tests of each value, about a "
    "tenth of a microsecond each, which is what interpreted code takes."
)
CRON_LIMIT = (
    "The standard library's JSON alone is more than half of it, and the stock client pays that "
    "too; the rest is 8 objects with 40 values."
)
FAST_LIMIT = (
    "With orjson the JSON is a quarter of it; the objects stay, 26 in the documented example and 8 "
    "in the cron job, and are made by interpreted code."
)
PYDANTIC_LIMIT = (
    "Pydantic parses, checks and makes the objects in one pass of compiled code. Where jobs have "
    "fewer objects, such as the cron job with 8, ours is ahead."
)
ENCODE_LIMIT = (
    "Half of it is the standard library's `json.dumps`, which the stock client pays as well; "
    "without it, to a dict, the goal is reached."
)


def codecs(peers: Peers) -> Mapping[str, tuple[str, Callable[[], Path]]]:
    """By name each codec of `workloads.models`, and what gives the folder of its models."""
    return {
        STOCK: ("stock", peers.stock),
        OURS: ("ours", lambda: GENERATED),
        FAST: ("ours_fast", lambda: GENERATED),
        "openapi-generator": ("openapi_generator", peers.openapi_generator),
        PYDANTIC: (
            "pydantic",
            partial(peers.datamodel, "pydantic_v2.BaseModel", "pydantic_models"),
        ),
        "cattrs": ("cattrs", partial(peers.datamodel, "dataclasses.dataclass", "dataclass_models")),
        "msgspec": ("msgspec", partial(peers.datamodel, "msgspec.Struct", "msgspec_models")),
        "json alone, no model": ("json_alone", lambda: GENERATED),
        "orjson alone, no model": ("orjson_alone", lambda: GENERATED),
    }


def bodies(folder: Path) -> Mapping[str, Path]:
    """The files of the jobs that are decoded, by what they are."""
    found = {}
    for what, name in BODIES.items():
        found[what] = folder / name
        found[what].write_bytes((PAYLOADS / name).read_bytes().replace(*PLACEHOLDER))
    return found


def contestants(
    bench: Bench, workers: Workers, task: str, body: Path
) -> Iterator[Contestant | Absent]:
    """Everyone who can do `task` with `body`."""
    for name, (codec, folder) in codecs(bench.peers).items():
        arguments = {"codec": codec, "task": task, "body": str(body)}
        yield workers.contestant(name, "models", arguments, folder=folder)


def decode(bench: Bench) -> Generator[Contest]:
    """Bytes to a model, every rule checked."""
    goals_of = {
        "the documented example": (3.0, 4.5, DECODE_LIMIT),
        "a cron job": (4.5, 6.0, CRON_LIMIT),
    }
    for what, body in bodies(bench.scratch).items():
        plain, fast, limit = goals_of[what]
        goals = (
            Goal(OURS, STOCK, plain, "faster", limit),
            Goal(FAST, STOCK, fast, "faster", FAST_LIMIT),
            Goal(FAST, PYDANTIC, 1.0, "faster", PYDANTIC_LIMIT),
        )
        with Workers(bench) as workers:
            taking_part = list(contestants(bench, workers, "decode", body))
            yield Contest(
                f"Decode {what}: bytes to a model", "s", taking_part, goals, NOTE, pictured=True
            )


def encode(bench: Bench) -> Generator[Contest]:
    """A model to a dict, and to JSON."""
    for what, body in bench.some(bodies(bench.scratch).items()):
        for task, to in (("as_dict", "a dict"), ("encode", "JSON")):
            goals = (Goal(OURS, STOCK, 1.5, "faster", ENCODE_LIMIT),)
            with Workers(bench) as workers:
                taking_part = list(contestants(bench, workers, task, body))
                if task == "as_dict":
                    taking_part = [each for each in taking_part if "alone" not in each.name]
                yield Contest(f"Encode {what}: a model to {to}", "s", taking_part, goals)
