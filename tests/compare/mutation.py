"""Documents with one random change each, reproducible by their seed."""

from __future__ import annotations

import copy
import io
import random
from typing import TYPE_CHECKING

from contract_tests.spec.document import DocumentError
from scripts.compare import render
from scripts.compare.divergences import find_divergences
from scripts.compare.overlay import apply
from scripts.compare.propose import propose_from_divergences
from tests.compare.documents import as_a_vendor_writes, contract, operation

if TYPE_CHECKING:
    from contract_tests.spec.values import Json

VALUES: tuple[Json, ...] = (
    *(None, True, False, 0, -1, 1.5, 10**30, "", "text", "#/components/schemas/Nowhere"),
    *([], [1], ["a", None], [{}], [[]], {}, {"a": 1}, {"$ref": "#/"}, {"$ref": 5}, {"type": []}),
    *({"oneOf": []}, {"oneOf": [{}]}, {"allOf": [1]}, {"enum": [{"a": [1]}]}, {"type": "null"}),
    *({"const": [1]}, {"required": ["zzz"]}, {"discriminator": {"propertyName": []}}),
)
KEYS = (
    *("type", "nullable", "enum", "const", "minimum", "maxLength", "format", "required", "items"),
    *("properties", "additionalProperties", "oneOf", "anyOf", "allOf", "$ref", "discriminator"),
    *("exclusiveMinimum", "pattern", "default", "x-a", "mapping", "propertyName", "schema"),
)


def mutated(data: Json, seed: int) -> Json:
    """Return a copy of `data` with one to three random changes."""
    random_ = random.Random(seed)  # reproducible, not secret
    made = copy.deepcopy(data)
    for _ in range(random_.randint(1, 3)):
        containers = list(_containers(made))
        container = random_.choice(containers)
        value = copy.deepcopy(random_.choice((*VALUES, random_.choice(containers))))
        keys = list(container) if isinstance(container, dict) else list(range(len(container)))
        action = random_.choice(("replace", "remove", "add", "swap"))
        if action == "add" or not keys:
            if isinstance(container, dict):
                container[random_.choice(KEYS)] = value
            else:
                container.append(value)
        elif action == "remove":
            del container[random_.choice(keys)]
        elif action == "replace":
            container[random_.choice(keys)] = value
        else:
            one, other = random_.choice(keys), random_.choice(keys)
            container[one], container[other] = container[other], container[one]
    return made


def compare_mutated(seed: int) -> bool:
    """Compare, propose and render a mutated document; return whether it was valid enough."""
    ours = contract()
    data = mutated(as_a_vendor_writes(ours.document.data), seed)
    try:
        theirs = operation(data, ours.path)
    except DocumentError:
        return False
    found = find_divergences(ours, theirs)
    for write in (render.as_text, render.as_json, render.as_markdown):
        write(render.Comparison("job.yaml", "vendor.json", found), io.StringIO())
    proposal = propose_from_divergences(ours, theirs, found)
    apply(copy.deepcopy(ours.document.data), proposal.actions)
    return True


def _containers(node: Json) -> list[Json]:
    found = []
    todo = [node]
    while todo:
        each = todo.pop()
        if isinstance(each, dict | list):
            found.append(each)
            todo.extend(each.values() if isinstance(each, dict) else each)
    return found
