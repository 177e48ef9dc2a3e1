"""The jobs that the mock server serves, generated from the contract's schemas and a seed.

The first of each variant is plain: every property is present, with an example or a simple value.
Together they cover every choice that the contract allows: each variant and branch, each optional
property present and absent, each null, each enum member, each boundary value.
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

from contract_tests.instances.ids import distinct
from contract_tests.instances.samples import samples
from contract_tests.spec.values import Json, join

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contract_tests.spec.contract import Contract
    from contract_tests.spec.schema import Schema

AT_LEAST = 64
SET_ASIDE = 2  # ids that get a 403, and as many that get a 404
_FEW = 8  # of fewer ids, such as those of an enum, none is set aside
_TRIES = 3  # items generated for each one kept, where items must be unique
_ABSENT, _NULL, _PRESENT = "absent", "null", "present"


@frozen
class Population:
    """What a mock server serves.

    Attributes:
        jobs: The jobs by id.
        bodies: The same as UTF-8 JSON.
        variants: The name of the variant of each.
        forbidden: Ids that get a 403.
        missing: Ids that get a 404, like any other unknown id.
    """

    jobs: Mapping[str, Json]
    bodies: Mapping[str, bytes]
    variants: Mapping[str, str]
    forbidden: tuple[str, ...]
    missing: tuple[str, ...]


def population(contract: Contract, seed: int = 0) -> Population:
    """Generate the jobs of `seed`, the same on every machine.

    Raises:
        DocumentError: The contract has a pattern or bounds without a sample and without
            `examples`.
    """
    generator = Generator(seed)
    variants = contract.variants.values()
    count = max(AT_LEAST, len(variants) + _visits(contract.job, ""))
    ids = distinct(contract.id_schema, count + 2 * SET_ASIDE, generator.uuid)
    aside = min(SET_ASIDE, len(ids) // _FEW)
    known, others = ids[: len(ids) - 2 * aside], ids[len(ids) - 2 * aside :]
    jobs = {}
    plain = [_Plain(seed).value(variant, variant.name, "") for variant in variants]
    for index, job_id in enumerate(known):
        job = plain[index] if index < len(plain) else generator.value(contract.job, "", "")
        if isinstance(job, dict):
            job |= {key: job_id for key in job if key == contract.identity}
        jobs[str(job_id)] = job
    return Population(
        jobs,
        {job_id: encode(job) for job_id, job in jobs.items()},
        {job_id: (contract.job.branch(job) or contract.job).name for job_id, job in jobs.items()},
        tuple(map(str, others[:aside])),
        tuple(map(str, others[aside:])),
    )


def encode(value: Json) -> bytes:
    """Return `value` as compact UTF-8 JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


@lru_cache(maxsize=4096)
def _visits(schema: Schema, name: str) -> int:
    """Return how many values of `schema` are needed to cover every choice."""
    if schema.branches:
        return sum(_visits(branch, name) for branch in schema.branches)
    return len(_forms(schema, name))


@lru_cache(maxsize=4096)
def _forms(schema: Schema, name: str) -> Sequence[Json]:
    """Return the choices for a value of `schema`, each repeated as often as its parts require."""
    if schema.assertions.keys() & {"const", "enum"}:
        members = samples(schema, name)
        nullable = "null" in schema.types and None not in members
        return (*members, None) if nullable else members
    null = [_NULL] if "null" in schema.types else []
    if "object" in schema.types or schema.properties:
        inside = (len(_presence(schema, inner)) for inner in schema.properties)
        return [_PRESENT] * max(1, *inside, 0) + null
    if "array" in schema.types:
        sizes = _sizes(schema)
        each = _visits(schema.items, name) if schema.items else 0
        return sizes * max(1, math.ceil(each / max(1, sum(sizes)))) + null
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


class Generator:
    """Deals out the choices at each place of a job in turn, so that none is left out.

    A place is an instance location together with the branches that lead to it. A hash of the seed
    decides the order, because `random` may change between versions of Python.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._decks: dict[str, list[Json]] = defaultdict(list)
        self._rounds: dict[str, int] = defaultdict(int)

    def value(self, schema: Schema, place: str, name: str) -> Json:
        """Return a valid value for a place; `name` is that of the property."""
        if schema.branches:
            every = [branch for branch in schema.branches for _ in range(_visits(branch, name))]
            branch = self._deal(place, every)
            return self.value(branch, f"{place}({branch.name})", name)
        form = self._deal(place, _forms(schema, name))
        if schema.assertions.keys() & {"const", "enum"}:
            return form
        if "object" in schema.types or schema.properties:
            return None if form == _NULL else self._properties(schema, place)
        if "array" in schema.types:
            return None if form == _NULL else self._items(schema, place, form, name)
        if schema.assertions.get("format") == "uuid":
            return None if form == _NULL else self.uuid(f"{place} {self._rounds[place]}")
        return form

    def _properties(self, schema: Schema, place: str) -> dict[str, Json]:
        return {
            name: self.value(inner, join(place, name), name)
            for name, inner in schema.properties.items()
            if self._deal(join(place, name) + "?", _presence(schema, name)) == _PRESENT
        }

    def _items(self, schema: Schema, place: str, size: int, name: str) -> list[Json]:
        if schema.items is None:
            return list(range(size))
        made: list[Json] = []
        unique = schema.assertions.get("uniqueItems", False)
        for _ in range(size * _TRIES if unique else size):
            item = self.value(schema.items, join(place, "*"), name)
            if len(made) < size and not (unique and item in made):
                made.append(item)
        return made

    def _deal(self, place: str, choices: Sequence[Json]) -> Json:
        deck = self._decks[place]
        if not deck:
            self._rounds[place] += 1
            shuffle = f"{place} {self._rounds[place]}"
            order = sorted(range(len(choices)), key=lambda card: self._hash(f"{shuffle} {card}"))
            deck.extend(choices[card] for card in order)
        return deck.pop()

    def uuid(self, what: str) -> str:
        """Return the UUID for a name."""
        return str(UUID(bytes=self._hash(what)[:16], version=4))

    def _hash(self, what: str) -> bytes:
        return hashlib.sha256(f"{self._seed} {what}".encode()).digest()


class _Plain(Generator):
    """Takes the first choice that is not empty: a documented example, if there is one."""

    def value(self, schema: Schema, place: str, name: str) -> Json:
        """Return a value for a place; a text that may be any is `example-` and its name."""
        made = super().value(schema, place, name)
        is_free = made == name and not schema.assertions
        return f"example-{name}".replace("_", "-") if is_free else made

    def _deal(self, place: str, choices: Sequence[Json]) -> Json:
        del place
        return next((c for c in choices if c and c not in (_ABSENT, _NULL)), choices[0])
