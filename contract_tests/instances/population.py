"""The jobs that the mock server serves, made of the contract's schemas and a seed.

Between them they hold every choice that the contract leaves: each variant and branch, each
optional property there and absent, each null, each enum member, each boundary value. Must never
know what a property of the job is called.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

from attrs import frozen

from contract_tests.instances.samples import samples
from contract_tests.spec.values import Json, join

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contract_tests.spec.contract import Contract
    from contract_tests.spec.schema import Schema

AT_LEAST = 64
SET_ASIDE = 2
_TRIES = 3  # items drawn for each one that is kept, where they must differ
_ABSENT, _NULL, _PRESENT = "absent", "null", "present"


@frozen
class Population:
    """What a mock server serves.

    Attributes:
        jobs: The jobs by id.
        bodies: The same as UTF-8 JSON, as they go over the wire.
        variants: What each is, by the contract's name.
        forbidden: Ids that are answered with 403.
        missing: Ids that are answered with 404, as any other unknown id is.
    """

    jobs: Mapping[str, Json]
    bodies: Mapping[str, bytes]
    variants: Mapping[str, str]
    forbidden: tuple[str, ...]
    missing: tuple[str, ...]


def population(contract: Contract, seed: int = 0) -> Population:
    """The jobs of `seed`, the same on every machine and in every run.

    Raises:
        DocumentError: The contract holds a format or pattern without a sample and without
            `examples`.
    """
    dealer = _Dealer(seed)
    jobs = {}
    for index in range(max(AT_LEAST, _visits(contract.job, ""))):
        job = dealer.value(contract.job, "", "")
        identity = dealer.uuid(f"job {index}")
        jobs[identity] = {
            key: identity if key == contract.identity else value for key, value in job.items()
        }
    return Population(
        jobs,
        {identity: encode(job) for identity, job in jobs.items()},
        {
            identity: (contract.job.branch(job) or contract.job).name
            for identity, job in jobs.items()
        },
        tuple(dealer.uuid(f"forbidden {index}") for index in range(SET_ASIDE)),
        tuple(dealer.uuid(f"missing {index}") for index in range(SET_ASIDE)),
    )


def encode(value: Json) -> bytes:
    """`value` as compact UTF-8 JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


@lru_cache(maxsize=4096)
def _visits(schema: Schema, name: str) -> int:
    """How often a value of `schema` must be made until it has held every choice."""
    if schema.branches:
        return sum(_visits(branch, name) for branch in schema.branches)
    return len(_forms(schema, name))


def _forms(schema: Schema, name: str) -> Sequence[Json]:
    """The choices for a value of `schema`, repeated as often as what is inside needs it."""
    if schema.assertions.keys() & {"const", "enum"}:
        return samples(schema, name)
    null = [_NULL] if "null" in schema.types else []
    if "object" in schema.types or schema.properties:
        inside = (len(_presence(schema, inner)) for inner in schema.properties)
        return [_PRESENT] * max(1, *inside, 0) + null
    if "array" in schema.types:
        sizes = _sizes(schema)
        each = _visits(schema.items, name) if schema.items else 0
        return sizes * max(1, math.ceil(each / sum(sizes))) + null
    if schema.assertions.get("format") == "uuid":
        return [_PRESENT, *null]
    return samples(schema, name)


def _presence(schema: Schema, name: str) -> list[str]:
    present = [_PRESENT] * _visits(schema.properties[name], name)
    return present if name in schema.required else [_ABSENT, *present]


def _sizes(schema: Schema) -> list[int]:
    least, most = schema.assertions.get("minItems", 0), schema.assertions.get("maxItems", math.inf)
    sizes = {least, least + 1, least + 2, most}
    return sorted(int(size) for size in sizes if size <= most and size < math.inf) or [least]


class _Dealer:
    """Deals the choices at each place of a job in turn, so that none is left out.

    A place is an instance location together with the branches that lead to it. The order is
    shuffled by a hash of the seed: `random` does not promise the same order on every version.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.decks: dict[str, list[Json]] = defaultdict(list)
        self.rounds: dict[str, int] = defaultdict(int)

    def value(self, schema: Schema, place: str, name: str) -> Json:
        if schema.branches:
            every = [branch for branch in schema.branches for _ in range(_visits(branch, name))]
            branch = self.deal(place, every)
            return self.value(branch, f"{place}({branch.name})", name)
        form = self.deal(place, _forms(schema, name))
        if schema.assertions.keys() & {"const", "enum"}:
            return form
        if "object" in schema.types or schema.properties:
            return None if form == _NULL else self.properties(schema, place)
        if "array" in schema.types:
            return None if form == _NULL else self.items(schema, place, form, name)
        if schema.assertions.get("format") == "uuid":
            return None if form == _NULL else self.uuid(f"{place} {self.rounds[place]}")
        return form

    def properties(self, schema: Schema, place: str) -> dict[str, Json]:
        return {
            name: self.value(inner, join(place, name), name)
            for name, inner in schema.properties.items()
            if self.deal(join(place, name) + "?", _presence(schema, name)) == _PRESENT
        }

    def items(self, schema: Schema, place: str, size: int, name: str) -> list[Json]:
        if schema.items is None:
            return list(range(size))
        made: list[Json] = []
        unique = schema.assertions.get("uniqueItems", False)
        for _ in range(size * _TRIES if unique else size):
            item = self.value(schema.items, join(place, "*"), name)
            if len(made) < size and not (unique and item in made):
                made.append(item)
        return made

    def deal(self, place: str, choices: Sequence[Json]) -> Json:
        deck = self.decks[place]
        if not deck:
            self.rounds[place] += 1
            shuffle = f"{place} {self.rounds[place]}"
            order = sorted(range(len(choices)), key=lambda card: self.hash(f"{shuffle} {card}"))
            deck.extend(choices[card] for card in order)
        return deck.pop()

    def uuid(self, what: str) -> str:
        return str(UUID(bytes=self.hash(what)[:16], version=4))

    def hash(self, what: str) -> bytes:
        return hashlib.sha256(f"{self.seed} {what}".encode()).digest()
